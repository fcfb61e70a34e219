package crd

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v5"
	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/manifest"
)

// Schema is what the objects of one kind in one version of its API may hold.
type Schema struct {
	APIVersion string // group/version
	Kind       string

	text     func() []byte
	shape    func() map[string]any // what the text says
	fit      func() *fit
	compiled func() (*jsonschema.Schema, error)
}

// newSchema takes the text of a strict JSON Schema as root makes it. It is read and compiled on first use, once.
func newSchema(apiVersion, kindName string, text []byte) Schema {
	return lateSchema(apiVersion, kindName, func() []byte { return text })
}

// lateSchema is newSchema of a text that is only made when somebody needs it.
func lateSchema(apiVersion, kindName string, text func() []byte) Schema {
	shape := sync.OnceValue(func() map[string]any {
		var shape map[string]any
		if err := json.Unmarshal(text(), &shape); err != nil {
			panic(fmt.Errorf("schema of %s %s: %w", apiVersion, kindName, err))
		}
		return shape
	})
	return Schema{
		APIVersion: apiVersion,
		Kind:       kindName,
		text:       text,
		shape:      shape,
		fit:        sync.OnceValue(func() *fit { return newFit(shape()) }),
		compiled:   sync.OnceValues(func() (*jsonschema.Schema, error) { return compile(text()) }),
	}
}

// JSON is the schema as JSON Schema, draft 7, on one line.
func (s Schema) JSON() []byte { return bytes.Clone(s.text()) }

func compile(text []byte) (*jsonschema.Schema, error) {
	const url = "objects:schema"
	compiler := jsonschema.NewCompiler()
	compiler.Draft = jsonschema.Draft7 // the draft with the fastest compiler: in 2020 it is quadratic
	compiler.RegisterExtension(listMapKeys, nil, mapKeysCompiler{})
	if err := compiler.AddResource(url, bytes.NewReader(text)); err != nil {
		return nil, err
	}
	return compiler.Compile(url)
}

// judge gives the findings on an object of this kind, which holds JSON data only. It panics if the schema does not
// compile: FromCRD has compiled what it gives, and a test compiles what is embedded.
func (s Schema) judge(object manifest.Object) finding.Findings {
	if s.fit().sure(object) {
		return nil
	}
	compiled, err := s.compiled()
	if err == nil {
		err = compiled.Validate(object)
	}
	var failure *jsonschema.ValidationError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &failure):
		return explain(object, s.shape(), failure)
	default:
		panic(fmt.Errorf("schema of %s %s: %w", s.APIVersion, s.Kind, err))
	}
}

// listMapKeys is Kubernetes' name for the fields that together make an item of a list unique.
const listMapKeys = "x-kubernetes-list-map-keys"

// mapKeysCompiler teaches the schema library that keyword.
type mapKeysCompiler struct{}

func (mapKeysCompiler) Compile(_ jsonschema.CompilerContext, shape map[string]any) (jsonschema.ExtSchema, error) {
	keys, found := shape[listMapKeys].([]any)
	if !found {
		return nil, nil //nolint:nilnil // the library wants it for a schema without the keyword
	}
	return mapKeys(keys), nil
}

type mapKeys []any

func (keys mapKeys) Validate(ctx jsonschema.ValidationContext, value any) error {
	if items, _ := value.([]any); !uniqueBy(keys, items) {
		return ctx.Error(listMapKeys, "two items have the same keys")
	}
	return nil
}
