package cueparse

import (
	"slices"
	"strings"

	"cuelang.org/go/cue"
	"spokewright.dev/spokewright/internal/constraint"
)

// related adds to c what was taken out of its text.
func (p *parser) related(c *constraint.Constraint, s survey, v cue.Value, at place) {
	if len(s.relations)+len(s.quantities) == 0 {
		return
	}
	if s.choice || s.ways > 1 || len(c.AnyOf) > 0 {
		p.refuse(v, at, "alternatives cannot hold a bound on a quantity or on another field; write two rules")
		return
	}
	c.Relations = s.relations
	for _, r := range s.relations {
		p.said[r.Pos] = true
		c.Kinds &= constraint.Scalar
		if r.Orders() {
			c.Kinds &= constraint.Number | constraint.String
		}
	}
	for _, q := range s.quantities {
		p.said[q.pos] = true
		c.Kinds &= constraint.String | constraint.Number
		bound := q.Bound
		if q.upper {
			c.MaxQuantity = constraint.Stricter(c.MaxQuantity, &bound, -1)
		} else {
			c.MinQuantity = constraint.Stricter(c.MinQuantity, &bound, 1)
		}
	}
	if c.Kinds == 0 {
		p.refuse(v, at, "nothing can satisfy it: fields are compared as plain values, quantities as strings or numbers")
	}
}

// checkSaid refuses v where something that was taken out of its text did not come back: the rule would be weaker than it
// is written.
func (p *parser) checkSaid(v cue.Value) {
	for _, pos := range p.marks.within(v) {
		if !p.said[pos] {
			p.add(&Unsupported{Pos: pos, Text: p.text(v), Advice: "CUE leaves out what depends on another field here, or is a quantity; write it in another way"})
		}
	}
}

// conditionals reads the bodies of conditions, which have become hidden fields of v.
func (p *parser) conditionals(v cue.Value, c *constraint.Constraint, s survey, at place) []constraint.Conditional {
	bodies := map[string]cue.Value{}
	if iter, err := v.Fields(cue.Hidden(true)); err == nil && len(p.marks.conditions) > 0 {
		for iter.Next() {
			bodies[iter.Selector().String()] = iter.Value()
		}
	}
	var all []constraint.Conditional
	read := map[string]bool{}
	for _, node := range s.scopes {
		for _, condition := range p.marks.conditions[node] {
			body, there := bodies[condition.label]
			if !there || read[condition.label] {
				continue
			}
			read[condition.label], p.said[condition.pos] = true, true
			if c.Closed {
				p.refuse(body, at, "a condition cannot stand in a closed struct; write it outside of close(...) and of definitions")
			}
			all = append(all, constraint.Conditional{When: condition.when, Then: p.parse(body, at)})
		}
	}
	return all
}

// checkRelations settles what is compared: fields whose kind the rule tells, so that all judges compare alike. CUE would
// compare strings by their letters. around are the constraints of the values around c, from the outside in, and last of
// its own value.
func (p *parser) checkRelations(c *constraint.Constraint, path []string, around [][]*constraint.Constraint) {
	if c == nil {
		return
	}
	for i := range c.Relations {
		if advice := relate(c, i, others(around, c.Relations[i])); advice != "" {
			r := c.Relations[i]
			p.add(&Unsupported{Pos: r.Pos, Path: path, Text: strings.TrimPrefix(r.Op, "==") + strings.Join(r.Path, "."), Advice: advice})
		}
	}
	into := func(inner *constraint.Constraint, name string) {
		if inner != nil {
			p.checkRelations(inner, append(slices.Clip(path), name), append(slices.Clip(around), []*constraint.Constraint{inner}))
		}
	}
	for _, field := range c.Fields {
		into(field.Value, field.Name)
	}
	for _, pattern := range c.Patterns {
		into(pattern.Value, "[]")
	}
	for _, item := range append(slices.Clip(c.Items), c.Elements) {
		into(item, "[]")
	}
	for _, arm := range c.AnyOf {
		p.checkRelations(arm, path, beside(around, arm))
	}
	for _, conditional := range c.If {
		p.checkRelations(conditional.Then, path, beside(around, conditional.Then))
	}
}

// beside adds one more constraint on the innermost value.
func beside(around [][]*constraint.Constraint, c *constraint.Constraint) [][]*constraint.Constraint {
	fresh := slices.Clone(around)
	fresh[len(fresh)-1] = append(slices.Clip(fresh[len(fresh)-1]), c)
	return fresh
}

// others are the constraints of what a relation compares with.
func others(around [][]*constraint.Constraint, r constraint.Relation) []*constraint.Constraint {
	if r.Levels < 1 || r.Levels >= len(around) {
		return nil
	}
	level := around[len(around)-1-r.Levels]
	for _, name := range r.Path {
		var inner []*constraint.Constraint
		for _, c := range level {
			for _, field := range c.Fields {
				if field.Name == name && field.Value != nil {
					inner = append(inner, field.Value)
				}
			}
		}
		level = inner
	}
	return level
}

// relate settles one relation of c by what is said of the other field, or gives advice where that is too little.
func relate(c *constraint.Constraint, i int, others []*constraint.Constraint) (advice string) {
	kinds, quantity := constraint.Any, false
	for _, other := range others {
		kinds &= other.Kinds
		quantity = quantity || other.MinQuantity != nil || other.MaxQuantity != nil
	}
	r := &c.Relations[i]
	name := strings.Join(r.Path, ".")
	switch {
	case r.Op == "==" && kinds&^constraint.Scalar == 0:
		c.Kinds &= kinds
	case r.Op == "==":
		return "what it is to be the same as must be a plain value; write string &, number & or bool & at " + name
	case r.Op == "!=" && kinds == constraint.String:
		c.Kinds &= constraint.String
	case r.Op == "!=" && kinds&^constraint.Number == 0:
		c.Kinds &= constraint.Number
	case r.Op == "!=":
		return "what it is to differ from must be a string or a number; write string & or number & at " + name
	case kinds&^constraint.Number == 0:
		c.Kinds &= constraint.Number
	case quantity:
		r.Quantities = true
	default:
		return `what it is compared with must be a number or a quantity; write int &, number & or >="0" & at ` + name
	}
	if c.Kinds == 0 {
		return "nothing can satisfy it: " + name + " is " + (&constraint.Constraint{Kinds: kinds}).String()
	}
	return ""
}
