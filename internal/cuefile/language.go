package cuefile

import (
	"fmt"
	"slices"
	"strings"

	"cuelang.org/go/cue/ast"
	"cuelang.org/go/cue/token"

	"spokewright.dev/spokewright/internal/finding"
)

// language reads the syntax of a spec and takes out what a spec may not say. A spec is data: of CUE it uses fields,
// lists, texts, references, let, hidden fields, definitions and the constraints that rules need. Loops, conditions and
// functions are refused: CUE's evaluator cannot be stopped, and what stays has a size that can be known beforehand.
// What is taken out leaves a flaw in its place, so that all the rest can still be judged.
type language struct {
	source
	flaws   map[ast.Node]*flaw
	names   []string // declared anywhere in the file, each once
	known   map[string]bool
	used    map[string]bool
	unknown map[*ast.Ident]bool // refer to nothing
	foreign map[string]bool     // names of imports that were refused
	rules   int                 // how many rules we are inside of
	depth   int                 // how many fields we are inside of
}

// flaw stands for what was taken out of a spec.
type flaw struct {
	finding.Position
	code    finding.Code
	message string
	word    string // that has no quotes and names nothing
	told    bool
}

// clean takes out of a file what a spec may not say, and gives the flaws by the nodes that stand there instead.
func clean(s source, syntax *ast.File, rule bool) map[ast.Node]*flaw {
	l := &language{source: s, flaws: map[ast.Node]*flaw{}, known: map[string]bool{}, used: map[string]bool{}, unknown: map[*ast.Ident]bool{}, foreign: map[string]bool{}}
	for _, name := range syntax.Unresolved {
		l.unknown[name] = !predeclared(name.Name)
	}
	if rule {
		l.rules++
	}
	ast.Walk(syntax, func(n ast.Node) bool { l.note(n); return true }, nil)
	syntax.Decls = l.declarations(syntax.Decls)
	l.tidy(syntax)
	return l.flaws
}

// note remembers declared names, and the names that something refers to.
func (l *language) note(n ast.Node) {
	switch n := n.(type) {
	case *ast.Field:
		if name, ok := n.Label.(*ast.Ident); ok {
			l.declare(name.Name)
		}
	case *ast.LetClause:
		l.declare(n.Ident.Name)
	case *ast.Ident:
		if n.Node != nil {
			l.used[n.Name] = true
		}
	}
}

func (l *language) declare(name string) {
	if !l.known[name] {
		l.known[name] = true
		l.names = append(l.names, name)
	}
}

// add notes a flaw for a node that stays, or that takes the place of what was found at pos.
func (l *language) add(n ast.Node, pos token.Pos, message string) {
	if message == toldElsewhere {
		message = ""
	}
	l.flaws[n] = &flaw{Position: l.position(pos), code: finding.NotData, message: message}
}

// hole takes the place of a declaration: a struct that says nothing.
func (l *language) hole(pos token.Pos, message string) ast.Decl {
	empty := &ast.StructLit{Lbrace: pos}
	l.add(empty, pos, message)
	return &ast.EmbedDecl{Expr: empty}
}

// stand takes the place of an expression: it can be anything.
func (l *language) stand(pos token.Pos, message string) ast.Expr {
	anything := &ast.Ident{NamePos: pos, Name: "_"}
	l.add(anything, pos, message)
	return anything
}

func (l *language) declarations(decls []ast.Decl) []ast.Decl {
	kept := make([]ast.Decl, 0, len(decls))
	required := l.rules == 0 && slices.ContainsFunc(decls, isRequired) // in rules, package constraint takes the marks away
	for _, decl := range decls {
		if embedded, is := decl.(*ast.EmbedDecl); is && required && isBound(embedded.Expr) {
			decl = l.hole(decl.Pos(), "found "+l.quote(embedded.Expr)+" beside the fields of a struct: a struct is no number and no text")
		}
		if decl = l.declaration(decl); decl != nil {
			kept = append(kept, decl)
		}
	}
	return kept
}

// declaration is what stays of a declaration; nil for nothing.
func (l *language) declaration(decl ast.Decl) ast.Decl {
	switch d := decl.(type) {
	case *ast.Field:
		return l.field(d)
	case *ast.EmbedDecl:
		d.Expr = l.value(d.Expr)
	case *ast.LetClause:
		if !l.used[d.Ident.Name] {
			return l.hole(d.Pos(), fmt.Sprintf("nothing uses %q: take the let out", d.Ident.Name))
		}
		d.Expr = l.value(d.Expr)
	case *ast.Ellipsis:
		if d.Type != nil {
			d.Type = l.value(d.Type)
		}
	case *ast.ImportDecl:
		return l.imports(d)
	case *ast.Comprehension:
		return l.condition(d)
	case *ast.Attribute:
		return l.hole(d.Pos(), "found an attribute ("+l.quote(d)+"): nothing reads it here")
	case *ast.Alias:
		return l.hole(d.Pos(), "found an alias ("+d.Ident.Name+"=): write let "+d.Ident.Name+" = ...")
	}
	return decl
}

