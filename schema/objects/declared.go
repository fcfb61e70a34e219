package objects

import (
	"errors"

	"spokewright.dev/spokewright/manifest"
)

// Declared gives the schemas of the kinds that objects themselves declare: by the CRDs and XRDs among them.
// The error joins those of all that cannot be read; the schemas of the others are given all the same.
func Declared(declarations []manifest.Object) ([]Schema, error) {
	var schemas []Schema
	var faults []error
	for _, declaration := range declarations {
		crds := []map[string]any{declaration}
		switch id := manifest.Identify(declaration); {
		case id.Kind == "CustomResourceDefinition" && id.Group() == "apiextensions.k8s.io":
		case id.Kind == "CompositeResourceDefinition" && id.Group() == "apiextensions.crossplane.io":
			derived, err := FromXRD(declaration)
			if err != nil {
				faults = append(faults, err)
				continue
			}
			crds = derived
		default:
			continue
		}
		for _, crd := range crds {
			more, err := FromCRD(crd)
			faults = append(faults, err)
			schemas = append(schemas, more...)
		}
	}
	return schemas, errors.Join(faults...)
}
