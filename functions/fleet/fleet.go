// Package fleet makes what a hub has once for all environments: the ApplicationSet that lists them, its project,
// and the policy that claims live in an environment's namespace. What one environment has is for other functions.
package fleet

import (
	"spokewright.dev/spokewright/internal/argocd"
	"spokewright.dev/spokewright/internal/constraint/cel"
	"spokewright.dev/spokewright/internal/manifest"
	"spokewright.dev/spokewright/schema"
)

// Make appends the fleet's objects to the hub plane of a hub.
func Make(e schema.Environment, plane schema.Plane, items []manifest.Object) []manifest.Object {
	if plane != schema.Hub || e.Role != "hub" {
		return items
	}
	return append(items, project(e), environments(e), claimsPolicy(e))
}

// project is for hub planes: this repository, this cluster.
func project(e schema.Environment) manifest.Object {
	o := argocd.Own(e, "AppProject", "fleet", argocd.WaveProject)
	argocd.Finalize(o)
	o["spec"] = argocd.Admit("the hub planes of fleet "+e.Fleet.Name, []any{e.Fleet.Repository.URL}, "in-cluster")
	return o
}

// environments lists every environment of the hub. An environment that leaves the list keeps its Application: taking
// an environment down is a decision of its own.
func environments(e schema.Environment) manifest.Object {
	elements := make([]any, len(e.Spokes))
	for i, spoke := range e.Spokes {
		elements[i] = map[string]any{
			"environment": spoke.Name,
			"name":        spoke.Name + "-hub",
			"labels": map[string]any{
				"app.kubernetes.io/managed-by": "spokewright",
				"spokewright.dev/class":        spoke.Class,
				"spokewright.dev/environment":  spoke.Name,
				"spokewright.dev/owner":        spoke.Owner,
			},
			"annotations": texts(argocd.Sources(e.Fleet, spoke.Name, spoke.Role)),
			"source":      argocd.Source(e.Fleet, spoke.Name, schema.Hub),
		}
	}
	o := argocd.Own(e, "ApplicationSet", "environments", argocd.WaveApps)
	argocd.Finalize(o)
	spec := argocd.LiteralSet(elements, nil, "fleet", "in-cluster", "environment", argocd.SyncPolicy(true))
	spec["syncPolicy"] = argocd.KeepApplications()
	o["spec"] = spec
	return o
}

func texts(values map[string]string) map[string]any {
	object := make(map[string]any, len(values))
	for name, value := range values {
		object[name] = value
	}
	return object
}

// claimsPolicy denies claims outside the namespaces of environments, where no rule would judge them.
func claimsPolicy(e schema.Environment) manifest.Object {
	namespaces := make([]any, len(e.Spokes))
	for i, spoke := range e.Spokes {
		namespaces[i] = spoke.Name
	}
	var rules []any
	for _, kind := range e.Fleet.Claims.Kinds() {
		rules = append(rules, map[string]any{
			"apiGroups": []any{kind.Group()}, "apiVersions": []any{"*"}, "operations": []any{"CREATE", "UPDATE"}, "resources": []any{kind.Plural},
		})
	}
	id := manifest.ID{APIVersion: e.Fleet.PolicyVersion(), Kind: "ValidatingPolicy", Name: "claims-live-in-environments"}
	o := argocd.Object(e, id, argocd.Placement{Wave: argocd.WavePolicies, Confirm: true, Foreign: true})
	o["spec"] = map[string]any{
		"validationActions": []any{"Deny"},
		"failurePolicy":     "Fail",
		"matchConstraints":  map[string]any{"resourceRules": rules},
		"validations": []any{map[string]any{
			"expression": "object.metadata.namespace in " + cel.Texts(namespaces),
			"message":    "claims live in the namespace of an environment, where its rules judge them",
		}},
	}
	return o
}
