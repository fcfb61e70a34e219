package constraint

import "slices"

// Mentions tells whether c says anything of a field at a path, or of what lies inside it: whether its verdict can change
// with that field. The path has names alone; elements of lists on the way are looked into, all alike.
func (c *Constraint) Mentions(path ...string) bool {
	switch {
	case c == nil:
		return false
	case len(path) == 0:
		return !c.Free()
	}
	if slices.ContainsFunc(c.Relations, func(r Relation) bool { return slices.Contains(r.Path, path[len(path)-1]) }) {
		return true
	}
	for _, inner := range slices.Concat(c.AnyOf, c.Items, []*Constraint{c.Elements}) {
		if inner.Mentions(path...) {
			return true
		}
	}
	for _, conditional := range c.If {
		if conditional.Then.Mentions(path...) || slices.ContainsFunc(conditional.When, func(when Condition) bool { return when.reads(path) }) {
			return true
		}
	}
	return c.speaksOfField(path[0], path[1:])
}

// speaksOfField is Speaks for the fields of a map.
func (c *Constraint) speaksOfField(name string, inside []string) bool {
	known := false
	for _, field := range c.Fields {
		if field.Name != name {
			continue
		}
		known = true
		if field.Presence == Forbidden || field.Presence == Required && len(inside) == 0 || field.Value.Mentions(inside...) {
			return true
		}
	}
	for _, pattern := range c.Patterns {
		if pattern.Name.Holds(name) {
			known = true
			if pattern.Value.Mentions(inside...) {
				return true
			}
		}
	}
	return c.Closed && !known
}

// reads tells whether the condition may be about the field at a path, or something inside it. What lies further up is
// known by its name alone.
func (c Condition) reads(path []string) bool {
	found := false
	c.Replace(func(of Condition) Condition {
		found = found || slices.Contains(of.Path, path[len(path)-1])
		return of
	})
	return found
}
