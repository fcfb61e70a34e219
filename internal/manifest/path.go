package manifest

import (
	"maps"
	"slices"
	"strconv"
)

// Get is the value at a path below a value: names lead into maps, indices into lists.
func Get(value any, path ...string) (any, bool) {
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

// Set puts a value at a path of maps below an object, and makes the maps on the way there.
func Set(object map[string]any, value any, path ...string) {
	for _, name := range path[:len(path)-1] {
		inner, ok := object[name].(map[string]any)
		if !ok {
			inner = map[string]any{}
			object[name] = inner
		}
		object = inner
	}
	object[path[len(path)-1]] = value
}

// Delete takes away what is at a path below an object, where there is something.
func Delete(object map[string]any, path ...string) {
	if parent, found := MapAt(object, path[:len(path)-1]...); found {
		delete(parent, path[len(path)-1])
	}
}

// A Change gives what shall be where a value is, or false to have nothing there.
type Change func(value any, there bool) (any, bool)

// With is the value with a change at the path; maps on the way to it are made. What was given stays as it is. Where
// the path leads nowhere, nothing changes.
func With(value any, path []string, change Change) any {
	if len(path) == 0 {
		changed, _ := change(value, true)
		return changed
	}
	switch x := value.(type) {
	case map[string]any:
		return withField(x, path, change)
	case []any:
		return withElement(x, path, change)
	}
	return value
}

func withField(object map[string]any, path []string, change Change) map[string]any {
	fresh := maps.Clone(object)
	inner, there := object[path[0]]
	switch {
	case len(path) > 1 && there:
		fresh[path[0]] = With(inner, path[1:], change)
	case len(path) > 1:
		fresh[path[0]] = With(map[string]any{}, path[1:], change)
	default:
		delete(fresh, path[0])
		if changed, keep := change(inner, there); keep {
			fresh[path[0]] = changed
		}
	}
	return fresh
}

func withElement(list []any, path []string, change Change) []any {
	i, err := strconv.Atoi(path[0])
	if err != nil || i < 0 || i >= len(list) {
		return list
	}
	fresh := slices.Clone(list)
	if len(path) > 1 {
		fresh[i] = With(list[i], path[1:], change)
		return fresh
	}
	changed, keep := change(list[i], true)
	if !keep {
		return slices.Delete(fresh, i, i+1)
	}
	fresh[i] = changed
	return fresh
}
