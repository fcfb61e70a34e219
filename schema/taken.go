package schema

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"spokewright.dev/spokewright/internal/cloud"
	"spokewright.dev/spokewright/internal/finding"
)

// taken reports what the cloud does not take, though each field is legal. What exists already is as it is, kinds of the
// fleet's own know themselves what they make, and what is on its way out never has to come up.
func (c *checker) taken(e *Environment) {
	if !c.known("cluster", "cloud") || e.Retiring != "" {
		return
	}
	if e.Fleet.Claims.Cluster.Fields == nil && e.Cluster.Adopt == nil && c.known("cluster", "version") {
		c.offered(e, cloud.Kubernetes, e.Cluster.Version, "cluster", "version")
	}
	if e.Fleet.Claims.Database.Fields != nil {
		return
	}
	for _, name := range slices.Sorted(maps.Keys(e.Databases)) {
		if database := e.Databases[name]; database.Adopt == nil && c.known("databases", name) {
			c.offered(e, database.Engine, database.Version, "databases", name, "version")
			c.disk(e, database, "databases", name, "storageGB")
		}
	}
}

// offered reports a version that the cloud does not have.
func (c *checker) offered(e *Environment, of, version string, path ...string) {
	offer := cloud.Offered(e.Cluster.Cloud, of)
	if _, has := offer.Find(version); has {
		return
	}
	c.add(finding.Finding{Code: finding.WrongValue, Message: fmt.Sprintf("found %s, which is no version of %s on %s, allowed is %s", finding.Quote(version),
		titles()[of], cloudNames()[e.Cluster.Cloud], finding.OneOf(finding.Quoted(offer.Numbers()))), Suggestion: finding.Suggest(version, offer.Numbers())}, path...)
}

// titles are what people call what clouds have versions of.
func titles() map[string]string {
	return map[string]string{cloud.Kubernetes: "Kubernetes", "mysql": "MySQL", "postgres": "PostgreSQL"}
}

// disk reports a disk that is too small or too large for the cloud.
func (c *checker) disk(e *Environment, database Database, path ...string) {
	least, most := cloud.Disk(e.Cluster.Cloud, database.Engine)
	if database.StorageGB < least || database.StorageGB > most {
		c.report(finding.WrongValue, fmt.Sprintf("found %d, allowed is a number from %d to %d for %s on %s", database.StorageGB, least, most,
			titles()[database.Engine], cloudNames()[e.Cluster.Cloud]), path...)
	}
}

// room reports a range of addresses that has no room for the nodes or the private databases. The range of a network that is
// there stays: so the nodes that it has room for are told too.
func (c *checker) room(e *Environment, cidr netip.Prefix) {
	most := e.Cluster.Nodes.Max
	for _, pool := range e.Cluster.Nodes.Pools {
		most += pool.Max
	}
	smallest, title := cloud.Smallest(e.Cluster.Cloud, most), cloudNames()[e.Cluster.Cloud]
	nodes, why, _ := cloud.Nodes(e.Cluster.Cloud, cidr.Bits())
	if smallest < largestNetwork {
		allowed, _, _ := cloud.Nodes(e.Cluster.Cloud, largestNetwork)
		found, at := strconv.FormatInt(most, 10), []string{"cluster", "nodes", "max"}
		if most != e.Cluster.Nodes.Max {
			found, at = found+" with those of pools", at[:2]
		}
		c.report(finding.Inconsistent, fmt.Sprintf(`found %s, allowed are up to %d nodes on %s, in a range of "/%d": %s`, found, allowed, title, largestNetwork, why), at...)
		return
	}
	switch {
	case cidr.Bits() > smallest:
		allowed := fmt.Sprintf(`a range from "/%d" to "/%d" for up to %s on %s`, largestNetwork, smallest, finding.Count(int(most), "node"), title)
		if nodes > 0 && most == e.Cluster.Nodes.Max {
			allowed += fmt.Sprintf(", or nodes: max: %d where the network is there already", nodes)
		}
		c.report(finding.Inconsistent, fmt.Sprintf("found %q, allowed is %s: %s", e.Cluster.Network.CIDR, allowed, why), "cluster", "network", "cidr")
	case cidr.Bits() > cloud.WithDatabases(e.Cluster.Cloud) && e.ownDatabases():
		c.report(finding.Inconsistent, fmt.Sprintf(`found %q, allowed is a range from "/%d" to "/%d" for private databases on %s: a sixteenth of it is theirs, and they take a "/24"`, e.Cluster.Network.CIDR,
			largestNetwork, cloud.WithDatabases(e.Cluster.Cloud), title), "cluster", "network", "cidr")
	}
}

