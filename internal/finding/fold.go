package finding

import (
	"fmt"
	"slices"
	"strings"
)

// Folded is a finding with the others of its cause: same severity, code, field and sentence, at other objects or in
// other files.
type Folded struct {
	Finding
	Others Findings
	hidden int // the lines of details that were left out
}

// The findings of one cause from which on they are one line: two say more than a count.
const foldFrom = 3

// The lines that the details of one cause may have together: more, and nobody reads them.
const detailLines = 100

// Fold puts findings of one cause together, in the order of the first of each. What has a detail of its own stays alone,
// unless the details of a cause are too long together: then they are left out.
func (all Findings) Fold() []Folded {
	sorted := all.Sorted()
	groups, lines := make(map[cause]Findings), make(map[cause]int)
	for _, f := range sorted {
		groups[causeOf(f)] = append(groups[causeOf(f)], f)
		lines[causeOf(f)] += strings.Count(f.Detail, "\n")
	}
	var folded []Folded
	for _, f := range sorted {
		group, hidden := groups[causeOf(f)], 0
		first := compare(&f, &group[0]) == 0
		if lines[causeOf(f)] > detailLines {
			f.Detail, hidden = "", lines[causeOf(f)]
		}
		switch {
		case hidden > 0 && first:
			folded = append(folded, Folded{f, group[1:], hidden})
		case hidden > 0:
		case f.Detail != "" || len(group) < foldFrom:
			folded = append(folded, Folded{Finding: f})
		case first:
			folded = append(folded, Folded{Finding: f, Others: group[1:]})
		}
	}
	return folded
}

// cause is what findings have in common that one edit may mend.
type cause struct {
	severity         Severity
	code             Code
	path             Path
	sentence, remedy string
}

func causeOf(f Finding) cause {
	steps := f.Path.Steps()
	for i := range steps {
		steps[i].Index = Any
	}
	return cause{f.Severity, f.Code, FromSteps(steps...), f.Sentence(), f.Remedy}
}

// String is the first finding's line, and how many more there are.
func (f Folded) String() string {
	text := f.Finding.String()
	if len(f.Others) > 0 {
		text += fmt.Sprintf(" (and %s)", f.more())
	}
	if f.hidden > 0 {
		text += fmt.Sprintf("; %s of details: -v shows them", Count(f.hidden, "line"))
	}
	return text
}

// The most others that are named rather than counted.
const named = 4

// more says where the others are: by name where they are few, else how many objects and files they are in.
func (f Folded) more() string {
	places, objects, files := map[string]bool{}, map[Object]bool{f.Object: true}, map[string]bool{f.File: true}
	var names []string
	for _, other := range f.Others {
		name := other.Position.String()
		if other.Position == f.Position || other.Object != f.Object && other.File == f.File {
			name = other.Object.String()
		}
		if name != "" && !places[name] {
			places[name], names = true, append(names, name)
		}
		objects[other.Object], files[other.File] = true, true
	}
	text := fmt.Sprintf("%d more", len(f.Others))
	var over []string
	if len(objects) > 1 {
		over = append(over, Count(len(objects), "object"))
	}
	if len(files) > 1 {
		over = append(over, Count(len(files), "file"))
	}
	switch {
	case len(names) == len(f.Others) && len(names) <= named:
		text += ": " + strings.Join(names, ", ")
	case len(over) > 0:
		text += ": " + AllOf(over)
	}
	return text
}

// First are the first n findings in the order of the files and, where there are more, one that counts them.
func (all Findings) First(n int) Findings {
	sorted := all.Sorted()
	more := len(sorted) - n
	if more <= 0 {
		return sorted
	}
	next := sorted[n]
	return append(slices.Clip(sorted[:n]), Finding{Severity: next.Severity, Code: Many, Position: next.Position,
		Message: fmt.Sprintf("and %s from here on", Count(more, "more mistake"))})
}
