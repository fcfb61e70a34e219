package editor

import (
	"bytes"
	"errors"
	"io/fs"
	"slices"
)

// Module is a file in the fleet's root, by which cue takes the root for a module.
const Module = "cue.mod/module.cue"

// Files are what cue needs, by their names in the fleet. A module that the fleet has already stays its own.
func Files() (map[string][]byte, error) {
	const mark = "// Written by `spokewright schema`.\n"
	files := map[string][]byte{Module: []byte(mark + "module: \"spokewright.dev/fleet\"\nlanguage: version: \"v0.14.0\"\n")}
	for name, definition := range Definitions() {
		text, err := EditorCUE(definition, name)
		if err != nil {
			return nil, err
		}
		files[name+".schema.cue"] = append([]byte(mark), text...)
	}
	return files, nil
}

// Definitions are the definitions by the names that users know them by.
func Definitions() map[string]string {
	return map[string]string{"environment": "#Environment", "fleet": "#Fleet"}
}

// Stale are the files that an editor needs and that are missing or of another version.
func Stale(tree fs.FS) ([]string, error) {
	files, err := Files()
	if err != nil {
		return nil, err
	}
	var stale []string
	for name, text := range files {
		found, err := fs.ReadFile(tree, name)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		if err != nil || name != Module && !bytes.Equal(found, text) {
			stale = append(stale, name)
		}
	}
	slices.Sort(stale)
	return stale, nil
}
