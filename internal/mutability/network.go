package mutability

const besideIt = "make another environment beside it, move what runs, and take the old one down"

func networks() []Entry {
	const kind = "Network"
	entries := append(shared(kind, "networks", "the network and everything in it", besideIt),
		Entry{Kind: kind, Field: "deletion", Clouds: Clouds(), Cases: inPlace("what Crossplane may do follows it; networks have no protection of the cloud's own",
			definition("networks.platform.spokewright.dev", "deletion", "Orphan keeps the cloud's objects"))})
	for _, cloud := range Clouds() {
		entries = append(entries,
			Entry{Kind: kind, Field: "region", Clouds: []string{cloud}, Cases: never(kind, "region",
				"a network does not move: it, the cluster and the databases in it would be made anew in the other region", besideIt, regionOfNetwork(cloud))},
			Entry{Kind: kind, Field: "cidr", Clouds: []string{cloud}, Feeds: feedsOfRange(cloud), Cases: never(kind, "cidr",
				"the range of a network is the one it was made with: it and everything in it would be made anew", besideIt, rangeOfNetwork(cloud))},
			Entry{Kind: kind, Field: "subnets", Clouds: []string{cloud}, Feeds: feedsOfSubnets(cloud), Cases: never(kind, "subnets",
				"a subnet keeps its range: nodes and databases in it would be made anew", besideIt, rangeOfSubnet(cloud))},
		)
	}
	return entries
}

func regionOfNetwork(cloud string) Source {
	return map[string]Source{
		"aws":   definition("vpcs.ec2.aws.m.upbound.io", "region", "the region that the resource is managed in"),
		"azure": definition("virtualnetworks.network.azure.m.upbound.io", "location", "another location makes a new network"),
		"gcp":   definition("subnetworks.compute.gcp.m.upbound.io", "region", "the region that the subnetwork is for"),
	}[cloud]
}

func feedsOfRange(cloud string) []string {
	return map[string][]string{"aws": {"VPC.cidrBlock"}, "azure": {"VirtualNetwork.addressSpace[0]"}}[cloud]
}

func rangeOfNetwork(cloud string) Source {
	return map[string]Source{
		"aws":   report(terraformAWS+"ec2/vpc_.go", "another cidr_block makes a new VPC"),
		"azure": definition("virtualnetworks.network.azure.m.upbound.io", "addressSpace", "the ranges that the network is made of"),
		"gcp":   definition("subnetworks.compute.gcp.m.upbound.io", "ipCidrRange", "the range is given when the subnetwork is made"),
	}[cloud]
}

func feedsOfSubnets(cloud string) []string {
	return map[string][]string{
		"aws":   {"Subnet.cidrBlock"},
		"azure": {"Subnet.addressPrefixes[0]"},
		"gcp": {"GlobalAddress.address", "GlobalAddress.prefixLength", "Subnetwork.ipCidrRange", "Subnetwork.secondaryIpRange[0].ipCidrRange",
			"Subnetwork.secondaryIpRange[1].ipCidrRange"},
	}[cloud]
}

func rangeOfSubnet(cloud string) Source {
	return map[string]Source{
		"aws":   report(terraformAWS+"ec2/vpc_subnet.go", "another cidr_block makes a new subnet"),
		"azure": definition("subnets.network.azure.m.upbound.io", "addressPrefixes", "the ranges that the subnet is made of"),
		"gcp":   report(terraformGCP+"compute/resource_compute_subnetwork.go", "a range that is not wider than the old one makes a new subnetwork"),
	}[cloud]
}

// shared are the fields that all claims have, apart from the region: what is true of them is true on every cloud.
func shared(kind, plural, what, instead string) []Entry {
	crd := plural + ".platform.spokewright.dev"
	return []Entry{
		{Kind: kind, Field: "id", Clouds: Clouds(), Cases: never(kind, "id",
			"everything in the cloud is named after it: "+what+" would be made anew under other names, and what has the old ones goes",
			"keep the id: an environment that says its old id can be renamed")},
		{Kind: kind, Field: "cloud", Clouds: Clouds(), Cases: never(kind, "cloud",
			what+" would be made anew on another cloud, and what is there goes", besideIt)},
		{Kind: kind, Field: "account", Clouds: Clouds(), Cases: never(kind, "account",
			what+" would be made anew in another account, and what is there goes", besideIt)},
		{Kind: kind, Field: "environment", Clouds: Clouds(), Cases: inPlace("labels follow it, by which what other claims of the environment made is found",
			definition(crd, "environment", "the environment that it is for; any value is taken"))},
		{Kind: kind, Field: "management", Clouds: Clouds(), Cases: inPlace("Crossplane changes what the managed resources may do, nothing in the cloud",
			definition(crd, "management", "Observe only looks at what exists"))},
		{Kind: kind, Field: "names", Clouds: Clouds(), Cases: inPlace("a recorded name is only read for a part that has none yet",
			definition(crd, "names", "the parts are found again by them and not made"))},
	}
}
