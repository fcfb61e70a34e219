// Package openapi writes constraints as schemas: of OpenAPI, as CRDs hold them, and of JSON Schema, for editors. CUE's own
// generators were tried and do not fit: that of OpenAPI refuses top-level fields, that of JSON Schema says const: {} of an
// open struct.
package openapi

import (
	"regexp"
	"slices"

	"spokewright.dev/spokewright/internal/constraint"
	"spokewright.dev/spokewright/internal/constraint/cueparse"
)

// Schema is a structural OpenAPI v3 schema, as CustomResourceDefinitions and CompositeResourceDefinitions need it:
// JSON data, made anew at each call. It is never stricter than c. It is weaker where a structural schema has no word
// for something (alternatives of different kinds, patterns for some names only, an unknown field, which Kubernetes
// drops instead of refusing it): there CEL and Judge say the rest.
func Schema(c *constraint.Constraint) map[string]any {
	schema := schema(c)
	if c != nil && c.Doc != "" {
		schema["description"] = c.Doc
	}
	return schema
}

func schema(c *constraint.Constraint) map[string]any {
	if c.Free() {
		return anything()
	}
	schema := typeOf(c.Kinds)
	if c.Kinds&constraint.Null != 0 {
		schema["nullable"] = true
	}
	name, _ := schema["type"].(string)
	arms := arms(c)
	switch name {
	case "":
		if c.Enum != nil && c.Kinds&constraint.Null == 0 {
			schema["enum"] = slices.Clone(c.Enum)
		}
		return schema
	case "object":
		mapSchema(schema, arms)
	case "array":
		listSchema(schema, arms)
	}
	if len(arms) == 1 {
		for key, value := range checks(arms[0]) {
			schema[key] = value
		}
		if c.Kinds&constraint.Null != 0 {
			delete(schema, "enum") // Kubernetes finds null in no enumeration
		}
		return schema
	}
	var any_ []any
	for _, arm := range arms {
		checks := checks(arm)
		if len(checks) == 0 {
			return schema
		}
		any_ = append(any_, checks)
	}
	schema["anyOf"] = any_
	return schema
}

func anything() map[string]any {
	return map[string]any{"x-kubernetes-preserve-unknown-fields": true}
}

// typeOf is the schema of all values of some kinds.
func typeOf(kinds constraint.Kinds) map[string]any {
	switch kinds &^ constraint.Null {
	case constraint.Bool:
		return map[string]any{"type": "boolean"}
	case constraint.Int:
		return map[string]any{"type": "integer"}
	case constraint.Float, constraint.Number:
		return map[string]any{"type": "number"}
	case constraint.String:
		return map[string]any{"type": "string"}
	case constraint.List:
		return map[string]any{"type": "array"}
	case constraint.Map:
		return map[string]any{"type": "object"}
	case constraint.Int | constraint.String:
		return map[string]any{"x-kubernetes-int-or-string": true}
	}
	return anything()
}

// arms are the alternatives for values that are not null.
func arms(c *constraint.Constraint) []*constraint.Constraint {
	if len(c.AnyOf) == 0 {
		return []*constraint.Constraint{c}
	}
	return slices.DeleteFunc(slices.Clone(c.AnyOf), func(arm *constraint.Constraint) bool { return arm.Kinds == constraint.Null })
}

// mapSchema adds the fields that any of some maps may have.
func mapSchema(schema map[string]any, arms []*constraint.Constraint) {
	var names []string
	values := map[string][]*constraint.Constraint{}
	for _, arm := range arms {
		for _, field := range arm.Fields {
			if field.Presence == constraint.Forbidden {
				continue
			}
			if values[field.Name] == nil {
				names = append(names, field.Name)
			}
			values[field.Name] = append(values[field.Name], field.Value)
		}
	}
	if value, ok := mapOf(arms); ok {
		schema["additionalProperties"] = Schema(value)
		return
	}
	if slices.ContainsFunc(arms, open) {
		schema["x-kubernetes-preserve-unknown-fields"] = true
	}
	if len(names) == 0 {
		return
	}
	properties := map[string]any{}
	for _, name := range names {
		if slices.ContainsFunc(arms, func(arm *constraint.Constraint) bool { return open(arm) && !slices.Contains(arm.Names(), name) }) {
			properties[name] = anything()
			continue
		}
		value := *constraint.Either(values[name])
		value.Doc = values[name][0].Doc
		properties[name] = Schema(&value)
	}
	schema["properties"] = properties
}

