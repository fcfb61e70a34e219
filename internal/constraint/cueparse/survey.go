package cueparse

import (
	"fmt"
	"slices"
	"strings"

	"cuelang.org/go/cue"
	"cuelang.org/go/cue/ast"
	"spokewright.dev/spokewright/internal/constraint"
)

// survey is what the text of a value says and its evaluated form no longer shows: evaluation forgets the validators
// of lists and structs, drops alternatives whose lists are still too short, and takes a reference to a value that is
// not settled yet for a mere copy of it.
type survey struct {
	kinds    constraint.Kinds
	minItems int
	maxItems *int
	items    int         // how many elements its list literals begin with
	structs  []cue.Value // its struct literals
	meeting  int         // how many of them meet in one value
	choice   bool        // some of them are alternatives
	ways     int         // how many combinations of alternatives there are
	notNull  bool        // !=null is one of its operands
	scopes   []ast.Node  // where the names of its fields are declared
	exprs    []ast.Node  // whose identifiers have to be checked
	open     []cue.Value // results of operators that depend on what is not given
	doc      string

	relations  []constraint.Relation // that were taken out of its text
	quantities []quantityBound       // too
}

// survey reads the text of v, and follows its references.
func (p *parser) survey(v cue.Value, at place) survey {
	if p.steps++; p.steps > steps || at.hops > depth {
		p.tooLarge(v, at)
		return survey{}
	}
	s := survey{kinds: constraint.Any, ways: 1, doc: comment(v)}
	source := expression(v.Source())
	s.read(source)
	source = embedded(source)
	if relation, marked := p.marks.relations[source]; marked {
		s.relations = append(s.relations, relation)
	}
	if bound, marked := p.marks.quantities[source]; marked {
		s.quantities = append(s.quantities, bound)
	}
	op, args := v.Expr()
	target, found := follow(v, op, args)
	switch {
	case found && fixed(v):
		s.kinds = kindsOf(v.Kind())
	case found:
		at.hops++
		s.meet(p.survey(target, at))
	case op == cue.AndOp:
		for _, arg := range args {
			s.meet(p.survey(arg, at))
		}
	case op == cue.OrOp:
		p.checkMarked(v, source, len(args), at)
		s.meet(p.alternatives(v, args, at))
	case op == cue.CallOp:
		s.meet(p.function(v, args, at))
	case op == cue.NoOp, op == cue.SelectorOp:
		s.meet(p.literal(v, source, args, at))
	case op == cue.SpreadOp:
		s.meet(p.survey(args[0], at))
	case len(args) == 1:
		s.kinds = kindsOf(v.IncompleteKind())
		s.notNull = op == cue.NotEqualOp && args[0].IsNull()
	default:
		s.kinds = kindsOf(v.IncompleteKind())
		if !fixed(v) {
			s.open = append(s.open, v)
		}
	}
	return s
}

// meet adds what t says of the same value.
func (s *survey) meet(t survey) {
	s.kinds &= t.kinds
	s.minItems = max(s.minItems, t.minItems)
	s.maxItems = constraint.Least(s.maxItems, t.maxItems)
	s.items = max(s.items, t.items)
	s.structs = append(s.structs, t.structs...)
	s.meeting += t.meeting
	s.ways = min(s.ways*t.ways, steps)
	s.choice = s.choice || t.choice
	s.notNull = s.notNull || t.notNull
	s.scopes = append(s.scopes, t.scopes...)
	s.exprs = append(s.exprs, t.exprs...)
	s.open = append(s.open, t.open...)
	s.relations = append(s.relations, t.relations...)
	s.quantities = append(s.quantities, t.quantities...)
	if s.doc == "" {
		s.doc = t.doc
	}
}

// follow finds what a reference refers to.
func follow(v cue.Value, op cue.Op, args []cue.Value) (cue.Value, bool) {
	if root, path := v.ReferencePath(); root.Exists() && path.Err() == nil {
		if target := root.LookupPath(path); target.Exists() {
			return target, true
		}
	}
	if op != cue.SelectorOp || len(args) != 2 {
		return cue.Value{}, false
	}
	label, err := args[1].String()
	if err != nil {
		return cue.Value{}, false
	}
	if root, path := args[0].ReferencePath(); root.Exists() && path.Err() == nil {
		selectors := append(path.Selectors(), cue.ParsePath(label).Selectors()...)
		if target := root.LookupPath(cue.MakePath(selectors...)); target.Exists() {
			return target, true
		}
	}
	target := args[0].LookupPath(cue.ParsePath(label))
	return target, target.Exists()
}

