// Package policies makes Kyverno's policies from the rules of a class: on the hub for claims, in the environment's
// own namespace; on the spoke for what runs there. What a rule means in CEL is for package constraint to say.
package policies

import (
	"maps"
	"slices"
	"strings"

	"spokewright.dev/spokewright/manifest"
	"spokewright.dev/spokewright/schema"
)

// Make appends the policies of a plane.
func Make(e schema.Environment, plane schema.Plane, items []manifest.Object) []manifest.Object {
	for _, name := range slices.Sorted(maps.Keys(e.Class.Rules)) {
		if plane == schema.Hub {
			items = append(items, hub(e, e.Class.Rules[name])...)
		} else {
			items = append(items, spoke(e, e.Class.Rules[name])...)
		}
	}
	if plane == schema.Hub && e.Cluster != nil && e.Class.Protected {
		items = append(items, approval(e))
	}
	return items
}

// hub gives a policy for each kind of claim that the rule judges: their fields may lie in different places.
func hub(e schema.Environment, rule schema.Rule) []manifest.Object {
	if e.Cluster == nil {
		return nil
	}
	var policies []manifest.Object
	claims := slices.DeleteFunc(slices.Clone(rule.Kinds), func(kind string) bool { return !resource(e, kind).Claim })
	for _, kind := range claims {
		name := rule.Name
		if len(claims) > 1 {
			name += "-" + strings.ToLower(kind)
		}
		claim := e.Fleet.Claims.Database
		if kind == "Cluster" {
			claim = e.Fleet.Claims.Cluster
		}
		object := policy(e, "NamespacedValidatingPolicy", e.Name, name, rule)
		object["spec"] = spec(rule, "Fail", []any{match(resource(e, kind), "*", "CREATE", "UPDATE")}, nil, claim.Require(rule.Require).CEL("object"))
		policies = append(policies, object)
	}
	return policies
}

// spoke gives one policy for the workloads that the rule judges, but for those of the platform itself.
func spoke(e schema.Environment, rule schema.Rule) []manifest.Object {
	var matches []any
	for _, kind := range rule.Kinds {
		if r := resource(e, kind); !r.Claim {
			matches = append(matches, match(r, r.Version, "CREATE", "UPDATE"))
		}
	}
	if len(matches) == 0 {
		return nil
	}
	object := policy(e, "ValidatingPolicy", "", rule.Name, rule)
	conditions := []any{map[string]any{"name": "not-the-platform", "expression": "!(object.metadata.?namespace.orValue('') in " + schema.CELStrings(platform(e)) + ")"}}
	object["spec"] = spec(rule, "Ignore", matches, conditions, rule.Require.CEL("object"))
	return []manifest.Object{object}
}

func resource(e schema.Environment, kind string) schema.Resource {
	r, _ := e.Fleet.Resource(kind)
	return r
}

// platform are the namespaces that rules for apps do not judge: Kubernetes' own and those of addons.
func platform(e schema.Environment) []any {
	names := map[string]bool{"kube-system": true, "kube-public": true, "kube-node-lease": true}
	for _, addon := range e.Addons {
		if addon.Enabled {
			names[addon.Namespace] = true
		}
	}
	var sorted []any
	for _, name := range slices.Sorted(maps.Keys(names)) {
		sorted = append(sorted, name)
	}
	return sorted
}

func policy(e schema.Environment, kind, namespace, name string, rule schema.Rule) manifest.Object {
	object := manifest.New(e.Fleet.PolicyVersion(), kind, namespace, name)
	manifest.Label(object, e.ObjectLabels())
	manifest.Annotate(object, schema.Wave(schema.WavePolicies))
	manifest.Annotate(object, e.SyncOptions(true, true))
	manifest.Annotate(object, map[string]string{"policies.kyverno.io/title": rule.Name, "policies.kyverno.io/description": rule.Message})
	return object
}

func match(r schema.Resource, version string, operations ...any) map[string]any {
	return map[string]any{
		"apiGroups": []any{r.Group}, "apiVersions": []any{version}, "operations": operations, "resources": []any{r.Plural},
	}
}

// spec is the policy itself. Fail closes the door when Kyverno is away: right for claims, never for Pods.
func spec(rule schema.Rule, failure string, matches, conditions []any, expression string) map[string]any {
	action := map[string]string{"deny": "Deny", "warn": "Warn", "audit": "Audit"}[rule.Action]
	s := map[string]any{
		"validationActions": []any{action},
		"failurePolicy":     failure,
		"matchConstraints":  map[string]any{"resourceRules": matches},
		"validations":       []any{map[string]any{"expression": expression, "message": rule.Message}},
	}
	if conditions != nil {
		s["matchConditions"] = conditions
	}
	return s
}

// approval denies the deletion of a protected claim that nobody approved.
func approval(e schema.Environment) manifest.Object {
	rule := schema.Rule{Name: "deletion-needs-approval", Action: "deny", Message: `set the annotation spokewright.dev/deletion-approved: "true" before you delete this`}
	var matches []any
	for _, kind := range []string{"Cluster", "Database"} {
		matches = append(matches, match(resource(e, kind), "*", "DELETE"))
	}
	object := policy(e, "NamespacedValidatingPolicy", e.Name, rule.Name, rule)
	object["spec"] = spec(rule, "Fail", matches, nil,
		"has(oldObject.metadata.annotations) && 'spokewright.dev/deletion-approved' in oldObject.metadata.annotations && oldObject.metadata.annotations['spokewright.dev/deletion-approved'] == 'true'")
	return object
}
