package krm

import (
	"fmt"
	"io/fs"
	"path"
	"strings"

	"spokewright.dev/spokewright/schema"
)

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
	fleet, err := t.Reader.FleetOf(t.FS)
	if err != nil {
		return schema.Environment{}, err
	}
	return t.Reader.EnvironmentOf(t.FS, fleet, name)
}

// Inline reads an environment that stands in the functionConfig.
func (t Tree) Inline(name string, spec Inline) (schema.Environment, error) {
	return t.Reader.Inline(name, spec.Environment, spec.Fleet, spec.Environments)
}

// Estate finds environments in a fleet that is read already.
type Estate struct {
	*schema.Estate
	Reader *schema.Reader
}

// File looks environments/NAME.cue up.
func (s Estate) File(dir, file string) (schema.Environment, error) {
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
func (s Estate) Inline(name string, spec Inline) (schema.Environment, error) {
	return s.Reader.Inline(name, spec.Environment, spec.Fleet, spec.Environments)
}

// environmentName takes the name out of a path such as ../../../environments/prod-eu.cue.
func environmentName(dir, file string) (string, error) {
	where := path.Join(dir, file)
	name, isSpec := strings.CutSuffix(path.Base(where), ".cue")
	if path.Dir(where) != schema.Folder || !isSpec || where == schema.FleetFile {
		return "", fmt.Errorf("%s: spec.file: found %q, allowed is a file of the fleet's %s folder, such as ../../../%s",
			dir, file, schema.Folder, schema.SpecFile("prod-eu"))
	}
	return name, nil
}
