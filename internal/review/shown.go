package review

import (
	"bytes"
	"strings"

	"spokewright.dev/spokewright/internal/manifest"
	"spokewright.dev/spokewright/internal/textdiff"
)

// layout is how much of a value a printer has room for.
type layout struct {
	width int // of a value on one line
	lines int // of a difference of several lines
}

// shown is a field as printers lay it out: its two values on one line, or a small difference. All of it is visible text.
type shown struct {
	path     string
	old, new string // empty where there is no such value, and where there are lines
	lines    []line
	more     int // lines that are left out
}

// line is one of a difference; the mark is ' ', '-', '+', or '@' where lines are left out between two.
type line struct {
	mark byte
	text string
}

// The most letters of a map or list that stays on one line.
const compact = 60

// The lines that stay around what differs.
const context = 2

func (l layout) show(f *field) shown {
	s := shown{path: visible(f.Path.Brief())}
	switch {
	case isBlock(f.Old) || isBlock(f.New):
		s.lines, s.more = l.cut(l.difference(f))
	case f.HasOld && f.HasNew:
		s.old, s.new = fitPair(inline(f.Old), inline(f.New), l.width)
	case f.HasOld:
		s.old = fit(inline(f.Old), l.width)
	case f.HasNew:
		s.new = fit(inline(f.New), l.width)
	}
	return s
}

// isBlock says whether a value takes several lines.
func isBlock(value any) bool {
	switch value := value.(type) {
	case string:
		return strings.Contains(value, "\n")
	case map[string]any:
		return len(value) > 0 && len(inline(value)) > compact
	case []any:
		return len(value) > 0 && len(inline(value)) > compact
	}
	return false
}

// block is a value as lines, each with its end.
func block(value any) string {
	switch value := value.(type) {
	case string:
		if !strings.Contains(value, "\n") {
			return fit(inline(value), 1<<20) + "\n"
		}
		if !strings.HasSuffix(value, "\n") {
			value += "\n\\ no line break at the end\n"
		}
		return value
	case map[string]any:
		if len(value) > 0 {
			return string(manifest.Append(nil, value))
		}
	case []any:
		if len(value) > 0 {
			_, text, _ := bytes.Cut(manifest.Append(nil, map[string]any{"list": value}), []byte("\n"))
			return string(text)
		}
	}
	return strings.Join(inline(value), "") + "\n"
}

// difference is what differs between two values, line by line, with a few lines around.
func (l layout) difference(f *field) []line {
	var old, fresh string
	if f.HasOld {
		old = block(f.Old)
	}
	if f.HasNew {
		fresh = block(f.New)
	}
	var parts []textdiff.Part
	for _, part := range textdiff.Compare(old, fresh) {
		if len(part.Lines) > 0 {
			parts = append(parts, part)
		}
	}
	var list []line
	for i := 0; i < len(parts); i++ {
		part := parts[i]
		switch {
		case part.Mark == ' ':
			list = append(list, l.common(part.Lines, i > 0, i < len(parts)-1)...)
		case part.Mark == '-' && i+1 < len(parts) && parts[i+1].Mark == '+':
			list = append(list, l.pair(part.Lines, parts[i+1].Lines)...)
			i++
		default:
			for _, text := range part.Lines {
				list = append(list, line{part.Mark, fit(cells(text), l.width)})
			}
		}
	}
	return list
}

// common are the lines around what differs.
func (l layout) common(lines []string, follows, precedes bool) []line {
	head, tail := 0, 0
	if follows {
		head = context
	}
	if precedes {
		tail = context
	}
	var list []line
	for i, text := range lines {
		switch {
		case i < head || i >= len(lines)-tail || len(lines) == head+tail+1:
			list = append(list, line{' ', fit(cells(text), l.width)})
		case i == head:
			list = append(list, line{'@', gap})
		}
	}
	return list
}

// pair are lines that go and lines that come in their place; line by line where there are as many.
func (l layout) pair(old, fresh []string) []line {
	var gone, come []line
	for i := range max(len(old), len(fresh)) {
		var a, b string
		switch {
		case len(old) == len(fresh):
			a, b = fitPair(cells(old[i]), cells(fresh[i]), l.width)
		default:
			if i < len(old) {
				a = fit(cells(old[i]), l.width)
			}
			if i < len(fresh) {
				b = fit(cells(fresh[i]), l.width)
			}
		}
		if i < len(old) {
			gone = append(gone, line{'-', a})
		}
		if i < len(fresh) {
			come = append(come, line{'+', b})
		}
	}
	return append(gone, come...)
}

// cut leaves out what there is no room for: the ends of long runs first, so that both sides are seen, then the end.
func (l layout) cut(list []line) (kept []line, more int) {
	if len(list) <= l.lines {
		return list, 0
	}
	run := 0
	for i, one := range list {
		if i > 0 && one.mark == list[i-1].mark {
			run++
		} else {
			run = 0
		}
		if run < max(l.lines/4, 1) && len(kept) < l.lines {
			kept = append(kept, one)
		} else {
			more++
		}
	}
	return kept, more
}
