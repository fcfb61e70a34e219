// Package applications makes what runs the apps of an environment: the AppProjects that fence them and the platform in, the
// ApplicationSets of its apps and addons, and the Application of its spoke plane. Images are not its concern.
package applications

import (
	"maps"
	"slices"
	"strings"

	"spokewright.dev/spokewright/internal/argocd"
	"spokewright.dev/spokewright/internal/manifest"
	"spokewright.dev/spokewright/schema"
)

// Make appends the projects, the sets and the spoke plane's Application to the environment's hub plane.
func Make(e schema.Environment, plane schema.Plane, items []manifest.Object) []manifest.Object {
	if plane != schema.Hub {
		return items
	}
	items = append(items, platform(e))
	if e.Role == "hub" {
		items = append(items, spokePlane(e))
	}
	for order := range int64(schema.LastOrder + 1) {
		if elements := addons(e, order); len(elements) > 0 {
			items = append(items, set(e, e.AddonSet(order), e.PlatformProject(), argocd.WaveAddons+int(order), elements, addonPolicy(e, e.AddonPruning())))
		}
	}
	if e.Role != "hub" {
		items = append(items, spokePlane(e))
	}
	items = append(items, project(e))
	if elements := apps(e); len(elements) > 0 {
		items = append(items, set(e, e.Name+"-apps", e.Name, argocd.WaveApps, elements, appPolicy(e, schema.Last)))
	}
	return items
}

// platform is the project of what the environment's owners bring: addons and the spoke plane. It admits all of the cluster.
func platform(e schema.Environment) manifest.Object {
	repositories := map[string]bool{e.Fleet.Repository.URL: true}
	for _, addon := range e.Addons {
		if addon.Enabled {
			repositories[repository(addon.Repository, addon.Chart)] = true
		}
	}
	wave := argocd.WaveProject
	if e.Role == "hub" {
		wave = argocd.WaveHubProject
	}
	object := argocd.Own(e, "AppProject", e.PlatformProject(), wave)
	argocd.Finalize(object)
	object["spec"] = argocd.Admit("the platform of environment "+e.Name+" of class "+e.Class.Name, list(sorted(repositories)), argocd.Destination(e))
	return object
}

// project is that of the apps: their repositories, and the namespaces that the spec has for them. A hub's own cluster rules the fleet:
// apps make nothing there that is in no namespace.
func project(e schema.Environment) manifest.Object {
	repositories, namespaces := map[string]bool{}, map[string]bool{}
	for _, app := range e.Apps {
		repositories[repository(app.Repository, app.Chart)] = true
		namespaces[app.Namespace] = true
	}
	for name := range e.Namespaces {
		namespaces[name] = true
	}
	object := argocd.Own(e, "AppProject", e.Name, argocd.WaveAppProject)
	argocd.Finalize(object)
	spec := argocd.AdmitNamespaces("the apps of environment "+e.Name+" of class "+e.Class.Name, list(sorted(repositories)), argocd.Destination(e), sorted(namespaces)...)
	if e.Role != "hub" {
		spec["clusterResourceWhitelist"] = []any{map[string]any{"group": "*", "kind": "*"}}
	}
	object["spec"] = spec
	return object
}

func sorted(names map[string]bool) []string { return slices.Sorted(maps.Keys(names)) }

// spokePlane is the Application that brings the spoke plane to the spoke.
func spokePlane(e schema.Environment) manifest.Object {
	wave := argocd.WaveSpokePlane
	if e.Role == "hub" {
		wave = argocd.WaveHubSpokePlane
	}
	object := argocd.Own(e, "Application", e.Application("spoke"), wave)
	manifest.Annotate(object, argocd.Sources(e.Fleet, e.Name, e.Role))
	object["spec"] = map[string]any{
		"project":     e.PlatformProject(),
		"destination": map[string]any{"name": argocd.Destination(e), "namespace": "default"},
		"source":      argocd.Source(e.Fleet, e.Name, schema.Spoke),
		"syncPolicy":  spokePolicy(e),
	}
	return object
}

// apps are the list elements of the environment's apps. Each holds whole objects, which the set's patch puts in place.
func apps(e schema.Environment) []any {
	var elements []any
	for _, name := range slices.Sorted(maps.Keys(e.Apps)) {
		app := e.Apps[name]
		one := element(e, name, app.Namespace, app.Chart, appSource(name, app))
		if app.Pruning != schema.Last {
			one[argocd.OwnSyncPolicy] = appPolicy(e, app.Pruning)
		}
		elements = append(elements, one)
	}
	return elements
}

