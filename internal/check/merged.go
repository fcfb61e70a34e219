package check

import (
	"io/fs"
	"path"
	"slices"
	"strings"

	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/render"
	"spokewright.dev/spokewright/schema"
)

// Side is one side of a merge that is under way: what Git calls its commit, and the fleet as that has it.
type Side struct {
	Commit string
	Tree   fs.FS
}

// HalfMerged adds what ends it to findings of environments that one side of a merge took down while the other changed them: Git
// leaves some of their files in the tree and takes the others.
func HalfMerged(found finding.Findings, tree fs.FS, sides []Side) finding.Findings {
	told := map[string]bool{}
	for i, f := range found {
		folder, rest, _ := strings.Cut(f.File, "/")
		name, _, _ := strings.Cut(rest, "/")
		half := f.Code == finding.OverlayMissing || f.Code == finding.Orphan
		if !half || told[name] || folder != render.Overlays && folder != render.Golden {
			continue
		}
		for _, side := range sides {
			if _, err := fs.Stat(side.Tree, schema.SpecFile(name)); err == nil {
				found[i].Remedy, told[name] = side.remedy(tree, name), true
				break
			}
		}
	}
	return found
}

// remedy is how an environment goes that this side still has, or stays.
func (s Side) remedy(tree fs.FS, name string) string {
	files := []string{schema.SpecFile(name), path.Join(render.Overlays, name)}
	if slices.ContainsFunc(files, func(file string) bool { _, err := fs.Stat(tree, file); return err == nil }) {
		both := strings.Join(files, " ")
		return "one side of the merge took " + name + " down, the other changed it: git rm -rfq --ignore-unmatch " + both + " lets it go, git checkout " +
			s.Commit + " -- " + both + " keeps it; then spokewright render && git add golden"
	}
	return "spokewright render && git add golden: the merge took " + name + " down, and its rendered files go with it"
}
