package externalname

// Parts are the names, among the resources of the composition behind a claim, of what gets an invented name: kind is
// "Cluster", "Database", "Network" or "Peering". What is adopted has none, for its claim says its name.
func Parts(cloud, kind string) []string {
	switch cloud + "/" + kind {
	case "aws/Network":
		return []string{"address", "gateway", "nat", "private", "private-a", "private-a-routes", "private-b", "private-b-routes", "private-c",
			"private-c-routes", "public", "public-a", "public-a-routes", "public-b", "public-b-routes", "public-c", "public-c-routes", "vpc"}
	case "aws/Cluster":
		return []string{"autoscaler-identity", "control-plane-cluster", "issuer", "nodes-network", "nodes-registry", "nodes-worker", "secrets-identity", "storage-identity", "storage-volumes"}
	case "aws/Database":
		return []string{"database", "firewall", "from-anywhere", "from-network"}
	case "aws/Peering":
		return []string{"accepted-peering", "peering", "peering-reaches-api"}
	case "azure/Network":
		return []string{"nat-address", "nat-nodes"}
	case "azure/Cluster":
		return []string{"argocd", "control-plane", "control-plane-network", "secrets"}
	case "gcp/Network":
		return []string{"peering"}
	case "gcp/Cluster":
		return []string{"argocd", "nodes-role", "secrets-identity", "secrets-role"}
	}
	return nil
}
