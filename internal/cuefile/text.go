package cuefile

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"spokewright.dev/spokewright/internal/finding"
)

// The largest spec that is read, in bytes: a hundred times what a large environment takes.
const maxSourceBytes = 256 << 10

// checkText refuses what an editor hides or Git changes: other encodings, control and direction characters, CRLF.
// Each line is told of once, and each line ending once a file.
func checkText(file string, text []byte) finding.Findings {
	at := func(line, column int) finding.Position {
		return finding.Position{File: file, Line: line, Column: column}
	}
	if len(text) > maxSourceBytes {
		return problem(finding.TooLarge, at(1, 1), "found a file of %d bytes, allowed are %d", len(text), maxSourceBytes)
	}
	if len(bytes.TrimSpace(text)) == 0 {
		return problem(finding.Syntax, at(1, 1), "the file is empty")
	}
	if !bytes.ContainsFunc(text, remarkable) {
		return nil
	}
	var problems finding.Findings
	returned := false
	for number, line := range strings.Split(string(text), "\n") {
		if strings.HasSuffix(line, "\r") {
			if !returned {
				problems = append(problems, problem(finding.Hidden, at(number+1, len(line)),
					"found a carriage return at the end of the line: lines end in LF alone, as git config core.autocrlf input keeps them")...)
			}
			returned, line = true, line[:len(line)-1]
		}
		for column, r := range line {
			if what := hidden(r, line[column:]); what != "" {
				problems = append(problems, problem(finding.Hidden, at(number+1, column+1), "found %s: write plain text", what)...)
				break
			}
		}
	}
	return problems
}

// remarkable says of a character whether it has to be looked at more closely.
func remarkable(r rune) bool { return (r < ' ' || r > '~') && r != '\n' && r != '\t' }

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
