package schema

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"

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
	smallest, title := cloud.Smallest(e.Cluster.Cloud, e.Cluster.Nodes.Max), cloudNames()[e.Cluster.Cloud]
	nodes, why, _ := cloud.Nodes(e.Cluster.Cloud, cidr.Bits())
	if smallest < largestNetwork {
		most, _, _ := cloud.Nodes(e.Cluster.Cloud, largestNetwork)
		c.report(finding.Inconsistent, fmt.Sprintf(`found %d, allowed are up to %d nodes on %s, in a range of "/%d": %s`, e.Cluster.Nodes.Max, most, title, largestNetwork, why),
			"cluster", "nodes", "max")
		return
	}
	switch {
	case cidr.Bits() > smallest:
		allowed := fmt.Sprintf(`a range from "/%d" to "/%d" for up to %s on %s`, largestNetwork, smallest, finding.Count(int(e.Cluster.Nodes.Max), "node"), title)
		if nodes > 0 {
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
