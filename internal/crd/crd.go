package crd

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"spokewright.dev/spokewright/internal/manifest"
)

// FromCRD gives the strict schema of each version that a CustomResourceDefinition (apiextensions.k8s.io/v1) serves.
// What the API server would prune is forbidden; apiVersion, kind and metadata are judged as it judges them.
func FromCRD(crd map[string]any) ([]Schema, error) {
	schemas, err := uncompiled(crd)
	if err != nil {
		return nil, err
	}
	for _, schema := range schemas {
		if _, err := schema.compiled(); err != nil {
			_, version, _ := strings.Cut(schema.APIVersion, "/")
			return nil, fmt.Errorf("crd %s: version %s: %w", manifest.TextAt(crd, "metadata", "name"), version, err)
		}
	}
	return schemas, nil
}

// uncompiled is FromCRD without a look whether the schemas compile.
func uncompiled(crd map[string]any) ([]Schema, error) {
	if manifest.TextAt(crd, "kind") != "CustomResourceDefinition" {
		return nil, fmt.Errorf("kind is %q, not CustomResourceDefinition", manifest.TextAt(crd, "kind"))
	}
	name := manifest.TextAt(crd, "metadata", "name")
	group, kindName := manifest.TextAt(crd, "spec", "group"), manifest.TextAt(crd, "spec", "names", "kind")
	if group == "" || kindName == "" {
		return nil, fmt.Errorf("crd %s: spec.group and spec.names.kind are needed", name)
	}
	versions := manifest.MapsAt(crd, "spec", "versions")
	schemas := make([]Schema, 0, len(versions))
	for _, version := range versions {
		if served, _ := version["served"].(bool); !served {
			continue
		}
		apiVersion := group + "/" + manifest.TextAt(version, "name")
		schema, err := fromVersion(apiVersion, kindName, manifest.TextAt(crd, "spec", "scope"), version)
		if err != nil {
			return nil, fmt.Errorf("crd %s: version %s: %w", name, manifest.TextAt(version, "name"), err)
		}
		schemas = append(schemas, schema)
	}
	if len(schemas) == 0 {
		return nil, fmt.Errorf("crd %s: no version is served", name)
	}
	return schemas, nil
}

func fromVersion(apiVersion, kindName, scope string, version map[string]any) (Schema, error) {
	open, found := manifest.MapAt(version, "schema", "openAPIV3Schema")
	if !found {
		return Schema{}, errors.New("schema.openAPIV3Schema is missing")
	}
	line, err := json.Marshal(root(open, apiVersion, kindName, scope))
	if err != nil {
		return Schema{}, err
	}
	return newSchema(apiVersion, kindName, line), nil
}

// root is the strict schema of a whole object: that of its fields, with apiVersion and kind pinned.
func root(open map[string]any, apiVersion, kindName, scope string) map[string]any {
	shape := strict(open)
	properties, _ := shape["properties"].(map[string]any)
	if properties == nil {
		properties = map[string]any{}
	}
	own, _ := manifest.MapAt(open, "properties", "metadata", "properties")
	properties["apiVersion"] = map[string]any{"enum": []any{apiVersion}}
	properties["kind"] = map[string]any{"enum": []any{kindName}}
	properties["metadata"] = rootMetadata(own, scope)
	shape["properties"] = properties
	demand(shape, "apiVersion", "kind", "metadata")
	return shape
}
