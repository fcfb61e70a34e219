// Package rights says what an account of a cloud must allow before the first claim, kind by kind of managed resource, and
// makes of it what each cloud reads: policies, roles, lists of services. It is data, with where it was read beside it; it knows
// no claim and no environment, and it asks no cloud.
package rights

import "strings"

// Need is what an account must allow for one kind of managed resource.
type Need struct {
	// Group is its API group without the provider's domain, as in "ec2.aws".
	Group, Kind string
	// Service is what must be switched on first: an API on Google Cloud, a resource provider on Azure. On AWS nothing must.
	Service string
	// Allowed are actions on AWS and Azure, and roles of Google's on Google Cloud.
	Allowed []string
	Source  Source
}

// Source is where that was read, and when.
type Source struct{ Page, Read string }

// day is when all sources were read.
const day = "2026-11-30"

// Needs are those of a cloud, in the order in which a first environment needs them: network, cluster, database.
func Needs(cloud string) []Need {
	return map[string][]Need{"aws": aws(), "azure": azure(), "gcp": gcp()}[cloud]
}

// Of finds the need of a kind by its API group, of either generation ("ec2.aws.m.upbound.io" or "ec2.aws.upbound.io").
func Of(group, kind string) (Need, bool) {
	short := strings.TrimSuffix(strings.TrimSuffix(group, ".upbound.io"), ".m")
	cloud := short[strings.LastIndex(short, ".")+1:]
	for _, need := range Needs(cloud) {
		if need.Group == short && need.Kind == kind {
			return need, true
		}
	}
	return Need{}, false
}

// terraform is where the calls of a kind stand, in the code that the provider of AWS is made from.
func terraform(file string) Source {
	return Source{"https://github.com/hashicorp/terraform-provider-aws/blob/main/internal/service/" + file, day}
}

// actions are those of a service of AWS.
func actions(service string, names ...string) []string {
	all := make([]string, len(names))
	for i, name := range names {
		all[i] = service + ":" + name
	}
	return all
}

func aws() []Need {
	ec2 := func(kind, file string, names ...string) Need {
		return Need{"ec2.aws", kind, "", actions("ec2", append(names, "CreateTags", "DeleteTags")...), terraform("ec2/" + file)}
	}
	eks := func(kind, file string, names ...string) Need {
		return Need{"eks.aws", kind, "", actions("eks", append(names, "TagResource", "UntagResource")...), terraform("eks/" + file)}
	}
	iam := func(kind, file string, names ...string) Need {
		return Need{"iam.aws", kind, "", actions("iam", names...), terraform("iam/" + file)}
	}
	rds := func(kind, file string, names ...string) Need {
		return Need{"rds.aws", kind, "", actions("rds", append(names, "AddTagsToResource", "ListTagsForResource", "RemoveTagsFromResource")...), terraform("rds/" + file)}
	}
	return []Need{
		ec2("VPC", "vpc_.go", "CreateVpc", "DeleteVpc", "DescribeNetworkAcls", "DescribeRouteTables", "DescribeSecurityGroups", "DescribeVpcAttribute", "DescribeVpcs", "ModifyVpcAttribute"),
		ec2("InternetGateway", "vpc_internet_gateway.go", "AttachInternetGateway", "CreateInternetGateway", "DeleteInternetGateway", "DescribeInternetGateways", "DetachInternetGateway"),
		ec2("Subnet", "vpc_subnet.go", "CreateSubnet", "DeleteSubnet", "DescribeNetworkInterfaces", "DescribeSubnets", "ModifySubnetAttribute"),
		ec2("RouteTable", "vpc_route_table.go", "CreateRouteTable", "DeleteRouteTable", "DescribeRouteTables", "DisassociateRouteTable"),
		ec2("Route", "vpc_route.go", "CreateRoute", "DeleteRoute", "DescribeRouteTables", "ReplaceRoute"),
		ec2("RouteTableAssociation", "vpc_route_table_association.go", "AssociateRouteTable", "DescribeRouteTables", "DisassociateRouteTable", "ReplaceRouteTableAssociation"),
		ec2("EIP", "ec2_eip.go", "AllocateAddress", "AssociateAddress", "DescribeAddresses", "DescribeAddressesAttribute", "DisassociateAddress", "ReleaseAddress"),
		ec2("NATGateway", "vpc_nat_gateway.go", "CreateNatGateway", "DeleteNatGateway", "DescribeNatGateways"),
		ec2("SecurityGroup", "vpc_security_group.go", "CreateSecurityGroup", "DeleteSecurityGroup", "DescribeNetworkInterfaces", "DescribeSecurityGroups", "RevokeSecurityGroupEgress", "RevokeSecurityGroupIngress"),
		ec2("SecurityGroupRule", "vpc_security_group_rule.go", "AuthorizeSecurityGroupIngress", "DescribeSecurityGroupRules", "DescribeSecurityGroups", "RevokeSecurityGroupIngress"),
		iam("Role", "role.go", "CreateRole", "DeleteRole", "DeleteRolePolicy", "DetachRolePolicy", "GetRole", "GetRolePolicy", "ListAttachedRolePolicies", "ListInstanceProfilesForRole",
			"ListRolePolicies", "PutRolePolicy", "TagRole", "UntagRole", "UpdateAssumeRolePolicy", "UpdateRole", "UpdateRoleDescription"),
		iam("RolePolicyAttachment", "role_policy_attachment.go", "AttachRolePolicy", "DetachRolePolicy", "ListAttachedRolePolicies"),
		iam("OpenIDConnectProvider", "openid_connect_provider.go", "AddClientIDToOpenIDConnectProvider", "CreateOpenIDConnectProvider", "DeleteOpenIDConnectProvider", "GetOpenIDConnectProvider",
			"RemoveClientIDFromOpenIDConnectProvider", "TagOpenIDConnectProvider", "UntagOpenIDConnectProvider", "UpdateOpenIDConnectProviderThumbprint"),
		eks("Cluster", "cluster.go", "CreateCluster", "DeleteCluster", "DescribeCluster", "DescribeUpdate", "UpdateClusterConfig", "UpdateClusterVersion"),
		eks("NodeGroup", "node_group.go", "CreateNodegroup", "DeleteNodegroup", "DescribeNodegroup", "DescribeUpdate", "UpdateNodegroupConfig", "UpdateNodegroupVersion"),
		eks("Addon", "addon.go", "CreateAddon", "DeleteAddon", "DescribeAddon", "DescribeUpdate", "UpdateAddon"),
		eks("PodIdentityAssociation", "pod_identity_association.go", "CreatePodIdentityAssociation", "DeletePodIdentityAssociation", "DescribePodIdentityAssociation", "UpdatePodIdentityAssociation"),
		eks("AccessEntry", "access_entry.go", "CreateAccessEntry", "DeleteAccessEntry", "DescribeAccessEntry", "UpdateAccessEntry"),
		eks("AccessPolicyAssociation", "access_policy_association.go", "AssociateAccessPolicy", "DisassociateAccessPolicy", "ListAssociatedAccessPolicies"),
		rds("SubnetGroup", "subnet_group.go", "CreateDBSubnetGroup", "DeleteDBSubnetGroup", "DescribeDBSubnetGroups", "ModifyDBSubnetGroup"),
		rds("Instance", "instance.go", "CreateDBInstance", "DeleteDBInstance", "DescribeDBInstances", "ModifyDBInstance", "RebootDBInstance"),
	}
}
