package manifest

import (
	"encoding/json"
	"strings"
	"unicode/utf8"

	"sigs.k8s.io/yaml"
)

// traits say what about a string rules out some of the ways to write it (yaml_emitter_analyze_scalar).
type traits uint8

const (
	syntax      traits = 1 << iota // plain, it would be read as something else, or lose its outer spaces
	broken                         // has a line break
	indented                       // has a space right behind a line break
	trailing                       // ends in a space
	unprintable                    // can only be written with escapes
	foreign                        // has what does not come through JSON and YAML unchanged
)

// study looks at a string once. Most strings are ASCII without spaces, colons and hashes: only their start can matter.
func study(s string) traits {
	for i := range len(s) {
		if !harmless(s[i]) {
			return opening(s) | scan(s)
		}
	}
	return opening(s)
}

// harmless says whether a character means nothing behind the start of a scalar: printable ASCII, but not one of " !\"#:".
func harmless(c byte) bool {
	return c-'$' <= '9'-'$' || c-';' <= '~'-';'
}

// opening looks for what has a meaning at the start of a plain scalar only.
func opening(s string) traits {
	if s == "" {
		return 0
	}
	switch s[0] {
	case '#', ',', '[', ']', '{', '}', '&', '*', '!', '|', '>', '\'', '"', '%', '@', '`':
		return syntax
	case '?', '-':
		if len(s) == 1 || s[1] == ' ' || strings.HasPrefix(s, "---") {
			return syntax
		}
	case '.':
		if strings.HasPrefix(s, "...") {
			return syntax
		}
	}
	return 0
}

// scan looks at every character.
func scan(s string) (t traits) {
	var previous, r rune
	for i, n := 0, 0; i < len(s); i += n {
		previous = r
		if harmless(s[i]) {
			r, n = rune(s[i]), 1
			continue
		}
		r, n = utf8.DecodeRuneInString(s[i:])
		last := i+n == len(s)
		switch {
		case r == ' ':
			if i == 0 {
				t |= syntax
			}
			if last {
				t |= syntax | trailing
			}
			if isBreak(previous) {
				t |= indented
			}
		case r == ':' && (last || s[i+1] == ' '), r == '#' && previous == ' ':
			t |= syntax
		case isBreak(r):
			t |= broken
			if previous == ' ' {
				t |= unprintable // a line cannot end in a space
			}
		}
		if !printable(r) {
			t |= unprintable
		}
		if isForeign(r, n) {
			t |= foreign
		}
	}
	return t
}

func isBreak(r rune) bool {
	return r == '\n' || r == '\r' || r == '\u0085' || r == '\u2028' || r == '\u2029'
}

func printable(r rune) bool {
	return r == '\n' || r >= ' ' && r <= '~' || r >= 0xA0 && r <= 0xFFFD && r != '\uFEFF'
}

// isForeign says whether r, read from n bytes, is no Unicode character or one that JSON leaves as it is and a YAML parser
// does not.
func isForeign(r rune, n int) bool {
	return r == utf8.RuneError && n == 1 || r >= 0x7F && r < 0xA0 || r == 0xFFFE || r == 0xFFFF
}

// valid gives s with U+FFFD for every byte that is not UTF-8, as JSON does.
func valid(s string) string {
	return string([]rune(s))
}

// settled gives what kustomize makes of a foreign string by reading JSON with a YAML parser: U+0085 is a line break
// there, and folded. What the parser refuses stays as it is.
func settled(s string) string {
	s = valid(s)
	var read string
	quoted, err := json.Marshal(s)
	if err != nil || yaml.Unmarshal(quoted, &read) != nil {
		return s
	}
	return read
}
