package xrd

import (
	"fmt"
	"maps"

	"spokewright.dev/spokewright/internal/manifest"
)

// nameLength is the longest name of a composite resource or claim: it becomes a label's value.
const nameLength = 63

func (d definition) versions(added made) ([]any, error) {
	written := manifest.MapsAt(d.xrd, "spec", "versions")
	versions := make([]any, 0, len(written))
	for _, version := range written {
		open, found := manifest.MapAt(version, "schema", "openAPIV3Schema")
		if !found {
			return nil, fmt.Errorf("version %s: schema.openAPIV3Schema is missing", manifest.TextAt(version, "name"))
		}
		columns, _ := manifest.CopyOf(manifest.ListAt(version, "additionalPrinterColumns")).([]any)
		crdVersion := map[string]any{
			"name":                     manifest.TextAt(version, "name"),
			"served":                   manifest.IsTrue(version, "served"),
			"storage":                  manifest.IsTrue(version, "referenceable"),
			"additionalPrinterColumns": append(columns, added.columns...),
			"schema":                   map[string]any{"openAPIV3Schema": wholeSchema(open, added)},
			"subresources":             map[string]any{"status": map[string]any{}},
		}
		for _, name := range []string{"deprecated", "deprecationWarning"} {
			if value, found := version[name]; found && value != false {
				crdVersion[name] = value
			}
		}
		versions = append(versions, crdVersion)
	}
	return versions, nil
}

// wholeSchema joins what the XRD's author says of spec and status with what Crossplane adds. Crossplane takes no
// other keywords from the author's schema than these, so neither does this.
func wholeSchema(open map[string]any, added made) map[string]any {
	schema := map[string]any{
		"type":     "object",
		"required": []any{"spec"},
		"properties": map[string]any{
			"apiVersion": anyText(),
			"kind":       anyText(),
			"metadata":   map[string]any{"type": "object", "properties": map[string]any{"name": nameSchema(open)}},
			"spec": part(open, "spec", added.spec,
				"required", "description", "oneOf", "x-kubernetes-validations", "x-kubernetes-preserve-unknown-fields"),
			"status": part(open, "status", added.status,
				"required", "description", "oneOf", "x-kubernetes-validations"),
		},
	}
	take(schema, open, "description", "x-kubernetes-validations")
	return schema
}

// nameSchema takes from the author's schema of metadata.name a shorter length, and nothing else: so does Crossplane.
func nameSchema(open map[string]any) map[string]any {
	length := int64(nameLength)
	own, _ := manifest.MapAt(open, "properties", "metadata", "properties", "name")
	if shorter, found := manifest.Number(own["maxLength"]); found && int64(shorter) < length {
		length = int64(shorter)
	}
	return map[string]any{"type": "string", "maxLength": length}
}

// part is the schema of spec or status: some of the author's keywords, the author's fields, and over them those added.
func part(open map[string]any, name string, added map[string]any, keywords ...string) map[string]any {
	own, _ := manifest.MapAt(open, "properties", name)
	properties := map[string]any{}
	if fields, found := manifest.MapAt(own, "properties"); found {
		properties, _ = manifest.CopyOf(fields).(map[string]any)
	}
	machinery, _ := manifest.CopyOf(added).(map[string]any)
	maps.Copy(properties, machinery)
	schema := map[string]any{"type": "object", "properties": properties}
	take(schema, own, keywords...)
	return schema
}

func take(to, from map[string]any, keywords ...string) {
	for _, keyword := range keywords {
		if value, found := from[keyword]; found {
			to[keyword] = manifest.CopyOf(value)
		}
	}
}
