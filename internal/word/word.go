// Package word finds a name in a text where it is a word of its own or a part that a dash divides: shop-dev and
// dev.example.com speak of dev; devices, and spokewright.dev, which ends a domain with it, do not.
package word

import "strings"

// Replace is a text with another word in the place of a name.
func Replace(text, name, with string) string {
	if name == with {
		return text
	}
	var changed strings.Builder
	done := 0
	each(text, name, func(begin, end int) {
		changed.WriteString(text[done:begin] + with)
		done = end
	})
	if done == 0 {
		return text
	}
	return changed.String() + text[done:]
}

// Alone says whether a text has a name as a word that no dash divides from others: dev, and not shop-dev.
func Alone(text, name string) (found bool) {
	each(text, name, func(begin, end int) {
		divided := begin > 0 && text[begin-1] == '-' || end < len(text) && text[end] == '-'
		found = found || !divided
	})
	return found
}

// each finds the places of a name.
func each(text, name string, do func(begin, end int)) {
	if name == "" {
		return
	}
	for from := 0; ; {
		at := strings.Index(text[from:], name)
		if at < 0 {
			return
		}
		begin := from + at
		if from = begin + len(name); isWord(text, begin, from) {
			do(begin, from)
		}
	}
}

// isWord says whether what stands between two places is a word, and not the end of a domain.
func isWord(text string, begin, end int) bool {
	letter := func(at int) bool {
		if at < 0 || at >= len(text) {
			return false
		}
		c := text[at]
		return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '_' || c >= 0x80
	}
	domain := begin > 1 && text[begin-1] == '.' && letter(begin-2) && (end == len(text) || text[end] != '.' && text[end] != '-')
	return !letter(begin-1) && !letter(end) && !domain
}
