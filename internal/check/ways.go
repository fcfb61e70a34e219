package check

import (
	"fmt"
	"strconv"

	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/schema"
)

// Ways notes what is left to do, and in which cloud, until an environment's network is joined with those of its peers: no
// composition joins two networks.
func Ways(fleet *schema.Fleet, e schema.Environment) finding.Findings {
	if e.Cluster == nil {
		return nil
	}
	var findings finding.Findings
	for i, name := range e.Cluster.Network.Peers {
		at := []string{"cluster", "network", "peers", strconv.Itoa(i)}
		findings = append(findings, finding.Finding{Severity: finding.Note, Code: finding.Unsupported, Position: e.Written(at...), Path: finding.Tokens(at...),
			Message: "found " + finding.Quote(name) + ", whose network nothing joins with this one: left to do is " + way(e, fleet.Environments[name])})
	}
	return findings
}

// way is what joins two networks, and lets the one into the API of a private cluster in the other.
func way(e, peer schema.Environment) string {
	if peer.Cluster == nil {
		return "a way to its network, whose range no spec says, with routes in both" + door(e, "its range")
	}
	there := peer.Cluster.Network.CIDR
	routes := fmt.Sprintf(", routes to %s here and to %s there", there, e.Cluster.Network.CIDR)
	switch {
	case peer.Cluster.Cloud != e.Cluster.Cloud:
		return fmt.Sprintf("a tunnel (VPN) between %s and %s", e.Cluster.Cloud, peer.Cluster.Cloud) + routes + door(e, there)
	case e.Cluster.Cloud == "aws":
		return "a peering connection of the two VPCs" + accepted(e, peer) + routes + door(e, there)
	default: // the clouds learn the routes by themselves
		return "a peering of the network here and one of the network there" + accepted(e, peer) + door(e, there)
	}
}

// accepted says that another account has a part in it.
func accepted(e, peer schema.Environment) string {
	if peer.Cluster.Account == e.Cluster.Account {
		return ""
	}
	return ", which account " + finding.Quote(peer.Cluster.Account) + " agrees to"
}

// door is the rule that lets a range into the API of a private cluster. On Google Cloud compositions let in all private ranges;
// on Azure nothing shuts out a network that is joined.
func door(e schema.Environment, from string) string {
	if !e.Cluster.Private || e.Cluster.Cloud != "aws" {
		return ""
	}
	return ", and a rule of the cluster's security group that lets " + from + " to port 443"
}
