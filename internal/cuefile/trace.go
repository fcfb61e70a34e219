package cuefile

import (
	"strconv"
	"strings"

	"cuelang.org/go/cue/ast"
	"cuelang.org/go/cue/literal"
	"cuelang.org/go/cue/token"

	"spokewright.dev/spokewright/internal/finding"
)

// traced is a value of a spec as the expressions that make it, without their being evaluated: all of parts must hold.
// It answers where a value was written, and how large evaluation can make it.
type traced struct {
	roots  []part // as given
	parts  []part // and what they refer to
	seen   map[key]bool
	state  int  // of opening
	arms   int  // the alternatives that it multiplies out to
	own    int  // the parts that each of them has
	length int  // of its longest text, in bytes
	busy   bool // being measured

	measured bool

	names    []string
	fields   map[string]*traced
	optional map[string][]part // of fields that something else has to make
	patterns []part            // of all fields
	items    []*traced
	each     []part // of all items
}

// part is an expression with the scope that its names are looked up in.
type part struct {
	expr  ast.Expr
	in    *frame
	hops  int       // references on the way here
	label token.Pos // of the field
	arm   bool      // one of several alternatives
}

type key struct {
	expr ast.Expr
	in   *frame
}

// frame is a struct literal at the value that it is a part of.
type frame struct {
	node  ast.Node
	decls []ast.Decl
	self  *traced
	outer *frame
}

const (
	untouched = iota
	opening
	opened
)

// tracer follows the values of one file. What it spends is an upper bound for what evaluation does.
type tracer struct {
	source
	root  *traced
	spent int
	here  *traced // what is followed now, for the message
	over  finding.Findings
	names map[ast.Node]map[string]ast.Decl
	lets  map[key]*traced
}

// trace follows every value of a file, and refuses a file whose evaluation would grow out of hand: CUE's evaluator
// cannot be stopped from inside.
func trace(s source, syntax *ast.File) (*tracer, finding.Findings) {
	t := &tracer{source: s, root: &traced{}, names: map[ast.Node]map[string]ast.Decl{}, lets: map[key]*traced{}}
	t.root.roots = t.declarations(t.root, syntax, syntax.Decls, part{})
	t.expand(t.root, 0, 1)
	if t.over != nil {
		return nil, t.over
	}
	return t, nil
}

func (v *traced) add(p part) { v.roots = append(v.roots, p) }

func (v *traced) field(name string) *traced {
	if v.fields[name] == nil {
		if v.fields == nil {
			v.fields = map[string]*traced{}
		}
		v.fields[name] = &traced{}
		v.names = append(v.names, name)
	}
	return v.fields[name]
}

func (v *traced) item(i int) *traced {
	for len(v.items) <= i {
		v.items = append(v.items, &traced{})
	}
	return v.items[i]
}

// child is a field or an item, or nil.
func (v *traced) child(name string) *traced {
	if v == nil {
		return nil
	}
	if field := v.fields[name]; field != nil {
		return field
	}
	if i, err := strconv.Atoi(name); err == nil && i >= 0 && i < len(v.items) {
		return v.items[i]
	}
	return nil
}

// open splits the parts of a value until its fields and items are known.
func (t *tracer) open(v *traced) {
	if v.state != untouched || t.over != nil {
		return
	}
	v.state, v.arms, v.seen = opening, 1, map[key]bool{}
	outer := t.here
	t.here = v
	todo := append([]part(nil), v.roots...)
	for len(todo) > 0 && t.over == nil {
		p := todo[0]
		todo = todo[1:]
		if k := (key{p.expr, p.in}); !v.seen[k] {
			v.seen[k] = true
			v.parts = append(v.parts, p)
			t.spend(1)
			if !p.arm {
				v.own++
			}
			todo = append(todo, t.split(v, p)...)
		}
	}
	for _, name := range v.names {
		field := v.fields[name]
		field.roots = append(field.roots, v.optional[name]...)
		if !strings.HasPrefix(name, "#") && !strings.HasPrefix(name, "_") {
			field.roots = append(field.roots, v.patterns...)
		}
	}
	for _, item := range v.items {
		item.roots = append(item.roots, v.each...)
	}
	t.here, v.state = outer, opened
}

// split gives the parts that a part consists of or refers to, and hands what it says of fields and items to them.
func (t *tracer) split(v *traced, p part) []part {
	with := func(expr ast.Expr) part { return part{expr, p.in, p.hops, p.label, p.arm} }
	switch x := p.expr.(type) {
	case *ast.ParenExpr:
		return []part{with(x.X)}
	case *ast.UnaryExpr:
		if x.Op == token.MUL {
			return []part{with(x.X)}
		}
	case *ast.CallExpr:
		if len(x.Args) == 1 { // close
			return []part{with(x.Args[0])}
		}
	case *ast.BinaryExpr:
		return t.binary(v, p, x)
	case *ast.StructLit:
		return t.declarations(v, x, x.Elts, p)
	case *ast.ListLit:
		t.list(v, x, p)
	case *ast.Ident, *ast.SelectorExpr, *ast.IndexExpr:
		if target := t.target(p.expr, p.in); target != nil {
			parts := make([]part, len(target.roots))
			for i, root := range target.roots {
				parts[i] = part{root.expr, root.in, p.hops + 1, p.label, p.arm || root.arm}
			}
			return parts
		}
	}
	return nil
}

