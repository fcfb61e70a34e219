package xrd_test

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"spokewright.dev/spokewright/internal/crossplane/xrd"
	"spokewright.dev/spokewright/internal/manifest"
	"spokewright.dev/spokewright/internal/manifest/manifesttest"
)

// The expected CRDs were written by Crossplane 2.2.0 itself: ForCompositeResource and ForCompositeResourceClaim of its
// internal/xcrd, given xrds.yaml with the API server's defaults; ownerReferences and status were left out.
func TestCRDsMakesTheCRDsThatCrossplaneMakes(t *testing.T) {
	derived := map[string]map[string]any{}
	for _, document := range manifesttest.Documents(t, "testdata/derived/xrds.yaml") {
		crds, err := xrd.CRDs(document)
		require.NoError(t, err)
		for _, definition := range crds {
			assert.Equal(t, "apiextensions.k8s.io/v1", definition["apiVersion"])
			assert.Equal(t, "CustomResourceDefinition", definition["kind"])
			derived[manifest.TextAt(definition, "metadata", "name")+".json"] = definition
		}
	}
	expected := manifesttest.Glob(t, "testdata/derived/*.json")
	assert.Len(t, derived, len(expected))
	for _, file := range expected {
		content, err := os.ReadFile(file)
		require.NoError(t, err)
		crd := derived[filepath.Base(file)]
		found, err := json.Marshal(map[string]any{"metadata": crd["metadata"], "spec": crd["spec"]})
		require.NoError(t, err)
		assert.JSONEq(t, string(content), string(found), file)
	}
}

func TestCRDsSharesNothingWithTheXRD(t *testing.T) {
	xrds := manifesttest.Documents(t, "testdata/derived/xrds.yaml")
	for _, document := range xrds {
		before, err := json.Marshal(document)
		require.NoError(t, err)
		crds, err := xrd.CRDs(document)
		require.NoError(t, err)
		for _, definition := range crds {
			scribble(definition)
		}
		after, err := json.Marshal(document)
		require.NoError(t, err)
		assert.Equal(t, string(before), string(after))
	}
}

// scribble changes every map and list in a value.
func scribble(value any) {
	switch value := value.(type) {
	case map[string]any:
		for _, field := range value {
			scribble(field)
		}
		value["scribble"] = true
	case []any:
		for i, item := range value {
			scribble(item)
			value[i] = "scribble"
		}
	}
}

func TestCRDsRefusesWhatCrossplaneRefuses(t *testing.T) {
	v2 := map[string]any{"apiVersion": "apiextensions.crossplane.io/v2"}
	for _, test := range []struct {
		reason    string
		top, spec map[string]any // changes; nil takes a field away
		fault     string
	}{
		{"only XRDs have composite resources",
			map[string]any{"kind": "CustomResourceDefinition"}, nil, "not a CompositeResourceDefinition"},
		{"the defaults of an unknown version are unknown",
			map[string]any{"apiVersion": "apiextensions.crossplane.io/v3"}, nil, "v3 is not known"},
		{"the CRD has the XRD's name, and the API server wants plural.group",
			map[string]any{"metadata": map[string]any{"name": "xp"}}, nil, "metadata.name must be xpilots.harbour.example.com"},
		{"there is no kind without names",
			nil, map[string]any{"names": nil}, "spec.names.kind"},
		{"a rule of the XRD's CRD keeps claims from namespaced composites",
			nil, map[string]any{"scope": "Namespaced"}, "claims need scope LegacyCluster"},
		{"v2 has no claims",
			v2, nil, "claims need scope LegacyCluster"},
		{"LegacyCluster is not in the enum of v2",
			v2, map[string]any{"scope": "LegacyCluster"}, "scope LegacyCluster is not known in v2"},
		{"two CRDs cannot define one kind",
			nil, map[string]any{"claimNames": map[string]any{"kind": "XPilot", "plural": "pilots"}},
			"spec.claimNames.kind: XPilot is the composite resource's too"},
		{"the claim's CRD would have no name",
			nil, map[string]any{"claimNames": map[string]any{"kind": "Pilot"}}, "spec.claimNames.plural is needed"},
		{"a CRD stores exactly one version",
			nil, map[string]any{"versions": []any{map[string]any{"name": "v1"}}}, "found 0"},
		{"Crossplane refuses a version without a schema",
			nil, map[string]any{"versions": []any{map[string]any{"name": "v1", "referenceable": true}}},
			"version v1: schema.openAPIV3Schema is missing"},
	} {
		document := manifesttest.Documents(t, "testdata/derived/xrds.yaml")[2]
		spec, _ := manifest.MapAt(document, "spec")
		maps.Copy(document, test.top)
		maps.Copy(spec, test.spec)
		_, err := xrd.CRDs(document)
		require.ErrorContains(t, err, test.fault, test.reason)
	}
}
