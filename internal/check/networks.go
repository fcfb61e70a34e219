package check

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"

	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/schema"
)

// HubNetwork refuses a hub whose network has addresses of one of its spokes, whoever says the ranges. names are all of the fleet, sorted.
func HubNetwork(fleet *schema.Fleet, names []string, hub schema.Environment) finding.Findings {
	if hub.Role != "hub" || hub.Cluster == nil || unsaid(hub) {
		return nil
	}
	for _, name := range names {
		other := fleet.Environments[name]
		if name == hub.Name || other.Hub != hub.Name || other.Cluster == nil || unsaid(other) || !overlap(hub, other) {
			continue
		}
		at := hub.Written("cluster", "network", "cidr")
		if !saysNetwork(hub) {
			at = hub.Written("cluster")
		}
		return finding.Findings{{Code: finding.Inconsistent, Position: at, Path: finding.Keys("cluster", "network", "cidr"),
			Message: fmt.Sprintf("found %s, which has addresses of the network of %s, %s: a hub reaches its spokes, so that their ranges share no address; write another one here",
				finding.Quote(hub.Cluster.Network.CIDR), finding.Quote(name), other.Cluster.Network.CIDR)}}
	}
	return nil
}

// unsaid says whether nobody knows the range: what is adopted has its own.
func unsaid(e schema.Environment) bool { return e.Cluster.Adopt != nil && !saysNetwork(e) }

func overlap(a, b schema.Environment) bool {
	return netip.MustParsePrefix(a.Cluster.Network.CIDR).Overlaps(netip.MustParsePrefix(b.Cluster.Network.CIDR))
}

// Networks refuses a hub and a spoke of its whose networks overlap, and warns of an environment whose network has addresses of another one's that the same hub runs. They may live side by side,
// and can never be joined, or reached from one place: two that were added in two branches may have got one range. Only ranges
// that environments say themselves are compared, and the one that comes later by its name is told.
func Networks(fleet *schema.Fleet, names []string, e schema.Environment) finding.Findings {
	if !saysNetwork(e) {
		return HubNetwork(fleet, names, e)
	}
	for _, name := range names {
		other := fleet.Environments[name]
		if name == e.Name {
			return HubNetwork(fleet, names, e)
		}
		if other.Hub == e.Hub && saysNetwork(other) && overlap(e, other) {
			if e.Role == "hub" || other.Role == "hub" {
				return finding.Findings{{Code: finding.Inconsistent, Position: e.Written("cluster", "network", "cidr"), Path: finding.Keys("cluster", "network", "cidr"),
					Message: fmt.Sprintf("found %s, which has addresses of the network of %s, %s: a hub reaches its spokes, so that their ranges share no address", finding.Quote(e.Cluster.Network.CIDR), finding.Quote(name), other.Cluster.Network.CIDR)}}
			}
			return finding.Findings{{Severity: finding.Warning, Code: finding.Inconsistent, Position: e.Written("cluster", "network", "cidr"), Path: finding.Keys("cluster", "network", "cidr"),
				Message: fmt.Sprintf("found %s, which has addresses of the network of %s, %s: the two can never be joined; give one of them another range before it is made",
					finding.Quote(e.Cluster.Network.CIDR), finding.Quote(name), other.Cluster.Network.CIDR)}}
		}
	}
	return nil
}

// saysNetwork says whether the environment's own file has its range: others are the class's, which has one for all.
func saysNetwork(e schema.Environment) bool {
	return e.Cluster != nil && e.Written("cluster", "network", "cidr").File == schema.SpecFile(e.Name)
}

// ways notes what is left to do until an environment's network is joined with those of its peers, and its hub reaches a private
// cluster: where joinHub does not ask for it, nothing joins two networks, since the one that is not the environment's own belongs to somebody else. Once the names
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
		if peer == e.Hub && e.JoinsHub() {
			continue
		}
		told(fmt.Sprintf("found %s, whose network nothing joins with this one: left to do is %s", finding.Quote(peer), way(e, peer)), "cluster", "network", "peers", strconv.Itoa(i))
	}
	if e.Role != "hub" && e.Cluster.Private && e.Cluster.Adopt == nil && e.Names.Environment == "" && !e.JoinsHub() && !e.ReachedByName() &&
		!slices.Contains(e.Cluster.Network.Peers, e.Hub) {
		at := []string{"cluster", "private"}
		if e.Written(at...).File != e.Written(at[0]).File { // the class says so
			at = at[:1]
		}
		told(fmt.Sprintf("the API of a private cluster is reached from private networks alone, and nothing joins that of hub %s with this one: left to do, where nobody did it, is %s%s; before it is made, private: false opens it",
			finding.Quote(e.Hub), byItself(e), way(e, e.Hub)), at...)
	}
	return all
}

// byItself is the field of the spec that makes the way for a hub, where there is one.
func byItself(e schema.Environment) string {
	switch {
	case e.Cluster.Cloud == "gcp":
		return "dnsEndpoint: true, or "
	case e.Fleet.Claims.Peering.Kind != "":
		return "network: joinHub: true, where both are in one account, or "
	}
	return ""
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
