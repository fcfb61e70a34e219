package main

import (
	"os"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
	"spokewright.dev/spokewright/internal/property"
	"spokewright.dev/spokewright/schema"
)

// lives is how many fleets TestLife takes through their lives; SPOKEWRIGHT_LIVES=N takes more.
func lives(t *testing.T) int {
	if text := os.Getenv("SPOKEWRIGHT_LIVES"); text != "" {
		n, err := strconv.Atoi(text)
		require.NoError(t, err, "SPOKEWRIGHT_LIVES")
		return n
	}
	return 3
}

// TestLife takes environments of drawn fleets through their lives: added, renamed and taken down, each step a commit that
// passes check.
func TestLife(t *testing.T) {
	reader, err := schema.NewReader()
	require.NoError(t, err)
	done := 0
	property.Check(t, func(rt *rapid.T) {
		if done++; done > lives(t) {
			return
		}
		spec := legal(rt)
		spec["class"] = rapid.SampledFrom([]string{"development", "staging"}).Draw(rt, "class without images that are pinned")
		root := t.TempDir()
		require.NoError(t, lay(root, "testdata/fleet"))
		addEnvironment(t, root, "any", cue(rt, spec))
		step := func(args ...string) {
			_, stderr, code := spokewright(root, args...)
			require.Zero(t, code, "%v: %s\n%s", args, stderr, cue(rt, spec))
		}
		commit := func(args ...string) {
			step(args...)
			step("check")
		}
		step("render")
		commit("env", "add", "another", "--from", "any")
		commit("env", "add", "third-1", "--from", "another", "--class", rapid.SampledFrom([]string{"development", "staging"}).Draw(rt, "another class"))
		recordAll(t, root, reader, "another")
		commit("render")
		commit("env", "rename", "another", "zone")
		commit("env", "rename", "another", "zone", "--in-sync")
		how := []string{"env", "rm", "third-1"}
		if rapid.Bool().Draw(rt, "keep databases") {
			how = append(how, "--keep-databases")
		}
		commit(how...)
		commit("env", "rm", "third-1", "--in-sync")
		commit("env", "rm", "zone")
		commit("env", "rm", "zone", "--in-sync")
		require.NotContains(t, requireFine(t, root, "env", "list"), "zone")
	})
	require.GreaterOrEqual(t, done, lives(t))
}

// recordAll records names for all parts of an environment that the cloud would make one up for.
func recordAll(t *testing.T, root string, reader *schema.Reader, name string) {
	t.Helper()
	fleet, err := reader.Fleet(os.DirFS(root))
	require.NoError(t, err)
	names := schema.Names{Environment: name, Network: map[string]string{}, Cluster: map[string]string{}, Databases: map[string]map[string]string{}}
	e := fleet.Environments[name]
	for _, part := range e.Unrecorded() {
		switch part.Claim {
		case "Network":
			names.Network[part.Part] = "made-up"
		case "Cluster":
			names.Cluster[part.Part] = "made-up"
		default:
			if names.Databases[part.Name] == nil {
				names.Databases[part.Name] = map[string]string{}
			}
			names.Databases[part.Name][part.Part] = "made-up"
		}
	}
	text, err := names.CUE(schema.NamesFile(name))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(root+"/"+schema.NamesFile(name), text, 0o644))
}
