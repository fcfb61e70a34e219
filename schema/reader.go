// Package schema says what is allowed: the definitions of fleet, environment and claims in CUE, and how a spec is
// read: once, at the door, with every mistake found and pointed to. What it hands out is typed, complete and legal.
// It makes no objects and touches no disk: files come as bytes or as an fs.FS.
package schema

import (
	"embed"
	"encoding/json"
	"errors"
	"fmt"

	"cuelang.org/go/cue"
	"cuelang.org/go/cue/build"
	"cuelang.org/go/cue/cuecontext"
	"cuelang.org/go/cue/parser"

	"spokewright.dev/spokewright/constraint"
)

//go:embed environment.cue fleet.cue claims.cue defaults.cue rules.cue
var definitions embed.FS

// Where the values of defaults.cue stand, in messages.
const ownDefaults = "spokewright's own defaults"

// Reader reads specs by the definitions. It is safe for concurrent use.
type Reader struct {
	environment, fleet *constraint.Constraint
	claims             map[string]*constraint.Constraint
	defaults           *node
	given              map[string][]Rule // by the field they follow from
}

// NewReader prepares the embedded definitions. An error is a fault of this program.
func NewReader() (*Reader, error) {
	value, marks, err := load()
	if err != nil {
		return nil, fmt.Errorf("embedded definitions: %w", err)
	}
	r := &Reader{claims: map[string]*constraint.Constraint{}}
	for name, target := range map[string]**constraint.Constraint{"#Environment": &r.environment, "#Fleet": &r.fleet} {
		if *target, err = constraint.ParseDefinition(value.LookupPath(cue.ParsePath(name))); err != nil {
			return nil, fmt.Errorf("embedded definition %s: %w", name, err)
		}
	}
	for kind, name := range map[string]string{"Cluster": "#ClusterClaim", "Database": "#DatabaseClaim"} {
		if r.claims[kind], err = constraint.ParseDefinition(value.LookupPath(cue.ParsePath(name))); err != nil {
			return nil, fmt.Errorf("embedded definition %s: %w", name, err)
		}
	}
	b := &builder{tracer: &tracer{source: source{file: ownDefaults}}, marks: marks, opaque: isRequirement}
	if r.defaults = b.build(value.LookupPath(cue.ParsePath("defaults")), nil, nil); len(b.problems) > 0 {
		return nil, fmt.Errorf("embedded defaults: %w", b.problems)
	}
	b.opaque = func(path []string) bool { return len(path) == 3 && path[2] == "require" }
	if r.given, err = givenRules(b.build(value.LookupPath(cue.ParsePath("given")), nil, nil)); err != nil || len(b.problems) > 0 {
		return nil, fmt.Errorf("embedded rules: %w", errors.Join(err, b.problems.orNil()))
	}
	return r, nil
}

// load compiles the embedded files as one CUE package.
func load() (cue.Value, *constraint.Marks, error) {
	instance := build.NewContext().NewInstance("schema", nil)
	marks := &constraint.Marks{}
	files, err := definitions.ReadDir(".")
	if err != nil {
		return cue.Value{}, nil, err
	}
	for _, file := range files {
		text, err := definitions.ReadFile(file.Name())
		if err != nil {
			return cue.Value{}, nil, err
		}
		syntax, err := parser.ParseFile(file.Name(), text, parser.ParseComments)
		if err != nil {
			return cue.Value{}, nil, err
		}
		extractRules(syntax, marks)
		if err := instance.AddSyntax(syntax); err != nil {
			return cue.Value{}, nil, err
		}
	}
	if err := instance.Complete(); err != nil {
		return cue.Value{}, nil, err
	}
	value := cuecontext.New().BuildInstance(instance)
	return value, marks, value.Validate()
}

// isRequirement says which parts of a fleet are constraints: classes.NAME.rules.NAME.require.
func isRequirement(path []string) bool {
	return len(path) == 5 && path[0] == "classes" && path[2] == "rules" && path[4] == "require"
}

// ClaimSpec is what the spec of a claim may hold: kind is "Cluster" or "Database".
func (r *Reader) ClaimSpec(kind string) *constraint.Constraint { return r.claims[kind] }

// decode fills a typed value from a judged node.
func decode(n *node, into any) error {
	text, err := json.Marshal(n.data())
	if err != nil {
		return err
	}
	return json.Unmarshal(text, into)
}
