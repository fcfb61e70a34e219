package rights

// GoogleRole is a role of Google's, and what it holds of what is needed. It holds more.
type GoogleRole struct {
	Name   string
	Holds  []string
	Source Source
}

// GoogleRoles are the roles of the service account that makes what environments ask for, beside the one that gives roles away.
func GoogleRoles() []GoogleRole {
	role := func(name string, holds ...[]string) GoogleRole {
		all := []string{}
		for _, some := range holds {
			all = append(all, some...)
		}
		return GoogleRole{"roles/" + name, distinct(all), copied("gcp/roles/" + name + ".json")}
	}
	return []GoogleRole{
		role("compute.networkAdmin", networks(), subnetworks(), routers(), addresses(), peerings(), nodesFound()),
		role("compute.securityAdmin", firewalls()), // networkAdmin only looks at firewalls
		role("container.admin", clusters()),
		role("iam.serviceAccountAdmin", accounts(), accountPolicies()),
		role("iam.serviceAccountUser", []string{actAs}),
		role("cloudsql.admin", instances(), users()),
		role(gcpGrantor[len("roles/"):], projectPolicies()),
	}
}

// actAs is to let something run as a service account. Nodes run as the environment's own, and those of the pool that GKE makes
// first, and that goes at once, as the project's default one.
const actAs = "iam.serviceAccounts.actAs"

func compute(names ...string) []string { return within("compute", ".", names...) }

func networks() []string {
	return compute("globalOperations.get", "networks.create", "networks.delete", "networks.get", "networks.update")
}

func subnetworks() []string {
	return compute("networks.updatePolicy", "regionOperations.get", "subnetworks.create", "subnetworks.delete", "subnetworks.expandIpCidrRange", "subnetworks.get",
		"subnetworks.setPrivateIpGoogleAccess", "subnetworks.update")
}

func routers() []string {
	return compute("networks.updatePolicy", "regionOperations.get", "routers.create", "routers.delete", "routers.get", "routers.update")
}

func addresses() []string {
	return compute("globalAddresses.create", "globalAddresses.createInternal", "globalAddresses.delete", "globalAddresses.deleteInternal", "globalAddresses.get",
		"globalAddresses.setLabels", "globalOperations.get", "networks.use")
}

func peerings() []string {
	return append(compute("globalAddresses.get", "networks.get", "networks.removePeering"), "resourcemanager.projects.get", "servicenetworking.operations.get",
		"servicenetworking.services.addPeering", "servicenetworking.services.deleteConnection", "servicenetworking.services.get")
}

func firewalls() []string {
	return compute("firewalls.create", "firewalls.delete", "firewalls.get", "firewalls.update", "globalOperations.get", "networks.updatePolicy")
}

func clusters() []string {
	return within("container", ".", "clusters.create", "clusters.delete", "clusters.get", "clusters.update", "operations.get")
}

// nodesFound are how the provider counts nodes: it looks at the groups of machines behind them.
func nodesFound() []string { return compute("instanceGroupManagers.get", "instanceGroupManagers.list") }

func accounts() []string {
	return within("iam.serviceAccounts", ".", "create", "delete", "get", "update")
}

func accountPolicies() []string {
	return within("iam.serviceAccounts", ".", "getIamPolicy", "setIamPolicy")
}

func projectPolicies() []string {
	return within("resourcemanager.projects", ".", "getIamPolicy", "setIamPolicy")
}

func instances() []string {
	return within("cloudsql", ".", "instances.create", "instances.delete", "instances.get", "instances.update", "users.delete", "users.list")
}

func users() []string {
	return within("cloudsql", ".", "instances.get", "users.create", "users.delete", "users.list", "users.update")
}

func gcp() []Need {
	of := func(group, kind, service, file string, permissions ...string) Need {
		return Need{group + ".gcp", kind, service + ".googleapis.com", permissions, []Source{calls("google/resource/" + file), copied("gcp/map.json")}}
	}
	computes := func(kind, name string, permissions []string) Need {
		return of("compute", kind, "compute", "compute/google_compute_"+name, permissions...)
	}
	pool := of("container", "NodePool", "container", "container/google_container_node_pool",
		append(append(within("container", ".", "clusters.get", "clusters.update", "operations.get"), nodesFound()...), actAs)...)
	pool.Sources = append(pool.Sources, read("https://github.com/hashicorp/terraform-provider-google/blob/main/google/services/container/resource_container_node_pool.go"))
	cluster := of("container", "Cluster", "container", "container/google_container_cluster", distinct(append(append(clusters(), nodesFound()...), actAs))...)
	cluster.Sources = append(cluster.Sources, read("https://docs.cloud.google.com/kubernetes-engine/security/configure-node-service-accounts"))
	return []Need{
		computes("Network", "network", networks()),
		computes("Subnetwork", "subnetwork", subnetworks()),
		computes("Router", "router", routers()),
		computes("RouterNAT", "router_nat", routers()),
		computes("GlobalAddress", "global_address", addresses()),
		of("servicenetworking", "Connection", "servicenetworking", "servicenetworking/google_service_networking_connection", peerings()...),
		of("cloudplatform", "ServiceAccount", "iam", "iam/google_service_account", accounts()...),
		of("cloudplatform", "ProjectIAMMember", "cloudresourcemanager", "resourcemanager/google_project_iam_member", projectPolicies()...),
		cluster,
		pool,
		computes("Firewall", "firewall", firewalls()),
		of("cloudplatform", "ServiceAccountIAMMember", "iam", "iam/google_service_account_iam_member", accountPolicies()...),
		of("sql", "DatabaseInstance", "sqladmin", "cloudsql/google_sql_database_instance", instances()...),
		of("sql", "User", "sqladmin", "cloudsql/google_sql_user", users()...),
	}
}
