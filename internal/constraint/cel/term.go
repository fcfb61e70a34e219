package cel

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"spokewright.dev/spokewright/internal/constraint"
)

// term is an expression and its outermost operator: "&&", "||", or none for one that binds tighter.
type term struct {
	text, op string
	parts    []string // what the operator joins, where that is known
}

var always = term{text: "true"}

func all(x, name string, body term) term {
	if body.text == always.text {
		return always
	}
	return term{text: x + ".all(" + name + ", " + body.text + ")"}
}

// not negates.
func not(t term) term {
	switch {
	case t.text == always.text:
		return term{text: "false"}
	case t.text == "false":
		return always
	case t.op == "" && strings.HasPrefix(t.text, "!"):
		return term{text: t.text[1:]}
	case t.op == "" && strings.HasPrefix(t.text, "has("):
		return term{text: "!" + t.text}
	}
	return term{text: "!(" + t.text + ")"}
}

// connect joins terms by && or ||, leaving out what changes nothing and what was said before.
func connect(op string, terms []term) term {
	neutral, absorbing := "true", "false"
	if op == "||" {
		neutral, absorbing = absorbing, neutral
	}
	var parts []string
	last := term{text: neutral}
	for _, t := range terms {
		switch t.text {
		case absorbing:
			return t
		case neutral:
			continue
		}
		last = t
		for _, part := range t.joined(op) {
			if !slices.Contains(parts, part) {
				parts = append(parts, part)
			}
		}
	}
	if len(parts) < 2 {
		return last
	}
	return term{strings.Join(parts, " "+op+" "), op, parts}
}

// joined is what a term hands to an operator: its own parts, or itself as one.
func (t term) joined(op string) []string {
	switch {
	case t.op == op && t.parts != nil:
		return t.parts
	case t.op == "" || t.op == op:
		return []string{t.text}
	}
	return []string{"(" + t.text + ")"}
}

var (
	identifier = regexp.MustCompile(`^[a-zA-Z_][a-zA-Z0-9_]*$`)
	reserved   = strings.Fields("as break const continue else false for function if import in let loop namespace null " +
		"package return true var void while")
)

// member selects a field, by index where the name is no identifier.
func member(x, name string) string {
	if isIdentifier(name) {
		return x + "." + name
	}
	return x + "[" + celLiteral(name) + "]"
}

func isIdentifier(name string) bool {
	return identifier.MatchString(name) && !slices.Contains(reserved, name)
}

// dynamic is x as an argument of a function with several overloads: of an element, CEL's checker settles for one too soon.
func dynamic(x string) string {
	if strings.HasSuffix(x, "]") {
		return "dyn(" + x + ")"
	}
	return x
}

func literalsOf(names []string) []string {
	var texts []string
	for _, name := range names {
		texts = append(texts, celLiteral(name))
	}
	return texts
}

// celLiteral writes a scalar in CEL.
func celLiteral(value any) string {
	s, ok := value.(string)
	if !ok {
		return constraint.LiteralText(value)
	}
	var b strings.Builder
	b.WriteByte('\'')
	for _, r := range s {
		switch {
		case r == '\'' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case r < ' ' || r >= 0x7f && r < 0xa0 || r == utf8.RuneError || r == '\u2028' || r == '\u2029':
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('\'')
	return b.String()
}
