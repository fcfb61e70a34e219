package textdiff

import (
	"fmt"
	"slices"
	"strings"
)

// Merge merges two texts that came from one, line by line: what either side changed is taken, and where both changed the same
// lines in different ways, both stand there between the marks that Git uses. lines are those of the first marks, from 1.
func Merge(base, ours, theirs, oursName, theirsName string) (merged string, lines []int) {
	w := &merger{ours: oursName, theirs: theirsName}
	was := split(base)
	our, their := matches(base, ours), matches(base, theirs)
	a, b, i := 0, 0, 0 // the next lines of ours, of theirs and of the base
	for {
		j := i // the next line that all three have
		for j < len(was) && (our[j] < 0 || their[j] < 0) {
			j++
		}
		nextA, nextB := len(split(ours)), len(split(theirs))
		if j < len(was) {
			nextA, nextB = our[j], their[j]
		}
		w.choose(was[i:j], split(ours)[a:nextA], split(theirs)[b:nextB])
		if j == len(was) {
			return w.text.String(), w.conflicts
		}
		w.write(was[j])
		a, b, i = nextA+1, nextB+1, j+1
	}
}

// Unrelated puts two texts of which no common ancestor is known into one: every difference is a conflict.
func Unrelated(ours, theirs, oursName, theirsName string) (merged string, lines []int) {
	w := &merger{ours: oursName, theirs: theirsName}
	var our, their []string
	for _, part := range Compare(ours, theirs) {
		switch part.Mark {
		case '-':
			our = append(our, part.Lines...)
		case '+':
			their = append(their, part.Lines...)
		default:
			w.conflict(our, their)
			w.write(part.Lines...)
			our, their = nil, nil
		}
	}
	w.conflict(our, their)
	return w.text.String(), w.conflicts
}

// split is a text as lines without their ends. A last line without an end gets one: all files that are merged have it.
func split(text string) []string {
	if text == "" {
		return nil
	}
	return strings.Split(strings.TrimSuffix(text, "\n"), "\n")
}

// matches gives for each line of the old text the line of the fresh one that it has become, or -1.
func matches(old, fresh string) []int {
	all := make([]int, 0, len(old)/16)
	at := 0
	for _, part := range Compare(old, fresh) {
		for range part.Lines {
			switch part.Mark {
			case ' ':
				all, at = append(all, at), at+1
			case '-':
				all = append(all, -1)
			case '+':
				at++
			}
		}
	}
	return all
}

// merger writes a merged text.
type merger struct {
	ours, theirs string
	text         strings.Builder
	line         int
	conflicts    []int
}

func (m *merger) write(lines ...string) {
	for _, line := range lines {
		m.text.WriteString(line + "\n")
	}
	m.line += len(lines)
}

// choose writes lines that not all three texts have in common.
func (m *merger) choose(was, our, their []string) {
	switch {
	case slices.Equal(our, their), slices.Equal(was, their):
		m.write(our...)
	case slices.Equal(was, our):
		m.write(their...)
	default:
		m.conflict(our, their)
	}
}

func (m *merger) conflict(our, their []string) {
	if len(our)+len(their) == 0 {
		return
	}
	m.conflicts = append(m.conflicts, m.line+1)
	m.write(fmt.Sprintf("<<<<<<< %s", m.ours))
	m.write(our...)
	m.write("=======")
	m.write(their...)
	m.write(fmt.Sprintf(">>>>>>> %s", m.theirs))
}
