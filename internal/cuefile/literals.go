package cuefile

import (
	"slices"
	"strconv"

	"cuelang.org/go/cue/ast"
	"cuelang.org/go/cue/parser"
	"cuelang.org/go/cue/token"

	"spokewright.dev/spokewright/internal/finding"
)

// Literal is a value, or the name of a field, as it is written in a text.
type Literal struct {
	Position finding.Position
	Path     []string // of the field that it stands in or names, elements by their numbers
	Name     bool     // it is the name at the end of the path
	Text     string   // as it is written
	Kind     LiteralKind
	From, To int // where it stands, in bytes
}

// LiteralKind is what a literal is to those who write another one in its place.
type LiteralKind int

// The kinds of literals. A part of a text is what stands before, between or behind \( and ).
const (
	Word LiteralKind = iota // true, false, null, or a name without quotes
	Whole
	Fraction
	Quoted
	Fragment
)

// Literals are those of a text, in the order in which they are written; those before the first mistake of one that is broken.
func Literals(file string, text []byte) []Literal {
	s := source{file, text}
	if len(text) > maxSourceBytes || len(checkTokens(s)) > 0 {
		return nil
	}
	syntax, _ := parser.ParseFile(file, text)
	if syntax == nil {
		return nil
	}
	w := writing{source: s}
	w.declarations(syntax.Decls, nil)
	return w.found
}

// With is the text of a file with other words in the place of a literal.
func (l Literal) With(text []byte, words string) []byte {
	return slices.Concat(text[:l.From], []byte(words), text[l.To:])
}

// writing collects the literals of a text.
type writing struct {
	source
	found []Literal
}

func (w *writing) add(n ast.Node, path []string, name bool, kind LiteralKind) {
	from, to := n.Pos().Offset(), n.End().Offset()
	if !n.Pos().IsValid() || from < 0 || to > len(w.text) || from >= to {
		return
	}
	w.found = append(w.found, Literal{w.position(n.Pos()), path, name, string(w.text[from:to]), kind, from, to})
}

func (w *writing) declarations(decls []ast.Decl, path []string) {
	for _, decl := range decls {
		switch d := decl.(type) {
		case *ast.Field:
			w.field(d, path)
		case *ast.EmbedDecl:
			w.value(d.Expr, path)
		case *ast.LetClause:
			w.value(d.Expr, append(slices.Clip(path), d.Ident.Name))
		case *ast.Ellipsis:
			if d.Type != nil {
				w.value(d.Type, path)
			}
		case *ast.Comprehension:
			for _, clause := range d.Clauses {
				if condition, is := clause.(*ast.IfClause); is {
					w.value(condition.Condition, path)
				}
			}
			w.value(d.Value, path)
		}
	}
}

func (w *writing) field(f *ast.Field, path []string) {
	name, _, err := ast.LabelName(f.Label)
	if err != nil { // a pattern
		w.value(f.Value, path)
		return
	}
	below := append(slices.Clip(path), name)
	kind := Word
	if _, quoted := f.Label.(*ast.BasicLit); quoted {
		kind = Quoted
	}
	w.add(f.Label, below, true, kind)
	w.value(f.Value, below)
}

func (w *writing) value(expr ast.Expr, path []string) {
	switch x := expr.(type) {
	case *ast.BasicLit:
		w.add(x, path, false, kindOf(x.Kind))
	case *ast.Interpolation:
		for i, part := range x.Elts {
			if fragment, is := part.(*ast.BasicLit); is && i%2 == 0 {
				w.add(fragment, path, false, Fragment)
				continue
			}
			w.value(part, path)
		}
	case *ast.StructLit:
		w.declarations(x.Elts, path)
	case *ast.ListLit:
		for i, element := range x.Elts {
			if rest, is := element.(*ast.Ellipsis); is {
				if rest.Type != nil {
					w.value(rest.Type, path)
				}
				continue
			}
			w.value(element, append(slices.Clip(path), strconv.Itoa(i)))
		}
	case *ast.ParenExpr:
		w.value(x.X, path)
	case *ast.UnaryExpr:
		w.value(x.X, path)
	case *ast.BinaryExpr:
		w.value(x.X, path)
		w.value(x.Y, path)
	case *ast.CallExpr:
		for _, argument := range x.Args {
			w.value(argument, path)
		}
	}
}

func kindOf(kind token.Token) LiteralKind {
	switch kind {
	case token.STRING:
		return Quoted
	case token.INT:
		return Whole
	case token.FLOAT:
		return Fraction
	}
	return Word
}
