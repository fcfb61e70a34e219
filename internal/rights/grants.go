package rights

import "strings"

// Who may give rights away could give itself all of them. So what may be given is bounded to what compositions give.

// AWSPolicies are the policies that AWS keeps and that roles of an environment get.
func AWSPolicies() []string {
	return []string{
		"AmazonEC2ContainerRegistryPullOnly", "AmazonEKSClusterPolicy", "AmazonEKSWorkerNodePolicy", "AmazonEKS_CNI_Policy",
		"service-role/AmazonEBSCSIDriverPolicy",
	}
}

// AWSRoles are what the names of an environment's roles end with, behind its id.
func AWSRoles() []string {
	return []string{"autoscaler", "control-plane", "nodes", "secrets", "storage"}
}

// awsWritten are those of them that have a policy of their own.
func awsWritten() []string { return []string{"autoscaler", "secrets"} }

// AWSServices are the services of AWS that an environment's roles are for: they alone may be handed one.
func AWSServices() []string {
	return []string{"ec2.amazonaws.com", "eks.amazonaws.com", "pods.eks.amazonaws.com"}
}

// awsLinked are the services that make themselves a role with the right of whoever uses them first in an account
// (https://docs.aws.amazon.com/eks/latest/userguide/using-service-linked-roles.html,
// https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.IAM.ServiceLinkedRoles.html, 2026-12-01). Those of
// load balancers and of groups of machines come by the roles of EKS: AmazonEKSClusterPolicy and AWSServiceRoleForAmazonEKSNodegroup.
func awsLinked() []string {
	return []string{"eks-nodegroup.amazonaws.com", "eks.amazonaws.com", "rds.amazonaws.com"}
}

// statement is one of a policy of AWS.
type statement struct {
	Sid       string
	Effect    string
	Action    []string
	Resource  []string
	Condition map[string]any `json:",omitempty"`
}

type policy struct {
	Version   string
	Statement []statement
}

func equals(key string, values []string) map[string]any {
	return map[string]any{"StringEquals": map[string]any{key: values}}
}

// awsMaker is the policy of the role that makes what environments ask for. Where AWS knows a name only once it is made, all
// names are allowed; roles have names of their own, so that nobody else's role can be taken over.
func awsMaker() policy {
	const attach, write, provider = "iam:AttachRolePolicy", "iam:PutRolePolicy", "OpenIDConnectProvider"
	var policies []string
	called := func(names []string) []string { return within("arn:aws:iam::*:role/*", "-", names...) }
	own := called(AWSRoles())
	for _, name := range AWSPolicies() {
		policies = append(policies, "arn:aws:iam::aws:policy/"+name)
	}
	everywhere := []string{"*"}
	return policy{"2012-10-17", []statement{
		{Sid: "Make", Effect: "Allow", Resource: everywhere, Action: allowed("aws", func(action string) bool { return !strings.HasPrefix(action, "iam:") })},
		{Sid: "TrustIssuersOfClusters", Effect: "Allow", Resource: []string{"arn:aws:iam::*:oidc-provider/oidc.eks.*"},
			Action: allowed("aws", func(action string) bool { return strings.Contains(action, provider) })},
		{Sid: "MakeRoles", Effect: "Allow", Resource: own, Action: allowed("aws", func(action string) bool {
			return strings.HasPrefix(action, "iam:") && !strings.Contains(action, provider) && action != attach && action != write
		})},
		{Sid: "GiveOnlyThese", Effect: "Allow", Resource: own, Action: []string{attach}, Condition: map[string]any{"ArnEquals": map[string]any{"iam:PolicyARN": policies}}},
		{Sid: "WriteOnlyIntoThese", Effect: "Allow", Resource: called(awsWritten()), Action: []string{write}},
		{Sid: "HandOverRoles", Effect: "Allow", Resource: own, Action: []string{"iam:PassRole"}, Condition: equals("iam:PassedToService", AWSServices())},
		{Sid: "BeginServices", Effect: "Allow", Resource: []string{"arn:aws:iam::*:role/aws-service-role/*"}, Action: []string{"iam:CreateServiceLinkedRole"},
			Condition: equals("iam:AWSServiceName", awsLinked())},
		// EKS looks whether its own role is there, as whoever makes nodes.
		{Sid: "SeeRolesOfServices", Effect: "Allow", Resource: []string{"arn:aws:iam::*:role/aws-service-role/*"}, Action: []string{"iam:GetRole"}},
		// The role that stores credentials ends like an environment's.
		{Sid: "LeaveTheHubsRole", Effect: "Deny", Resource: []string{"arn:aws:iam::*:role/spokewright-secrets"}, Action: []string{"iam:*"}},
	}}
}

