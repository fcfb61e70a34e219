package check

import (
	"fmt"
	"slices"
	"strconv"

	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/schema"
)

// ways notes what is left to do until an environment's network is joined with those of its peers, and its hub reaches a private
// cluster: no composition joins two networks, since the one that is not the environment's own belongs to somebody else. Once the names
// of an environment are recorded, its cluster came up, and only what the spec itself asks for is told.
func ways(e schema.Environment) finding.Findings {
	if e.Cluster == nil || e.Retiring != "" || e.Fleet.Claims.Cluster.Fields != nil {
		return nil
	}
	var all finding.Findings
	told := func(message string, at ...string) {
		all = append(all, finding.Finding{Severity: finding.Note, Code: finding.Unsupported, Position: e.Written(at...), Path: finding.Tokens(at...), Message: message})
	}
	for i, peer := range e.Cluster.Network.Peers {
		told(fmt.Sprintf("found %s, whose network nothing joins with this one: left to do is %s", finding.Quote(peer), way(e, peer)), "cluster", "network", "peers", strconv.Itoa(i))
	}
	if e.Role != "hub" && e.Cluster.Private && e.Cluster.Adopt == nil && e.Names.Environment == "" && !slices.Contains(e.Cluster.Network.Peers, e.Hub) {
		at := []string{"cluster", "private"}
		if e.Written(at...).File != e.Written(at[0]).File { // the class says so
			at = at[:1]
		}
		told(fmt.Sprintf("the API of a private cluster is reached from private networks alone, and nothing joins that of hub %s with this one: left to do, where nobody did it, is %s; before it is made, private: false opens it",
			finding.Quote(e.Hub), way(e, e.Hub)), at...)
	}
	return all
}

// way is what joins the network of an environment with another one and lets that into the API of a private cluster. On Azure that has a
// public name for its private address, and a peering brings its routes along; on AWS it brings none; on Google Cloud it does not reach
// the control plane, which is in a network of Google's.
func way(e schema.Environment, other string) string {
	between := fmt.Sprintf("between %s and the network of %s", e.Cluster.Network.CIDR, finding.Quote(other))
	private := func(more string) string {
		if e.Cluster.Private {
			return more
		}
		return ""
	}
	switch e.Cluster.Cloud {
	case "aws":
		return "a peering connection " + between + " (a VPN from another cloud), routes in the tables of both" + private(", and a rule of the cluster's security group that lets that network to port 443")
	case "azure":
		return "a peering in both directions " + between + " (a VPN from another cloud)"
	}
	return "a peering in both directions " + between + " (a VPN from another cloud)" + private(", and to its control plane a VPN, with the route to it, in any case")
}
