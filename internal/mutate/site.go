package mutate

import (
	"maps"
	"slices"
	"strconv"

	"spokewright.dev/spokewright/internal/constraint"
)

// site is a value in an object that a rule speaks of, or the lack of one.
type site struct {
	path  []string
	value any
	there bool
	want  *constraint.Constraint // nil where the field is forbidden
}

// change gives what shall be where a value is, or false to have nothing there.
type change func(value any, there bool) (any, bool)

func removed(any, bool) (any, bool) { return nil, false }

func to(value any) change {
	return func(any, bool) (any, bool) { return value, true }
}

// with is the value with a change at the path; maps on the way to it are made. What was given stays as it is. Where
// the path leads nowhere, nothing changes.
func with(value any, path []string, do change) any {
	if len(path) == 0 {
		changed, _ := do(value, true)
		return changed
	}
	switch x := value.(type) {
	case map[string]any:
		fresh := maps.Clone(x)
		inner, there := x[path[0]]
		switch {
		case len(path) > 1 && there:
			fresh[path[0]] = with(inner, path[1:], do)
		case len(path) > 1:
			fresh[path[0]] = with(map[string]any{}, path[1:], do)
		default:
			delete(fresh, path[0])
			if changed, keep := do(inner, there); keep {
				fresh[path[0]] = changed
			}
		}
		return fresh
	case []any:
		return withElement(x, path, do)
	}
	return value
}

func withElement(list []any, path []string, do change) any {
	i, err := strconv.Atoi(path[0])
	if err != nil || i >= len(list) {
		return list
	}
	fresh := slices.Clone(list)
	if len(path) > 1 {
		fresh[i] = with(list[i], path[1:], do)
		return fresh
	}
	changed, keep := do(list[i], true)
	if !keep {
		return slices.Delete(fresh, i, i+1)
	}
	fresh[i] = changed
	return fresh
}

// sites are all places in a value that a rule speaks of, outer ones first.
func sites(rule *constraint.Constraint, value any, there bool, path []string) []site {
	if rule == nil {
		return []site{{path, value, there, nil}}
	}
	all := []site{{path, value, there, rule}}
	if len(path) == 0 { // the whole object is no place: there would be nothing around it
		all = nil
	}
	for _, arm := range rule.AnyOf {
		all = append(all, sites(arm, value, there, path)...)
	}
	for _, conditional := range rule.If {
		all = append(all, sites(conditional.Then, value, there, path)...)
	}
	switch x := value.(type) {
	case map[string]any:
		for _, field := range rule.Fields {
			inner, there := x[field.Name]
			all = append(all, sites(field.Value, inner, there, longer(path, field.Name))...)
		}
		for _, pattern := range rule.Patterns {
			for _, name := range sortedNames(x) {
				if len(pattern.Name.Judge(name)) == 0 {
					all = append(all, sites(pattern.Value, x[name], true, longer(path, name))...)
				}
			}
		}
	case []any:
		for i, element := range x {
			want := rule.Elements
			if i < len(rule.Items) {
				want = rule.Items[i]
			}
			if want != nil {
				all = append(all, sites(want, element, true, longer(path, strconv.Itoa(i)))...)
			}
		}
	}
	return all
}

func longer(path []string, name string) []string { return append(slices.Clip(path), name) }

// below tells whether the path is at another one or inside it.
func below(path, other []string) bool {
	return len(path) >= len(other) && slices.Equal(path[:len(other)], other)
}

func sortedNames(m map[string]any) []string { return slices.Sorted(maps.Keys(m)) }

// at is the value at a path.
func at(value any, path []string) (any, bool) {
	for _, step := range path {
		switch x := value.(type) {
		case map[string]any:
			inner, there := x[step]
			if !there {
				return nil, false
			}
			value = inner
		case []any:
			i, err := strconv.Atoi(step)
			if err != nil || i < 0 || i >= len(x) {
				return nil, false
			}
			value = x[i]
		default:
			return nil, false
		}
	}
	return value, true
}
