// Package policytest generates test objects for an environment's Kyverno policies, each with the verdict that is expected,
// which follows from the rule. It runs nothing and writes nothing.
package policytest

import (
	"cmp"
	"fmt"
	"reflect"
	"regexp"
	"strings"
	"sync"

	"spokewright.dev/spokewright/functions/policies"
	"spokewright.dev/spokewright/internal/constraint"
	"spokewright.dev/spokewright/internal/manifest"
	"spokewright.dev/spokewright/internal/mutate"
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
	Operation string // of the cases, unless told otherwise: "CREATE" or "DELETE"; "UPDATE" of a subresource
	// Subresource is what objects are changed by, such as "ephemeralcontainers"; empty where they are asked for themselves.
	// Kyverno's CLI knows no subresources.
	Subresource string
	// Good is an object that keeps every rule for its kind.
	Good manifest.Object

	require  *constraint.Constraint
	inside   wrapping // what Kyverno derives from a policy for Pods
	anywhere bool     // objects may lie in any namespace
	labelled bool     // the policy finds its objects by their labels
	variants func() []variant
}

// Cases are the good object and what is made of it by one change, at most so many for each operator and verdict. Their
// names differ; the name of the policy and the kind is in them.
func (s Subject) Cases(most int) []Case {
	prefix := manifest.Identify(s.Policy).Name + "-" + cmp.Or(s.Subresource, strings.ToLower(s.Kind))
	kept := []Case{s.judged(mutate.Mutant{Object: s.Good}, prefix)}
	type key struct {
		operator string
		breaks   bool
	}
	counted := map[key]int{}
	for _, v := range s.variants() {
		if k := (key{v.Operator, v.breaks}); counted[k] < most {
			counted[k]++
			kept = append(kept, s.judged(v.Mutant, fmt.Sprintf("%s-%d", prefix, len(kept))))
		}
	}
	return kept
}

// variant is a mutant of a subject's good object, and whether it breaks the rule.
type variant struct {
	mutate.Mutant
	breaks bool
}

// varied are the plausible variants, made when they are first asked for: a rule for Pods has thousands.
func varied(s Subject) func() []variant {
	return sync.OnceValue(func() []variant {
		var all []variant
		for _, mutant := range mutate.Mutants(s.Good, s.require) {
			if s.plausible(mutant.Object) {
				all = append(all, variant{mutant, len(s.require.Judge(mutant.Object)) > 0})
			}
		}
		return all
	})
}

func (s Subject) judged(m mutate.Mutant, name string) Case {
	object := renamed(m.Object, name)
	if s.inside.bare {
		object = unlabelled(object)
	}
	c := Case{Operation: s.Operation, Operator: m.Operator, Path: m.Path, Object: s.inside.wrap(object), Want: Pass}
	if len(s.require.Judge(object)) > 0 {
		c.Want = Fail
	}
	return c
}

// Verdict is what the rule says of an object of the subject's kind, whoever made it: of what was written of it.
func (s Subject) Verdict(object manifest.Object) Verdict {
	if len(s.require.Judge(s.inside.unwrap(policies.Written(object)))) > 0 {
		return Fail
	}
	return Pass
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

// Exempt are the good object and one that breaks the rule, in a namespace of the platform, where a policy for what runs
// on a spoke does not judge.
func (s Subject) Exempt() []Case {
	if manifest.Identify(s.Policy).Namespace != "" || manifest.Identify(s.Good).Namespace != namespace {
		return nil
	}
	var exempt []Case
	for _, c := range s.Cases(1) {
		if len(exempt) == 0 || c.Want == Fail {
			c.Object = manifest.Copy(c.Object)
			c.Object["metadata"].(map[string]any)["namespace"] = "kube-system"
			c.Want = Skip
			exempt = append(exempt, c)
		}
		if len(exempt) == 2 {
			break
		}
	}
	return exempt
}

// label is what the name of a namespace looks like.
var label = regexp.MustCompile(`^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$`)

// plausible tells whether an API server would have handed the object on: one with an identity and with labels and
// annotations that are texts, of the good object's kind and, unless that is what the rule is about, in its namespace.
// A Pod, alone or in a template, always has a spec.
func (s Subject) plausible(object manifest.Object) bool {
	was, is := manifest.Identify(s.Good), manifest.Identify(object)
	if s.anywhere && label.MatchString(is.Namespace) {
		was.Namespace = is.Namespace
	}
	if _, there := object["spec"]; was != is || s.Kind == "Pod" && !there {
		return false
	}
	metadata, _ := object["metadata"].(map[string]any)
	if s.labelled && !reflect.DeepEqual(metadata["labels"], s.Good["metadata"].(map[string]any)["labels"]) {
		return false
	}
	return textsOnly(metadata, "labels") && textsOnly(metadata, "annotations")
}

func textsOnly(metadata map[string]any, field string) bool {
	value, there := metadata[field]
	if !there {
		return true
	}
	texts, is := value.(map[string]any)
	for _, text := range texts {
		_, isText := text.(string)
		is = is && isText
	}
	return is
}
