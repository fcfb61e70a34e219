package constraint

import "slices"

// Conflict is a field of which two constraints ask what no value is.
type Conflict struct {
	Path  []string
	One   *Constraint // what the first asks there; nil where it forbids the field, or does not know it
	Other *Constraint // what the second asks there; likewise
}

// ConflictWith finds the first field that both c and d speak of, and that no value can satisfy: where both hold of one
// value, nothing does. It looks at what must be there, so what it finds is certain; it does not find everything.
func (c *Constraint) ConflictWith(d *Constraint) (Conflict, bool) {
	return conflict(c, d, nil)
}

func conflict(c, d *Constraint, path []string) (Conflict, bool) {
	if c.Free() || d.Free() {
		return Conflict{}, false
	}
	if len(c.AnyOf) > 0 || len(d.AnyOf) > 0 {
		if disjoint(alternatives(c), alternatives(d), path) {
			return Conflict{path, c, d}, true
		}
		return Conflict{}, false
	}
	if c.excludes(d) || d.excludes(c) {
		return Conflict{path, c, d}, true
	}
	if c.Kinds&d.Kinds != Map {
		return Conflict{}, false
	}
	for _, field := range c.Fields {
		if found, ok := d.against(field, path); ok {
			return found, true
		}
	}
	for _, field := range d.Fields {
		if found, ok := c.against(field, path); ok {
			return Conflict{found.Path, found.Other, found.One}, true
		}
	}
	return Conflict{}, false
}

func alternatives(c *Constraint) []*Constraint {
	if len(c.AnyOf) > 0 {
		return c.AnyOf
	}
	return []*Constraint{c}
}

// disjoint reports whether every alternative of one conflicts with every one of the other.
func disjoint(these, those []*Constraint, path []string) bool {
	for _, one := range these {
		for _, other := range those {
			if _, found := conflict(one, other, path); !found {
				return false
			}
		}
	}
	return true
}

// against finds a conflict of c with a field that somebody else asks for.
func (c *Constraint) against(field Field, path []string) (Conflict, bool) {
	at := append(slices.Clip(path), field.Name)
	for _, own := range c.Fields {
		switch {
		case own.Name != field.Name || field.Presence != Required && own.Presence != Required:
		case own.Presence == Forbidden || field.Presence == Forbidden:
			return Conflict{at, field.Value, own.Value}, true
		default:
			return conflict(field.Value, own.Value, at)
		}
		if own.Name == field.Name {
			return Conflict{}, false
		}
	}
	known := slices.ContainsFunc(c.Patterns, func(pattern Pattern) bool { return pattern.Name.Holds(field.Name) })
	if c.Closed && !known && field.Presence == Required {
		return Conflict{at, field.Value, nil}, true
	}
	return Conflict{}, false
}

// excludes reports whether no value satisfies both, as far as their own limits tell.
func (c *Constraint) excludes(d *Constraint) bool {
	both := c.Kinds & d.Kinds
	if both == 0 {
		return true
	}
	if c.Enum != nil && !slices.ContainsFunc(c.Enum, func(value any) bool { return (&Constraint{Kinds: d.Kinds}).Holds(value) && d.fits(value) }) {
		return true
	}
	if both&^Number == 0 && c.Min != nil && d.Max != nil {
		order := compare(c.Min.Value, d.Max.Value)
		return order > 0 || order == 0 && (c.Min.Exclusive || d.Max.Exclusive)
	}
	if both&^(Number|String) == 0 && c.MinQuantity != nil && d.MaxQuantity != nil {
		least, _ := quantityOf(c.MinQuantity.Value)
		return !d.MaxQuantity.admits(least, -1) || c.MinQuantity.Exclusive && !(&Bound{Value: d.MaxQuantity.Value, Exclusive: true}).admits(least, -1)
	}
	switch both {
	case List:
		return c.MaxItems != nil && d.MinItems > *c.MaxItems
	case String:
		return c.MaxRunes != nil && d.MinRunes > *c.MaxRunes
	}
	return false
}
