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
		own := namespace(e, e.Name, argocd.WaveNamespace)
		manifest.Annotate(own, e.Approval())
		return append(items, own)
	}
	labels := spoke(e)
	for _, name := range slices.Sorted(maps.Keys(labels)) {
		if schema.KubernetesNamespace(name) {
			continue
		}
		object := namespace(e, name, wave(e, name))
		manifest.Label(object, labels[name])
		items = append(items, object)
	}
	return items
}

func namespace(e schema.Environment, name string, wave int) manifest.Object {
	return argocd.Object(e, manifest.ID{APIVersion: "v1", Kind: "Namespace", Name: name}, argocd.Placement{Wave: wave, Confirm: true})
}

// wave puts the namespaces of addons, which bring the kinds of policies, before these, and all others after them.
func wave(e schema.Environment, name string) int {
	for _, addon := range e.Addons {
		if addon.Enabled && slices.Contains(addon.Namespaces(), name) {
			return argocd.WaveNamespace
		}
	}
	return argocd.WaveAppNamespace
}

// spoke gives the labels of each namespace. Addons watch the nodes, which the stricter Pod Security levels forbid: what else is
// in a namespace of theirs changes nothing of that.
func spoke(e schema.Environment) map[string]map[string]string {
	const level = "pod-security.kubernetes.io/enforce"
	labels := map[string]map[string]string{}
	for _, app := range e.Apps {
		labels[app.Namespace] = map[string]string{level: e.Class.PodSecurity}
	}
	for name, namespace := range e.Namespaces {
		labels[name] = map[string]string{level: e.Class.PodSecurity}
		maps.Copy(labels[name], namespace.Labels)
	}
	for _, addon := range e.Addons {
		if !addon.Enabled {
			continue
		}
		for _, name := range addon.Namespaces() {
			labels[name] = map[string]string{level: "privileged"}
			maps.Copy(labels[name], e.Namespaces[name].Labels)
		}
	}
	return labels
}
