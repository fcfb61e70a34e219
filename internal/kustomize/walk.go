package kustomize

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"spokewright.dev/spokewright/internal/finding"
	"strings"
)

// walker finds all that a kustomization refers to.
type walker struct {
	*Builder
	thorough   bool // may run kustomize to see which functionConfigs a folder holds
	unfinished bool // a folder of functionConfigs was left for a thorough walk
	openapi    bool // some kustomization changes kustomize's schema
	visited    int
}

// top walks the kustomization that is to be built.
func (w *walker) top(dir string) (*node, error) {
	actual, folder, err := w.tree.stat(".", dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, finding.At(finding.Position{File: dir}, finding.OverlayInvalid, "no such folder")
	case err != nil:
		return nil, err
	case !folder:
		return nil, finding.At(finding.Position{File: dir}, finding.OverlayInvalid, "a file; a build needs a folder")
	}
	top, err := w.node(actual, nil)
	if err != nil {
		return nil, err
	}
	if err := top.managed(); err != nil {
		return nil, err
	}
	return top, top.origins()
}

// node walks the kustomization in a resolved folder. trail holds the folders on the way to it.
func (w *walker) node(dir string, trail []string) (*node, error) {
	if w.visited++; w.visited > maxKustomizations {
		return nil, finding.At(finding.Position{File: dir}, finding.OverlayInvalid, "more than %d kustomizations in one build", maxKustomizations)
	}
	file, k, err := w.load(dir)
	if err != nil {
		return nil, err
	}
	if err := k.refuse(file); err != nil {
		return nil, err
	}
	w.openapi = w.openapi || len(k.spec.OpenAPI) > 0
	n := &node{kustomization: k, dir: dir, file: file}
	if err := w.references(n); err != nil {
		return nil, err
	}
	trail = append(slices.Clip(trail), dir)
	for _, step := range []func(*node, []string) error{w.resources, w.components, w.generators, w.transformers, w.validators} {
		if err := step(n, trail); err != nil {
			return nil, err
		}
	}
	return n, nil
}

func (w *walker) resources(n *node, trail []string) error {
	for _, e := range n.entries(n.file, n.spec.Resources, "resources", "bases") {
		actual, folder, err := w.locate(n, e)
		if err != nil {
			return err
		}
		m := member{file: actual}
		if folder {
			if m.base, err = w.enter(actual, e, trail); err != nil {
				return err
			}
		}
		n.members = append(n.members, m)
	}
	return nil
}

func (w *walker) components(n *node, trail []string) error {
	for _, e := range n.entries(n.file, n.spec.Components, "components") {
		actual, folder, err := w.locate(n, e)
		if err != nil {
			return err
		}
		if !folder {
			return finding.At(e.at, finding.OverlayInvalid, "%s is a file; a component is a folder", e.value)
		}
		component, err := w.enter(actual, e, trail)
		if err != nil {
			return err
		}
		if len(component.transformers) > 0 {
			return finding.At(component.transformers[0].at, finding.OverlayInvalid, "not in a component: list it last in the transformers of the kustomization that is built")
		}
		n.components = append(n.components, component)
	}
	return nil
}

// locate finds what an entry refers to: the resolved path, and whether it is a folder.
func (w *walker) locate(n *node, e entry) (string, bool, error) {
	if protocol.MatchString(e.value) {
		return "", false, remote(e.at, e.value)
	}
	if path.IsAbs(e.value) || e.value == "" {
		return "", false, finding.At(e.at, finding.OverlayInvalid, "%s: %q is not a path relative to %s", e.field, e.value, n.dir)
	}
	name := path.Join(n.dir, e.value)
	if !fs.ValidPath(name) {
		return "", false, finding.At(e.at, finding.OverlayInvalid, "%s: %s leaves the tree", e.field, e.value)
	}
	actual, folder, err := w.tree.stat(n.dir, name)
	switch {
	case cloned(e.value) && (folder || err != nil):
		return "", false, remote(e.at, e.value)
	case dotted(e.value) && (folder || errors.Is(err, fs.ErrNotExist)):
		return "", false, finding.At(e.at, finding.OverlayInvalid, "%s: %q has dots inside a name, which kustomize takes for a slip", e.field, e.value)
	case errors.Is(err, fs.ErrNotExist):
		return "", false, finding.At(e.at, finding.OverlayInvalid, "%s: no file or folder %s: bring it back, or take it out of the list", e.field, name)
	case err != nil:
		return "", false, e.failed(err)
	case !folder && !inside(n.dir, actual):
		return "", false, finding.At(e.at, finding.OverlayInvalid, "%s: kustomize reads no file outside its folder, and %s is not in %s", e.field, actual, n.dir)
	}
	return actual, folder, nil
}

// failed is the error of what an entry refers to: that of a disk stays one.
func (e entry) failed(err error) error {
	if !finding.IsInput(err) {
		return fmt.Errorf("%s: %s: %w", e.at, e.field, err)
	}
	found, _ := finding.Of(err)
	return finding.At(e.at, found[0].Code, "%s: %s", e.field, found[0])
}

// enter walks a folder that an entry refers to.
func (w *walker) enter(dir string, e entry, trail []string) (*node, error) {
	for _, visited := range trail {
		if inside(dir, visited) {
			return nil, finding.At(e.at, finding.OverlayInvalid, "%s: a cycle: %s is or holds %s, which refers to it", e.field, dir, visited)
		}
	}
	if len(trail) > maxDepth {
		return nil, finding.At(e.at, finding.OverlayInvalid, "%s: more than %d kustomizations deep", e.field, maxDepth)
	}
	return w.node(dir, trail)
}

// dotted says whether a name on a path has two dots in it, as when YAML joins two lines of a list.
func dotted(written string) bool {
	return slices.ContainsFunc(strings.Split(written, "/"), func(name string) bool {
		return name != ".." && strings.Contains(name, "..")
	})
}

// inside says whether a file or folder is dir or somewhere in it. Both are resolved.
func inside(dir, name string) bool {
	return dir == "." || name == dir || strings.HasPrefix(name, dir+"/")
}
