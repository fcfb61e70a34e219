package constraint

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"

	"spokewright.dev/spokewright/internal/finding"
)

// String says in plain English what is allowed, short enough for an error message: "aws", "azure" or "gcp"; a whole
// number from 1 to 64; a list of strings. Of a map it names the fields and leaves out what they must be.
func (c *Constraint) String() string {
	switch {
	case c.Free():
		return "anything"
	case len(c.AnyOf) > 0:
		var arms []string
		for _, arm := range c.AnyOf {
			if arm.Enum != nil {
				arms = append(arms, literals(arm.Enum)...)
			} else {
				arms = append(arms, arm.String())
			}
		}
		return finding.OneOf(arms)
	case c.Enum != nil:
		return finding.OneOf(literals(c.Enum)) + c.comparison()
	case c.MinQuantity != nil || c.MaxQuantity != nil:
		return "a quantity" + (&Constraint{Min: c.MinQuantity, Max: c.MaxQuantity}).scale()
	}
	return c.one() + c.others() + c.comparison()
}

// one is the noun for one value, with its limits but for the values ruled out.
func (c *Constraint) one() string {
	switch c.Kinds {
	case 0:
		return "nothing"
	case Null:
		return "null"
	case Bool:
		return "true or false"
	case Int:
		return "a whole number" + c.scale()
	case Number, Float:
		return "a number" + c.scale()
	case String:
		return "a string" + c.reading()
	case List:
		return c.list()
	case Map:
		return c.mapping()
	}
	if c.Kinds == Any&^Null {
		return "anything but null"
	}
	if c.Kinds == Any {
		return "anything"
	}
	return c.mixed()
}

// comparison says how a scalar stands to others.
func (c *Constraint) comparison() string {
	words := map[string]string{">=": "not below", ">": "above", "<=": "not above", "<": "below", "==": "the same as", "!=": "other than"}
	text := ""
	for _, r := range c.Relations {
		text += ", " + words[r.Op] + " " + string(finding.Tokens(r.Path...))
	}
	return text
}

// many is the noun for several such values, where it has one.
func (c *Constraint) many() (string, bool) {
	one := c.String()
	for _, noun := range []string{"a whole number", "a number", "a string", "a list", "a map"} {
		if rest, ok := strings.CutPrefix(one, noun); ok && len(c.AnyOf) == 0 {
			return noun[2:] + "s" + rest, true
		}
	}
	return "", false
}

// mixed names kinds without limits.
func (c *Constraint) mixed() string {
	var nouns []string
	for _, kinds := range []Kinds{Null, Bool, Number, String, List, Map} {
		if kinds &= c.Kinds; kinds != 0 {
			nouns = append(nouns, (&Constraint{Kinds: kinds}).one())
		}
	}
	return finding.OneOf(nouns)
}

// others names the values ruled out.
func (c *Constraint) others() string {
	if len(c.Not) == 0 {
		return ""
	}
	return " other than " + finding.OneOf(literals(c.Not))
}

func (c *Constraint) scale() string {
	low, high := "", ""
	if c.Min != nil {
		low = LiteralText(c.Min.Value)
	}
	if c.Max != nil {
		high = LiteralText(c.Max.Value)
	}
	switch {
	case low != "" && high != "" && !c.Min.Exclusive && !c.Max.Exclusive:
		return " from " + low + " to " + high
	case low == "" && high == "":
		return ""
	case high == "":
		return side(c.Min, "of at least ", "above ") + low
	case low == "":
		return side(c.Max, "of at most ", "below ") + high
	}
	return side(c.Min, "of at least ", "above ") + low + " and" + side(c.Max, "of at most ", "below ") + high
}

func side(bound *Bound, inclusive, exclusive string) string {
	if bound.Exclusive {
		return " " + exclusive
	}
	return " " + inclusive
}

// reading says how long a string is and what it matches.
func (c *Constraint) reading() string {
	text := ""
	if size := span(c.MinRunes, c.MaxRunes); size != "" {
		text = " of " + size + " characters"
	}
	var parts []string
	for _, part := range []struct {
		verb string
		list []*regexp.Regexp
	}{{"matching ", c.Match}, {"not matching ", c.NoMatch}} {
		for _, re := range part.list {
			parts = append(parts, part.verb+re.String())
		}
	}
	if len(parts) == 0 {
		return text
	}
	return text + " " + finding.AllOf(parts)
}

// span says how many: at least 1, at most 3, 1 to 3, exactly 2.
func span(least int, most *int) string {
	switch {
	case most == nil && least == 0:
		return ""
	case most == nil:
		return fmt.Sprintf("at least %d", least)
	case least == 0:
		return fmt.Sprintf("at most %d", *most)
	case least == *most:
		return fmt.Sprintf("exactly %d", least)
	}
	return fmt.Sprintf("%d to %d", least, *most)
}

func (c *Constraint) list() string {
	if c.MaxItems != nil && *c.MaxItems == 0 {
		return "an empty list"
	}
	if len(c.Items) > 0 {
		return c.tuple()
	}
	text := "a list"
	if c.Elements != nil {
		if nouns, ok := c.Elements.many(); ok {
			text += " of " + nouns
		} else {
			text += " whose elements are each " + c.Elements.String()
		}
	}
	if size := span(c.MinItems, c.MaxItems); size != "" {
		text += " (" + size + ")"
	}
	return text
}

// tuple is a list whose first elements stand for themselves.
func (c *Constraint) tuple() string {
	var parts []string
	for _, item := range c.Items {
		parts = append(parts, item.String())
	}
	switch {
	case c.MaxItems != nil && *c.MaxItems <= len(c.Items):
		return "a list [" + strings.Join(parts, ", ") + "]"
	case c.Elements == nil:
		parts = append(parts, "...")
	default:
		parts = append(parts, "..."+c.Elements.String())
	}
	text := "a list [" + strings.Join(parts, ", ") + "]"
	if c.MinItems > len(c.Items) || c.MaxItems != nil {
		text += " (" + span(c.MinItems, c.MaxItems) + ")"
	}
	return text
}

func (c *Constraint) mapping() string {
	var required []string
	for _, field := range c.Fields {
		if field.Presence == Required {
			required = append(required, field.Name)
		}
	}
	names := c.Names()
	switch {
	case len(required) > 0:
		return "a map with " + finding.AllOf(required)
	case len(names) > 0:
		return "a map that may have " + finding.AllOf(names)
	case len(c.Patterns) == 1 && !c.Patterns[0].Value.Free():
		if nouns, ok := c.Patterns[0].Value.many(); ok {
			return "a map of " + nouns
		}
		return "a map whose values are each " + c.Patterns[0].Value.String()
	case c.Closed && len(c.Patterns) == 0:
		return "an empty map"
	}
	return "a map"
}

func literals(values []any) []string {
	var texts []string
	for _, value := range values {
		texts = append(texts, LiteralText(value))
	}
	return texts
}

// LiteralText prints a scalar; a float64 always has a fraction or an exponent.
func LiteralText(value any) string {
	switch x := value.(type) {
	case nil:
		return "null"
	case string:
		return strconv.Quote(x)
	case float64:
		text := strconv.FormatFloat(x, 'g', -1, 64)
		if x == math.Trunc(x) && !strings.Contains(text, "e") {
			text += ".0"
		}
		return text
	}
	return fmt.Sprint(value)
}
