// Package claims makes the requests for a network, a cluster, its pools of nodes, the way from its hub and its databases, in the API that the fleet targets, and what
// protects them from deletion. What composes them is not its concern.
package claims

import (
	"maps"
	"slices"

	"spokewright.dev/spokewright/internal/claim"

	"spokewright.dev/spokewright/internal/argocd"
	"spokewright.dev/spokewright/internal/manifest"
	"spokewright.dev/spokewright/schema"
)

// Make appends the claims of an environment and their protection to its hub plane.
func Make(e schema.Environment, plane schema.Plane, items []manifest.Object) []manifest.Object {
	if plane != schema.Hub || e.Cluster == nil {
		return items
	}
	networkKind, hasNetwork := e.Network()
	if hasNetwork {
		items = append(items, network(e, networkKind))
	}
	hasCluster := e.Role != "hub" || e.Cluster.Adopt != nil // what made a hub is not the hub's own to make
	if hasCluster {
		items = append(items, cluster(e))
	}
	pools := poolNames(e)
	for _, name := range pools {
		items = append(items, pool(e, name))
	}
	peeringKind, joinsHub := e.Peering()
	if joinsHub {
		items = append(items, peering(e, peeringKind))
	}
	databases := slices.Sorted(maps.Keys(e.Databases))
	for _, name := range databases {
		items = append(items, database(e, name))
	}
	if !e.Protected() {
		return items
	}
	if hasNetwork {
		items = append(items, usages(e, "network", e.Name, networkKind)...)
	}
	if hasCluster {
		items = append(items, usages(e, "cluster", e.Name, e.Fleet.Claims.Cluster)...)
	}
	for _, name := range pools {
		items = append(items, usages(e, "pool", name, e.Fleet.Claims.NodePool)...)
	}
	if joinsHub {
		items = append(items, usages(e, "peering", e.Name, peeringKind)...)
	}
	for _, name := range databases {
		items = append(items, usages(e, "database", name, e.Fleet.Claims.Database)...)
	}
	return items
}

// network of a hub is looked at and no more: its bootstrap made it.
func network(e schema.Environment, kind claim.Kind) manifest.Object {
	management := "Full"
	if e.Role == "hub" {
		management = "Observe"
	}
	return newClaim(e, kind, e.Name, argocd.WaveNetwork, named(e.Names.Network, accounted(e, map[string]any{
		"id":          e.ID,
		"environment": e.Name,
		"cloud":       e.Cluster.Cloud,
		"region":      e.Cluster.Region,
		"cidr":        e.Cluster.Network.CIDR,
		"subnets":     Subnets(e.Cluster.Network.CIDR),
		"deletion":    e.Deletion("Network", false),
		"management":  management,
	})), nil)
}

func cluster(e schema.Environment) manifest.Object {
	c := e.Cluster
	spec := accounted(e, adopted(c.Adopt, map[string]any{
		"id":          e.ID,
		"environment": e.Name,
		"cloud":       c.Cloud,
		"region":      c.Region,
		"version":     c.Version,
		"nodes":       map[string]any{"min": c.Nodes.Min, "max": c.Nodes.Max, "size": c.Nodes.Size},
		"network":     map[string]any{"cidr": c.Network.CIDR},
		"private":     c.Private,
		"deletion":    e.Deletion("Cluster", c.Adopt != nil),
	}))
	if who := e.ArgoCD(); who != "" {
		spec["argocd"] = who
	}
	if c.DNSEndpoint != nil {
		spec["dnsEndpoint"] = *c.DNSEndpoint
	}
	return newClaim(e, e.Fleet.Claims.Cluster, e.Name, argocd.WaveCluster, named(e.Names.Cluster, spec), map[string]any{claim.OriginLabel: originOf(c.Adopt)})
}

// poolNames are those of the pools of nodes that the environment asks for.
func poolNames(e schema.Environment) []string {
	if _, asked := e.NodePool(); !asked {
		return nil
	}
	return slices.Sorted(maps.Keys(e.Cluster.Nodes.Pools))
}

