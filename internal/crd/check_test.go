package crd

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/manifest"
	"spokewright.dev/spokewright/internal/manifest/manifesttest"
)

func ExampleSet_Check() {
	object := manifest.Object{
		"apiVersion": "argoproj.io/v1alpha1",
		"kind":       "ApplicationSet",
		"metadata":   map[string]any{"name": "harbour-apps", "namespace": "argocd", "labels": map[string]any{"public": true}},
		"spec": map[string]any{
			"generators": []any{map[string]any{"git": map[string]any{}, "list": map[string]any{"elements": []any{}}}},
			"templte":    map[string]any{},
		},
	}
	for _, finding := range Embedded().Check(object) {
		fmt.Println(finding)
	}
	// Output:
	// ApplicationSet argocd/harbour-apps: metadata.labels.public: found true, allowed is a string
	// ApplicationSet argocd/harbour-apps: spec.generators[0].git: no such field (allowed are list)
	// ApplicationSet argocd/harbour-apps: spec.template: missing: it is required
	// ApplicationSet argocd/harbour-apps: spec.templte: no such field; did you mean "template"?
}

func TestUnknownKindsAreTheirOwnFinding(t *testing.T) {
	set := Embedded()
	for text, expected := range map[string]string{
		`{apiVersion: example.com/v1, kind: Sprocket, metadata: {name: a}}`:                 `Sprocket a: kind: example.com/v1 Sprocket is not known`,
		`{apiVersion: policies.kyverno.io/v2, kind: ValidatingPolicy, metadata: {name: a}}`: `ValidatingPolicy a: kind: policies.kyverno.io/v2 ValidatingPolicy is not known (the kind is known in policies.kyverno.io/v1 and policies.kyverno.io/v1beta1)`,
		`{apiVersion: argoproj.io/v1alpha1, kind: AplicationSet, metadata: {name: a}}`:      `AplicationSet a: kind: argoproj.io/v1alpha1 AplicationSet is not known; did you mean "ApplicationSet"?`,
		`{metadata: {name: a}}`:                  `a: kind: apiVersion and kind are missing`,
		`{kind: Namespace, metadata: {name: a}}`: `Namespace a: kind: Namespace is not known (the kind is known in v1)`,
	} {
		findings := set.Check(parse(t, text))
		require.Len(t, findings, 1, text)
		assert.Equal(t, finding.UnknownKind, findings[0].Code)
		assert.Equal(t, expected, findings[0].String())
	}
}

func TestKubernetesOwnKindsThatNobodyDescribesAreLeftToTheAPIServer(t *testing.T) {
	set := Embedded()
	for _, apiVersion := range []string{"v1", "apps/v1", "rbac.authorization.k8s.io/v1", "apiextensions.k8s.io/v1"} {
		assert.Empty(t, set.Check(manifest.Object{"apiVersion": apiVersion, "kind": "Anything"}), apiVersion)
	}
	for _, apiVersion := range []string{"kueue.x-k8s.io/v1", "gateway.networking.k8s.io/v1", "snapshot.storage.k8s.io/v1", "argoproj.io", "apps", "v1beta1"} {
		assert.NotEmpty(t, set.Check(manifest.Object{"apiVersion": apiVersion, "kind": "Anything"}), apiVersion)
	}
}

// The schema library panics on some of these.
func TestWhatIsNoJSONIsFound(t *testing.T) {
	set := Embedded()
	for _, value := range []any{math.NaN(), math.Inf(1), []string{"a"}, map[string]string{"a": "b"}, struct{}{}, int32(5)} {
		object := manifesttest.Documents(t, "testdata/argo-cd.yaml")[1]
		elements := []any{map[string]any{"odd": value}}
		object["spec"].(map[string]any)["generators"] = []any{map[string]any{"list": map[string]any{"elements": elements}}}
		findings := set.Check(object)
		require.Len(t, findings, 1, "%T", value)
		assert.Equal(t, finding.Path("spec.generators[0].list.elements[0].odd"), findings[0].Path)
		assert.Equal(t, finding.WrongValue, findings[0].Code)
	}
}

func TestCheckSaysAllAtOnceInTheSameOrder(t *testing.T) {
	set := Embedded()
	object := parse(t, `{apiVersion: argoproj.io/v1alpha1, kind: AppProject, metadata: {name: a, x: 1, y: 2}, spec: {sourceRepos: [1, 2, 3], z: 1, roles: [{name: 5}]}}`)
	expected := set.Check(object)
	assert.Len(t, expected, 7)
	for range 50 {
		assert.Equal(t, expected, set.Check(object))
	}
}

func TestWithPrefersTheLaterSchema(t *testing.T) {
	loose := newSchema("example.com/v1", "Sprocket", []byte(`{}`))
	tight := newSchema("example.com/v1", "Sprocket", []byte(`{"required":["teeth"]}`))
	object := manifest.Object{"apiVersion": "example.com/v1", "kind": "Sprocket"}
	set := NewSet(loose)
	assert.Empty(t, set.Check(object))
	assert.Len(t, set.With(tight).Check(object), 1)
	assert.Empty(t, set.Check(object), "With changes no Set")
	assert.True(t, set.Knows("example.com/v1", "Sprocket"))
	assert.False(t, set.Knows("example.com/v2", "Sprocket"))
}
