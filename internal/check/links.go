package check

import (
	"errors"
	"io/fs"
	"path"
	"strings"

	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/limitfs"
)

// Links finds symbolic links on the way to a folder of rendered files and in it: in the folders of the named
// environments, in all where none is named. Whoever looks does so before anything there is read or written.
func Links(tree fs.FS, folder string, names []string) (finding.Findings, error) {
	steps := strings.Split(folder, "/")
	for i := range steps {
		if above := path.Join(steps[:i+1]...); isLink(tree, above) {
			return linked(above), nil
		}
	}
	if len(names) == 0 {
		return linksBelow(tree, folder)
	}
	var all finding.Findings
	for _, name := range names {
		below := path.Join(folder, name)
		if isLink(tree, below) {
			all = append(all, linked(below)...)
			continue
		}
		found, err := linksBelow(tree, below)
		if err != nil {
			return nil, err
		}
		all = append(all, found...)
	}
	return all, nil
}

// linksBelow finds the links in a folder, however deep. It follows none.
func linksBelow(tree fs.FS, folder string) (finding.Findings, error) {
	var all finding.Findings
	err := fs.WalkDir(tree, folder, func(name string, entry fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err == nil && entry.Type()&fs.ModeSymlink != 0 {
			all = append(all, linked(name)...)
		}
		return err
	})
	return all, err
}

func isLink(tree fs.FS, name string) bool {
	info, err := fs.Lstat(tree, name)
	return err == nil && info.Mode()&fs.ModeSymlink != 0
}

func linked(name string) finding.Findings { return finding.Findings{limitfs.Linked(name)} }
