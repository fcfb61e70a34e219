// Package plugin is the protocol of Argo CD's config management plugin: a folder and parameters in, a plane out. It reads
// only through the tree that it is given, and it starts nothing. It knows neither environment variables nor stdout.
package plugin

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
	"slices"

	"spokewright.dev/spokewright/internal/render"
	"spokewright.dev/spokewright/schema"
)

// Place takes the folder of an Application apart: ROOT/overlays/NAME/PLANE. dir is absolute and free of symbolic links.
func Place(dir string) (root string, target render.Target, ok bool) {
	above, plane := filepath.Split(dir)
	above, name := filepath.Split(filepath.Clean(above))
	root, overlays := filepath.Split(filepath.Clean(above))
	target = render.Target{Environment: name, Plane: schema.Plane(plane)}
	ok = overlays == render.Overlays && slices.Contains(schema.Planes(), target.Plane)
	return filepath.Clean(root), target, ok
}

// Serves is nil where the tree is a fleet with the target's environment and overlay: where a generate makes sense. It
// parses nothing.
func Serves(tree fs.FS, target render.Target) error {
	spec := schema.SpecFile(target.Environment)
	if spec == schema.FleetFile {
		return fmt.Errorf("%s is what the environments share: no environment has this name", spec)
	}
	for _, file := range []string{schema.FleetFile, spec} {
		if info, err := fs.Stat(tree, file); err != nil || !info.Mode().IsRegular() {
			return fmt.Errorf("no environment %q here: %s is %s", target.Environment, file, missing(err))
		}
	}
	if info, err := fs.Stat(tree, target.Overlay()); err != nil || !info.IsDir() {
		return fmt.Errorf("no overlay here: %s is %s", target.Overlay(), missing(err))
	}
	return nil
}

func missing(err error) string {
	switch {
	case err == nil:
		return "something else"
	case errors.Is(err, fs.ErrNotExist):
		return "missing"
	default:
		return "out of reach: it leaves the tree, or may not be read"
	}
}

// CheckPath compares the folder with the path in the Application's source, where that is known. They differ where the
// path leads through a symbolic link.
func CheckPath(target render.Target, sourcePath string) error {
	asked := path.Clean(sourcePath)
	if sourcePath == "" || path.Base(asked) == string(target.Plane) && path.Base(path.Dir(asked)) == target.Environment {
		return nil
	}
	return Linked(target)
}

// Linked is the error of an Application whose path leads to the target through a symbolic link: its name would promise
// something else than it holds.
func Linked(target render.Target) error {
	return fmt.Errorf("the Application's path leads to %s through a symbolic link", target.Overlay())
}