// open says whether a map may have fields that it does not name: what these are is not said then.
func open(arm *constraint.Constraint) bool { return !arm.Closed || len(arm.Patterns) > 0 }

// mapOf is what every value in a map must be, when the map is nothing but that.
func mapOf(arms []*constraint.Constraint) (*constraint.Constraint, bool) {
	if len(arms) != 1 || len(arms[0].Fields) > 0 || len(arms[0].Patterns) != 1 {
		return nil, false
	}
	pattern := arms[0].Patterns[0]
	return pattern.Value, arms[0].Closed || cueparse.AnyString(pattern.Name)
}

// listSchema adds what the elements of any of some lists may be.
func listSchema(schema map[string]any, arms []*constraint.Constraint) {
	var elements []*constraint.Constraint
	for _, arm := range arms {
		elements = append(elements, arm.Items...)
		if arm.MaxItems == nil || *arm.MaxItems > len(arm.Items) {
			if arm.Elements == nil {
				elements = append(elements, &constraint.Constraint{Kinds: constraint.Any})
			} else {
				elements = append(elements, arm.Elements)
			}
		}
	}
	if len(elements) == 0 || slices.ContainsFunc(elements, (*constraint.Constraint).Free) {
		schema["items"] = anything()
		return
	}
	schema["items"] = Schema(constraint.Either(elements))
}

// checks are the validations of one alternative, without types and fields of their own: the part of a structural
// schema that may stand within anyOf.
func checks(c *constraint.Constraint) map[string]any {
	checks := map[string]any{}
	if c.Enum != nil {
		checks["enum"] = slices.Clone(c.Enum)
	}
	limit(checks, "minimum", "exclusiveMinimum", c.Min)
	limit(checks, "maximum", "exclusiveMaximum", c.Max)
	count(checks, "minLength", "maxLength", c.MinRunes, c.MaxRunes)
	count(checks, "minItems", "maxItems", c.MinItems, c.MaxItems)
	var required, all []any
	for _, field := range c.Fields {
		switch field.Presence {
		case constraint.Required:
			required = append(required, field.Name)
		case constraint.Forbidden:
			all = append(all, map[string]any{"not": map[string]any{"required": []any{field.Name}}})
		}
	}
	if required != nil {
		checks["required"] = required
	}
	all = append(all, texts(c, checks)...)
	if len(c.Not) > 0 && c.Kinds&constraint.Float == 0 { // Kubernetes finds 0.5 in an enumeration of 0
		all = append(all, map[string]any{"not": map[string]any{"enum": slices.Clone(c.Not)}})
	}
	if all != nil {
		checks["allOf"] = all
	}
	return checks
}

// texts adds the first regular expression, and gives the others.
func texts(c *constraint.Constraint, checks map[string]any) []any {
	var all []any
	pattern := func(re *regexp.Regexp) map[string]any { return map[string]any{"pattern": re.String()} }
	for i, re := range c.Match {
		if i == 0 {
			checks["pattern"] = re.String()
			continue
		}
		all = append(all, pattern(re))
	}
	for _, re := range c.NoMatch {
		all = append(all, map[string]any{"not": pattern(re)})
	}
	return all
}

// limit adds a bound. Kubernetes cuts the fraction off a bound before it compares whole numbers with it, so that an
// exclusive one would refuse the whole number next to it.
func limit(checks map[string]any, key, exclusive string, bound *constraint.Bound) {
	if bound == nil {
		return
	}
	checks[key] = bound.Value
	if _, whole := bound.Value.(int64); whole && bound.Exclusive {
		checks[exclusive] = true
	}
}

func count(checks map[string]any, minimum, maximum string, least int, most *int) {
	if least > 0 {
		checks[minimum] = int64(least)
	}
	if most != nil && *most >= 0 {
		checks[maximum] = int64(*most)
	}
}
