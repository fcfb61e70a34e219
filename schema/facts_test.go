package schema

import (
	"fmt"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
)

// fleetOf is a fleet's tree with these specs.
func fleetOf(specs map[string]string) fstest.MapFS {
	tree := fstest.MapFS{FleetFile: {Data: []byte(`
name: "trial"
owner: "platform"
repository: {url: "https://git.example.com/trial/fleet.git", revision: "main"}
registries: ["registry.example.com"]
accounts: aws: {cloud: "aws", account: "111122223333"}
classes: staging: defaults: owner: "testers"
`)}}
	for name, text := range specs {
		tree[SpecFile(name)] = &fstest.MapFile{Data: []byte(text)}
	}
	return tree
}

// What a hub reads of an environment is what reading the whole of it gives.
func TestPlainFactsAreTheFacts(t *testing.T) {
	reader, err := NewReader()
	require.NoError(t, err)
	config, err := reader.FleetConfigOf(fleetOf(nil))
	require.NoError(t, err)
	const cluster = "cluster: {cloud: \"aws\", region: \"eu-west-1\"}\n"
	for text, plain := range map[string]bool{
		"class: \"development\"\n" + cluster:                                                     true,
		"package environment\nclass: \"production\"\nowner: \"shop\"\nid: \"other\"\n" + cluster: true,
		"class: \"staging\", hub: \"hub\"\n" + cluster:                                           true,
		"class: \"staging\", role: \"hub\"\n":                                                    true,
		"class: \"development\", retiring: \"release\"\n" + cluster:                              true,
		"class: *\"development\" | \"staging\"\n" + cluster:                                      false,
		"class: _class, _class: \"development\"\n" + cluster:                                     false,
		"class: \"unknown\"\n" + cluster:                                                         false,
		"class: \"development\", role: \"spook\"\n" + cluster:                                    false,
		"class: \"development\", retiring: \"slowly\"\n" + cluster:                               false,
		"class: \"development\", owner: 7\n" + cluster:                                           false,
		"owner: \"shop\"\n" + cluster:                                                            false,
	} {
		facts, known := reader.plainFacts(config, "one", []byte(text))
		require.Equal(t, plain, known, text)
		if e, err := reader.Alone(fleetOf(map[string]string{"one": text}), config, "one"); known {
			require.NoError(t, err, text)
			require.Equal(t, FactsOf(e), facts, text)
		}
	}
}

// A hub lists the same with and without the judgement of all others, and is refused where an environment is nobody's.
func TestHubListsWhatItDoesNotJudge(t *testing.T) {
	reader, err := NewReader()
	require.NoError(t, err)
	specs := map[string]string{"hub": "class: \"production\", role: \"hub\"\n"}
	for i := range 9 {
		specs[fmt.Sprintf("e%d", i)] = fmt.Sprintf("class: %q\nowner: %s\ncluster: {cloud: \"aws\", region: \"eu-west-1\"}\n", []string{"development", "staging", "production"}[i%3],
			[]string{`"shop"`, `*"shop" | string`, `"a" & "a"`}[i/3])
	}
	tree := fleetOf(specs)
	config, err := reader.FleetConfigOf(tree)
	require.NoError(t, err)
	fleet, err := reader.Fleet(tree)
	require.NoError(t, err)
	hub, err := reader.EnvironmentOf(tree, config, "hub")
	require.NoError(t, err)
	require.Len(t, hub.Spokes, 10)
	require.Equal(t, fleet.Environments["hub"].Spokes, hub.Spokes)

	for _, wrong := range []string{"class: \"staging\", hub: \"hum\"\n", "class: \"unknown\"\n", "class: \"staging"} {
		specs["e0"] = wrong
		_, err := reader.EnvironmentOf(fleetOf(specs), config, "hub")
		require.ErrorContains(t, err, "environments/e0.cue:1:", wrong)
	}
}
