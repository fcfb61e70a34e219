package merge

import (
	"bytes"
	"regexp"
)

// The marks that Git leaves where it could not merge.
var (
	begins = regexp.MustCompile(`^<{7}( |$)`)
	older  = regexp.MustCompile(`^\|{7}( |$)`)
	turns  = regexp.MustCompile(`^={7}$`)
	ends   = regexp.MustCompile(`^>{7}( |$)`)
)

// Unmerged takes apart a text in which Git left the marks of a conflict: the two versions, and the line of the first mark.
// The line is 0 where there is none, and both versions are the text then.
func Unmerged(text []byte) (ours, theirs []byte, line int) {
	if !bytes.Contains(text, []byte("<<<<<<<")) {
		return text, text, 0
	}
	const (
		same = iota
		our
		was
		their
	)
	within, number := same, 0
	for each := range bytes.Lines(text) {
		number++
		bare := bytes.TrimRight(each, "\r\n")
		switch {
		case within == same && begins.Match(bare):
			if within = our; line == 0 {
				line = number
			}
			continue
		case within == our && older.Match(bare):
			within = was
			continue
		case (within == our || within == was) && turns.Match(bare):
			within = their
			continue
		case within == their && ends.Match(bare):
			within = same
			continue
		}
		if within == same || within == our {
			ours = append(ours, each...)
		}
		if within == same || within == their {
			theirs = append(theirs, each...)
		}
	}
	return ours, theirs, line
}
