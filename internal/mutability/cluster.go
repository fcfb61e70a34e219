package mutability

func clusters() []Entry {
	const kind = "Cluster"
	entries := shared(kind, "clusters", "the cluster and everything on it", besideIt)
	for _, cloud := range Clouds() {
		entries = append(entries,
			Entry{Kind: kind, Field: "region", Clouds: []string{cloud}, Cases: never(kind, "region",
				"a cluster does not move: it and everything on it would be made anew in the other region", besideIt, regionOfCluster(cloud))},
			Entry{Kind: kind, Field: "network.cidr", Clouds: []string{cloud}, Feeds: feedsOfClusterRange(cloud), Left: feedsOfClusterRange(cloud) != nil, Cases: never(kind, "network.cidr",
				"the network, and with it the cluster and the databases in it, would be made anew", besideIt, rangeOfNetwork(cloud))},
			Entry{Kind: kind, Field: "argocd", Clouds: []string{cloud}, Feeds: feedsOfArgoCD(cloud), Left: feedsOfArgoCD(cloud) != nil, Cases: never(kind, "argocd",
				"what lets Argo CD in was given to one alone, and would be given anew: until then nobody gets in", "let Argo CD be who it is")},
			Entry{Kind: kind, Field: "externalName", Clouds: []string{cloud}, Feeds: feedsOfAdoptedCluster(cloud), Cases: never(kind, "externalName",
				"a claim does not take hold of something else than it was made with", "adopt the other one as another environment", regionOfCluster(cloud))},
		)
	}
	return append(entries, append(versionOfCluster(), append(nodes(), protection()...)...)...)
}

// feedsOfClusterRange are what a cluster itself has of the range of its network: the rule that opens the way to policies.
func feedsOfClusterRange(cloud string) []string {
	return map[string][]string{"gcp": {"Firewall.sourceRanges[0]"}}[cloud]
}

func feedsOfArgoCD(cloud string) []string {
	return map[string][]string{"aws": {"AccessEntry.principalArn", "AccessPolicyAssociation.principalArn"}, "gcp": {"ProjectIAMMember.member"}}[cloud]
}

func regionOfCluster(cloud string) Source {
	return map[string]Source{
		"aws":   definition("clusters.eks.aws.m.upbound.io", "region", "the region that the resource is managed in"),
		"azure": definition("kubernetesclusters.containerservice.azure.m.upbound.io", "location", "another location makes a new cluster"),
		"gcp":   report(terraformGCP+"container/resource_container_cluster.go", "another location makes a new cluster"),
	}[cloud]
}

func feedsOfAdoptedCluster(cloud string) []string {
	return map[string][]string{"azure": {"KubernetesCluster.resourceGroupName"}}[cloud]
}

// versionOfCluster: Kubernetes goes one minor version at a time, and never back.
func versionOfCluster() []Entry {
	const kind, field = "Cluster", "version"
	const back, skip = "keep the version that runs", "go through each minor version in a change of its own, and wait until the nodes have it"
	steps := func(down, up, taken string, sources ...Source) []Case {
		return []Case{
			{When: goesDown(), Effect: Refused, Why: down, Instead: back, Sources: sources},
			{When: skipsMinor(), Effect: Refused, Why: up, Instead: skip, Sources: sources},
			{Effect: InPlace, Why: taken, Sources: sources},
		}
	}
	return []Entry{
		{Kind: kind, Field: field, Clouds: []string{"aws"}, Feeds: []string{"Cluster.version", "NodeGroup.version"}, Cases: steps(
			"EKS takes no lower version", "EKS takes one minor version at a time",
			"EKS upgrades the control plane, then the node group node by node; add-ons keep their versions, and there is no way back",
			definition("clusters.eks.aws.m.upbound.io", field, "downgrades are not supported"),
			report("https://github.com/terraform-aws-modules/terraform-aws-eks/issues/2607", "1.22 to 1.25 is an unsupported minor version update"))},
		{Kind: kind, Field: field, Clouds: []string{"azure"}, Feeds: []string{"KubernetesCluster.defaultNodePool.orchestratorVersion", "KubernetesCluster.kubernetesVersion"}, Cases: steps(
			"AKS takes no lower version", "AKS takes one minor version at a time",
			"AKS upgrades the control plane, then the nodes, a third of them at a time; there is no way back",
			definition("kubernetesclusters.containerservice.azure.m.upbound.io", "defaultNodePool.orchestratorVersion", "the version of the nodes; a minor version is enough"),
			definition("kubernetesclusters.containerservice.azure.m.upbound.io", "kubernetesVersion", "the minor version's newest patch is chosen"),
			report("https://github.com/Azure/AKS/issues/2422", "an upgrade over two minor versions is refused, and what was upgraded cannot be downgraded"),
			report("https://github.com/rancher/dashboard/issues/11884", "1.28 to 1.30 is not allowed: the available upgrades are those of 1.29"))},
		{Kind: kind, Field: field, Clouds: []string{"gcp"}, Feeds: []string{"Cluster.minMasterVersion"}, Cases: steps(
			"the provider raises the version of GKE's control plane only, so that nothing comes of it", "GKE takes one minor version at a time",
			"GKE upgrades the control plane, and the nodes as its release channel does; there is no way back",
			definition("clusters.container.gcp.m.upbound.io", "minMasterVersion", "it is the lowest version; GKE raises it by itself"),
			report(terraformGCP+"container/resource_container_cluster.go", "the control plane is updated only where its version is lower"),
			report("https://github.com/kubeflow/code-intelligence/issues/153", "the control plane cannot be upgraded by more than one minor version at a time"))},
	}
}