// function surveys a call.
func (p *parser) function(v cue.Value, args []cue.Value, at place) survey {
	s := survey{kinds: kindsOf(v.IncompleteKind()), ways: 1}
	name, operand := callee(args)
	switch name {
	case "close":
		return p.survey(operand, at)
	case "error", "error()":
		return survey{} // no way
	case "list.MinItems", "list.MaxItems":
		n, err := operand.Int64()
		if err != nil {
			break
		}
		size := int(max(n, 0))
		if name == "list.MinItems" {
			s.minItems = size
		} else {
			s.maxItems = &size
		}
		return s
	}
	if s.kinds&(constraint.List|constraint.Map) != 0 && !fixed(v) {
		p.refuse(v, at, Instead(name))
	}
	return s
}

// callee is the name of a function, and its one operand; a call with more or fewer has no name.
func callee(args []cue.Value) (name string, operand cue.Value) {
	switch {
	case len(args) == 0:
		return "", operand
	case len(args) == 1 || len(args) > 2:
		return strings.TrimSuffix(fmt.Sprint(args[0]), "()") + "()", operand
	}
	return fmt.Sprint(args[0]), args[1]
}

// literal surveys what is neither an operation nor a reference that can be followed.
func (p *parser) literal(v cue.Value, source ast.Node, args []cue.Value, at place) survey {
	if _, ok := source.(*ast.BinaryExpr); ok && len(args) == 1 && expression(args[0].Source()) != source {
		p.checkMarked(v, source, 1, at)
		return p.survey(args[0], at) // alternatives of which only one is left
	}
	s := survey{kinds: kindsOf(v.IncompleteKind()), ways: 1}
	written := v.Kind() != cue.BottomKind
	switch x := source.(type) {
	case *ast.StructLit, *ast.File, *ast.ListLit, *ast.BasicLit, *ast.BottomLit, *ast.Ellipsis:
		written = true
	case *ast.Ident:
		written = x.Node == nil
	case nil:
		written = written || fmt.Sprint(v) == "_" // the elements of [...]
	default:
		written = false
	}
	switch {
	case s.kinds&(constraint.List|constraint.Map) == 0 || written || fixed(v):
	case source == nil:
		p.refuse(v, at, Instead(fmt.Sprint(v)))
	default:
		p.refuse(v, at, "a list or a struct behind a name must be a definition (#name), not a let, an alias or the variable of a loop")
	}
	if s.kinds == constraint.Map {
		s.structs, s.meeting = append(s.structs, v), 1
	}
	if iter, err := v.List(); err == nil && s.kinds == constraint.List {
		for iter.Next() {
			s.items++
		}
	}
	return s
}

// embedded is what a struct stands for that holds nothing but one embedded expression: Expr sees through it too.
func embedded(source ast.Node) ast.Node {
	for {
		var decls []ast.Decl
		switch x := source.(type) {
		case *ast.StructLit:
			decls = x.Elts
		case *ast.File:
			decls = x.Decls
		}
		decls = slices.DeleteFunc(slices.Clone(decls), func(decl ast.Decl) bool {
			switch decl.(type) {
			case *ast.ImportDecl, *ast.Package, *ast.CommentGroup, *ast.Attribute:
				return true
			}
			return false
		})
		if len(decls) != 1 {
			return source
		}
		embed, ok := decls[0].(*ast.EmbedDecl)
		if !ok {
			return source
		}
		source = expression(embed.Expr)
	}
}

// fixed reports whether v is a constant, or a list of constants, that no data can change.
func fixed(v cue.Value) bool {
	if _, ok := v.Default(); ok || !v.IsConcrete() || v.Err() != nil {
		return false
	}
	switch v.Kind() {
	case cue.StructKind:
		return false
	case cue.ListKind:
		iter, _ := v.List()
		for iter.Next() {
			if !fixed(iter.Value()) {
				return false
			}
		}
		return !v.LookupPath(cue.MakePath(cue.AnyIndex)).Exists()
	}
	return true
}

// comment is the doc comment of v.
func comment(v cue.Value) string {
	var texts []string
	for _, group := range v.Doc() {
		if text := strings.TrimSpace(group.Text()); text != "" && !slices.Contains(texts, text) {
			texts = append(texts, text)
		}
	}
	return strings.Join(texts, "\n")
}
