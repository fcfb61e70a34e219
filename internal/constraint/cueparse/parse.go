// Package cueparse reads CUE values as constraints, and refuses with its place whatever the tree of package constraint
// cannot hold. It reads no files: syntax, limits and positions of specs are for package cuefile.
package cueparse

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"cuelang.org/go/cue"
	"cuelang.org/go/cue/ast"
	"cuelang.org/go/cue/errors"
	"cuelang.org/go/cue/token"
	"spokewright.dev/spokewright/internal/constraint"
)

// Parse reads v as a rule about values that are made elsewhere: a field the rule names must be there and satisfy
// what the rule says of it (a: X and a!: X alike), a?: X speaks only of a field that is there, a?: _|_ forbids it,
// and fields the rule does not name pass, unless the struct is closed.
// The error is an [Errors] with every piece that cannot be said.
func Parse(v cue.Value) (*constraint.Constraint, error) {
	return (&Extraction{}).parse(v, false)
}

// ParseDefinition reads v as the definition of values that CUE completes: as Parse does, but a regular field for
// which CUE itself has a value (a constant, a default, a struct that needs nothing) may be left out. Marks of
// default are ignored otherwise. Where there are several alternatives, a constant tells them apart and must be there.
func ParseDefinition(v cue.Value) (*constraint.Constraint, error) {
	return (&Extraction{}).parse(v, true)
}

func (m *Extraction) parse(v cue.Value, completed bool) (c *constraint.Constraint, err error) {
	p := &parser{completed: completed, marks: m, constants: map[*constraint.Constraint]bool{}, said: map[token.Pos]bool{}}
	defer func() {
		// CUE 0.17 cannot take some of its own expressions apart, such as [][:].
		if fault := recover(); fault != nil {
			c, err = nil, Errors{{Pos: v.Pos(), Text: p.text(v), Advice: fmt.Sprintf("CUE cannot take it apart (%v); write it in another way", fault)}}
		}
	}()
	c = p.parse(v, place{})
	p.checkRelations(c, nil, [][]*constraint.Constraint{{c}})
	if len(p.errs) == 0 {
		p.checkSaid(v)
	}
	if len(p.errs) > 0 {
		return nil, p.errs
	}
	return c, nil
}

type parser struct {
	completed bool                            // CUE completes the values
	marks     *Extraction                     // what was taken out of the text
	constants map[*constraint.Constraint]bool // of regular fields
	said      map[token.Pos]bool              // of what was taken out of the text
	steps     int
	ended     bool // there were too many steps
	errs      Errors
}

// A definition that contains itself goes deeper than depth, in fields or in references; steps bounds the work on any
// other.
const (
	depth = 64
	steps = 10_000
)

// tooLarge refuses v once, and ends the work.
func (p *parser) tooLarge(v cue.Value, at place) {
	if !p.ended {
		p.refuse(v, at, "it contains itself, or is too large; write it out to the depth that is needed")
	}
	p.ended, p.steps = true, steps
}

// parse reads one value of the tree. The evaluated value is what counts; its text is surveyed first for what the
// evaluated value no longer shows.
func (p *parser) parse(v cue.Value, at place) *constraint.Constraint {
	known := len(p.errs)
	if len(at.path) > depth {
		p.tooLarge(v, at)
	}
	if v.Pos().IsValid() {
		at.pos = v.Pos()
	}
	s := p.survey(v, at)
	if p.ended { // what follows from it is not told
		return &constraint.Constraint{Kinds: constraint.Any}
	}
	p.check(s, v, at)
	p.checkChoice(v, s, at)
	c := &constraint.Constraint{Kinds: constraint.Any}
	if len(p.errs) == known || s.kinds&constraint.Map != 0 && v.Err() == nil {
		c = p.value(v, s, at)
	}
	if len(p.errs) == known && !covers(c, s) {
		p.refuse(v, at, "CUE evaluates it to less than is written, perhaps because it contains itself; write it in another way")
	}
	p.related(c, s, v, at)
	c.Pos, c.Doc = v.Pos(), s.doc
	return c
}

// covers reports whether c, which is read off the evaluated value, has everything that the text has.
func covers(c *constraint.Constraint, s survey) bool {
	if c.Kinds&^s.kinds != 0 {
		return false
	}
	if s.choice || len(c.AnyOf) > 0 {
		return true
	}
	for _, v := range s.structs {
		iter, err := v.Fields(cue.Optional(true), cue.Patterns(true))
		if err != nil {
			return false
		}
		for iter.Next() {
			pattern := iter.Selector().ConstraintType() == cue.PatternConstraint
			known := func(f constraint.Field) bool { return f.Name == iter.Selector().Unquoted() }
			if pattern && len(c.Patterns) == 0 || !pattern && !c.Closed && !slices.ContainsFunc(c.Fields, known) {
				return false
			}
		}
	}
	return true
}

func (p *parser) value(v cue.Value, s survey, at place) *constraint.Constraint {
	var arms []*constraint.Constraint
	if s.minItems > 0 && s.kinds&constraint.List != 0 {
		arms = append(arms, p.longList(v, s, at))
		if s.kinds == constraint.List || v.Err() != nil {
			return arms[0]
		}
	}
	if err := v.Err(); err != nil {
		p.refuseError(v, at, err)
		return &constraint.Constraint{Kinds: constraint.Any}
	}
	return constraint.Either(append(arms, p.settled(v, v.IncompleteKind(), s, at)))
}

