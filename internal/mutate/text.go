package mutate

import (
	"regexp/syntax"
	"strings"

	"spokewright.dev/spokewright/internal/constraint"
)

// texts are strings that may satisfy the constraint; old is what stood there, of which as much as possible is kept.
func texts(want *constraint.Constraint, old string) []string {
	last := old[strings.LastIndexByte(old, '/')+1:]
	candidates := []string{old, "text"}
	for _, re := range want.Match {
		parsed, err := syntax.Parse(re.String(), syntax.Perl)
		if err != nil {
			continue // it was compiled before
		}
		sample := matching(parsed)
		candidates = append(candidates, sample+last, sample+old, sample+"text", sample, old+sample)
	}
	for _, text := range candidates {
		for short := want.MinRunes - len([]rune(text)); short > 0; short = 0 {
			candidates = append(candidates, text+strings.Repeat("x", short))
		}
		if want.MaxRunes != nil && len([]rune(text)) > *want.MaxRunes {
			candidates = append(candidates, string([]rune(text)[:*want.MaxRunes]))
		}
	}
	return candidates
}

// matching is a short string that the expression probably matches.
func matching(re *syntax.Regexp) string {
	switch re.Op {
	case syntax.OpLiteral:
		return string(re.Rune)
	case syntax.OpCharClass:
		return class(re.Rune)
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		return "z"
	case syntax.OpPlus, syntax.OpCapture, syntax.OpAlternate:
		return matching(re.Sub[0])
	case syntax.OpRepeat:
		return strings.Repeat(matching(re.Sub[0]), min(re.Min, 100))
	case syntax.OpConcat:
		var text strings.Builder
		for _, sub := range re.Sub {
			text.WriteString(matching(sub))
		}
		return text.String()
	}
	return ""
}

// class prefers a letter or a digit of a character class, given as pairs of bounds.
func class(bounds []rune) string {
	for _, wanted := range "a0A" {
		for i := 0; i+1 < len(bounds); i += 2 {
			if bounds[i] <= wanted && wanted <= bounds[i+1] {
				return string(wanted)
			}
		}
	}
	if len(bounds) == 0 {
		return ""
	}
	return string(bounds[0])
}
