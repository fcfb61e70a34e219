package cause

import (
	"fmt"
	"slices"

	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/manifest"
)

// counterpart is what an object of one list is in another: the one of its kind and name, or the only one of its kind that is
// new, where it is the only one that is gone. Nil where there is none.
func counterpart(object manifest.Object, here, there []manifest.Object) manifest.Object {
	id := identify(object)
	if other := find(there, id); other != nil {
		return other
	}
	gone, fresh := without(id.Kind, here, there), without(id.Kind, there, here)
	if len(gone) == 1 && len(fresh) == 1 {
		return fresh[0]
	}
	return nil
}

// Changed says whether a field of one of some objects is another one among others, and what it is there, if it is there at all.
func Changed(object manifest.Object, path finding.Path, here, there []manifest.Object) (becomes any, gone, is bool) {
	other := counterpart(object, here, there)
	if other == nil {
		return nil, true, true
	}
	was, becomes, found := follow(object, other, path)
	return becomes, !found, !found || !manifest.Equal(was, becomes)
}

// without are the objects of a kind in one list that another one does not have.
func without(kind string, of, in []manifest.Object) []manifest.Object {
	there := map[identity]bool{}
	for _, o := range in {
		there[identify(o)] = true
	}
	return slices.DeleteFunc(slices.Clone(of), func(o manifest.Object) bool { return identify(o).Kind != kind || there[identify(o)] })
}

// identity is what an object is, whatever version of its API it is written for.
type identity struct{ Group, Kind, Namespace, Name string }

func identify(o manifest.Object) identity {
	id := manifest.Identify(o)
	return identity{id.Group(), id.Kind, id.Namespace, id.Name}
}

func named(o manifest.Object) finding.Object {
	id := manifest.Identify(o)
	return finding.Object{Kind: id.Kind, Namespace: id.Namespace, Name: id.Name}
}

// follow walks the same way through a value and what it is elsewhere: elements of lists are the same where they have the same
// name, or are the same text, wherever they stand.
func follow(here, there any, path finding.Path) (was, is any, found bool) {
	for _, step := range path.Steps() {
		if step.List {
			here, there, found = element(here, there, step.Index)
		} else {
			here, there, found = field(here, there, step.Name)
		}
		if !found {
			return here, nil, false
		}
	}
	return here, there, true
}

func field(here, there any, name string) (was, is any, found bool) {
	a, _ := here.(map[string]any)
	b, _ := there.(map[string]any)
	is, found = b[name]
	return a[name], is, found
}

func element(here, there any, i int) (was, is any, found bool) {
	a, _ := here.([]any)
	b, _ := there.([]any)
	if i < 0 || i >= len(a) {
		return nil, nil, false
	}
	keys, others := keysOf(a), keysOf(b)
	if keys == nil || len(b) > 0 && others == nil {
		if i >= len(b) {
			return a[i], nil, false
		}
		return a[i], b[i], true
	}
	if at := slices.Index(others, keys[i]); at >= 0 {
		return a[i], b[at], true
	}
	gone := slices.DeleteFunc(slices.Clone(keys), func(key string) bool { return slices.Contains(others, key) })
	fresh := slices.DeleteFunc(slices.Clone(others), func(key string) bool { return slices.Contains(keys, key) })
	if len(gone) == 1 && len(fresh) == 1 {
		return a[i], b[slices.Index(others, fresh[0])], true
	}
	return a[i], nil, false
}

// keysOf are what the elements of a list are called, each otherwise; nil where some have no name, or two have the same.
func keysOf(list []any) []string {
	keys, seen := make([]string, len(list)), map[string]bool{}
	for i, value := range list {
		keys[i] = keyOf(value)
		if keys[i] == "" || seen[keys[i]] {
			return nil
		}
		seen[keys[i]] = true
	}
	return keys
}

func keyOf(value any) string {
	object, is := value.(map[string]any)
	if !is {
		if _, list := value.([]any); list {
			return ""
		}
		return "= " + fmt.Sprint(value)
	}
	for _, name := range []string{"name", "environment", "app", "addon", "key"} {
		if text, is := object[name].(string); is && text != "" {
			return name + " " + text
		}
	}
	return ""
}
