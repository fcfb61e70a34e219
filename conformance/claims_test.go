package conformance

import (
	"maps"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"spokewright.dev/spokewright/conformance/documents"
	"spokewright.dev/spokewright/internal/manifest"
)

// generations are the two forms of our claims and of what they are made of.
var generations = []string{"namespaced", "claims"}

// sample is a claim and the composition that its selector chooses.
type sample struct {
	cloud, name            string
	composite, composition manifest.Object
}

// samples gives the claims of testdata/claims as the composites of a generation. Whatever a selector chooses more or less
// than one composition for is a fault.
func samples(t *testing.T, generation string) []sample {
	t.Helper()
	compositions := read(t, filepath.Join("../bases/hub/compositions", generation))
	var all []sample
	for _, claim := range read(t, "testdata/claims") {
		spec := object(claim.Object, "spec")
		selector := object(claim.Object, "spec", "crossplane", "compositionSelector", "matchLabels")
		composite := claim.Object
		if generation == "claims" {
			composite = behind(claim.Object)
		}
		cloud, _ := spec["cloud"].(string)
		id := manifest.Identify(claim.Object)
		one := sample{cloud: cloud, name: id.Kind + "-" + id.Namespace + "-" + id.Name, composite: composite}
		for _, composition := range compositions {
			if chosen(composition, composite["kind"], selector) {
				require.Nil(t, one.composition, "%s chooses more than one composition", claim.Source)
				one.composition = composition.Object
			}
		}
		require.NotNil(t, one.composition, "%s chooses no composition of %s", claim.Source, generation)
		all = append(all, one)
	}
	return all
}

func chosen(composition documents.Document, kind any, selector map[string]any) bool {
	labels := object(composition.Object, "metadata", "labels")
	for label, value := range selector {
		if labels[label] != value {
			return false
		}
	}
	return object(composition.Object, "spec", "compositeTypeRef")["kind"] == kind
}

// behind is the cluster-wide composite that Crossplane makes of a claim.
func behind(claim manifest.Object) manifest.Object {
	id := manifest.Identify(claim)
	composite := manifest.Copy(claim)
	composite["kind"] = "X" + id.Kind
	metadata := object(composite, "metadata")
	metadata["name"] = id.Namespace + "-" + id.Name + "-x7k2p"
	delete(metadata, "namespace")
	maps.Copy(object(composite, "metadata", "labels"), map[string]any{
		"crossplane.io/claim-name": id.Name, "crossplane.io/claim-namespace": id.Namespace,
	})
	spec := object(composite, "spec")
	spec["claimRef"] = map[string]any{"apiVersion": id.APIVersion, "kind": id.Kind, "name": id.Name, "namespace": id.Namespace}
	spec["compositionSelector"] = object(spec, "crossplane", "compositionSelector")
	delete(spec, "crossplane")
	return composite
}

// object gives what is there below the fields, or nothing.
func object(in map[string]any, fields ...string) map[string]any {
	for _, field := range fields {
		in, _ = in[field].(map[string]any)
	}
	return in
}
