// Package textdiff shows how two texts differ, line by line, as a unified diff. It knows nothing of what the lines mean.
package textdiff

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sergi/go-diff/diffmatchpatch"
)

// The lines that are shown around a change.
const context = 3

// paint colours a line by its mark: '-', '+' or '@'.
type paint func(mark byte, line string) string

// Painter paints as people know it from Git, or not at all.
func Painter(colour bool) paint {
	codes := map[byte]string{'-': "31", '+': "32", '@': "36"}
	return func(mark byte, line string) string {
		if code := codes[mark]; colour && code != "" {
			return "\x1b[" + code + "m" + line + "\x1b[0m"
		}
		return line
	}
}

// Part is a row of lines that two texts have in common (' '), or that one of them has alone ('-' the old one, '+' the new
// one).
type Part struct {
	Mark  byte
	Lines []string // without their ends
}

// Compare divides two texts into what is common and what differs.
func Compare(old, fresh string) []Part {
	marks := map[diffmatchpatch.Operation]byte{diffmatchpatch.DiffEqual: ' ', diffmatchpatch.DiffDelete: '-', diffmatchpatch.DiffInsert: '+'}
	differ := diffmatchpatch.New()
	a, b, texts := differ.DiffLinesToChars(old, fresh)
	var parts []Part
	for _, diff := range differ.DiffCharsToLines(differ.DiffMain(a, b, false), texts) {
		parts = append(parts, Part{marks[diff.Type], strings.Split(strings.TrimSuffix(diff.Text, "\n"), "\n")})
	}
	return parts
}

// Difference shows the lines that differ, with a few around them, in the unified form; names are those of the old text and
// of the fresh one. go-diff's own patches count characters and not lines, so they are no unified diff that other programs read.
func Difference(names [2]string, old, fresh string, paint paint) string {
	var out strings.Builder
	fmt.Fprintln(&out, paint('-', "--- "+names[0]))
	fmt.Fprintln(&out, paint('+', "+++ "+names[1]))
	parts, h := Compare(old, fresh), hunk{old: 1, fresh: 1}
	for i, part := range parts {
		before, after := context, context
		if i == 0 {
			before = 0
		}
		if i == len(parts)-1 {
			after = 0
		}
		if part.Mark == ' ' && len(part.Lines) > before+after {
			h.add(Part{' ', part.Lines[:before]})
			h = h.write(&out, paint)
			h.old, h.fresh = h.old+len(part.Lines)-before-after, h.fresh+len(part.Lines)-before-after
			part.Lines = part.Lines[len(part.Lines)-after:]
		}
		h.add(part)
	}
	h.write(&out, paint)
	return out.String()
}

// hunk is a change with the lines around it, and the numbers of its first line.
type hunk struct {
	old, fresh int
	parts      []Part
}

func (h *hunk) add(p Part) { h.parts = append(h.parts, p) }

// write writes a hunk that holds a change, and gives the empty one that begins behind it.
func (h *hunk) write(out *strings.Builder, paint paint) hunk {
	var old, fresh int
	for _, p := range h.parts {
		if p.Mark != '+' {
			old += len(p.Lines)
		}
		if p.Mark != '-' {
			fresh += len(p.Lines)
		}
	}
	if slices.ContainsFunc(h.parts, func(p Part) bool { return p.Mark != ' ' }) {
		fmt.Fprintln(out, paint('@', fmt.Sprintf("@@ -%s +%s @@", span(h.old, old), span(h.fresh, fresh))))
		for _, p := range h.parts {
			for _, line := range p.Lines {
				fmt.Fprintln(out, paint(p.Mark, string(p.Mark)+line))
			}
		}
	}
	return hunk{old: h.old + old, fresh: h.fresh + fresh}
}

// span says where lines stand: no line stands after the one before.
func span(first, count int) string {
	if count == 0 {
		first--
	}
	return fmt.Sprintf("%d,%d", first, count)
}
