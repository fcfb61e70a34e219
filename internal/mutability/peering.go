package mutability

import "slices"

func peerings() []Entry {
	const kind, plural = "Peering", "peerings"
	const another = "take joinHub out, let the hub see that, and write it anew"
	entries := shared(kind, plural, "the peering and its routes", another)
	fixed := func(field, why string, feeds map[string][]string) {
		for _, cloud := range Clouds() {
			entries = append(entries, Entry{Kind: kind, Field: field, Clouds: []string{cloud}, Feeds: feeds[cloud], Cases: never(kind, field, why, another)})
		}
	}
	fixed("region", "a network does not move: the peering would be made anew for another one", nil)
	fixed("cidr", "the routes of the hub lead to this range: with another network all would be made anew", map[string][]string{"aws": {"Route.destinationCidrBlock"}})
	fixed("hub.network", "a peering joins the two networks that it was made for: it would be made anew", map[string][]string{
		"aws": {"VPCPeeringConnection.peerVpcId"}, "azure": {"VirtualNetworkPeering.virtualNetworkName"}})
	fixed("hub.group", "a peering joins the two networks that it was made for: it would be made anew", map[string][]string{
		"azure": {"VirtualNetwork.resourceGroupName", "VirtualNetworkPeering.resourceGroupName"}})
	fixed("hub.region", "a peering joins the two networks that it was made for: it would be made anew", map[string][]string{
		"aws":   {"Route.region", "VPCPeeringConnection.peerRegion", "VPCPeeringConnectionAccepter.region"},
		"azure": {"VirtualNetwork.location"}})
	fixed("hub.cidr", "the routes and the rule of the environment are for this range: with another network all would be made anew", map[string][]string{
		"aws": {"Route.destinationCidrBlock", "SecurityGroupRule.cidrBlocks[0]"}})
	fixed("hub.routeTable", "a route does not go to another table: it would be made anew", map[string][]string{"aws": {"Route.routeTableId"}})
	return append(slices.Clip(entries), Entry{Kind: kind, Field: "deletion", Clouds: Clouds(), Cases: inPlace("what Crossplane may do follows it; peerings have no protection of the cloud's own",
		definition(plural+".platform.spokewright.dev", "deletion", "Orphan keeps the cloud's objects"))})
}
