package trial

import (
	"slices"
	"strconv"

	"spokewright.dev/spokewright/constraint"
	"spokewright.dev/spokewright/manifest"
)

// starts are the object itself, without an operator, and variations of it whose new parts are then changed too: with
// an optional field filled in, with a second element in a list, with a truth value
// alone where it had others beside it.
func starts(object manifest.Object, rules []*constraint.Constraint) []Mutant {
	all := []Mutant{{Object: object}}
	for _, rule := range rules {
		for _, place := range places(rule, object, true, nil) {
			all = append(all, filled(object, place)...)
			all = append(all, seconds(object, place)...)
			all = append(all, alone(object, place)...)
		}
	}
	return all
}

// filled has an optional field that was not there, with all that may be in it.
func filled(object manifest.Object, at place) []Mutant {
	if at.there || at.want == nil {
		return nil
	}
	value := full(at.want)
	if len(at.want.Judge(value)) > 0 {
		return nil
	}
	return []Mutant{{"optional field", at.path, with(object, at.path, to(value)).(manifest.Object)}}
}

// seconds has a second element like the first in a list.
func seconds(object manifest.Object, at place) []Mutant {
	list, _ := at.value.([]any)
	if len(list) == 0 {
		return nil
	}
	second := named(list[0], "second")
	path := longer(at.path, strconv.Itoa(len(list)))
	return []Mutant{{"second element", path, with(object, at.path, to(append(list[:len(list):len(list)], second))).(manifest.Object)}}
}

// alone has a truth value that a rule speaks of without the others beside it, which may exclude its opposite: a
// privileged container cannot be one that may not gain privileges.
func alone(object manifest.Object, here place) []Mutant {
	last := len(here.path) - 1
	parent, _ := at(object, here.path[:last])
	m, _ := parent.(map[string]any)
	if _, is := here.value.(bool); last < 1 || !is || len(m) < 2 {
		return nil
	}
	only := map[string]any{here.path[last]: here.value}
	return []Mutant{{"alone", here.path, with(object, here.path[:last], to(only)).(manifest.Object)}}
}

// moved are changes of a container made to a container of another sort: what is wrong with one is wrong with all.
func moved(object manifest.Object, m Mutant) []Mutant {
	i := slices.Index(m.Path, "containers")
	if i < 0 || i+1 >= len(m.Path) {
		return nil
	}
	container, there := at(m.Object, m.Path[:i+2])
	if !there {
		return nil
	}
	var all []Mutant
	for _, sort := range [][2]string{{"initContainers", "init container"}, {"ephemeralContainers", "ephemeral container"}} {
		path := append(slices.Clone(m.Path[:i]), sort[0])
		if _, there := at(object, path); !there {
			all = append(all, Mutant{sort[1], path, with(object, path, to([]any{named(container, "other")})).(manifest.Object)})
		}
	}
	return all
}

func named(element any, name string) any {
	m, is := element.(map[string]any)
	if _, has := m["name"].(string); !is || !has {
		return element
	}
	return with(m, []string{"name"}, to(name))
}
