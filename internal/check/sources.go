package check

import (
	"cmp"
	"errors"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/schema"
)

// Sources finds apps whose folder is to be in the fleet's own repository, in the revision that is looked at, and is not there. A fleet
// without any of the folders on the way, and none that is called alike, may have its apps elsewhere on a branch to come.
func Sources(tree fs.FS, fleet *schema.Fleet, e schema.Environment) (finding.Findings, error) {
	var findings finding.Findings
	own := fleet.Config.Repository
	for _, name := range slices.Sorted(maps.Keys(e.Apps)) {
		app := e.Apps[name]
		inside, is := within(own, app.Path)
		if app.Path == "" || app.Repository != own.URL || app.Revision != own.Revision || !is {
			continue
		}
		_, err := fs.Stat(tree, inside)
		if !errors.Is(err, fs.ErrNotExist) {
			if err != nil {
				return nil, err
			}
			continue
		}
		near, err := alike(tree, inside)
		if err != nil {
			return nil, err
		}
		if near == "" {
			continue
		}
		f := finding.Finding{Code: finding.UnknownName, Position: e.Written("apps", name, "path"), Path: finding.Keys("apps", name, "path"),
			Message: "found " + finding.Quote(app.Path) + ", and there is no such folder in the fleet's own repository", Suggestion: own.Within(near)}
		if strings.HasPrefix(inside, near+"/") {
			f.Suggestion, f.Aside = "", "the nearest that is there is "+finding.Quote(own.Within(near))
		}
		findings = append(findings, f)
	}
	return findings, nil
}

// within is a path of the repository as one of the fleet's folder, where it is in that.
func within(own schema.Repository, file string) (inside string, is bool) {
	folder := path.Clean(own.Within("."))
	if file = path.Clean(file); folder == "." {
		return file, fs.ValidPath(file)
	}
	return strings.CutPrefix(file, folder+"/")
}

// alike is the folder that is called most like one that is not there, among those beside it; else the one that it would be
// in. It is empty where there is none of either.
func alike(tree fs.FS, folder string) (string, error) {
	above := path.Dir(folder)
	entries, err := fs.ReadDir(tree, above)
	if errors.Is(err, fs.ErrNotExist) {
		near, err := alike(tree, above)
		return near, err
	}
	if err != nil {
		return "", err
	}
	var names []string
	for _, entry := range entries {
		if entry.IsDir() {
			names = append(names, path.Join(above, entry.Name()))
		}
	}
	return cmp.Or(finding.Suggest(folder, names), strings.TrimPrefix(above, ".")), nil
}
