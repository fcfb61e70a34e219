package rights

// azureSources are where a kind's rights were read: what is called for it, and what Microsoft's own roles for such things allow,
// which has the operations that are waited for.
func azureSources(service, kind string, more ...Source) []Source {
	return append([]Source{calls("azurerm/resource/" + service + "/azurerm_" + kind), copied("azure/built-in-roles-raw.json")}, more...)
}

// types are operations on resource types of one resource provider.
func types(provider string, names ...string) []string { return within(provider, "/", names...) }

// azure are the needs on Azure. Crossplane's provider asks for no right to register resource providers: it registers none
// (skip_provider_registration in internal/clients/azure.go of crossplane-contrib/provider-upjet-azure, 2026-08-21).
func azure() []Need {
	network := func(kind, name string, allowed ...string) Need {
		return Need{"network.azure", kind, "Microsoft.Network", types("Microsoft.Network", allowed...), azureSources("network", name)}
	}
	database := func(group, provider, service, name string) Need {
		allowed := append(types(provider, "flexibleServers/*", "locations/*/read"), types("Microsoft.Network", "privateDnsZones/join/action", "virtualNetworks/subnets/join/action")...)
		return Need{group, "FlexibleServer", provider, allowed, azureSources(service, name)}
	}
	identity := func(kind, name, allowed string) Need {
		return Need{"managedidentity.azure", kind, "Microsoft.ManagedIdentity", types("Microsoft.ManagedIdentity", allowed), azureSources("managedidentity", name)}
	}
	aks := func(kind, name string, more ...string) Need {
		allowed := append(types("Microsoft.ContainerService", "locations/*/read", "managedClusters/*"), more...)
		return Need{"containerservice.azure", kind, "Microsoft.ContainerService", append(allowed, "Microsoft.Network/virtualNetworks/subnets/join/action"),
			azureSources("containerservice", name, read("https://docs.azure.cn/en-us/aks/aks-service-permissions"))}
	}
	const waits = "privateDnsOperationStatuses/read"
	return []Need{
		{"azure", "ResourceGroup", "Microsoft.Resources", types("Microsoft.Resources", "subscriptions/resourceGroups/delete", "subscriptions/resourceGroups/read",
			"subscriptions/resourceGroups/resources/read", "subscriptions/resourceGroups/write"), azureSources("resourcegroups", "resource_group")},
		network("VirtualNetwork", "virtual_network", "locations/*/read", "virtualNetworks/*"),
		network("Subnet", "subnet", "virtualNetworks/subnets/*"),
		network("PublicIP", "public_ip", "publicIPAddresses/*"),
		network("NATGateway", "nat_gateway", "natGateways/*"),
		network("NATGatewayPublicIPAssociation", "nat_gateway_public_ip_association", "natGateways/*", "publicIPAddresses/join/action"),
		network("SubnetNATGatewayAssociation", "subnet_nat_gateway_association", "natGateways/join/action", "virtualNetworks/subnets/*"),
		network("PrivateDNSZone", "private_dns_zone", "privateDnsOperationResults/read", waits, "privateDnsZones/*"),
		network("PrivateDNSZoneVirtualNetworkLink", "private_dns_zone_virtual_network_link", "privateDnsOperationResults/read", waits, "privateDnsZones/virtualNetworkLinks/*", "virtualNetworks/join/action"),
		identity("UserAssignedIdentity", "user_assigned_identity", "userAssignedIdentities/*"),
		// To give roles is not in the role: it is delegated, for certain roles alone.
		{"authorization.azure", "RoleAssignment", "Microsoft.Authorization", types("Microsoft.Authorization", "roleAssignments/read", "roleDefinitions/read"),
			azureSources("authorization", "role_assignment")},
		aks("KubernetesCluster", "kubernetes_cluster", "Microsoft.ManagedIdentity/userAssignedIdentities/assign/action"),
		identity("FederatedIdentityCredential", "federated_identity_credential", "userAssignedIdentities/federatedIdentityCredentials/*"),
		aks("KubernetesClusterNodePool", "kubernetes_cluster_node_pool"),
		database("dbformysql.azure", "Microsoft.DBforMySQL", "dbformysql", "mysql_flexible_server"),
		database("dbforpostgresql.azure", "Microsoft.DBforPostgreSQL", "dbforpostgresql", "postgresql_flexible_server"),
		network("VirtualNetworkPeering", "virtual_network_peering", "virtualNetworks/peer/action", "virtualNetworks/read", "virtualNetworks/virtualNetworkPeerings/*"),
	}
}
