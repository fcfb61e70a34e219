// Package schema says what is allowed: the definitions of fleet, environment and claims in CUE, and how a spec is
// read: once, at the door, with every mistake found and pointed to. What it hands out is typed, complete and legal.
// It makes no objects and touches no disk: files come as bytes or as an fs.FS.
package schema

import (
	"embed"
	"encoding/json"
	"fmt"
	"strings"

	"cuelang.org/go/cue"
	"cuelang.org/go/cue/build"
	"cuelang.org/go/cue/cuecontext"

	"spokewright.dev/spokewright/constraint"
)

//go:embed environment.cue fleet.cue claims.cue defaults.cue
var definitions embed.FS

// Reader reads specs by the definitions. It is safe for concurrent use.
type Reader struct {
	environment, fleet *constraint.Constraint
	claims             map[string]*constraint.Constraint
	defaults           *node
}

// NewReader prepares the embedded definitions. An error is a fault of this program.
func NewReader() (*Reader, error) {
	value, err := load()
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
	b := &builder{file: "defaults.cue", opaque: isRequirement}
	if r.defaults = b.build(value.LookupPath(cue.ParsePath("defaults")), nil); len(b.problems) > 0 {
		return nil, fmt.Errorf("embedded defaults: %w", b.problems)
	}
	return r, nil
}

// load compiles the embedded files as one CUE package.
func load() (cue.Value, error) {
	instance := build.NewContext().NewInstance("schema", nil)
	files, err := definitions.ReadDir(".")
	if err != nil {
		return cue.Value{}, err
	}
	for _, file := range files {
		text, err := definitions.ReadFile(file.Name())
		if err != nil {
			return cue.Value{}, err
		}
		if err := instance.AddFile(file.Name(), text); err != nil {
			return cue.Value{}, err
		}
	}
	if err := instance.Complete(); err != nil {
		return cue.Value{}, err
	}
	value := cuecontext.New().BuildInstance(instance)
	return value, value.Validate()
}

// isRequirement says which parts of a fleet are constraints: classes.NAME.rules.NAME.require.
func isRequirement(path []string) bool {
	return len(path) == 5 && path[0] == "classes" && path[2] == "rules" && path[4] == "require"
}

// ClaimSpec is what the spec of a claim may hold: kind is "Cluster" or "Database".
func (r *Reader) ClaimSpec(kind string) *constraint.Constraint { return r.claims[kind] }

// judge finds what a merged value breaks; what is missing is pointed to in the user's own text.
func judge(want *constraint.Constraint, merged, user *node) Problems {
	var problems Problems
	for _, v := range want.Judge(merged.data()) {
		problem := Problem{Position: merged.at(v.Path...).position, Field: strings.Join(v.Path, ".")}
		switch v.Reason {
		case constraint.Missing:
			problem.Position = user.at(v.Path...).position
			problem.Message = "missing: " + wanted(v.Want)
		case constraint.UnknownField:
			name := v.Path[len(v.Path)-1]
			problem.Message = "no such field" + DidYouMean(name, v.Allowed) + allowedNames(v.Allowed)
		default:
			problem.Message = found(v.Found) + ", " + wanted(v.Want) + meant(v.Found, v.Want)
		}
		problems = append(problems, problem)
	}
	return problems
}

func allowedNames(names []string) string {
	if len(names) == 0 {
		return ""
	}
	return " (allowed are " + strings.Join(names, ", ") + ")"
}

func wanted(want *constraint.Constraint) string {
	if want == nil {
		return "allowed is nothing"
	}
	return "allowed is " + want.String()
}

// found shows a value as the user would write it, cut where it is long.
func found(value any) string {
	text, err := json.Marshal(value)
	if err != nil {
		return fmt.Sprintf("found %v", value)
	}
	if s := string(text); len(s) > 80 {
		return "found " + strings.ToValidUTF8(s[:77], "") + "..."
	}
	return "found " + string(text)
}

// meant proposes the nearest of the words that are allowed.
func meant(value any, want *constraint.Constraint) string {
	word, ok := value.(string)
	if !ok || want == nil {
		return ""
	}
	return DidYouMean(word, words(want))
}

// words are the texts that a constraint allows by name.
func words(want *constraint.Constraint) []string {
	var all []string
	for _, value := range want.Enum {
		if word, ok := value.(string); ok {
			all = append(all, word)
		}
	}
	for _, alternative := range want.AnyOf {
		all = append(all, words(alternative)...)
	}
	return all
}

// decode fills a typed value from a judged node.
func decode(n *node, into any) error {
	text, err := json.Marshal(n.data())
	if err != nil {
		return err
	}
	return json.Unmarshal(text, into)
}
