package render

import (
	"errors"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"spokewright.dev/spokewright/schema"
)

// Tidy reports whether overlays/ and golden/ have a folder for each environment and no other. pre-commit does not name
// files that a change removes, so where this is not so anything may have been.
func Tidy(tree fs.FS, names []string) (bool, error) {
	for _, folder := range []string{Overlays, Golden} {
		entries, err := fs.ReadDir(tree, folder)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return false, err
		}
		var folders []string
		for _, entry := range entries {
			if entry.IsDir() {
				folders = append(folders, entry.Name())
			}
		}
		if !slices.Equal(slices.Sorted(slices.Values(names)), folders) {
			return false, nil
		}
	}
	return true, nil
}

// Affected are the environments that a change of files can affect, sorted; whole is true where it can be all of them.
// files are relative to the fleet's root. An environment's own file affects every hub too, which lists them all.
func Affected(files, names, hubs []string) (chosen []string, whole bool) {
	found := map[string]bool{}
	for _, file := range files {
		name, listed, sure := owner(path.Clean(file))
		if !sure || !slices.Contains(names, name) {
			return nil, true
		}
		found[name] = true
		if listed {
			for _, hub := range hubs {
				found[hub] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(found)), false
}

// owner is the environment that a file belongs to, and whether the hubs read the file as well.
func owner(file string) (name string, listed, sure bool) {
	folder, rest, _ := strings.Cut(file, "/")
	switch folder {
	case schema.Folder:
		name = schema.EnvironmentOfFile(rest)
		return name, true, name != "" && !strings.Contains(name, "/")
	case Overlays, Golden:
		name, _, sure = strings.Cut(rest, "/")
		return name, false, sure
	}
	return "", false, false
}