// refuseError tells why a value is in error: one refusal for each of CUE's errors, at its place.
func (p *parser) refuseError(v cue.Value, at place, err error) {
	list := errors.Errors(err)
	if len(list) == 0 {
		p.refuse(v, at, err.Error())
	}
	open := v.Validate() == nil
	for _, e := range list {
		u := &Unsupported{Pos: at.pos, Path: at.path, Text: p.text(v), Advice: fmt.Sprintf("nothing can satisfy it (%v)", e)}
		switch {
		case strings.Contains(e.Error(), "structural cycle"):
			u.Advice = "it contains itself; write it out to the depth that is needed"
		case open:
			u.Advice = fmt.Sprintf("it depends on a value that is not given here (%v); write the value out", e)
		}
		for _, pos := range append([]token.Pos{e.Position()}, e.InputPositions()...) {
			if pos.IsValid() {
				u.Pos = pos
				break
			}
		}
		p.add(u)
	}
}

// settled reads an evaluated value. whole is the kind of the conjunction it is a part of.
func (p *parser) settled(v cue.Value, whole cue.Kind, s survey, at place) *constraint.Constraint {
	switch v.Kind() {
	case cue.StructKind:
		return p.fields(v, s, at)
	case cue.ListKind:
		return p.list(v, -1, s, at)
	}
	v = v.Eval()
	op, args := v.Expr()
	standard, marked := v.Default()
	switch {
	case op == cue.OrOp || marked:
		var arms []*constraint.Constraint
		if marked {
			args = append(args, standard) // Expr leaves it out when it takes another alternative for wider
		}
		for _, arm := range args {
			arms = append(arms, p.settled(arm, arm.IncompleteKind(), s, at))
		}
		p.tag(arms)
		return constraint.Either(arms)
	case p.mixed(v, at):
		return &constraint.Constraint{Kinds: constraint.Any}
	case op == cue.AndOp:
		c := &constraint.Constraint{Kinds: constraint.Any}
		for _, part := range args {
			c.And(p.settled(part, whole, s, at))
		}
		c.Round()
		return c
	case op == cue.NoOp:
		return p.plain(v, at)
	case op == cue.CallOp:
		return p.call(v, args, at)
	}
	if len(args) != 1 {
		p.refuse(v, at, "it is computed from values that are not given here; write the value out")
		return &constraint.Constraint{Kinds: constraint.Any}
	}
	return p.bound(v, op, args[0], whole, at)
}

// mixed refuses fields beside a value that is no struct.
func (p *parser) mixed(v cue.Value, at place) bool {
	iter, err := v.Fields(cue.Optional(true), cue.Patterns(true))
	if err == nil && !iter.Next() {
		return false
	}
	p.refuse(v, at, "a value with fields beside it is no struct; write {...} before the fields, or leave them out")
	return true
}

// list reads an evaluated list. Its first n elements stand for themselves; n < 0 lets the list say.
func (p *parser) list(v cue.Value, n int, s survey, at place) *constraint.Constraint {
	c := &constraint.Constraint{Kinds: constraint.List, MinItems: s.minItems, MaxItems: s.maxItems}
	inner := at.within(s.scopes, v)
	length := 0
	iter, err := v.List()
	if err != nil {
		p.refuseError(v, at, err)
		return c
	}
	for ; iter.Next(); length++ {
		if n < 0 || length < n {
			c.Items = append(c.Items, p.parse(iter.Value(), inner.down(strconv.Itoa(length))))
		}
	}
	c.MinItems = max(c.MinItems, len(c.Items))
	each := v.LookupPath(cue.MakePath(cue.AnyIndex))
	if !each.Exists() {
		c.MaxItems = constraint.Least(c.MaxItems, &length)
		return c
	}
	if rest := p.parse(each, inner.down("[]")); !rest.Free() {
		c.Elements = rest
	}
	if !slices.ContainsFunc(c.Items, func(item *constraint.Constraint) bool { return !constraint.Equal(item, c.Elements) }) {
		c.Items = nil // [T, ...T] is a list of T
	}
	return c
}

// longList reads the list in v that list.MinItems speaks of. CUE takes such a list for an error as long as it is
// too short, so it is made long enough first.
func (p *parser) longList(v cue.Value, s survey, at place) *constraint.Constraint {
	if s.minItems > 1000 {
		p.refuse(v, at, "list.MinItems above 1000 is out of reach; ask for fewer")
		return &constraint.Constraint{Kinds: constraint.List}
	}
	var long ast.ListLit
	for range max(s.minItems, s.items) {
		long.Elts = append(long.Elts, ast.NewIdent("_"))
	}
	long.Elts = append(long.Elts, &ast.Ellipsis{})
	u := v.Unify(v.Context().BuildExpr(&long))
	if err := u.Err(); err != nil {
		p.refuseError(u, at, err)
		return &constraint.Constraint{Kinds: constraint.List}
	}
	return p.list(u, s.items, s, at)
}
