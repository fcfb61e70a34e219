package cuefile

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"cuelang.org/go/cue"
	"cuelang.org/go/cue/ast"
	"spokewright.dev/spokewright/internal/constraint/cueparse"
	"spokewright.dev/spokewright/internal/finding"
)

// builder turns CUE values into nodes and collects what is no plain data.
type builder struct {
	*tracer
	flaws    map[ast.Node]*flaw
	marks    *cueparse.Extraction
	told     map[finding.Path]bool // the fields that CUE's errors tell of, or of something in them
	hidden   map[int]bool          // the lines with what an editor hides
	problems finding.Findings
	places   Places
}

// fields are the fields that findings tell of, with all those above them.
func fields(found finding.Findings) map[finding.Path]bool {
	all := map[finding.Path]bool{}
	for _, problem := range found {
		all[problem.Path] = true
		steps := problem.Path.Steps()
		for i := range steps {
			all[finding.FromSteps(steps[:i+1]...)] = true
		}
	}
	return all
}

// build reads a value with everything below it. It never returns nil. What CUE finds wrong is told by evaluation; here
// it only makes the node unsound.
func (b *builder) build(value cue.Value, from *traced, path []string) *Node {
	n := &Node{Position: b.place(from), Label: b.label(from)}
	if b.places.Constraint != nil && b.places.Constraint(path) && value.IncompleteKind()&cue.StructKind == value.IncompleteKind() {
		n.Rule, n.Marks, n.Fields = value, b.marks, map[string]*Node{}
		n.Incomplete = b.told[finding.Tokens(path...)]
		return n
	}
	n.Flaw = b.flawOf(from)
	switch {
	case b.structure(n, value, from, path) || b.list(n, value, from, path):
		n.Incomplete = n.Incomplete || n.Flaw != nil
	case n.Flaw != nil:
		n.Invalid = true
	case value.Err() != nil:
		n.Invalid = true
		if !b.told[finding.Tokens(path...)] {
			n.Flaw = &flaw{Position: n.Position, code: finding.Reference, message: b.valueless(from)}
		}
	default:
		b.leaf(n, value, from, path)
		n.Invalid = n.Invalid || b.hidden[n.Position.Line]
	}
	return n
}

// valueless is about a reference that leads nowhere.
func (b *builder) valueless(from *traced) string {
	message := "found " + b.whole(from) + ", which has no value"
	if from == nil || len(from.roots) == 0 {
		return message
	}
	root := from.roots[0]
	if x, ok := root.expr.(*ast.SelectorExpr); ok {
		name, _, err := ast.LabelName(x.Sel)
		if base := b.target(x.X, root.in); err == nil && base != nil {
			return "found " + b.whole(from) + ", a field that is not there" + finding.DidYouMean(name, base.names)
		}
	}
	return message
}

// flawOf is what was taken out of a value, if anything was.
func (b *builder) flawOf(from *traced) *flaw {
	if from == nil {
		return nil
	}
	for _, p := range from.parts {
		if f := b.flaws[p.expr]; f != nil && !f.told {
			f.told = true
			return f
		}
	}
	return nil
}

// structure reads a struct, even one with mistakes in it, and says whether the value is one.
func (b *builder) structure(n *Node, value cue.Value, from *traced, path []string) bool {
	if from != nil && !from.structured() {
		return false
	}
	fields, err := value.Fields()
	if err != nil || value.IncompleteKind() == cue.ListKind {
		return false
	}
	n.Fields = map[string]*Node{}
	for fields.Next() {
		name := fields.Selector().Unquoted()
		if from != nil && from.fields[name] == nil {
			continue // one that is required and not there
		}
		below := append(slices.Clip(path), name)
		n.Fields[name] = b.build(fields.Value(), from.child(name), below)
		b.braces(n.Fields[name].Label, name, below)
		n.Fields[name].Invalid = b.unkept(n.Fields[name].Label, UnkeptName(name), below) || n.Fields[name].Invalid
	}
	b.marked(n, value, from, path)
	return true
}

// list reads a list, even one with mistakes in it, and says whether the value is one.
func (b *builder) list(n *Node, value cue.Value, from *traced, path []string) bool {
	items, err := value.List()
	if err != nil {
		return false
	}
	n.Items = []*Node{}
	for i := 0; items.Next(); i++ {
		below := strconv.Itoa(i)
		n.Items = append(n.Items, b.build(items.Value(), from.child(below), append(slices.Clip(path), below)))
	}
	return true
}

