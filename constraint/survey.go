package constraint

import (
	"fmt"
	"slices"
	"strings"

	"cuelang.org/go/cue"
	"cuelang.org/go/cue/ast"
	"cuelang.org/go/cue/token"
)

// survey is what the text of a value says and its evaluated form no longer shows: evaluation forgets the validators
// of lists and structs, drops alternatives whose lists are still too short, and takes a reference to a value that is
// not settled yet for a mere copy of it.
type survey struct {
	kinds    Kinds
	minItems int
	maxItems *int
	items    int         // how many elements its list literals begin with
	structs  []cue.Value // its struct literals
	meeting  int         // how many of them meet in one value
	choice   bool        // some of them are alternatives
	ways     int         // how many combinations of alternatives there are
	scopes   []ast.Node  // where the names of its fields are declared
	exprs    []ast.Node  // whose identifiers have to be checked
	open     []cue.Value // results of operators that depend on what is not given
	doc      string
}

// survey reads the text of v, and follows its references.
func (p *parser) survey(v cue.Value, at place) survey {
	if p.steps >= steps {
		p.tooLarge(v, at)
		return survey{}
	}
	p.steps++
	s := survey{kinds: Any, ways: 1, doc: comment(v)}
	source := expression(v.Source())
	s.read(source)
	op, args := v.Expr()
	target, found := follow(v, op, args)
	switch {
	case found:
		s.meet(p.survey(target, at))
	case op == cue.AndOp:
		for _, arg := range args {
			s.meet(p.survey(arg, at))
		}
	case op == cue.OrOp:
		p.checkMarked(v, source, len(args), at)
		s.meet(p.alternatives(v, args, at))
	case op == cue.CallOp:
		s.meet(p.function(v, args, at))
	case op == cue.NoOp:
		s.meet(p.literal(v, source, args, at))
	case len(args) == 1:
		s.kinds = kindsOf(v.IncompleteKind())
	default:
		s.kinds = kindsOf(v.IncompleteKind())
		if !fixed(v) {
			s.open = append(s.open, v)
		}
	}
	return s
}

// meet adds what t says of the same value.
func (s *survey) meet(t survey) {
	s.kinds &= t.kinds
	s.minItems = max(s.minItems, t.minItems)
	s.maxItems = least(s.maxItems, t.maxItems)
	s.items = max(s.items, t.items)
	s.structs = append(s.structs, t.structs...)
	s.meeting += t.meeting
	s.ways = min(s.ways*t.ways, steps)
	s.choice = s.choice || t.choice
	s.scopes = append(s.scopes, t.scopes...)
	s.exprs = append(s.exprs, t.exprs...)
	s.open = append(s.open, t.open...)
	if s.doc == "" {
		s.doc = t.doc
	}
}

// follow finds what a reference refers to.
func follow(v cue.Value, op cue.Op, args []cue.Value) (cue.Value, bool) {
	if root, path := v.ReferencePath(); root.Exists() {
		if target := root.LookupPath(path); target.Exists() {
			return target, true
		}
	}
	if op != cue.SelectorOp || len(args) != 2 {
		return cue.Value{}, false
	}
	label, err := args[1].String()
	if err != nil {
		return cue.Value{}, false
	}
	target := args[0].LookupPath(cue.ParsePath(label))
	return target, target.Exists()
}

// alternatives surveys a disjunction. Limits on a list's length are kept only where one alternative may be a list:
// evaluation does not tell which of several they belong to.
func (p *parser) alternatives(v cue.Value, arms []cue.Value, at place) survey {
	var s survey
	var kinds Kinds
	lists, sized, meeting, ways := 0, false, 0, 0
	for _, arm := range arms {
		t := p.survey(arm, at)
		if t.kinds&List != 0 {
			lists++
			sized = sized || t.minItems > 0 || t.maxItems != nil
		}
		t.doc = ""
		s.meet(t)
		kinds, meeting, ways = kinds|t.kinds, max(meeting, t.meeting), ways+t.ways
	}
	if lists > 1 && sized {
		p.refuse(v, at, "only one alternative may be a list when list.MinItems or list.MaxItems is used")
	}
	s.kinds, s.meeting, s.ways = kinds, meeting, min(ways, steps)
	s.choice = s.choice || len(arms) > 1 && len(s.structs) > 0
	return s
}

// checkMarked refuses a default that CUE takes for a part of another alternative and does not show, unless it is
// written as plain data.
func (p *parser) checkMarked(v cue.Value, source ast.Node, shown int, at place) {
	if v.IncompleteKind()&(cue.ListKind|cue.StructKind) == 0 {
		return
	}
	written := operands(source)
	if len(written) <= shown {
		return
	}
	for _, operand := range written {
		mark, ok := operand.(*ast.UnaryExpr)
		if !ok || mark.Op != token.MUL {
			continue
		}
		ast.Walk(mark.X, func(node ast.Node) bool {
			switch node.(type) {
			case *ast.CallExpr, *ast.SelectorExpr, *ast.Comprehension, *ast.Ellipsis:
				p.refuse(v, at, "write the default as plain data, or leave its mark * out")
				return false
			}
			return true
		}, nil)
	}
}

// operands are the alternatives as they are written.
func operands(source ast.Node) []ast.Expr {
	x, ok := source.(*ast.BinaryExpr)
	if !ok || x.Op != token.OR {
		if expr, ok := source.(ast.Expr); ok {
			return []ast.Expr{expr}
		}
		return nil
	}
	return append(operands(x.X), operands(x.Y)...)
}

