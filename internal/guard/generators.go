package guard

import (
	"fmt"

	"spokewright.dev/spokewright/internal/finding"
)

// generators keeps those of a set that look nothing up, and have every element: its Application would go.
func generators(field finding.Path, promised, found any) []flaw {
	var flaws []flaw
	have := map[string]placed{}
	list, _ := found.([]any)
	for i, generator := range list {
		at := field.Index(i)
		elements, literal := literalElements(at, generator)
		if !literal {
			flaws = append(flaws, flaw{at, "allowed is a list of literal elements and nothing beside it: a lookup that fails removes what it found before"})
		}
		for _, e := range elements {
			if first, twice := have[e.name()]; twice {
				flaws = append(flaws, flaw{e.field, fmt.Sprintf("the Application would be named %q, which that of %s is already: the set would make none", e.name(), first.field)})
				continue
			}
			have[e.name()] = e
		}
	}
	list, _ = promised.([]any)
	for i, generator := range list {
		elements, _ := literalElements(field.Index(i), generator)
		for _, want := range elements {
			flaws = append(flaws, want.kept(have[want.name()])...)
		}
	}
	return flaws
}

// placed is an element of a list generator with its path in the set.
type placed struct {
	field   finding.Path
	element map[string]any
}

func (p placed) name() string {
	name, _ := p.element["name"].(string)
	return name
}

// kept finds what of a promised element is not in the one of its name.
func (p placed) kept(found placed) []flaw {
	if found.element == nil {
		return []flaw{{p.field, "the element of Application " + p.name() + " is gone"}}
	}
	var flaws []flaw
	for _, name := range sorted(p.element) {
		flaws = append(flaws, elementField(name)(found.field.Keys(name), p.element[name], found.element[name])...)
	}
	return flaws
}

// literalElements are the elements of a generator, and whether it has nothing else: no lookup, template or selector.
func literalElements(field finding.Path, generator any) (elements []placed, literal bool) {
	g, _ := generator.(map[string]any)
	list, _ := g["list"].(map[string]any)
	entries, literal := list["elements"].([]any)
	for i, entry := range entries {
		element, ok := entry.(map[string]any)
		literal = literal && ok
		elements = append(elements, placed{field.Keys("list", "elements").Index(i), element})
	}
	return elements, literal && len(g) == 1 && len(list) == 1
}

// elementField says how a field of an element is kept. Of a source the place is promised, and the name of a chart's
// release, which is in the names of its objects; values and version may change.
func elementField(name string) keeping {
	switch name {
	case "labels", "annotations":
		return entries
	case "source":
		return func(field finding.Path, promised, found any) []flaw {
			want, _ := promised.(map[string]any)
			have, _ := found.(map[string]any)
			var flaws []flaw
			for _, part := range []string{"repoURL", "path", "chart", "directory", "plugin"} {
				flaws = append(flaws, same(field.Keys(part), want[part], have[part])...)
			}
			return append(flaws, same(field.Keys("helm", "releaseName"), at(want, "helm.releaseName"), at(have, "helm.releaseName"))...)
		}
	}
	return same
}
