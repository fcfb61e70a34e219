package schema

import (
	"maps"
	"slices"
	"strconv"

	"cuelang.org/go/cue"

	"spokewright.dev/spokewright/constraint"
)

// node is a value of a spec that remembers where it was written. Exactly one of fields, items and scalar counts:
// fields where it is not nil, then items where it is not nil.
type node struct {
	position Position
	label    Position // of the name of the field
	fields   map[string]*node
	items    []*node
	scalar   any               // string, bool, int64, float64 or nil
	text     string            // a number as it was written
	rule     cue.Value         // where the value is a constraint that stays CUE
	marks    *constraint.Marks // what was taken out of its text

	flaw    *flaw // what is wrong with the text, to be told with what is allowed
	unsound bool  // the value is not known: what would follow from it is not told
	partial bool  // something in the struct is not known: that a field is missing is not told
}

// over lays the upper value over the lower one: structs field by field, everything else as a whole.
func over(lower, upper *node) *node {
	if lower == nil {
		return upper
	}
	if upper == nil {
		return lower
	}
	if lower.fields == nil || upper.fields == nil || lower.rule.Exists() || upper.rule.Exists() {
		return upper
	}
	merged := *upper
	merged.fields = maps.Clone(lower.fields)
	for name, value := range upper.fields {
		merged.fields[name] = over(lower.fields[name], value)
	}
	return &merged
}

// with is a struct with another value for one field.
func (n *node) with(name string, value *node) *node {
	fresh := *n
	fresh.fields = maps.Clone(n.fields)
	fresh.fields[name] = value
	return &fresh
}

// unfinished is a struct of which nothing is missing, since others add to it.
func (n *node) unfinished() *node {
	fresh := *n
	fresh.partial = true
	return &fresh
}

// at is the value below a path; the nearest one above it where there is none.
func (n *node) at(path ...string) *node {
	for _, name := range path {
		next := n.child(name)
		if next == nil {
			return n
		}
		n = next
	}
	return n
}

// find is the value below a path, or nil.
func (n *node) find(path ...string) *node {
	for _, name := range path {
		n = n.child(name)
	}
	return n
}

func (n *node) child(name string) *node {
	if n == nil {
		return nil
	}
	if n.fields != nil {
		return n.fields[name]
	}
	if i, err := strconv.Atoi(name); err == nil && i >= 0 && i < len(n.items) {
		return n.items[i]
	}
	return nil
}

// doubtful says whether a value on the way down a path is not known.
func (n *node) doubtful(path ...string) bool {
	for _, name := range path {
		if n == nil || n.unsound {
			break
		}
		n = n.child(name)
	}
	return n != nil && n.unsound
}

// data is the value as JSON data. A constraint is an empty object, what is not sound is null.
func (n *node) data() any {
	switch {
	case n == nil || n.unsound:
		return nil
	case n.fields != nil:
		object := make(map[string]any, len(n.fields))
		for name, value := range n.fields {
			object[name] = value.data()
		}
		return object
	case n.items != nil:
		list := make([]any, len(n.items))
		for i, value := range n.items {
			list[i] = value.data()
		}
		return list
	}
	return n.scalar
}

// whole says whether everything in a value is known.
func (n *node) whole() bool {
	if n == nil {
		return true
	}
	for _, below := range n.fields {
		if !below.whole() {
			return false
		}
	}
	for _, below := range n.items {
		if !below.whole() {
			return false
		}
	}
	return !n.unsound && !n.partial
}

// doubting is the value with what stands at a path not sound; with what is missing there, the struct is partial. Nodes
// are shared, so the way there is copied.
func (n *node) doubting(path ...string) *node {
	fresh := *n
	if len(path) == 0 {
		fresh.unsound = true
		return &fresh
	}
	below := n.child(path[0])
	switch {
	case below == nil:
		fresh.partial = true
	case n.fields != nil:
		fresh.fields = maps.Clone(n.fields)
		fresh.fields[path[0]] = below.doubting(path[1:]...)
	default:
		i, _ := strconv.Atoi(path[0]) // there is such a child
		fresh.items = slices.Clone(n.items)
		fresh.items[i] = below.doubting(path[1:]...)
	}
	return &fresh
}
