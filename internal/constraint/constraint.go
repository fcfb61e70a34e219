// Package constraint says what a CUE constraint says, in other words: plain English, CEL, OpenAPI, and a judge
// that finds every violation at once. The four come from one tree, so they agree.
// It knows no files, no Kyverno and no Spokewright spec, and it never weakens a constraint: what the tree cannot
// hold is an [Unsupported] error.
package constraint

import (
	"math"
	"regexp"
	"slices"

	"cuelang.org/go/cue/token"
)

// Constraint is what one value must be. A value satisfies it when its kind is one of Kinds and it keeps every
// limit that is set; with AnyOf, when it satisfies one of the alternatives, and nothing else is set but Kinds.
//
// A limit belongs to a kind: where one is set, Kinds holds no other kind (Min and Max go with Int and Float, limits of
// quantities with String too, Than with every scalar).
// Numbers in the tree are int64 or float64. A Constraint is never changed after [Parse].
type Constraint struct {
	Pos token.Pos // where it is written
	Doc string    // the doc comment, without slashes

	Phrase string // what it lets pass, in words for people; "" where String says it

	Kinds Kinds
	AnyOf []*Constraint

	Enum []any // the only values allowed: string, bool, nil, int64, float64; an int64 is no float64
	Not  []any // values ruled out; numbers are compared as numbers

	Min, Max  *Bound     // of a number
	Relations []Relation // of a scalar: how it compares with other fields

	MinQuantity, MaxQuantity *Bound // of a quantity, a string or a number; their values are strings such as "4Gi"

	Match, NoMatch []*regexp.Regexp // of a string: found, or not found, anywhere in it
	MinRunes       int
	MaxRunes       *int

	Fields   []Field // of a map, in the order they are written
	Patterns []Pattern
	Closed   bool // no fields but those named in Fields or matched by Patterns
	If       []Conditional

	Items    []*Constraint // of a list: its first elements
	Elements *Constraint   // the elements after Items; nil lets anything pass
	MinItems int
	MaxItems *int
}

// Field is what a map holds under one name.
type Field struct {
	Name     string
	Presence Presence
	Value    *Constraint // nil when the field is Forbidden
}

// Pattern is what a map holds under every name that satisfies Name.
type Pattern struct {
	Name, Value *Constraint
}

// Bound is the least or greatest number allowed: int64 or float64.
type Bound struct {
	Value     any
	Exclusive bool
}

// Presence says whether a field must, may or must not be there.
type Presence int

const (
	Optional Presence = iota
	Required
	Forbidden
)

// Kinds is a set of JSON kinds. A number without a fraction is an Int however it is written or held, as in JSON Schema:
// 7.0 is 7, where CUE tells them apart.
type Kinds uint8

const (
	Null Kinds = 1 << iota
	Bool
	Int
	Float
	String
	List
	Map

	Number = Int | Float
	Scalar = Null | Bool | Number | String
	Any    = Null | Bool | Number | String | List | Map
)

// OneOf allows these values alone: strings, bools, nils, int64s and float64s with a fraction.
func OneOf(values ...any) *Constraint {
	c := &Constraint{Enum: append([]any{}, values...)}
	for _, value := range values {
		c.Kinds |= kindOf(value)
	}
	return c
}

// Union allows what c allows and what d allows.
func (c *Constraint) Union(d *Constraint) *Constraint { return Either([]*Constraint{c, d}) }

// Without allows what c allows but for some values: strings, bools, nils, int64s and float64s.
func (c *Constraint) Without(values ...any) *Constraint {
	except := *c
	except.Phrase = ""
	if len(c.AnyOf) > 0 {
		except.AnyOf = nil
		for _, arm := range c.AnyOf {
			except.AnyOf = append(except.AnyOf, arm.Without(values...))
		}
		return &except
	}
	except.Not = append(slices.Clip(c.Not), values...)
	if c.Enum != nil {
		except.Enum, except.Not = slices.DeleteFunc(slices.Clone(c.Enum), func(value any) bool {
			return slices.ContainsFunc(values, func(other any) bool { return same(value, other) })
		}), c.Not
	}
	return &except
}

// kindOf is the kind of a JSON value, and no kind at all for what is not JSON.
func kindOf(value any) Kinds {
	switch value.(type) {
	case nil:
		return Null
	case bool:
		return Bool
	case int, int64, uint64:
		return Int
	case float64:
		if _, isWhole := wholeNumber(value); isWhole {
			return Int
		}
		return Float
	case string:
		return String
	case []any:
		return List
	case map[string]any:
		return Map
	}
	return 0
}

// wholeNumber is a float64 as the int64 that it is, if it is one.
func wholeNumber(value any) (int64, bool) {
	f, isFloat := value.(float64)
	return int64(f), isFloat && f == math.Trunc(f) && f > -9.2e18 && f < 9.2e18
}

// Free reports whether every value satisfies c. No constraint at all is free too.
func (c *Constraint) Free() bool {
	return c == nil || c.Kinds == Any && c.Unlimited()
}

// Unlimited reports whether c says nothing but which kinds there may be.
func (c *Constraint) Unlimited() bool {
	return len(c.AnyOf) == 0 && c.Enum == nil && len(c.Not) == 0 && c.Min == nil && c.Max == nil &&
		len(c.Relations) == 0 && c.MinQuantity == nil && c.MaxQuantity == nil && len(c.If) == 0 &&
		len(c.Match) == 0 && len(c.NoMatch) == 0 && c.MinRunes == 0 && c.MaxRunes == nil &&
		len(c.Fields) == 0 && len(c.Patterns) == 0 && !c.Closed &&
		len(c.Items) == 0 && c.Elements == nil && c.MinItems == 0 && c.MaxItems == nil
}

// Names are the fields of a map that may be there, in order.
func (c *Constraint) Names() []string {
	var names []string
	for _, field := range c.Fields {
		if field.Presence != Forbidden {
			names = append(names, field.Name)
		}
	}
	return names
}

// Matched are the named fields that match a pattern. What it says of them is part of what they say themselves.
func (c *Constraint) Matched(pattern Pattern) []string {
	var names []string
	for _, field := range c.Fields {
		if pattern.Name.Holds(field.Name) {
			names = append(names, field.Name)
		}
	}
	return names
}
