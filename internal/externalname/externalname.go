// Package externalname says of every kind of managed resource that compositions use where the cloud's name for it comes
// from, which decides what happens when its claim comes to another hub. It is data, read from the providers' own
// configuration; it knows no claim and no environment.
package externalname

import "strings"

// Origin is where the cloud's name for something comes from.
type Origin string

// The origins of names.
const (
	// Named is what carries the name that its claim gives it: any hub finds it again.
	Named Origin = "named"
	// Derived is what is found by its other fields: any hub finds it again once these are known.
	Derived Origin = "derived"
	// Invented is what the provider learns when it makes it: whoever does not know the name makes it again.
	Invented Origin = "invented"
)

// Again is what a cloud does when it is asked once more for something with an invented name.
type Again string

// What clouds do when they are asked again.
const (
	// Twin: another one is made beside it.
	Twin Again = "twin"
	// Refused: it exists already, says the cloud, for ever.
	Refused Again = "refused"
	// Same: nothing new comes of it, since it is a link between two others.
	Same Again = "same"
)

// Kind is a kind of managed resource.
type Kind struct {
	// Group is its API group without the provider's domain, as in "ec2.aws".
	Group, Name string
	// Key is where the provider's config/externalname.go has it, and Setting what stands there.
	Key, Setting string
	Origin       Origin
	// Form is what an invented name looks like; %s stands for what differs.
	Form  string
	Again Again
}

// Source is where the data of a cloud's provider was read.
type Source struct{ Cloud, Repository, File, Commit string }

// Sources are the providers' own configurations. Both generations of a kind, namespaced and cluster-wide, share one.
func Sources() []Source {
	return []Source{
		{"aws", "github.com/crossplane-contrib/provider-upjet-aws", "config/externalname.go", "75a4c57"},
		{"azure", "github.com/crossplane-contrib/provider-upjet-azure", "config/externalname.go", "a983cb4"},
		{"gcp", "github.com/crossplane-contrib/provider-upjet-gcp", "config/externalname.go", "8da2207"},
	}
}

// What stands in the providers' configuration (crossplane/upjet, pkg/config/externalname.go, has the first three).
const (
	fromProvider = "IdentifierFromProvider"
	ownName      = "NameAsIdentifier"
	template     = "TemplatedStringAsIdentifier"
	nameless     = "TemplatedStringAsIdentifierWithNoName"
	formatted    = "FormattedIdentifierFromProvider"
)

// Kinds are all kinds that compositions use.
func Kinds() []Kind {
	kinds := append(aws(), azure()...)
	return append(kinds, gcp()...)
}

func aws() []Kind {
	return []Kind{
		{"ec2.aws", "EIP", "aws_eip", fromProvider, Invented, "eipalloc-%s", Twin},
		{"ec2.aws", "InternetGateway", "aws_internet_gateway", fromProvider, Invented, "igw-%s", Twin},
		{"ec2.aws", "NATGateway", "aws_nat_gateway", fromProvider, Invented, "nat-%s", Twin},
		{"ec2.aws", "Route", "aws_route", "route()", Derived, "", ""},
		{"ec2.aws", "RouteTable", "aws_route_table", fromProvider, Invented, "rtb-%s", Twin},
		{"ec2.aws", "RouteTableAssociation", "aws_route_table_association", fromProvider, Invented, "rtbassoc-%s", Twin},
		{"ec2.aws", "SecurityGroup", "aws_security_group", fromProvider, Invented, "sg-%s", Twin},
		{"ec2.aws", "SecurityGroupRule", "aws_security_group_rule", fromProvider, Invented, "sgrule-%s", Twin},
		{"ec2.aws", "Subnet", "aws_subnet", fromProvider, Invented, "subnet-%s", Twin},
		{"ec2.aws", "VPC", "aws_vpc", fromProvider, Invented, "vpc-%s", Twin},
		{"ec2.aws", "VPCPeeringConnection", "aws_vpc_peering_connection", fromProvider, Invented, "pcx-%s", Refused},
		// It is accepted already, and has the name of what it accepts.
		{"ec2.aws", "VPCPeeringConnectionAccepter", "aws_vpc_peering_connection_accepter", fromProvider, Invented, "pcx-%s", Same},
		{"eks.aws", "AccessEntry", "aws_eks_access_entry", nameless, Derived, "", ""},
		{"eks.aws", "AccessPolicyAssociation", "aws_eks_access_policy_association", nameless, Derived, "", ""},
		{"eks.aws", "Addon", "aws_eks_addon", formatted, Derived, "", ""},
		{"eks.aws", "Cluster", "aws_eks_cluster", ownName, Named, "", ""},
		{"eks.aws", "NodeGroup", "aws_eks_node_group", template, Named, "", ""},
		{"eks.aws", "PodIdentityAssociation", "aws_eks_pod_identity_association", "eksPodIdentityAssociation()", Invented, "a-%s", Refused},
		{"iam.aws", "OpenIDConnectProvider", "aws_iam_openid_connect_provider", fromProvider, Invented, "arn:aws:iam::111122223333:oidc-provider/oidc.example.com/id/%s", Refused},
		{"iam.aws", "Role", "aws_iam_role", ownName, Named, "", ""},
		{"iam.aws", "RolePolicyAttachment", "aws_iam_role_policy_attachment", fromProvider, Invented, "role-%s", Same},
		// The name is the resource id of RDS, not the identifier that the claim's id gives.
		{"rds.aws", "Instance", "aws_db_instance", fromProvider, Invented, "db-%s", Refused},
		{"rds.aws", "SubnetGroup", "aws_db_subnet_group", ownName, Named, "", ""},
	}
}