// addons are the list elements of the addons of an order.
func addons(e schema.Environment, order int64) []any {
	var elements []any
	for _, name := range slices.Sorted(maps.Keys(e.Addons)) {
		addon := e.Addons[name]
		if !addon.Enabled || addon.Order != order {
			continue
		}
		one := element(e, name, addon.Namespace, addon.Chart, map[string]any{
			"repoURL": repository(addon.Repository, addon.Chart), "chart": addon.Chart, "targetRevision": addon.Version, "helm": helm(name, addon.Values),
		})
		if addon.Pruning != "" && addon.Pruning != e.AddonPruning() {
			one[argocd.OwnSyncPolicy] = addonPolicy(e, addon.Pruning)
		}
		elements = append(elements, one)
	}
	return elements
}

func element(e schema.Environment, name, namespace, chart string, source map[string]any) map[string]any {
	return map[string]any{
		"app":         name,
		"name":        e.Application(name),
		"namespace":   namespace,
		"labels":      map[string]any{"spokewright.dev/app": name},
		"annotations": argocd.Comparing(e.Fleet, chart),
		"source":      source,
	}
}

func appSource(name string, app schema.App) map[string]any {
	source := map[string]any{"repoURL": repository(app.Repository, app.Chart)}
	if app.Chart != "" {
		source["chart"], source["targetRevision"] = app.Chart, app.Version
	} else {
		source["path"], source["targetRevision"] = app.Path, app.Revision
	}
	switch app.Type {
	case "helm":
		options := helm(name, app.Values)
		if file := app.ValuesFile(); file != "" {
			options["valueFiles"] = []any{file}
		}
		source["helm"] = options
	case "directory":
		source["directory"] = map[string]any{"recurse": app.Recurse}
	}
	return source
}

// repository is the address of a source as Argo CD wants it. A registry of charts stands there without its scheme, with which
// all of it would be read as one artifact and the chart's name not at all (Argo CD 3.2, ApplicationSource.IsOCI, IsHelmOciRepo).
func repository(address, chart string) string {
	if chart == "" {
		return address
	}
	return strings.TrimPrefix(address, "oci://")
}

func helm(release string, values map[string]any) map[string]any {
	options := map[string]any{"releaseName": release}
	switch {
	case len(values) == 0:
	case argocd.Merges(values):
		options["valuesObject"] = values
	default: // a text is merged as a whole
		options["values"] = string(manifest.Append(nil, values))
	}
	return options
}

// set is an ApplicationSet of literal elements: nothing is looked up, so nothing can be found empty.
func set(e schema.Environment, name, project string, wave int, elements []any, policy map[string]any) manifest.Object {
	object := argocd.Own(e, "ApplicationSet", name, wave)
	labels := map[string]any{}
	for label, value := range argocd.ObjectLabels(e) {
		labels[label] = value
	}
	spec := argocd.LiteralSet(elements, labels, project, argocd.Destination(e), "namespace", policy)
	switch {
	case e.Retiring != "": // its Applications go with it; what they brought goes with them, or with the cluster
		spec["syncPolicy"] = map[string]any{"applicationsSync": "sync", "preserveResourcesOnDeletion": project == e.PlatformProject() || e.Retiring == schema.Release}
		argocd.Finalize(object)
	case e.Class.Protected: // what an app made goes with its namespace, which waits for a confirmation
		spec["syncPolicy"] = argocd.KeepResources()
		argocd.Finalize(object)
	}
	object["spec"] = spec
	return object
}

// appPolicy is that of an app, whose releases come and go.
func appPolicy(e schema.Environment, pruning string) map[string]any {
	return syncPolicy(e, 10, pruning)
}

// addonPolicy is that of an addon, which never gives up: it may wait for the spoke plane.
func addonPolicy(e schema.Environment, pruning string) map[string]any {
	return syncPolicy(e, argocd.ForEver, pruning)
}

// spokePolicy is that of the spoke plane, which has namespaces with all that lies in them.
func spokePolicy(e schema.Environment) map[string]any {
	if e.Protected() {
		return syncPolicy(e, argocd.ForEver, schema.Confirm)
	}
	return syncPolicy(e, argocd.ForEver, "")
}

// syncPolicy syncs by itself, and prunes as it is said: what waits for a confirmation is pruned before anything new comes, and
// so keeps all of it waiting. Argo CD before 3.4 knows that option on single objects only, so there nothing is pruned by itself. What is
// taken down asks nobody any more, and what an environment takes over still bears the name of another one's Application.
func syncPolicy(e schema.Environment, retries int, pruning string) map[string]any {
	prune := true
	var options []any
	switch {
	case pruning == schema.Confirm && e.Retiring == "":
		prune = !e.Fleet.Targets.ArgoCD.Before("3.4")
		options = append(options, "Prune=confirm")
	case pruning != "":
		options = append(options, "PruneLast=true")
	}
	if e.Protected() {
		options = append(options, "Delete=confirm")
	}
	policy := argocd.SyncPolicy(retries, prune, options...)
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
