// Package cueedit changes single fields in the text of a CUE file and leaves all else as it stands: comments, order and
// spelling. It evaluates nothing and knows no schema: which fields there are and what they mean is for its caller to say.
package cueedit

import (
	"bytes"
	"slices"
	"strconv"

	"cuelang.org/go/cue/ast"
	"cuelang.org/go/cue/format"
	"cuelang.org/go/cue/literal"
	"cuelang.org/go/cue/parser"
	"cuelang.org/go/cue/token"

	"spokewright.dev/spokewright/internal/finding"
)

// File is the text of a CUE file that is being edited. A text that was formatted stays formatted.
type File struct {
	name      string
	text      []byte
	syntax    *ast.File
	formatted bool
}

// Order says in which order the fields of the struct at a path stand, as far as that is known.
type Order func(path []string) []string

// Parse reads a text. The error is a finding about it.
func Parse(name string, text []byte) (*File, error) {
	f := &File{name: name, text: slices.Clone(text)}
	if err := f.parse(); err != nil {
		return nil, finding.At(finding.Position{File: name, Line: 1, Column: 1}, finding.Syntax, "the text is no CUE: %v", err)
	}
	canonical, err := format.Source(text)
	f.formatted = err == nil && bytes.Equal(canonical, text)
	return f, nil
}

func (f *File) parse() (err error) {
	f.syntax, err = parser.ParseFile(f.name, f.text, parser.ParseComments)
	return err
}

// Text is the text with all edits.
func (f *File) Text() []byte {
	if f.formatted {
		if canonical, err := format.Source(f.text); err == nil {
			return canonical
		}
	}
	return f.text
}

// Has says whether something is written at a path.
func (f *File) Has(path ...string) bool { return len(f.fields(path)) > 0 }

// Position is where the value at a path is written, or else the start of the file.
func (f *File) Position(path ...string) finding.Position {
	for _, field := range f.fields(path) {
		at := field.Value.Pos()
		return finding.Position{File: f.name, Line: at.Line(), Column: at.Column()}
	}
	return finding.Position{File: f.name, Line: 1, Column: 1}
}

// splice puts a text in the place of a range, and reads the result again.
func (f *File) splice(from, to int, with string) error {
	before := f.text
	f.text = slices.Concat(before[:from], []byte(with), before[to:])
	if err := f.parse(); err != nil {
		f.text = before
		if again := f.parse(); again != nil {
			return again
		}
		return finding.At(finding.Position{File: f.name}, finding.Syntax, "writing %s here would be no CUE: %v", finding.Quote(with), err)
	}
	return nil
}

// fields are all declarations of a path: a struct may be written in pieces.
func (f *File) fields(path []string) []*ast.Field { return below(f.syntax.Decls, path) }

func below(decls []ast.Decl, path []string) []*ast.Field {
	var found []*ast.Field
	for _, decl := range open(decls) {
		field, name := named(decl)
		switch {
		case len(path) == 0 || field == nil || name != path[0]:
		case len(path) == 1:
			found = append(found, field)
		default:
			for _, s := range structs(field.Value) {
				found = append(found, below(s.Elts, path[1:])...)
			}
		}
	}
	return found
}

// open are declarations with those of structs that stand among them, as where a whole file is in braces.
func open(decls []ast.Decl) []ast.Decl {
	var all []ast.Decl
	for _, decl := range decls {
		embedded, is := decl.(*ast.EmbedDecl)
		if !is {
			all = append(all, decl)
			continue
		}
		for _, s := range structs(embedded.Expr) {
			all = append(all, open(s.Elts)...)
		}
	}
	return all
}

// named is a declaration as a field with its name; nil where it is none.
func named(decl ast.Decl) (*ast.Field, string) {
	field, is := decl.(*ast.Field)
	if !is {
		return nil, ""
	}
	name, _, err := ast.LabelName(field.Label)
	if err != nil {
		return nil, ""
	}
	return field, name
}

// structs are the structs that a value is written as: one, or several joined by &.
func structs(value ast.Expr) []*ast.StructLit {
	switch x := value.(type) {
	case *ast.StructLit:
		return []*ast.StructLit{x}
	case *ast.ParenExpr:
		return structs(x.X)
	case *ast.BinaryExpr:
		if x.Op == token.AND {
			return append(structs(x.X), structs(x.Y)...)
		}
	}
	return nil
}

// chain writes a value at a path: a: b: value.
func chain(path []string, value string) string {
	text := value
	for _, name := range slices.Backward(path) {
		if ast.StringLabelNeedsQuoting(name) {
			name = literal.String.Quote(name)
		}
		text = name + ": " + text
	}
	return text
}

// Quote is a text as CUE writes it.
func Quote(text string) string { return literal.String.Quote(text) }

// IsData says whether a text is a value written in CUE: a text in quotes, a number, true, false, null, or lists and structs
// of these. Anything else, such as us-east-2, is a word.
func IsData(text string) bool {
	expr, err := parser.ParseExpr("value", text)
	return err == nil && isData(expr)
}

func isData(expr ast.Expr) bool {
	switch x := expr.(type) {
	case *ast.BasicLit:
		return true
	case *ast.UnaryExpr:
		_, number := x.X.(*ast.BasicLit)
		return x.Op == token.SUB && number
	case *ast.ListLit:
		return !slices.ContainsFunc(x.Elts, func(element ast.Expr) bool { return !isData(element) })
	case *ast.StructLit:
		return !slices.ContainsFunc(x.Elts, func(decl ast.Decl) bool {
			field, _ := named(decl)
			return field == nil || !isData(field.Value)
		})
	}
	return false
}

// IsText says whether a text is one in quotes.
func IsText(text string) bool {
	_, err := literal.Unquote(text)
	return err == nil
}

// ReplaceTexts asks for every text that is written in the file, with its path, what to write in its place.
func (f *File) ReplaceTexts(fresh func(path []string, text string) string) error {
	type edit struct {
		from, to int
		text     string
	}
	var edits []edit
	texts(f.syntax.Decls, nil, func(path []string, lit *ast.BasicLit) {
		old, err := literal.Unquote(lit.Value)
		if err != nil {
			return
		}
		if text := fresh(path, old); text != old {
			edits = append(edits, edit{lit.Pos().Offset(), lit.End().Offset(), Quote(text)})
		}
	})
	slices.SortFunc(edits, func(a, b edit) int { return b.from - a.from }) // from the end, so that places stay
	for _, e := range edits {
		if err := f.splice(e.from, e.to, e.text); err != nil {
			return err
		}
	}
	return nil
}

// texts visits the texts in declarations.
func texts(decls []ast.Decl, path []string, visit func(path []string, lit *ast.BasicLit)) {
	for _, decl := range open(decls) {
		if field, name := named(decl); field != nil {
			textsOf(field.Value, append(slices.Clip(path), name), visit)
		}
	}
}

func textsOf(value ast.Expr, path []string, visit func(path []string, lit *ast.BasicLit)) {
	switch x := value.(type) {
	case *ast.BasicLit:
		if x.Kind == token.STRING {
			visit(path, x)
		}
	case *ast.ListLit:
		for i, element := range x.Elts {
			textsOf(element, append(slices.Clip(path), strconv.Itoa(i)), visit)
		}
	default:
		for _, s := range structs(value) {
			texts(s.Elts, path, visit)
		}
	}
}

// Source is the text of the value at a path, as it is written first; empty where there is none.
func (f *File) Source(path ...string) string {
	for _, field := range f.fields(path) {
		return string(f.text[field.Value.Pos().Offset():field.Value.End().Offset()])
	}
	return ""
}
