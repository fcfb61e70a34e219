package guard

import (
	"fmt"

	"spokewright.dev/spokewright/manifest"
)

// generators finds a set that would look things up, or that lost an element: its Application would go.
func generators(want, have manifest.Object) []flaw {
	var flaws []flaw
	report := func(field, format string, args ...any) {
		flaws = append(flaws, flaw{field, fmt.Sprintf(format, args...)})
	}
	found := map[string]placed{}
	for i, generator := range items(have, "spec", "generators") {
		field := fmt.Sprintf("spec.generators[%d]", i)
		elements, literal := literalElements(field, generator)
		if !literal {
			report(field, "allowed is a list of literal elements and nothing beside it: a lookup that fails removes what it found before")
		}
		for _, e := range elements {
			if first, twice := found[e.name()]; twice {
				report(e.field, "the Application would be named %q, which that of %s has already: the set would make none", e.name(), first.field)
				continue
			}
			found[e.name()] = e
		}
	}
	for i, generator := range items(want, "spec", "generators") {
		elements, _ := literalElements(fmt.Sprintf("spec.generators[%d]", i), generator)
		for _, promised := range elements {
			have, there := found[promised.name()]
			if !there {
				report(promised.field, "the element of Application %s is gone", promised.name())
				continue
			}
			for _, name := range sorted(promised.element) {
				flaws = append(flaws, elementField(name)(have.field+"."+name, promised.element[name], have.element[name])...)
			}
		}
	}
	return flaws
}

// placed is an element of a list generator with its path in the set.
type placed struct {
	field   string
	element map[string]any
}

func (p placed) name() string {
	name, _ := p.element["name"].(string)
	return name
}

// literalElements are the elements of a generator, and whether it has nothing else: no lookup, template or selector.
func literalElements(field string, generator any) (elements []placed, literal bool) {
	g, _ := generator.(map[string]any)
	list, _ := g["list"].(map[string]any)
	entries, literal := list["elements"].([]any)
	for i, entry := range entries {
		element, ok := entry.(map[string]any)
		literal = literal && ok
		elements = append(elements, placed{fmt.Sprintf("%s.list.elements[%d]", field, i), element})
	}
	return elements, literal && len(g) == 1 && len(list) == 1
}

// elementField says how a field of an element is kept. Of a source the place is promised; values and version may change.
func elementField(name string) keeping {
	switch name {
	case "labels", "annotations":
		return entries
	case "source":
		return func(field string, promised, found any) []flaw {
			want, _ := promised.(map[string]any)
			have, _ := found.(map[string]any)
			var flaws []flaw
			for _, part := range []string{"repoURL", "path", "chart", "directory", "plugin"} {
				flaws = append(flaws, same(named(field, part), want[part], have[part])...)
			}
			return flaws
		}
	}
	return same
}
