package openapi

import "spokewright.dev/spokewright/internal/constraint"

// JSONSchema is c as a JSON Schema of draft 2020-12 (https://json-schema.org/draft/2020-12), made anew at each call. It
// says what OpenAPI says, and refuses unknown fields too. Like that it is never stricter than c.
func JSONSchema(c *constraint.Constraint) map[string]any { return toJSONSchema(Schema(c)) }

// toJSONSchema rewrites what OpenAPI 3.0 and Kubernetes say in words of their own.
func toJSONSchema(from map[string]any) map[string]any {
	to := map[string]any{}
	for key, value := range from {
		switch key {
		case "x-kubernetes-preserve-unknown-fields", "x-kubernetes-int-or-string", "nullable", "exclusiveMinimum", "exclusiveMaximum":
		case "properties":
			properties := map[string]any{}
			for name, property := range value.(map[string]any) {
				properties[name] = toJSONSchema(property.(map[string]any))
			}
			to[key] = properties
		case "items", "additionalProperties", "not":
			to[key] = anyJSONSchema(value)
		case "anyOf", "allOf":
			var arms []any
			for _, arm := range value.([]any) {
				arms = append(arms, anyJSONSchema(arm))
			}
			to[key] = arms
		default:
			to[key] = value
		}
	}
	exclusive(from, to, "minimum", "exclusiveMinimum")
	exclusive(from, to, "maximum", "exclusiveMaximum")
	if from["x-kubernetes-int-or-string"] == true {
		to["type"] = []any{"integer", "string"}
	}
	if name, ok := to["type"]; ok && from["nullable"] == true {
		to["type"] = []any{name, "null"}
	}
	if from["type"] == "object" && from["x-kubernetes-preserve-unknown-fields"] == nil && from["additionalProperties"] == nil {
		to["additionalProperties"] = false
	}
	return to
}

func anyJSONSchema(value any) any {
	if schema, ok := value.(map[string]any); ok {
		return toJSONSchema(schema)
	}
	return value
}

// exclusive moves a bound that is itself not allowed to the word that JSON Schema has for it.
func exclusive(from, to map[string]any, bound, word string) {
	if from[word] == true {
		to[word] = from[bound]
		delete(to, bound)
	}
}
