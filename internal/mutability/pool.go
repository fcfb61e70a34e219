package mutability

import "slices"

const anotherPool = "make another pool beside it, move what runs, and take the old one away"

func pools() []Entry {
	const kind, plural = "NodePool", "nodepools"
	entries := slices.DeleteFunc(shared(kind, plural, "the pool and its nodes", anotherPool), func(e Entry) bool { return e.Field == "names" })
	fixed := func(field, why string) Entry {
		return Entry{Kind: kind, Field: field, Clouds: Clouds(), Cases: never(kind, field, why, anotherPool)}
	}
	entries = append(entries,
		fixed("region", "a pool does not move: it would be made anew in the other region"),
		fixed("name", "a pool under another name is another one: it would be made anew"),
		Entry{Kind: kind, Field: "deletion", Clouds: Clouds(), Cases: inPlace("what Crossplane may do follows it; pools have no protection of the cloud's own",
			definition("nodepools.platform.spokewright.dev", "deletion", "Orphan keeps the cloud's objects"))},
	)
	for _, cloud := range Clouds() {
		entries = append(entries, Entry{Kind: kind, Field: "cluster", Clouds: []string{cloud}, Feeds: feedsOfItsCluster(cloud),
			Cases: never(kind, "cluster", "a pool does not move: it would be made anew in the other cluster", anotherPool)})
	}
	return slices.Concat(entries, poolGPUs(), poolBounds(), poolVersion(), poolMachines(), poolMarks())
}

func feedsOfItsCluster(cloud string) []string {
	return map[string][]string{
		"aws": {"NodeGroup.clusterNameRef.name", "NodeGroup.nodeRoleArnRef.name", "NodeGroup.subnetIdRefs[0].name", "NodeGroup.subnetIdRefs[1].name",
			"NodeGroup.subnetIdRefs[2].name"},
		"azure": {"KubernetesClusterNodePool.kubernetesClusterIdRef.name"},
		"gcp":   {"NodePool.clusterRef.name", "NodePool.nodeConfig.serviceAccountRef.name"},
	}[cloud]
}

// poolGPUs: the claim says that GPUs stay, since no cloud takes other ones everywhere.
func poolGPUs() []Entry {
	const kind = "NodePool"
	const why = "nodes with other GPUs are other machines: the pool would be made anew"
	feeds := map[string][]string{
		"aws":   {"NodeGroup.amiType", "NodeGroup.instanceTypes[0]", "NodeGroup.labels[nvidia.com/gpu.present]"},
		"azure": {"KubernetesClusterNodePool.nodeLabels[nvidia.com/gpu.present]", "KubernetesClusterNodePool.vmSize"},
		"gcp": {"NodePool.nodeConfig.guestAccelerator[0].gpuDriverInstallationConfig.gpuDriverVersion", "NodePool.nodeConfig.guestAccelerator[0].type",
			"NodePool.nodeConfig.machineType"},
	}
	counts := map[string][]string{
		"aws": {"NodeGroup.instanceTypes[0]"}, "azure": {"KubernetesClusterNodePool.vmSize"},
		"gcp": {"NodePool.nodeConfig.guestAccelerator[0].count", "NodePool.nodeConfig.machineType"},
	}
	var entries []Entry
	for _, cloud := range Clouds() {
		entries = append(entries,
			Entry{Kind: kind, Field: "gpu.kind", Clouds: []string{cloud}, Feeds: feeds[cloud], Cases: never(kind, "gpu.kind", why, anotherPool)},
			Entry{Kind: kind, Field: "gpu.count", Clouds: []string{cloud}, Feeds: counts[cloud], Cases: never(kind, "gpu.count", why, anotherPool)})
	}
	return entries
}

func poolBounds() []Entry {
	const kind, bounds = "NodePool", "the autoscaler gets another bound"
	counts := func(cloud, field, feed, why string, sources ...Source) Entry {
		return Entry{Kind: kind, Field: field, Clouds: []string{cloud}, Feeds: []string{feed}, Cases: inPlace(why, sources...)}
	}
	return []Entry{
		counts("aws", "min", "NodeGroup.scalingConfig.minSize", "EKS gets another bound; it takes a minimum only up to the number of nodes that run, and waits until there are so many",
			definition("nodegroups.eks.aws.m.upbound.io", "scalingConfig.minSize", "the fewest nodes"),
			report("https://github.com/terraform-aws-modules/terraform-aws-eks/issues/835", "minimum and maximum are updated; a minimum above the desired size is refused until that is raised")),
		counts("aws", "max", "NodeGroup.scalingConfig.maxSize", bounds, definition("nodegroups.eks.aws.m.upbound.io", "scalingConfig.maxSize", "the most nodes")),
		counts("azure", "min", "KubernetesClusterNodePool.minCount", bounds, definition(aksPools, "minCount", "the fewest nodes of the pool, which may be none")),
		counts("azure", "max", "KubernetesClusterNodePool.maxCount", bounds, definition(aksPools, "maxCount", "the most nodes of the pool")),
		counts("gcp", "min", "NodePool.autoscaling.totalMinNodeCount", bounds, definition(gkePools, "autoscaling.totalMinNodeCount", "the fewest nodes of the pool")),
		counts("gcp", "max", "NodePool.autoscaling.totalMaxNodeCount", bounds, definition(gkePools, "autoscaling.totalMaxNodeCount", "the most nodes of the pool")),
	}
}

const (
	aksPools = "kubernetesclusternodepools.containerservice.azure.m.upbound.io"
	gkePools = "nodepools.container.gcp.m.upbound.io"
)

