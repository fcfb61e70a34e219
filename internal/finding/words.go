package finding

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The letters of a value that a message shows.
const brief = 72

// Shorten cuts a text to n runes, the last of them … where something is missing.
func Shorten(text string, n int) string {
	if utf8.RuneCountInString(text) <= n {
		return text
	}
	at := 0
	for range max(n-1, 0) {
		_, size := utf8.DecodeRuneInString(text[at:])
		at += size
	}
	return text[:at] + "…"
}

// Quote is a text in quotes, cut where it is long, with no letter that looks like another.
func Quote(text string) string {
	short := Shorten(text, brief)
	if short == text {
		return strconv.QuoteToASCII(text)
	}
	quoted := strconv.QuoteToASCII(strings.TrimSuffix(short, "…"))
	return strings.TrimSuffix(quoted, `"`) + `…"`
}

// Show is a value as JSON on one line, a text as Quote writes it. Of what is long it says how much there is.
func Show(value any) string {
	if text, ok := value.(string); ok {
		return Quote(text)
	}
	var line bytes.Buffer
	encoder := json.NewEncoder(&line)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return Shorten(fmt.Sprintf("%v (%T)", value, value), brief)
	}
	written := strings.TrimSuffix(line.String(), "\n")
	if short := Shorten(written, brief); short != written {
		switch value := value.(type) {
		case map[string]any:
			return "a map with " + Count(len(value), "field")
		case []any:
			return "a list of " + Count(len(value), "element")
		}
		return short
	}
	return written
}

// OneOf lists what may be chosen: a, b or c.
func OneOf(texts []string) string { return list(texts, "or") }

// AllOf lists what belongs together: a, b and c.
func AllOf(texts []string) string { return list(texts, "and") }

func list(texts []string, word string) string {
	if len(texts) < 2 {
		return strings.Join(texts, "")
	}
	last := len(texts) - 1
	return strings.Join(texts[:last], ", ") + " " + word + " " + texts[last]
}

// Quoted are texts as Quote writes them.
func Quoted(texts []string) []string {
	quoted := make([]string, len(texts))
	for i, text := range texts {
		quoted[i] = Quote(text)
	}
	return quoted
}

// Count says how many: 1 file, 2 files, 3 policies.
func Count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.Itoa(n) + " " + plural(noun)
}

func plural(noun string) string {
	stem, y := strings.CutSuffix(noun, "y")
	switch {
	case y && stem != "" && !strings.ContainsAny(stem[len(stem)-1:], "aeiou"):
		return stem + "ies"
	case strings.HasSuffix(noun, "s"), strings.HasSuffix(noun, "x"), strings.HasSuffix(noun, "ch"), strings.HasSuffix(noun, "sh"):
		return noun + "es"
	}
	return noun + "s"
}

// oneLine escapes what would break a line or speak to a terminal.
func oneLine(text string) string {
	clean := true
	for _, r := range text {
		clean = clean && unicode.IsPrint(r) && r != utf8.RuneError
	}
	if clean {
		return text
	}
	var line strings.Builder
	for _, r := range text {
		if unicode.IsPrint(r) {
			line.WriteRune(r)
		} else {
			line.WriteString(strings.Trim(strconv.QuoteRuneToASCII(r), "'"))
		}
	}
	return line.String()
}

// printable is the name of a file as it is, in quotes where it has letters that do not print.
func printable(name string) string {
	if oneLine(name) == name {
		return name
	}
	return strconv.QuoteToASCII(name)
}
