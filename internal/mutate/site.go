package mutate

import (
	"maps"
	"slices"
	"strconv"

	"spokewright.dev/spokewright/internal/constraint"
	"spokewright.dev/spokewright/internal/manifest"
)

// site is a value in an object that a rule speaks of, or the lack of one.
type site struct {
	path  []string
	value any
	there bool
	want  *constraint.Constraint // nil where the field is forbidden
}

func removed(any, bool) (any, bool) { return nil, false }

func to(value any) manifest.Change {
	return func(any, bool) (any, bool) { return value, true }
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
