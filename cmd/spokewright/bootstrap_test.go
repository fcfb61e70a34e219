package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"

	"spokewright.dev/spokewright/internal/manifest"
)

// What bootstrap installs of Argo CD is what the sample's hub runs later, and what it starts with is the file that `make hub` applies.
func TestBootstrapInstallsWhatTheHubRuns(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	for _, folder := range []string{"environments", "overlays", "bases"} {
		require.NoError(t, os.CopyFS(filepath.Join(root, folder), os.DirFS(filepath.Join("../..", folder))))
	}
	writeText(t, root, "environments/hub.cue", "class: \"production\"\nrole: \"hub\"\ncluster: {cloud: \"aws\", region: \"eu-west-1\", network: cidr: \"10.8.0.0/16\"}\n")
	requireFine(t, root, "bootstrap", "hub", "--backend", "local", "--state", "path=hub.tfstate")
	requireFine(t, root, "render", "hub")
	golden := readTree(t, filepath.Join(root, "golden/hub"))
	written := readTree(t, filepath.Join(root, "bootstrap/hub"))
	assert.Equal(t, golden["root.yaml"], written["start/objects.yaml"])

	var installed any
	require.NoError(t, yaml.Unmarshal([]byte(written["argocd.yaml"]), &installed))
	objects, err := manifest.Objects([]byte(golden["spoke.yaml"]))
	require.NoError(t, err)
	found := 0
	for _, object := range objects {
		if id := manifest.Identify(object); id.Kind == "Application" && id.Name == "argocd" {
			found++
			source, _ := manifest.MapAt(object, "spec", "source")
			values, _ := manifest.MapAt(source, "helm", "valuesObject")
			text, err := yaml.Marshal(values)
			require.NoError(t, err)
			var run any
			require.NoError(t, yaml.Unmarshal(text, &run))
			assert.Equal(t, run, installed)
			for _, said := range []string{manifest.TextAt(source, "chart"), manifest.TextAt(source, "targetRevision"), manifest.TextAt(source, "repoURL")} {
				assert.Contains(t, written["terragrunt.hcl"], `"`+said+`"`)
			}
		}
	}
	assert.Equal(t, 1, found)
}
