package cueparse

import (
	"math/big"
	"strconv"
	"strings"

	"cuelang.org/go/cue/ast"
	"cuelang.org/go/cue/format"
	"spokewright.dev/spokewright/internal/constraint"

	cueliteral "cuelang.org/go/cue/literal"
	"cuelang.org/go/cue/token"
)

type extractor struct {
	marks *Extraction
	depth map[ast.Node]int // of the structs around, counted in fields from the rule down
}

// expr is what stays of an expression at a depth.
func (e *extractor) expr(expr ast.Expr, depth int) ast.Expr {
	switch x := expr.(type) {
	case *ast.ParenExpr:
		x.X = e.expr(x.X, depth)
	case *ast.BinaryExpr:
		switch x.Op {
		case token.AND:
			x.X, x.Y = e.expr(x.X, depth), e.expr(x.Y, depth)
		case token.OR:
			x.X, x.Y = e.alternative(x.X, depth), e.alternative(x.Y, depth)
		}
	case *ast.CallExpr:
		if function, ok := x.Fun.(*ast.Ident); ok && function.Name == "close" && len(x.Args) == 1 {
			x.Args[0] = e.expr(x.Args[0], depth) // what other functions are told is no part of the rule
		}
	case *ast.ListLit:
		for i, elt := range x.Elts {
			x.Elts[i] = e.expr(elt, depth+1)
		}
	case *ast.Ellipsis:
		if x.Type != nil {
			x.Type = e.expr(x.Type, depth)
		}
	case *ast.StructLit:
		e.depth[x] = depth
		x.Elts = e.declarations(x, x.Elts, depth)
		delete(e.depth, x)
	case *ast.UnaryExpr:
		return e.bound(x, depth)
	case *ast.Ident, *ast.SelectorExpr, *ast.IndexExpr:
		return e.copied(x, depth)
	}
	return expr
}

func (e *extractor) declarations(in ast.Node, decls []ast.Decl, depth int) []ast.Decl {
	kept := make([]ast.Decl, 0, len(decls))
	for _, decl := range decls {
		switch d := decl.(type) {
		case *ast.Field:
			if d.Constraint == token.NOT { // in a rule a!: is a:, and CUE 0.17 overflows its stack on {>=1, a!: 2}
				d.Constraint = token.ILLEGAL
			}
			d.Value = e.under(d.Label).expr(d.Value, depth+1)
		case *ast.EmbedDecl:
			d.Expr = e.expr(d.Expr, depth)
		case *ast.Ellipsis:
			e.expr(d, depth+1)
		case *ast.Comprehension:
			decl = e.condition(in, d, depth)
		}
		kept = append(kept, decl)
	}
	return kept
}

// alternative is what stays of one: the name of a field cannot be taken out there.
func (e *extractor) alternative(expr ast.Expr, depth int) ast.Expr {
	if base, _ := selected(expr); base != nil {
		return expr
	}
	return e.expr(expr, depth)
}

// under is the extractor for the value of a field. A definition or a hidden field is read wherever it is referred to, so
// how far away the fields around it are cannot be said there.
func (e *extractor) under(label ast.Label) *extractor {
	name, _, err := ast.LabelName(label)
	if err == nil && (strings.HasPrefix(name, "#") || strings.HasPrefix(name, "_")) {
		return &extractor{marks: e.marks, depth: map[ast.Node]int{}}
	}
	return e
}

// bound takes a bound out that CUE cannot judge by, and leaves what says nothing.
func (e *extractor) bound(x *ast.UnaryExpr, depth int) ast.Expr {
	switch x.Op {
	case token.GEQ, token.GTR, token.LEQ, token.LSS, token.NEQ:
	default:
		return x
	}
	if text, ok := constant(x.X).(string); ok && x.Op != token.NEQ {
		if quantity, err := constraint.ParseQuantity(text); err != nil || new(big.Rat).Abs(quantity).Cmp(big.NewRat(constraint.MostQuantity, 1)) >= 0 {
			return x
		}
		nothing := e.nothing(x)
		upper := x.Op == token.LEQ || x.Op == token.LSS
		e.marks.quantities[nothing.X] = quantityBound{upper, x.Pos(), constraint.Bound{Value: text, Exclusive: x.Op == token.GTR || x.Op == token.LSS}}
		return nothing
	}
	if f, ok := e.field(x.X, depth); ok {
		return e.related(x, x.Op.String(), f)
	}
	return x
}

// copied takes the name of a field out whose text is that of a scalar: what it stands for must be the same value.
func (e *extractor) copied(x ast.Expr, depth int) ast.Expr {
	if f, ok := e.field(x, depth); ok && e.isScalar(f.text) {
		return e.related(x, "==", f)
	}
	return x
}

func (e *extractor) related(x ast.Expr, op string, f fieldName) ast.Expr {
	nothing := e.nothing(x)
	e.marks.relations[nothing.X] = constraint.Relation{Op: op, Levels: f.up, Path: f.path, Pos: x.Pos()}
	return nothing
}

// nothing stands where an expression was and says nothing.
func (e *extractor) nothing(x ast.Expr) *ast.ParenExpr {
	name := &ast.Ident{NamePos: x.Pos().WithRel(token.NoSpace), Name: "_"}
	if text, err := format.Node(x, format.Simplify()); err == nil {
		e.marks.written[name] = string(text)
	}
	return &ast.ParenExpr{Lparen: x.Pos(), X: name, Rparen: x.End().Add(-1)}
}

// constant is the value of a literal: a string, int64, float64 or bool. Anything else is nil.
func constant(expr ast.Expr) any {
	switch x := expr.(type) {
	case *ast.ParenExpr:
		return constant(x.X)
	case *ast.Ident:
		if x.Node == nil && (x.Name == "true" || x.Name == "false") {
			return x.Name == "true"
		}
	case *ast.UnaryExpr:
		switch n := constant(x.X).(type) {
		case int64:
			if x.Op == token.SUB {
				return -n
			}
		case float64:
			if x.Op == token.SUB {
				return -n
			}
		}
	case *ast.BasicLit:
		return literalConstant(x)
	}
	return nil
}

func literalConstant(x *ast.BasicLit) any {
	switch x.Kind {
	case token.STRING:
		if text, err := cueliteral.Unquote(x.Value); err == nil && !strings.HasPrefix(strings.TrimLeft(x.Value, "#"), "'") {
			return text
		}
	case token.TRUE, token.FALSE:
		return x.Kind == token.TRUE
	case token.INT:
		if n, err := strconv.ParseInt(x.Value, 10, 64); err == nil && exact(float64(n), n) {
			return n
		}
	case token.FLOAT:
		if f, err := strconv.ParseFloat(x.Value, 64); err == nil {
			return f
		}
	}
	return nil
}
