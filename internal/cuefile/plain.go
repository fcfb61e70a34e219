package cuefile

import (
	"strconv"
	"strings"

	"cuelang.org/go/cue/ast"
	"cuelang.org/go/cue/literal"
	"cuelang.org/go/cue/parser"
	"cuelang.org/go/cue/token"
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
			below := append(path[:len(path):len(path)], name)
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
			n.Items = append(n.Items, p.value(element, append(path[:len(path):len(path)], strconv.Itoa(i))))
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
