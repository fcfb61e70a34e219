package constraint

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Parts are constraints that hold together exactly when c does, each about as little as can be told apart: what stands
// below one field of a map says nothing of another. Alternatives and what hangs on other fields stay together.
func (c *Constraint) Parts() []*Constraint {
	if !c.onlyFields() {
		return []*Constraint{c}
	}
	var parts []*Constraint
	for _, field := range c.Fields {
		values := []*Constraint{field.Value}
		if field.Value != nil && !field.Value.reaches(1) {
			values = field.Value.Parts()
		}
		for _, value := range values {
			part := *c
			part.Fields = []Field{{field.Name, field.Presence, value}}
			parts = append(parts, &part)
		}
	}
	return parts
}

// onlyFields reports whether c is about a map and says nothing but what its fields are, each for itself.
func (c *Constraint) onlyFields() bool {
	if c == nil || c.Kinds != Map || len(c.AnyOf) > 0 || c.Enum != nil || len(c.Not) > 0 || len(c.Patterns) > 0 || c.Closed || len(c.If) > 0 || len(c.Fields) == 0 {
		return false
	}
	return !slices.ContainsFunc(c.Fields, func(field Field) bool { return field.Value.reaches(1) })
}

// reaches reports whether something in c is about what lies up steps or more above it.
func (c *Constraint) reaches(up int) bool {
	if c == nil {
		return false
	}
	if slices.ContainsFunc(c.Relations, func(r Relation) bool { return r.Levels >= up }) {
		return true
	}
	for _, conditional := range c.If {
		if conditional.Then.reaches(up) || slices.ContainsFunc(conditional.When, func(when Condition) bool { return when.reaches(up) }) {
			return true
		}
	}
	below := slices.Concat(c.Items, []*Constraint{c.Elements})
	for _, field := range c.Fields {
		below = append(below, field.Value)
	}
	for _, pattern := range c.Patterns {
		below = append(below, pattern.Value)
	}
	return slices.ContainsFunc(c.AnyOf, func(arm *Constraint) bool { return arm.reaches(up) }) ||
		slices.ContainsFunc(below, func(inner *Constraint) bool { return inner.reaches(up + 1) })
}

func (c Condition) reaches(up int) bool {
	found := false
	c.Replace(func(of Condition) Condition {
		found = found || of.Levels >= up
		return of
	})
	return found
}

// The steps of a path that are no names: into every element of a list, and, at the end, whether there is something at all,
// or every entry of a map whose name matches what follows.
const (
	StepElements = "*"
	StepThere    = "?"
	StepNames    = "=~"
)

// Reads are the paths of all that the verdict of c hangs on, none inside another. Steps are names, * for every element of a
// list, below which one name follows at most, a last ? where it is only asked whether something is there, and a last one that
// begins with =~ for all entries whose names match. A path may stop early: then all that lies there counts.
func (c *Constraint) Reads() [][]string {
	var all [][]string
	c.read(nil, func(path []string, _ bool) { all = append(all, clipped(path)) })
	slices.SortFunc(all, slices.Compare)
	all = slices.CompactFunc(all, slices.Equal)
	return slices.DeleteFunc(slices.Clone(all), func(path []string) bool {
		return slices.ContainsFunc(all, func(other []string) bool { return len(other) < len(path) && slices.Equal(other, path[:len(other)]) })
	})
}

// clipped stops a path one name behind its first step into a list: what an element holds is compared by its fields.
func clipped(path []string) []string {
	if i := slices.Index(path, StepElements); i >= 0 && len(path) > i+2 {
		path = path[:i+2]
	}
	if i := slices.Index(path, StepElements); i >= 0 && len(path) == i+2 && strings.HasPrefix(path[i+1], StepNames) {
		path = path[:i+1]
	}
	if len(path) > 0 && path[len(path)-1] == StepElements { // every element is the list
		path = path[:len(path)-1]
	}
	return slices.Clone(path)
}