func (t *tracer) binary(v *traced, p part, x *ast.BinaryExpr) []part {
	left, right := part{x.X, p.in, p.hops, p.label, p.arm}, part{x.Y, p.in, p.hops, p.label, p.arm}
	switch x.Op {
	case token.AND:
		return []part{left, right}
	case token.OR:
		if !p.arm {
			v.arms = times(v.arms, t.alternatives(x, p.in, map[key]bool{}))
		}
		left.arm, right.arm = true, true
		return []part{left, right}
	}
	return nil
}

// declarations hands the fields of a struct to the values they make, and gives what is embedded.
func (t *tracer) declarations(v *traced, node ast.Node, decls []ast.Decl, p part) []part {
	in := &frame{node, decls, v, p.in}
	var embedded []part
	for _, decl := range decls {
		switch d := decl.(type) {
		case *ast.EmbedDecl:
			embedded = append(embedded, part{d.Expr, in, p.hops, p.label, p.arm})
		case *ast.Comprehension: // a condition of a rule
			if body, ok := d.Value.(*ast.StructLit); ok {
				embedded = append(embedded, part{body, in, p.hops, p.label, p.arm})
			}
		case *ast.Field:
			of := part{expr: d.Value, in: in, hops: p.hops, label: d.Label.Pos()}
			if _, pattern := d.Label.(*ast.ListLit); pattern {
				v.patterns = append(v.patterns, of)
				continue
			}
			name, _, err := ast.LabelName(d.Label)
			switch {
			case err != nil:
			case d.Constraint == token.OPTION || d.Constraint == token.NOT:
				if v.optional == nil {
					v.optional = map[string][]part{}
				}
				v.optional[name] = append(v.optional[name], of)
			default:
				v.field(name).add(of)
			}
		}
	}
	return embedded
}

func (t *tracer) list(v *traced, x *ast.ListLit, p part) {
	for i, element := range x.Elts {
		if rest, ok := element.(*ast.Ellipsis); ok {
			if rest.Type != nil {
				v.each = append(v.each, part{expr: rest.Type, in: p.in, hops: p.hops})
			}
			continue
		}
		v.item(i).add(part{expr: element, in: p.in, hops: p.hops})
	}
}

// target is the value that a reference names, or nil.
func (t *tracer) target(expr ast.Expr, in *frame) *traced {
	switch x := expr.(type) {
	case *ast.ParenExpr:
		return t.target(x.X, in)
	case *ast.Ident:
		return t.named(x, in)
	case *ast.SelectorExpr:
		name, _, err := ast.LabelName(x.Sel)
		if base := t.target(x.X, in); base != nil && err == nil {
			t.open(base)
			return base.fields[name]
		}
		return nil
	case *ast.IndexExpr:
		base, index := t.target(x.X, in), x.Index.(*ast.BasicLit)
		if base == nil {
			return nil
		}
		t.open(base)
		if name, err := literal.Unquote(index.Value); err == nil {
			return base.fields[name]
		}
		return base.child(index.Value)
	}
	return t.anonymous(expr, in)
}

// named looks a name up from the inside out.
func (t *tracer) named(x *ast.Ident, in *frame) *traced {
	for ; in != nil; in = in.outer {
		switch d := t.declared(in)[x.Name].(type) {
		case *ast.LetClause:
			return t.anonymous(d.Expr, in)
		case *ast.Field:
			return in.self.fields[x.Name]
		}
	}
	return nil
}

// declared are the names that a struct declares.
func (t *tracer) declared(in *frame) map[string]ast.Decl {
	if names, known := t.names[in.node]; known {
		return names
	}
	names := map[string]ast.Decl{}
	for _, decl := range in.decls {
		switch d := decl.(type) {
		case *ast.LetClause:
			names[d.Ident.Name] = d
		case *ast.Field:
			if label, ok := d.Label.(*ast.Ident); ok {
				names[label.Name] = d
			}
		}
	}
	t.names[in.node] = names
	return names
}

// anonymous is the value of an expression that no field has.
func (t *tracer) anonymous(expr ast.Expr, in *frame) *traced {
	k := key{expr, in}
	if t.lets[k] == nil {
		t.lets[k] = &traced{roots: []part{{expr: expr, in: in}}}
	}
	return t.lets[k]
}
