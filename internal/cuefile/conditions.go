package cuefile

import (
	"slices"

	"cuelang.org/go/cue/ast"
	"cuelang.org/go/cue/token"
	"spokewright.dev/spokewright/internal/constraint/cueparse"
)

// isRule says whether a field is what a rule requires, by its name: only there may a spec have conditions.
func isRule(f *ast.Field) bool {
	name, _, err := ast.LabelName(f.Label)
	return err == nil && name == "require"
}

// extract takes out of the rules of a file what CUE cannot evaluate before there is data.
func extract(syntax *ast.File, rule bool) *cueparse.Extraction {
	marks := &cueparse.Extraction{}
	if rule {
		marks.ExtractFile(syntax)
	} else {
		ExtractRules(syntax, marks)
	}
	return marks
}

func ExtractRules(syntax *ast.File, marks *cueparse.Extraction) {
	ast.Walk(syntax, func(n ast.Node) bool {
		f, isField := n.(*ast.Field)
		if isField && isRule(f) {
			f.Value = marks.Extract(f.Value)
			return false
		}
		return true
	}, nil)
}

// condition is an if with a comparison, in a rule.
func (l *language) condition(c *ast.Comprehension) ast.Decl {
	body, plain := c.Value.(*ast.StructLit)
	if l.rules == 0 || !plain || c.Fallback != nil {
		return l.hole(c.Pos(), l.clause(c))
	}
	for _, clause := range c.Clauses {
		test, isIf := clause.(*ast.IfClause)
		if !isIf {
			return l.hole(c.Pos(), l.clause(c))
		}
		if reason := l.comparison(test.Condition); reason != "" {
			return l.hole(test.Condition.Pos(), reason)
		}
	}
	body.Elts = l.declarations(body.Elts)
	return c
}

// comparison says why an expression may not be a condition, or "".
func (l *language) comparison(expr ast.Expr) string {
	switch x := expr.(type) {
	case *ast.ParenExpr:
		return l.comparison(x.X)
	case *ast.UnaryExpr:
		if x.Op == token.NOT {
			return l.comparison(x.X)
		}
	case *ast.BinaryExpr:
		joins := []token.Token{token.LAND, token.LOR, token.EQL, token.NEQ, token.GEQ, token.GTR, token.LEQ, token.LSS, token.MAT, token.NMAT}
		if slices.Contains(joins, x.Op) {
			if reason := l.comparison(x.X); reason != "" {
				return reason
			}
			return l.comparison(x.Y)
		}
		return "found " + l.quote(x) + `, allowed is a comparison of a field with a constant, such as engine == "mysql", or with _|_, and several joined by && and ||`
	}
	return l.refused(expr)
}
