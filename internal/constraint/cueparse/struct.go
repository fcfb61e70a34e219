package cueparse

import (
	"fmt"
	"slices"
	"strings"

	"cuelang.org/go/cue"
	"cuelang.org/go/cue/ast"
	"spokewright.dev/spokewright/internal/constraint"
)

// entry is a field or a pattern of a CUE struct.
type entry struct {
	sel   cue.Selector
	value cue.Value
}

func (e entry) name() string { return e.sel.Unquoted() }

// fields reads an evaluated struct.
func (p *parser) fields(v cue.Value, s survey, at place) *constraint.Constraint {
	c := &constraint.Constraint{Kinds: constraint.Map}
	iter, err := v.Fields(cue.Optional(true), cue.Patterns(true))
	if err != nil {
		p.refuseError(v, at, err)
		return c
	}
	var fields, patterns []entry
	for iter.Next() {
		if e := (entry{iter.Selector(), iter.Value()}); e.sel.ConstraintType() == cue.PatternConstraint {
			patterns = append(patterns, e)
		} else {
			fields = append(fields, e)
		}
	}
	inner := at.within(s.scopes, v)
	c.Patterns = p.patterns(v, patterns, fields, inner)
	c.Closed = closed(v, c.Patterns, fields)
	for _, e := range fields {
		optional := e.sel.ConstraintType() == cue.OptionalConstraint
		if optional && c.Closed && s.meeting > 1 && !allows(v, e.name()) {
			continue
		}
		c.Fields = append(c.Fields, p.field(e, inner.down(e.name())))
	}
	p.checkClosed(v, c, s, at)
	c.If = p.conditionals(v, c, s, inner)
	return c
}

// field reads one field of a struct.
func (p *parser) field(e entry, at place) constraint.Field {
	field := constraint.Field{Name: e.name(), Presence: constraint.Required}
	switch e.sel.ConstraintType() {
	case cue.OptionalConstraint:
		field.Presence = constraint.Optional
		if impossible(e.value) && p.survey(e.value, at).minItems == 0 {
			field.Presence = constraint.Forbidden
			return field
		}
	case cue.RequiredConstraint:
	default:
		if p.completed && e.value.Validate(cue.Concrete(true)) == nil {
			field.Presence = constraint.Optional
		}
	}
	field.Value = p.parse(e.value, at)
	if e.sel.ConstraintType() == 0 && fixed(e.value) {
		p.constants[field.Value] = true
	}
	return field
}

// tag makes the constants required that tell alternatives apart: without one, CUE could not choose.
func (p *parser) tag(arms []*constraint.Constraint) {
	for _, arm := range arms {
		for i, field := range arm.Fields {
			same := func(other *constraint.Constraint) bool {
				return other.Kinds != constraint.Map || slices.ContainsFunc(other.Fields, func(f constraint.Field) bool {
					return f.Name == field.Name && constraint.Equal(f.Value, field.Value)
				})
			}
			if p.constants[field.Value] && slices.ContainsFunc(arms, func(other *constraint.Constraint) bool { return !same(other) }) {
				arm.Fields[i].Presence = constraint.Required
			}
		}
	}
}

// impossible reports whether no value satisfies v.
func impossible(v cue.Value) bool {
	return v.Err() != nil && v.Validate() != nil && !strings.Contains(v.Err().Error(), "structural cycle")
}

// patterns reads the patterns of a struct. Taken alone, the value of a pattern has forgotten that it may be inside of
// a definition, so it is read off a field that would match.
func (p *parser) patterns(v cue.Value, patterns, fields []entry, at place) []constraint.Pattern {
	read := make([]constraint.Pattern, len(patterns))
	for i, e := range patterns {
		read[i].Name = p.parse(e.sel.Pattern(), at.down("["+fmt.Sprint(e.sel.Pattern())+"]"))
	}
	for i, e := range patterns {
		value, inner := e.value, at.down("["+fmt.Sprint(e.sel.Pattern())+"]")
		if name, ok := example(i, read, fields); ok {
			value = v.LookupPath(cue.MakePath(cue.Str(name).Optional()))
		} else if v.IsClosed() {
			p.refuse(e.value, inner, "it is inside of a definition, and no name matches this pattern alone; make the patterns distinct")
		}
		read[i].Value = p.parse(value, inner)
	}
	return read
}

// example is a name that matches pattern i, no field, and no other pattern but such as match every name.
func example(i int, patterns []constraint.Pattern, fields []entry) (string, bool) {
	names := strangers
	if name, ok := constraint.Sample(patterns[i].Name); ok {
		names = append([]string{name}, names...)
	}
	for _, name := range names {
		if !patterns[i].Name.Holds(name) || named(fields, name) {
			continue
		}
		alone := true
		for j, other := range patterns {
			alone = alone && (j == i || AnyString(other.Name) || !other.Name.Holds(name))
		}
		if alone {
			return name, true
		}
	}
	return "", false
}

// AnyString reports whether every string satisfies c.
func AnyString(c *constraint.Constraint) bool {
	return c.Kinds&constraint.String != 0 && c.Unlimited()
}

func named(fields []entry, name string) bool {
	return slices.ContainsFunc(fields, func(e entry) bool { return e.name() == name })
}

// strangers are names a struct is asked about to learn whether it is closed.
var strangers = []string{"zq", "ZQ", "0", "-", "z q", "Ω", strings.Repeat("zq", 40), ""}

// closed reports whether a struct refuses fields that it neither names nor matches by pattern.
func closed(v cue.Value, patterns []constraint.Pattern, fields []entry) bool {
	for _, name := range strangers {
		matched := slices.ContainsFunc(patterns, func(p constraint.Pattern) bool { return p.Name.Holds(name) })
		if !matched && !named(fields, name) {
			return !allows(v, name)
		}
	}
	return v.IsClosed()
}

// allows reports whether v lets a field in. Value.Allows alone does not know where closed structs meet, or meet {...}.
func allows(v cue.Value, name string) bool {
	return v.Allows(cue.Str(name)) && (with(v, name).Validate() == nil || v.Validate() != nil)
}

// with is v with one more field.
func with(v cue.Value, name string) cue.Value {
	field := &ast.Field{Label: ast.NewString(name), Value: ast.NewIdent("_")}
	return v.Unify(v.Context().BuildExpr(&ast.StructLit{Elts: []ast.Decl{field}}))
}

// checkClosed refuses closed structs that meet in one value and let fields in by pattern, where it is not plain that
// all of them let the same names in.
func (p *parser) checkClosed(v cue.Value, c *constraint.Constraint, s survey, at place) {
	if !c.Closed || len(c.Patterns) == 0 || s.meeting < 2 {
		return
	}
	if len(c.Patterns) == 1 {
		name, ok := constraint.Sample(c.Patterns[0].Name)
		taken := slices.ContainsFunc(c.Fields, func(field constraint.Field) bool { return field.Name == name })
		if ok && !taken && allows(v, name) {
			return
		}
	}
	p.refuse(v, at, "closed structs with patterns for names meet here; write their fields in one struct")
}