// ownDatabases says whether the environment has a database in its own network.
func (e *Environment) ownDatabases() bool {
	for _, database := range e.Databases {
		if database.Adopt == nil && !database.Public {
			return true
		}
	}
	return false
}

// zones reports a region without the three zones that networks have subnets in, where the cloud puts a subnet into a zone.
func (c *checker) zones(e *Environment) {
	kind, asked := e.Network()
	if zones := cloud.Zones(e.Cluster.Cloud, e.Cluster.Region); asked && kind.Fields == nil && e.Retiring == "" && e.Cluster.Cloud == "aws" && zones < 3 {
		c.report(finding.Unsupported, fmt.Sprintf("found %s, which has %d zones, allowed is a region with three: a network on AWS has subnets in three", finding.Quote(e.Cluster.Region), zones),
			"cluster", "region")
	}
}

// completePools fills in what follows from a pool's name and its GPUs.
func (e *Environment) completePools() {
	for name, pool := range e.Cluster.Nodes.Pools {
		pool.ID = e.ID + "-" + name
		pool.Labels = maps.Clone(pool.Labels)
		if pool.Labels == nil {
			pool.Labels = map[string]string{}
		}
		pool.Labels[PoolLabel] = name
		if pool.GPU != nil {
			pool.GPU.Count = max(pool.GPU.Count, 1)
			if !slices.ContainsFunc(pool.Taints, func(t Taint) bool { return t.Key == gpuTaint().Key }) {
				pool.Taints = append([]Taint{gpuTaint()}, pool.Taints...)
			}
		}
		e.Cluster.Nodes.Pools[name] = pool
	}
}

// pools reports pools of nodes that nobody would make, though each field is legal.
func (c *checker) pools(e *Environment) {
	all := e.Cluster.Nodes.Pools
	if len(all) == 0 {
		return
	}
	at := []string{"cluster", "nodes", "pools"}
	kind := e.Fleet.Claims.Cluster
	switch {
	case e.Role == "hub" && c.known("role"):
		c.label(finding.Finding{Code: finding.Unsupported, Message: "found pools, allowed are none for a hub: spokewright bootstrap makes its nodes"}, at...)
	case e.Cluster.Adopt != nil:
		c.label(finding.Finding{Code: finding.Inconsistent, Message: "found pools, allowed are none for a cluster that is adopted: it keeps the nodes that it has"}, at...)
	case e.Fleet.Claims.NodePool.Kind == "":
		c.label(finding.Finding{Code: finding.Unsupported, Message: fmt.Sprintf("found pools, for which the fleet has no kind beside its own %s: allowed are none, or claims: nodePool in fleet.cue", kind.Kind)}, at...)
	default:
		for _, name := range slices.Sorted(maps.Keys(all)) {
			if path := append(slices.Clip(at), name); c.known(path...) {
				c.pool(all[name], name, path)
				if e.Fleet.Claims.NodePool.Fields == nil && c.known("cluster", "cloud") && e.Retiring == "" {
					c.madeBy(e.Cluster, all[name], path)
				}
			}
		}
	}
}

