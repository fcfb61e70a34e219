package constraint

import (
	"math/big"
	"strconv"
	"strings"

	"cuelang.org/go/cue"
	"cuelang.org/go/cue/ast"
	cueliteral "cuelang.org/go/cue/literal"
	"cuelang.org/go/cue/token"
)

// Marks remember what was taken out of the text of a rule: what CUE can evaluate only where the judged data is there.
// These are bounds that name another field of the rule (max: >=min), bounds on quantities (<="4Gi") and conditions on
// fields of the rule (if engine == "mysql" {...}).
type Marks struct {
	relations  map[ast.Node]Relation
	quantities map[ast.Node]quantityBound
	conditions map[ast.Node][]condition // by the struct that they stand in
	count      int
}

// condition is an if whose body has become the hidden field called label.
type condition struct {
	label string
	when  []Condition
}

type quantityBound struct {
	upper bool
	Bound
}

// Extract takes such pieces out of an expression, which is the rule: what it refers to outside is left to CUE. A file
// must be resolved already, as [parser.ParseFile] does, and must not be built yet.
func (m *Marks) Extract(rule ast.Expr) ast.Expr {
	return m.extractor().expr(rule, 0)
}

// ExtractFile does the same to a file that holds nothing but one rule.
func (m *Marks) ExtractFile(file *ast.File) {
	e := m.extractor()
	e.depth[file] = 0
	file.Decls = e.declarations(file, file.Decls, 0)
}

func (m *Marks) extractor() *extractor {
	if m.relations == nil {
		m.relations, m.quantities, m.conditions = map[ast.Node]Relation{}, map[ast.Node]quantityBound{}, map[ast.Node][]condition{}
	}
	return &extractor{marks: m, depth: map[ast.Node]int{}}
}

// Parse reads v as [Parse] does, with what was taken out of its text.
func (m *Marks) Parse(v cue.Value) (*Constraint, error) {
	return m.parse(v, false)
}

type extractor struct {
	marks *Marks
	depth map[ast.Node]int // of the structs around, counted in fields from the rule down
}

// expr is what stays of an expression at a depth.
func (e *extractor) expr(expr ast.Expr, depth int) ast.Expr {
	switch x := expr.(type) {
	case *ast.ParenExpr:
		x.X = e.expr(x.X, depth)
	case *ast.BinaryExpr:
		x.X, x.Y = e.expr(x.X, depth), e.expr(x.Y, depth)
	case *ast.CallExpr:
		for i, arg := range x.Args {
			x.Args[i] = e.expr(arg, depth)
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
	}
	return expr
}

func (e *extractor) declarations(in ast.Node, decls []ast.Decl, depth int) []ast.Decl {
	kept := make([]ast.Decl, 0, len(decls))
	for _, decl := range decls {
		switch d := decl.(type) {
		case *ast.Field:
			d.Value = e.expr(d.Value, depth+1)
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

// bound takes a bound out that CUE cannot judge by, and leaves what says nothing.
func (e *extractor) bound(x *ast.UnaryExpr, depth int) ast.Expr {
	switch x.Op {
	case token.GEQ, token.GTR, token.LEQ, token.LSS:
	default:
		return x
	}
	nothing := &ast.ParenExpr{Lparen: x.Pos(), X: &ast.Ident{NamePos: x.Pos(), Name: "_"}, Rparen: x.End().Add(-1)}
	if text, ok := constant(x.X).(string); ok {
		if quantity, err := parseQuantity(text); err != nil || new(big.Rat).Abs(quantity).Cmp(big.NewRat(mostQuantity, 1)) >= 0 {
			return x
		}
		upper := x.Op == token.LEQ || x.Op == token.LSS
		e.marks.quantities[nothing.X] = quantityBound{upper, Bound{Value: text, Exclusive: x.Op == token.GTR || x.Op == token.LSS}}
		return nothing
	}
	if up, path, ok := e.field(x.X, depth); ok {
		e.marks.relations[nothing.X] = Relation{Op: x.Op.String(), Up: up, Path: path, Pos: x.Pos()}
		return nothing
	}
	return x
}

// condition takes an if out, where it can be said, and leaves its body as a hidden field.
func (e *extractor) condition(in ast.Node, c *ast.Comprehension, depth int) ast.Decl {
	body, ok := c.Value.(*ast.StructLit)
	if !ok || c.Fallback != nil {
		return c
	}
	var when []Condition
	for _, clause := range c.Clauses {
		test, ok := clause.(*ast.IfClause)
		if !ok {
			return c
		}
		tests, ok := e.tests(test.Condition, depth)
		if !ok {
			return c
		}
		when = append(when, tests...)
	}
	label := "_if" + strconv.Itoa(e.marks.count)
	e.marks.count++
	e.marks.conditions[in] = append(e.marks.conditions[in], condition{label, when})
	return &ast.Field{Label: &ast.Ident{NamePos: c.Pos(), Name: label}, Value: e.expr(body, depth)}
}

// tests takes a condition apart: comparisons of fields with constants, joined by &&.
func (e *extractor) tests(expr ast.Expr, depth int) ([]Condition, bool) {
	switch x := expr.(type) {
	case *ast.ParenExpr:
		return e.tests(x.X, depth)
	case *ast.UnaryExpr:
		if x.Op == token.NOT {
			return e.test(x.X, token.EQL, false, depth)
		}
		return nil, false
	case *ast.BinaryExpr:
		if x.Op == token.LAND {
			left, ok1 := e.tests(x.X, depth)
			right, ok2 := e.tests(x.Y, depth)
			return append(left, right...), ok1 && ok2
		}
		return e.test(x.X, x.Op, constant(x.Y), depth)
	}
	return e.test(expr, token.EQL, true, depth)
}

// test is one comparison of a field with a constant.
func (e *extractor) test(expr ast.Expr, op token.Token, value any, depth int) ([]Condition, bool) {
	up, path, ok := e.field(expr, depth)
	test := comparison(op, value)
	if !ok || test == nil {
		return nil, false
	}
	kinds := kindOf(value)
	if kinds&Number != 0 {
		kinds = Number
	}
	return []Condition{{Up: up, Path: path, Kinds: kinds, Test: test}}, true
}

// field is a name, or names selected from it, that stands for a plain field of the rule: how many steps up from depth
// the struct lies that has it, and the way down from there.
func (e *extractor) field(expr ast.Expr, depth int) (up int, path []string, ok bool) {
	var base *ast.Ident
	switch x := expr.(type) {
	case *ast.ParenExpr:
		return e.field(x.X, depth)
	case *ast.Ident:
		base = x
	case *ast.SelectorExpr:
		ident, names := chain(x)
		if ident == nil {
			return 0, nil, false
		}
		base = ident
		for _, name := range names {
			path = append(path, name.Unquoted())
		}
	default:
		return 0, nil, false
	}
	at, inside := e.depth[base.Scope]
	if base.Node == nil || !inside || strings.HasPrefix(base.Name, "#") || strings.HasPrefix(base.Name, "_") {
		return 0, nil, false
	}
	switch base.Node.(type) {
	case *ast.LetClause, *ast.Alias, *ast.ImportSpec, *ast.ForClause:
		return 0, nil, false
	}
	return depth - at, append([]string{base.Name}, path...), true
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
