// Package krm is the contract of a KRM function: a functionConfig in, items in, items out. It picks the function by
// the config's kind and reads the config strictly; where specs come from is for its caller to say.
package krm

import (
	"fmt"
	"slices"
	"strings"

	"spokewright.dev/spokewright/functions"
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
	return Runner{source, functions.Expand}.Run(config, dir, items)
}

// Runner runs functionConfigs.
type Runner struct {
	Source Source
	// Expand is functions.Expand, or remembers what that made: for environments of spec files, which have one spec for
	// one name. What it gives is never written to.
	Expand func(schema.Environment, schema.Plane) []manifest.Object
}

// Run runs one functionConfig, as the function Run does.
func (r Runner) Run(config manifest.Object, dir string, items []manifest.Object) ([]manifest.Object, error) {
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
		return watch(e, c, dir, r.Expand(e, c.plane), items)
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

// watch runs the guard and turns its findings into one error.
func watch(e schema.Environment, c config, dir string, promised, items []manifest.Object) ([]manifest.Object, error) {
	kept, findings := guard.Check(e, promised, items)
	if len(findings) == 0 {
		return kept, nil
	}
	if dir == "." {
		dir = fmt.Sprintf("%s/%s", e.Name, c.plane)
	}
	refusal := make(Refusal, len(findings))
	for i, finding := range findings {
		refusal[i] = Refused{dir, finding}
	}
	return nil, refusal
}

// Refusal is what the guard found. It is an error: the input is wrong, not the tool.
type Refusal []Refused

// Refused is one finding of the guard, with the folder of the kustomization; outside of a fleet, NAME/PLANE.
type Refused struct {
	Dir string
	guard.Finding
}

func (r Refused) String() string { return r.Dir + ": " + r.Finding.String() }

func (r Refusal) Error() string {
	lines := make([]string, len(r))
	for i, refused := range r {
		lines[i] = refused.String()
	}
	return strings.Join(lines, "\n")
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
