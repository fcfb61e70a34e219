// Package cuefile reads one CUE file as data that remembers where each value was written, with every mistake in it told at
// its place and its cost bounded before CUE evaluates it: it is the door for text that anybody may have written.
// It opens no file and knows no fleet: what a spec may hold is for package schema to say.
package cuefile

import (
	"bytes"
	"fmt"
	"path"
	"slices"
	"strings"

	"cuelang.org/go/cue"
	"cuelang.org/go/cue/ast"
	"cuelang.org/go/cue/cuecontext"
	"cuelang.org/go/cue/parser"
	"cuelang.org/go/cue/token"

	"spokewright.dev/spokewright/internal/constraint"
	"spokewright.dev/spokewright/internal/constraint/cueparse"
	"spokewright.dev/spokewright/internal/finding"
)

// source is the text of a spec with its name in messages.
type source struct {
	file string
	text []byte
}

// Places says at which paths of a spec something else stands than data that goes through templates; nil for nowhere.
type Places struct {
	Constraint func(path []string) bool // a constraint
	Marked     func(path []string) bool // data in which {{ and }} mean nothing, as a text or a name
}

// Read turns the text of a spec into a node and tells every mistake in it that can be seen without knowing what a spec
// may hold. The node is nil where the text is too broken to go on. Nothing is opened and nothing is fetched.
func Read(file string, text []byte, places Places) (*Node, finding.Findings) {
	root, problems := read(file, text, places)
	if len(problems) == 0 && !hasFlaw(root) {
		return root, nil
	}
	other := otherLanguage(file, text)
	if other.message == "" {
		return root, problems
	}
	found := problem(finding.Syntax, finding.Position{File: file, Line: other.line, Column: other.column}, "%s", other.message)
	if other.fixed == nil {
		return nil, found
	}
	root, problems = read(file, other.fixed, places)
	for _, p := range problems {
		if !other.told[p.Line] {
			found = append(found, p)
		}
	}
	return root, found
}

// hasFlaw reports whether something was taken out of a value, or of what is in it.
func hasFlaw(n *Node) bool {
	if n.Invalid || n.Flaw != nil {
		return true
	}
	for _, field := range n.Fields {
		if hasFlaw(field) {
			return true
		}
	}
	return slices.ContainsFunc(n.Items, hasFlaw)
}

func read(file string, text []byte, places Places) (*Node, finding.Findings) {
	s := source{file, text}
	problems := checkText(file, text)
	if len(problems) > 0 && (len(text) > maxSourceBytes || len(bytes.TrimSpace(text)) == 0) {
		return nil, problems
	}
	if len(problems) == 0 {
		if root, known := plainly(s, places); known {
			return root, nil
		}
	}
	return evaluatedly(s, places, problems)
}

// evaluatedly has CUE evaluate a text, in which problems were found already.
func evaluatedly(s source, places Places, problems finding.Findings) (*Node, finding.Findings) {
	hidden := lines(problems)
	e, found := evaluate(s, false)
	for _, p := range found {
		if !hidden[p.Line] { // else it follows from what an editor hides
			problems = append(problems, p)
		}
	}
	if e == nil {
		return nil, problems
	}
	b := &builder{tracer: e.tracer, flaws: e.flaws, marks: e.marks, told: fields(found), hidden: hidden, places: places}
	root := b.build(e.value, e.tracer.root, nil)
	root.Position = s.start()
	return root, append(append(problems, b.problems...), untold(e.flaws)...)
}

// lines are the lines that findings tell of.
func lines(all finding.Findings) map[int]bool {
	lines := map[int]bool{}
	for _, problem := range all {
		lines[problem.Line] = true
	}
	return lines
}

// evaluated is a text that CUE has evaluated: its value, where each part of it was written, and what was taken out.
type evaluated struct {
	value  cue.Value
	tracer *tracer
	flaws  map[ast.Node]*flaw
	marks  *cueparse.Extraction
}