// poolVersion follows the cluster's, which says what a cloud takes.
func poolVersion() []Entry {
	const kind, field, after = "NodePool", "version", "once the cluster has it, node by node"
	down := func(source Source) Case {
		return Case{When: goesDown(), Effect: Refused, Why: "no node goes back to a lower version", Instead: "keep the version that runs", Sources: []Source{source}}
	}
	eks := definition("nodegroups.eks.aws.m.upbound.io", field, "the version of the nodes, the cluster's where nothing is said")
	aks := definition(aksPools, "orchestratorVersion", "the version of the nodes; the cluster must have it first")
	gke := definition(gkePools, "management.autoUpgrade", "nodes are upgraded as the release channel of the cluster does")
	return []Entry{
		{Kind: kind, Field: field, Clouds: []string{"aws"}, Feeds: []string{"NodeGroup.version"}, Cases: append([]Case{down(eks)}, inPlace("EKS upgrades the nodes "+after, eks)...)},
		{Kind: kind, Field: field, Clouds: []string{"azure"}, Feeds: []string{"KubernetesClusterNodePool.orchestratorVersion"}, Cases: append([]Case{down(aks)}, inPlace("AKS upgrades the nodes "+after, aks)...)},
		{Kind: kind, Field: field, Clouds: []string{"gcp"}, Cases: inPlace("GKE upgrades the nodes as its release channel does", gke)},
	}
}

// poolMachines are what nodes are and where.
func poolMachines() []Entry {
	const kind = "NodePool"
	keeps := func(why string, sources ...Source) []Case {
		return []Case{{Effect: Refused, Why: why, Instead: anotherPool, Sources: append(sources, replaces())}}
	}
	rotates := definition(aksPools, "temporaryNameForRotation", "another machine or zone needs it, which the composition sets")
	const evicted = ": every Pod of it is evicted once"
	zones := []string{"NodeGroup.subnetIdRefs[0].name", "NodeGroup.subnetIdRefs[1].name", "NodeGroup.subnetIdRefs[2].name"}
	locations := []string{"NodePool.nodeLocations[0]", "NodePool.nodeLocations[1]", "NodePool.nodeLocations[2]"}
	return []Entry{
		{Kind: kind, Field: "size", Clouds: []string{"aws"}, Feeds: []string{"NodeGroup.instanceTypes[0]"}, Cases: keeps(
			"a node group of EKS keeps the machine types that it was made with, and the provider does not replace it: the nodes stay as they are",
			report(terraformAWS+"eks/node_group.go", "other instance_types make a new node group"))},
		{Kind: kind, Field: "size", Clouds: []string{"azure"}, Feeds: []string{"KubernetesClusterNodePool.vmSize"}, Cases: inPlace("AKS moves the nodes through another pool for the time of the change"+evicted, rotates)},
		{Kind: kind, Field: "size", Clouds: []string{"gcp"}, Feeds: []string{"NodePool.nodeConfig.machineType"}, Cases: inPlace("GKE makes the nodes anew, one after the other"+evicted,
			report(terraformGCP+"container/node_config.go", "machine_type of a pool is updated where it is"))},
		{Kind: kind, Field: "zones", Clouds: []string{"aws"}, Feeds: zones, Cases: keeps(
			"a node group of EKS keeps the subnets that it was made with, and the provider does not replace it: the nodes stay where they are",
			report(terraformAWS+"eks/node_group.go", "other subnet_ids make a new node group"))},
		{Kind: kind, Field: "zones", Clouds: []string{"azure"}, Feeds: []string{"KubernetesClusterNodePool.zones"}, Cases: inPlace("AKS moves the nodes through another pool for the time of the change"+evicted, rotates)},
		{Kind: kind, Field: "zones", Clouds: []string{"gcp"}, Feeds: locations, Cases: inPlace("GKE makes nodes in the zones that came and takes those away in zones that went",
			definition(gkePools, "nodeLocations", "the zones of the pool's nodes; they are updated where it is"))},
	}
}

// poolMarks are what stands on nodes.
func poolMarks() []Entry {
	const kind = "NodePool"
	const put = "the nodes get it without being made anew"
	taints := func(field string) []string {
		var all []string
		for _, i := range []string{"0", "1", "2", "3", "4"} {
			for _, part := range []string{"effect", "key", "value"} {
				all = append(all, field+"["+i+"]."+part)
			}
		}
		return all
	}
	var aks []string
	for _, i := range []string{"0", "1", "2", "3", "4"} {
		aks = append(aks, "KubernetesClusterNodePool.nodeTaints["+i+"]")
	}
	const away = "; \"NoExecute\" sends Pods away that do not tolerate it"
	entry := func(cloud, field string, feeds []string, why string, source Source) Entry {
		return Entry{Kind: kind, Field: field, Clouds: []string{cloud}, Feeds: feeds, Cases: inPlace(why, source)}
	}
	return []Entry{
		entry("aws", "labels", []string{"NodeGroup.labels"}, put, definition("nodegroups.eks.aws.m.upbound.io", "labels", "the labels that EKS puts on the nodes")),
		entry("azure", "labels", []string{"KubernetesClusterNodePool.nodeLabels"}, put, definition(aksPools, "nodeLabels", "the labels of the pool's nodes")),
		entry("gcp", "labels", []string{"NodePool.nodeConfig.labels"}, put, report(terraformGCP+"container/node_config.go", "labels of a pool are updated where it is")),
		entry("aws", "taints", taints("NodeGroup.taint"), put+away, definition("nodegroups.eks.aws.m.upbound.io", "taint", "the taints of the nodes, fifty at most")),
		entry("azure", "taints", aks, put+away, definition(aksPools, "nodeTaints", "the taints of the pool's nodes")),
		entry("gcp", "taints", taints("NodePool.nodeConfig.taint"), put+away, report(terraformGCP+"container/node_config.go", "taints of a pool are updated where it is")),
	}
}