// marked reports fields that only a definition can mean: those that may or must be there.
func (b *builder) marked(n *Node, value cue.Value, from *traced, path []string) {
	fields, err := value.Fields(cue.Optional(true))
	if err != nil {
		return
	}
	for fields.Next() {
		kind, name := fields.Selector().ConstraintType(), fields.Selector().Unquoted()
		own := from.optionalHere(name)
		switch {
		case own != nil:
			n.Incomplete = true
			b.report(finding.NotData, b.position(own.label), append(slices.Clip(path), name), "found a mark (? or !) after the name, which only a definition has: write "+name+": and its value")
		case kind == cue.RequiredConstraint:
			n.Incomplete = true
			b.report(finding.MissingField, n.Position, append(slices.Clip(path), name), "missing: the definition that this is made from requires it")
		}
	}
}

func (b *builder) leaf(n *Node, value cue.Value, from *traced, path []string) {
	value, _ = value.Default()
	var err error
	switch value.Kind() {
	case cue.StringKind:
		var text string
		text, err = value.String()
		n.Scalar, n.Invalid = text, b.braces(n.Position, text, path) || b.unkept(n.Position, Unkept(text), path)
	case cue.BoolKind:
		n.Scalar, err = value.Bool()
	case cue.IntKind, cue.FloatKind, cue.NumberKind:
		var refused string
		if n.Scalar, refused = number(value); refused != "" {
			n.Flaw = &flaw{Position: n.Position, code: finding.WrongValue, message: "found " + b.words(from) + refused}
		}
	case cue.NullKind:
		n.Scalar = nil
	case cue.BytesKind:
		n.Flaw = &flaw{Position: n.Position, code: finding.WrongValue, message: "found " + b.words(from) + " in single quotes, which are for bytes: a text has double quotes"}
	default:
		n.Flaw = &flaw{Position: n.Position, code: finding.NotData, message: "found " + b.whole(from) + ", which leaves the value open: write the value itself"}
	}
	if err != nil {
		n.Flaw = &flaw{Position: n.Position, code: finding.WrongValue, message: "found " + b.words(from) + ", a number that does not fit 64 bits"}
	}
	n.Invalid = n.Invalid || n.Flaw != nil
	if p := from.written(); p != nil && isNumber(p.expr) {
		n.text = b.quote(p.expr)
	}
}

// words are what the user wrote for a value.
func (b *builder) words(from *traced) string {
	if p := from.written(); p != nil {
		return b.quote(p.expr)
	}
	return "this"
}

// whole is all that the user wrote for a value in one place.
func (b *builder) whole(from *traced) string {
	if from == nil || len(from.roots) == 0 {
		return "this"
	}
	root := from.roots[0]
	for _, p := range from.roots {
		if p.hops < root.hops {
			root = p
		}
	}
	return b.quote(root.expr)
}

// braces reports a mark of Argo CD's templates in a text or a name, and says whether there is one.
func (b *builder) braces(at finding.Position, text string, path []string) bool {
	marked := HasTemplateMark(text) && (b.places.Marked == nil || !b.places.Marked(path))
	if marked {
		b.report(finding.WrongValue, at, path, TemplateMark(text))
	}
	return marked
}

// unkept reports a text or a name that would not arrive as it is written, and says whether it is one.
func (b *builder) unkept(at finding.Position, message string, path []string) bool {
	if message != "" {
		b.report(finding.WrongValue, at, path, message)
	}
	return message != ""
}

func (b *builder) report(code finding.Code, at finding.Position, path []string, message string) {
	b.problems = append(b.problems, finding.Finding{Code: code, Position: at, Path: finding.Tokens(path...), Message: message})
}

// HasTemplateMark says whether a text has a mark of Argo CD's templates.
func HasTemplateMark(text string) bool {
	return strings.Contains(text, "{{") || strings.Contains(text, "}}")
}

// TemplateMark is what to say of a text with a mark of Argo CD's templates where they would read it.
func TemplateMark(text string) string {
	return fmt.Sprintf("found %s, allowed is a text without {{ and }}: Argo CD's templates would read them", finding.Quote(text))
}
