package compositions

import (
	"maps"
	"slices"
	"strings"

	"spokewright.dev/spokewright/internal/manifest"
)

// Activation activates the kinds of managed resources that Compositions use and no others, for Crossplane 2: of all that
// the providers have, more than a thousand, a hub's API server then serves some fifty.
func Activation(files map[string][]manifest.Object) manifest.Object {
	return Activating("spokewright", slices.Concat(slices.Collect(maps.Values(files))...))
}

// Activating activates, under a name, the kinds of managed resources that some Compositions use.
func Activating(name string, compositions []manifest.Object) manifest.Object {
	object := manifest.New("apiextensions.crossplane.io/v1alpha1", "ManagedResourceActivationPolicy", "", name)
	manifest.Annotate(object, map[string]string{
		"argocd.argoproj.io/sync-wave":    "-46",
		"argocd.argoproj.io/sync-options": "Prune=confirm,Delete=confirm,SkipDryRunOnMissingResource=true",
	})
	names := map[string]bool{}
	for _, composition := range compositions {
		for _, kind := range Managed(composition) {
			names[plural(kind.Kind)+"."+kind.Group()] = true
		}
	}
	activate := []any{}
	for _, kind := range slices.Sorted(maps.Keys(names)) {
		activate = append(activate, kind)
	}
	object["spec"] = map[string]any{"activate": activate}
	return object
}

// Managed gives the kinds of the managed resources that a Composition composes, in its order.
func Managed(composition manifest.Object) []manifest.ID {
	var kinds []manifest.ID
	for _, base := range bases(composition) {
		if spec, _ := base["spec"].(map[string]any); spec["managementPolicies"] != nil {
			id := manifest.Identify(base)
			kinds = append(kinds, manifest.ID{APIVersion: id.APIVersion, Kind: id.Kind})
		}
	}
	return kinds
}

// bases are the objects that a Composition's resources start from.
func bases(composition manifest.Object) []map[string]any {
	var all []map[string]any
	for _, step := range manifest.MapsAt(composition, "spec", "pipeline") {
		for _, resource := range manifest.MapsAt(step, "input", "resources") {
			if base, is := resource["base"].(map[string]any); is {
				all = append(all, base)
			}
		}
	}
	return all
}

// plural is the plural of a kind as upjet and controller-gen make it (gobuffalo/flect, for the words that clouds use).
func plural(kind string) string {
	word := strings.ToLower(kind)
	switch {
	case strings.HasSuffix(word, "s"):
		return word + "es"
	case strings.HasSuffix(word, "y") && !strings.ContainsAny(word[len(word)-2:len(word)-1], "aeiou"):
		return word[:len(word)-1] + "ies"
	}
	return word + "s"
}
