package rights

// role is the page of Google's that lists the roles of a service with what they allow.
func role(service string) Source {
	return Source{"https://cloud.google.com/iam/docs/roles-permissions/" + service, day}
}

func gcp() []Need {
	compute := func(kind string) Need {
		return Need{"compute.gcp", kind, "compute.googleapis.com", []string{"roles/compute.networkAdmin"}, role("compute")}
	}
	return []Need{
		compute("Network"),
		compute("Subnetwork"),
		compute("Router"),
		compute("RouterNAT"),
		compute("GlobalAddress"),
		{"servicenetworking.gcp", "Connection", "servicenetworking.googleapis.com", []string{"roles/compute.networkAdmin", "roles/servicenetworking.networksAdmin"}, role("servicenetworking")},
		{"cloudplatform.gcp", "ServiceAccount", "iam.googleapis.com", []string{"roles/iam.serviceAccountAdmin"}, role("iam")},
		{"cloudplatform.gcp", "ProjectIAMMember", "cloudresourcemanager.googleapis.com", []string{"roles/resourcemanager.projectIamAdmin"}, role("resourcemanager")},
		{"container.gcp", "Cluster", "container.googleapis.com", []string{"roles/container.admin"}, role("container")},
		// Nodes run as the environment's own service account, which who makes them must be allowed to use.
		{"container.gcp", "NodePool", "container.googleapis.com", []string{"roles/container.admin", "roles/iam.serviceAccountUser"}, role("iam")},
		{"cloudplatform.gcp", "ServiceAccountIAMMember", "iam.googleapis.com", []string{"roles/iam.serviceAccountAdmin"}, role("iam")},
		{"sql.gcp", "DatabaseInstance", "sqladmin.googleapis.com", []string{"roles/cloudsql.admin"}, role("cloudsql")},
		{"sql.gcp", "User", "sqladmin.googleapis.com", []string{"roles/cloudsql.admin"}, role("cloudsql")},
	}
}
