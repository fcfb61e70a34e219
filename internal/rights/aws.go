package rights

import "slices"

// terraform is where the calls of a kind stand, in the code that the provider of AWS is made from.
func terraform(file string) Source {
	return read("https://github.com/hashicorp/terraform-provider-aws/blob/main/internal/service/" + file)
}

// awsSources are where a kind's rights were read; code where its calls were read there too.
func awsSources(service, kind, schema string, code ...string) []Source {
	sources := []Source{calls("aws/resource/" + service + "/aws_" + kind), registry(schema)}
	for _, file := range code {
		sources = append(sources, terraform(file))
	}
	return sources
}

// registry is what AWS itself says that making, changing and deleting a type asks for: "handlers" in the schema of CloudFormation,
// of which this is a copy. It is how what a service looks at with the caller's rights is known.
func registry(kind string) Source {
	return read("https://github.com/pulumi/pulumi-aws-native/blob/master/aws-cloudformation-schema/aws-" + kind + ".json")
}

// awsCode are the files of the provider's code that were read for a kind.
func awsCode(kind string) []string {
	return map[string][]string{
		"VPC": {"ec2/vpc_.go"}, "Subnet": {"ec2/vpc_subnet.go"}, "EIP": {"ec2/ec2_eip.go"}, "RouteTable": {"ec2/vpc_route_table.go"},
		"VPCPeeringConnectionAccepter": {"ec2/vpc_peering_connection_accepter.go"}, "Role": {"iam/role.go"},
	}[kind]
}

func actions(service string, names ...string) []string { return within(service, ":", names...) }

// aws are the needs on AWS. A kind with tags has the provider's own ones beside ours.
func aws() []Need {
	const tag, untag = "CreateTags", "DeleteTags"
	ec2 := func(kind, file, schema string, names ...string) Need {
		return Need{Group: "ec2.aws", Kind: kind, Allowed: actions("ec2", names...), Sources: awsSources("ec2", file, "ec2-"+schema, awsCode(kind)...)}
	}
	return append([]Need{
		ec2("VPC", "vpc", "vpc", "CreateVpc", "DeleteVpc", "DescribeNetworkAcls", "DescribeRouteTables", "DescribeSecurityGroups", "DescribeVpcAttribute", "DescribeVpcs", "ModifyVpcAttribute", tag, untag),
		ec2("InternetGateway", "internet_gateway", "internetgateway", "AttachInternetGateway", "CreateInternetGateway", "DeleteInternetGateway", "DescribeInternetGateways", "DetachInternetGateway", tag, untag),
		ec2("Subnet", "subnet", "subnet", "CreateSubnet", "DeleteSubnet", "DescribeNetworkInterfaces", "DescribeSubnets", "ModifySubnetAttribute", tag, untag),
		ec2("RouteTable", "route_table", "routetable", "CreateRouteTable", "DeleteRouteTable", "DescribeRouteTables", "DisassociateRouteTable", tag, untag),
		ec2("EIP", "eip", "eip", "AllocateAddress", "DescribeAddresses", "DescribeAddressesAttribute", "DisassociateAddress", "ReleaseAddress", tag, untag),
		ec2("NATGateway", "nat_gateway", "natgateway", "CreateNatGateway", "DeleteNatGateway", "DescribeNatGateways", tag, untag),
		ec2("Route", "route", "route", "CreateRoute", "DeleteRoute", "DescribeRouteTables", "ReplaceRoute"),
		ec2("RouteTableAssociation", "route_table_association", "subnetroutetableassociation", "AssociateRouteTable", "DescribeRouteTables", "DescribeSubnets", "DisassociateRouteTable", "ReplaceRouteTableAssociation"),
	}, slices.Concat(awsClusters(), awsDatabases(ec2), []Need{
		ec2("VPCPeeringConnection", "vpc_peering_connection", "vpcpeeringconnection", "CreateVpcPeeringConnection", "DeleteVpcPeeringConnection", "DescribeVpcPeeringConnections", tag, untag),
		ec2("VPCPeeringConnectionAccepter", "vpc_peering_connection_accepter", "vpcpeeringconnection", "AcceptVpcPeeringConnection", "DescribeVpcPeeringConnections", "ModifyVpcPeeringConnectionOptions", tag, untag),
	})...)
}

