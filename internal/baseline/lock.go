package baseline

import (
	"fmt"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"spokewright.dev/spokewright/internal/finding"
)

// lock holds the digest of each file as the program wrote it, or absent where the team took the file away for good. Paths
// are relative to the folder of bases.
type lock map[string]string

const absent = "removed"

// String is a line for each file, sorted by the paths, so that Git merges two of them.
func (l lock) String() string {
	var text strings.Builder
	for _, name := range slices.Sorted(maps.Keys(l)) {
		fmt.Fprintf(&text, "%s  %s\n", l[name], name)
	}
	return text.String()
}

var lockLine = regexp.MustCompile(`^([0-9a-f]{64}|` + absent + `)  (\S.*)$`)

// parseLock reads what String writes.
func parseLock(text string) (lock, error) {
	l := lock{}
	var problems finding.Findings
	for i, line := range split(text) {
		match := lockLine.FindStringSubmatch(line)
		if match == nil || path.Clean("/"+match[2]) != "/"+match[2] {
			problems = append(problems, finding.Finding{Code: finding.Unreadable, Position: finding.Position{File: Lock, Line: i + 1, Column: 1},
				Message: fmt.Sprintf("found %s, allowed are a SHA-256 or %q, two spaces and a path", finding.Shorten(finding.Quote(line), 40), absent)})
			continue
		}
		l[match[2]] = match[1]
	}
	return l, problems.Err()
}

func split(text string) []string {
	return slices.DeleteFunc(strings.Split(text, "\n"), func(line string) bool { return line == "" })
}
