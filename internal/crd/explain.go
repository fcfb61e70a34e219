package crd

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v5"
	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/manifest"
)

// explain turns what the schema library says of an object into findings.
// The shape is the text of the schema that the object failed.
func explain(object manifest.Object, shape map[string]any, failure *jsonschema.ValidationError) finding.Findings {
	var findings finding.Findings
	for _, leaf := range leaves(failure, shape) {
		rule := locate(shape, leaf.KeywordLocation)
		path, name, value := follow(object, leaf.InstanceLocation)
		if rule.ofName {
			value = name
		}
		findings = append(findings, rule.findings(path, value)...)
	}
	return findings
}

// leaves are the failures that say something. Why each branch of an anyOf or oneOf failed says too much, so such a
// failure is a leaf itself.
func leaves(failure *jsonschema.ValidationError, shape map[string]any) []*jsonschema.ValidationError {
	switch locate(shape, failure.KeywordLocation).keyword {
	case anyOf, oneOf, "not":
		return []*jsonschema.ValidationError{failure}
	}
	if len(failure.Causes) == 0 {
		return []*jsonschema.ValidationError{failure}
	}
	var all []*jsonschema.ValidationError
	for _, cause := range failure.Causes {
		all = append(all, leaves(cause, shape)...)
	}
	return all
}

// rule is one keyword of a schema.
type rule struct {
	schema  map[string]any // the schema that holds the keyword
	keyword string         // empty if it is the schema itself that failed
	ofName  bool           // it judges the names of fields, not their values
}

// locate follows the location of a keyword through a schema: a field may bear a keyword's name.
func locate(schema map[string]any, location string) rule {
	at := rule{schema: schema}
	steps := tokens(location)
	for len(steps) > 0 {
		var next map[string]any
		taken := 1
		switch steps[0] {
		case "properties":
			if len(steps) > 1 {
				next, _ = manifest.MapAt(at.schema, "properties", steps[1])
				taken = 2
			}
		case "allOf", anyOf, oneOf:
			if len(steps) > 1 {
				branches := manifest.ListAt(at.schema, steps[0])
				if i, err := strconv.Atoi(steps[1]); err == nil && i < len(branches) {
					next, _ = branches[i].(map[string]any)
				}
				taken = 2
			}
		case "items", additionalProperties, propertyNames, "not":
			if len(steps) > 1 {
				next, _ = manifest.MapAt(at.schema, steps[0])
				at.ofName = at.ofName || steps[0] == propertyNames
			}
		}
		if next == nil {
			return rule{schema: at.schema, keyword: steps[0], ofName: at.ofName}
		}
		at.schema, steps = next, steps[taken:]
	}
	return at
}

// findings says what breaking the rule means for the value at a path.
func (r rule) findings(path finding.Path, value any) finding.Findings {
	fields, _ := value.(map[string]any)
	var findings finding.Findings
	switch {
	case r.keyword == "required":
		for _, name := range manifest.ListAt(r.schema, "required") {
			key, _ := name.(string)
			if _, found := fields[key]; !found {
				findings = append(findings, finding.Finding{Code: finding.MissingField, Path: path.Keys(key), Message: "missing: it is required"})
			}
		}
	case r.keyword == additionalProperties && r.schema[r.keyword] == false:
		properties, _ := manifest.MapAt(r.schema, "properties")
		known := slices.Sorted(maps.Keys(properties))
		for name := range fields {
			if _, found := properties[name]; !found {
				findings = append(findings, unknownName(path.Keys(name), name, known))
			}
		}
	default:
		findings = finding.Findings{{Code: finding.WrongValue, Path: path, Message: "found " + finding.Show(value) + ", allowed is " + r.allowed()}}
	}
	return findings
}

// unknownName is about a name that is not known in a place; where one is like it that is enough to say.
func unknownName(path finding.Path, name string, known []string) finding.Finding {
	f := finding.Finding{Code: finding.UnknownField, Path: path, Message: "no such field", Suggestion: finding.Suggest(name, known)}
	if f.Suggestion == "" && len(known) > 0 {
		f.Aside = "allowed are " + strings.Join(known, ", ")
	}
	return f
}

// allowed says in words what the rule lets through.
func (r rule) allowed() string {
	bound := r.schema[r.keyword]
	if r.keyword == "type" {
		return typeNames(bound)
	}
	if description := manifest.TextAt(r.schema, "description"); description != "" {
		return description
	}
	switch r.keyword {
	case "enum":
		values, _ := bound.([]any)
		return finding.OneOf(shown(values))
	case "format":
		return "a date-time (RFC 3339)"
	case "pattern":
		return fmt.Sprint("a text that matches ", bound)
	case "minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum", "multipleOf":
		return comparisons[r.keyword] + finding.Show(bound)
	case "minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties":
		return comparisons[r.keyword[:3]] + finding.Count(size(bound), measures[r.keyword[3:]])
	case "uniqueItems":
		return "no item twice"
	case listMapKeys:
		return "no two items with the same " + finding.AllOf(textsIn(bound))
	case anyOf, oneOf:
		return r.branches()
	default:
		return fmt.Sprintf("what the API's schema says of it under %s", r.keyword)
	}
}

var (
	comparisons = map[string]string{
		"minimum": "at least ", "exclusiveMinimum": "more than ", "maximum": "at most ", "exclusiveMaximum": "less than ", "multipleOf": "a multiple of ",
		"min": "at least ", "max": "at most ",
	}
	measures = map[string]string{"Length": "character", "Items": "item", "Properties": "field"}
)

// branches names the fields when each branch only asks for some, the common case.
func (r rule) branches() string {
	count := map[string]string{anyOf: "at least one", oneOf: "exactly one"}[r.keyword]
	branches := manifest.MapsAt(r.schema, r.keyword)
	names := make([]string, 0, len(branches))
	for _, branch := range branches {
		required := manifest.ListAt(branch, "required")
		if len(branch) != 1 || len(required) == 0 {
			return fmt.Sprintf("%s of the %d forms that the API's schema gives", count, len(branches))
		}
		names = append(names, strings.Join(textsIn(any(required)), " with "))
	}
	return count + " of " + strings.Join(names, ", ")
}

// typeNames says which types of JSON a rule lets through: a string or a whole number.
func typeNames(bound any) string {
	nouns := map[string]string{
		"object": "a map", "array": "a list", "string": "a string", "integer": "a whole number", "number": "a number",
		"boolean": "true or false", "null": "null",
	}
	names := textsIn(bound)
	for i, name := range names {
		names[i] = nouns[name]
	}
	return finding.OneOf(names)
}

func shown(values []any) []string {
	texts := make([]string, len(values))
	for i, value := range values {
		texts[i] = finding.Show(value)
	}
	return texts
}

func size(bound any) int {
	n, _ := bound.(float64)
	return int(n)
}