func pool(e schema.Environment, name string) manifest.Object {
	p := e.Cluster.Nodes.Pools[name]
	spec := accounted(e, map[string]any{
		"id":          p.ID,
		"environment": e.Name,
		"cloud":       e.Cluster.Cloud,
		"region":      e.Cluster.Region,
		"cluster":     e.ID,
		"name":        name,
		"version":     e.Cluster.Version,
		"min":         p.Min,
		"max":         p.Max,
		"labels":      texts(p.Labels),
		"deletion":    e.Deletion("NodePool", false),
		"management":  "Full",
	})
	if p.Size != "" {
		spec["size"] = p.Size
	}
	if p.GPU != nil {
		spec["gpu"] = map[string]any{"kind": p.GPU.Kind, "count": p.GPU.Count}
	}
	if len(p.Zones) > 0 {
		zones := make([]any, len(p.Zones))
		for i, zone := range p.Zones {
			zones[i] = zone
		}
		spec["zones"] = zones
	}
	if len(p.Taints) > 0 {
		taints := make([]any, len(p.Taints))
		for i, taint := range p.Taints {
			taints[i] = map[string]any{"key": taint.Key, "value": taint.Value, "effect": taint.Effect}
		}
		spec["taints"] = taints
	}
	return newClaim(e, e.Fleet.Claims.NodePool, name, argocd.WaveNodePools, spec, nil)
}

// peering joins the network of the environment with that of its hub. What it finds of the environment's own it finds by the id.
func peering(e schema.Environment, kind claim.Kind) manifest.Object {
	hub := map[string]any{"network": e.HubNetwork.Network, "region": e.HubNetwork.Region, "cidr": e.HubNetwork.CIDR}
	if e.HubNetwork.Group != "" {
		hub["group"] = e.HubNetwork.Group
	}
	if e.HubNetwork.RouteTable != "" {
		hub["routeTable"] = e.HubNetwork.RouteTable
	}
	return newClaim(e, kind, e.Name, argocd.WavePeering, named(e.Names.Peering, accounted(e, map[string]any{
		"id":          e.ID,
		"environment": e.Name,
		"cloud":       e.Cluster.Cloud,
		"region":      e.Cluster.Region,
		"cidr":        e.Cluster.Network.CIDR,
		"hub":         hub,
		"deletion":    e.Deletion("Peering", false),
		"management":  "Full",
	})), nil)
}

func texts(of map[string]string) map[string]any {
	all := make(map[string]any, len(of))
	for name, text := range of {
		all[name] = text
	}
	return all
}

func database(e schema.Environment, name string) manifest.Object {
	d := e.Databases[name]
	return newClaim(e, e.Fleet.Claims.Database, name, argocd.WaveDatabases, named(e.Names.Databases[name], accounted(e, adopted(d.Adopt, map[string]any{
		"id":              d.ID,
		"environment":     e.Name,
		"cloud":           e.Cluster.Cloud,
		"region":          e.Cluster.Region,
		"engine":          d.Engine,
		"version":         d.Version,
		"size":            d.Size,
		"storageGB":       d.StorageGB,
		"highlyAvailable": d.HighlyAvailable,
		"backups":         map[string]any{"retentionDays": d.Backups.RetentionDays},
		"encrypted":       d.Encrypted,
		"public":          d.Public,
		"deletion":        e.Deletion("Database", d.Adopt != nil),
	}))), map[string]any{claim.OriginLabel: originOf(d.Adopt), claim.EngineLabel: d.Engine})
}

func originOf(adopt *schema.Adopt) string {
	if adopt != nil {
		return claim.Adopted
	}
	return claim.Created
}

// adopted adds how far Crossplane manages what exists already, and by which name it finds it.
func adopted(adopt *schema.Adopt, spec map[string]any) map[string]any {
	spec["management"] = adopt.Management()
	if adopt != nil {
		spec["externalName"] = adopt.ExternalName
	}
	return spec
}

// accounted adds the account, where it is not the one that compositions use by themselves.
func accounted(e schema.Environment, spec map[string]any) map[string]any {
	if other := e.OtherAccount(); other != "" {
		spec["account"] = other
	}
	return spec
}