// pool reports what holds of a pool on every cloud.
func (c *checker) pool(pool Pool, name string, path []string) {
	below := func(more ...string) []string { return append(slices.Clip(path), more...) }
	if slices.Contains(usualPools(), name) {
		c.label(finding.Finding{Code: finding.NameTaken, Message: fmt.Sprintf("found the name %s, which the nodes have that every cluster has: allowed is another", finding.Quote(name))}, path...)
	}
	if pool.Min > pool.Max {
		c.report(finding.Inconsistent, fmt.Sprintf("found min %d and max %d, allowed is a min up to the max", pool.Min, pool.Max), path...)
	}
	switch {
	case pool.Size == "" && pool.GPU == nil && c.sound(below("gpu")...) && c.sound(below("size")...):
		c.report(finding.MissingField, "missing: size, or gpu: {kind, count}", path...)
	case pool.Size != "" && pool.GPU != nil:
		c.report(finding.Inconsistent, "found size and gpu, allowed is one of them: nodes with GPUs are as large as these want it", below("size")...)
	}
	for _, label := range slices.Sorted(maps.Keys(pool.Labels)) {
		if label == PoolLabel && c.user.Find(below("labels", label)...) == nil { // which is Spokewright's
			continue
		}
		if strings.HasPrefix(label, "spokewright.dev/") || kubernetesOwn(label) {
			c.label(finding.Finding{Code: finding.WrongValue, Message: "found a label that is Spokewright's or Kubernetes' own to set, allowed is any other"}, below("labels", label)...)
		}
	}
	for i, taint := range pool.Taints {
		if slices.ContainsFunc(pool.Taints[:i], func(t Taint) bool { return t.Key == taint.Key && t.Effect == taint.Effect }) {
			c.report(finding.Inconsistent, fmt.Sprintf("found the taint %s with the effect %s for a second time", taint.Key, taint.Effect), below("taints")...)
		}
	}
	for i, zone := range pool.Zones {
		if slices.Contains(pool.Zones[:i], zone) {
			c.report(finding.Inconsistent, fmt.Sprintf("found %s for a second time", finding.Quote(zone)), below("zones", strconv.Itoa(i))...)
		}
	}
}

// madeBy reports GPUs and zones that a cloud does not have.
func (c *checker) madeBy(cluster *Cluster, pool Pool, path []string) {
	name, title := cluster.Cloud, cloudNames()[cluster.Cloud]
	if pool.GPU != nil {
		kinds := cloud.GPUKinds(name)
		gpu, has := cloud.GPUOf(name, pool.GPU.Kind)
		switch {
		case !has:
			c.add(finding.Finding{Code: finding.UnknownName, Message: fmt.Sprintf("found %s, which %s does not have for nodes, allowed is %s", finding.Quote(pool.GPU.Kind), title, finding.OneOf(finding.Quoted(kinds))),
				Suggestion: finding.Suggest(pool.GPU.Kind, kinds)}, append(slices.Clip(path), "gpu", "kind")...)
		case gpu.Machines[pool.GPU.Count] == "":
			var numbers []string
			for _, number := range gpu.Numbers() {
				numbers = append(numbers, strconv.FormatInt(number, 10))
			}
			c.report(finding.WrongValue, fmt.Sprintf("found %d of %s, allowed is %s: so many have the machines of %s", pool.GPU.Count, finding.Quote(gpu.Kind), finding.OneOf(numbers), title), append(slices.Clip(path), "gpu", "count")...)
		}
	}
	if len(pool.Zones) > 0 && slices.Contains(cloud.Zoneless(name), cluster.Region) {
		c.report(finding.WrongValue, fmt.Sprintf("found zones, allowed are none: %s has none in %s", title, finding.Quote(cluster.Region)), append(slices.Clip(path), "zones")...)
		return
	}
	for i, zone := range pool.Zones {
		if known := zonesOf()[name]; !slices.Contains(known, zone) {
			c.report(finding.WrongValue, fmt.Sprintf("found %s, allowed on %s is %s", finding.Quote(zone), title, finding.OneOf(finding.Quoted(known))), append(slices.Clip(path), "zones", strconv.Itoa(i))...)
		}
	}
}

// usualPools are what compositions call the nodes that every cluster has, and the place that they go through when their machine
// changes.
func usualPools() []string { return []string{"workers", "rotation"} }

// zonesOf are what stands behind a region in the names of zones. On AWS they are the parts of the network.
func zonesOf() map[string][]string {
	return map[string][]string{"aws": {"a", "b", "c"}, "azure": {"1", "2", "3"}, "gcp": {"a", "b", "c", "d", "e", "f"}}
}

// kubernetesOwn says whether a label is in a namespace that clouds keep for Kubernetes and themselves.
func kubernetesOwn(label string) bool {
	domain, _, _ := strings.Cut(label, "/")
	for _, own := range []string{"kubernetes.io", "k8s.io", "eks.amazonaws.com", "cloud.google.com", "kubernetes.azure.com"} {
		if strings.Contains(label, "/") && (domain == own || strings.HasSuffix(domain, "."+own)) {
			return true
		}
	}
	return false
}
