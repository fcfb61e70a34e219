package cuefile

import (
	"spokewright.dev/spokewright/internal/constraint"
	"spokewright.dev/spokewright/internal/finding"
)

// What a message shows of a user's text.
const shown = 72

func shorten(text string) string { return finding.Shorten(text, shown) }

// Found shows a value as the user would write it, cut where it is long, with no letter that looks like another.
func Found(value any) string { return "found " + finding.Show(value) }

// allowed says in English what a constraint lets pass.
func allowed(want *constraint.Constraint) string {
	switch {
	case want == nil:
		return "nothing"
	case want.Phrase != "":
		return want.Phrase
	case len(want.AnyOf) > 0:
		return finding.OneOf(choices(want))
	case want.Kinds == constraint.List && want.Elements != nil:
		return "a list, each " + allowed(want.Elements)
	case want.Kinds == constraint.Map && len(want.Patterns) > 0:
		return "a map by name: {name: ...}"
	}
	return want.String()
}

// choices are the alternatives of a constraint, one by one.
func choices(want *constraint.Constraint) []string {
	if len(want.AnyOf) == 0 && want.Enum == nil {
		return []string{allowed(want)}
	}
	var all []string
	for _, value := range want.Enum {
		all = append(all, finding.Show(value))
	}
	for _, arm := range want.AnyOf {
		all = append(all, choices(arm)...)
	}
	return all
}

// words are the texts that a constraint allows by name.
func words(want *constraint.Constraint) []string {
	if want == nil {
		return nil
	}
	var all []string
	for _, value := range want.Enum {
		if word, ok := value.(string); ok {
			all = append(all, word)
		}
	}
	for _, alternative := range want.AnyOf {
		all = append(all, words(alternative)...)
	}
	return all
}
