package policytest

import (
	"maps"
	"slices"

	"spokewright.dev/spokewright/functions/policies"
	"spokewright.dev/spokewright/internal/manifest"
	"spokewright.dev/spokewright/internal/mutate"
)

// Change is an object that comes in the place of one that is older than its rule and breaks it.
type Change struct {
	Operator string
	Object   manifest.Object
	Want     Verdict // Pass lets it through
}

// finalizer is one that only an old object has.
const finalizer = "example.com/unfinished"

// Aged is a case's object as somebody made it before there was a rule, with work to do before it may go.
func (s Subject) Aged(c Case) manifest.Object {
	object := renamed(c.Object, manifest.Identify(c.Object).Name+"-aged")
	metadata := object["metadata"].(map[string]any)
	metadata["finalizers"] = []any{finalizer}
	return object
}

// Changes are what may become of an aged object: what is nobody's business, and the objects of other cases in its place, which
// may change what the rule is about.
func (s Subject) Changes(aged manifest.Object, others []Case) []Change {
	changes := []Change{{Operator: "nothing", Object: aged}}
	metadata := aged["metadata"].(map[string]any)
	change := func(operator, field string, value any) {
		object := manifest.Copy(aged)
		object["metadata"] = with(metadata, field, value)
		changes = append(changes, Change{Operator: operator, Object: object})
	}
	change("take off a finalizer", "finalizers", []any{})
	change("add a label", "labels", entry(metadata["labels"], "example.com/seen", "yes"))
	change("approve its deletion", "annotations", entry(metadata["annotations"], Approval, "true"))
	if written, is := s.crossplane(aged); is {
		changes = append(changes, Change{Operator: "what Crossplane writes", Object: written})
	}
	for _, c := range others {
		object := renamed(c.Object, manifest.Identify(aged).Name)
		object["metadata"].(map[string]any)["finalizers"] = metadata["finalizers"]
		if manifest.Identify(object).Namespace == manifest.Identify(aged).Namespace {
			changes = append(changes, Change{Operator: c.Operator, Object: object})
		}
	}
	changes = append(changes, s.worse(aged)...)
	for i := range changes {
		changes[i].Want = s.Change(aged, changes[i].Object)
	}
	return changes
}

// worse are changes of the aged object itself, one for each operator, where it is what the rule is about and not around it.
func (s Subject) worse(aged manifest.Object) []Change {
	if s.inside.kind != "" {
		return nil
	}
	var changes []Change
	tried, alike := map[string]bool{}, s
	alike.Good = aged
	for _, m := range mutate.Mutants(aged, s.require) {
		if alike.plausible(m.Object) && !tried[m.Operator] && s.Change(aged, m.Object) == Fail {
			tried[m.Operator] = true
			changes = append(changes, Change{Operator: m.Operator, Object: m.Object})
		}
	}
	return changes
}

// Change is what the rule says of an object that comes in the place of another.
func (s Subject) Change(before, after manifest.Object) Verdict {
	judged := slices.ContainsFunc(manifest.MapsAt(s.Policy, "spec", "matchConstraints", "resourceRules"), func(rule map[string]any) bool { return has(rule["operations"], "UPDATE") })
	if judged && len(s.require.JudgeChange(s.inside.unwrap(before), s.inside.unwrap(policies.Written(after)))) > 0 {
		return Fail
	}
	return Pass
}

// crossplane gives a claim of our own kinds with what Crossplane fills in when it has composed it.
func (s Subject) crossplane(claim manifest.Object) (manifest.Object, bool) {
	spec, _ := claim["spec"].(map[string]any)
	composition := map[string]any{"name": "aws"}
	object := maps.Clone(claim)
	if own, namespaced := spec["crossplane"].(map[string]any); namespaced {
		own = with(own, "compositionRef", composition)
		own = with(own, "compositionRevisionRef", map[string]any{"name": "aws-0123abc"})
		own = with(own, "resourceRefs", []any{map[string]any{"apiVersion": "example.com/v1", "kind": "Thing", "name": "one"}})
		object["spec"] = with(spec, "crossplane", own)
		return object, true
	}
	if _, claimed := spec["compositionSelector"]; claimed {
		id := manifest.Identify(claim)
		object["spec"] = with(with(spec, "compositionRef", composition), "resourceRef",
			map[string]any{"apiVersion": id.APIVersion, "kind": "X" + id.Kind, "name": id.Name + "-x2k9p"})
		return object, true
	}
	return nil, false
}

func entry(texts any, name, value string) map[string]any {
	before, _ := texts.(map[string]any)
	return with(before, name, value)
}
