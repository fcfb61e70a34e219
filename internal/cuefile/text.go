package cuefile

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The largest spec that is read, in bytes: a hundred times what a large environment takes.
const maxSourceBytes = 256 << 10

// checkText refuses what an editor hides or Git changes: other encodings, control and direction characters, CRLF.
// Each line is told of once, and each line ending once a file.
func checkText(file string, text []byte) Problems {
	if len(text) > maxSourceBytes {
		return Problems{{Position{file, 1, 1}, "", fmt.Sprintf("found a file of %d bytes, allowed are %d", len(text), maxSourceBytes)}}
	}
	if len(bytes.TrimSpace(text)) == 0 {
		return Problems{{Position{file, 1, 1}, "", "the file is empty"}}
	}
	var problems Problems
	returned := false
	for number, line := range strings.Split(string(text), "\n") {
		if strings.HasSuffix(line, "\r") {
			if !returned {
				problems = append(problems, Problem{Position{file, number + 1, len(line)}, "",
					"found a carriage return at the end of the line: lines end in LF alone, as git config core.autocrlf input keeps them"})
			}
			returned, line = true, line[:len(line)-1]
		}
		for column, r := range line {
			if what := hidden(r, line[column:]); what != "" {
				problems = append(problems, Problem{Position{file, number + 1, column + 1}, "", "found " + what + ": write plain text"})
				break
			}
		}
	}
	return problems
}

// hidden names a character that does not show or looks like another, or "".
func hidden(r rune, rest string) string {
	switch {
	case r == utf8.RuneError && !strings.HasPrefix(rest, "\uFFFD"):
		return fmt.Sprintf("the byte 0x%02X, which is not UTF-8", rest[0])
	case r < 0x20 && r != '\t' || r == 0x7F || r >= 0x80 && r < 0xA0:
		return fmt.Sprintf("the control character U+%04X", r)
	case unicode.Is(unicode.Bidi_Control, r):
		return fmt.Sprintf("the character U+%04X, which turns the direction of what is read", r)
	case unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Co) || slices.Contains([]rune{0x034F, 0x115F, 0x1160, 0x2800, 0x3164, 0xFFA0}, r):
		return fmt.Sprintf("the character U+%04X, which cannot be seen", r)
	case r != ' ' && unicode.Is(unicode.Zs, r):
		return fmt.Sprintf("the space U+%04X, which is not the ordinary one", r)
	}
	return ""
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