// named adds what the cloud calls the parts, where that is recorded: another hub then finds them again.
func named(names map[string]string, spec map[string]any) map[string]any {
	if len(names) > 0 {
		parts := make(map[string]any, len(names))
		for part, name := range names {
			parts[part] = name
		}
		spec["names"] = parts
	}
	return spec
}

// newClaim is a request in the environment's namespace; spec is what Spokewright's own kind would hold. The labels, beside
// the cloud's, say which of our compositions it wants.
func newClaim(e schema.Environment, kind claim.Kind, name string, wave int, spec, labels map[string]any) manifest.Object {
	id := manifest.ID{APIVersion: kind.APIVersion, Kind: kind.Kind, Namespace: e.Name, Name: name}
	object := argocd.Object(e, id, argocd.Placement{Wave: wave, Confirm: true, Foreign: true})
	manifest.Annotate(object, e.Approval())
	own := kind.Fields == nil
	spec = kind.Spec(spec)
	if own {
		machinery(e, kind.Kind, spec, labels)
		if e.Fleet.Targets.Crossplane.API == "claims" && kind.Kind != e.Fleet.Claims.NodePool.Kind && kind.Kind != e.Fleet.Claims.Peering.Kind { // which have no way in of their own
			spec["writeConnectionSecretToRef"] = map[string]any{"name": schema.ConnectionSecret(name)}
		}
	}
	object["spec"] = spec
	return object
}

// machinery adds what Crossplane itself reads from a claim: under spec.crossplane for a namespaced composite, in
// spec for a claim (Crossplane 2.2, internal/xcrd). A selector is looked at until a Composition is chosen and never again
// (SelectComposition in internal/controller/apiextensions/composite/api.go), so that a set is chosen by name.
func machinery(e schema.Environment, kind string, spec, labels map[string]any) {
	match := map[string]any{claim.CloudLabel: e.Cluster.Cloud}
	maps.Copy(match, labels)
	chosen := map[string]any{"compositionSelector": map[string]any{"matchLabels": match}}
	if e.Compositions != "" {
		chosen["compositionRef"] = map[string]any{"name": claim.Composition(kind, e.Compositions, match)}
	}
	if e.Fleet.Targets.Crossplane.API == "namespaced" {
		spec["crossplane"] = chosen
		return
	}
	maps.Copy(spec, chosen)
	spec["compositeDeletePolicy"] = "Foreground"
}

// usages refuse the deletion of a claim. Behind a claim there is a composite, found by the labels that Crossplane gives
// it: its deletion is refused, and where Crossplane can (from 2.0 on) that of the claim too.
func usages(e schema.Environment, part, name string, kind claim.Kind) []manifest.Object {
	target := e.Fleet.Targets.Crossplane
	named := map[string]any{"apiVersion": kind.APIVersion, "kind": kind.Kind, "resourceRef": map[string]any{"name": name}}
	if target.API == "namespaced" {
		return []manifest.Object{usage(e, "protection.crossplane.io/v1beta1", "Usage", e.Name, part, name, named)}
	}
	behind := map[string]any{"apiVersion": kind.APIVersion, "kind": kind.Composite, "resourceSelector": map[string]any{
		"matchLabels": map[string]any{"crossplane.io/claim-name": name, "crossplane.io/claim-namespace": e.Name},
	}}
	if target.Before("2.0") {
		return []manifest.Object{usage(e, "apiextensions.crossplane.io/v1beta1", "Usage", "", part, name, behind)}
	}
	return []manifest.Object{
		usage(e, "protection.crossplane.io/v1beta1", "ClusterUsage", "", part, name, behind),
		usage(e, "protection.crossplane.io/v1beta1", "Usage", e.Name, part, name, named),
	}
}

func usage(e schema.Environment, apiVersion, kind, namespace, part, name string, of map[string]any) manifest.Object {
	id := manifest.ID{APIVersion: apiVersion, Kind: kind, Namespace: namespace, Name: e.UsageName(part, name)}
	object := argocd.Object(e, id, argocd.Placement{Wave: argocd.WaveProtection, Confirm: true, Foreign: true})
	object["spec"] = map[string]any{"of": of, "reason": "the " + part + " of a " + e.Class.Name + " environment"}
	return object
}
