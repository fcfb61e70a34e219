package constraint

import (
	"regexp"
	"slices"

	"cuelang.org/go/cue/token"
)

// Relation says how a number compares with another field of the judged value, which must be there and a number too.
type Relation struct {
	Op   string   // ">=", ">", "<=" or "<"
	Up   int      // steps up from the number, to what holds both
	Path []string // from there down to the other
	Pos  token.Pos
}

// Conditional is what a map must be where all conditions are true of it.
type Conditional struct {
	When []Condition
	Then *Constraint
}

// Condition is a test of a field of the judged value. The field must be there and of one of Kinds, whatever the test
// says: a condition that nobody can decide is a broken rule.
type Condition struct {
	Up    int      // steps up from the map that the condition stands in
	Path  []string // from there down
	Kinds Kinds
	Test  *Constraint
}

// comparison is the constraint that a comparison with a constant stands for, or nil.
func comparison(op token.Token, value any) *Constraint {
	kind := kindOf(value)
	if kind == Null || kind == 0 {
		return nil
	}
	c := &Constraint{Kinds: kind}
	if kind&Number != 0 {
		c.Kinds = Number
	}
	switch op {
	case token.EQL:
		if kind&Number == 0 {
			c.Enum = []any{value}
		} else {
			c.Min, c.Max = &Bound{Value: value}, &Bound{Value: value}
		}
	case token.NEQ:
		c.Not = []any{value}
	case token.MAT, token.NMAT:
		text, isString := value.(string)
		re, err := regexp.Compile(text)
		if !isString || err != nil {
			return nil
		}
		if op == token.MAT {
			c.Match = []*regexp.Regexp{re}
		} else {
			c.NoMatch = []*regexp.Regexp{re}
		}
	case token.GEQ, token.GTR, token.LEQ, token.LSS:
		if kind&Number == 0 {
			return nil
		}
		bound := &Bound{Value: value, Exclusive: op == token.GTR || op == token.LSS}
		if op == token.LEQ || op == token.LSS {
			c.Max = bound
		} else {
			c.Min = bound
		}
	default:
		return nil
	}
	return c
}

// keeps reports whether a number stands to another as the relation says.
func (r Relation) keeps(number any, o origin) bool {
	other, ok := o.find(r.Up, r.Path)
	if n, isInt := other.(int); isInt {
		other = int64(n)
	}
	if !ok || kindOf(other)&Number == 0 {
		return false
	}
	order := compare(number, other)
	switch r.Op {
	case ">=":
		return order >= 0
	case ">":
		return order > 0
	case "<=":
		return order <= 0
	}
	return order < 0
}

// origin is where a value lies that is judged: its path, and the values around it from the outside in.
type origin struct {
	path   []string
	around []any
}

func (o origin) down(parent any, name string) origin {
	return origin{append(slices.Clip(o.path), name), append(slices.Clip(o.around), parent)}
}

// find is the value that lies down a path from what is up steps above.
func (o origin) find(up int, path []string) (any, bool) {
	if up < 1 || up > len(o.around) {
		return nil, false
	}
	value := o.around[len(o.around)-up]
	for _, name := range path {
		m, isMap := value.(map[string]any)
		inner, there := m[name]
		if !isMap || !there {
			return nil, false
		}
		value = inner
	}
	return value, true
}

// to is the path of the value that find finds.
func (o origin) to(up int, path []string) []string {
	return append(slices.Clip(o.path[:max(len(o.path)-up, 0)]), path...)
}

// compares reports whether a value keeps every relation of c.
func (c *Constraint) compares(value any, o origin) bool {
	if n, isInt := value.(int); isInt {
		value = int64(n)
	}
	return !slices.ContainsFunc(c.Than, func(r Relation) bool { return !r.keeps(value, o) })
}

// judge gives the violations by a map; known are those found in it already.
func (c Conditional) judge(m map[string]any, o origin, known []Violation) []Violation {
	inner := origin{o.path, append(slices.Clip(o.around), m)}
	applies := true
	for _, when := range c.When {
		value, ok := inner.find(when.Up+1, when.Path)
		if !ok || kindOf(value)&when.Kinds == 0 {
			path := o.to(when.Up, when.Path)
			if slices.ContainsFunc(known, func(v Violation) bool { return slices.Equal(v.Path, path) }) {
				return nil
			}
			if !ok {
				return []Violation{{Path: path, Reason: Missing, Want: &Constraint{Kinds: when.Kinds}}}
			}
			return []Violation{{Path: path, Reason: Mismatch, Found: value, Want: &Constraint{Kinds: when.Kinds}}}
		}
		applies = applies && when.Test.holds(value)
	}
	if !applies {
		return nil
	}
	return c.Then.judge(m, o)
}
