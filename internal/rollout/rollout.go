// Package rollout keeps sets of Compositions on a hub beside its own, so that a change of these reaches one class after the
// other. Which set an environment has is for its spec to say, and what a Composition makes for the Composition.
package rollout

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"spokewright.dev/spokewright/internal/claim"
	"spokewright.dev/spokewright/internal/crossplane/compositions"
	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/manifest"
)

// File is where a set stands, in the overlay of the hub's spoke plane.
func File(set string) string { return "compositions-" + set + ".yaml" }

// Keep gives the Compositions of the set from as those of the set to, and what activates their kinds where Crossplane asks for
// that. plane is the hub's spoke plane as it is rendered, with what a team has patched in it.
func Keep(plane []manifest.Object, from, to string) ([]manifest.Object, error) {
	var kept []manifest.Object
	originals, activated := map[string]string{}, false
	for _, object := range plane {
		id := manifest.Identify(object)
		activated = activated || id.Kind == "ManagedResourceActivationPolicy"
		if id.Kind != "Composition" || id.Group() != "apiextensions.crossplane.io" {
			continue
		}
		name, is := member(object, from)
		if !is {
			continue
		}
		name = strings.TrimSuffix(name, "."+from) + "." + to
		if other, twice := originals[name]; twice {
			return nil, finding.Wrong(finding.NameTaken, "found the compositions %q and %q for the same claims, of which Crossplane takes any: give one of them another label than the cloud, the origin and the engine that claims ask for, or take it out", other, id.Name)
		}
		originals[name] = id.Name
		kept = append(kept, renamed(object, name, to))
	}
	if len(kept) == 0 {
		return nil, finding.Findings{{Code: finding.UnknownName, Message: fmt.Sprintf("--from: found %q, and the hub has no such compositions, allowed is %s", from, finding.OneOf(finding.Quoted(Sets(plane)))),
			Suggestion: finding.Suggest(from, Sets(plane))}}
	}
	if activated {
		kept = append(kept, compositions.Activating("spokewright."+to, kept))
	}
	return kept, nil
}

// member is the name that a Composition has in a set, where it is of that: one of the hub's own by what its labels say, of
// another set by its own name.
func member(composition manifest.Object, set string) (name string, is bool) {
	labels, _ := manifest.MapAt(composition, "metadata", "labels")
	if set != claim.Bases {
		return manifest.Identify(composition).Name, labels[claim.SetLabel] == set
	}
	if labels[claim.SetLabel] != nil || labels[claim.CloudLabel] == nil {
		return "", false
	}
	kind := strings.TrimPrefix(manifest.TextAt(composition, "spec", "compositeTypeRef", "kind"), "X")
	return claim.Composition(kind, claim.Bases, labels), true
}

// renamed is a Composition as one of a set: labels by which claims without a set would choose it are gone.
func renamed(composition manifest.Object, name, set string) manifest.Object {
	copied := manifest.Copy(composition)
	manifest.Set(copied, name, "metadata", "name")
	labels, _ := manifest.MapAt(copied, "metadata", "labels")
	for label := range labels {
		if slices.Contains([]string{claim.CloudLabel, claim.OriginLabel, claim.EngineLabel}, label) {
			delete(labels, label)
		}
	}
	manifest.Label(copied, map[string]string{claim.SetLabel: set})
	return copied
}

// Sets are those that a hub has, its own first.
func Sets(plane []manifest.Object) []string {
	sets := []string{}
	for _, object := range plane {
		if set := manifest.TextAt(object, "metadata", "labels", claim.SetLabel); set != "" {
			sets = append(sets, set)
		}
	}
	slices.Sort(sets)
	return append([]string{claim.Bases}, slices.Compact(sets)...)
}

// Text is a set as a file.
func Text(set string, objects []manifest.Object) []byte {
	head := fmt.Sprintf("# The set %q, as spokewright compositions %[1]s wrote it: what makes the clusters, networks and databases of environments that name it.\n", set)
	return append([]byte(head), manifest.Stream(objects)...)
}

var (
	flow  = regexp.MustCompile(`(?m)^resources: *\[[^\]\n]*`)
	block = regexp.MustCompile(`(?m)^resources: *\n((?: *#.*\n)*)( *)- `)
)

// Listed is a kustomization with a file among its resources; false where it has none to add to, in a form that is known.
func Listed(kustomization []byte, file string) ([]byte, bool) {
	if regexp.MustCompile(`(?m)^resources:[^\n]*[\[, ]` + regexp.QuoteMeta(file) + `\b|^ *- ` + regexp.QuoteMeta(file) + ` *$`).Match(kustomization) {
		return kustomization, true
	}
	if at := flow.FindIndex(kustomization); at != nil && kustomization[at[1]] == ']' {
		separator := ", "
		if bytes.HasSuffix(bytes.TrimSpace(kustomization[at[0]:at[1]]), []byte("[")) {
			separator = ""
		}
		return slices.Concat(kustomization[:at[1]], []byte(separator+file), kustomization[at[1]:]), true
	}
	if at := block.FindSubmatchIndex(kustomization); at != nil {
		indent := string(kustomization[at[4]:at[5]])
		start := at[4]
		return slices.Concat(kustomization[:start], []byte(indent+"- "+file+"\n"), kustomization[start:]), true
	}
	return nil, false
}
