package crd

import (
	"slices"

	"spokewright.dev/spokewright/internal/manifest"
)

// The rules for names, labels and the like: k8s.io/apimachinery v0.36.3, pkg/api/validate/content and pkg/api/validation.
const (
	dnsLabel      = `[a-z0-9]([-a-z0-9]*[a-z0-9])?`
	dnsSubdomain  = dnsLabel + `(\.` + dnsLabel + `)*`
	nameCharacter = `[A-Za-z0-9]`
	namePart      = `(` + nameCharacter + `[-A-Za-z0-9_.]{0,61})?` + nameCharacter
)

// described is a schema of texts that match a pattern whole; the description is what a finding says is allowed.
func described(description, pattern string, maxLength int) map[string]any {
	shape := map[string]any{"type": "string", "description": description, "pattern": "^" + pattern + "$"}
	if maxLength > 0 {
		shape["maxLength"] = maxLength
	}
	return shape
}

func anyText() map[string]any { return map[string]any{"type": "string"} }

// rootMetadata is the schema of an object's own metadata. The fields in own are what the CRD adds, on name or
// generateName. An object needs a name (generateName alone cannot be applied, nor built by kustomize), and one that
// belongs to no namespace must not name one: kustomize's namespace field puts it there.
func rootMetadata(own map[string]any, scope string) map[string]any {
	properties := metadataFields()
	for name, property := range own {
		narrower, _ := property.(map[string]any)
		if field, found := manifest.MapAt(properties, name); found {
			field["allOf"] = []any{strict(narrower)}
		}
	}
	if scope == "Cluster" {
		properties["namespace"] = map[string]any{"not": map[string]any{}, "description": "no namespace: the kind is cluster-scoped"}
	}
	return map[string]any{
		"type": "object", "properties": properties, "additionalProperties": false, "required": []any{"name"},
	}
}

// embedResource adds the fields of a whole object inside another, of which metadata may be missing.
func embedResource(shape map[string]any) {
	properties, _ := manifest.MapAt(shape, "properties")
	if properties == nil {
		properties = map[string]any{}
		shape["properties"] = properties
	}
	properties["apiVersion"] = described("group/version, or version alone", `([^/]+/)?[^/]+`, 0)
	properties["kind"] = described("a kind: letters, digits and -", `[A-Za-z]([-A-Za-z0-9]*[A-Za-z0-9])?`, 63)
	fields := metadataFields()
	fields["name"] = described("a text without / and %", `[^/%]*`, 0) // what a name may be depends on the kind
	properties["metadata"] = map[string]any{"type": "object", "properties": fields, "additionalProperties": false}
	demand(shape, "apiVersion", "kind")
}

// demand adds names to the fields that an object must have.
func demand(shape map[string]any, names ...string) {
	required := slices.Clone(manifest.ListAt(shape, "required"))
	for _, name := range names {
		if !slices.Contains(required, any(name)) {
			required = append(required, name)
		}
	}
	shape["required"] = required
}

// metadataFields are the fields of ObjectMeta (apimachinery v0.36.3, pkg/apis/meta/v1), those that only the API server
// sets included.
func metadataFields() map[string]any {
	qualified := `(` + dnsSubdomain + `/)?` + namePart
	number := map[string]any{"type": "integer"}
	time := map[string]any{"type": []any{"string", "null"}, "format": "date-time"}
	return map[string]any{
		"name":         described("a DNS subdomain: lower case, digits, - and .", dnsSubdomain, 253),
		"namespace":    described("a DNS label: lower case, digits and -", dnsLabel, 63),
		"generateName": anyText(),
		"labels": map[string]any{
			"type":                 "object",
			propertyNames:          described("a label's key: [prefix/]name, the name at most 63 characters", qualified, 0),
			"additionalProperties": described("a text of letters, digits, -, _ and . (at most 63)", `(`+namePart+`)?`, 63),
		},
		"annotations": map[string]any{
			"type":                 "object",
			propertyNames:          described("an annotation's key: [prefix/]name, the name at most 63 characters", `(?i:`+qualified+`)`, 0),
			"additionalProperties": anyText(),
		},
		"finalizers": map[string]any{
			"type":  "array",
			"items": described("a finalizer: [prefix/]name, the name at most 63 characters", qualified, 0),
		},
		"ownerReferences": map[string]any{"type": "array", "items": map[string]any{
			"type": "object",
			"properties": map[string]any{
				"apiVersion": anyText(), "kind": anyText(), "name": anyText(), "uid": anyText(),
				"controller": map[string]any{"type": "boolean"}, "blockOwnerDeletion": map[string]any{"type": "boolean"},
			},
			"additionalProperties": false,
			"required":             []any{"apiVersion", "kind", "name", "uid"},
		}},
		"uid": anyText(), "resourceVersion": anyText(), "selfLink": anyText(),
		"generation": number, "deletionGracePeriodSeconds": number,
		"creationTimestamp": time, "deletionTimestamp": time,
		"managedFields": map[string]any{"type": "array", "items": map[string]any{"type": "object"}},
	}
}
