// Package recording takes what the cloud calls the parts of environments from the objects of their hub, to be kept in
// Git. It asks no cluster: objects come as they were printed. What becomes of recorded names is not its concern.
package recording

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"spokewright.dev/spokewright/internal/externalname"
	"spokewright.dev/spokewright/internal/manifest"
	"spokewright.dev/spokewright/schema"
)

// externalName is the annotation in which Crossplane's providers keep the cloud's name for an object.
const externalName = "crossplane.io/external-name"

// Names are those that the objects of a hub have for the parts of environments, by environment. Objects that belong to no
// claim of the fleet are left out, and what is being deleted.
func Names(fleet *schema.Fleet, objects []manifest.Object) map[string]schema.Names {
	found := map[string]schema.Names{}
	for _, object := range objects {
		name := manifest.TextAt(object, "metadata", "annotations", externalName)
		if name == "" || manifest.TextAt(object, "metadata", "deletionTimestamp") != "" {
			continue
		}
		environment, part, ours := belongs(fleet, object)
		if !ours || !made(fleet.Environments[environment], part, object, name) {
			continue
		}
		names := found[environment]
		names.Environment = environment
		found[environment] = with(names, part, name)
	}
	return found
}

// belongs says which part of which environment an object is: the composite that owns it says of which claim.
func belongs(fleet *schema.Fleet, object manifest.Object) (environment string, part schema.Part, ours bool) {
	owner := controller(object)
	group, _, _ := strings.Cut(manifest.TextAt(owner, "apiVersion"), "/")
	kind := manifest.TextAt(owner, "kind")
	environment, part.Name = manifest.Identify(object).Namespace, manifest.TextAt(owner, "name")
	part.Part = manifest.TextAt(object, "metadata", "annotations", "crossplane.io/composition-resource-name")
	for _, claim := range []string{"Network", "Cluster", "Peering", "Database"} {
		known, there := fleet.Config.Claims.Of(claim)
		if !there || known.Group() != group || known.Kind != kind && known.Composite != kind {
			continue
		}
		if known.Kind != kind { // a cluster-wide composite names its claim in labels
			environment, part.Name = manifest.TextAt(object, "metadata", "labels", "crossplane.io/claim-namespace"), manifest.TextAt(object, "metadata", "labels", "crossplane.io/claim-name")
		}
		part.Claim = claim
		e, exists := fleet.Environments[environment]
		_, database := e.Databases[part.Name]
		return environment, part, exists && part.Part != "" && e.Cluster != nil && (claim == "Database" && database || claim != "Database" && part.Name == e.Name)
	}
	return "", schema.Part{}, false
}

// made says whether the cloud made a name up. Of what others compose that is known for kinds that ours have; for the
// rest a name that is not the object's own may be.
func made(e schema.Environment, part schema.Part, object manifest.Object, name string) bool {
	kind, _ := e.Fleet.Claims.Of(part.Claim)
	if kind.Fields == nil {
		return slices.Contains(e.Parts(), part)
	}
	id := manifest.Identify(object)
	if known, is := externalname.Of(id.Group(), id.Kind); is {
		return known.Origin == externalname.Invented
	}
	return name != id.Name
}

// with adds the name of a part.
func with(names schema.Names, part schema.Part, name string) schema.Names {
	add := func(to map[string]string) map[string]string {
		if to == nil {
			to = map[string]string{}
		}
		to[part.Part] = name
		return to
	}
	switch part.Claim {
	case "Network":
		names.Network = add(names.Network)
	case "Cluster":
		names.Cluster = add(names.Cluster)
	case "Peering":
		names.Peering = add(names.Peering)
	default:
		if names.Databases == nil {
			names.Databases = map[string]map[string]string{}
		}
		names.Databases[part.Name] = add(names.Databases[part.Name])
	}
	return names
}

// Merge adds what was found to what an environment has recorded: what was not found stays, for the objects may have been
// some of the hub's alone; what was recorded under another name of the environment too.
func Merge(recorded, found schema.Names) schema.Names {
	merged := schema.Names{Environment: cmp.Or(found.Environment, recorded.Environment), Network: over(recorded.Network, found.Network),
		Cluster: over(recorded.Cluster, found.Cluster), Peering: over(recorded.Peering, found.Peering), Databases: map[string]map[string]string{}}
	for _, databases := range []map[string]map[string]string{recorded.Databases, found.Databases} {
		for name, parts := range databases {
			merged.Databases[name] = over(merged.Databases[name], parts)
		}
	}
	return merged
}

func over(lower, upper map[string]string) map[string]string {
	merged := map[string]string{}
	maps.Copy(merged, lower)
	maps.Copy(merged, upper)
	return merged
}

// controller is the owner of an object that controls it, or nothing.
func controller(object manifest.Object) map[string]any {
	for _, owner := range manifest.MapsAt(object, "metadata", "ownerReferences") {
		if manifest.IsTrue(owner, "controller") {
			return owner
		}
	}
	return nil
}