func azure() []Kind {
	const subscription = "/subscriptions/00000000-0000-0000-0000-000000000000"
	return []Kind{
		{"authorization.azure", "RoleAssignment", "azurerm_role_assignment", fromProvider, Invented,
			subscription + "/providers/Microsoft.Authorization/roleAssignments/%s", Refused},
		{"azure", "ResourceGroup", "azurerm_resource_group", template, Named, "", ""},
		{"containerservice.azure", "KubernetesCluster", "azurerm_kubernetes_cluster", template, Named, "", ""},
		{"containerservice.azure", "KubernetesClusterNodePool", "azurerm_kubernetes_cluster_node_pool", template, Named, "", ""},
		{"dbformysql.azure", "FlexibleServer", "azurerm_mysql_flexible_server", template, Named, "", ""},
		{"dbforpostgresql.azure", "FlexibleServer", "azurerm_postgresql_flexible_server", template, Named, "", ""},
		{"managedidentity.azure", "FederatedIdentityCredential", "azurerm_federated_identity_credential", template, Named, "", ""},
		{"managedidentity.azure", "UserAssignedIdentity", "azurerm_user_assigned_identity", fromProvider, Invented,
			subscription + "/resourceGroups/group/providers/Microsoft.ManagedIdentity/userAssignedIdentities/%s", Refused},
		{"network.azure", "NATGateway", "azurerm_nat_gateway", template, Named, "", ""},
		{"network.azure", "NATGatewayPublicIPAssociation", "azurerm_nat_gateway_public_ip_association", fromProvider, Invented,
			subscription + "/resourceGroups/group/providers/Microsoft.Network/natGateways/nat|" +
				subscription + "/resourceGroups/group/providers/Microsoft.Network/publicIPAddresses/%s", Refused},
		{"network.azure", "PrivateDNSZone", "azurerm_private_dns_zone", template, Named, "", ""},
		{"network.azure", "PrivateDNSZoneVirtualNetworkLink", "azurerm_private_dns_zone_virtual_network_link", template, Named, "", ""},
		{"network.azure", "PublicIP", "azurerm_public_ip", template, Named, "", ""},
		{"network.azure", "Subnet", "azurerm_subnet", template, Named, "", ""},
		{"network.azure", "SubnetNATGatewayAssociation", "azurerm_subnet_nat_gateway_association", fromProvider, Invented,
			subscription + "/resourceGroups/group/providers/Microsoft.Network/virtualNetworks/network/subnets/%s", Refused},
		{"network.azure", "VirtualNetwork", "azurerm_virtual_network", template, Named, "", ""},
		{"network.azure", "VirtualNetworkPeering", "azurerm_virtual_network_peering", template, Named, "", ""},
	}
}

func gcp() []Kind {
	return []Kind{
		{"cloudplatform.gcp", "ProjectIAMMember", "google_project_iam_member", fromProvider, Invented, "sample-project/roles/viewer/serviceAccount:%s", Same},
		{"cloudplatform.gcp", "ServiceAccount", "google_service_account", template, Named, "", ""},
		{"cloudplatform.gcp", "ServiceAccountIAMMember", "google_service_account_iam_member", fromProvider, Invented,
			"projects/sample-project/serviceAccounts/account/roles/iam.workloadIdentityUser/serviceAccount:%s", Same},
		{"compute.gcp", "Firewall", "google_compute_firewall", template, Named, "", ""},
		{"compute.gcp", "GlobalAddress", "google_compute_global_address", template, Named, "", ""},
		{"compute.gcp", "Network", "google_compute_network", template, Named, "", ""},
		{"compute.gcp", "Router", "google_compute_router", template, Named, "", ""},
		{"compute.gcp", "RouterNAT", "google_compute_router_nat", template, Named, "", ""},
		{"compute.gcp", "Subnetwork", "google_compute_subnetwork", template, Named, "", ""},
		{"container.gcp", "Cluster", "google_container_cluster", template, Named, "", ""},
		{"container.gcp", "NodePool", "google_container_node_pool", template, Named, "", ""},
		{"servicenetworking.gcp", "Connection", "google_service_networking_connection", fromProvider, Invented,
			"projects%%2Fsample-project%%2Fglobal%%2Fnetworks%%2F%s:servicenetworking.googleapis.com", Same},
		{"sql.gcp", "DatabaseInstance", "google_sql_database_instance", template, Named, "", ""},
		// google_sql_user is set anew in config/*/sql/config.go, with another id but the same origin.
		{"sql.gcp", "User", "google_sql_user", ownName, Named, "", ""},
	}
}

// Of finds a kind by its API group, of either generation ("ec2.aws.m.upbound.io" or "ec2.aws.upbound.io").
func Of(group, kind string) (Kind, bool) {
	short, ours := strings.CutSuffix(group, ".upbound.io")
	short = strings.TrimSuffix(short, ".m")
	for _, k := range Kinds() {
		if ours && k.Group == short && k.Name == kind {
			return k, true
		}
	}
	return Kind{}, false
}
