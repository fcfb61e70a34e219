// Package addons makes on the spoke what addons make of the kinds that their charts bring. The charts themselves are for
// package applications.
package addons

import (
	"maps"
	"slices"

	"spokewright.dev/spokewright/internal/argocd"
	"spokewright.dev/spokewright/internal/manifest"
	"spokewright.dev/spokewright/schema"
)

// Make appends the objects of addons to the spoke plane.
func Make(e schema.Environment, plane schema.Plane, items []manifest.Object) []manifest.Object {
	if plane != schema.Spoke {
		return items
	}
	for _, name := range slices.Sorted(maps.Keys(e.Addons)) {
		addon := e.Addons[name]
		if !addon.Enabled {
			continue
		}
		for _, object := range slices.Sorted(maps.Keys(addon.Objects)) {
			items = append(items, whole(e, addon.Objects[object]))
		}
	}
	return items
}

// whole is an object as the spec has it, with the environment's labels, and the annotations by which Argo CD applies it.
func whole(e schema.Environment, said map[string]any) manifest.Object {
	made := argocd.Object(e, manifest.Identify(said), argocd.Placement{Wave: argocd.WaveAddonObjects, Confirm: true, Foreign: true})
	for field, value := range manifest.Copy(said) {
		if field != "metadata" {
			made[field] = value
		}
	}
	for _, field := range []string{"labels", "annotations"} {
		if own, has := manifest.MapAt(said, "metadata", field); has {
			metadata := made["metadata"].(map[string]any)
			all := maps.Clone(own)
			maps.Copy(all, metadata[field].(map[string]any))
			metadata[field] = all
		}
	}
	return made
}
