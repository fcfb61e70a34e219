// Package schema says what is allowed: the definitions of fleet, environment and claims in CUE, and how a spec is
// read: once, at the door, with every mistake found and pointed to. What it hands out is typed, complete and legal.
// It makes no objects and touches no disk: files come as bytes or as an fs.FS.
package schema

import (
	"embed"
	"encoding/json"

	"spokewright.dev/spokewright/internal/constraint"
	"spokewright.dev/spokewright/internal/cuefile"
)

//go:embed definitions
var Definitions embed.FS

// Where the values of defaults.cue stand, in messages.
const ownDefaults = "spokewright's own defaults"

// Reader reads specs by the definitions. It is safe for concurrent use.
type Reader struct {
	definitionTables

	defaults *cuefile.Node
}

// definitionTables are what the definitions in CUE say. tables.go has them ready, since CUE takes longer to evaluate them
// than everything else a small command does; a test holds the two together.
type definitionTables struct {
	environment, fleet *constraint.Constraint
	name, id           *constraint.Constraint
	claims, statuses   map[string]*constraint.Constraint // by kind: "Cluster", "Database", "Network", "NodePool", "Peering"
	shipped            map[string]any                    // the defaults; what a rule requires is a *constraint.Constraint
	given              map[string][]Rule                 // by the field they follow from
}

// NewReader prepares the definitions.
func NewReader() (*Reader, error) {
	tables := tables()
	return &Reader{tables, cuefile.Plain(ownDefaults, tables.shipped)}, nil
}

// isRequirement says which parts of a fleet are constraints: classes.NAME.rules.NAME.require.
func isRequirement(path []string) bool {
	return len(path) == 5 && path[0] == "classes" && path[2] == "rules" && path[4] == "require"
}

// environmentPlaces are those of a spec at which no plain data stands. Values of charts are data of the elements of a set, which its
// template does not read again: ApplicationSets fill in templates, and not what comes of them.
func environmentPlaces() cuefile.Places {
	return cuefile.Places{Marked: inValues}
}

// fleetPlaces are those of fleet.cue.
func fleetPlaces() cuefile.Places {
	return cuefile.Places{Constraint: isRequirement, Marked: func(path []string) bool {
		switch {
		case len(path) > 3 && path[0] == "classes" && path[2] == "defaults":
			return path[3] == "app" && inValues(append([]string{"apps"}, path[3:]...)) || inValues(path[3:])
		case len(path) > 3 && path[0] == "flavours" && path[2] == "classes":
			return inValues(append([]string{"addons"}, path[min(4, len(path)):]...))
		case len(path) > 2 && path[0] == "flavours":
			return inValues(path[2:])
		}
		return path[0] == "addons" && inValues(path)
	}}
}

// inValues says whether a path of a spec leads into the values of a chart.
func inValues(path []string) bool {
	return len(path) > 3 && (path[0] == "apps" || path[0] == "addons") && path[2] == "values" || len(path) > 4 && path[0] == "addons" && path[2] == "objects"
}

// ClaimSpec is what the spec of a claim may hold: kind is "Cluster", "Database", "Network", "NodePool" or "Peering".
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

// Fields are the names that the struct at a path of an environment's spec has fields for, in the order in which people write
// them; nil where any name may stand.
func (r *Reader) Fields(path []string) []string {
	want := r.field(path)
	if want == nil {
		return nil
	}
	var names []string
	for _, field := range want.Fields {
		names = append(names, field.Name)
	}
	return names
}

// TakesText says whether what stands at a path of an environment's spec is a text and nothing else.
func (r *Reader) TakesText(path []string) bool {
	want := r.field(path)
	return want != nil && want.Kinds == constraint.String
}

func (r *Reader) field(path []string) *constraint.Constraint {
	want := r.environment
	for _, name := range path {
		want = cuefile.Inside(want, name)
	}
	return want
}

// IsName says whether an environment may have a name.
func (r *Reader) IsName(name string) bool { return r.name.Holds(name) && SpecFile(name) != FleetFile }

// IsSet says whether a set of compositions may have a name.
func (r *Reader) IsSet(name string) bool { return r.field([]string{"compositions"}).Holds(name) }
