// Package fleet makes what a hub has once for all environments: the ApplicationSet that lists them, its project,
// and the policies that claims live in an environment's namespace, and that this does not go by mistake. What one
// environment has is for other functions.
package fleet

import (
	"maps"
	"slices"

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
	items = append(items, project(e), environments(e))
	for _, spoke := range e.Spokes {
		if spoke.Retiring != "" {
			items = append(items, leaving(e, spoke))
		}
	}
	return append(items, claimsPolicy(e), namespacesPolicy(e), idsPolicy(e))
}

// project is for hub planes: this repository, this cluster.
func project(e schema.Environment) manifest.Object {
	o := argocd.Own(e, "AppProject", "fleet", argocd.WaveHubProject)
	argocd.Finalize(o)
	o["spec"] = argocd.Admit("the hub planes of fleet "+e.Fleet.Name, []any{e.Fleet.Repository.URL}, "in-cluster")
	return o
}

// element is what the list holds of an environment: the name and the parts of the Application of its hub plane.
func element(e schema.Environment, member schema.Member) map[string]any {
	return map[string]any{
		"environment": member.Name,
		"name":        member.Name + "-hub",
		"labels": map[string]any{
			"app.kubernetes.io/managed-by": "spokewright",
			"spokewright.dev/class":        member.Class,
			"spokewright.dev/environment":  member.Name,
			"spokewright.dev/owner":        member.Owner,
		},
		"annotations": texts(argocd.Sources(e.Fleet, member.Name, member.Role)),
		"source":      argocd.Source(e.Fleet, member.Name, schema.Hub),
	}
}

// environments lists every environment of the hub that stays. An environment that leaves the list keeps its Application:
// taking an environment down is a decision of its own.
func environments(e schema.Environment) manifest.Object {
	var elements []any
	for _, spoke := range e.Spokes {
		if spoke.Retiring == "" {
			elements = append(elements, element(e, spoke))
		}
	}
	o := argocd.Own(e, "ApplicationSet", "environments", argocd.WaveEnvironments)
	// The hub is in its own list, and is not sick because one environment is.
	manifest.Annotate(o, map[string]string{"argocd.argoproj.io/ignore-healthcheck": "true"})
	argocd.Finalize(o)
	spec := argocd.LiteralSet(elements, nil, "fleet", "in-cluster", "environment", syncPolicy())
	spec["syncPolicy"] = argocd.KeepApplications()
	o["spec"] = spec
	return o
}

// leaving is the Application of an environment that is taken down, as an object of the hub's own plane: when that no
// longer has it, Argo CD deletes it, and by its finalizer all that it made, the last wave first. It replaces the object that
// the list has made (an update, for nothing forces it): what has an owner, as that has the list, Argo CD never prunes
// (gitops-engine, pkg/cache/cluster.go, GetManagedLiveObjs).
func leaving(e schema.Environment, spoke schema.Member) manifest.Object {
	id := manifest.ID{APIVersion: "argoproj.io/v1alpha1", Kind: "Application", Namespace: argocd.ArgoCDNamespace, Name: spoke.Name + "-hub"}
	o := argocd.Object(e, id, argocd.Placement{Wave: argocd.WaveLeaving})
	// As in the list: the hub is not sick because one environment is.
	manifest.Annotate(o, map[string]string{"argocd.argoproj.io/ignore-healthcheck": "true", "argocd.argoproj.io/sync-options": "Replace=true"})
	argocd.Finalize(o)
	manifest.Annotate(o, argocd.Sources(e.Fleet, spoke.Name, spoke.Role))
	o["spec"] = map[string]any{
		"project":     "fleet",
		"destination": map[string]any{"name": "in-cluster", "namespace": spoke.Name},
		"source":      argocd.Source(e.Fleet, spoke.Name, schema.Hub),
		"syncPolicy":  syncPolicy(),
	}
	return o
}

// syncPolicy is that of every hub plane. It never gives up, for an environment may wait for something at any time. What is
// as it should be is not applied again, so that a claim that is sick and was not changed does not stop what was.
func syncPolicy() map[string]any {
	return argocd.SyncPolicy(argocd.ForEver, true, "ApplyOutOfSyncOnly=true")
}

