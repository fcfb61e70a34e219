package constraint

import (
	"slices"
	"strings"

	"cuelang.org/go/cue"
)

// related adds to c what was taken out of its text.
func (p *parser) related(c *Constraint, s survey, v cue.Value, at place) {
	if len(s.relations)+len(s.quantities) == 0 {
		return
	}
	if s.choice || s.ways > 1 || len(c.AnyOf) > 0 {
		p.refuse(v, at, "alternatives cannot hold a bound on a quantity or on another field; write two rules")
		return
	}
	if len(s.relations) > 0 {
		c.Kinds &= Number
		c.Than = s.relations
	}
	for _, q := range s.quantities {
		c.Kinds &= String | Number
		bound := q.Bound
		if q.upper {
			c.MaxQuantity = stricter(c.MaxQuantity, &bound, -1)
		} else {
			c.MinQuantity = stricter(c.MinQuantity, &bound, 1)
		}
	}
	if c.Kinds == 0 {
		p.refuse(v, at, "nothing can satisfy it: fields are compared as numbers, quantities as strings or numbers")
	}
}

// conditionals reads the bodies of conditions, which have become hidden fields of v.
func (p *parser) conditionals(v cue.Value, c *Constraint, s survey, at place) []Conditional {
	bodies := map[string]cue.Value{}
	if iter, err := v.Fields(cue.Hidden(true)); err == nil && len(p.marks.conditions) > 0 {
		for iter.Next() {
			bodies[iter.Selector().String()] = iter.Value()
		}
	}
	var all []Conditional
	read := map[string]bool{}
	for _, node := range s.scopes {
		for _, condition := range p.marks.conditions[node] {
			body, there := bodies[condition.label]
			if !there || read[condition.label] {
				continue
			}
			read[condition.label] = true
			if c.Closed {
				p.refuse(body, at, "a condition cannot stand in a closed struct; write it outside of close(...) and of definitions")
			}
			all = append(all, Conditional{condition.when, p.parse(body, at)})
		}
	}
	return all
}

// checkRelations refuses to compare a number with what may be no number: CUE would compare strings by their letters.
// around are the constraints of the values around c, from the outside in, and last of its own value.
func (p *parser) checkRelations(c *Constraint, path []string, around [][]*Constraint) {
	if c == nil {
		return
	}
	for _, r := range c.Than {
		if !numeric(around, r) {
			p.add(&Unsupported{Pos: r.Pos, Path: path, Text: r.Op + strings.Join(r.Path, "."), Advice: "what it is compared with must be a number; write int & or number & at " + strings.Join(r.Path, ".")})
		}
	}
	into := func(inner *Constraint, name string) {
		if inner != nil {
			p.checkRelations(inner, append(slices.Clip(path), name), append(slices.Clip(around), []*Constraint{inner}))
		}
	}
	for _, field := range c.Fields {
		into(field.Value, field.Name)
	}
	for _, pattern := range c.Patterns {
		into(pattern.Value, "[]")
	}
	for _, item := range append(slices.Clip(c.Items), c.Each) {
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
func beside(around [][]*Constraint, c *Constraint) [][]*Constraint {
	fresh := slices.Clone(around)
	fresh[len(fresh)-1] = append(slices.Clip(fresh[len(fresh)-1]), c)
	return fresh
}

// numeric reports whether what a relation compares with is a number by what is said of it.
func numeric(around [][]*Constraint, r Relation) bool {
	if r.Up < 1 || r.Up >= len(around) {
		return false
	}
	level := around[len(around)-1-r.Up]
	for _, name := range r.Path {
		var inner []*Constraint
		for _, c := range level {
			for _, field := range c.Fields {
				if field.Name == name && field.Value != nil {
					inner = append(inner, field.Value)
				}
			}
		}
		level = inner
	}
	return slices.ContainsFunc(level, func(c *Constraint) bool { return c.Kinds&^Number == 0 })
}
