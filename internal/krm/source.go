package krm

import (
	"errors"
	"io/fs"
	"path"
	"strings"

	"spokewright.dev/spokewright/schema"
)

// Source finds the environments that functionConfigs name.
type Source interface {
	// File is the environment of a spec file; the path is relative to dir, the folder of the kustomization. The error is
	// ErrNoSpec where the path leads to no place where the fleet has specs.
	File(dir, file string) (schema.Environment, error)
	// Inline is an environment that stands in the functionConfig itself.
	Inline(name string, spec Inline) (schema.Environment, error)
}

// Inline is a spec inside a functionConfig. Environments are the others of the fleet, which a hub lists.
type Inline struct {
	Environment, Fleet map[string]any
	Environments       map[string]any
}

// ErrNoSpec says that a path is not one of a fleet's spec files.
var ErrNoSpec = errors.New("not a spec file of the fleet")

// Tree finds environments in the tree of a fleet, reading only what it is asked for.
type Tree struct {
	Reader *schema.Reader
	FS     fs.FS
}

// File reads environments/NAME.cue of the tree.
func (t Tree) File(dir, file string) (schema.Environment, error) {
	name, err := environmentName(dir, file)
	if err != nil {
		return schema.Environment{}, err
	}
	fleet, err := t.Reader.FleetConfigOf(t.FS)
	if err != nil {
		return schema.Environment{}, err
	}
	return t.Reader.EnvironmentOf(t.FS, fleet, name)
}

// Inline reads an environment that stands in the functionConfig.
func (t Tree) Inline(name string, spec Inline) (schema.Environment, error) {
	return t.Reader.Inline(name, spec.Environment, spec.Fleet, spec.Environments)
}

// Fleet finds environments in a fleet that is read already.
type Fleet struct {
	*schema.Fleet
	Reader *schema.Reader
}

// File looks environments/NAME.cue up.
func (s Fleet) File(dir, file string) (schema.Environment, error) {
	name, err := environmentName(dir, file)
	if err != nil {
		return schema.Environment{}, err
	}
	e, known := s.Environments[name]
	if !known {
		return e, schema.NoEnvironment(name, s.Names())
	}
	return e, nil
}

// Inline reads an environment that stands in the functionConfig.
func (s Fleet) Inline(name string, spec Inline) (schema.Environment, error) {
	return s.Reader.Inline(name, spec.Environment, spec.Fleet, spec.Environments)
}

// environmentName takes the name out of a path such as ../../../environments/prod-eu.cue.
func environmentName(dir, file string) (string, error) {
	where := path.Join(dir, file)
	name, isSpec := strings.CutSuffix(path.Base(where), ".cue")
	if path.Dir(where) != schema.Folder || !isSpec || where == schema.FleetFile {
		return "", ErrNoSpec
	}
	return name, nil
}

// Named is the environment whose spec file a functionConfig in a folder names; empty where it names none.
func Named(dir, file string) string {
	name, _ := environmentName(dir, file)
	return name
}