func nodes() []Entry {
	const kind = "Cluster"
	counts := func(cloud, field, feed, why string, sources ...Source) Entry {
		return Entry{Kind: kind, Field: field, Clouds: []string{cloud}, Feeds: []string{feed}, Left: true, Cases: inPlace(why, sources...)}
	}
	const bounds = "the autoscaler gets another bound"
	const boundsEKS = "EKS gets another bound; it takes a minimum only up to the number of nodes that run, and waits until there are so many"
	group := report("https://github.com/terraform-aws-modules/terraform-aws-eks/issues/835",
		"minimum and maximum are updated; a minimum above the desired size is refused until that is raised")
	pool, master := "nodepools.container.gcp.m.upbound.io", "kubernetesclusters.containerservice.azure.m.upbound.io"
	return []Entry{
		counts("aws", "nodes.min", "NodeGroup.scalingConfig.minSize", boundsEKS, definition("nodegroups.eks.aws.m.upbound.io", "scalingConfig.minSize", "the fewest nodes"), group),
		counts("aws", "nodes.max", "NodeGroup.scalingConfig.maxSize", bounds, definition("nodegroups.eks.aws.m.upbound.io", "scalingConfig.maxSize", "the most nodes")),
		counts("azure", "nodes.min", "KubernetesCluster.defaultNodePool.minCount", bounds, definition(master, "defaultNodePool.minCount", "the fewest nodes of the pool")),
		counts("azure", "nodes.max", "KubernetesCluster.defaultNodePool.maxCount", bounds, definition(master, "defaultNodePool.maxCount", "the most nodes of the pool")),
		counts("gcp", "nodes.min", "NodePool.autoscaling.totalMinNodeCount", bounds, definition(pool, "autoscaling.totalMinNodeCount", "the fewest nodes of the pool")),
		counts("gcp", "nodes.max", "NodePool.autoscaling.totalMaxNodeCount", bounds, definition(pool, "autoscaling.totalMaxNodeCount", "the most nodes of the pool")),
		{Kind: kind, Field: "nodes.size", Clouds: []string{"aws"}, Feeds: []string{"NodeGroup.instanceTypes[0]"}, Left: true, Cases: []Case{{
			Effect:  Refused,
			Why:     "a node group of EKS keeps the machine types that it was made with, and the provider does not replace it: the nodes stay as they are",
			Instead: "keep the size; an environment with larger nodes is made beside it",
			Sources: []Source{
				report(terraformAWS+"eks/node_group.go", "other instance_types make a new node group"),
				report("https://github.com/hashicorp/terraform-provider-aws/issues/22499", "a change of the instance type replaces the whole group"),
				replaces(),
			},
		}}},
		{Kind: kind, Field: "nodes.size", Clouds: []string{"azure"}, Feeds: []string{"KubernetesCluster.defaultNodePool.vmSize"}, Left: true, Cases: inPlace(
			"AKS moves the nodes through a second pool for the time of the change: every Pod is evicted once",
			definition(master, "defaultNodePool.vmSize", "a resize needs temporaryNameForRotation, which the composition sets"))},
		{Kind: kind, Field: "nodes.size", Clouds: []string{"gcp"}, Feeds: []string{"NodePool.nodeConfig.machineType"}, Left: true, Cases: inPlace(
			"GKE makes the nodes of the pool anew, one after the other: every Pod is evicted once",
			report(terraformGCP+"container/node_config.go", "machine_type of a pool is updated where it is"))},
	}
}

