package crd

import (
	"errors"

	"spokewright.dev/spokewright/internal/crossplane/xrd"
	"spokewright.dev/spokewright/internal/manifest"
)

// Declared gives the schemas of the kinds that objects themselves declare: by the CRDs and XRDs among them.
// The error joins those of all that cannot be read; the schemas of the others are given all the same.
func Declared(declarations []manifest.Object) ([]Schema, error) {
	return readAll(declarations, FromCRD)
}

// Own is Declared for what this program declares itself: such a schema compiles, so it is compiled when it is first needed.
func Own(declarations []manifest.Object) ([]Schema, error) {
	return readAll(declarations, uncompiled)
}

func readAll(declarations []manifest.Object, read func(definition map[string]any) ([]Schema, error)) ([]Schema, error) {
	var schemas []Schema
	var faults []error
	for _, declaration := range declarations {
		crds := []map[string]any{declaration}
		switch id := manifest.Identify(declaration); {
		case id.Kind == "CustomResourceDefinition" && id.Group() == "apiextensions.k8s.io":
		case id.Kind == "CompositeResourceDefinition" && id.Group() == "apiextensions.crossplane.io":
			derived, err := xrd.CRDs(declaration)
			if err != nil {
				faults = append(faults, err)
				continue
			}
			crds = derived
		default:
			continue
		}
		for _, definition := range crds {
			more, err := read(definition)
			faults = append(faults, err)
			schemas = append(schemas, more...)
		}
	}
	return schemas, errors.Join(faults...)
}