// evaluate lets CUE evaluate a text, which may be a rule as a whole. It gives nil where the text is too broken, or would
// grow too large.
func evaluate(s source, rule bool) (*evaluated, finding.Findings) {
	if problems := checkTokens(s); len(problems) > 0 {
		return nil, problems
	}
	syntax, err := parser.ParseFile(s.file, s.text)
	if err != nil {
		return nil, s.syntax(err)
	}
	if what := nothingBut(syntax); what != "" {
		return nil, problem(finding.Syntax, s.start(), "the file is empty: it has nothing but %s", what)
	}
	flaws := clean(s, syntax, rule)
	tracer, problems := trace(s, syntax)
	if tracer == nil {
		return nil, append(problems, untold(flaws)...)
	}
	marks := extract(syntax, rule)
	value := cuecontext.New().BuildFile(syntax)
	problems = tracer.evaluation(value.Validate())
	if value.IncompleteKind() == cue.BottomKind && len(problems) > 0 {
		if fields, err := value.Fields(); err != nil || !fields.Next() { // nothing was compiled
			return nil, append(problems, untold(flaws)...)
		}
	}
	return &evaluated{value, tracer, flaws, marks}, problems
}

// nothingBut is what stands in a file that says nothing; empty for one that says something.
func nothingBut(syntax *ast.File) string {
	what := "comments"
	for _, decl := range syntax.Decls {
		switch decl.(type) {
		case *ast.CommentGroup:
		case *ast.Package:
			what = "its package"
		default:
			return ""
		}
	}
	return what
}

// position is where a token stands; the start of the file where CUE does not know.
func (s source) position(pos token.Pos) finding.Position {
	if !pos.IsValid() || pos.Filename() == "" || path.Base(pos.Filename()) != path.Base(s.file) {
		return s.start()
	}
	return finding.Position{File: s.file, Line: pos.Line(), Column: pos.Column()}
}

// start is where a text begins, for what is about all of it.
func (s source) start() finding.Position { return finding.Position{File: s.file, Line: 1, Column: 1} }

// problem is one finding about a position.
func problem(code finding.Code, at finding.Position, format string, args ...any) finding.Findings {
	return finding.Findings{{Code: code, Position: at, Message: fmt.Sprintf(format, args...)}}
}

// quote is the text of a piece of syntax, on one line and cut where it is long.
func (s source) quote(n ast.Node) string {
	from, to := n.Pos(), n.End()
	if !from.IsValid() || !to.IsValid() || from.Offset() >= to.Offset() || to.Offset() > len(s.text) {
		return "this"
	}
	return shorten(strings.Join(strings.Fields(string(s.text[from.Offset():to.Offset()])), " "))
}

// untold are the flaws that no value of the spec has: those in definitions and hidden fields.
func untold(flaws map[ast.Node]*flaw) finding.Findings {
	var problems finding.Findings
	for _, f := range flaws {
		if !f.told && f.message != "" {
			problems = append(problems, problem(f.code, f.Position, "%s", f.message)...)
		}
	}
	return problems
}

func foreignLetters(name string) string {
	return fmt.Sprintf("the name %+q has letters outside ASCII, which can look like others", strings.Trim(name, `"`))
}

// Rule reads a text that is a constraint as a whole. file is its name in messages; lines and columns count in the text.
func Rule(file, text string) (cue.Value, *cueparse.Extraction, finding.Findings) {
	e, problems := evaluate(source{file, []byte(text)}, true)
	if e == nil {
		return cue.Value{}, nil, problems
	}
	return e.value, e.marks, append(problems, untold(e.flaws)...)
}

// Embedded is a value of the program's own as a node: what is wrong with it is told at the file name given, without
// lines. extraction is what was taken out of its text; opaque says which paths hold constraints, not data.
func Embedded(file string, value cue.Value, extraction *cueparse.Extraction, opaque func(path []string) bool) (*Node, error) {
	b := &builder{tracer: &tracer{source: source{file: file}}, marks: extraction, places: Places{Constraint: opaque}}
	n := b.build(value, nil, nil)
	return n, b.problems.Err()
}

// Plain is data of the program's own as a node, which stands in a file without lines. A *constraint.Constraint in it stays
// one.
func Plain(file string, value any) *Node {
	at := finding.Position{File: file}
	n := &Node{Position: at, Label: at}
	switch value := value.(type) {
	case map[string]any:
		n.Fields = make(map[string]*Node, len(value))
		for name, below := range value {
			n.Fields[name] = Plain(file, below)
		}
	case []any:
		n.Items = make([]*Node, len(value))
		for i, below := range value {
			n.Items[i] = Plain(file, below)
		}
	case *constraint.Constraint:
		n.Require, n.Fields = value, map[string]*Node{}
	default:
		n.Scalar = value
	}
	return n
}
