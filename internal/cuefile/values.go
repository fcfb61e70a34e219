package cuefile

import (
	"slices"

	"cuelang.org/go/cue/ast"
	"cuelang.org/go/cue/token"

	"spokewright.dev/spokewright/internal/finding"
)

// value is what stays of an expression: structs, lists, & and | are looked into, everything else stays or goes whole.
func (l *language) value(expr ast.Expr) ast.Expr {
	switch x := expr.(type) {
	case *ast.StructLit:
		x.Elts = l.declarations(x.Elts)
		return x
	case *ast.ListLit:
		for i, element := range x.Elts {
			x.Elts[i] = l.element(element)
		}
		return x
	case *ast.ParenExpr:
		x.X = l.value(x.X)
		return x
	case *ast.BinaryExpr:
		if x.Op == token.AND || x.Op == token.OR {
			x.X, x.Y = l.value(x.X), l.value(x.Y)
			return x
		}
	case *ast.UnaryExpr:
		if x.Op == token.MUL { // the mark of a default
			x.X = l.value(x.X)
			return x
		}
	}
	reason := l.refused(expr)
	if reason == "" {
		return expr
	}
	if word := l.bare(expr); word != "" && reason != toldElsewhere {
		stand := l.stand(expr.Pos(), l.unnamed(word))
		l.flaws[stand].word, l.flaws[stand].code = word, finding.MissingQuotes
		return stand
	}
	return l.stand(expr.Pos(), reason)
}

func (l *language) element(expr ast.Expr) ast.Expr {
	switch x := expr.(type) {
	case *ast.Ellipsis:
		if x.Type != nil {
			x.Type = l.value(x.Type)
		}
		return x
	case *ast.Comprehension:
		return l.stand(x.Pos(), l.clause(x))
	}
	return l.value(expr)
}

// tidy drops what nothing uses any more, now that some things are taken out: CUE would refuse it.
func (l *language) tidy(syntax *ast.File) {
	for range 10 {
		used, dropped := map[string]bool{}, false
		ast.Walk(syntax, func(n ast.Node) bool {
			if name, ok := n.(*ast.Ident); ok && name.Node != nil {
				used[name.Name] = true
			}
			return true
		}, nil)
		unused := func(decl ast.Decl) bool {
			gone := false
			switch d := decl.(type) {
			case *ast.LetClause:
				gone = !used[d.Ident.Name]
			case *ast.ImportDecl:
				d.Specs = slices.DeleteFunc(d.Specs, func(spec *ast.ImportSpec) bool { _, name := imported(spec); return !used[name] })
				gone = len(d.Specs) == 0
			}
			dropped = dropped || gone
			return gone
		}
		syntax.Decls = slices.DeleteFunc(syntax.Decls, unused)
		ast.Walk(syntax, func(n ast.Node) bool {
			if s, ok := n.(*ast.StructLit); ok {
				s.Elts = slices.DeleteFunc(s.Elts, unused)
			}
			return true
		}, nil)
		if !dropped {
			return
		}
	}
}