// Root is what starts a hub that has Argo CD and nothing else: the project, and the Application that the list of environments
// will take over. All else comes from Git.
func Root(e schema.Environment) []manifest.Object {
	if e.Role != "hub" {
		return nil
	}
	self := element(e, schema.Member{Name: e.Name, Role: e.Role, Class: e.Class.Name, Owner: e.Owner})
	o := manifest.New("argoproj.io/v1alpha1", "Application", argocd.ArgoCDNamespace, e.Application("hub"))
	metadata := o["metadata"].(map[string]any)
	metadata["labels"], metadata["annotations"] = self["labels"], self["annotations"]
	o["spec"] = map[string]any{
		"project":     "fleet",
		"destination": map[string]any{"name": "in-cluster", "namespace": e.Name},
		"source":      self["source"],
		"syncPolicy":  syncPolicy(),
	}
	return []manifest.Object{project(e), o}
}

func texts(values map[string]string) map[string]any {
	object := make(map[string]any, len(values))
	for name, value := range values {
		object[name] = value
	}
	return object
}

// claimsPolicy denies new claims outside the namespaces of environments, where no rule would judge them. What exists is left
// alone: claims of an environment that was taken out of the fleet must still be finished and deleted.
func claimsPolicy(e schema.Environment) manifest.Object {
	namespaces := make([]any, len(e.Spokes))
	for i, spoke := range e.Spokes {
		namespaces[i] = spoke.Name
	}
	var rules []any
	for _, kind := range e.Fleet.Claims.Kinds() {
		rules = append(rules, map[string]any{
			"apiGroups": []any{kind.Group()}, "apiVersions": []any{"*"}, "operations": []any{"CREATE"}, "resources": []any{kind.Plural},
		})
	}
	id := manifest.ID{APIVersion: e.Fleet.PolicyVersion(), Kind: "ValidatingPolicy", Name: "claims-live-in-environments"}
	o := argocd.Object(e, id, argocd.Placement{Wave: argocd.WavePolicies, Confirm: true, Foreign: true})
	o["spec"] = map[string]any{
		"validationActions": []any{"Deny"},
		"failurePolicy":     "Fail",
		"matchConstraints":  map[string]any{"resourceRules": rules},
		"validations": []any{map[string]any{
			"expression": "object.metadata.namespace in " + cel.Column(namespaces),
			"message":    "claims live in the namespace of an environment, where its rules judge them",
		}},
	}
	return o
}

// namespacesPolicy denies the deletion of a protected environment's namespace that nobody approved: with it would go the
// policies that guard what lies in it, and they go first. A class that the fleet no longer knows counts as protected.
func namespacesPolicy(e schema.Environment) manifest.Object {
	var free []any
	for _, name := range slices.Sorted(maps.Keys(e.Fleet.Classes)) {
		if !e.Fleet.Classes[name].Protected {
			free = append(free, name)
		}
	}
	id := manifest.ID{APIVersion: e.Fleet.PolicyVersion(), Kind: "ValidatingPolicy", Name: "environments-need-approval-to-go"}
	o := argocd.Object(e, id, argocd.Placement{Wave: argocd.WavePolicies, Confirm: true, Foreign: true})
	o["spec"] = map[string]any{
		"validationActions": []any{"Deny"},
		"failurePolicy":     "Fail",
		"matchConstraints": map[string]any{"resourceRules": []any{map[string]any{
			"apiGroups": []any{""}, "apiVersions": []any{"v1"}, "operations": []any{"DELETE"}, "resources": []any{"namespaces"},
		}}},
		"matchConditions": []any{
			map[string]any{"name": "of-an-environment", "expression": "oldObject.metadata.?labels[?'spokewright.dev/environment'].hasValue()"},
			map[string]any{"name": "protected", "expression": "!(oldObject.metadata.?labels[?'spokewright.dev/class'].orValue('') in " + cel.Column(free) + ")"},
		},
		"validations": []any{map[string]any{
			"expression": "oldObject.metadata.?annotations[?'spokewright.dev/deletion-approved'].orValue('') == 'true'",
			"message":    `set the annotation spokewright.dev/deletion-approved: "true" on the namespace before you delete it with all that lies in it`,
		}},
	}
	return o
}