// read gives the paths that c, which stands at a path itself, hangs on. Of those that are sure something is there wherever c is
// satisfied.
func (c *Constraint) read(at []string, give func(path []string, sure bool)) {
	if c.Free() {
		return
	}
	at = slices.Clip(at)
	perhaps := func(path []string, _ bool) { give(path, false) }
	for _, r := range c.Relations {
		give(above(at, r.Levels, r.Path), false)
	}
	for _, arm := range c.AnyOf {
		arm.read(at, perhaps)
	}
	for _, conditional := range c.If {
		conditional.Then.read(at, perhaps)
		for _, when := range conditional.When {
			when.Replace(func(of Condition) Condition {
				give(above(at, of.Levels, of.Path), false)
				return of
			})
		}
	}
	switch {
	case len(c.AnyOf) > 0:
	case c.Kinds == Map && c.matchesNames() && !c.Closed && len(c.Not) == 0 && c.Enum == nil:
		for _, pattern := range c.Patterns {
			give(append(at, StepNames+pattern.Name.Match[0].String()), false)
		}
		for _, field := range c.Fields {
			field.read(append(at, field.Name), give)
		}
	case c.Kinds == List && len(c.Items) == 0 && c.MinItems == 0 && c.MaxItems == nil && len(c.Not) == 0 && c.Enum == nil:
		c.Elements.read(append(at, StepElements), perhaps)
	default:
		give(at, true)
	}
}

// read is that of a field at its own path.
func (f Field) read(at []string, give func(path []string, sure bool)) {
	known := false
	f.Value.read(at, func(path []string, sure bool) {
		known = known || sure
		give(path, sure && f.Presence == Required)
	})
	if f.Presence == Forbidden || f.Presence == Required && !known {
		give(append(slices.Clip(at), StepThere), f.Presence == Required)
	}
}

// matchesNames reports whether every pattern of a map is one of names that a single regular expression tells.
func (c *Constraint) matchesNames() bool {
	return !slices.ContainsFunc(c.Patterns, func(pattern Pattern) bool {
		name := *pattern.Name
		matches := name.Match
		name.Match, name.Kinds = nil, Any
		return len(matches) != 1 || !name.Unlimited()
	})
}

// above is the path down from what lies up steps above another one; the root where there are not so many.
func above(at []string, up int, path []string) []string {
	if up > len(at) {
		return nil
	}
	return append(slices.Clip(at[:len(at)-up]), path...)
}

// JudgeChange gives the violations by the second of two values, where it comes in the place of the first: of those parts of c
// that hang on something which is not the same in both.
func (c *Constraint) JudgeChange(before, after any) []Violation {
	var all []Violation
	for _, part := range c.Parts() {
		if !part.Same(before, after) {
			all = append(all, part.Judge(after)...)
		}
	}
	return all
}

// Same reports whether all that the verdict of c hangs on is the same in two values.
func (c *Constraint) Same(one, other any) bool {
	return kindOf(one) == kindOf(other) && c.seen(one) == c.seen(other)
}

// seen is what a value has where c reads, as text. What stands in the way counts by its kind.
func (c *Constraint) seen(value any) string {
	var b strings.Builder
	for _, path := range c.Reads() {
		b.WriteString(look(value, path) + "\n")
	}
	return b.String()
}

func look(value any, path []string) string {
	switch {
	case len(path) == 0:
		text, err := json.Marshal(value)
		if err != nil {
			panic(err) // JSON data always marshals
		}
		return string(text)
	case path[0] == StepThere:
		return "there"
	case path[0] == StepElements:
		list, is := value.([]any)
		if !is {
			return fmt.Sprint("no list: ", kindOf(value))
		}
		var all []string
		for _, each := range list {
			all = append(all, look(each, path[1:]))
		}
		return fmt.Sprint(all)
	}
	m, is := value.(map[string]any)
	if re, byName := strings.CutPrefix(path[0], StepNames); byName && is {
		return matching(m, regexp.MustCompile(re))
	}
	inner, there := m[path[0]]
	if !is || !there {
		return fmt.Sprint("none in ", kindOf(value))
	}
	return look(inner, path[1:])
}

// matching are the entries of a map whose names match, as text.
func matching(m map[string]any, name *regexp.Regexp) string {
	found := map[string]any{}
	for key, value := range m {
		if name.MatchString(key) {
			found[key] = value
		}
	}
	return look(found, nil)
}
