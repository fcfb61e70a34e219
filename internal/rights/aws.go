package rights

// terraform is where the calls of a kind stand, in the code that the provider of AWS is made from.
func terraform(file string) Source {
	return read("https://github.com/hashicorp/terraform-provider-aws/blob/main/internal/service/" + file)
}

// registry is what AWS itself says that making, changing and deleting a type asks for: "handlers" in the schema of CloudFormation,
// of which this is a copy. It is how what a service looks at with the caller's rights is known.
func registry(kind string) Source {
	return read("https://github.com/pulumi/pulumi-aws-native/blob/master/aws-cloudformation-schema/aws-" + kind + ".json")
}

func actions(service string, names ...string) []string { return within(service, ":", names...) }

// aws are the needs on AWS. A kind with tags has the provider's own ones beside ours.
func aws() []Need {
	const tag, untag = "CreateTags", "DeleteTags"
	ec2 := func(kind, file, schema string, names ...string) Need {
		return Need{Group: "ec2.aws", Kind: kind, Allowed: actions("ec2", names...), Sources: []Source{terraform("ec2/" + file), registry("ec2-" + schema)}}
	}
	return append([]Need{
		ec2("VPC", "vpc_.go", "vpc", "CreateVpc", "DeleteVpc", "DescribeNetworkAcls", "DescribeRouteTables", "DescribeSecurityGroups", "DescribeVpcAttribute", "DescribeVpcs", "ModifyVpcAttribute", tag, untag),
		ec2("InternetGateway", "vpc_internet_gateway.go", "internetgateway", "AttachInternetGateway", "CreateInternetGateway", "DeleteInternetGateway", "DescribeInternetGateways", "DetachInternetGateway", tag, untag),
		ec2("Subnet", "vpc_subnet.go", "subnet", "CreateSubnet", "DeleteSubnet", "DescribeNetworkInterfaces", "DescribeSubnets", "ModifySubnetAttribute", tag, untag),
		ec2("RouteTable", "vpc_route_table.go", "routetable", "CreateRouteTable", "DeleteRouteTable", "DescribeRouteTables", "DisassociateRouteTable", tag, untag),
		ec2("EIP", "ec2_eip.go", "eip", "AllocateAddress", "DescribeAddresses", "DescribeAddressesAttribute", "DisassociateAddress", "ReleaseAddress", tag, untag),
		ec2("NATGateway", "vpc_nat_gateway.go", "natgateway", "CreateNatGateway", "DeleteNatGateway", "DescribeNatGateways", tag, untag),
		ec2("Route", "vpc_route.go", "route", "CreateRoute", "DeleteRoute", "DescribeRouteTables", "ReplaceRoute"),
		ec2("RouteTableAssociation", "vpc_route_table_association.go", "subnetroutetableassociation", "AssociateRouteTable", "DescribeRouteTables", "DescribeSubnets", "DisassociateRouteTable", "ReplaceRouteTableAssociation"),
	}, append(awsClusters(), awsDatabases(ec2)...)...)
}

