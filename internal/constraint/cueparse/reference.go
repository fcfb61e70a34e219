package cueparse

import (
	"slices"
	"strings"

	"cuelang.org/go/cue"
	"cuelang.org/go/cue/ast"
	"cuelang.org/go/cue/token"
)

// place is where the parser stands: the path from the parsed value down, the structs it is inside of, and the last
// position on the way.
type place struct {
	path   []string
	scopes []scope
	pos    token.Pos
	hops   int // references followed to get here from the field
}

// scope is a struct as it is written, and the value that it is a part of.
type scope struct {
	node  ast.Node
	value cue.Value
}

func (at place) down(name string) place {
	at.path = append(slices.Clip(at.path), name)
	return at
}

func (at place) within(nodes []ast.Node, v cue.Value) place {
	at.scopes = slices.Clip(at.scopes)
	for _, node := range nodes {
		at.scopes = append(at.scopes, scope{node, v})
	}
	return at
}

// read notes what has to be looked at in the text of one value: the names it declares, and the expressions in it
// that are not values of the tree themselves.
func (s *survey) read(source ast.Node) {
	switch x := source.(type) {
	case *ast.File:
		s.declare(x, x.Decls)
	case *ast.StructLit:
		s.declare(x, x.Elts)
	case *ast.ListLit:
		for _, elt := range x.Elts {
			if c, ok := elt.(*ast.Comprehension); ok {
				s.comprehension(c)
			}
		}
	case *ast.BinaryExpr:
		if x.Op.String() != "&" && x.Op.String() != "|" {
			s.exprs = append(s.exprs, x)
		}
	case nil:
	default:
		s.exprs = append(s.exprs, x)
	}
}

func (s *survey) declare(scope ast.Node, decls []ast.Decl) {
	s.scopes = append(s.scopes, scope)
	for _, decl := range decls {
		switch x := decl.(type) {
		case *ast.Comprehension:
			s.comprehension(x)
		case *ast.Field:
			s.label(x.Label)
		case *ast.EmbedDecl:
			s.read(expression(x.Expr))
		}
	}
}

// comprehension notes the conditions and sources of a comprehension, and the labels and comprehensions it yields.
func (s *survey) comprehension(c *ast.Comprehension) {
	for _, clause := range c.Clauses {
		s.exprs = append(s.exprs, clause)
	}
	if body, ok := c.Value.(*ast.StructLit); ok {
		s.declare(body, body.Elts)
	}
	if c.Fallback != nil {
		s.declare(c.Fallback.Body, c.Fallback.Body.Elts)
	}
}

// label notes a label that is computed, or a pattern.
func (s *survey) label(label ast.Label) {
	if alias, ok := label.(*ast.Alias); ok {
		if expr, ok := alias.Expr.(ast.Label); ok {
			label = expr
		}
	}
	switch label.(type) {
	case *ast.ParenExpr, *ast.Interpolation, *ast.ListLit:
		s.exprs = append(s.exprs, label)
	}
}

// check refuses references to fields of the judged object: CUE would compare two fields of the data, which CEL and OpenAPI
// can only do in the forms that were taken out before (equality, bounds, if).
func (p *parser) check(s survey, v cue.Value, at place) {
	c := checker{parser: p, at: at.within(s.scopes, v), seen: map[ast.Node]bool{}}
	for _, expr := range s.exprs {
		c.expr(expr)
	}
	for _, result := range s.open {
		if !c.blamed {
			p.refuse(result, at, "it is computed from values that are not given here; write the value out")
		}
	}
}

type checker struct {
	*parser
	at     place
	seen   map[ast.Node]bool
	blamed bool
}

func (c *checker) expr(expr ast.Node) {
	if expr == nil || c.seen[expr] {
		return
	}
	c.seen[expr] = true
	ast.Walk(expr, func(node ast.Node) bool {
		switch x := node.(type) {
		case *ast.Field:
			var s survey
			s.label(x.Label)
			for _, label := range s.exprs {
				c.expr(label)
			}
			c.expr(x.Value)
			return false
		case *ast.SelectorExpr:
			if base, names := chain(x); base != nil {
				c.ident(base, names)
				return false
			}
			c.expr(x.X)
			return false
		case *ast.Ident:
			c.ident(x, nil)
		}
		return true
	}, nil)
}

