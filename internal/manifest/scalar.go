package manifest

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"
)

// width is the column behind which the next space becomes a line break.
const width = 80

// text writes a string value to the end of its last line; its further lines stand at column indent.
func (e *emitter) text(s string, indent int) {
	if e.printer == nil || len(s) < longText {
		e.anew(s, indent)
		return
	}
	at := spot{s, indent, e.column()}
	if known, there := e.printer.long.Load(at); there {
		e.out = append(e.out, known.([]byte)...)
		e.line = len(e.out)
		return
	}
	begin := len(e.out)
	e.anew(s, indent)
	if e.printer.known.Add(1) <= mostTexts {
		e.printer.long.Store(at, slices.Clone(e.out[begin:]))
	}
}

func (e *emitter) anew(s string, indent int) {
	t := study(s)
	if t&foreign != 0 {
		s = settled(s)
		t = study(s)
	}
	e.scalar(s, t, indent, true)
	e.finish()
}

// scalar writes a string in the plainest style its traits allow. Without fold it stays on one line.
func (e *emitter) scalar(s string, t traits, indent int, fold bool) {
	switch {
	case t&broken != 0 && strings.Contains(s, "\n"):
		if t&(unprintable|trailing) == 0 {
			e.literal(s, indent)
		} else {
			e.double(s, indent, fold)
		}
	case retyped(s), t&(unprintable|indented) != 0:
		e.double(s, indent, fold)
	case t != 0:
		e.single(s, indent, fold)
	case fold && len(e.out)-e.line+len(s) > width:
		e.words(s, indent, fold)
	default:
		e.out = append(e.out, s...)
	}
}

// column gives how many characters the current line has.
func (e *emitter) column() int {
	return utf8.RuneCount(e.out[e.line:])
}

func (e *emitter) single(s string, indent int, fold bool) {
	e.out = append(e.out, '\'')
	e.words(strings.ReplaceAll(s, "'", "''"), indent, fold)
	e.out = append(e.out, '\'')
}

// words writes s and breaks a line that has become too long at the next space that stands alone.
func (e *emitter) words(s string, indent int, fold bool) {
	column := e.column()
	for i, n := 0, 0; i < len(s); i += n {
		n = chunk(s[i:])
		part := s[i : i+n]
		switch {
		case part == " " && fold && column > width && alone(s, i):
			e.newline()
			e.pad(indent)
			column = indent
		case startsWithBreak(part):
			e.out = append(e.out, part...)
			column = 0
		default:
			if column == 0 {
				e.pad(indent)
				column = indent
			}
			e.out = append(e.out, part...)
			column += utf8.RuneCountInString(part)
		}
	}
}

// chunk gives the length of what s starts with: one space, one line break, or the text before the next of them.
func chunk(s string) int {
	for i := range len(s) {
		switch s[i] {
		case ' ', '\n':
			return max(i, 1)
		case "\u2028"[0]: // of the other line breaks, only U+2028 and U+2029 are printable
			if r, n := utf8.DecodeRuneInString(s[i:]); isBreak(r) {
				return cmp.Or(i, n)
			}
		}
	}
	return len(s)
}

func startsWithBreak(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return isBreak(r)
}

// alone says whether the space at index i of s stands between two characters that are no spaces.
func alone(s string, i int) bool {
	return i > 0 && s[i-1] != ' ' && i+1 < len(s) && s[i+1] != ' '
}

// double writes s in double quotes with escapes.
func (e *emitter) double(s string, indent int, fold bool) {
	e.out = append(e.out, '"')
	column := e.column()
	// yaml_emitter_write_double_quoted_scalar takes every character for a byte order mark, if the first one is.
	mark := strings.HasPrefix(s, "\uFEFF")
	previous := rune(-1)
	for i, r := range s {
		before := len(e.out)
		switch {
		case mark || !printable(r) || isBreak(r) || r == '"' || r == '\\':
			e.out = appendEscaped(e.out, r)
			column += len(e.out) - before
		case r == ' ' && fold && column > width && previous != ' ' && i > 0 && i+1 < len(s):
			e.newline()
			e.pad(indent)
			column = indent
			if s[i+1] == ' ' {
				e.out = append(e.out, '\\')
				column++
			}
		default:
			e.out = utf8.AppendRune(e.out, r)
			column++
		}
		previous = r
	}
	e.out = append(e.out, '"')
}

func appendEscaped(dst []byte, r rune) []byte {
	const plain = "\x00\a\b\t\n\v\f\r\x1b\"\\\u0085\u00a0\u2028\u2029"
	const short = `0abtnvfre"\N_LP`
	if i := strings.IndexRune(plain, r); i >= 0 {
		return append(dst, '\\', short[utf8.RuneCountInString(plain[:i])])
	}
	letter, digits := byte('x'), 2
	switch {
	case r > 0xFFFF:
		letter, digits = 'U', 8
	case r > 0xFF:
		letter, digits = 'u', 4
	}
	dst = append(dst, '\\', letter)
	for shift := 4 * (digits - 1); shift >= 0; shift -= 4 {
		dst = append(dst, "0123456789ABCDEF"[r>>shift&0xF])
	}
	return dst
}

// literal writes s as a block behind "|", to the end of its last line.
func (e *emitter) literal(s string, indent int) {
	e.out = append(e.out, '|')
	e.out = append(e.out, hints(s)...)
	e.newline()
	fresh := true // nothing is on the line
	for s != "" {
		part := s[:chunk(s)]
		s = s[len(part):]
		ends := startsWithBreak(part)
		if fresh && !ends {
			e.pad(indent)
		}
		e.out = append(e.out, part...)
		fresh = ends
	}
	if fresh {
		e.line = len(e.out)
		return
	}
	e.newline()
}

// hints gives the indentation and chomping indicators of a block: a digit if it does not start with its own text, "-" if
// it does not end in a line break, "+" if it ends in more than one or is nothing else.
func hints(s string) string {
	indentation := ""
	if r, _ := utf8.DecodeRuneInString(s); r == ' ' || isBreak(r) {
		indentation = "2"
	}
	last, n := utf8.DecodeLastRuneInString(s)
	if !isBreak(last) {
		return indentation + "-"
	}
	if before, _ := utf8.DecodeLastRuneInString(s[:len(s)-n]); len(s) == n || isBreak(before) {
		return indentation + "+"
	}
	return indentation
}
