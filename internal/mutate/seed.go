package mutate

import (
	"slices"
	"strconv"

	"spokewright.dev/spokewright/internal/constraint"
	"spokewright.dev/spokewright/internal/manifest"
)

// seeds are the object itself, without an operator, and variations of it whose new parts are then changed too: with
// an optional field filled in, with a second element in a list, with a truth value alone where it had others beside it,
// with a condition of the rule met.
func seeds(object manifest.Object, rules []*constraint.Constraint) []Mutant {
	all := []Mutant{{Object: object}}
	for _, rule := range rules {
		all = append(all, conditionMet(object, site{value: object, there: true, want: rule})...)
		for _, place := range sites(rule, object, true, nil) {
			all = append(all, conditionMet(object, place)...)
			all = append(all, filled(object, place)...)
			all = append(all, withSecondElement(object, place)...)
			all = append(all, isolated(object, place)...)
		}
	}
	return all
}

// conditionMet has a field as a condition of the rule asks, and as it nearly asks.
func conditionMet(object manifest.Object, at site) []Mutant {
	var all []Mutant
	if at.want == nil || !isMap(at.value) {
		return nil
	}
	for _, conditional := range at.want.If {
		for _, when := range conditional.When {
			when.Replace(func(of constraint.Condition) constraint.Condition {
				path := append(slices.Clip(at.path[:max(len(at.path)-of.Levels, 0)]), of.Path...)
				for _, value := range answers(of.Test) {
					if changed, is := manifest.With(object, path, to(value)).(manifest.Object); is {
						all = append(all, Mutant{"condition", at.path, changed})
					}
				}
				return of
			})
		}
	}
	return all
}

// answers are values for which a test is true, and some for which it may not be.
func answers(test *constraint.Constraint) []any {
	if test == nil {
		return []any{"text"}
	}
	value := Sample(test)
	switch x := value.(type) {
	case string:
		return []any{x, "x" + x}
	case bool:
		return []any{x, !x}
	case int64:
		return []any{x, x - 1, x + 1}
	}
	return []any{value}
}

// filled has an optional field that was not there, with all that may be in it.
func filled(object manifest.Object, at site) []Mutant {
	if at.there || at.want == nil {
		return nil
	}
	value := full(at.want)
	if len(at.want.Judge(value)) > 0 {
		return nil
	}
	return []Mutant{{"optional field", at.path, manifest.With(object, at.path, to(value)).(manifest.Object)}}
}

// withSecondElement has a second element like the first in a list.
func withSecondElement(object manifest.Object, at site) []Mutant {
	list, _ := at.value.([]any)
	if len(list) == 0 {
		return nil
	}
	second := named(list[0], "second")
	path := longer(at.path, strconv.Itoa(len(list)))
	return []Mutant{{"second element", path, manifest.With(object, at.path, to(append(list[:len(list):len(list)], second))).(manifest.Object)}}
}

// isolated has a truth value that a rule speaks of without the others beside it, which may exclude its opposite: a
// privileged container cannot be one that may not gain privileges.
func isolated(object manifest.Object, here site) []Mutant {
	last := len(here.path) - 1
	parent, _ := manifest.Get(object, here.path[:last]...)
	m, _ := parent.(map[string]any)
	if _, is := here.value.(bool); last < 1 || !is || len(m) < 2 {
		return nil
	}
	only := map[string]any{here.path[last]: here.value}
	return []Mutant{{"alone", here.path, manifest.With(object, here.path[:last], to(only)).(manifest.Object)}}
}

// moved are changes of a container made to a container of another sort: what is wrong with one is wrong with all.
func moved(object manifest.Object, m Mutant) []Mutant {
	i := slices.Index(m.Path, "containers")
	if i < 0 || i+1 >= len(m.Path) {
		return nil
	}
	container, there := manifest.Get(m.Object, m.Path[:i+2]...)
	if !there {
		return nil
	}
	var all []Mutant
	for _, sort := range [][2]string{{"initContainers", "init container"}, {"ephemeralContainers", "ephemeral container"}} {
		path := append(slices.Clone(m.Path[:i]), sort[0])
		if _, there := manifest.Get(object, path...); !there {
			all = append(all, Mutant{sort[1], path, manifest.With(object, path, to([]any{named(container, "other")})).(manifest.Object)})
		}
	}
	return all
}

func named(element any, name string) any {
	m, is := element.(map[string]any)
	if _, has := m["name"].(string); !is || !has {
		return element
	}
	return manifest.With(m, []string{"name"}, to(name))
}
