package constraint

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Reason says in what way a value breaks a constraint.
type Reason int

const (
	Mismatch       Reason = iota // the value is there and is not what is allowed
	Missing                      // a field that must be there is not
	ForbiddenField               // a field that must not be there is
	UnknownField                 // a closed map has a field that it does not name
)

// Violation is one way in which a value breaks a constraint.
type Violation struct {
	Path    []string // field names and list indices, from the judged value down
	Reason  Reason
	Found   any         // what is there; nil when it is Missing
	Want    *Constraint // what should be; for a ForbiddenField or an UnknownField, the map it is in
	Allowed []string    // for an UnknownField: the names that map has
}

// String says it in one line, without the position of anything.
func (v Violation) String() string {
	path := strings.Join(v.Path, ".")
	if path != "" {
		path += ": "
	}
	switch v.Reason {
	case Missing:
		return path + "missing; want " + v.Want.String()
	case ForbiddenField:
		return path + "must not be there"
	case UnknownField:
		if len(v.Allowed) == 0 {
			return path + "unknown field"
		}
		return path + "unknown field; allowed are " + strings.Join(v.Allowed, ", ")
	}
	return path + "found " + show(v.Found) + ", want " + v.Want.String()
}

// Judge gives every violation of c by a JSON value (map[string]any, []any, string, bool, nil, int, int64, float64)
// at once: fields as the constraint lists them, then unknown ones by name. Where c has alternatives, they are those
// of the alternative that comes nearest, or one Mismatch when none does.
func (c *Constraint) Judge(value any) []Violation {
	return c.judge(value, origin{})
}

// Holds reports whether the value satisfies c.
func (c *Constraint) Holds(value any) bool {
	return len(c.judge(value, origin{})) == 0
}

func (c *Constraint) judge(value any, o origin) []Violation {
	if c.Free() {
		return nil
	}
	if len(c.AnyOf) > 0 {
		return c.judgeAny(value, o)
	}
	if !c.fits(value) || !c.compares(value, o) {
		return []Violation{{Path: o.path, Reason: Mismatch, Found: value, Want: c}}
	}
	switch x := value.(type) {
	case map[string]any:
		return c.judgeMap(x, o)
	case []any:
		return c.judgeList(x, o)
	}
	return nil
}

// judgeAny wants one alternative without violations.
func (c *Constraint) judgeAny(value any, o origin) []Violation {
	var nearest []Violation
	tie := true
	for _, arm := range c.AnyOf {
		found := arm.judge(value, o)
		if len(found) == 0 {
			return nil
		}
		if len(found[0].Path) == len(o.path) { // not even the kind
			continue
		}
		switch {
		case nearest == nil || len(found) < len(nearest):
			nearest, tie = found, false
		case len(found) == len(nearest):
			tie = true
		}
	}
	if tie {
		return []Violation{{Path: o.path, Reason: Mismatch, Found: value, Want: c}}
	}
	return nearest
}

// fits checks the value itself, not what it holds.
func (c *Constraint) fits(value any) bool {
	kind := kindOf(value)
	if kind&c.Kinds == 0 {
		return false
	}
	switch x := value.(type) {
	case int:
		value = int64(x)
	case float64:
		if n, isWhole := wholeNumber(x); isWhole {
			value = n
		}
	case []any:
		return len(x) >= c.MinItems && (c.MaxItems == nil || len(x) <= *c.MaxItems)
	case map[string]any:
		return true
	}
	if c.Enum != nil && !slices.Contains(c.Enum, value) {
		return false
	}
	if slices.ContainsFunc(c.Not, func(not any) bool { return same(not, value) }) {
		return false
	}
	if !c.measures(value) {
		return false
	}
	switch kind {
	case Int, Float:
		return c.within(value)
	case String:
		return c.reads(value.(string))
	}
	return true
}

// same compares as CUE's != does: numbers as numbers.
func same(a, b any) bool {
	if kindOf(a)&Number != 0 && kindOf(b)&Number != 0 {
		return compare(a, b) == 0
	}
	return a == b
}

func (c *Constraint) within(number any) bool {
	if c.Min != nil {
		if order := compare(number, c.Min.Value); order < 0 || order == 0 && c.Min.Exclusive {
			return false
		}
	}
	if c.Max != nil {
		if order := compare(number, c.Max.Value); order > 0 || order == 0 && c.Max.Exclusive {
			return false
		}
	}
	return true
}

func (c *Constraint) reads(s string) bool {
	for _, re := range c.Match {
		if !re.MatchString(s) {
			return false
		}
	}
	for _, re := range c.NoMatch {
		if re.MatchString(s) {
			return false
		}
	}
	if c.MinRunes == 0 && c.MaxRunes == nil {
		return true
	}
	runes := utf8.RuneCountInString(s)
	return runes >= c.MinRunes && (c.MaxRunes == nil || runes <= *c.MaxRunes)
}

func (c *Constraint) judgeMap(m map[string]any, o origin) []Violation {
	var found []Violation
	for _, field := range c.Fields {
		value, ok := m[field.Name]
		at := o.down(m, field.Name)
		switch {
		case ok && field.Presence == Forbidden:
			found = append(found, Violation{Path: at.path, Reason: ForbiddenField, Found: value, Want: c})
		case ok:
			found = append(found, field.Value.judge(value, at)...)
		case field.Presence == Required:
			found = append(found, Violation{Path: at.path, Reason: Missing, Want: field.Value})
		}
	}
	if len(c.Patterns) > 0 || c.Closed {
		for _, name := range slices.Sorted(maps.Keys(m)) {
			found = append(found, c.judgeName(name, m[name], o.down(m, name))...)
		}
	}
	for _, conditional := range c.If {
		found = append(found, conditional.judge(m, o, found)...)
	}
	return found
}

// judgeName checks one field of a map against its patterns and its being closed. Named fields are left out: what a
// pattern says of them is part of what they say themselves.
func (c *Constraint) judgeName(name string, value any, o origin) []Violation {
	if slices.ContainsFunc(c.Fields, func(field Field) bool { return field.Name == name }) {
		return nil
	}
	known := !c.Closed
	var found []Violation
	for _, pattern := range c.Patterns {
		if pattern.Name.Holds(name) {
			known = true
			found = append(found, pattern.Value.judge(value, o)...)
		}
	}
	if !known {
		found = append(found, Violation{Path: o.path, Reason: UnknownField, Found: value, Want: c, Allowed: c.Names()})
	}
	return found
}

func (c *Constraint) judgeList(list []any, o origin) []Violation {
	var found []Violation
	for i, value := range list {
		want := c.Elements
		if i < len(c.Items) {
			want = c.Items[i]
		}
		if !want.Free() {
			found = append(found, want.judge(value, o.down(list, strconv.Itoa(i)))...)
		}
	}
	return found
}

// show prints a found value, shortened.
func show(value any) string {
	switch x := value.(type) {
	case nil:
		return "null"
	case map[string]any:
		return "a map"
	case []any:
		return fmt.Sprintf("a list of %d", len(x))
	}
	text := []rune(LiteralText(value))
	if len(text) > 60 {
		text = append(text[:59], '…')
	}
	return string(text)
}
