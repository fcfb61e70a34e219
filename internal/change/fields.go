package change

import (
	"maps"
	"slices"
	"strconv"

	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/manifest"
)

// difference is a value that is not the same on both sides.
type difference struct {
	steps          []string // names, and the numbers of elements of lists without names
	path           finding.Path
	old, new       any
	hasOld, hasNew bool
}

// differences are those of two values, each as deep as both sides are alike. Elements of a list are known by what names
// them, where each has a name of its own on both sides; then their order does not count.
func differences(old, new any) []difference { return comparer{}.differences(old, new) }

// comparer compares values, of which some may have other names.
type comparer struct {
	called func(name string) string // what a name of the base is in the head; nil where no name changed
	meant  map[string]bool          // changes of texts that somebody wrote; nil to take every text as it stands
}

func (c comparer) differences(old, new any) []difference {
	var found []difference
	c.values(difference{old: old, new: new, hasOld: true, hasNew: true}, &found)
	return found
}

// now is what a name of the base is in the head.
func (c comparer) now(name string) string {
	if c.called == nil {
		return name
	}
	return c.called(name)
}

// inPlace is the effect of a difference that nothing is known of.
func (d difference) inPlace() effect {
	return effect{field: d.path, Effect: Effect{Class: InPlace, Path: d.path, Old: d.old, New: d.new, HasOld: d.hasOld, HasNew: d.hasNew}}
}

func (c comparer) values(d difference, found *[]difference) {
	switch {
	case d.hasOld && d.hasNew && manifest.Equal(d.old, d.new), c.follows(d):
		return
	case !d.hasOld || !d.hasNew:
	default:
		if before, after, ok := bothMaps(d.old, d.new); ok {
			c.maps(d, before, after, found)
			return
		}
		before, isList := d.old.([]any)
		after, areLists := d.new.([]any)
		if isList && areLists && c.lists(d, before, after, found) {
			return
		}
	}
	*found = append(*found, d)
}

func bothMaps(old, new any) (before, after map[string]any, ok bool) {
	before, isMap := old.(map[string]any)
	after, areMaps := new.(map[string]any)
	return before, after, isMap && areMaps
}

func (c comparer) maps(d difference, before, after map[string]any, found *[]difference) {
	before = c.underNames(before, after)
	names := maps.Clone(before)
	if names == nil {
		names = map[string]any{}
	}
	maps.Copy(names, after)
	for _, name := range slices.Sorted(maps.Keys(names)) {
		inner := d.below(name, d.path.Keys(name))
		inner.old, inner.hasOld = before[name], has(before, name)
		inner.new, inner.hasNew = after[name], has(after, name)
		c.values(inner, found)
	}
}

// underNames is what the base has at names, under what they are called now where the head has that instead.
func (c comparer) underNames(before, after map[string]any) map[string]any {
	if c.called == nil {
		return before
	}
	fresh := make(map[string]any, len(before))
	for name, value := range before {
		if now := c.now(name); !has(after, name) && has(after, now) && !has(before, now) {
			name = now
		}
		fresh[name] = value
	}
	return fresh
}

func has(object map[string]any, name string) bool {
	_, there := object[name]
	return there
}

func (d difference) below(step string, path finding.Path) difference {
	return difference{steps: append(slices.Clip(d.steps), step), path: path}
}

// lists compares element by element, where elements are objects; lists of plain values are told as a whole.
func (c comparer) lists(d difference, before, after []any, found *[]difference) bool {
	if key, named := nameOf(before, after); named {
		c.maps(d, byName(before, key), byName(after, key), found)
		return true
	}
	objects := func(value any) bool { _, is := value.(map[string]any); return is }
	if len(before) == 0 || len(after) == 0 || !objects(before[0]) || !objects(after[0]) {
		return false
	}
	for i := range max(len(before), len(after)) {
		inner := d.below(strconv.Itoa(i), d.path.Index(i))
		if i < len(before) {
			inner.old, inner.hasOld = before[i], true
		}
		if i < len(after) {
			inner.new, inner.hasNew = after[i], true
		}
		c.values(inner, found)
	}
	return true
}

// Naming are the fields that may name the elements of a list, in paths too, the first one that does.
func Naming() []string {
	return []string{"name", "key", "secretKey", "id", "type", "mountPath", "ip", "host"}
}

// nameOf is the field that names the elements of two lists.
func nameOf(before, after []any) (key string, found bool) {
	if len(before)+len(after) == 0 {
		return "", false
	}
	for _, key := range Naming() {
		if names(before, key) && names(after, key) {
			return key, true
		}
	}
	return "", false
}

// names says whether a field names each element of a list.
func names(list []any, key string) bool {
	seen := map[string]bool{}
	for _, value := range list {
		element, _ := value.(map[string]any)
		name, isText := element[key].(string)
		if !isText || name == "" || seen[name] {
			return false
		}
		seen[name] = true
	}
	return true
}

func byName(list []any, key string) map[string]any {
	elements := make(map[string]any, len(list))
	for _, value := range list {
		element := value.(map[string]any)
		elements[element[key].(string)] = element
	}
	return elements
}
