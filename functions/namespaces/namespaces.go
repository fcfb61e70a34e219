// Package namespaces makes the namespaces of an environment: its own on the hub, where its claims live, and those
// of its apps and addons on the spoke.
package namespaces

import (
	"maps"
	"slices"

	"spokewright.dev/spokewright/internal/argocd"
	"spokewright.dev/spokewright/internal/manifest"
	"spokewright.dev/spokewright/schema"
)

// Make appends the namespaces of a plane.
func Make(e schema.Environment, plane schema.Plane, items []manifest.Object) []manifest.Object {
	if plane == schema.Hub {
		return append(items, hub(e))
	}
	labels := spoke(e)
	for _, name := range slices.Sorted(maps.Keys(labels)) {
		object := manifest.New("v1", "Namespace", "", name)
		manifest.Label(object, argocd.ObjectLabels(e))
		manifest.Label(object, labels[name])
		manifest.Annotate(object, argocd.Wave(argocd.WaveNamespace))
		manifest.Annotate(object, argocd.SyncOptions(e, true, false))
		items = append(items, object)
	}
	return items
}

func hub(e schema.Environment) manifest.Object {
	object := manifest.New("v1", "Namespace", "", e.Name)
	manifest.Label(object, argocd.ObjectLabels(e))
	manifest.Annotate(object, argocd.Wave(argocd.WaveNamespace))
	manifest.Annotate(object, argocd.SyncOptions(e, true, false))
	return object
}

// spoke gives the labels of each namespace. Addons watch the nodes, which the stricter Pod Security levels forbid.
func spoke(e schema.Environment) map[string]map[string]string {
	const level = "pod-security.kubernetes.io/enforce"
	labels := map[string]map[string]string{}
	for _, addon := range e.Addons {
		if addon.Enabled {
			labels[addon.Namespace] = map[string]string{level: "privileged"}
		}
	}
	for _, app := range e.Apps {
		labels[app.Namespace] = map[string]string{level: e.Class.PodSecurity}
	}
	for name, namespace := range e.Namespaces {
		labels[name] = map[string]string{level: e.Class.PodSecurity}
		maps.Copy(labels[name], namespace.Labels)
	}
	return labels
}
