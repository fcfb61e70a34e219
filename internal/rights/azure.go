package rights

// operations is Microsoft's list of what a role can allow, by resource provider.
func operations(category string) Source {
	return Source{"https://learn.microsoft.com/azure/role-based-access-control/permissions/" + category, day}
}

// types are all operations on resource types of one resource provider.
func types(provider string, names ...string) []string {
	all := make([]string, len(names))
	for i, name := range names {
		all[i] = provider + "/" + name
	}
	return all
}

func azure() []Need {
	network := func(kind string, names ...string) Need {
		return Need{"network.azure", kind, "Microsoft.Network", types("Microsoft.Network", names...), operations("networking")}
	}
	database := func(group, provider string) Need {
		return Need{group, "FlexibleServer", provider, types(provider, "flexibleServers/*", "locations/*/read"), operations("databases")}
	}
	return []Need{
		{"azure", "ResourceGroup", "Microsoft.Resources", types("Microsoft.Resources", "subscriptions/resourceGroups/delete", "subscriptions/resourceGroups/read",
			"subscriptions/resourceGroups/resources/read", "subscriptions/resourceGroups/write"), operations("management-and-governance")},
		network("VirtualNetwork", "virtualNetworks/*", "locations/*/read"),
		network("Subnet", "virtualNetworks/subnets/*"),
		network("PublicIP", "publicIPAddresses/*"),
		network("NATGateway", "natGateways/*"),
		network("NATGatewayPublicIPAssociation", "natGateways/*", "publicIPAddresses/join/action"),
		network("SubnetNATGatewayAssociation", "virtualNetworks/subnets/*", "natGateways/join/action"),
		network("PrivateDNSZone", "privateDnsZones/*", "privateDnsOperationResults/read", "privateDnsOperationStatuses/read"),
		network("PrivateDNSZoneVirtualNetworkLink", "privateDnsZones/virtualNetworkLinks/*", "virtualNetworks/join/action"),
		{"managedidentity.azure", "UserAssignedIdentity", "Microsoft.ManagedIdentity", types("Microsoft.ManagedIdentity", "userAssignedIdentities/*"), operations("identity")},
		{"managedidentity.azure", "FederatedIdentityCredential", "Microsoft.ManagedIdentity",
			types("Microsoft.ManagedIdentity", "userAssignedIdentities/federatedIdentityCredentials/*"), operations("identity")},
		// To grant roles is not in the role: it is delegated, for certain roles alone.
		{"authorization.azure", "RoleAssignment", "Microsoft.Authorization", types("Microsoft.Authorization", "roleAssignments/read", "roleDefinitions/read"),
			operations("management-and-governance")},
		{"containerservice.azure", "KubernetesCluster", "Microsoft.ContainerService", types("Microsoft.ContainerService", "locations/*/read", "managedClusters/*"), operations("containers")},
		database("dbformysql.azure", "Microsoft.DBforMySQL"),
		database("dbforpostgresql.azure", "Microsoft.DBforPostgreSQL"),
	}
}