// awsWriter is the policy of the role that stores credentials, which ends with what a store of secrets does without metadata
// (https://external-secrets.io/latest/provider/aws-secrets-manager, 2026-12-01).
func awsWriter() policy {
	return policy{"2012-10-17", []statement{{Sid: "StoreCredentials", Effect: "Allow", Resource: []string{"arn:aws:secretsmanager:*:*:secret:spokewright/*"},
		Action: actions("secretsmanager", "CreateSecret", "DeleteSecret", "DescribeSecret", "GetSecretValue", "PutSecretValue", "TagResource")}}}
}

// AzureRole is a role of Azure's that an environment gives, and Azure's id of it
// (https://learn.microsoft.com/azure/role-based-access-control/built-in-roles, 2026-12-01).
type AzureRole struct{ Name, ID string }

// AzureRoles are all of them.
func AzureRoles() []AzureRole {
	return []AzureRole{
		{"Azure Kubernetes Service RBAC Cluster Admin", "b1ff04bb-8a4e-4dc4-8eb5-8693973ce19b"},
		{"Network Contributor", "4d97b98b-1d4f-4787-a291-c67834d212e7"},
	}
}

// azureMaker is the custom role of the identity that makes what environments ask for.
func azureMaker() map[string]any {
	return map[string]any{
		"Name":             "Spokewright Crossplane",
		"IsCustom":         true,
		"Description":      "Makes the networks, clusters and databases of environments.",
		"Actions":          allowed("azure", func(string) bool { return true }),
		"NotActions":       []string{},
		"AssignableScopes": []string{"/subscriptions/SUBSCRIPTION"},
	}
}

// azureGrants is the condition under which that identity may give roles, in Azure's form of it
// (https://learn.microsoft.com/azure/role-based-access-control/delegate-role-assignments-examples, 2026-12-01).
func azureGrants() string {
	var ids []string
	for _, role := range AzureRoles() {
		ids = append(ids, role.ID)
	}
	only := func(action, of string) string {
		return "((!(ActionMatches{'Microsoft.Authorization/roleAssignments/" + action + "'})) OR (@" + of +
			"[Microsoft.Authorization/roleAssignments:RoleDefinitionId] ForAnyOfAnyValues:GuidEquals {" + strings.Join(ids, ", ") + "}))"
	}
	return only("write", "Request") + "\nAND\n" + only("delete", "Resource") + "\n"
}

// GivenGoogleRoles are the roles of Google's that an environment gives in its project.
func GivenGoogleRoles() []string {
	return []string{"roles/container.admin", "roles/container.defaultNodeServiceAccount", "roles/secretmanager.secretAccessor"}
}

// gcpGrantor is the role of Google's that gives others.
const gcpGrantor = "roles/resourcemanager.projectIamAdmin"

// gcpGrants is the condition of that role (https://cloud.google.com/iam/docs/setting-limits-on-granting-roles, 2026-12-01).
func gcpGrants() string {
	return "api.getAttribute('iam.googleapis.com/modifiedGrantsByRole', []).hasOnly(['" + strings.Join(GivenGoogleRoles(), "', '") + "'])\n"
}
