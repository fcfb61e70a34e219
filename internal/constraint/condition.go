package constraint

import (
	"regexp"
	"slices"

	"cuelang.org/go/cue/token"
)

// Conditional is what a map must be where all conditions are true of it. They are asked in their order, and the first
// that is not true ends the asking, as with if clauses in CUE.
type Conditional struct {
	When []Condition
	Then *Constraint
}

// Condition is a question about fields of the judged value: several questions joined by Op; or, without Op, a test of one
// field, or whether the field is there at all. A field that is tested must be there and be of one of Kinds, whatever
// comes of the other questions beside it: a condition that nobody can decide is a broken rule.
type Condition struct {
	Op string // "&&", "||", "!", or none
	Of []Condition

	Levels int      // steps up from the map that the condition stands in
	Path   []string // from there down
	Kinds  Kinds
	Test   *Constraint // nil asks whether the field is there
}

// Replace is the condition with every question about one field replaced.
func (c Condition) Replace(replace func(Condition) Condition) Condition {
	if c.Op == "" {
		return replace(c)
	}
	inner := make([]Condition, len(c.Of))
	for i, of := range c.Of {
		inner[i] = of.Replace(replace)
	}
	c.Of = inner
	return c
}

// Tests are the questions about one field each that need its value, in their order.
func (c Condition) Tests() []Condition {
	var all []Condition
	c.Replace(func(leaf Condition) Condition {
		if leaf.Test != nil {
			all = append(all, leaf)
		}
		return leaf
	})
	return all
}

// holds answers the question, where every test of it can be decided.
func (c Condition) holds(o origin) bool {
	switch c.Op {
	case "!":
		return !c.Of[0].holds(o)
	case "&&":
		return !slices.ContainsFunc(c.Of, func(of Condition) bool { return !of.holds(o) })
	case "||":
		return slices.ContainsFunc(c.Of, func(of Condition) bool { return of.holds(o) })
	}
	value, there := o.find(c.Levels+1, c.Path)
	if c.Test == nil {
		return there
	}
	return c.Test.Holds(value)
}

// undecided is what stands in the way of an answer: a field that is missing, or of another kind.
func (c Condition) undecided(o origin) (Violation, bool) {
	for _, test := range c.Tests() {
		value, there := o.find(test.Levels+1, test.Path)
		path := o.to(test.Levels, test.Path)
		if !there {
			return Violation{Path: path, Reason: Missing, Want: &Constraint{Kinds: test.Test.Kinds}}, true
		}
		if kindOf(value)&test.Kinds == 0 {
			return Violation{Path: path, Reason: Mismatch, Found: value, Want: &Constraint{Kinds: test.Kinds}}, true
		}
	}
	return Violation{}, false
}

// judge gives the violations by a map; known are those found in it already.
func (c Conditional) judge(m map[string]any, o origin, known []Violation) []Violation {
	inner := origin{o.path, append(slices.Clip(o.around), m)}
	for _, when := range c.When {
		if found, is := when.undecided(inner); is {
			if slices.ContainsFunc(known, func(v Violation) bool { return slices.Equal(v.Path, found.Path) }) {
				return nil // told already
			}
			return []Violation{found}
		}
		if !when.holds(inner) {
			return nil
		}
	}
	return c.Then.judge(m, o)
}

// Comparison is the constraint that a comparison with a constant stands for, or nil.
func Comparison(op token.Token, value any) *Constraint {
	kind := kindOf(value)
	if kind&Number != 0 {
		return compared(op, value)
	}
	text, isText := value.(string)
	switch op {
	case token.EQL:
		return &Constraint{Kinds: kind, Enum: []any{value}}
	case token.MAT, token.NMAT:
		re, err := regexp.Compile(text)
		switch {
		case !isText || err != nil:
			return nil
		case op == token.MAT:
			return &Constraint{Kinds: kind, Match: []*regexp.Regexp{re}}
		}
		return &Constraint{Kinds: kind, NoMatch: []*regexp.Regexp{re}}
	}
	return nil
}

// compared is the comparison with a number.
func compared(op token.Token, number any) *Constraint {
	bound := &Bound{Value: number, Exclusive: op == token.GTR || op == token.LSS}
	switch op {
	case token.EQL:
		return &Constraint{Kinds: Number, Min: bound, Max: bound}
	case token.GEQ, token.GTR:
		return &Constraint{Kinds: Number, Min: bound}
	case token.LEQ, token.LSS:
		return &Constraint{Kinds: Number, Max: bound}
	}
	return nil
}
