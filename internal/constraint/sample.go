package constraint

import (
	"regexp/syntax"
	"strings"
)

// Sample is a string that satisfies c, when one is easily found.
func Sample(c *Constraint) (string, bool) {
	if len(c.Match) != 1 {
		return "", false
	}
	re, err := syntax.Parse(c.Match[0].String(), syntax.Perl)
	if err != nil {
		return "", false
	}
	s := match(re)
	return s, c.Holds(s)
}

// match is a short string that the expression probably matches.
func match(re *syntax.Regexp) string {
	switch re.Op {
	case syntax.OpLiteral:
		return string(re.Rune)
	case syntax.OpCharClass:
		if len(re.Rune) > 0 {
			return string(re.Rune[0])
		}
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		return "z"
	case syntax.OpPlus, syntax.OpCapture, syntax.OpAlternate:
		return match(re.Sub[0])
	case syntax.OpRepeat:
		return strings.Repeat(match(re.Sub[0]), min(re.Min, 100))
	case syntax.OpConcat:
		var b strings.Builder
		for _, sub := range re.Sub {
			b.WriteString(match(sub))
		}
		return b.String()
	}
	return ""
}
