package cueparse

import (
	"slices"
	"strconv"
	"strings"

	"cuelang.org/go/cue/ast"
	"cuelang.org/go/cue/token"
	"spokewright.dev/spokewright/internal/constraint"
)

// condition takes an if out, where it can be said, and leaves its body as a hidden field.
func (e *extractor) condition(in ast.Node, c *ast.Comprehension, depth int) ast.Decl {
	body, ok := c.Value.(*ast.StructLit)
	if !ok || c.Fallback != nil {
		return c
	}
	var when []constraint.Condition
	for _, clause := range c.Clauses {
		test, ok := clause.(*ast.IfClause)
		if !ok {
			return c
		}
		question, ok := e.question(test.Condition, depth)
		if !ok {
			return c
		}
		when = append(when, question)
	}
	label := "_if" + strconv.Itoa(e.marks.count)
	e.marks.count++
	e.marks.conditions[in] = append(e.marks.conditions[in], condition{label, c.Pos(), when})
	return &ast.Field{Label: &ast.Ident{NamePos: c.Pos(), Name: label}, Value: e.expr(body, depth)}
}

// question takes a condition apart: comparisons of fields with constants, and whether fields are there, joined by &&,
// || and !.
func (e *extractor) question(expr ast.Expr, depth int) (constraint.Condition, bool) {
	switch x := expr.(type) {
	case *ast.ParenExpr:
		return e.question(x.X, depth)
	case *ast.UnaryExpr:
		of, ok := e.question(x.X, depth)
		return constraint.Condition{Op: "!", Of: []constraint.Condition{of}}, ok && x.Op == token.NOT
	case *ast.BinaryExpr:
		switch x.Op {
		case token.LAND, token.LOR:
			left, ok1 := e.question(x.X, depth)
			right, ok2 := e.question(x.Y, depth)
			return constraint.Condition{Op: x.Op.String(), Of: []constraint.Condition{left, right}}, ok1 && ok2
		}
		return e.comparison(x, depth)
	}
	f, ok := e.field(expr, depth)
	return constraint.Condition{Levels: f.up, Path: f.path, Kinds: constraint.Bool, Test: &constraint.Constraint{Kinds: constraint.Bool, Enum: []any{true}}}, ok
}

// comparison is one of a field with a constant, or with _|_, on either side.
func (e *extractor) comparison(x *ast.BinaryExpr, depth int) (constraint.Condition, bool) {
	left, right, op := x.X, x.Y, x.Op
	if _, is := plainValue(left); is || isBottom(left) {
		mirror := map[token.Token]token.Token{token.EQL: token.EQL, token.NEQ: token.NEQ, token.GEQ: token.LEQ, token.GTR: token.LSS, token.LEQ: token.GEQ, token.LSS: token.GTR}
		left, right, op = right, left, mirror[op]
	}
	f, ok := e.field(left, depth)
	value, is := plainValue(right)
	var question constraint.Condition
	switch {
	case isBottom(right) && op == token.EQL:
		return constraint.Condition{Op: "!", Of: []constraint.Condition{{Levels: f.up, Path: f.path}}}, ok
	case isBottom(right) && op == token.NEQ:
		return constraint.Condition{Levels: f.up, Path: f.path}, ok
	case !is || !ok:
		return constraint.Condition{}, false
	case op == token.NEQ:
		question, ok = test(f, token.EQL, value)
		return constraint.Condition{Op: "!", Of: []constraint.Condition{question}}, ok
	}
	return test(f, op, value)
}

func isBottom(expr ast.Expr) bool {
	_, is := expression(expr).(*ast.BottomLit)
	return is
}

// plainValue is the value of a literal that conditions compare with.
func plainValue(expr ast.Expr) (any, bool) {
	if literal, is := expression(expr).(*ast.BasicLit); is && literal.Kind == token.NULL {
		return nil, true
	}
	value := constant(expr)
	return value, value != nil
}

// test is one comparison of a field with a constant. Whether two values are the same can be asked of any two.
func test(f fieldName, op token.Token, value any) (constraint.Condition, bool) {
	want := constraint.Comparison(op, value)
	if want == nil {
		return constraint.Condition{}, false
	}
	kinds := want.Kinds
	if op == token.EQL {
		kinds = constraint.Any
	}
	return constraint.Condition{Levels: f.up, Path: f.path, Kinds: kinds, Test: want}, true
}

// fieldName is a name in a rule that stands for a plain field of it.
type fieldName struct {
	up   int      // steps up to the struct that has it
	path []string // the way down from there
	text ast.Node // how the field is written, if that is plain
}

