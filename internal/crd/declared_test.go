package crd

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"spokewright.dev/spokewright/internal/crossplane/xrd"
	"spokewright.dev/spokewright/internal/manifest"
	"spokewright.dev/spokewright/internal/manifest/manifesttest"
)

func TestDeclaredReadsCRDsAndXRDs(t *testing.T) {
	xrds := manifesttest.Documents(t, "../crossplane/xrd/testdata/derived/xrds.yaml")
	crds, err := xrd.CRDs(xrds[2])
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
