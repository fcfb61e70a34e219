package kustomize

import (
	"encoding/json"
	"errors"
	"io/fs"
	"path"
	"path/filepath"
	"strings"

	"sigs.k8s.io/kustomize/api/types"
	"sigs.k8s.io/kustomize/kyaml/filesys"
	"spokewright.dev/spokewright/internal/finding"
)

// mount is where kustomize's library, which wants absolute paths, sees the tree. Nobody else sees it: it is taken out of
// all errors.
const mount = "/~spokewright~"

// virtual holds files that kustomize is to see in place of, or beside, those of the tree; by resolved path.
type virtual map[string][]byte

// kustomization puts a kustomization file.
func (v virtual) kustomization(file string, fields map[string]any) {
	text, err := json.Marshal(fields)
	if err != nil {
		panic(err) // strings, lists and maps only
	}
	v[file] = text
}

// component puts a component that holds nothing but objects into a folder that is not in the tree.
func (v virtual) component(dir string, objects []byte) {
	v.kustomization(path.Join(dir, kustomizationFile), map[string]any{
		"apiVersion": types.ComponentVersion, "kind": types.ComponentKind, "resources": []string{objectsFile},
	})
	v[path.Join(dir, objectsFile)] = objects
}

const (
	kustomizationFile = "kustomization.yaml"
	objectsFile       = "objects.yaml"
)

// files shows kustomize a tree and virtual files. It can only be read, and only in the ways in which a build reads.
type files struct {
	tree
	virtual
	refused *error // the first reason, beside a missing file, for which nothing was read: kustomize buries it in its own words
}

var _ filesys.FileSystem = files{}

var errReadOnly = errors.New("a build reads files and does nothing else")

// local gives the path in the tree of a path that kustomize asks for.
func local(name string) (string, error) {
	name = filepath.ToSlash(filepath.Clean(name))
	if name == mount {
		return ".", nil
	}
	if below, ok := strings.CutPrefix(name, mount+"/"); ok {
		return below, nil
	}
	return "", finding.At(finding.Position{File: name}, finding.OverlayRemote, "leaves the tree")
}

// stat resolves a path and says whether a folder is there.
func (f files) stat(name string) (actual string, folder bool, err error) {
	if name, err = local(name); err != nil {
		return "", false, err
	}
	for file := range f.virtual {
		switch {
		case file == name:
			return name, false, nil
		case path.Dir(file) == name:
			return name, true, nil
		}
	}
	actual, folder, err = f.tree.stat(".", name)
	return actual, folder, f.note(err)
}

func (f files) note(err error) error {
	if err != nil && *f.refused == nil && !errors.Is(err, fs.ErrNotExist) {
		*f.refused = err
	}
	return err
}

// CleanedAbs splits a resolved path into its folder and its file, which is empty for a folder.
func (f files) CleanedAbs(name string) (filesys.ConfirmedDir, string, error) {
	actual, folder, err := f.stat(name)
	if err != nil {
		return "", "", err
	}
	dir, file := actual, ""
	if !folder {
		dir, file = path.Dir(actual), path.Base(actual)
	}
	return filesys.ConfirmedDir(path.Join(mount, dir)), file, nil
}

// ReadFile reads a virtual file or one of the tree.
func (f files) ReadFile(name string) ([]byte, error) {
	name, err := local(name)
	if err != nil {
		return nil, err
	}
	if content, ok := f.virtual[name]; ok {
		return content, nil
	}
	content, err := f.read(name)
	return content, f.note(err)
}

// IsDir says whether there is a folder.
func (f files) IsDir(name string) bool {
	_, folder, err := f.stat(name)
	return err == nil && folder
}

// Exists says whether there is a file or a folder.
func (f files) Exists(name string) bool {
	_, _, err := f.stat(name)
	return err == nil
}

func (files) Open(string) (filesys.File, error)    { return nil, errReadOnly }
func (files) ReadDir(string) ([]string, error)     { return nil, errReadOnly }
func (files) Glob(string) ([]string, error)        { return nil, errReadOnly }
func (files) Walk(string, filepath.WalkFunc) error { return errReadOnly }
func (files) Create(string) (filesys.File, error)  { return nil, errReadOnly }
func (files) Mkdir(string) error                   { return errReadOnly }
func (files) MkdirAll(string) error                { return errReadOnly }
func (files) RemoveAll(string) error               { return errReadOnly }
func (files) WriteFile(string, []byte) error       { return errReadOnly }