// protection are the ways in, and what becomes of the cluster with its claim.
func protection() []Entry {
	const kind = "Cluster"
	const deletion = "the cloud's own deletion protection, and what Crossplane may do, follow it"
	return []Entry{
		{Kind: kind, Field: "private", Clouds: []string{"aws"}, Feeds: []string{"Cluster.vpcConfig.endpointPublicAccess"}, Left: true, Cases: inPlace(
			"EKS opens or shuts the public address of its API", definition("clusters.eks.aws.m.upbound.io", "vpcConfig.endpointPublicAccess", "whether the public address is there"))},
		{Kind: kind, Field: "private", Clouds: []string{"azure"}, Feeds: []string{"KubernetesCluster.privateClusterEnabled", "KubernetesCluster.privateClusterPublicFqdnEnabled"},
			Left: true, Cases: []Case{{
				Effect:  Recreate,
				Why:     "a cluster of AKS is private or public for life, and the provider does not replace it: the cluster and everything on it would have to be made anew",
				Instead: "keep it as it is, or make another environment beside it, move what runs, and take the old one down",
				Sources: []Source{definition("kubernetesclusters.containerservice.azure.m.upbound.io", "privateClusterEnabled", "another value makes a new cluster"), replaces()},
			}}},
		{Kind: kind, Field: "private", Clouds: []string{"gcp"}, Feeds: []string{"Cluster.masterAuthorizedNetworksConfig.cidrBlocks", "Cluster.privateClusterConfig.enablePrivateEndpoint"},
			Left: true, Cases: inPlace("GKE opens or shuts the public address of its API",
				definition("clusters.container.gcp.m.upbound.io", "privateClusterConfig.enablePrivateEndpoint", "whether the API is reached by its private address alone"),
				report(terraformGCP+"container/resource_container_cluster.go", "enable_private_endpoint is updated where it is"))},
		{Kind: kind, Field: "dnsEndpoint", Clouds: []string{"gcp"}, Feeds: []string{"Cluster.controlPlaneEndpointsConfig.dnsEndpointConfig.allowExternalTraffic"}, Left: true,
			Cases: inPlace("where it is true, GKE lets users in by the cluster's name, and Argo CD comes in by it; else it is shut where false is said, and Argo CD goes to the address, which a hub reaches in a private cluster by a way between the networks alone",
				definition("clusters.container.gcp.m.upbound.io", "controlPlaneEndpointsConfig.dnsEndpointConfig.allowExternalTraffic", "whether users come in by that name"))},
		{Kind: kind, Field: "dnsEndpoint", Clouds: []string{"aws", "azure"}, Cases: inPlace("nothing is made of it: Google Cloud alone has such a name",
			definition("clusters.platform.spokewright.dev", "dnsEndpoint", "whether users come in by a name of the cloud's"))},
		{Kind: kind, Field: "deletion", Clouds: []string{"aws"}, Feeds: []string{"Cluster.deletionProtection"}, Cases: inPlace(deletion,
			definition("clusters.eks.aws.m.upbound.io", "deletionProtection", "while it is on, the cluster cannot be deleted"))},
		{Kind: kind, Field: "deletion", Clouds: []string{"azure"}, Cases: inPlace("what Crossplane may do follows it; AKS has no deletion protection",
			definition("clusters.platform.spokewright.dev", "deletion", "Orphan keeps the cloud's objects"))},
		{Kind: kind, Field: "deletion", Clouds: []string{"gcp"}, Feeds: []string{"Cluster.deletionProtection"}, Cases: inPlace(deletion,
			report(terraformGCP+"container/resource_container_cluster.go", "while deletion_protection is on, the provider deletes nothing; it is updated where it is"))},
	}
}
