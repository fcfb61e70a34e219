package claim

import (
	"strings"

	"spokewright.dev/spokewright/internal/manifest"
)

// The labels of Compositions that claims choose by.
const (
	CloudLabel  = "spokewright.dev/cloud"
	OriginLabel = "spokewright.dev/origin" // Created or Adopted
	EngineLabel = "spokewright.dev/engine"
	// SetLabel is what a set of Compositions is called. Its members are found by their names alone.
	SetLabel = "spokewright.dev/compositions"
)

// What is asked for is made, or is there already.
const (
	Created = "created"
	Adopted = "adopted"
)

// Bases is the set of the hub's own Compositions, called as those of bases/ are.
const Bases = "bases"

// Composition is the name of the Composition of a set that a claim of a kind ("Database") chooses by labels: in every set it
// is called alike, so that a hub that has forgotten all finds it again.
func Composition(kind, set string, labels map[string]any) string {
	text := func(label string) string { value, _ := labels[label].(string); return value }
	parts := []string{text(CloudLabel), strings.ToLower(kind)}
	if engine := text(EngineLabel); engine != "" {
		parts = append(parts, engine)
	}
	if text(OriginLabel) == Adopted {
		parts = append(parts, Adopted)
	}
	name := strings.Join(parts, "-")
	if set != Bases {
		name += "." + set // no other Composition has a dot in its name
	}
	return name
}

// Chosen is the name of the Composition that an object of one of our own kinds asks for; "" where it goes by labels.
func Chosen(object manifest.Object) string {
	if name := manifest.TextAt(object, "spec", "crossplane", "compositionRef", "name"); name != "" {
		return name
	}
	return manifest.TextAt(object, "spec", "compositionRef", "name")
}

// Chooses says whether a Composition makes what an object asks for: by its name, or else by all labels that are asked for.
func Chooses(object, composition manifest.Object) bool {
	id, makes := manifest.Identify(object), manifest.TextAt(composition, "spec", "compositeTypeRef", "kind")
	if manifest.TextAt(composition, "spec", "compositeTypeRef", "apiVersion") != id.APIVersion || makes != id.Kind && makes != "X"+id.Kind {
		return false
	}
	if name := Chosen(object); name != "" {
		return name == manifest.Identify(composition).Name
	}
	wanted, there := manifest.MapAt(object, "spec", "crossplane", "compositionSelector", "matchLabels")
	if !there {
		wanted, there = manifest.MapAt(object, "spec", "compositionSelector", "matchLabels")
	}
	for label, value := range wanted {
		if manifest.TextAt(composition, "metadata", "labels", label) != value {
			return false
		}
	}
	return there
}
