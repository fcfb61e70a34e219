package schema

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"cuelang.org/go/cue"
	"cuelang.org/go/cue/ast"
	"cuelang.org/go/cue/token"
)

// node is a value of a spec that remembers where it was written. Exactly one of fields, items and scalar counts:
// fields where it is not nil, then items where it is not nil.
type node struct {
	position Position
	fields   map[string]*node
	items    []*node
	scalar   any       // string, bool, int64, float64 or nil
	rule     cue.Value // where the value is a constraint that stays CUE
}

// builder turns CUE values into nodes and collects what is no plain data.
type builder struct {
	file     string
	problems Problems
	// opaque says which paths hold constraints, not data.
	opaque func(path []string) bool
}

// build reads a value with everything below it. It never returns nil.
func (b *builder) build(value cue.Value, path []string) *node {
	n := &node{position: position(b.file, written(value))}
	if b.opaque != nil && b.opaque(path) {
		n.rule, n.fields = value, map[string]*node{}
		return n
	}
	switch value.IncompleteKind() {
	case cue.StructKind:
		b.structure(n, value, path)
	case cue.ListKind:
		b.list(n, value, path)
	default:
		b.leaf(n, value, path)
	}
	return n
}

// written is where a value stands; CUE itself names the field before it.
func written(value cue.Value) token.Pos {
	if field, ok := value.Source().(*ast.Field); ok && field.Value != nil {
		return field.Value.Pos()
	}
	return value.Pos()
}

func (b *builder) structure(n *node, value cue.Value, path []string) {
	n.fields = map[string]*node{}
	fields, err := value.Fields()
	if err != nil {
		b.problems = append(b.problems, fromCUE(b.file, err)...)
		return
	}
	for fields.Next() {
		name := fields.Selector().Unquoted()
		n.fields[name] = b.build(fields.Value(), append(slices.Clip(path), name))
	}
}

func (b *builder) list(n *node, value cue.Value, path []string) {
	n.items = []*node{}
	items, err := value.List()
	if err != nil {
		b.problems = append(b.problems, fromCUE(b.file, err)...)
		return
	}
	for i := 0; items.Next(); i++ {
		n.items = append(n.items, b.build(items.Value(), append(slices.Clip(path), strconv.Itoa(i))))
	}
}

func (b *builder) leaf(n *node, value cue.Value, path []string) {
	value, _ = value.Default()
	var err error
	switch value.Kind() {
	case cue.StringKind:
		n.scalar, err = value.String()
	case cue.BoolKind:
		n.scalar, err = value.Bool()
	case cue.IntKind:
		n.scalar, err = value.Int64()
	case cue.FloatKind, cue.NumberKind:
		n.scalar, err = value.Float64()
	case cue.NullKind:
		n.scalar = nil
	default:
		b.report(n.position, path, fmt.Sprintf("found %v, wanted a plain value", value))
		return
	}
	if err != nil {
		b.report(n.position, path, fmt.Sprintf("found %v, wanted a value that fits 64 bits", value))
	}
	if s, ok := n.scalar.(string); ok && (strings.Contains(s, "{{") || strings.Contains(s, "}}")) {
		b.report(n.position, path, templateMark(s))
	}
}

func (b *builder) report(at Position, path []string, message string) {
	b.problems = append(b.problems, Problem{at, strings.Join(path, "."), message})
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
	merged := &node{position: upper.position, fields: maps.Clone(lower.fields)}
	for name, value := range upper.fields {
		merged.fields[name] = over(lower.fields[name], value)
	}
	return merged
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

// data is the value as JSON data. A constraint is an empty object.
func (n *node) data() any {
	switch {
	case n == nil:
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
