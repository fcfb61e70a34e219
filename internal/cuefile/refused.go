package cuefile

import (
	"regexp"
	"slices"
	"strings"

	"cuelang.org/go/cue/ast"
	"cuelang.org/go/cue/token"

	"spokewright.dev/spokewright/internal/finding"
)

// toldElsewhere is the reason for what follows from something that is told of already.
const toldElsewhere = "told elsewhere"

// refused says why an expression may not stand in a spec: for the first reason in it, or "".
func (l *language) refused(expr ast.Expr) string {
	reason := ""
	ast.Walk(expr, func(n ast.Node) bool {
		if reason == "" {
			reason = l.reason(n)
		}
		switch n := n.(type) {
		case *ast.SelectorExpr: // what is selected is a name, not a reference
			if reason == "" {
				reason = l.refused(n.X)
			}
			return false
		case *ast.CallExpr:
			for _, arg := range n.Args {
				if reason == "" {
					reason = l.refused(arg)
				}
			}
			return false
		}
		return reason == ""
	}, nil)
	return reason
}

// reason says why this one node may not stand in a spec.
func (l *language) reason(n ast.Node) string {
	switch n := n.(type) {
	case *ast.Ident:
		switch {
		case !isASCII(n.Name):
			return foreignLetters(n.Name)
		case l.foreign[n.Name]:
			return toldElsewhere
		case l.unknown[n]:
			return l.unnamed(n.Name)
		}
	case *ast.Comprehension:
		return l.clause(n)
	case *ast.UnaryExpr:
		if name, ok := n.X.(*ast.Ident); ok && n.Op == token.SUB && l.unknown[name] {
			return "found a dash: a list is written [a, b], and a map {name: value}"
		}
	case *ast.CallExpr:
		if !callable(n) {
			return "found a call (" + l.quote(n) + "): a spec is data, write what it gives"
		}
	case *ast.BinaryExpr:
		if !slices.Contains([]token.Token{token.ADD, token.SUB, token.AND, token.OR}, n.Op) && (!isNumber(n.X) || !isNumber(n.Y)) {
			return "found " + l.quote(n) + ": a spec is data, write what it gives"
		}
	case *ast.IndexExpr:
		if _, literal := n.Index.(*ast.BasicLit); !literal {
			return "found " + l.quote(n) + ": write the number or the name of the element out"
		}
	case *ast.StructLit, *ast.ListLit, *ast.BasicLit, *ast.Interpolation, *ast.ParenExpr, *ast.SelectorExpr, *ast.BottomLit,
		*ast.Ellipsis, *ast.EmbedDecl, *ast.Field:
	case ast.Expr, ast.Decl:
		return "found " + l.quote(n) + ": a spec is data, write what it gives"
	}
	return ""
}

func (l *language) clause(c *ast.Comprehension) string {
	if _, loop := c.Clauses[0].(*ast.ForClause); loop {
		return "found a loop (for): a spec lists its things one by one"
	}
	return "found a condition (if): a spec says what is there; what differs between environments belongs to their classes"
}

// callable says whether a call is one of the few that constraints are made of.
func callable(call *ast.CallExpr) bool {
	switch fun := call.Fun.(type) {
	case *ast.Ident:
		return fun.Name == "close" && fun.Node == nil // not a name of the file's own
	case *ast.SelectorExpr:
		library, isName := fun.X.(*ast.Ident)
		if !isName {
			return false
		}
		_, isImport := library.Node.(*ast.ImportSpec)
		name, _, err := ast.LabelName(fun.Sel)
		return isImport && err == nil && slices.Contains([]string{
			"list.MaxItems", "list.MinItems", "list.UniqueItems",
			"strings.Contains", "strings.HasPrefix", "strings.HasSuffix", "strings.MaxRunes", "strings.MinRunes",
		}, library.Name+"."+name)
	}
	return false
}

func isRequired(decl ast.Decl) bool {
	field, is := decl.(*ast.Field)
	return is && field.Constraint == token.NOT
}

// isBound says whether an expression is a bound, or may be one: embedded beside a field that must be there, a bound makes
// CUE 0.17 overflow its stack, which nothing can recover from.
func isBound(expr ast.Expr) bool { return boundSearch{}.may(expr) }

// boundSearch follows names to what they stand for, each once: false where that is no bound, true as long as it is not
// known, since what leads in a circle may be anything.
type boundSearch map[ast.Node]bool

func (s boundSearch) may(node ast.Node) bool {
	if may, seen := s[node]; seen {
		return may
	}
	s[node] = true
	s[node] = s.is(node)
	return s[node]
}

func (s boundSearch) is(node ast.Node) bool {
	switch x := node.(type) {
	case *ast.UnaryExpr:
		return slices.Contains([]token.Token{token.GEQ, token.GTR, token.LEQ, token.LSS}, x.Op)
	case *ast.ParenExpr:
		return s.may(x.X)
	case *ast.BinaryExpr:
		return s.may(x.X) || s.may(x.Y)
	case *ast.SelectorExpr, *ast.IndexExpr:
		return true // it would have to be evaluated to be known
	case *ast.Ident:
		return x.Node != nil && s.may(x.Node)
	case *ast.Field:
		return s.may(x.Value)
	case *ast.LetClause:
		return s.may(x.Expr)
	case *ast.StructLit:
		return slices.ContainsFunc(x.Elts, func(decl ast.Decl) bool {
			embedded, is := decl.(*ast.EmbedDecl)
			return is && s.may(embedded.Expr)
		})
	}
	return false
}

func isNumber(expr ast.Expr) bool {
	lit, ok := expr.(*ast.BasicLit)
	return ok && (lit.Kind == token.INT || lit.Kind == token.FLOAT)
}

// predeclared says whether a name is one of CUE's own.
func predeclared(name string) bool {
	return slices.Contains([]string{
		"_", "bool", "bytes", "float", "int", "number", "string", "close", "rune", "uint",
		"int8", "int16", "int32", "int64", "int128", "uint8", "uint16", "uint32", "uint64", "uint128", "float32", "float64",
	}, name)
}

// Text as it is written where somebody forgets its quotes.
var bareWord = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9._/-]*$`)

// bare is the text of a refused expression that was meant as a text, or "".
func (l *language) bare(expr ast.Expr) string {
	switch expr.(type) {
	case *ast.Ident, *ast.BinaryExpr, *ast.SelectorExpr:
		if word := l.quote(expr); bareWord.MatchString(word) {
			return word
		}
	}
	return ""
}

// unnamed is about a name that refers to nothing: mostly a text without its quotes.
func (l *language) unnamed(name string) string {
	near := ""
	if len(l.flaws) < MaxTold {
		if word := finding.Suggest(name, l.names); word != "" {
			near = "; did you mean " + word + "?"
		}
	}
	if strings.HasPrefix(name, "_") || strings.HasPrefix(name, "#") {
		return "found " + name + ", which names nothing in this file" + near
	}
	return "found " + name + " without quotes, which names nothing in this file: a text is written \"" + name + "\"" + near
}