// field is a name, or names selected from it, that stands for a plain field of the rule, seen from a depth.
func (e *extractor) field(expr ast.Expr, depth int) (fieldName, bool) {
	base, names := selected(expr)
	if base == nil {
		return fieldName{}, false
	}
	at, inside := e.depth[base.Scope]
	if !inside || !declares(base.Scope, base.Name) || strings.HasPrefix(base.Name, "#") || strings.HasPrefix(base.Name, "_") {
		return fieldName{}, false
	}
	return fieldName{depth - at, append([]string{base.Name}, names...), written(base.Node, names)}, true
}

// declares reports whether a struct has a field with a name: the name may also be that of an alias or of a let.
func declares(scope ast.Node, name string) bool {
	var decls []ast.Decl
	switch x := scope.(type) {
	case *ast.StructLit:
		decls = x.Elts
	case *ast.File:
		decls = x.Decls
	}
	return slices.ContainsFunc(decls, func(decl ast.Decl) bool {
		field, ok := decl.(*ast.Field)
		if !ok {
			return false
		}
		label, _, err := ast.LabelName(field.Label)
		return err == nil && label == name
	})
}

// selected takes a.b["c"] apart: its first name, and the others.
func selected(expr ast.Expr) (base *ast.Ident, names []string) {
	for {
		var name string
		var ok bool
		switch x := expr.(type) {
		case *ast.ParenExpr:
			expr = x.X
			continue
		case *ast.Ident:
			slices.Reverse(names)
			return x, names
		case *ast.SelectorExpr:
			text, _, err := ast.LabelName(x.Sel)
			name, ok, expr = text, err == nil && !strings.HasPrefix(text, "_") && !strings.HasPrefix(text, "#"), x.X
		case *ast.IndexExpr:
			name, ok = constant(x.Index).(string)
			expr = x.X
		default:
			return nil, nil
		}
		if !ok {
			return nil, nil
		}
		names = append(names, name)
	}
}

// written is the text of a field that lies down a path, where plain structs lead there.
func written(node ast.Node, path []string) ast.Node {
	node = expression(node)
	for _, name := range path {
		lit, ok := node.(*ast.StructLit)
		if !ok {
			return nil
		}
		node = nil
		for _, elt := range lit.Elts {
			field, ok := elt.(*ast.Field)
			if !ok {
				continue
			}
			if label, _, err := ast.LabelName(field.Label); err == nil && label == name {
				node = expression(field.Value)
			}
		}
	}
	return node
}

// scalars are the names of CUE's own types that are plain values.
var scalars = strings.Fields("string number int float bool uint int8 int16 int32 int64 uint8 uint16 uint32 uint64")

// isScalar reports whether a field is declared as a string, a number or a bool, and not as a constant, which is known
// without the data.
func (e *extractor) isScalar(text ast.Node) bool {
	s := scalarSearch{extractor: e, scalar: map[ast.Node]bool{}}
	for {
		s.seen, s.more = map[ast.Node]bool{}, false
		if s.is(text) {
			return true
		}
		if !s.more {
			return false
		}
	}
}

// scalarSearch follows names from text to text. Names may lead in a circle, so it goes round until nothing new is found,
// and looks at each text once a round.
type scalarSearch struct {
	*extractor

	seen   map[ast.Node]bool // in this round
	scalar map[ast.Node]bool
	more   bool // was found in this round
}

func (s *scalarSearch) is(text ast.Node) bool {
	if !s.seen[text] {
		s.seen[text] = true
		if !s.scalar[text] && s.says(text) {
			s.scalar[text], s.more = true, true
		}
	}
	return s.scalar[text]
}

func (s *scalarSearch) says(text ast.Node) bool {
	either := func(operand ast.Expr) bool {
		_, plain := plainValue(operand)
		return plain || s.is(operand)
	}
	switch x := text.(type) {
	case *ast.Ident:
		if x.Node == nil {
			return slices.Contains(scalars, x.Name)
		}
		f, ok := s.field(x, 0)
		return ok && s.is(f.text)
	case *ast.ParenExpr:
		_, related := s.marks.relations[x.X]
		_, measured := s.marks.quantities[x.X]
		return related || measured || s.is(x.X)
	case *ast.UnaryExpr:
		switch x.Op {
		case token.MUL:
			return either(x.X)
		case token.NEQ, token.MAT, token.NMAT:
			return constant(x.X) != nil
		}
		return x.Op != token.SUB && x.Op != token.ADD && x.Op != token.NOT
	case *ast.CallExpr:
		function, _ := x.Fun.(*ast.SelectorExpr)
		if function == nil {
			return false
		}
		library, _ := function.X.(*ast.Ident)
		return library != nil && library.Name == "strings"
	case *ast.BinaryExpr:
		return x.Op == token.AND && (s.is(x.X) || s.is(x.Y)) || x.Op == token.OR && either(x.X) && either(x.Y)
	}
	return false
}
