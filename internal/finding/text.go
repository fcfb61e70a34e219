package finding

import (
	"fmt"
	"io"
	"strings"
)

// Text is how findings are written for people: a line each, with its remedy and detail below.
type Text struct {
	Verbose bool                     // every finding on its own line, instead of those of one cause folded
	Paint   func(line string) string // colours a line of a detail; nil leaves it plain
}

// Write writes findings in the order of the files.
func (t Text) Write(w io.Writer, all Findings) error {
	var text strings.Builder
	all.text(&text, t)
	_, err := io.WriteString(w, text.String())
	return err
}

func (all Findings) text(w *strings.Builder, how Text) {
	var folded []Folded
	if how.Verbose {
		for _, f := range all.Sorted() {
			folded = append(folded, Folded{Finding: f})
		}
	} else {
		folded = all.Fold()
	}
	for _, f := range folded {
		fmt.Fprintln(w, f)
		for _, line := range f.elsewhere() {
			fmt.Fprintln(w, "  "+line)
		}
		if f.Remedy != "" {
			fmt.Fprintln(w, "  remedy: "+oneLine(f.Remedy))
		}
		for line := range strings.Lines(f.Detail) {
			if how.Paint != nil {
				line = how.Paint(strings.TrimSuffix(line, "\n")) + "\n"
			}
			w.WriteString(line)
		}
	}
}

// elsewhere are the related places that the sentence does not name, each with what is there.
func (f Finding) elsewhere() []string {
	var lines []string
	for _, r := range f.Related {
		if place := r.String(); !strings.Contains(f.Sentence(), place) {
			lines = append(lines, oneLine(place+": "+r.Message))
		}
	}
	return lines
}
