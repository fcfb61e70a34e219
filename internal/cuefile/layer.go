package cuefile

import (
	"maps"
	"slices"
	"strconv"

	"cuelang.org/go/cue"

	"spokewright.dev/spokewright/internal/constraint"
	"spokewright.dev/spokewright/internal/constraint/cueparse"
	"spokewright.dev/spokewright/internal/finding"
)

// Node is a value of a spec that remembers where it was written. Exactly one of fields, items and scalar counts:
// fields where it is not nil, then items where it is not nil.
type Node struct {
	Position finding.Position
	Label    finding.Position // of the name of the field
	Fields   map[string]*Node
	Items    []*Node
	Scalar   any                    // string, bool, int64, float64 or nil
	text     string                 // a number as it was written
	Rule     cue.Value              // where the value is a constraint that stays CUE
	Marks    *cueparse.Extraction   // what was taken out of its text
	Require  *constraint.Constraint // where the value is a constraint that is ready

	Flaw       *flaw // what is wrong with the text, to be told with what is allowed
	Invalid    bool  // the value is not known: what would follow from it is not told
	Incomplete bool  // something in the struct is not known: that a field is missing is not told
}

// Merge lays the upper value over the lower one: structs field by field, everything else as a whole.
func Merge(lower, upper *Node) *Node {
	if lower == nil {
		return upper
	}
	if upper == nil {
		return lower
	}
	if lower.Fields == nil || upper.Fields == nil || lower.IsConstraint() || upper.IsConstraint() {
		return upper
	}
	merged := *upper
	merged.Fields = maps.Clone(lower.Fields)
	for name, value := range upper.Fields {
		merged.Fields[name] = Merge(lower.Fields[name], value)
	}
	return &merged
}

// IsConstraint says whether the value is a constraint and no data.
func (n *Node) IsConstraint() bool { return n.Require != nil || n.Rule.Exists() }

// With is a struct with another value for one field.
func (n *Node) With(name string, value *Node) *Node {
	fresh := *n
	fresh.Fields = maps.Clone(n.Fields)
	fresh.Fields[name] = value
	return &fresh
}

// AllowMissing returns a copy marked incomplete, so that missing fields are not reported: defaults may still supply them.
func (n *Node) AllowMissing() *Node {
	fresh := *n
	fresh.Incomplete = true
	return &fresh
}

// At is the value below a path; the nearest one above it where there is none.
func (n *Node) At(path ...string) *Node {
	for _, name := range path {
		next := n.Child(name)
		if next == nil {
			return n
		}
		n = next
	}
	return n
}

// Find is the value below a path, or nil.
func (n *Node) Find(path ...string) *Node {
	for _, name := range path {
		n = n.Child(name)
	}
	return n
}

func (n *Node) Child(name string) *Node {
	if n == nil {
		return nil
	}
	if n.Fields != nil {
		return n.Fields[name]
	}
	if i, err := strconv.Atoi(name); err == nil && i >= 0 && i < len(n.Items) {
		return n.Items[i]
	}
	return nil
}

// HasInvalid says whether a value on the way down a path is not known.
func (n *Node) HasInvalid(path ...string) bool {
	for _, name := range path {
		if n == nil || n.Invalid {
			break
		}
		n = n.Child(name)
	}
	return n != nil && n.Invalid
}

// Data is the value as JSON data. A constraint is an empty object, what is not sound is null.
func (n *Node) Data() any {
	switch {
	case n == nil || n.Invalid:
		return nil
	case n.Fields != nil:
		object := make(map[string]any, len(n.Fields))
		for name, value := range n.Fields {
			object[name] = value.Data()
		}
		return object
	case n.Items != nil:
		list := make([]any, len(n.Items))
		for i, value := range n.Items {
			list[i] = value.Data()
		}
		return list
	}
	return n.Scalar
}

// IsValid says whether a value is there and everything in it is known.
func (n *Node) IsValid() bool {
	if n == nil {
		return false
	}
	for _, below := range n.Fields {
		if !below.IsValid() {
			return false
		}
	}
	for _, below := range n.Items {
		if !below.IsValid() {
			return false
		}
	}
	return !n.Invalid && !n.Incomplete
}

// WithInvalid returns a copy in which the value at a path is marked invalid, even where there is none. Nodes are shared, so
// those on the way there are copied.
func (n *Node) WithInvalid(path ...string) *Node {
	fresh := *n
	if len(path) == 0 {
		fresh.Invalid = true
		return &fresh
	}
	below := n.Child(path[0])
	switch {
	case below == nil && n.Fields == nil:
		fresh.Incomplete = true
	case below == nil:
		return n.With(path[0], &Node{Position: n.Position, Label: n.Position, Invalid: true})
	case n.Fields != nil:
		return n.With(path[0], below.WithInvalid(path[1:]...))
	default:
		i, _ := strconv.Atoi(path[0]) // there is such a child
		fresh.Items = slices.Clone(n.Items)
		fresh.Items[i] = below.WithInvalid(path[1:]...)
	}
	return &fresh
}
