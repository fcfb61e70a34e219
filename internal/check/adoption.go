package check

import (
	"bytes"
	"errors"
	"io/fs"
	"path"
	"strings"

	"spokewright.dev/spokewright/internal/claim"
	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/manifest"
	"spokewright.dev/spokewright/internal/merge"
	"spokewright.dev/spokewright/internal/render"
	"spokewright.dev/spokewright/schema"
)

// Adoptions finds steps that the adoption of a cluster or a database may not take, by what was rendered before. The
// error is findings where there are some.
func Adoptions(tree fs.FS, e schema.Environment) error {
	file := path.Join(render.Golden, render.Target{Environment: e.Name, Plane: schema.Hub}.File())
	old, err := fs.ReadFile(tree, file)
	missing := errors.Is(err, fs.ErrNotExist)
	if err != nil && !missing {
		return err
	}
	adopting := e.AdoptedNames()
	if len(adopting) == 0 && !adopts(e, old) {
		return nil
	}
	known := true
	if missing { // new, or renamed
		if known, err = unseen(tree, adopting); err != nil {
			return err
		}
	}
	// In a merge that is not over, either side is what was rendered before.
	ours, theirs, line := merge.Unmerged(old)
	for _, text := range [][]byte{ours, theirs} {
		before, err := manifest.Objects(text)
		if err != nil && line > 0 {
			return finding.At(finding.Position{File: file, Line: line, Column: 1}, finding.OutOfDate,
				"found a merge conflict whose sides are no objects, so that nobody knows what is adopted: git checkout --ours %s, then spokewright render", file)
		}
		if err != nil {
			return unreadable(file, err)
		}
		if err := e.CheckAdoption(before, known, file); err != nil {
			return err
		}
		if line == 0 {
			break
		}
	}
	return nil
}

// adopts says whether a rendered file may hold the name of something that is adopted.
func adopts(e schema.Environment, rendered []byte) bool {
	for _, kind := range []claim.Kind{e.Fleet.Claims.Cluster, e.Fleet.Claims.Database} {
		field := "externalName"
		if kind.Fields != nil {
			field = path.Ext(kind.Fields[field])
		}
		if field = strings.TrimPrefix(field, "."); field != "" && bytes.Contains(rendered, []byte(field+":")) {
			return true
		}
	}
	return false
}

// unseen says whether rendered files are there and none holds all of these names.
func unseen(tree fs.FS, names []string) (bool, error) {
	files, err := fs.Glob(tree, path.Join(render.Golden, "*", string(schema.Hub)+".yaml"))
	if err != nil {
		return false, err
	}
	for _, file := range files {
		text, err := fs.ReadFile(tree, file)
		if err != nil {
			return false, err
		}
		all := true
		for _, name := range names {
			all = all && bytes.Contains(text, []byte(name))
		}
		if all {
			return false, nil
		}
	}
	return len(files) > 0, nil
}
