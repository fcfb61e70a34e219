package main

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// newEnvironment is all that one environment more takes, beside its overlays.
const newEnvironment = `class: "live"
cluster: {cloud: "aws", region: "eu-west-1", network: cidr: "10.9.0.0/16"}
apps: {
	ferry: {path: "ferry/live", images: ferry: {name: "images.example.com/harbour/ferry", follow: "~2.1"}}
	tides: {path: "charts/tides", type: "helm"}
}
databases: {
	cargo: {engine: "postgres", storageGB: 200}
	crew: {engine: "mysql", version: "8.4"}
}
`

// TestOneMore adds an environment of ten lines and takes it away again. Nobody else's file changes, but for the hub's:
// its list of environments, and the policy that claims live in one of them.
func TestOneMore(t *testing.T) {
	t.Parallel()
	require.LessOrEqual(t, strings.Count(newEnvironment, "\n"), 10)
	root := harbour(t)
	golden := filepath.Join(root, "golden")
	requireFine(t, root, "render")
	before := readTree(t, golden)
	require.Len(t, before, 5, "two planes of two environments, and what starts the hub")

	addEnvironment(t, root, "oslo", newEnvironment)
	requireFine(t, root, "render")
	after := readTree(t, golden)
	assert.Equal(t, []string{"oslo/hub.yaml", "oslo/spoke.yaml", "quay/hub.yaml"}, differing(before, after))
	assert.Contains(t, after["oslo/hub.yaml"], "name: oslo-ferry")
	assert.Equal(t, []string{"ApplicationSet argocd/environments", "ValidatingPolicy claims-live-in-environments"},
		differing(documents(before["quay/hub.yaml"]), documents(after["quay/hub.yaml"])))
	for _, line := range strings.Split(changed(before["quay/hub.yaml"], after["quay/hub.yaml"]), "\n") {
		assert.False(t, strings.HasPrefix(line, "-") && !strings.Contains(line, "expression:"), "nothing is taken away: %s", line)
	}
	requireFine(t, root, "check")

	require.NoError(t, os.Remove(filepath.Join(root, "environments/oslo.cue")))
	_, stderr, code := spokewright(root, "check")
	assert.Equal(t, exitWrong, code)
	assert.Contains(t, stderr, "golden/oslo: no environment has this name")
	assert.Contains(t, stderr, "overlays/oslo: no environment has this name")
	requireFine(t, root, "render")
	assert.Equal(t, before, readTree(t, golden), "taken away, nothing of it is left")
	assert.NoDirExists(t, filepath.Join(golden, "oslo"))
}

// differing are the names of what is not the same in both.
func differing(before, after map[string]string) []string {
	names := maps.Clone(before)
	maps.Copy(names, after)
	return slices.Sorted(func(yield func(string) bool) {
		for name := range names {
			if before[name] != after[name] && !yield(name) {
				return
			}
		}
	})
}

// documents are the objects of a rendered file, by what they are.
func documents(stream string) map[string]string {
	all := map[string]string{}
	for document := range strings.SplitSeq(stream, "---\n") {
		var kind, name, namespace string
		for line := range strings.Lines(document) {
			field, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ": ")
			switch field {
			case "kind":
				kind = value
			case "  name":
				name = value
			case "  namespace":
				namespace = value + "/"
			}
		}
		all[kind+" "+namespace+name] = document
	}
	return all
}
