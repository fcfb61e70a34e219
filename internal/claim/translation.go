package claim

import (
	"maps"
	"slices"
	"strings"

	"spokewright.dev/spokewright/internal/constraint"
	"spokewright.dev/spokewright/internal/manifest"
)

// theirs is a value of one of our fields as the kind has it.
func (k Kind) theirs(field string, value any) any {
	word, _ := value.(string)
	if theirs, translated := k.Values[field][word]; translated {
		return manifest.WholeNumbers(theirs)
	}
	return value
}

// ours is the word of ours that a value of the kind stands for; the value itself where none does.
func (k Kind) ours(field string, value any) any {
	for _, word := range slices.Sorted(maps.Keys(k.Values[field])) {
		if manifest.Equal(k.Values[field][word], value) {
			return word
		}
	}
	return value
}

// translated rewrites a constraint on our field for the fleet's own kind: each allowed word is replaced by its translation;
// values that have no translation are judged unchanged.
func (k Kind) translated(field string, rule *constraint.Constraint) *constraint.Constraint {
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
	return constraint.OneOf(passing...).Union(rule.Without(taken...))
}

// Leaf is what is said of a field such as "nodes.min"; nil where nothing is.
func Leaf(c *constraint.Constraint, field string) *constraint.Constraint {
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

func Texts(values []any) []string {
	var all []string
	for _, value := range values {
		if text, ok := value.(string); ok {
			all = append(all, text)
		}
	}
	return all
}
