package rights

// operations is Microsoft's list of what a role can allow, by resource provider.
func operations(category string) Source {
	return read("https://learn.microsoft.com/azure/role-based-access-control/permissions/" + category)
}

// builtIn is Microsoft's list of its own roles: the role beside it is for what the need is for.
func builtIn(category string) Source {
	return read("https://learn.microsoft.com/azure/role-based-access-control/built-in-roles/" + category)
}

// types are operations on resource types of one resource provider.
func types(provider string, names ...string) []string { return within(provider, "/", names...) }

// azure are the needs on Azure. Crossplane's provider asks for no right to register resource providers: it registers none
// (skip_provider_registration in internal/clients/azure.go of crossplane-contrib/provider-upjet-azure, 2026-08-21).
func azure() []Need {
	network := func(kind string, names ...string) Need {
		return Need{"network.azure", kind, "Microsoft.Network", types("Microsoft.Network", names...), []Source{operations("networking"), builtIn("networking")}}
	}
	database := func(group, provider string) Need {
		allowed := append(types(provider, "flexibleServers/*", "locations/*/read"), types("Microsoft.Network", "privateDnsZones/join/action", "virtualNetworks/subnets/join/action")...)
		return Need{group, "FlexibleServer", provider, allowed, []Source{operations("databases"), operations("networking")}}
	}
	identity := func(kind, name string) Need {
		return Need{"managedidentity.azure", kind, "Microsoft.ManagedIdentity", types("Microsoft.ManagedIdentity", name), []Source{operations("identity"), builtIn("identity")}}
	}
	aks := func(kind string, more ...string) Need {
		allowed := append(types("Microsoft.ContainerService", "locations/*/read", "managedClusters/*"), more...)
		return Need{"containerservice.azure", kind, "Microsoft.ContainerService", append(allowed, "Microsoft.Network/virtualNetworks/subnets/join/action"),
			[]Source{operations("containers"), read("https://learn.microsoft.com/azure/aks/aks-service-permissions")}}
	}
	return []Need{
		{"azure", "ResourceGroup", "Microsoft.Resources", types("Microsoft.Resources", "subscriptions/resourceGroups/delete", "subscriptions/resourceGroups/read",
			"subscriptions/resourceGroups/resources/read", "subscriptions/resourceGroups/write"), []Source{operations("management-and-governance")}},
		network("VirtualNetwork", "locations/*/read", "virtualNetworks/*"),
		network("Subnet", "virtualNetworks/subnets/*"),
		network("PublicIP", "publicIPAddresses/*"),
		network("NATGateway", "natGateways/*"),
		network("NATGatewayPublicIPAssociation", "natGateways/*", "publicIPAddresses/join/action"),
		network("SubnetNATGatewayAssociation", "natGateways/join/action", "virtualNetworks/subnets/*"),
		network("PrivateDNSZone", "privateDnsOperationResults/read", "privateDnsOperationStatuses/read", "privateDnsZones/*"),
		network("PrivateDNSZoneVirtualNetworkLink", "privateDnsOperationResults/read", "privateDnsOperationStatuses/read", "privateDnsZones/virtualNetworkLinks/*", "virtualNetworks/join/action"),
		identity("UserAssignedIdentity", "userAssignedIdentities/*"),
		// To give roles is not in the role: it is delegated, for certain roles alone.
		{"authorization.azure", "RoleAssignment", "Microsoft.Authorization", types("Microsoft.Authorization", "roleAssignments/read", "roleDefinitions/read"),
			[]Source{operations("management-and-governance")}},
		aks("KubernetesCluster", "Microsoft.ManagedIdentity/userAssignedIdentities/assign/action"),
		identity("FederatedIdentityCredential", "userAssignedIdentities/federatedIdentityCredentials/*"),
		aks("KubernetesClusterNodePool"),
		database("dbformysql.azure", "Microsoft.DBforMySQL"),
		database("dbforpostgresql.azure", "Microsoft.DBforPostgreSQL"),
	}
}
