package crd

import (
	"math"
	"slices"

	"spokewright.dev/spokewright/internal/manifest"
)

// Keywords that both translating and explaining a schema meet.
const (
	additionalProperties = "additionalProperties"
	propertyNames        = "propertyNames"
	anyOf                = "anyOf"
	oneOf                = "oneOf"
)

// alike are the keywords that say the same in OpenAPI 3.0 and in JSON Schema.
var alike = []string{
	"pattern", "minLength", "maxLength", "minimum", "maximum", "multipleOf", "minItems", "maxItems", "uniqueItems",
	"minProperties", "maxProperties",
}

// strict translates a structural schema (OpenAPI 3.0 with Kubernetes' extensions) into JSON Schema draft 7, so
// that a field which the API server would prune is not allowed. Nor is a null in a field that is not nullable: the
// API server would drop it without a word.
func strict(open map[string]any) map[string]any {
	shape := constraints(open)
	if properties, found := manifest.MapAt(open, "properties"); found {
		shape["properties"] = each(properties)
	}
	if items, found := manifest.MapAt(open, "items"); found {
		shape["items"] = strict(items)
	}
	if additional, found := manifest.MapAt(open, additionalProperties); found {
		shape[additionalProperties] = strict(additional)
	} else if prunes(open) {
		shape[additionalProperties] = false
	}
	if manifest.IsTrue(open, "x-kubernetes-embedded-resource") {
		embedResource(shape)
	}
	return shape
}

// prunes says whether the API server drops the fields of an object that its schema does not name.
func prunes(open map[string]any) bool {
	return open["type"] == "object" && !manifest.IsTrue(open, additionalProperties) && !manifest.IsTrue(open, "x-kubernetes-preserve-unknown-fields")
}

// constraints translates all that is said of a value itself. Of the formats date-time and int32 are judged: the API
// server knows a few more, and ignores the rest as this does.
func constraints(open map[string]any) map[string]any {
	shape := map[string]any{}
	for _, keyword := range alike {
		if value, found := open[keyword]; found {
			shape[keyword] = value
		}
	}
	typed(open, shape)
	bounds(open, shape)
	combined(open, shape)
	if open["format"] == "date-time" {
		shape["format"] = "date-time"
	}
	if required := undefaulted(open); len(required) > 0 {
		shape["required"] = required
	}
	switch open["x-kubernetes-list-type"] {
	case "set":
		shape["uniqueItems"] = true
	case "map":
		if keys := manifest.ListAt(open, listMapKeys); len(keys) > 0 {
			shape[listMapKeys] = keys
		}
	}
	return shape
}

// typed translates type, enum, nullable and int-or-string.
func typed(open, shape map[string]any) {
	var types []any
	if manifest.IsTrue(open, "x-kubernetes-int-or-string") {
		types = []any{"integer", "string"}
	} else if name := manifest.TextAt(open, "type"); name != "" {
		types = []any{name}
	}
	if manifest.IsTrue(open, "nullable") && types != nil {
		types = append(types, "null")
	}
	if len(types) == 1 {
		shape["type"] = types[0]
	} else if types != nil {
		shape["type"] = types
	}
	if values := manifest.ListAt(open, "enum"); len(values) > 0 {
		shape["enum"] = values
	}
}

// bounds translates the exclusive bounds, a word beside the bound in OpenAPI 3.0 and a bound of their own here, and
// the one format that is a bound.
func bounds(open, shape map[string]any) {
	if open["format"] == "int32" {
		for keyword, bound := range map[string]any{"minimum": math.MinInt32, "maximum": math.MaxInt32} {
			if _, found := shape[keyword]; !found {
				shape[keyword] = bound
			}
		}
	}
	if manifest.IsTrue(open, "exclusiveMinimum") {
		shape["exclusiveMinimum"] = open["minimum"]
		delete(shape, "minimum")
	}
	if manifest.IsTrue(open, "exclusiveMaximum") {
		shape["exclusiveMaximum"] = open["maximum"]
		delete(shape, "maximum")
	}
}

// combined translates the schemas in allOf, anyOf, oneOf and not. As strict sees them they never close an object: a
// structural schema has no type in there.
func combined(open, shape map[string]any) {
	for _, keyword := range []string{"allOf", anyOf, oneOf} {
		branches := manifest.MapsAt(open, keyword)
		if len(branches) == 0 || keyword == anyOf && manifest.IsTrue(open, "x-kubernetes-int-or-string") && onlyTypes(branches) {
			continue // type says the same, and gives the better message
		}
		translated := make([]any, len(branches))
		for i, branch := range branches {
			translated[i] = strict(branch)
		}
		shape[keyword] = translated
	}
	if not, found := manifest.MapAt(open, "not"); found {
		shape["not"] = strict(not)
	}
}

func onlyTypes(branches []map[string]any) bool {
	return !slices.ContainsFunc(branches, func(branch map[string]any) bool {
		return len(branch) != 1 || branch["type"] == nil
	})
}

// undefaulted are the required fields without a default: the API server fills in defaults before it validates.
func undefaulted(open map[string]any) []any {
	var names []any
	for _, name := range manifest.ListAt(open, "required") {
		key, _ := name.(string)
		property, _ := manifest.MapAt(open, "properties", key)
		if _, found := property["default"]; !found {
			names = append(names, name)
		}
	}
	return names
}

func each(properties map[string]any) map[string]any {
	translated := make(map[string]any, len(properties))
	for name, property := range properties {
		open, _ := property.(map[string]any)
		translated[name] = strict(open)
	}
	return translated
}
