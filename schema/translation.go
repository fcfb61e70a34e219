package schema

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"spokewright.dev/spokewright/constraint"
)

// theirs is a value of one of our fields as the kind has it.
func (k ClaimKind) theirs(field string, value any) any {
	word, _ := value.(string)
	if theirs, translated := k.Values[field][word]; translated {
		return wholeNumbers(theirs)
	}
	return value
}

// ours is the word of ours that a value of the kind stands for; the value itself where none does.
func (k ClaimKind) ours(field string, value any) any {
	for _, word := range slices.Sorted(maps.Keys(k.Values[field])) {
		if same(k.Values[field][word], value) {
			return word
		}
	}
	return value
}

// translated is what a rule says of one of our fields, said of theirs: it lets the translations pass of the words that it
// lets pass, and values that are neither words nor translations, and so stand for themselves, as it is.
func (k ClaimKind) translated(field string, rule *constraint.Constraint) *constraint.Constraint {
	if k.Values[field] == nil || rule == nil {
		return rule
	}
	var passing, taken []any
	for _, word := range slices.Sorted(maps.Keys(k.Values[field])) {
		theirs := k.theirs(field, word)
		taken = append(taken, word, theirs)
		if len(rule.Judge(word)) == 0 {
			passing = append(passing, theirs)
		}
	}
	return constraint.OneOf(passing...).Or(rule.Except(taken...))
}

// translations reports words that are none of ours, words of ours that are left out, and rules that no translation can say.
func (c *fleetChecker) translations(path []string, kind ClaimKind, spec *constraint.Constraint) {
	for _, field := range slices.Sorted(maps.Keys(kind.Values)) {
		at := append(slices.Clip(path), "values", field)
		if _, mapped := kind.Fields[field]; !mapped {
			c.report(fmt.Sprintf("found values for %s, which fields does not map%s", quoted(field), DidYouMean(field, slices.Sorted(maps.Keys(kind.Fields)))), at...)
			continue
		}
		words := leaf(spec, field).Enum
		for _, word := range slices.Sorted(maps.Keys(kind.Values[field])) {
			if len(words) > 0 && !slices.Contains(words, any(word)) {
				c.report(fmt.Sprintf("found %s, which is no word of ours%s (allowed are %s)", quoted(word), DidYouMean(word, texts(words)), oneOf(texts(words))), append(slices.Clip(at), word)...)
			}
		}
		for _, word := range texts(words) {
			if _, told := kind.Values[field][word]; !told {
				c.report("found no value for "+quoted(word), at...)
			}
		}
		c.untranslatable(path[len(path)-1], field)
	}
}

// untranslatable reports rules that compare a translated field with another one: their words are not ours.
func (c *fleetChecker) untranslatable(part, field string) {
	for _, class := range slices.Sorted(maps.Keys(c.fleet.Classes)) {
		for _, name := range slices.Sorted(maps.Keys(c.fleet.Classes[class].Rules)) {
			rule := c.fleet.Classes[class].Rules[name]
			if !slices.ContainsFunc(rule.Kinds, func(kind string) bool { return strings.EqualFold(kind, part) }) {
				continue
			}
			at := []string{"classes", class, "rules", name, "require"}
			require, _ := requirement(c.merged.at(at...), at)
			for _, path := range related(require, nil) {
				if strings.Join(path, ".") == "spec."+field {
					c.report(fmt.Sprintf("found a comparison with %s, whose words the fleet translates: allowed is a choice of words", field), append(at, path...)...)
				}
			}
		}
	}
}

// related are the fields that a rule compares with each other, as paths from the object down.
func related(c *constraint.Constraint, path []string) [][]string {
	if c == nil {
		return nil
	}
	var all [][]string
	for _, r := range c.Than {
		all = append(all, path, append(slices.Clip(path[:max(len(path)-r.Up, 0)]), r.Path...))
	}
	for _, conditional := range c.If {
		all = append(all, related(conditional.Then, path)...)
	}
	for _, field := range c.Fields {
		all = append(all, related(field.Value, append(slices.Clip(path), field.Name))...)
	}
	return all
}

// leaf is what is said of a field such as "nodes.min"; nil where nothing is.
func leaf(c *constraint.Constraint, field string) *constraint.Constraint {
	for name := range strings.SplitSeq(field, ".") {
		if c == nil {
			return nil
		}
		i := slices.IndexFunc(c.Fields, func(f constraint.Field) bool { return f.Name == name })
		if i < 0 {
			return nil
		}
		c = c.Fields[i].Value
	}
	return c
}

func texts(values []any) []string {
	var all []string
	for _, value := range values {
		if text, ok := value.(string); ok {
			all = append(all, text)
		}
	}
	return all
}

// same compares JSON data: numbers by their value.
func same(a, b any) bool {
	first, err1 := json.Marshal(a)
	second, err2 := json.Marshal(b)
	return err1 == nil && err2 == nil && string(first) == string(second)
}

// wholeNumbers is JSON data whose whole numbers are int64, as everywhere in objects.
func wholeNumbers(value any) any {
	switch value := value.(type) {
	case float64:
		if whole := int64(value); float64(whole) == value {
			return whole
		}
	case []any:
		list := make([]any, len(value))
		for i, item := range value {
			list[i] = wholeNumbers(item)
		}
		return list
	case map[string]any:
		object := make(map[string]any, len(value))
		for name, item := range value {
			object[name] = wholeNumbers(item)
		}
		return object
	}
	return value
}
