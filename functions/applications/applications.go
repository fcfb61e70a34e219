// Package applications makes what runs the apps of an environment: the AppProject that fences them in, the
// ApplicationSets of its apps and addons, and the Application of its spoke plane. Images are not its concern.
package applications

import (
	"maps"
	"slices"

	"spokewright.dev/spokewright/internal/argocd"
	"spokewright.dev/spokewright/internal/manifest"
	"spokewright.dev/spokewright/schema"
)

// Make appends the project, the sets and the spoke plane's Application to the environment's hub plane.
func Make(e schema.Environment, plane schema.Plane, items []manifest.Object) []manifest.Object {
	if plane != schema.Hub {
		return items
	}
	items = append(items, project(e))
	if elements := addons(e); len(elements) > 0 {
		items = append(items, set(e, "addons", argocd.WaveAddons, elements))
	}
	items = append(items, spokePlane(e))
	if elements := apps(e); len(elements) > 0 {
		items = append(items, set(e, "apps", argocd.WaveApps, elements))
	}
	return items
}

// project admits this environment's cluster and the repositories that its spec names, nothing else.
func project(e schema.Environment) manifest.Object {
	repositories := map[string]bool{e.Fleet.Repository.URL: true}
	for _, app := range e.Apps {
		repositories[app.Repository] = true
	}
	for _, addon := range e.Addons {
		if addon.Enabled {
			repositories[addon.Repository] = true
		}
	}
	object := argo(e, "AppProject", e.Name, argocd.WaveProject)
	object["metadata"].(map[string]any)["finalizers"] = []any{"resources-finalizer.argocd.argoproj.io"}
	object["spec"] = map[string]any{
		"description":              "environment " + e.Name + " of class " + e.Class.Name,
		"sourceRepos":              list(slices.Sorted(maps.Keys(repositories))),
		"destinations":             []any{map[string]any{"name": argocd.Destination(e), "namespace": "*"}},
		"clusterResourceWhitelist": []any{map[string]any{"group": "*", "kind": "*"}},
	}
	return object
}

// spokePlane is the Application that brings the spoke plane to the spoke.
func spokePlane(e schema.Environment) manifest.Object {
	object := argo(e, "Application", e.Application("spoke"), argocd.WaveSpokePlane)
	manifest.Annotate(object, argocd.Sources(e.Fleet, e.Name, e.Role))
	object["spec"] = map[string]any{
		"project":     e.Name,
		"destination": map[string]any{"name": argocd.Destination(e), "namespace": "default"},
		"source":      argocd.Source(e.Fleet, e.Name, schema.Spoke),
		"syncPolicy":  syncPolicy(e),
	}
	return object
}

func argo(e schema.Environment, kind, name string, wave int) manifest.Object {
	object := manifest.New("argoproj.io/v1alpha1", kind, argocd.ArgoCDNamespace, name)
	manifest.Label(object, argocd.ObjectLabels(e))
	manifest.Annotate(object, argocd.Wave(wave))
	manifest.Annotate(object, argocd.SyncOptions(e, true, false))
	return object
}

// apps are the list elements of the environment's apps. Each holds whole objects, which the set's patch puts in place.
func apps(e schema.Environment) []any {
	var elements []any
	for _, name := range slices.Sorted(maps.Keys(e.Apps)) {
		app := e.Apps[name]
		elements = append(elements, element(e, name, app.Namespace, appSource(name, app)))
	}
	return elements
}

func addons(e schema.Environment) []any {
	var elements []any
	for _, name := range slices.Sorted(maps.Keys(e.Addons)) {
		addon := e.Addons[name]
		if !addon.Enabled {
			continue
		}
		elements = append(elements, element(e, name, addon.Namespace, map[string]any{
			"repoURL": addon.Repository, "chart": addon.Chart, "targetRevision": addon.Version, "helm": helm(name, addon.Values),
		}))
	}
	return elements
}

func element(e schema.Environment, name, namespace string, source map[string]any) map[string]any {
	return map[string]any{
		"app":         name,
		"name":        e.Application(name),
		"namespace":   namespace,
		"labels":      map[string]any{"spokewright.dev/app": name},
		"annotations": map[string]any{},
		"source":      source,
	}
}

func appSource(name string, app schema.App) map[string]any {
	source := map[string]any{"repoURL": app.Repository}
	if app.Chart != "" {
		source["chart"], source["targetRevision"] = app.Chart, app.Version
	} else {
		source["path"], source["targetRevision"] = app.Path, app.Revision
	}
	switch app.Type {
	case "helm":
		source["helm"] = helm(name, app.Values)
	case "directory":
		source["directory"] = map[string]any{"recurse": app.Recurse}
	}
	return source
}

func helm(release string, values map[string]any) map[string]any {
	options := map[string]any{"releaseName": release}
	if len(values) > 0 {
		options["valuesObject"] = values
	}
	return options
}

// patch puts the objects of an element into its Application. It is merged into the template, so the template's
// source holds nothing but what every element has.
const patch = `metadata:
  annotations: {{ toJson .annotations }}
  labels: {{ toJson .labels }}
spec:
  source: {{ toJson .source }}
`

// set is an ApplicationSet of literal elements: nothing is looked up, so nothing can be found empty.
func set(e schema.Environment, part string, wave int, elements []any) manifest.Object {
	object := argo(e, "ApplicationSet", e.Name+"-"+part, wave)
	labels := map[string]any{}
	for name, value := range argocd.ObjectLabels(e) {
		labels[name] = value
	}
	spec := map[string]any{
		"goTemplate":        true,
		"goTemplateOptions": []any{"missingkey=error"},
		"generators":        []any{map[string]any{"list": map[string]any{"elements": elements}}},
		"template": map[string]any{
			"metadata": map[string]any{"name": "{{ .name }}", "labels": labels},
			"spec": map[string]any{
				"project":     e.Name,
				"destination": map[string]any{"name": argocd.Destination(e), "namespace": "{{ .namespace }}"},
				"source":      map[string]any{"repoURL": "{{ .source.repoURL }}"},
				"syncPolicy":  syncPolicy(e),
			},
		},
		"templatePatch": patch,
	}
	if e.Class.Protected {
		spec["syncPolicy"] = map[string]any{"applicationsSync": "create-update", "preserveResourcesOnDeletion": true}
		object["metadata"].(map[string]any)["finalizers"] = []any{"resources-finalizer.argocd.argoproj.io"}
	}
	object["spec"] = spec
	return object
}

// syncPolicy syncs by itself; what is protected waits for a confirmation before anything is removed. Argo CD before
// 3.4 knows that option on single objects only, so there nothing is pruned by itself.
func syncPolicy(e schema.Environment) map[string]any {
	options := []any{"FailOnSharedResource=true", "ServerSideApply=true"}
	prune := true
	if e.Class.Protected {
		options = append(options, "Prune=confirm", "Delete=confirm")
		prune = !e.Fleet.Targets.ArgoCD.Before("3.4")
	}
	return map[string]any{
		"automated":   map[string]any{"prune": prune, "selfHeal": true, "allowEmpty": false},
		"syncOptions": options,
		"retry":       map[string]any{"limit": 10, "backoff": map[string]any{"duration": "10s", "factor": 2, "maxDuration": "5m"}},
	}
}

func list(words []string) []any {
	values := make([]any, len(words))
	for i, word := range words {
		values[i] = word
	}
	return values
}
