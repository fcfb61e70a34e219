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

func object(e schema.Environment, apiVersion, kind, namespace, name string, wave int) manifest.Object {
	o := manifest.New(apiVersion, kind, namespace, name)
	manifest.Label(o, argocd.ObjectLabels(e))
	manifest.Annotate(o, argocd.Wave(wave))
	manifest.Annotate(o, argocd.SyncOptions(e, true, namespace == ""))
	return o
}

// project is for hub planes: this repository, this cluster.
func project(e schema.Environment) manifest.Object {
	o := object(e, "argoproj.io/v1alpha1", "AppProject", argocd.ArgoCDNamespace, "fleet", argocd.WaveProject)
	o["metadata"].(map[string]any)["finalizers"] = []any{"resources-finalizer.argocd.argoproj.io"}
	o["spec"] = map[string]any{
		"description":              "the hub planes of fleet " + e.Fleet.Name,
		"sourceRepos":              []any{e.Fleet.Repository.URL},
		"destinations":             []any{map[string]any{"name": "in-cluster", "namespace": "*"}},
		"clusterResourceWhitelist": []any{map[string]any{"group": "*", "kind": "*"}},
	}
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
	o := object(e, "argoproj.io/v1alpha1", "ApplicationSet", argocd.ArgoCDNamespace, "environments", argocd.WaveApps)
	o["metadata"].(map[string]any)["finalizers"] = []any{"resources-finalizer.argocd.argoproj.io"}
	o["spec"] = map[string]any{
		"goTemplate":        true,
		"goTemplateOptions": []any{"missingkey=error"},
		"generators":        []any{map[string]any{"list": map[string]any{"elements": elements}}},
		"syncPolicy":        map[string]any{"applicationsSync": "create-update", "preserveResourcesOnDeletion": true},
		"template": map[string]any{
			"metadata": map[string]any{"name": "{{ .name }}"},
			"spec": map[string]any{
				"project":     "fleet",
				"destination": map[string]any{"name": "in-cluster", "namespace": "{{ .environment }}"},
				"source":      map[string]any{"repoURL": "{{ .source.repoURL }}"},
				"syncPolicy": map[string]any{
					"automated":   map[string]any{"prune": true, "selfHeal": true, "allowEmpty": false},
					"syncOptions": []any{"FailOnSharedResource=true", "ServerSideApply=true"},
					"retry":       map[string]any{"limit": 10, "backoff": map[string]any{"duration": "10s", "factor": 2, "maxDuration": "5m"}},
				},
			},
		},
		"templatePatch": patch,
	}
	return o
}

// patch puts the objects of an element into its Application.
const patch = `metadata:
  annotations: {{ toJson .annotations }}
  labels: {{ toJson .labels }}
spec:
  source: {{ toJson .source }}
`

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
	o := object(e, e.Fleet.PolicyVersion(), "ValidatingPolicy", "", "claims-live-in-environments", argocd.WavePolicies)
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
