package policies

import (
	"maps"
	"slices"

	"spokewright.dev/spokewright/internal/manifest"
	"spokewright.dev/spokewright/schema"
)

// running derives a second policy, for subresources: a policy on `pods` does not see `kubectl debug`, which adds containers
// through one, nor one on `deployments` what scales them. It is separate because Kyverno derives policies for controllers only
// from a policy that matches `pods` alone (CanAutoGen in pkg/cel/autogen of Kyverno 1.19.1). A rule that mentions no field that
// such a subresource changes gets none: it would judge again what it has let in.
func running(e schema.Environment, rule schema.Rule, kind string, r schema.Resource, policy manifest.Object) []manifest.Object {
	var changed []any
	for _, each := range Subresources(kind) {
		if slices.ContainsFunc(each.Fields, func(path []string) bool { return rule.Require.Mentions(path...) }) {
			changed = append(changed, r.Plural+"/"+each.Name)
		}
	}
	if changed == nil {
		return nil
	}
	if Scaled(kind) {
		return scaled(e, rule, beside(policy, "-scaled", r, changed))
	}
	return []manifest.Object{beside(policy, "-running", r, changed)}
}

// beside is a policy for subresources, which are only ever changed. What is being deleted may run for hours yet.
func beside(policy manifest.Object, suffix string, r schema.Resource, subresources []any) manifest.Object {
	matches := match(r, r.Version, "UPDATE")
	matches["resources"] = subresources
	beside := maps.Clone(policy)
	metadata, spec := maps.Clone(policy["metadata"].(map[string]any)), maps.Clone(policy["spec"].(map[string]any))
	metadata["name"] = manifest.Identify(policy).Name + suffix
	spec["matchConstraints"] = map[string]any{"resourceRules": []any{matches}}
	spec["matchConditions"] = slices.DeleteFunc(slices.Clone(spec["matchConditions"].([]any)), func(each any) bool { return each.(map[string]any)["name"] == stays })
	beside["metadata"], beside["spec"] = metadata, spec
	return beside
}

// Subresource is a way to change some fields of an object; all others stay as they are.
type Subresource struct {
	Name   string
	Fields [][]string // paths of names; through lists they go to every element
}

// Subresources are those that change what runs: in a Pod (pkg/registry/core/pod/strategy.go of Kubernetes 1.36), or how many
// Pods there are.
func Subresources(kind string) []Subresource {
	switch {
	case kind == "Pod":
		return []Subresource{
			{"ephemeralcontainers", [][]string{{"spec", "ephemeralContainers"}}},
			{"resize", [][]string{{"spec", "containers", "resources"}, {"spec", "initContainers", "resources"}, {"spec", "resources"}}},
		}
	case Scaled(kind):
		return []Subresource{{"scale", [][]string{{"spec", "replicas"}}}}
	}
	return nil
}
