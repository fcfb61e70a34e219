package constraint

import (
	"slices"
)

// Implies reports whether every value that satisfies c satisfies d. It compares piece by piece: true is certain, false
// may mean that it cannot tell, as of two regular expressions that are not the same.
func (c *Constraint) Implies(d *Constraint) bool {
	switch {
	case d.Free():
		return true
	case c == nil:
		return false
	case Equal(c, d):
		return true
	case len(c.AnyOf) > 0:
		return !slices.ContainsFunc(c.AnyOf, func(arm *Constraint) bool { return !arm.Implies(d) })
	case c.Enum != nil && !slices.ContainsFunc(c.Enum, func(value any) bool { return !d.Holds(value) }):
		return true
	case len(d.AnyOf) > 0:
		return slices.ContainsFunc(d.AnyOf, func(arm *Constraint) bool { return c.Implies(arm) })
	case c.Kinds&^d.Kinds != 0 || d.Enum != nil:
		return false
	}
	return c.limitsImply(d) && c.relationsImply(d) && c.fieldsImply(d) && c.itemsImply(d)
}

// limitsImply compares what is said of scalars and of lengths.
func (c *Constraint) limitsImply(d *Constraint) bool {
	measured := c.MinQuantity != nil || c.MaxQuantity != nil
	switch {
	case slices.ContainsFunc(d.Not, c.fits):
		return false
	case !within(c.Min, d.Min, 1) || !within(c.Max, d.Max, -1):
		return false
	case d.MinQuantity != nil && (!measured || Stricter(c.MinQuantity, d.MinQuantity, 1) != c.MinQuantity):
		return false
	case d.MaxQuantity != nil && (!measured || Stricter(c.MaxQuantity, d.MaxQuantity, -1) != c.MaxQuantity):
		return false
	case len(join(slices.Clip(c.Match), d.Match)) > len(c.Match) || len(join(slices.Clip(c.NoMatch), d.NoMatch)) > len(c.NoMatch):
		return false
	}
	return c.MinRunes >= d.MinRunes && c.MinItems >= d.MinItems && below(c.MaxRunes, d.MaxRunes) && below(c.MaxItems, d.MaxItems)
}

// within reports whether a bound rules out all that another one does; sign is 1 for lower bounds, -1 for upper ones.
func within(bound, other *Bound, sign int) bool {
	if other == nil || bound == nil {
		return other == nil
	}
	order := compare(bound.Value, other.Value) * sign
	return order > 0 || order == 0 && (bound.Exclusive || !other.Exclusive)
}

func below(most, other *int) bool {
	return other == nil || most != nil && *most <= *other
}

// relationsImply wants c to have every relation and every condition of d.
func (c *Constraint) relationsImply(d *Constraint) bool {
	for _, relation := range d.Relations {
		if !slices.ContainsFunc(c.Relations, func(own Relation) bool { return equalRelations(own, relation) }) {
			return false
		}
	}
	for _, conditional := range d.If {
		if !slices.ContainsFunc(c.If, func(own Conditional) bool { return equalConditionals(own, conditional) }) {
			return false
		}
	}
	return true
}

// fieldsImply compares what is said of the fields of a map.
func (c *Constraint) fieldsImply(d *Constraint) bool {
	for _, field := range d.Fields {
		if !c.fieldImplies(field) {
			return false
		}
	}
	for _, pattern := range d.Patterns {
		if !c.patternImplies(pattern) {
			return false
		}
	}
	return !d.Closed || c.Closed && !slices.ContainsFunc(c.Fields, func(own Field) bool {
		return own.Presence != Forbidden && !d.knows(own.Name)
	}) && !slices.ContainsFunc(c.Patterns, func(own Pattern) bool {
		return !slices.ContainsFunc(d.Patterns, func(pattern Pattern) bool { return own.Name.Implies(pattern.Name) })
	})
}

// knows reports whether a closed map lets a name in.
func (c *Constraint) knows(name string) bool {
	for _, field := range c.Fields {
		if field.Name == name {
			return field.Presence != Forbidden
		}
	}
	return slices.ContainsFunc(c.Patterns, func(pattern Pattern) bool { return pattern.Name.Holds(name) })
}

func (c *Constraint) fieldImplies(field Field) bool {
	for _, own := range c.Fields {
		switch {
		case own.Name != field.Name:
		case own.Presence == Forbidden:
			return field.Presence != Required
		case field.Presence == Forbidden || field.Presence == Required && own.Presence != Required:
			return false
		default:
			return own.Value.Implies(field.Value)
		}
	}
	switch {
	case field.Presence == Required:
		return false
	case c.Closed && !c.knows(field.Name):
		return true
	case field.Presence == Forbidden:
		return false
	}
	return field.Value.Free() || slices.ContainsFunc(c.Patterns, func(pattern Pattern) bool {
		return pattern.Name.Holds(field.Name) && pattern.Value.Implies(field.Value)
	})
}

// patternImplies wants the names that match a pattern to be fields and patterns of c that say as much.
func (c *Constraint) patternImplies(pattern Pattern) bool {
	for _, own := range c.Fields {
		if own.Presence != Forbidden && pattern.Name.Holds(own.Name) && !own.Value.Implies(pattern.Value) {
			return false
		}
	}
	covers := func(own Pattern) bool { return pattern.Name.Implies(own.Name) && own.Value.Implies(pattern.Value) }
	return pattern.Value.Free() || c.Closed && len(c.Patterns) == 0 || slices.ContainsFunc(c.Patterns, covers)
}

// itemsImply compares what is said of the elements of a list.
func (c *Constraint) itemsImply(d *Constraint) bool {
	length := max(len(c.Items), len(d.Items))
	for i := range length {
		if !c.item(i).Implies(d.item(i)) {
			return false
		}
	}
	return c.MaxItems != nil && *c.MaxItems <= length || d.Elements.Free() || c.Elements != nil && c.Elements.Implies(d.Elements)
}

// item is what is said of one element.
func (c *Constraint) item(i int) *Constraint {
	if i < len(c.Items) {
		return c.Items[i]
	}
	return c.Elements
}

// FirstWeaker finds the first field of which c may ask for less than d does: its path, what c says of it (nil where it says
// nothing) and what d says. There is none where c implies d.
func (c *Constraint) FirstWeaker(d *Constraint) (weak Conflict, found bool) {
	if c.Implies(d) {
		return Conflict{}, false
	}
	for _, field := range d.Fields {
		if c == nil || len(c.AnyOf) > 0 || c.fieldImplies(field) {
			continue
		}
		var own *Constraint
		for _, f := range c.Fields {
			if f.Name == field.Name {
				own = f.Value
			}
		}
		if own == nil || field.Value == nil || own.Implies(field.Value) {
			return Conflict{[]string{field.Name}, own, field.Value}, true
		}
		inner, _ := own.FirstWeaker(field.Value)
		inner.Path = append([]string{field.Name}, inner.Path...)
		return inner, true
	}
	if c != nil && c.Elements != nil && d.Elements != nil && len(c.AnyOf) == 0 {
		if inner, found := c.Elements.FirstWeaker(d.Elements); found {
			inner.Path = append([]string{"[]"}, inner.Path...)
			return inner, true
		}
	}
	return Conflict{nil, c, d}, true
}
