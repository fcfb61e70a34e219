// Package cases says with which objects the policies of an environment are tried, and what Kyverno must answer: what the
// rules themselves say of each object. It runs nothing and writes nothing.
package cases

import (
	"fmt"
	"strings"

	"spokewright.dev/spokewright/constraint"
	"spokewright.dev/spokewright/manifest"
	"spokewright.dev/spokewright/trial"
)

// Verdict is Kyverno's word for how a policy finds an object.
type Verdict string

// The verdicts that cases ask for. An object that a policy is not about has none.
const (
	Pass Verdict = "pass"
	Fail Verdict = "fail"
	Skip Verdict = "skip"
)

// Case is one object before one policy.
type Case struct {
	Operation string // "CREATE", "UPDATE" or "DELETE"
	Operator  string // what was changed; empty for an object that keeps every rule
	Path      []string
	Object    manifest.Object
	Want      Verdict
}

// Subject is a kind of object that a policy judges.
type Subject struct {
	Policy    manifest.Object
	Rule      string // the rule that the policy was made from; for what no rule says, the policy's own name
	Kind      string // of the objects
	Operation string // of the cases, unless told otherwise: "CREATE" or "DELETE"
	// Good is an object that keeps every rule for its kind.
	Good manifest.Object

	require *constraint.Constraint
	inside  wrapping // what Kyverno derives from a policy for Pods
}

// Cases are the good object and what is made of it by one change, at most so many for each operator and verdict. Their
// names differ; the name of the policy and the kind is in them.
func (s Subject) Cases(most int) []Case {
	prefix := manifest.Identify(s.Policy).Name + "-" + strings.ToLower(s.Kind)
	kept := []Case{s.judged(trial.Mutant{Object: s.Good}, prefix)}
	counted := map[string]int{}
	for _, mutant := range trial.Mutants(s.Good, s.require) {
		if !plausible(s.Good, mutant.Object) {
			continue
		}
		c := s.judged(mutant, fmt.Sprintf("%s-%d", prefix, len(kept)))
		if key := c.Operator + string(c.Want); counted[key] < most {
			counted[key]++
			kept = append(kept, c)
		}
	}
	return kept
}

func (s Subject) judged(m trial.Mutant, name string) Case {
	object := renamed(m.Object, name)
	c := Case{Operation: s.Operation, Operator: m.Operator, Path: m.Path, Object: s.inside.wrap(object), Want: Pass}
	if len(s.require.Judge(object)) > 0 {
		c.Want = Fail
	}
	return c
}

func renamed(object manifest.Object, name string) manifest.Object {
	fresh := manifest.Copy(object)
	metadata, is := fresh["metadata"].(map[string]any)
	if !is {
		metadata = map[string]any{}
		fresh["metadata"] = metadata
	}
	metadata["name"] = name
	return fresh
}

// plausible tells whether an object has the identity of another, and metadata that an API server would have handed on.
func plausible(good, object manifest.Object) bool {
	if manifest.Identify(good) != manifest.Identify(object) {
		return false
	}
	metadata, _ := object["metadata"].(map[string]any)
	for _, field := range []string{"labels", "annotations"} {
		value, there := metadata[field]
		if !there {
			continue
		}
		texts, is := value.(map[string]any)
		if !is {
			return false
		}
		for _, text := range texts {
			if _, is := text.(string); !is {
				return false
			}
		}
	}
	return true
}