func awsClusters() []Need {
	iam := func(kind, file, schema string, names ...string) Need {
		return Need{Group: "iam.aws", Kind: kind, Allowed: actions("iam", names...), Sources: awsSources("iam", file, schema, awsCode(kind)...)}
	}
	eks := func(kind, file, schema string, names []string, more ...string) Need {
		return Need{Group: "eks.aws", Kind: kind, Allowed: append(actions("eks", names...), more...), Sources: awsSources("eks", file, schema)}
	}
	// EKS looks at roles and subnets as whoever asks.
	const role, attached = "iam:GetRole", "iam:ListAttachedRolePolicies"
	const tag, untag = "TagResource", "UntagResource"
	return []Need{
		iam("Role", "iam_role", "iam-role", "CreateRole", "DeleteRole", "DeleteRolePolicy", "DetachRolePolicy", "GetRole", "GetRolePolicy", "ListAttachedRolePolicies",
			"ListInstanceProfilesForRole", "ListRolePolicies", "PutRolePolicy", "TagRole", "UntagRole", "UpdateAssumeRolePolicy", "UpdateRole", "UpdateRoleDescription"),
		iam("RolePolicyAttachment", "iam_role_policy_attachment", "iam-role", "AttachRolePolicy", "DetachRolePolicy", "ListAttachedRolePolicies"),
		eks("Cluster", "eks_cluster", "eks-cluster", []string{"CreateCluster", "DeleteCluster", "DescribeCluster", "DescribeUpdate", "UpdateClusterConfig", "UpdateClusterVersion", tag, untag},
			"ec2:DescribeSubnets", "ec2:DescribeVpcs", role, attached),
		iam("OpenIDConnectProvider", "iam_openid_connect_provider", "iam-oidcprovider", "AddClientIDToOpenIDConnectProvider", "CreateOpenIDConnectProvider", "DeleteOpenIDConnectProvider",
			"GetOpenIDConnectProvider", "RemoveClientIDFromOpenIDConnectProvider", "TagOpenIDConnectProvider", "UntagOpenIDConnectProvider", "UpdateOpenIDConnectProviderThumbprint"),
		// What it asks for templates of machines and keys for a shell is not here: no composition has any.
		eks("NodeGroup", "eks_node_group", "eks-nodegroup", []string{"CreateNodegroup", "DeleteNodegroup", "DescribeNodegroup", "DescribeUpdate", "UpdateNodegroupConfig", "UpdateNodegroupVersion", tag, untag},
			"ec2:CreateTags", "ec2:DeleteTags", "ec2:DescribeRouteTables", "ec2:DescribeSecurityGroups", "ec2:DescribeSubnets", "ec2:DescribeVpcs", role, attached),
		eks("Addon", "eks_addon", "eks-addon", []string{"CreateAddon", "DeleteAddon", "DescribeAddon", "DescribeUpdate", "UpdateAddon", tag, untag}),
		eks("PodIdentityAssociation", "eks_pod_identity_association", "eks-podidentityassociation",
			[]string{"CreatePodIdentityAssociation", "DeletePodIdentityAssociation", "DescribePodIdentityAssociation", "UpdatePodIdentityAssociation", tag, untag}, role),
		eks("AccessEntry", "eks_access_entry", "eks-accessentry", []string{"CreateAccessEntry", "DeleteAccessEntry", "DescribeAccessEntry", "UpdateAccessEntry", tag, untag}),
		eks("AccessPolicyAssociation", "eks_access_policy_association", "eks-accessentry", []string{"AssociateAccessPolicy", "DisassociateAccessPolicy", "ListAssociatedAccessPolicies"}),
	}
}

func awsDatabases(ec2 func(kind, file, schema string, names ...string) Need) []Need {
	rds := func(kind, file, schema string, names []string, more ...string) Need {
		names = append(names, "AddTagsToResource", "ListTagsForResource", "RemoveTagsFromResource")
		return Need{Group: "rds.aws", Kind: kind, Allowed: append(actions("rds", names...), more...), Sources: awsSources("rds", file, schema)}
	}
	return []Need{
		ec2("SecurityGroup", "security_group", "securitygroup", "CreateSecurityGroup", "DeleteSecurityGroup", "DescribeNetworkInterfaces", "DescribeSecurityGroups", "RevokeSecurityGroupEgress",
			"RevokeSecurityGroupIngress", "CreateTags", "DeleteTags"),
		ec2("SecurityGroupRule", "security_group_rule", "securitygroupingress", "AuthorizeSecurityGroupIngress", "DescribeSecurityGroupRules", "DescribeSecurityGroups", "RevokeSecurityGroupIngress"),
		rds("SubnetGroup", "db_subnet_group", "rds-dbsubnetgroup", []string{"CreateDBSubnetGroup", "DeleteDBSubnetGroup", "DescribeDBSubnetGroups", "ModifyDBSubnetGroup"}),
		// A last snapshot is made with the right of whoever deletes; RDS looks at the network as whoever asks. The key that it encrypts
		// with where none is named lets all of the account's use it through RDS.
		rds("Instance", "db_instance", "rds-dbinstance", []string{"CreateDBInstance", "CreateDBSnapshot", "DeleteDBInstance", "DescribeDBInstances", "ModifyDBInstance", "RebootDBInstance"},
			actions("ec2", "DescribeAccountAttributes", "DescribeAvailabilityZones", "DescribeInternetGateways", "DescribeSecurityGroups", "DescribeSubnets", "DescribeVpcAttribute", "DescribeVpcs")...),
	}
}
