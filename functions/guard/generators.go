package guard

import (
	"fmt"

	"spokewright.dev/spokewright/manifest"
)

// generators reports a set that would look things up, or that lost an element: its Application would go.
func generators(id manifest.ID, want, have manifest.Object) []Finding {
	var findings []Finding
	report := func(field, format string, args ...any) {
		findings = append(findings, Finding{id, field, fmt.Sprintf(format, args...)})
	}
	found := map[string]map[string]any{}
	for i, generator := range items(have, "spec", "generators") {
		field := fmt.Sprintf("spec.generators[%d]", i)
		elements, literal := literalElements(generator)
		if !literal {
			report(field, "allowed is a list of literal elements and nothing beside it: a lookup that fails removes what it found before")
			continue
		}
		for _, element := range elements {
			name, _ := element["name"].(string)
			if found[name] != nil {
				report(field, "two elements make the Application %s: the set would make none", name)
			}
			found[name] = element
		}
	}
	for _, generator := range items(want, "spec", "generators") {
		elements, _ := literalElements(generator)
		for _, element := range elements {
			name, _ := element["name"].(string)
			if found[name] == nil {
				report("spec.generators", "the element of Application %s is gone", name)
				continue
			}
			for _, field := range sorted(element) {
				if why := elementField(field)(element[field], found[name][field]); why != "" {
					report("spec.generators", "element %s: %s: %s", name, field, why)
				}
			}
		}
	}
	return findings
}

// literalElements are the elements of a generator that has nothing else: no lookup, no template, no selector.
func literalElements(generator any) ([]map[string]any, bool) {
	g, _ := generator.(map[string]any)
	list, isList := g["list"].(map[string]any)
	if !isList || len(g) != 1 || len(list) != 1 {
		return nil, false
	}
	entries, literal := list["elements"].([]any)
	elements := make([]map[string]any, 0, len(entries))
	for _, entry := range entries {
		element, ok := entry.(map[string]any)
		literal = literal && ok
		elements = append(elements, element)
	}
	return elements, literal
}

// elementField says how a field of an element is kept. Of a source the place is promised; values and version may change.
func elementField(name string) keeping {
	switch name {
	case "labels", "annotations":
		return entries
	case "source":
		return func(promised, found any) string {
			want, _ := promised.(map[string]any)
			have, _ := found.(map[string]any)
			for _, part := range []string{"repoURL", "path", "chart", "directory", "plugin"} {
				if why := same(want[part], have[part]); why != "" {
					return part + ": " + why
				}
			}
			return ""
		}
	}
	return same
}
