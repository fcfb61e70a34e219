package check

import (
	"fmt"
	"net/netip"

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
