package schema

import (
	"fmt"
	"io/fs"
	"strings"

	"golang.org/x/mod/semver"
	"spokewright.dev/spokewright/internal/cuefile"
	"spokewright.dev/spokewright/internal/finding"
)

// NewerWanted is a fleet's minVersion where it is newer than this program's version; "" otherwise. Nothing else is read or
// judged: what a newer fleet says beside it may be unknown here. A program that does not know its own version refuses
// nothing.
func NewerWanted(tree fs.FS, version string) string {
	wanted, _ := minVersion(tree)
	if release(version) == "" || !Older(version, wanted) {
		return ""
	}
	return wanted
}

// RefuseNewer is the error of a fleet that wants a newer program than this one.
func RefuseNewer(tree fs.FS, version string) error {
	wanted := NewerWanted(tree, version)
	if wanted == "" {
		return nil
	}
	_, at := minVersion(tree)
	return finding.Findings{{Code: finding.NewerProgram, Position: at, Path: "minVersion",
		Message: fmt.Sprintf("found %q, and this is spokewright %s: install %[1]s or later", wanted, version)}}
}

func minVersion(tree fs.FS) (string, finding.Position) {
	text, err := fs.ReadFile(tree, FleetFile)
	if err != nil { // told when the file is read for what it says
		return "", finding.Position{}
	}
	return cuefile.TextField(FleetFile, text, "minVersion")
}

// Older reports whether version a comes before version b. Each is MAJOR.MINOR or MAJOR.MINOR.PATCH, with or without a v;
// what follows, such as the commits since a tag, does not count. What is no version comes first.
func Older(a, b string) bool { return semver.Compare(release(a), release(b)) < 0 }

func release(version string) string {
	canonical := semver.Canonical("v" + strings.TrimPrefix(version, "v"))
	return strings.TrimSuffix(canonical, semver.Prerelease(canonical))
}