func awsClusters() []Need {
	iam := func(kind, file, schema string, names ...string) Need {
		return Need{Group: "iam.aws", Kind: kind, Allowed: actions("iam", names...), Sources: []Source{terraform("iam/" + file), registry(schema)}}
	}
	eks := func(kind, file, schema string, names []string, more ...string) Need {
		return Need{Group: "eks.aws", Kind: kind, Allowed: append(actions("eks", names...), more...), Sources: []Source{terraform("eks/" + file), registry(schema)}}
	}
	// EKS looks at roles and subnets as whoever asks.
	const role, attached = "iam:GetRole", "iam:ListAttachedRolePolicies"
	const tag, untag = "TagResource", "UntagResource"
	return []Need{
		iam("Role", "role.go", "iam-role", "CreateRole", "DeleteRole", "DeleteRolePolicy", "DetachRolePolicy", "GetRole", "GetRolePolicy", "ListAttachedRolePolicies",
			"ListInstanceProfilesForRole", "ListRolePolicies", "PutRolePolicy", "TagRole", "UntagRole", "UpdateAssumeRolePolicy", "UpdateRole", "UpdateRoleDescription"),
		iam("RolePolicyAttachment", "role_policy_attachment.go", "iam-role", "AttachRolePolicy", "DetachRolePolicy", "ListAttachedRolePolicies"),
		eks("Cluster", "cluster.go", "eks-cluster", []string{"CreateCluster", "DeleteCluster", "DescribeCluster", "DescribeUpdate", "UpdateClusterConfig", "UpdateClusterVersion", tag, untag},
			"ec2:DescribeSubnets", "ec2:DescribeVpcs", role, attached),
		iam("OpenIDConnectProvider", "openid_connect_provider.go", "iam-oidcprovider", "AddClientIDToOpenIDConnectProvider", "CreateOpenIDConnectProvider", "DeleteOpenIDConnectProvider",
			"GetOpenIDConnectProvider", "RemoveClientIDFromOpenIDConnectProvider", "TagOpenIDConnectProvider", "UntagOpenIDConnectProvider", "UpdateOpenIDConnectProviderThumbprint"),
		// What it asks for templates of machines and keys for a shell is not here: no composition has any.
		eks("NodeGroup", "node_group.go", "eks-nodegroup", []string{"CreateNodegroup", "DeleteNodegroup", "DescribeNodegroup", "DescribeUpdate", "UpdateNodegroupConfig", "UpdateNodegroupVersion", tag, untag},
			"ec2:CreateTags", "ec2:DeleteTags", "ec2:DescribeRouteTables", "ec2:DescribeSecurityGroups", "ec2:DescribeSubnets", "ec2:DescribeVpcs", role, attached),
		eks("Addon", "addon.go", "eks-addon", []string{"CreateAddon", "DeleteAddon", "DescribeAddon", "DescribeUpdate", "UpdateAddon", tag, untag}),
		eks("PodIdentityAssociation", "pod_identity_association.go", "eks-podidentityassociation",
			[]string{"CreatePodIdentityAssociation", "DeletePodIdentityAssociation", "DescribePodIdentityAssociation", "UpdatePodIdentityAssociation", tag, untag}, role),
		eks("AccessEntry", "access_entry.go", "eks-accessentry", []string{"CreateAccessEntry", "DeleteAccessEntry", "DescribeAccessEntry", "UpdateAccessEntry", tag, untag}),
		eks("AccessPolicyAssociation", "access_policy_association.go", "eks-accessentry", []string{"AssociateAccessPolicy", "DisassociateAccessPolicy", "ListAssociatedAccessPolicies"}),
	}
}

func awsDatabases(ec2 func(kind, file, schema string, names ...string) Need) []Need {
	rds := func(kind, file, schema string, names []string, more ...string) Need {
		names = append(names, "AddTagsToResource", "ListTagsForResource", "RemoveTagsFromResource")
		return Need{Group: "rds.aws", Kind: kind, Allowed: append(actions("rds", names...), more...), Sources: []Source{terraform("rds/" + file), registry(schema)}}
	}
	return []Need{
		ec2("SecurityGroup", "vpc_security_group.go", "securitygroup", "CreateSecurityGroup", "DeleteSecurityGroup", "DescribeNetworkInterfaces", "DescribeSecurityGroups", "RevokeSecurityGroupEgress",
			"RevokeSecurityGroupIngress", "CreateTags", "DeleteTags"),
		ec2("SecurityGroupRule", "vpc_security_group_rule.go", "securitygroupingress", "AuthorizeSecurityGroupIngress", "DescribeSecurityGroupRules", "DescribeSecurityGroups", "RevokeSecurityGroupIngress"),
		rds("SubnetGroup", "subnet_group.go", "rds-dbsubnetgroup", []string{"CreateDBSubnetGroup", "DeleteDBSubnetGroup", "DescribeDBSubnetGroups", "ModifyDBSubnetGroup"}),
		// A last snapshot is made with the right of whoever deletes; RDS looks at the network as whoever asks. The key that it encrypts
		// with where none is named lets all of the account's use it through RDS.
		rds("Instance", "instance.go", "rds-dbinstance", []string{"CreateDBInstance", "CreateDBSnapshot", "DeleteDBInstance", "DescribeDBInstances", "ModifyDBInstance", "RebootDBInstance"},
			actions("ec2", "DescribeAccountAttributes", "DescribeAvailabilityZones", "DescribeInternetGateways", "DescribeSecurityGroups", "DescribeSubnets", "DescribeVpcAttribute", "DescribeVpcs")...),
	}
}
