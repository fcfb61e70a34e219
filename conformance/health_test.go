package conformance

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"

	"spokewright.dev/spokewright/conformance/documents"
	"spokewright.dev/spokewright/conformance/process"
)

// The health checks that bases/hub gives to Argo CD are run by the real one, on objects in every state that a sync wave
// may meet: it must wait for what is not ready, and only for that.
func TestHealthChecksSayWhatWavesWaitFor(t *testing.T) {
	ctx := process.Context(t)
	argocd, err := cache(t).Program(ctx, "argocd")
	require.NoError(t, err)
	settings := argoCDSettings(t)
	seen := map[string]map[string]bool{}
	for _, document := range read(t, "testdata/health") {
		first, _, _ := strings.Cut(strings.TrimSpace(string(document.Text)), "\n")
		want, found := strings.CutPrefix(first, "# health: ")
		require.True(t, found, "%s must begin with `# health: `", document.Source)
		assert.Equal(t, want, health(ctx, t, argocd, settings, document), document.ID())
		kind := document.ID().Group() + "/" + document.ID().Kind
		if seen[kind] == nil {
			seen[kind] = map[string]bool{}
		}
		status, _, _ := strings.Cut(want, ":")
		seen[kind][status] = true
	}
	kinds := []string{"opentofu.m.upbound.io/Workspace", "opentofu.upbound.io/Workspace"}
	for _, document := range read(t, "../bases/hub/definitions/namespaced") {
		if spec, ok := document.Object["spec"].(map[string]any); ok {
			kinds = append(kinds, fmt.Sprintf("%s/%s", spec["group"], spec["names"].(map[string]any)["kind"]))
		}
	}
	require.Len(t, kinds, 7)
	kinds = append(kinds, "argoproj.io/Application", "argoproj.io/ApplicationSet", "pkg.crossplane.io/Provider", "pkg.crossplane.io/Function")
	for _, kind := range kinds {
		assert.True(t, seen[kind]["Healthy"], "no ready %s", kind)
	}
}

// health is what Argo CD says of an object: STATUS: MESSAGE.
func health(ctx context.Context, t *testing.T, argocd, settings string, document documents.Document) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "object.yaml")
	require.NoError(t, os.WriteFile(file, document.Text, 0o644))
	command := exec.CommandContext(ctx, argocd, "admin", "settings", "resource-overrides", "health", file, "--argocd-cm-path", settings)
	output, err := command.Output()
	require.NoError(t, err, "%s: %s", document.ID(), output)
	said := map[string]string{}
	for line := range strings.Lines(string(output)) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
		said[name] = value
	}
	return said["STATUS"] + ": " + said["MESSAGE"]
}

// argoCDSettings writes the ConfigMap argocd-cm that the chart makes of what bases/hub says.
func argoCDSettings(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../bases/hub/controllers/argocd.yaml")
	require.NoError(t, err)
	var application struct {
		Spec struct {
			Source struct {
				Helm struct {
					ValuesObject struct {
						Configs struct {
							CM map[string]string `json:"cm"`
						} `json:"configs"`
					} `json:"valuesObject"`
				} `json:"helm"`
			} `json:"source"`
		} `json:"spec"`
	}
	require.NoError(t, yaml.Unmarshal(text, &application))
	data := application.Spec.Source.Helm.ValuesObject.Configs.CM
	require.NotEmpty(t, data)
	config, err := yaml.Marshal(map[string]any{
		"apiVersion": "v1", "kind": "ConfigMap", "data": data,
		"metadata": map[string]any{"name": "argocd-cm", "namespace": "argocd", "labels": map[string]any{"app.kubernetes.io/part-of": "argocd"}},
	})
	require.NoError(t, err)
	file := filepath.Join(t.TempDir(), "argocd-cm.yaml")
	require.NoError(t, os.WriteFile(file, config, 0o644))
	return file
}
