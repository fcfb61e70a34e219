package objects

import (
	"encoding/json"
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
	cases := map[string]struct {
		reason string
		change func(xrd, spec map[string]any)
		fault  string
	}{
		"a CRD": {
			"only XRDs have composite resources",
			func(xrd, _ map[string]any) { xrd["kind"] = "CustomResourceDefinition" }, "not a CompositeResourceDefinition",
		},
		"v3": {
			"the defaults of an unknown version are unknown",
			func(xrd, _ map[string]any) { xrd["apiVersion"] = "apiextensions.crossplane.io/v3" }, "v3 is not known",
		},
		"another name": {
			"the CRD has the XRD's name, and the API server wants plural.group",
			func(xrd, _ map[string]any) { xrd["metadata"] = map[string]any{"name": "berths"} }, "metadata.name must be xpilots.harbour.example.com",
		},
		"no names": {
			"there is no kind then",
			func(_, spec map[string]any) { delete(spec, "names") }, "spec.names.kind",
		},
		"claims of a namespaced composite": {
			"a rule of the XRD's CRD says so",
			func(_, spec map[string]any) { spec["scope"] = "Namespaced" }, "claims need scope LegacyCluster",
		},
		"claims in v2": {
			"v2 has no LegacyCluster",
			func(xrd, _ map[string]any) { xrd["apiVersion"] = "apiextensions.crossplane.io/v2" }, "claims need scope LegacyCluster",
		},
		"LegacyCluster in v2": {
			"an enum of the XRD's CRD",
			func(xrd, spec map[string]any) {
				xrd["apiVersion"], spec["scope"] = "apiextensions.crossplane.io/v2", "LegacyCluster"
			}, "scope LegacyCluster is not known in v2",
		},
		"claim of the same kind": {
			"two CRDs cannot define one kind",
			func(_, spec map[string]any) {
				spec["claimNames"] = map[string]any{"kind": "XPilot", "plural": "pilots"}
			}, "spec.claimNames.kind: XPilot is the composite resource's too",
		},
		"claim without plural": {
			"the claim's CRD would have no name",
			func(_, spec map[string]any) { spec["claimNames"] = map[string]any{"kind": "Pilot"} }, "spec.claimNames.plural is needed",
		},
		"no referenceable version": {
			"a CRD stores exactly one version",
			func(_, spec map[string]any) { objectsIn(spec, "versions")[0]["referenceable"] = false }, "found 0",
		},
		"no schema": {
			"Crossplane refuses it too",
			func(_, spec map[string]any) { delete(objectsIn(spec, "versions")[0], "schema") }, "version v1: schema.openAPIV3Schema is missing",
		},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			xrd := documents(t, "testdata/derived/xrds.yaml")[2]
			spec, _ := object(xrd, "spec")
			test.change(xrd, spec)
			_, err := FromXRD(xrd)
			require.ErrorContains(t, err, test.fault, test.reason)
		})
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
	var kinds []string
	for _, schema := range schemas {
		kinds = append(kinds, schema.APIVersion+" "+schema.Kind)
	}
	assert.Equal(t, []string{"harbour.example.com/v1 Quay", "harbour.example.com/v1 Pilot"}, kinds)
}
