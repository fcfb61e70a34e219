// Package argocd is the protocol of Argo CD's config management plugin: a folder and parameters in, a plane out. It reads
// only through the tree that it is given, and it starts nothing. It knows neither environment variables nor stdout.
package argocd

import (
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
	"slices"

	"spokewright.dev/spokewright/render"
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

// Serves says whether the tree is a fleet with the target's environment and overlay: whether a generate makes sense. It
// parses nothing.
func Serves(tree fs.FS, target render.Target) bool {
	spec := schema.SpecFile(target.Environment)
	return spec != schema.FleetFile && isFile(tree, schema.FleetFile) && isFile(tree, spec) && isFolder(tree, target.Overlay())
}

func isFile(tree fs.FS, name string) bool {
	info, err := fs.Stat(tree, name)
	return err == nil && info.Mode().IsRegular()
}

func isFolder(tree fs.FS, name string) bool {
	info, err := fs.Stat(tree, name)
	return err == nil && info.IsDir()
}

// Agrees compares the folder with the path that Argo CD gives the Application in its source. They differ where the path
// leads through a symbolic link: then the Application's name would promise another environment than the one it holds.
func Agrees(target render.Target, sourcePath string) error {
	asked := path.Clean(sourcePath)
	if path.Base(asked) != string(target.Plane) || path.Base(path.Dir(asked)) != target.Environment {
		return fmt.Errorf("the Application's path %q leads to %s through a symbolic link", sourcePath, target.Overlay())
	}
	return nil
}
