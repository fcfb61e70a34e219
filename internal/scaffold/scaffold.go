// Package scaffold makes what a new fleet begins with, from a few answers: a hub, a development and a production environment, what
// they are rendered to, and what people, editors, Git and CI need around them. It reads no disk and writes none.
package scaffold

import (
	_ "embed"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
	"text/template"

	"golang.org/x/tools/txtar"

	"spokewright.dev/spokewright/internal/baseline"
	"spokewright.dev/spokewright/internal/editor"
	"spokewright.dev/spokewright/internal/merge"
	"spokewright.dev/spokewright/internal/overlay"
	"spokewright.dev/spokewright/internal/render"
	"spokewright.dev/spokewright/schema"
)

//go:embed fleet.txtar
var archive []byte

// Files are all files of a new fleet, by their paths.
func Files(a Answers, program *baseline.Program) (map[string][]byte, error) {
	files, err := written(a)
	if err != nil {
		return nil, err
	}
	maps.Copy(files, program.Files())
	for _, e := range []struct{ name, role string }{{"hub", "hub"}, {"development", "spoke"}, {"production", "spoke"}} {
		for _, plane := range schema.Planes() {
			for file, text := range overlay.Plain(e.name, e.role, plane) {
				files[path.Join(render.Overlays, e.name, string(plane), file)] = []byte(text)
			}
		}
	}
	more, err := editor.Files()
	if err != nil {
		return nil, err
	}
	maps.Copy(files, more)
	golden, err := rendered(files)
	if err != nil {
		return nil, err
	}
	maps.Copy(files, golden)
	return files, nil
}

// written are the files that people read and write, with the answers in them.
func written(a Answers) (map[string][]byte, error) {
	files := map[string][]byte{}
	for _, file := range txtar.Parse(archive).Files {
		t, err := template.New(file.Name).Delims("<%", "%>").Funcs(template.FuncMap{"quote": quote}).Parse(string(file.Data))
		if err != nil {
			return nil, fmt.Errorf("%s of a new fleet: %w", file.Name, err)
		}
		var text strings.Builder
		if err := t.Execute(&text, a); err != nil {
			return nil, fmt.Errorf("%s of a new fleet: %w", file.Name, err)
		}
		files[file.Name] = []byte(text.String())
	}
	const attributes = ".gitattributes"
	files[attributes] = []byte(merge.WithAttribute(string(files[attributes])))
	return files, nil
}

// rendered are the files that a render of the others writes.
func rendered(files map[string][]byte) (map[string][]byte, error) {
	var all txtar.Archive
	for _, name := range slices.Sorted(maps.Keys(files)) {
		all.Files = append(all.Files, txtar.File{Name: name, Data: files[name]})
	}
	tree, err := txtar.FS(&all)
	if err != nil {
		return nil, err
	}
	reader, err := schema.NewReader()
	if err != nil {
		return nil, err
	}
	fleet, err := reader.Fleet(tree)
	if err != nil {
		return nil, err
	}
	planes, err := render.All(tree, reader, fleet, render.Targets(fleet.Names()), func() {})
	if err != nil {
		return nil, err
	}
	golden := map[string][]byte{}
	for _, plane := range planes {
		for file, text := range plane.Files() {
			golden[path.Join(render.Golden, file)] = text
		}
	}
	return golden, nil
}
