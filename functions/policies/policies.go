// Package policies makes Kyverno's policies from the rules of a class: on the hub for claims, in the environment's
// own namespace; on the spoke for what runs there. What a rule means in CEL is for package constraint to say.
package policies

import (
	"maps"
	"slices"
	"strings"

	"spokewright.dev/spokewright/internal/argocd"
	"spokewright.dev/spokewright/internal/claim"
	"spokewright.dev/spokewright/internal/constraint"
	"spokewright.dev/spokewright/internal/constraint/cel"
	"spokewright.dev/spokewright/internal/manifest"
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
	if plane == schema.Hub && e.Cluster != nil && e.Protected() {
		items = append(items, approval(e))
	}
	if plane == schema.Spoke {
		items = append(items, signatures(e)...)
	}
	return items
}

// hub gives a policy for each kind of claim that the rule judges: their fields may lie in different places.
func hub(e schema.Environment, rule schema.Rule) []manifest.Object {
	if e.Cluster == nil {
		return nil
	}
	var policies []manifest.Object
	for _, kind := range kinds(e, rule, true) {
		of, _ := e.Fleet.Claims.Of(kind)
		object := policy(e, "NamespacedValidatingPolicy", e.Name, name(e, rule, kind), rule)
		expression := "request.operation == 'UPDATE' && " + deleted + " || " + expression(e, rule, kind, func() string { return changed(of.Require(rule.Require), kind) })
		object["spec"] = spec(rule, "Fail", []any{match(resource(e, kind), "*", "CREATE", "UPDATE")}, nil, expression)
		policies = append(policies, waive(e, schema.Hub, rule, object))
	}
	return policies
}

// spoke gives a policy for each kind of workload that the rule judges, but for those of the platform itself, and one for
// what changes some of its fields by a way of its own. Kyverno makes policies for what makes pods out of one for pods alone.
func spoke(e schema.Environment, rule schema.Rule) []manifest.Object {
	var policies []manifest.Object
	for _, kind := range kinds(e, rule, false) {
		r := resource(e, kind)
		object := policy(e, "ValidatingPolicy", "", name(e, rule, kind), rule)
		object["spec"] = spec(rule, "Ignore", []any{match(r, r.Version, "CREATE", "UPDATE")}, append(elsewhere(e), staying()),
			expression(e, rule, kind, func() string { return changed(rule.Require, kind) }))
		policies = append(policies, waive(e, schema.Spoke, rule, object))
		policies = append(policies, running(e, rule, kind, r, object)...)
	}
	return policies
}

// expression is what a rule says in CEL of a kind, which is the same in all environments of its class.
func expression(e schema.Environment, rule schema.Rule, kind string, write func() string) string {
	type of struct {
		require *constraint.Constraint
		kind    string
	}
	return e.Fleet.Once(of{rule.Require, kind}, func() any { return write() }).(string)
}

// elsewhere excludes the platform's namespaces. It uses request.namespace: for controllers Kyverno rewrites object.* to their
// Pod template, which has no namespace.
func elsewhere(e schema.Environment) []any {
	var names []any
	for _, name := range Platform(e) {
		names = append(names, name)
	}
	return []any{map[string]any{"name": "not-the-platform", "expression": "!(request.?namespace.orValue('') in " + cel.Texts(names) + ")"}}
}

// kinds are the kinds that the rule judges on one plane: claims, or what runs on the spoke.
func kinds(e schema.Environment, rule schema.Rule, claims bool) []string {
	if claims && e.Cluster == nil {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(rule.Kinds), func(kind string) bool {
		r := resource(e, kind)
		return r.Claim != claims || r.Plural == "" || !asks(e, kind)
	})
}

// asks says whether an environment can have claims of a kind, or objects: pools of nodes and a peering where it asks for them alone.
func asks(e schema.Environment, kind string) bool {
	switch kind {
	case "NodePool":
		_, pools := e.NodePool()
		return pools
	case "Peering":
		_, joins := e.Peering()
		return joins
	}
	return true
}

// name is that of the policy for one of the kinds that a rule judges.
func name(e schema.Environment, rule schema.Rule, kind string) string {
	if len(kinds(e, rule, resource(e, kind).Claim)) > 1 {
		return rule.Name + "-" + strings.ToLower(kind)
	}
	return rule.Name
}

func resource(e schema.Environment, kind string) schema.Resource {
	r, _ := e.Fleet.Resource(kind)
	return r
}

// Platform are the namespaces that rules for apps do not judge: Kubernetes' own, those of addons and, on a hub, those of
// its controllers.
func Platform(e schema.Environment) []string {
	names := []string{"kube-system", "kube-public", "kube-node-lease"}
	if e.Role == "hub" {
		names = append(names, schema.HubNamespaces()...)
	}
	for _, addon := range e.Addons {
		if addon.Enabled {
			names = append(names, addon.Namespaces()...)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func policy(e schema.Environment, kind, namespace, name string, rule schema.Rule) manifest.Object {
	id := manifest.ID{APIVersion: e.Fleet.PolicyVersion(), Kind: kind, Namespace: namespace, Name: name}
	object := argocd.Object(e, id, argocd.Placement{Wave: argocd.WavePolicies, Confirm: true, Foreign: true})
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
	for _, name := range claim.ClaimNames() {
		kind, there := e.Fleet.Claims.Of(name)
		if !there || !asks(e, name) {
			continue
		}
		matches = append(matches, match(schema.Resource{Group: kind.Group(), Plural: kind.Plural}, "*", "DELETE"))
	}
	object := policy(e, "NamespacedValidatingPolicy", e.Name, rule.Name, rule)
	object["spec"] = spec(rule, "Fail", matches, nil,
		"has(oldObject.metadata.annotations) && 'spokewright.dev/deletion-approved' in oldObject.metadata.annotations && oldObject.metadata.annotations['spokewright.dev/deletion-approved'] == 'true'")
	return object
}
