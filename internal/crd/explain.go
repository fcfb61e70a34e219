package crd

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v5"
	"spokewright.dev/spokewright/internal/manifest"
)

// explain turns what the schema library says of an object into findings, ordered by path.
// The shape is the text of the schema that the object failed.
func explain(id manifest.ID, object manifest.Object, shape map[string]any, failure *jsonschema.ValidationError) []Finding {
	var findings []Finding
	for _, leaf := range leaves(failure, shape) {
		rule := locate(shape, leaf.KeywordLocation)
		path, value := follow(object, leaf.InstanceLocation)
		if rule.ofName {
			value = path[len(path)-1]
		}
		for _, finding := range rule.findings(path, value) {
			finding.Object = id
			findings = append(findings, finding)
		}
	}
	return ordered(findings)
}

func ordered(findings []Finding) []Finding {
	slices.SortFunc(findings, func(a, b Finding) int {
		return strings.Compare(a.Path+"\n"+string(a.Problem)+"\n"+a.Allowed, b.Path+"\n"+string(b.Problem)+"\n"+b.Allowed)
	})
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
func (r rule) findings(path fieldPath, value any) []Finding {
	fields, _ := value.(map[string]any)
	var findings []Finding
	switch {
	case r.keyword == "required":
		for _, name := range manifest.ListAt(r.schema, "required") {
			key, _ := name.(string)
			if _, found := fields[key]; !found {
				findings = append(findings, Finding{Path: append(path, key).String(), Problem: MissingField})
			}
		}
	case r.keyword == additionalProperties && r.schema[r.keyword] == false:
		properties, _ := manifest.MapAt(r.schema, "properties")
		known := slices.Sorted(maps.Keys(properties))
		for name, unknown := range fields {
			if _, found := properties[name]; !found {
				findings = append(findings, Finding{
					Path: append(path, name).String(), Problem: UnknownField, Found: show(unknown),
					Allowed: strings.Join(known, ", "), Nearest: nearest(name, known),
				})
			}
		}
	default:
		findings = []Finding{{Path: path.String(), Problem: WrongValue, Found: show(value), Allowed: r.allowed()}}
	}
	return findings
}

// allowed says in words what the rule lets through.
func (r rule) allowed() string {
	bound := r.schema[r.keyword]
	if r.keyword == "type" {
		return words(bound, " or ")
	}
	if description := manifest.TextAt(r.schema, "description"); description != "" {
		return description
	}
	switch r.keyword {
	case "enum":
		return words(bound, ", ")
	case "format":
		return "a date-time (RFC 3339)"
	case "pattern":
		return "a text that matches " + words(bound, "")
	case "minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum", "multipleOf":
		return comparisons[r.keyword] + show(bound)
	case "minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties":
		return comparisons[r.keyword[:3]] + show(bound) + " " + measures[r.keyword[3:]]
	case "uniqueItems":
		return "no item twice"
	case listMapKeys:
		return "no two items with the same " + words(bound, " and ")
	case anyOf, oneOf:
		return r.branches()
	default:
		return fmt.Sprintf("what the API's schema says of it under %s", r.keyword)
	}
}

var (
	comparisons = map[string]string{
		"minimum": ">= ", "exclusiveMinimum": "> ", "maximum": "<= ", "exclusiveMaximum": "< ", "multipleOf": "a multiple of ",
		"min": "at least ", "max": "at most ",
	}
	measures = map[string]string{"Length": "characters", "Items": "items", "Properties": "fields"}
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
		names = append(names, words(required, " with "))
	}
	return count + " of " + strings.Join(names, ", ")
}

// words writes texts plainly and all else as JSON.
func words(value any, between string) string {
	values, many := value.([]any)
	if !many {
		values = []any{value}
	}
	written := make([]string, len(values))
	for i, value := range values {
		if plain, ok := value.(string); ok {
			written[i] = plain
		} else {
			written[i] = show(value)
		}
	}
	return strings.Join(written, between)
}
