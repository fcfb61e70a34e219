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
	if e.Role == "hub" {
		items = append(items, spokePlane(e))
	}
	if elements := addons(e); len(elements) > 0 {
		items = append(items, set(e, "addons", argocd.WaveAddons, argocd.ForEver, elements))
	}
	if e.Role != "hub" {
		items = append(items, spokePlane(e))
	}
	if elements := apps(e); len(elements) > 0 {
		items = append(items, set(e, "apps", argocd.WaveApps, 10, elements))
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
	wave := argocd.WaveProject
	if e.Role == "hub" {
		wave = argocd.WaveHubProject
	}
	object := argocd.Own(e, "AppProject", e.Name, wave)
	argocd.Finalize(object)
	object["spec"] = argocd.Admit("environment "+e.Name+" of class "+e.Class.Name, list(slices.Sorted(maps.Keys(repositories))), argocd.Destination(e))
	return object
}

// spokePlane is the Application that brings the spoke plane to the spoke.
func spokePlane(e schema.Environment) manifest.Object {
	wave := argocd.WaveSpokePlane
	if e.Role == "hub" {
		wave = argocd.WaveHubSpokePlane
	}
	object := argocd.Own(e, "Application", e.Application("spoke"), wave)
	manifest.Annotate(object, argocd.Sources(e.Fleet, e.Name, e.Role))
	object["spec"] = map[string]any{
		"project":     e.Name,
		"destination": map[string]any{"name": argocd.Destination(e), "namespace": "default"},
		"source":      argocd.Source(e.Fleet, e.Name, schema.Spoke),
		"syncPolicy":  syncPolicy(e, argocd.ForEver),
	}
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

// set is an ApplicationSet of literal elements: nothing is looked up, so nothing can be found empty. A sync that fails is
// tried again so many times.
func set(e schema.Environment, part string, wave, retries int, elements []any) manifest.Object {
	object := argocd.Own(e, "ApplicationSet", e.Name+"-"+part, wave)
	labels := map[string]any{}
	for name, value := range argocd.ObjectLabels(e) {
		labels[name] = value
	}
	spec := argocd.LiteralSet(elements, labels, e.Name, argocd.Destination(e), "namespace", syncPolicy(e, retries))
	switch {
	case e.Retiring != "": // its Applications go with it; what they brought goes with them, or with the cluster
		spec["syncPolicy"] = map[string]any{"applicationsSync": "sync", "preserveResourcesOnDeletion": part != "apps" || e.Retiring == schema.Release}
		argocd.Finalize(object)
	case e.Class.Protected:
		spec["syncPolicy"] = argocd.KeepApplications()
		argocd.Finalize(object)
	}
	object["spec"] = spec
	return object
}

// syncPolicy syncs by itself; what is protected waits for a confirmation before anything is removed. Argo CD before
// 3.4 knows that option on single objects only, so there nothing is pruned by itself. What an environment takes over
// still bears the name of another one's Application.
func syncPolicy(e schema.Environment, retries int) map[string]any {
	policy := argocd.SyncPolicy(retries, true)
	if e.Protected() {
		policy = argocd.SyncPolicy(retries, !e.Fleet.Targets.ArgoCD.Before("3.4"), "Prune=confirm", "Delete=confirm")
	}
	if e.TakesOver() {
		policy["syncOptions"] = slices.DeleteFunc(policy["syncOptions"].([]any), func(option any) bool { return option == argocd.FailOnShared })
	}
	return policy
}

func list(words []string) []any {
	values := make([]any, len(words))
	for i, word := range words {
		values[i] = word
	}
	return values
}
