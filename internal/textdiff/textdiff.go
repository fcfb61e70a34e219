// Package textdiff shows how two texts differ, line by line, as a unified diff. It knows nothing of what the lines mean.
package textdiff

import (
	"fmt"
	"strings"

	"github.com/sergi/go-diff/diffmatchpatch"
)

// The lines that are shown around a change.
const context = 3

// paint colours a line by its mark: '-', '+' or '@'.
type paint func(mark byte, line string) string

func Painter(colour bool) paint {
	codes := map[byte]string{'-': "31", '+': "32", '@': "36"}
	return func(mark byte, line string) string {
		if code := codes[mark]; colour && code != "" {
			return "\x1b[" + code + "m" + line + "\x1b[0m"
		}
		return line
	}
}

// line is a line of a difference with its mark: ' ', '-' or '+'.
type line struct {
	Mark byte
	Text string
}

// Difference shows the lines that differ, with a few around them, in the unified form.
func Difference(name, old, fresh string, paint paint) string {
	lines := Compare(old, fresh)
	var out strings.Builder
	fmt.Fprintln(&out, paint('-', "--- "+name))
	fmt.Fprintln(&out, paint('+', "+++ "+name+" (rendered)"))
	oldLine, newLine := 1, 1
	for from := 0; from < len(lines); {
		if lines[from].Mark == ' ' && !near(lines, from) {
			from, oldLine, newLine = from+1, oldLine+1, newLine+1
			continue
		}
		to := from
		for to < len(lines) && (lines[to].Mark != ' ' || near(lines, to)) {
			to++
		}
		oldCount, newCount := lengths(lines[from:to])
		fmt.Fprintln(&out, paint('@', fmt.Sprintf("@@ -%s +%s @@", span(oldLine, oldCount), span(newLine, newCount))))
		for _, l := range lines[from:to] {
			fmt.Fprintln(&out, paint(l.Mark, string(l.Mark)+l.Text))
		}
		from, oldLine, newLine = to, oldLine+oldCount, newLine+newCount
	}
	return out.String()
}

// span says where lines stand: no line stands after the one before.
func span(first, count int) string {
	if count == 0 {
		first--
	}
	return fmt.Sprintf("%d,%d", first, count)
}

// Compare marks every line of two texts.
func Compare(old, fresh string) []line {
	differ := diffmatchpatch.New()
	a, b, texts := differ.DiffLinesToChars(old, fresh)
	marks := map[diffmatchpatch.Operation]byte{diffmatchpatch.DiffEqual: ' ', diffmatchpatch.DiffDelete: '-', diffmatchpatch.DiffInsert: '+'}
	var lines []line
	for _, part := range differ.DiffCharsToLines(differ.DiffMain(a, b, false), texts) {
		for text := range strings.Lines(part.Text) {
			lines = append(lines, line{marks[part.Type], strings.TrimSuffix(text, "\n")})
		}
	}
	return lines
}

// near says whether a line stands close enough to a change to be shown.
func near(lines []line, at int) bool {
	for i := max(0, at-context); i <= min(len(lines)-1, at+context); i++ {
		if lines[i].Mark != ' ' {
			return true
		}
	}
	return false
}

func lengths(lines []line) (old, fresh int) {
	for _, l := range lines {
		if l.Mark != '+' {
			old++
		}
		if l.Mark != '-' {
			fresh++
		}
	}
	return old, fresh
}
