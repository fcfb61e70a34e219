package cuefile

import (
	"slices"
	"strconv"
	"strings"

	"cuelang.org/go/cue/ast"
	"cuelang.org/go/cue/literal"
	"cuelang.org/go/cue/parser"
	"cuelang.org/go/cue/scanner"
	"cuelang.org/go/cue/token"
	"spokewright.dev/spokewright/internal/finding"
)

// plainly reads a text that says nothing but literals, each field once and none of them wrong: then what CUE would make of it
// is what is written, and CUE need not be asked. Of any other text it knows nothing.
func plainly(s source, places Places) (root *Node, known bool) {
	if len(checkTokens(s)) > 0 {
		return nil, false
	}
	syntax, err := parser.ParseFile(s.file, s.text)
	if err != nil || nothingBut(syntax) != "" {
		return nil, false
	}
	p := plainReader{source: s, places: places}
	root = p.fields(syntax.Decls, nil)
	root.Position, root.Label = s.start(), s.start()
	return root, !p.other && 3*p.values+len(s.text)/64 < maxGrowth
}

// plainReader turns syntax into nodes. other says that there is more to it than literals.
type plainReader struct {
	source
	places Places
	other  bool
	values int
}

func (p *plainReader) fields(decls []ast.Decl, path []string) *Node {
	n := &Node{Fields: make(map[string]*Node, len(decls))}
	p.other = p.other || p.places.Constraint != nil && p.places.Constraint(path)
	for _, decl := range decls {
		switch d := decl.(type) {
		case *ast.Field:
			name, is := plainName(d)
			if p.other = p.other || !is || n.Fields[name] != nil; p.other {
				return n
			}
			below := append(slices.Clip(path), name)
			p.other = UnkeptName(name) != "" || p.braces(name, below)
			n.Fields[name] = p.value(d.Value, below)
			n.Fields[name].Label = p.position(d.Label.Pos())
		case *ast.CommentGroup, *ast.Package:
		default:
			p.other = true
			return n
		}
	}
	return n
}

// plainName is the name of a field that is nothing but a name and a value.
func plainName(f *ast.Field) (name string, is bool) {
	if f.Constraint != token.ILLEGAL || f.Alias != nil || len(f.Attrs) > 0 {
		return "", false
	}
	switch label := f.Label.(type) {
	case *ast.Ident:
		return label.Name, isASCII(label.Name) && !strings.HasPrefix(label.Name, "_") && !strings.HasPrefix(label.Name, "#")
	case *ast.BasicLit:
		name, err := literal.Unquote(label.Value)
		return name, err == nil && label.Kind == token.STRING && strings.HasPrefix(label.Value, `"`) && isASCII(label.Value)
	}
	return "", false
}

func (p *plainReader) value(expr ast.Expr, path []string) *Node {
	p.values++
	n := &Node{}
	switch x := expr.(type) {
	case *ast.StructLit:
		n = p.fields(x.Elts, path)
	case *ast.ListLit:
		n.Items = make([]*Node, 0, len(x.Elts))
		for i, element := range x.Elts {
			if p.other {
				break
			}
			n.Items = append(n.Items, p.value(element, append(slices.Clip(path), strconv.Itoa(i))))
		}
	case *ast.BasicLit:
		p.scalar(n, x, path)
	default:
		p.other = true
	}
	n.Position = p.position(expr.Pos())
	n.Label = n.Position
	return n
}

func (p *plainReader) scalar(n *Node, x *ast.BasicLit, path []string) {
	var err error
	switch {
	case x.Kind == token.STRING && strings.HasPrefix(x.Value, `"`):
		var text string
		text, err = literal.Unquote(x.Value)
		n.Scalar = text
		p.other = p.other || Unkept(text) != "" || p.braces(text, path)
	case x.Kind == token.INT && (x.Value == "0" || !strings.HasPrefix(x.Value, "0")): // other bases, and what is none
		n.Scalar, err = strconv.ParseInt(x.Value, 10, 64)
		n.text = x.Value
	case x.Kind == token.TRUE || x.Kind == token.FALSE:
		n.Scalar = x.Kind == token.TRUE
	case x.Kind == token.NULL:
	default:
		p.other = true
	}
	p.other = p.other || err != nil
}

func (p *plainReader) braces(text string, path []string) bool {
	return HasTemplateMark(text) && (p.places.Marked == nil || !p.places.Marked(path))
}

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
