package review

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// cells are a text letter by letter as everybody can see them: what does not print, what turns the direction of text, and
// what is the twin of a Latin letter among Latin ones stands as an escape.
func cells(text string) []string {
	list := make([]string, 0, len(text))
	latin := latinWords(text)
	for at, r := range text {
		_, size := utf8.DecodeRuneInString(text[at:])
		switch {
		case r == utf8.RuneError && size == 1:
			list = append(list, fmt.Sprintf(`\x%02x`, text[at]))
		case r < utf8.RuneSelf && r >= ' ' && r != 0x7f, r > utf8.RuneSelf && unicode.IsPrint(r) && !isBlank(r) && (!latin[at] || !isTwin(r)):
			list = append(list, text[at:at+size])
		default:
			list = append(list, strings.Trim(strconv.QuoteRuneToASCII(r), "'"))
		}
	}
	return list
}

// visible is a text on one line as everybody can see it.
func visible(text string) string {
	for _, c := range []byte(text) {
		if c < ' ' || c >= 0x7f {
			return strings.Join(cells(text), "")
		}
	}
	return text
}

// isBlank says whether a letter that counts as printable shows nothing.
func isBlank(r rune) bool {
	return r == 0x115f || r == 0x1160 || r == 0x3164 || r == 0xffa0 || r == 0x2800 || unicode.Is(unicode.Variation_Selector, r)
}

// isTwin says whether a letter may be taken for a Latin one.
func isTwin(r rune) bool {
	return unicode.IsLetter(r) && (!unicode.Is(unicode.Latin, r) || r >= 0xff00) || unicode.IsDigit(r)
}

// latinWords are the places of letters in words that have a letter of ASCII.
func latinWords(text string) map[int]bool {
	var in map[int]bool
	var word []int
	ascii := false
	end := func() {
		for _, at := range word {
			if ascii {
				if in == nil {
					in = map[int]bool{}
				}
				in[at] = true
			}
		}
		word, ascii = word[:0], false
	}
	for at, r := range text {
		switch {
		case r < utf8.RuneSelf && (unicode.IsLetter(r) || unicode.IsDigit(r)):
			ascii = ascii || unicode.IsLetter(r)
		case unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r):
			word = append(word, at)
		case strings.ContainsRune("-_./:@", r):
		default:
			end()
		}
	}
	end()
	return in
}

// quoted are the cells of a text in quotes.
func quoted(text string) []string {
	list := cells(text)
	for i, cell := range list {
		if cell == `"` || cell == `\` {
			list[i] = `\` + cell
		}
	}
	return append(append([]string{`"`}, list...), `"`)
}

// inline are the cells of a value on one line: a text in quotes, all else as JSON. What a mask has put there is no text.
func inline(value any) []string {
	text, isText := value.(string)
	switch {
	case isText && isHidden(text):
		return cells(text)
	case isText:
		return quoted(text)
	}
	var line strings.Builder
	encoder := json.NewEncoder(&line)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return cells(fmt.Sprintf("%v (%T)", value, value))
	}
	return cells(strings.TrimSuffix(line.String(), "\n"))
}

// isHidden says whether all of a text was masked.
func isHidden(text string) bool {
	return strings.HasPrefix(text, hidden) && strings.HasSuffix(text, ")") && len(text) < 32
}

// gap stands for what is left out.
const gap = "…"

// fit gives cells at most a width, with what is left out in the middle.
func fit(list []string, width int) string {
	if len(list) <= width && wide(list) <= width {
		return strings.Join(list, "")
	}
	head, tail := 0, len(list)
	for room := max(width-1, 2); head < tail; {
		if size := wide(list[head : head+1]); size > room {
			break
		} else {
			room -= size
			head++
		}
		if head == tail {
			break
		}
		if size := wide(list[tail-1 : tail]); size > room {
			break
		} else {
			room -= size
			tail--
		}
	}
	return strings.Join(list[:head], "") + gap + strings.Join(list[tail:], "")
}

// wide is how many columns cells take.
func wide(list []string) int {
	n := 0
	for _, cell := range list {
		n += columns(cell)
	}
	return n
}

// columns are those that a text takes on a terminal.
func columns(text string) int {
	n := 0
	for _, r := range text {
		switch {
		case unicode.IsMark(r):
		case r >= 0x1100 && (r <= 0x115f || r >= 0x2e80 && r <= 0xa4cf || r >= 0xac00 && r <= 0xd7a3 || r >= 0xf900 && r <= 0xfaff ||
			r >= 0xfe30 && r <= 0xfe6f || r >= 0xff00 && r <= 0xff60 || r >= 0x1f300 && r <= 0x1faff || r >= 0x20000):
			n += 2
		default:
			n++
		}
	}
	return n
}

// The letters that stand around a difference in long values.
const around = 12

// fitPair gives two values a width each, so that what differs is seen.
func fitPair(old, fresh []string, width int) (string, string) {
	if wide(old) <= width && wide(fresh) <= width {
		return strings.Join(old, ""), strings.Join(fresh, "")
	}
	prefix := 0
	for prefix < len(old) && prefix < len(fresh) && old[prefix] == fresh[prefix] {
		prefix++
	}
	suffix := 0
	for suffix < len(old)-prefix && suffix < len(fresh)-prefix && old[len(old)-1-suffix] == fresh[len(fresh)-1-suffix] {
		suffix++
	}
	from := max(prefix-around, 0)
	cut := func(list []string) string {
		to := min(len(list)-suffix+around, len(list))
		before, behind := "", ""
		if from > 0 {
			before = gap
		}
		if to < len(list) {
			behind = gap
		}
		middle := list[prefix : len(list)-suffix]
		room := max(width-(prefix-from)-(to-len(list)+suffix)-len([]rune(before+behind)), around)
		return before + strings.Join(list[from:prefix], "") + fit(middle, room) + strings.Join(list[len(list)-suffix:to], "") + behind
	}
	a, b := cut(old), cut(fresh)
	if a == b { // they differ in what both leave out
		a, b = fmt.Sprintf("%s (%d letters)", a, len(old)), fmt.Sprintf("%s (%d letters, others)", b, len(fresh))
	}
	return a, b
}
