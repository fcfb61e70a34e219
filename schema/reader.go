// Package schema says what is allowed: the definitions of fleet, environment and claims in CUE, and how a spec is
// read: once, at the door, with every mistake found and pointed to. What it hands out is typed, complete and legal.
// It makes no objects and touches no disk: files come as bytes or as an fs.FS.
package schema

import (
	"embed"
	"encoding/json"
	"fmt"

	"cuelang.org/go/cue"
	"cuelang.org/go/cue/build"
	"cuelang.org/go/cue/cuecontext"
	"cuelang.org/go/cue/parser"
	"spokewright.dev/spokewright/internal/constraint"
	"spokewright.dev/spokewright/internal/constraint/cueparse"
	"spokewright.dev/spokewright/internal/cuefile"
)

//go:embed definitions
var Definitions embed.FS

// Where the values of defaults.cue stand, in messages.
const ownDefaults = "spokewright's own defaults"

// Reader reads specs by the definitions. It is safe for concurrent use.
type Reader struct {
	environment, fleet *constraint.Constraint
	claims, statuses   map[string]*constraint.Constraint
	defaults           *cuefile.Node
	given              map[string][]Rule   // by the field they follow from
	regions            map[string][]string // of each cloud
}

// NewReader prepares the embedded definitions. An error is a fault of this program.
func NewReader() (*Reader, error) {
	value, marks, err := load()
	if err != nil {
		return nil, fmt.Errorf("embedded definitions: %w", err)
	}
	r := &Reader{claims: map[string]*constraint.Constraint{}, statuses: map[string]*constraint.Constraint{}}
	for name, target := range map[string]**constraint.Constraint{"#Environment": &r.environment, "#Fleet": &r.fleet} {
		if *target, err = cueparse.ParseDefinition(value.LookupPath(cue.ParsePath(name))); err != nil {
			return nil, fmt.Errorf("embedded definition %s: %w", name, err)
		}
	}
	for _, kind := range []string{"Cluster", "Database", "Network"} {
		for suffix, into := range map[string]map[string]*constraint.Constraint{"Claim": r.claims, "Status": r.statuses} {
			name := "#" + kind + suffix
			definition := value.LookupPath(cue.ParsePath(name))
			if suffix == "Status" && !definition.Exists() {
				continue
			}
			if into[kind], err = cueparse.ParseDefinition(definition); err != nil {
				return nil, fmt.Errorf("embedded definition %s: %w", name, err)
			}
		}
	}
	if err := value.LookupPath(cue.ParsePath("regions")).Decode(&r.regions); err != nil {
		return nil, fmt.Errorf("embedded regions: %w", err)
	}
	if r.defaults, err = cuefile.Embedded(ownDefaults, value.LookupPath(cue.ParsePath("defaults")), marks, isRequirement); err != nil {
		return nil, fmt.Errorf("embedded defaults: %w", err)
	}
	isRule := func(path []string) bool { return len(path) == 3 && path[2] == "require" }
	implied, err := cuefile.Embedded(ownDefaults, value.LookupPath(cue.ParsePath("given")), marks, isRule)
	if err != nil {
		return nil, fmt.Errorf("embedded rules: %w", err)
	}
	if r.given, err = parseImpliedRules(implied); err != nil {
		return nil, fmt.Errorf("embedded rules: %w", err)
	}
	return r, nil
}

// load compiles the embedded files as one CUE package.
func load() (cue.Value, *cueparse.Extraction, error) {
	instance := build.NewContext().NewInstance("schema", nil)
	marks := &cueparse.Extraction{}
	files, err := Definitions.ReadDir("definitions")
	if err != nil {
		return cue.Value{}, nil, err
	}
	for _, file := range files {
		text, err := Definitions.ReadFile("definitions/" + file.Name())
		if err != nil {
			return cue.Value{}, nil, err
		}
		syntax, err := parser.ParseFile(file.Name(), text, parser.ParseComments)
		if err != nil {
			return cue.Value{}, nil, err
		}
		cuefile.ExtractRules(syntax, marks)
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

// ClaimSpec is what the spec of a claim may hold: kind is "Cluster", "Database" or "Network".
func (r *Reader) ClaimSpec(kind string) *constraint.Constraint { return r.claims[kind] }

// ClaimStatus is what the status of a claim tells, beside what Crossplane itself does; nil where it tells nothing.
func (r *Reader) ClaimStatus(kind string) *constraint.Constraint { return r.statuses[kind] }

// decode fills a typed value from a judged node.
func decode(n *cuefile.Node, into any) error {
	text, err := json.Marshal(n.Data())
	if err != nil {
		return err
	}
	return json.Unmarshal(text, into)
}