// chain takes a.b.c apart.
func chain(x *ast.SelectorExpr) (base *ast.Ident, names []cue.Selector) {
	for {
		name, _, err := ast.LabelName(x.Sel)
		if err != nil || strings.HasPrefix(name, "_") || strings.HasPrefix(name, "#") {
			return nil, nil
		}
		names = append([]cue.Selector{cue.Str(name)}, names...)
		switch y := x.X.(type) {
		case *ast.Ident:
			return y, names
		case *ast.SelectorExpr:
			x = y
		default:
			return nil, nil
		}
	}
}

// ident checks a name, and the names selected from it.
func (c *checker) ident(x *ast.Ident, names []cue.Selector) {
	if x.Name == "self" && x.Node == nil {
		c.blame(x)
		return
	}
	value, inside := c.at.find(x)
	if !inside {
		if c.at.names(x) || !strings.HasPrefix(x.Name, "#") && c.at.leadsInside(x, names) {
			c.blame(x)
		}
		return
	}
	if let, ok := x.Node.(*ast.LetClause); ok {
		c.expr(let.Expr)
		return
	}
	if strings.HasPrefix(x.Name, "#") {
		if target := value.LookupPath(cue.ParsePath(x.Name)); target.Exists() {
			s := c.survey(target, c.at)
			for _, expr := range s.exprs {
				c.expr(expr)
			}
			return
		}
	}
	path := cue.MakePath(append([]cue.Selector{cue.Str(x.Name)}, names...)...)
	if target := value.LookupPath(path); strings.HasPrefix(x.Name, "_") || !target.Exists() || !fixed(target) {
		c.blame(x)
	}
}

// names reports whether x is an alias for a value that we are inside of, or for the label of a field of one.
func (at place) names(x *ast.Ident) bool {
	field, _ := x.Scope.(*ast.Field)
	alias, _ := x.Node.(*ast.Alias)
	for _, scope := range at.scopes {
		if alias != nil && expression(alias) == scope.node {
			return true
		}
		if lit, ok := scope.node.(*ast.StructLit); ok && slices.Contains(lit.Elts, ast.Decl(field)) {
			return true
		}
		if file, ok := scope.node.(*ast.File); ok && slices.Contains(file.Decls, ast.Decl(field)) {
			return true
		}
	}
	return false
}

// leadsInside reports whether the names selected from x lead to a struct around it that we are inside of, and on to a
// part of it that is open.
func (at place) leadsInside(x *ast.Ident, names []cue.Selector) bool {
	for node := expression(x.Node); encloses(node, x); names = names[1:] {
		for _, scope := range at.scopes {
			if scope.node == node || slices.Contains(operands(node, token.AND), scope.node) {
				target := scope.value.LookupPath(cue.MakePath(names...))
				return !target.Exists() || !fixed(target)
			}
		}
		lit, ok := node.(*ast.StructLit)
		if !ok || len(names) == 0 {
			return false
		}
		node = nil
		for _, elt := range lit.Elts {
			if field, ok := elt.(*ast.Field); ok && encloses(field, x) {
				if name, _, err := ast.LabelName(field.Label); err == nil && name == names[0].Unquoted() {
					node = expression(field)
				}
			}
		}
	}
	return false
}

// encloses reports whether x is written inside of node.
func encloses(node ast.Node, x *ast.Ident) bool {
	if node == nil || !node.Pos().IsValid() || node.Pos().Filename() != x.Pos().Filename() {
		return false
	}
	return node.Pos().Offset() <= x.Pos().Offset() && x.Pos().Offset() < node.End().Offset()
}

// find gives the value in which a name is declared, when it is one we are inside of.
func (at place) find(x *ast.Ident) (cue.Value, bool) {
	for _, scope := range slices.Backward(at.scopes) {
		if x.Scope == scope.node && x.Scope != nil {
			return scope.value, true
		}
		if _, ok := scope.node.(*ast.File); ok && x.Node == nil && scope.value.LookupPath(cue.MakePath(cue.Str(x.Name))).Exists() {
			return scope.value, true // declared in another file of the package
		}
	}
	return cue.Value{}, false
}

func (c *checker) blame(x *ast.Ident) {
	c.blamed = true
	c.add(&Unsupported{Pos: x.Pos(), Path: c.at.path, Text: x.Name,
		Advice: `one field can follow another only as the same (b: a), by a bound (b: >=a) or a condition (if a == "x" {...}); write the value out`})
}
