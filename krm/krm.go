// Package krm is the contract of a KRM function: a functionConfig in, items in, items out. It picks the function by
// the config's kind and reads the config strictly; where specs come from is for its caller to say.
package krm

import (
	"fmt"
	"slices"
	"strings"

	"spokewright.dev/spokewright/functions"
	"spokewright.dev/spokewright/functions/guard"
	"spokewright.dev/spokewright/manifest"
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

// Source finds the environments that functionConfigs name.
type Source interface {
	// File is the environment of a spec file; the path is relative to dir, the folder of the kustomization.
	File(dir, file string) (schema.Environment, error)
	// Inline is an environment that stands in the functionConfig itself.
	Inline(name string, spec Inline) (schema.Environment, error)
}

// Inline is a spec inside a functionConfig. Environments are the others of the fleet, which a hub lists.
type Inline struct {
	Environment, Fleet map[string]any
	Environments       map[string]any
}

// Run runs one functionConfig. items are nil for a generator; what it returns goes on in their place.
func Run(source Source, config manifest.Object, dir string, items []manifest.Object) ([]manifest.Object, error) {
	c, err := read(config)
	if err != nil {
		return nil, err
	}
	e, err := c.environment(source, dir)
	if err != nil {
		return nil, err
	}
	if c.kind == GuardKind {
		return watch(e, c, items)
	}
	items = slices.Clone(items)
	for _, function := range functions.List() {
		if c.kind == EnvironmentKind || c.kind == function.Kind {
			items = function.Make(e, c.plane, items)
		}
	}
	return items, nil
}

// watch runs the guard and turns its findings into one error.
func watch(e schema.Environment, c config, items []manifest.Object) ([]manifest.Object, error) {
	kept, findings := guard.Check(e, c.plane, functions.Expand(e, c.plane), items)
	if len(findings) == 0 {
		return kept, nil
	}
	lines := make([]string, len(findings))
	for i, finding := range findings {
		lines[i] = fmt.Sprintf("overlays/%s/%s: %s", e.Name, c.plane, finding)
	}
	return nil, Refusal(lines)
}

// Refusal is what the guard found, a line each. It is an error: the input is wrong, not the tool.
type Refusal []string

func (r Refusal) Error() string { return strings.Join(r, "\n") }

// Kinds are the kinds of functionConfig, sorted.
func Kinds() []string {
	kinds := []string{EnvironmentKind, GuardKind}
	for _, function := range functions.List() {
		kinds = append(kinds, function.Kind)
	}
	slices.Sort(kinds)
	return kinds
}

// Guards says which environment and plane a functionConfig in a folder guards, if it is a guard at all.
func Guards(object manifest.Object, dir string) (name string, plane schema.Plane, isGuard bool) {
	c, err := read(object)
	if err != nil || c.kind != GuardKind {
		return "", "", false
	}
	name = c.name
	if c.file != "" {
		if name, err = environmentName(dir, c.file); err != nil {
			return "", "", false
		}
	}
	return name, c.plane, true
}
