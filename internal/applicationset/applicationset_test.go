package applicationset_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"spokewright.dev/spokewright/internal/applicationset"
	"spokewright.dev/spokewright/internal/argocd"
	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/manifest"
)

// set is an ApplicationSet with a spec.
func set(spec map[string]any) manifest.Object {
	object := manifest.New("argoproj.io/v1alpha1", "ApplicationSet", "argocd", "sample")
	object["spec"] = spec
	return object
}

func TestLiteralSet(t *testing.T) {
	element := map[string]any{
		"name": "dev-checkout", "namespace": "checkout",
		"labels": map[string]any{"spokewright.dev/app": "checkout"}, "annotations": map[string]any{},
		"source": map[string]any{
			"repoURL": "https://charts.example.com", "chart": "checkout", "targetRevision": "1.2.3",
			"helm": map[string]any{"releaseName": "checkout", "valuesObject": map[string]any{"replicas": 3, "text": "{{ .untouched }}", "large": 12000000}},
		},
	}
	spec := argocd.LiteralSet([]any{element}, map[string]any{"spokewright.dev/environment": "dev"}, "dev", "dev", "namespace", argocd.SyncPolicy(10, true))
	made, found := applicationset.Expand(set(spec), applicationset.World{})
	require.Empty(t, found)
	assert.Equal(t, `apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  finalizers:
  - resources-finalizer.argocd.argoproj.io
  labels:
    spokewright.dev/app: checkout
    spokewright.dev/environment: dev
  name: dev-checkout
  namespace: argocd
spec:
  destination:
    name: dev
    namespace: checkout
  project: dev
  source:
    chart: checkout
    helm:
      releaseName: checkout
      valuesObject:
        large: 12000000
        replicas: 3
        text: '{{ .untouched }}'
    repoURL: https://charts.example.com
    targetRevision: 1.2.3
  syncPolicy:
    automated:
      prune: true
      selfHeal: true
    retry:
      backoff:
        duration: 10s
        factor: 2
        maxDuration: 5m
      limit: 10
      refresh: true
    syncOptions:
    - FailOnSharedResource=true
    - ServerSideApply=true
`, string(manifest.Stream(made)))

	spec["syncPolicy"] = argocd.KeepApplications()
	made, found = applicationset.Expand(set(spec), applicationset.World{})
	require.Empty(t, found)
	require.Len(t, made, 1)
	assert.NotContains(t, made[0]["metadata"], "finalizers")
}

// What cannot be told is told by name, and what can be is given.
func TestUnknown(t *testing.T) {
	template := map[string]any{
		"metadata": map[string]any{"name": "{{ .name }}"},
		"spec":     map[string]any{"project": "default", "destination": map[string]any{"name": "in-cluster"}},
	}
	list := map[string]any{"list": map[string]any{"elements": []any{map[string]any{"name": "a"}}}}
	for name, c := range map[string]struct {
		generator map[string]any
		path      finding.Path
		message   string
	}{
		"scm":      {map[string]any{"scmProvider": map[string]any{}}, "spec.generators[1].scmProvider", "what it generates cannot be told from here: scmProvider asks a Git host for its repositories"},
		"new":      {map[string]any{"stars": map[string]any{}}, "spec.generators[1].stars", "what it generates cannot be told from here: stars is not a kind that is known here"},
		"clusters": {map[string]any{"clusters": map[string]any{}}, "spec.generators[1].clusters", "what it generates cannot be told from here: the clusters that Argo CD knows are not in this repository, no Secret is labelled argocd.argoproj.io/secret-type: cluster"},
		"git":      {map[string]any{"git": map[string]any{"repoURL": "https://git.example.com/other", "revision": "HEAD", "files": []any{map[string]any{"path": "*"}}}}, "spec.generators[1].git", "what it generates cannot be told from here: it stands in another repository, https://git.example.com/other"},
		"nested":   {map[string]any{"matrix": map[string]any{"generators": []any{list, map[string]any{"plugin": map[string]any{}}}}}, "spec.generators[1].matrix.generators[1].plugin", "what it generates cannot be told from here: plugin asks a plugin"},
	} {
		t.Run(name, func(t *testing.T) {
			made, found := applicationset.Expand(set(map[string]any{"goTemplate": true, "generators": []any{list, c.generator}, "template": template}), applicationset.World{})
			require.Len(t, found, 1)
			assert.Equal(t, finding.Finding{
				Severity: finding.Warning, Code: finding.SetUnknown, Object: finding.Object{Kind: "ApplicationSet", Namespace: "argocd", Name: "sample"},
				Path: c.path, Message: c.message,
			}, found[0])
			require.Len(t, made, 1)
			assert.Equal(t, "a", manifest.Identify(made[0]).Name)
		})
	}
}

// An option that is none ends the controller's look at a set in a panic, which it survives.
func TestOptionThatIsNone(t *testing.T) {
	spec := templated("{{ .name }}")["spec"].(map[string]any)
	spec["goTemplateOptions"] = []any{"missingkey=wrong"}
	made, found := applicationset.Expand(set(spec), applicationset.World{})
	assert.Empty(t, made)
	require.Len(t, found, 1)
	assert.Equal(t, finding.SetRefused, found[0].Code)
	assert.Equal(t, "goTemplateOptions: unrecognized option: missingkey=wrong", found[0].Message)
}
