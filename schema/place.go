package schema

import (
	"path"

	"spokewright.dev/spokewright/internal/finding"
)

// Place finds a fleet that does not lie where it says: folder is where it is in its Git repository. Argo CD would look for
// everything elsewhere.
func (f *FleetConfig) Place(folder string) finding.Findings {
	said := f.Repository.Path
	if path.Clean(said) == folder {
		return nil
	}
	at, found, allowed := []string{"repository", "path"}, "found "+finding.Quote(said), finding.Quote(folder)
	if said == "" {
		at, found = at[:1], "missing"
	}
	if folder == "." {
		allowed = "none"
	}
	return finding.Findings{{Code: finding.Inconsistent, Position: f.root.At(at...).Position, Path: finding.Keys("repository", "path"),
		Message: found + ", allowed is " + allowed + ", the fleet's folder in its Git repository: Argo CD looks there for everything"}}
}
