// Package claim says how a fleet's own kinds stand for Spokewright's claims: which field goes where, which word becomes
// which, and what a rule about our field says of theirs. It makes no claim, which is for functions/claims.
package claim

import (
	"maps"
	"slices"
	"strings"

	"spokewright.dev/spokewright/internal/constraint"
	"spokewright.dev/spokewright/internal/manifest"
)

// Claims are the kinds that stand for clusters, databases, networks, pools of nodes and peerings with a hub.
type Claims struct {
	Cluster  Kind `json:"cluster"`
	Database Kind `json:"database"`
	Network  Kind `json:"network"`  // without a Kind where the fleet has none
	NodePool Kind `json:"nodePool"` // as well
	Peering  Kind `json:"peering"`  // as well
}

// Kind is the kind of a claim and where its fields go.
type Kind struct {
	APIVersion string                    `json:"apiVersion"`
	Kind       string                    `json:"kind"`
	Plural     string                    `json:"plural"`
	Composite  string                    `json:"composite"`
	Fields     map[string]string         `json:"fields"` // ours, "nodes.min", to theirs, "spec.nodes.min"
	Values     map[string]map[string]any `json:"values"` // of ours, each word, and what theirs is
	Without    []string                  `json:"without"`
	Set        map[string]any            `json:"set"`
}

// Group is the API group of the kind.
func (k Kind) Group() string {
	group, _, _ := strings.Cut(k.APIVersion, "/")
	return group
}

// Version is the version part of the kind's apiVersion.
func (k Kind) Version() string {
	_, version, _ := strings.Cut(k.APIVersion, "/")
	return version
}

// Kinds are the kinds that claims have in the fleet.
func (c Claims) Kinds() []Kind {
	var kinds []Kind
	for _, name := range ClaimNames() {
		if kind, there := c.Of(name); there {
			kinds = append(kinds, kind)
		}
	}
	return kinds
}

// Of is the fleet's kind for what Spokewright calls a Cluster, a Database, a Network, a NodePool or a Peering. A fleet whose clusters
// bring their networks and nodes along has no kind for these.
func (c Claims) Of(name string) (kind Kind, there bool) {
	switch name {
	case "Cluster":
		kind = c.Cluster
	case "Database":
		kind = c.Database
	case "Network":
		kind = c.Network
	case "NodePool":
		kind = c.NodePool
	case "Peering":
		kind = c.Peering
	}
	return kind, kind.Kind != ""
}

// Leaves are the paths of a claim's plain fields, such as "nodes.min", sorted.
func Leaves(c *constraint.Constraint, prefix string) []string {
	var paths []string
	for _, field := range c.Fields {
		if len(field.Value.Fields) > 0 {
			paths = append(paths, Leaves(field.Value, prefix+field.Name+".")...)
		} else {
			paths = append(paths, prefix+field.Name)
		}
	}
	slices.Sort(paths)
	return paths
}

// Spec puts the fields of a claim where the kind has them: ours is the spec as Spokewright's own kind has it.
func (k Kind) Spec(ours map[string]any) map[string]any {
	if k.Fields == nil {
		return ours
	}
	object := map[string]any{"spec": manifest.Copy(k.Set)}
	for _, name := range slices.Sorted(maps.Keys(k.Fields)) {
		if value, ok := manifest.Get(ours, strings.Split(name, ".")...); ok {
			manifest.Set(object, k.theirs(name, value), strings.Split(k.Fields[name], ".")...)
		}
	}
	return object["spec"].(map[string]any)
}

// ClaimNames are Spokewright's own names for what claims ask for.
func ClaimNames() []string { return []string{"Cluster", "Database", "Network", "NodePool", "Peering"} }

// Text is what an object of this kind holds in the place of one of our fields.
func (k Kind) Text(object manifest.Object, ours string) string {
	theirs := "spec." + ours
	if k.Fields != nil {
		theirs = k.Fields[ours]
	}
	value, _ := manifest.Get(object, strings.Split(theirs, ".")...)
	text, _ := k.ours(ours, value).(string)
	return text
}

// Ours is what an object of this kind asks for, as Spokewright's own kind has it, as far as the kind has a place for it.
func (k Kind) Ours(object manifest.Object) map[string]any {
	spec, _ := object["spec"].(map[string]any)
	if k.Fields == nil {
		return spec
	}
	ours := map[string]any{}
	for _, name := range slices.Sorted(maps.Keys(k.Fields)) {
		if value, there := manifest.Get(object, strings.Split(k.Fields[name], ".")...); there {
			manifest.Set(ours, k.ours(name, value), strings.Split(name, ".")...)
		}
	}
	return ours
}
