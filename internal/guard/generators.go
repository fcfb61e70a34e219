package guard

import (
	"fmt"

	"spokewright.dev/spokewright/internal/argocd"
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
			flaws = append(flaws, unmerged(e.field, e.element)...)
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

// unmerged finds the innermost data of an element that would not arrive in its Application.
func unmerged(field finding.Path, data any) []flaw {
	if argocd.Merges(data) {
		return nil
	}
	var flaws []flaw
	switch data := data.(type) {
	case map[string]any:
		for _, name := range sorted(data) {
			flaws = append(flaws, unmerged(field.Keys(name), data[name])...)
		}
	case []any:
		for i, item := range data {
			flaws = append(flaws, unmerged(field.Index(i), item)...)
		}
	}
	if len(flaws) == 0 {
		flaws = []flaw{{field, "found " + finding.Show(data) + ", which is lost on the way to the Application: allowed are values of charts in the spec, or as a text in helm.values"}}
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
	const own = argocd.OwnSyncPolicy // promised or not: it replaces the set's
	for _, name := range sorted(p.element) {
		if name == own {
			continue
		}
		flaws = append(flaws, elementField(name)(found.field.Keys(name), p.element[name], found.element[name])...)
	}
	return append(flaws, same(found.field.Keys(own), p.element[own], found.element[own])...)
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
