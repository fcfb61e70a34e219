// Package krm is the contract of a KRM function: a functionConfig in, items in, items out. It picks the function by
// the config's kind and reads the config strictly; where specs come from is for its caller to say.
package krm

import (
	"errors"
	"fmt"
	"slices"

	"spokewright.dev/spokewright/functions"
	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/guard"
	"spokewright.dev/spokewright/internal/manifest"
	"spokewright.dev/spokewright/schema"
)

// Group and version of every functionConfig.
const (
	Group      = "spokewright.dev"
	APIVersion = Group + "/v1alpha1"
)

// The kinds beside those of package functions.
const (
	EnvironmentKind = "Environment" // all functions of a plane, in order
	GuardKind       = "Guard"       // looks at the final objects
)

// Run runs one functionConfig. items are nil for a generator; what it returns goes on in their place.
func Run(source Source, config manifest.Object, dir string, items []manifest.Object) ([]manifest.Object, error) {
	return Runner{Source: source, Expand: functions.Expand}.Run(config, dir, items)
}

// Runner runs functionConfigs.
type Runner struct {
	Source Source
	// Expand is functions.Expand, or remembers what that made: for environments of spec files, which have one spec for
	// one name. What it gives is never written to.
	Expand func(schema.Environment, schema.Plane) []manifest.Object
	// Where finds the place in the files of a kustomization that a finding comes from; nil where there are no files.
	Where func(dir string, f finding.Finding) finding.Position
}

// Run runs one functionConfig, as the function Run does.
func (r Runner) Run(config manifest.Object, dir string, items []manifest.Object) ([]manifest.Object, error) {
	made, err := r.run(config, dir, items)
	if found := (finding.Findings)(nil); errors.As(err, &found) {
		return nil, r.placed(found, dir).Err()
	}
	return made, err
}

func (r Runner) run(config manifest.Object, dir string, items []manifest.Object) ([]manifest.Object, error) {
	c, err := read(config)
	if err != nil {
		return nil, err
	}
	e, err := c.environment(r.Source, dir)
	if err != nil {
		return nil, err
	}
	if c.file == "" {
		r.Expand = functions.Expand
	}
	switch {
	case c.id.Kind == GuardKind:
		kept, found := guard.Check(e, r.Expand(e, c.plane), items)
		if len(found) == 0 {
			return kept, nil
		}
		return nil, named(r.placed(found, dir), fmt.Sprintf("%s/%s", e.Name, c.plane))
	case c.id.Kind == EnvironmentKind && len(items) == 0:
		return r.Expand(e, c.plane), nil
	}
	items = slices.Clone(items)
	for _, function := range functions.List() {
		if c.id.Kind == EnvironmentKind || c.id.Kind == function.Kind {
			items = function.Make(e, c.plane, items)
		}
	}
	return items, nil
}

// placed gives findings that have no file of their own the place in the kustomization that they come from; where that
// is not known, its folder. Outside of a fleet there is none.
func (r Runner) placed(found finding.Findings, dir string) finding.Findings {
	for i, f := range found {
		if f.File == "" && r.Where != nil {
			found[i].Position = r.Where(dir, f)
		}
		if found[i].File == "" && dir != "." {
			found[i].File = dir
		}
	}
	return found
}

// named gives findings the name of what was watched, as their file, too, where they have none.
func named(found finding.Findings, name string) finding.Findings {
	for i := range found {
		found[i].Plane = name
		if found[i].File == "" {
			found[i].File = name
		}
	}
	return found
}

// Kinds are the kinds of functionConfig, sorted.
func Kinds() []string {
	kinds := []string{EnvironmentKind, GuardKind}
	for _, function := range functions.List() {
		kinds = append(kinds, function.Kind)
	}
	slices.Sort(kinds)
	return kinds
}

// Guards says which environment and plane a functionConfig in a folder guards, if it is a guard of the fleet at all. One
// whose spec stands inline holds objects to another spec than the fleet's.
func Guards(object manifest.Object, dir string) (name string, plane schema.Plane, isGuard bool) {
	c, err := read(object)
	if err != nil || c.id.Kind != GuardKind || c.file == "" {
		return "", "", false
	}
	name, err = environmentName(dir, c.file)
	return name, c.plane, err == nil
}
