package cuefile

import (
	"slices"
	"strings"

	"cuelang.org/go/cue/ast"
	"cuelang.org/go/cue/literal"
	"cuelang.org/go/cue/parser"
	"cuelang.org/go/cue/scanner"
	"cuelang.org/go/cue/token"

	"spokewright.dev/spokewright/internal/finding"
)

// TextField is a field at the top of a file whose value is written there as a text, and where the text stands. Nothing is
// evaluated and no mistake is told, so that a file for a newer program can be asked which one. It is "" where there is none.
func TextField(file string, text []byte, name string) (string, finding.Position) {
	s := source{file, text}
	if len(text) > maxSourceBytes || len(checkTokens(s)) > 0 {
		return "", finding.Position{}
	}
	syntax, _ := parser.ParseFile(file, text) // of a broken file, what stands before the mistake
	if syntax == nil {
		return "", finding.Position{}
	}
	for _, decl := range syntax.Decls {
		field, ok := decl.(*ast.Field)
		if !ok {
			continue
		}
		value, ok := field.Value.(*ast.BasicLit)
		if label, _, err := ast.LabelName(field.Label); err != nil || label != name || !ok {
			continue
		}
		if found, err := literal.Unquote(value.Value); err == nil {
			return found, s.position(value.Pos())
		}
	}
	return "", finding.Position{}
}

// Topmost are the texts that some fields at the top of a file have, read from its tokens alone: nothing is parsed, evaluated or
// judged. It knows no answer unless the file's top is plain fields, these among them written once and as texts, so that
// evaluating the file would give the same.
func Topmost(text []byte, names ...string) (found map[string]string, known bool) {
	if len(text) > maxSourceBytes {
		return nil, false
	}
	broken := false
	top := topmost{names: names, found: map[string]string{}}
	top.scanner.Init(token.NewFile("", -1, len(text)), text, func(token.Pos, string, []any) { broken = true }, 0)
	for top.next(); top.token != token.EOF; {
		if !top.field() {
			return nil, false
		}
	}
	return top.found, !broken
}

// topmost reads fields one after another.
type topmost struct {
	scanner scanner.Scanner
	names   []string
	found   map[string]string

	token token.Token
	text  string
}

func (t *topmost) next() { _, t.token, t.text = t.scanner.Scan() }

// field reads the next one with all that is in it, or the package, and says whether it is one.
func (t *topmost) field() bool {
	label, is := t.label()
	if !is {
		return false
	}
	t.next()
	if label == "package" && t.token == token.IDENT {
		t.next()
		return t.ends()
	}
	if t.token != token.COLON {
		return false
	}
	t.next()
	if !slices.Contains(t.names, label) {
		return t.skip()
	}
	_, twice := t.found[label]
	if twice || t.token != token.STRING || !strings.HasPrefix(t.text, `"`) { // in single quotes it is bytes
		return false
	}
	value, err := literal.Unquote(t.text)
	if err != nil {
		return false
	}
	t.found[label] = value
	t.next()
	return t.ends()
}

// label is the name of a field, or the word of a package's.
func (t *topmost) label() (name string, is bool) {
	switch t.token {
	case token.IDENT:
		return t.text, true
	case token.STRING:
		name, err := literal.Unquote(t.text)
		return name, err == nil
	}
	return "", false
}

// ends goes behind the end of a field.
func (t *topmost) ends() bool {
	if t.token == token.EOF {
		return true
	}
	comma := t.token == token.COMMA
	t.next()
	return comma
}

// skip goes behind a value and what is in it.
func (t *topmost) skip() bool {
	for depth := 0; ; t.next() {
		switch t.token {
		case token.LBRACE, token.LBRACK, token.LPAREN:
			depth++
		case token.RBRACE, token.RBRACK, token.RPAREN:
			depth--
		case token.INTERPOLATION, token.ILLEGAL: // the scanner leaves the first half read
			return false
		case token.COMMA:
			if depth == 0 {
				return t.ends()
			}
		case token.EOF:
			return depth == 0
		}
		if depth < 0 {
			return false
		}
	}
}
