package main

import (
	"bytes"
	"fmt"
	"io/fs"
	"regexp"
	"strconv"
	"strings"
	"text/scanner"

	"spokewright.dev/spokewright/internal/cuefile"
	"spokewright.dev/spokewright/schema"
)

// minVersion is what a fleet says about the program that may read it, and where.
type minVersion struct {
	cuefile.Position
	version string // MAJOR.MINOR.PATCH
}

// newerWanted is the fleet's minVersion where it is newer than this program; nil otherwise. Only the one field is looked
// for, and nothing is judged: what else a newer fleet says may be unknown here. A program that does not know its own
// version refuses nothing.
func newerWanted(tree fs.FS) *minVersion {
	text, err := fs.ReadFile(tree, schema.FleetFile)
	if err != nil || !regexp.MustCompile(`^v?\d+\.\d+\.\d+`).MatchString(version) {
		return nil // a file that cannot be read is told when it is read for what it says
	}
	if found := findMinVersion(text); found != nil && older(version, found.version) {
		return found
	}
	return nil
}

// refuseNewer is the error of a fleet that wants a newer program than this one.
func refuseNewer(tree fs.FS) error {
	wanted := newerWanted(tree)
	if wanted == nil {
		return nil
	}
	return cuefile.Problems{{Position: wanted.Position, Field: "minVersion",
		Message: fmt.Sprintf("found %q, and this is spokewright %s: install %[1]s or later", wanted.version, version)}}
}

// findMinVersion finds the field at the top of a fleet.cue: its name, a colon and a text. Names, texts and comments look
// in CUE as they do in Go.
func findMinVersion(text []byte) *minVersion {
	var words scanner.Scanner
	words.Init(bytes.NewReader(text))
	words.Error = func(*scanner.Scanner, string) {} // whoever reads the file for what it says tells
	depth, named := 0, 0                            // named counts what was found: the name, the name with its colon
	for word := words.Scan(); word != scanner.EOF; word = words.Scan() {
		read := words.TokenText()
		switch {
		case named == 2 && word == scanner.String:
			if version, err := strconv.Unquote(read); err == nil {
				return &minVersion{cuefile.Position{File: schema.FleetFile, Line: words.Line, Column: words.Column}, version}
			}
		case named == 1 && word == ':':
			named = 2
			continue
		case depth == 0 && strings.Trim(read, `"`) == "minVersion":
			named = 1
			continue
		case word == '{' || word == '[':
			depth++
		case word == '}' || word == ']':
			depth--
		}
		named = 0
	}
	return nil
}

// older says whether version a comes before version b; each is MAJOR.MINOR.PATCH, and what follows does not count.
func older(a, b string) bool {
	one, other := numbers(a), numbers(b)
	for i := range one {
		if one[i] != other[i] {
			return one[i] < other[i]
		}
	}
	return false
}

func numbers(version string) (n [3]int) {
	version, _, _ = strings.Cut(strings.TrimPrefix(version, "v"), "-")
	for i, part := range strings.SplitN(version, ".", 3) {
		n[i], _ = strconv.Atoi(part) // what is no number counts as 0
	}
	return n
}
