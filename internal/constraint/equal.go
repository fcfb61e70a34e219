package constraint

import (
	"regexp"
	"slices"
)

// Equal reports whether two constraints are the same, piece by piece and in the same order; where they are written and
// their comments do not count. nil is the same as a constraint that lets everything pass.
func Equal(c, d *Constraint) bool {
	if c.Free() || d.Free() {
		return c.Free() && d.Free()
	}
	return c.Kinds == d.Kinds && slices.EqualFunc(c.AnyOf, d.AnyOf, Equal) && equalScalars(c, d) && equalMaps(c, d) && equalLists(c, d)
}

func equalScalars(c, d *Constraint) bool {
	return (c.Enum == nil) == (d.Enum == nil) && slices.Equal(c.Enum, d.Enum) && slices.Equal(c.Not, d.Not) &&
		equalPointers(c.Min, d.Min) && equalPointers(c.Max, d.Max) &&
		equalPointers(c.MinQuantity, d.MinQuantity) && equalPointers(c.MaxQuantity, d.MaxQuantity) &&
		slices.EqualFunc(c.Match, d.Match, equalPatterns) && slices.EqualFunc(c.NoMatch, d.NoMatch, equalPatterns) &&
		c.MinRunes == d.MinRunes && equalPointers(c.MaxRunes, d.MaxRunes) && slices.EqualFunc(c.Relations, d.Relations, equalRelations)
}

func equalMaps(c, d *Constraint) bool {
	return c.Closed == d.Closed && slices.EqualFunc(c.Fields, d.Fields, func(a, b Field) bool {
		return a.Name == b.Name && a.Presence == b.Presence && Equal(a.Value, b.Value)
	}) && slices.EqualFunc(c.Patterns, d.Patterns, func(a, b Pattern) bool {
		return Equal(a.Name, b.Name) && Equal(a.Value, b.Value)
	}) && slices.EqualFunc(c.If, d.If, equalConditionals)
}

func equalLists(c, d *Constraint) bool {
	return slices.EqualFunc(c.Items, d.Items, Equal) && Equal(c.Elements, d.Elements) && c.MinItems == d.MinItems && equalPointers(c.MaxItems, d.MaxItems)
}

func equalConditionals(a, b Conditional) bool {
	return slices.EqualFunc(a.When, b.When, equalConditions) && Equal(a.Then, b.Then)
}

func equalConditions(a, b Condition) bool {
	return a.Op == b.Op && a.Levels == b.Levels && slices.Equal(a.Path, b.Path) && a.Kinds == b.Kinds &&
		(a.Test == nil) == (b.Test == nil) && Equal(a.Test, b.Test) && slices.EqualFunc(a.Of, b.Of, equalConditions)
}

func equalRelations(a, b Relation) bool {
	return a.Op == b.Op && a.Levels == b.Levels && a.Quantities == b.Quantities && slices.Equal(a.Path, b.Path)
}

func equalPatterns(a, b *regexp.Regexp) bool { return a.String() == b.String() }

func equalPointers[T comparable](a, b *T) bool {
	return a == b || a != nil && b != nil && *a == *b
}
