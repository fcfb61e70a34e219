package rights

// google is where the calls of a kind stand, in the code that the provider of Google Cloud is made from.
func google(file string) Source {
	return read("https://github.com/hashicorp/terraform-provider-google/blob/main/google/services/" + file)
}

// method says what a method asks for: the reference of each method of a service has it.
func method(page string) Source { return read("https://cloud.google.com/" + page) }

// GoogleRole is a role of Google's, and what it holds of what is needed. It holds more.
type GoogleRole struct {
	Name   string
	Holds  []string
	Source Source
}

// GoogleRoles are the roles of the service account that makes what environments ask for, beside the one that gives roles away.
func GoogleRoles() []GoogleRole {
	role := func(service, name string, holds ...[]string) GoogleRole {
		all := []string{}
		for _, some := range holds {
			all = append(all, some...)
		}
		return GoogleRole{"roles/" + name, distinct(all), read("https://cloud.google.com/iam/docs/roles-permissions/" + service)}
	}
	return []GoogleRole{
		role("compute", "compute.networkAdmin", networks(), subnetworks(), routers(), addresses(), peerings(), nodesFound()),
		role("compute", "compute.securityAdmin", firewalls()), // networkAdmin only looks at firewalls
		role("container", "container.admin", clusters()),
		role("iam", "iam.serviceAccountAdmin", accounts(), accountPolicies()),
		role("iam", "iam.serviceAccountUser", []string{actAs}),
		role("cloudsql", "cloudsql.admin", instances(), users()),
		role("resourcemanager", gcpGrantor[len("roles/"):], projectPolicies()),
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
	of := func(group, kind, service, file, page string, permissions ...string) Need {
		return Need{group + ".gcp", kind, service + ".googleapis.com", permissions, []Source{google(file), method(page)}}
	}
	computes := func(kind, file, methods string, permissions []string) Need {
		return of("compute", kind, "compute", "compute/resource_compute_"+file+".go", "compute/docs/reference/rest/v1/"+methods, permissions...)
	}
	const gke, iam, crm, sql = "kubernetes-engine/docs/reference/rest/v1/projects.locations.clusters", "iam/docs/reference/rest/v1/projects.serviceAccounts",
		"resource-manager/reference/rest/v1/projects/setIamPolicy", "sql/docs/postgres/iam-permissions"
	return []Need{
		computes("Network", "network", "networks", networks()),
		computes("Subnetwork", "subnetwork", "subnetworks", subnetworks()),
		computes("Router", "router", "routers", routers()),
		computes("RouterNAT", "router_nat", "routers", routers()),
		computes("GlobalAddress", "global_address", "globalAddresses", addresses()),
		of("servicenetworking", "Connection", "servicenetworking", "servicenetworking/resource_service_networking_connection.go",
			"service-infrastructure/docs/service-networking/reference/rest/v1/services.connections", peerings()...),
		of("cloudplatform", "ServiceAccount", "iam", "resourcemanager/resource_google_service_account.go", iam, accounts()...),
		of("cloudplatform", "ProjectIAMMember", "cloudresourcemanager", "resourcemanager/iam_project.go", crm, projectPolicies()...),
		of("container", "Cluster", "container", "container/resource_container_cluster.go", gke, distinct(append(append(clusters(), nodesFound()...), actAs))...),
		of("container", "NodePool", "container", "container/resource_container_node_pool.go", gke+".nodePools",
			append(append(within("container", ".", "clusters.get", "clusters.update", "operations.get"), nodesFound()...), actAs)...),
		computes("Firewall", "firewall", "firewalls", firewalls()),
		of("cloudplatform", "ServiceAccountIAMMember", "iam", "resourcemanager/iam_service_account.go", iam, accountPolicies()...),
		of("sql", "DatabaseInstance", "sqladmin", "sql/resource_sql_database_instance.go", sql, instances()...),
		of("sql", "User", "sqladmin", "sql/resource_sql_user.go", sql, users()...),
	}
}
