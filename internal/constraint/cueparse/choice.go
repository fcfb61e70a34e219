package cueparse

import (
	"strings"

	"cuelang.org/go/cue"
	"cuelang.org/go/cue/ast"
	"cuelang.org/go/cue/token"
	"spokewright.dev/spokewright/internal/constraint"
)

// alternatives surveys a disjunction. Limits on a list's length are kept only where one alternative may be a list:
// evaluation does not tell which of several they belong to.
func (p *parser) alternatives(v cue.Value, arms []cue.Value, at place) survey {
	var s survey
	var kinds constraint.Kinds
	lists, sized, meeting, ways := 0, false, 0, 0
	for _, arm := range arms {
		t := p.survey(arm, at)
		if t.kinds&constraint.List != 0 {
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

// checkChoice surveys everything inside of alternatives. Evaluation drops one for a list in it that is still too short,
// one that differs from another in nothing but patterns for names, and one with alternatives of its own inside that
// meets !=null.
func (p *parser) checkChoice(v cue.Value, s survey, at place) {
	if s.notNull && s.ways > 1 && s.kinds&(constraint.List|constraint.Map) != 0 {
		p.refuse(v, at, "beside alternatives that are lists or structs, CUE loses some to !=null; leave it out, and null out of the alternatives")
	}
	if !s.choice {
		return
	}
	patterned := p.deep(s, at)
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

// deep surveys the inside of the structs in s, and reports whether there are patterns for names.
func (p *parser) deep(s survey, at place) (patterned bool) {
	for _, v := range s.structs {
		inner := at.within(s.scopes, v)
		iter, err := v.Fields(cue.Optional(true), cue.Patterns(true))
		if err != nil {
			continue
		}
		for iter.Next() {
			isPattern := iter.Selector().ConstraintType() == cue.PatternConstraint
			inside := p.inside(iter.Value(), inner.down(strings.TrimRight(iter.Selector().String(), "?!")))
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
	patterned = p.deep(s, at)
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

// checkMarked refuses a default that CUE takes for a part of another alternative and does not show, unless it is
// written as plain data.
func (p *parser) checkMarked(v cue.Value, source ast.Node, shown int, at place) {
	if v.IncompleteKind()&(cue.ListKind|cue.StructKind) == 0 {
		return
	}
	written := operands(source, token.OR)
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

// operands are what an operator joins, as it is written.
func operands(source ast.Node, op token.Token) []ast.Node {
	if x, ok := source.(*ast.BinaryExpr); ok && x.Op == op {
		return append(operands(expression(x.X), op), operands(expression(x.Y), op)...)
	}
	return []ast.Node{source}
}
