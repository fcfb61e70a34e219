package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"spokewright.dev/spokewright/internal/crd"
	"spokewright.dev/spokewright/internal/manifest"
)

// What Spokewright's own flavours make of the kinds of their charts is judged strictly by the projects' definitions.
func TestFlavoursFitTheirKinds(t *testing.T) {
	t.Parallel()
	folder := os.Getenv("SPOKEWRIGHT_CRDS")
	if folder == "" {
		t.Skip("NOT CHECKED: SPOKEWRIGHT_CRDS must name a folder that has the definitions in knative/ and kueue/")
	}
	var files []string
	for _, project := range []string{"knative", "kueue"} {
		found, err := filepath.Glob(filepath.Join(folder, project, "*.yaml"))
		require.NoError(t, err)
		files = append(files, found...)
	}
	set := crd.NewSet(platforms(t, files)...)
	root := t.TempDir()
	require.NoError(t, lay(root, "testdata/fleet"))
	addEnvironment(t, root, "jobs", "class: \"development\"\ncluster: {cloud: \"aws\", region: \"eu-west-1\"}\nflavours: [\"serverless\", \"batch\"]\n")
	objects, err := manifest.Objects([]byte(requireFine(t, root, "render", "-o", "-", "jobs")))
	require.NoError(t, err)
	judged := map[string]bool{}
	for _, object := range objects {
		if id := manifest.Identify(object); set.Knows(id.APIVersion, id.Kind) {
			judged[id.Kind] = true
			assert.Empty(t, set.Check(object), "%s", id)
		}
	}
	assert.Equal(t, map[string]bool{"KnativeServing": true, "ResourceFlavor": true, "ClusterQueue": true}, judged)
}