// field is a field whose name is written out.
func (l *language) field(f *ast.Field) ast.Decl {
	switch label := f.Label.(type) {
	case *ast.Ident:
		if !isASCII(label.Name) {
			return l.hole(label.Pos(), foreignLetters(label.Name))
		}
	case *ast.BasicLit:
		if !isASCII(label.Value) {
			return l.hole(label.Pos(), foreignLetters(label.Value))
		}
	case *ast.ListLit:
		if reason := l.refused(label); reason != "" || len(label.Elts) != 1 {
			return l.hole(label.Pos(), reason)
		}
	case *ast.Alias:
		return l.hole(label.Pos(), "found an alias ("+label.Ident.Name+"=): write the name itself, or a let")
	default:
		return l.hole(label.Pos(), "found "+l.quote(label)+", a name that is computed: write the name out")
	}
	if len(f.Attrs) > 0 {
		return l.hole(f.Attrs[0].Pos(), "found an attribute ("+l.quote(f.Attrs[0])+"): nothing reads it here")
	}
	if f.Alias != nil {
		return l.hole(f.Pos(), "found an alias (~): write a let")
	}
	if at, message := l.openClass(f); message != "" {
		return l.hole(at, message)
	}
	if isRule(f) {
		l.rules++
		defer func() { l.rules-- }()
	}
	l.depth++
	defer func() { l.depth-- }()
	f.Value = l.value(f.Value)
	return f
}

// OwnClasses are the classes that come with the program. They are no part of a fleet's file when CUE evaluates it.
func OwnClasses() []string { return []string{"development", "production", "staging"} }

// openClass finds what looks as if it reached those. A class that the file writes itself is all there.
func (l *language) openClass(f *ast.Field) (at token.Pos, message string) {
	classes, is := f.Value.(*ast.StructLit)
	if label, named := f.Label.(*ast.Ident); !is || !named || label.Name != "classes" || l.depth > 0 {
		return at, ""
	}
	for _, decl := range classes.Elts {
		class, is := decl.(*ast.Field)
		if !is {
			continue
		}
		if _, pattern := class.Label.(*ast.ListLit); pattern {
			return class.Pos(), "found " + l.quote(class.Label) + ", which reaches no class but those that this file writes: write it in each class, or in one that others begin with (from)"
		}
		ast.Walk(class.Value, func(n ast.Node) bool {
			if of, is := n.(*ast.SelectorExpr); is && ownClass(of) && message == "" {
				at, message = of.Pos(), "found "+l.quote(of)+", which is only what this file writes of that class: write from: with its name"
			}
			return message == ""
		}, nil)
	}
	return at, message
}

func ownClass(of *ast.SelectorExpr) bool {
	classes, is := of.X.(*ast.Ident)
	name, _, err := ast.LabelName(of.Sel)
	return is && classes.Name == "classes" && err == nil && slices.Contains(OwnClasses(), name)
}

// imports drops what may not be imported, and CUE's own packages where nothing uses them.
func (l *language) imports(d *ast.ImportDecl) ast.Decl {
	allowed := []string{"list", "strings"}
	var kept []*ast.ImportSpec
	for _, spec := range d.Specs {
		path, name := imported(spec)
		switch {
		case !slices.Contains(allowed, path):
			l.foreign[name] = true
			l.add(spec, spec.Pos(), fmt.Sprintf("found an import of %s, allowed is %s, for rules: a spec stands alone, and nothing is ever fetched", finding.Quote(path), finding.OneOf(finding.Quoted(allowed))))
		case !l.used[name]:
			l.add(spec, spec.Pos(), fmt.Sprintf("nothing uses the import of %q: take it out", path))
		default:
			kept = append(kept, spec)
		}
	}
	if d.Specs = kept; len(kept) == 0 {
		return nil
	}
	return d
}

// imported is what an import names, and the name that it gets.
func imported(spec *ast.ImportSpec) (path, name string) {
	path = strings.Trim(spec.Path.Value, `"`)
	if spec.Name != nil {
		return path, spec.Name.Name
	}
	return path, path[strings.LastIndexByte(path, '/')+1:]
}
