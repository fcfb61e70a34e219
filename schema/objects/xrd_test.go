package objects

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"spokewright.dev/spokewright/manifest"
)

// The expected CRDs were written by Crossplane 2.2.0 itself: ForCompositeResource and ForCompositeResourceClaim of its
// internal/xcrd, given xrds.yaml with the API server's defaults; ownerReferences and status were left out.
func TestFromXRDMakesTheCRDsThatCrossplaneMakes(t *testing.T) {
	derived := map[string]map[string]any{}
	for _, xrd := range documents(t, "testdata/derived/xrds.yaml") {
		crds, err := FromXRD(xrd)
		require.NoError(t, err)
		for _, crd := range crds {
			assert.Equal(t, "apiextensions.k8s.io/v1", crd["apiVersion"])
			assert.Equal(t, "CustomResourceDefinition", crd["kind"])
			derived[text(crd, "metadata", "name")+".json"] = crd
		}
	}
	expected := glob(t, "testdata/derived/*.json")
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

func TestFromXRDSharesNothingWithTheXRD(t *testing.T) {
	xrds := documents(t, "testdata/derived/xrds.yaml")
	for _, xrd := range xrds {
		before, err := json.Marshal(xrd)
		require.NoError(t, err)
		crds, err := FromXRD(xrd)
		require.NoError(t, err)
		for _, crd := range crds {
			scribble(crd)
		}
		after, err := json.Marshal(xrd)
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

func TestFromXRDRefusesWhatCrossplaneRefuses(t *testing.T) {
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
		xrd := documents(t, "testdata/derived/xrds.yaml")[2]
		spec, _ := object(xrd, "spec")
		maps.Copy(xrd, test.top)
		maps.Copy(spec, test.spec)
		_, err := FromXRD(xrd)
		require.ErrorContains(t, err, test.fault, test.reason)
	}
}

func TestDeclaredReadsCRDsAndXRDs(t *testing.T) {
	xrds := documents(t, "testdata/derived/xrds.yaml")
	crds, err := FromXRD(xrds[2])
	require.NoError(t, err)
	other := manifest.Object{"apiVersion": "v1", "kind": "ConfigMap"}
	broken := manifest.Object{"apiVersion": "apiextensions.crossplane.io/v2", "kind": "CompositeResourceDefinition"}

	schemas, err := Declared([]manifest.Object{xrds[0], other, broken, crds[1]})
	require.ErrorContains(t, err, "spec.group, spec.names.kind and spec.names.plural are needed")
	kinds := make([]string, 0, len(schemas))
	for _, schema := range schemas {
		kinds = append(kinds, schema.APIVersion+" "+schema.Kind)
	}
	assert.Equal(t, []string{"harbour.example.com/v1 Quay", "harbour.example.com/v1 Pilot"}, kinds)
}