// function surveys a call.
func (p *parser) function(v cue.Value, args []cue.Value, at place) survey {
	s := survey{kinds: kindsOf(v.IncompleteKind()), ways: 1}
	name := fmt.Sprint(args[0])
	switch name {
	case "close":
		return p.survey(args[1], at)
	case "error", "error()":
		return survey{} // no way
	case "list.MinItems", "list.MaxItems":
		n, err := args[1].Int64()
		if err != nil {
			break
		}
		size := int(max(n, 0))
		if name == "list.MinItems" {
			s.minItems = size
		} else {
			s.maxItems = &size
		}
		return s
	}
	if s.kinds&(List|Map) != 0 && !fixed(v) {
		p.refuse(v, at, instead(name))
	}
	return s
}

// literal surveys what is neither an operation nor a reference that can be followed.
func (p *parser) literal(v cue.Value, source ast.Node, args []cue.Value, at place) survey {
	if _, ok := source.(*ast.BinaryExpr); ok && len(args) == 1 && expression(args[0].Source()) != source {
		p.checkMarked(v, source, 1, at)
		return p.survey(args[0], at) // alternatives of which only one is left
	}
	s := survey{kinds: kindsOf(v.IncompleteKind()), ways: 1}
	written := v.Kind() != cue.BottomKind
	switch x := source.(type) {
	case *ast.StructLit, *ast.File, *ast.ListLit, *ast.BasicLit, *ast.BottomLit, *ast.Ellipsis:
		written = true
	case *ast.Ident:
		written = x.Node == nil
	case nil:
		written = written || fmt.Sprint(v) == "_" // the elements of [...]
	default:
		written = false
	}
	switch {
	case s.kinds&(List|Map) == 0 || written || fixed(v):
	case source == nil:
		p.refuse(v, at, instead(fmt.Sprint(v)))
	default:
		p.refuse(v, at, "a list or a struct behind a name must be a definition (#name), not a let or an alias")
	}
	if s.kinds == Map {
		s.structs, s.meeting = append(s.structs, v), 1
	}
	if iter, err := v.List(); err == nil && s.kinds == List {
		for iter.Next() {
			s.items++
		}
	}
	return s
}

// checkChoice surveys everything inside of alternatives. Evaluation drops one for a list in it that is still too short,
// and one that differs from another in nothing but patterns for names.
func (p *parser) checkChoice(v cue.Value, s survey, at place) {
	if !s.choice {
		return
	}
	patterned := p.deep(s.structs, at)
	if _, arms := v.Eval().Expr(); patterned && len(arms) < s.ways {
		p.refuse(v, at, `alternatives that differ only in patterns for names fall together; give each a field of its own (kind: "a")`)
	}
	structs, open := structArms(v), 0
	for _, arm := range structs {
		if allows(arm, strangers[0]) {
			open++
		}
	}
	if len(structArms(with(v, strangers[0]))) != open {
		p.refuse(v, at, "it is not plain which of the alternatives are closed; write close(...) around each, or ... in each")
	}
}

// structArms are the alternatives in v that are structs, or v itself.
func structArms(v cue.Value) []cue.Value {
	if v.Kind() == cue.StructKind {
		return []cue.Value{v}
	}
	op, args := v.Eval().Expr()
	if op != cue.OrOp {
		return nil
	}
	var arms []cue.Value
	for _, arg := range args {
		arms = append(arms, structArms(arg)...)
	}
	return arms
}

// deep surveys the inside of structs, and reports whether there are patterns for names.
func (p *parser) deep(structs []cue.Value, at place) (patterned bool) {
	for _, v := range structs {
		iter, err := v.Fields(cue.Optional(true), cue.Patterns(true))
		if err != nil {
			continue
		}
		for iter.Next() {
			isPattern := iter.Selector().ConstraintType() == cue.PatternConstraint
			inside := p.inside(iter.Value(), at.down(strings.TrimRight(iter.Selector().String(), "?!")))
			patterned = patterned || isPattern || inside
		}
	}
	return patterned
}

func (p *parser) inside(v cue.Value, at place) (patterned bool) {
	s := p.survey(v, at)
	p.check(s, v, at)
	if s.minItems > 0 {
		p.refuse(v, at, "inside an alternative, write the list with as many elements as it needs: [T, ...T] instead of list.MinItems(1) & [...T]")
	}
	patterned = p.deep(s.structs, at)
	if iter, err := v.List(); err == nil {
		for iter.Next() {
			patterned = p.inside(iter.Value(), at.down("[]")) || patterned
		}
	}
	if each := v.LookupPath(cue.MakePath(cue.AnyIndex)); each.Exists() {
		patterned = p.inside(each, at.down("[]")) || patterned
	}
	return patterned
}

// fixed reports whether v is a constant, or a list of constants, that no data can change.
func fixed(v cue.Value) bool {
	if _, ok := v.Default(); ok || !v.IsConcrete() || v.Err() != nil {
		return false
	}
	switch v.Kind() {
	case cue.StructKind:
		return false
	case cue.ListKind:
		iter, _ := v.List()
		for iter.Next() {
			if !fixed(iter.Value()) {
				return false
			}
		}
		return !v.LookupPath(cue.MakePath(cue.AnyIndex)).Exists()
	}
	return true
}

// comment is the doc comment of v.
func comment(v cue.Value) string {
	var texts []string
	for _, group := range v.Doc() {
		if text := strings.TrimSpace(group.Text()); text != "" && !slices.Contains(texts, text) {
			texts = append(texts, text)
		}
	}
	return strings.Join(texts, "\n")
}
