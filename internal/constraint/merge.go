package constraint

import (
	"cmp"
	"math"
	"regexp"
	"slices"
)

// And adds what d, which has neither alternatives nor parts, says of the same value.
func (c *Constraint) And(d *Constraint) {
	c.Kinds &= d.Kinds
	if c.Enum == nil {
		c.Enum = d.Enum
	} else if d.Enum != nil {
		c.Enum = slices.DeleteFunc(slices.Clone(c.Enum), func(v any) bool { return !slices.Contains(d.Enum, v) })
	}
	c.Not = append(c.Not, d.Not...)
	c.Min = tighter(c.Min, d.Min, 1)
	c.Max = tighter(c.Max, d.Max, -1)
	c.MinQuantity = Stricter(c.MinQuantity, d.MinQuantity, 1)
	c.MaxQuantity = Stricter(c.MaxQuantity, d.MaxQuantity, -1)
	c.Match = join(c.Match, d.Match)
	c.NoMatch = join(c.NoMatch, d.NoMatch)
	c.MinRunes = max(c.MinRunes, d.MinRunes)
	c.MaxRunes = Least(c.MaxRunes, d.MaxRunes)
}

// tighter is the bound that rules out more; sign is 1 for lower bounds, -1 for upper ones.
func tighter(a, b *Bound, sign int) *Bound {
	switch {
	case a == nil:
		return b
	case b == nil:
		return a
	}
	if order := compare(a.Value, b.Value) * sign; order > 0 || order == 0 && a.Exclusive {
		return a
	}
	return b
}

// Round moves the bounds of whole numbers to whole numbers: above 0.5 is from 1 on.
func (c *Constraint) Round() {
	if c.Kinds != Int {
		return
	}
	if f, ok := c.Min.fraction(); ok {
		c.Min = &Bound{Value: int64(math.Ceil(f))}
	}
	if f, ok := c.Max.fraction(); ok {
		c.Max = &Bound{Value: int64(math.Floor(f))}
	}
}

func (b *Bound) fraction() (float64, bool) {
	if b == nil {
		return 0, false
	}
	f, ok := b.Value.(float64)
	return f, ok
}

func join(a, b []*regexp.Regexp) []*regexp.Regexp {
	for _, re := range b {
		if !slices.ContainsFunc(a, func(known *regexp.Regexp) bool { return known.String() == re.String() }) {
			a = append(a, re)
		}
	}
	return a
}

func Least(a, b *int) *int {
	if a == nil || b != nil && *b < *a {
		return b
	}
	return a
}

// compare orders two numbers, each an int64 or a float64. One of two that differ in kind is always a number from a
// constraint, and those are exact in both kinds.
func compare(a, b any) int {
	x, ok1 := a.(int64)
	y, ok2 := b.(int64)
	if ok1 && ok2 {
		return cmp.Compare(x, y)
	}
	return cmp.Compare(float(a), float(b))
}

func float(v any) float64 {
	switch n := v.(type) {
	case int64:
		return float64(n)
	case uint64:
		return float64(n)
	}
	f, _ := v.(float64)
	return f
}

// Either is one constraint for several alternatives: their constants become one enumeration, their bare kinds one
// set of kinds.
func Either(arms []*Constraint) *Constraint {
	if len(arms) == 1 {
		return arms[0]
	}
	enum, bare := &Constraint{}, &Constraint{}
	var rest []*Constraint
	for _, arm := range flatten(arms) {
		switch {
		case arm.Enum != nil:
			for _, value := range arm.Enum {
				if !slices.Contains(enum.Enum, value) {
					enum.Enum = append(enum.Enum, value)
				}
			}
		case arm.Unlimited():
			bare.Kinds |= arm.Kinds
		case !slices.ContainsFunc(rest, func(known *Constraint) bool { return Equal(known, arm) }):
			rest = append(rest, arm)
		}
	}
	if bare.Kinds != 0 {
		rest = append([]*Constraint{bare}, rest...)
	}
	enum.withoutNothing(rest)
	rest = withoutEmptyList(rest)
	if len(enum.Enum) > 0 {
		rest = append([]*Constraint{enum}, rest...)
	}
	if len(rest) == 1 {
		return rest[0]
	}
	all := &Constraint{AnyOf: rest}
	for _, arm := range rest {
		all.Kinds |= arm.Kinds
	}
	return all
}

// withoutNothing drops the constants that satisfy one of the arms.
func (c *Constraint) withoutNothing(arms []*Constraint) {
	var left []any
	c.Kinds = 0
	for _, value := range c.Enum {
		if !slices.ContainsFunc(arms, func(arm *Constraint) bool { return arm.Holds(value) }) {
			left = append(left, value)
			c.Kinds |= kindOf(value)
		}
	}
	c.Enum = left
}

// withoutEmptyList drops the empty list, the usual default, where another arm allows it.
func withoutEmptyList(arms []*Constraint) []*Constraint {
	isEmpty := func(c *Constraint) bool { return c.Kinds == List && c.MaxItems != nil && *c.MaxItems == 0 }
	allows := func(c *Constraint) bool { return !isEmpty(c) && c.Holds([]any{}) }
	if !slices.ContainsFunc(arms, allows) {
		return arms
	}
	return slices.DeleteFunc(arms, isEmpty)
}

// flatten takes alternatives of alternatives apart.
func flatten(arms []*Constraint) []*Constraint {
	var flat []*Constraint
	for _, arm := range arms {
		if len(arm.AnyOf) > 0 {
			flat = append(flat, arm.AnyOf...)
		} else {
			flat = append(flat, arm)
		}
	}
	return flat
}
