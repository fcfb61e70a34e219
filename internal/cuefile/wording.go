package cuefile

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"spokewright.dev/spokewright/internal/constraint"
)

// Shorten cuts a text that is long for a message.
func Shorten(text string) string { return ShortenTo(text, 72) }

func ShortenTo(text string, most int) string {
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most-3], "") + "..."
}

// A name that needs no quotes in a path.
var plainName = regexp.MustCompile(`^[A-Za-z0-9_#-]+$`)

// FieldPath is a path as people write it: apps.web.images, registries[0], labels."example.com/team".
func FieldPath(path ...string) string {
	var text strings.Builder
	for i, name := range path {
		_, err := strconv.Atoi(name)
		switch {
		case err == nil && i > 0:
			fmt.Fprintf(&text, "[%s]", name)
			continue
		case name == "[]": // any element
			text.WriteString(name)
			continue
		case !plainName.MatchString(name):
			name = strconv.QuoteToASCII(Shorten(name))
		}
		if i > 0 {
			text.WriteByte('.')
		}
		text.WriteString(Shorten(name))
	}
	return text.String()
}

// Found shows a value as the user would write it, cut where it is long, with no letter that looks like another.
func Found(value any) string {
	text, err := json.Marshal(value)
	if err != nil {
		return fmt.Sprintf("found %v", value)
	}
	switch value := value.(type) {
	case string:
		return "found " + Quoted(value)
	case map[string]any:
		if len(text) > 60 {
			return "found a map"
		}
	case []any:
		if len(text) > 60 {
			return fmt.Sprintf("found a list of %d", len(value))
		}
	}
	return "found " + Shorten(string(text))
}

// Quoted is a text in quotes, cut where it is long.
func Quoted(text string) string { return strconv.QuoteToASCII(Shorten(text)) }

// allowed says in English what a constraint lets pass.
func allowed(want *constraint.Constraint) string {
	switch {
	case want == nil:
		return "nothing"
	case len(want.AnyOf) > 0:
		return eitherText(choices(want))
	case want.Kinds == constraint.List && want.Elements != nil:
		return "a list, each " + allowed(want.Elements)
	case want.Kinds == constraint.Map && len(want.Patterns) > 0:
		return "a map by name: {name: ...}"
	}
	text := want.String()
	if phrase, known := phrases()[text]; known {
		return phrase
	}
	return text
}

// choices are the alternatives of a constraint, one by one.
func choices(want *constraint.Constraint) []string {
	if len(want.AnyOf) == 0 && want.Enum == nil {
		return []string{allowed(want)}
	}
	var all []string
	for _, value := range want.Enum {
		all = append(all, strings.TrimPrefix(Found(value), "found "))
	}
	for _, arm := range want.AnyOf {
		all = append(all, choices(arm)...)
	}
	return all
}

// OneOf lists words as people do: `"a", "b" or "c"`.
func OneOf(words []string) string {
	marked := make([]string, len(words))
	for i, word := range words {
		marked[i] = Quoted(word)
	}
	return eitherText(marked)
}

func eitherText(texts []string) string {
	if len(texts) < 2 {
		return strings.Join(texts, "")
	}
	last := len(texts) - 1
	return strings.Join(texts[:last], ", ") + " or " + texts[last]
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

// DidYouMean is the end of a message about a misspelt word.
func DidYouMean(word string, words []string) string {
	if near := nearest(word, words); near != "" {
		return fmt.Sprintf("; did you mean %q?", near)
	}
	return ""
}

// nearest is the word that someone probably meant: the closest by edit distance, or "" where none is close. A third of
// the letters may be wrong, and none of a word of two.
func nearest(word string, words []string) string {
	best, distance := "", 1+len(word)/3
	for _, candidate := range words {
		if candidate == word || abs(len(candidate)-len(word)) >= distance {
			continue
		}
		if d := edits(strings.ToLower(word), strings.ToLower(candidate)); d < distance {
			best, distance = candidate, d
		}
	}
	return best
}

func abs(n int) int { return max(n, -n) }

// edits is the edit distance of two words, a swap of neighbours counting one.
func edits(a, b string) int {
	before, last := make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row := make([]int, len(b)+1)
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last = last, row
	}
	return last[len(b)]
}
