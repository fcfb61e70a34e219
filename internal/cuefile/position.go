package cuefile

import (
	"cuelang.org/go/cue/ast"
	"cuelang.org/go/cue/token"

	"spokewright.dev/spokewright/internal/finding"
)

// place is where a value was written: what the user put there himself before what a reference or a definition brings.
func (s source) place(v *traced) finding.Position {
	switch p := v.written(); {
	case p != nil:
		return s.position(p.expr.Pos())
	case len(s.text) == 0: // of no user's
		return finding.Position{File: s.file}
	}
	return s.start()
}

// label is where the name of a field was written.
func (s source) label(v *traced) finding.Position {
	if p := v.written(); p != nil && p.label.IsValid() {
		return s.position(p.label)
	}
	return s.place(v)
}

// written is the part that a user thinks of as the value, or nil.
func (v *traced) written() *part {
	if v == nil {
		return nil
	}
	parts := v.parts
	if v.state == untouched {
		parts = v.roots
	}
	var best *part
	for i := range parts {
		p := &parts[i]
		if best == nil || less(rank(best), rank(p)) {
			best = p
		}
	}
	return best
}

// rank says which part a person thinks of as the value: literals before references, references before bounds, and the
// nearer declaration before one that a reference leads to.
func rank(p *part) [3]int {
	value, plain := 1, 0
	switch x := p.expr.(type) {
	case *ast.BasicLit, *ast.Interpolation, *ast.StructLit, *ast.ListLit:
		plain = 1
	case *ast.Ident:
		if x.Node == nil && x.Name != "_" {
			value = 0
		}
	case *ast.UnaryExpr:
		if x.Op != token.SUB && x.Op != token.ADD && x.Op != token.MUL {
			value = 0
		}
	case *ast.CallExpr:
		value = 0
	case *ast.BinaryExpr:
		if x.Op == token.AND || x.Op == token.OR {
			value = 0 // its sides are parts of their own
		}
	}
	return [3]int{value, -p.hops, plain}
}

func less(a, b [3]int) bool {
	for i := range a {
		if a[i] != b[i] {
			return a[i] < b[i]
		}
	}
	return false
}

// optionalHere is where the user himself wrote a field as one that may or must be there, or nil.
func (v *traced) optionalHere(name string) *part {
	if v == nil {
		return nil
	}
	for i, p := range v.optional[name] {
		if p.hops == 0 {
			return &v.optional[name][i]
		}
	}
	return nil
}

// structured says whether a value has fields, or is a struct without any.
func (v *traced) structured() bool {
	if len(v.fields) > 0 || len(v.optional) > 0 || v.items != nil {
		return v.items == nil
	}
	for _, p := range v.parts {
		if _, ok := p.expr.(*ast.StructLit); ok {
			return true
		}
	}
	return false
}

// at is the value below a path, or nil.
func (v *traced) at(path []string) *traced {
	for _, name := range path {
		v = v.child(name)
	}
	return v
}
