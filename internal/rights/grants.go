package rights

import (
	"slices"
	"strings"
)

// Who may give rights away could give itself all of them. So what may be given is bounded to what compositions give.

// AWSPolicies are the policies that AWS keeps and that roles of an environment get.
func AWSPolicies() []string {
	return []string{
		"AmazonEC2ContainerRegistryPullOnly", "AmazonEKSClusterPolicy", "AmazonEKSWorkerNodePolicy", "AmazonEKS_CNI_Policy",
		"service-role/AmazonEBSCSIDriverPolicy",
	}
}

// AzureRole is a role of Azure's that an environment gives, and Azure's id of it
// (https://learn.microsoft.com/azure/role-based-access-control/built-in-roles, 2026-11-30).
type AzureRole struct{ Name, ID string }

// AzureRoles are all of them.
func AzureRoles() []AzureRole {
	return []AzureRole{
		{"Azure Kubernetes Service RBAC Cluster Admin", "b1ff04bb-8a4e-4dc4-8eb5-8693973ce19b"},
		{"Network Contributor", "4d97b98b-1d4f-4787-a291-c67834d212e7"},
	}
}

// GoogleRoles are the roles of Google's that an environment gives in its project.
func GoogleRoles() []string {
	return []string{"roles/container.admin", "roles/container.defaultNodeServiceAccount", "roles/secretmanager.secretAccessor"}
}

// AWSServices are the services of AWS that an environment's roles are for: they alone may be handed one.
func AWSServices() []string {
	return []string{"ec2.amazonaws.com", "eks.amazonaws.com", "pods.eks.amazonaws.com"}
}

// statement is one of a policy of AWS.
type statement struct {
	Sid       string
	Effect    string
	Action    []string
	Resource  any
	Condition map[string]any `json:",omitempty"`
}

type policy struct {
	Version   string
	Statement []statement
}

// awsMaker is the policy of the role that makes what environments ask for. Where AWS knows a name only once it is made, all
// names are allowed.
func awsMaker() policy {
	bounded := []string{"iam:AttachRolePolicy", "iam:PutRolePolicy"}
	policies := AWSPolicies()
	for i, name := range policies {
		policies[i] = "arn:aws:iam::aws:policy/" + name
	}
	return policy{"2012-10-17", []statement{
		{Sid: "Make", Effect: "Allow", Resource: "*", Action: allowed("aws", func(action string) bool { return !slices.Contains(bounded, action) })},
		{Sid: "GiveOnlyThese", Effect: "Allow", Resource: "*", Action: bounded[:1], Condition: map[string]any{"ArnEquals": map[string]any{"iam:PolicyARN": policies}}},
		{Sid: "WriteOnlyWhatReadsSecrets", Effect: "Allow", Resource: "arn:aws:iam::*:role/*-secrets", Action: bounded[1:]},
		{Sid: "HandOverRoles", Effect: "Allow", Resource: "*", Action: []string{"iam:PassRole"},
			Condition: map[string]any{"StringEquals": map[string]any{"iam:PassedToService": AWSServices()}}},
		// Each of these services makes itself a role when it is first used in an account:
		// https://docs.aws.amazon.com/eks/latest/userguide/using-service-linked-roles.html and
		// https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.IAM.ServiceLinkedRoles.html
		{Sid: "BeginServices", Effect: "Allow", Resource: "arn:aws:iam::*:role/aws-service-role/*", Action: []string{"iam:CreateServiceLinkedRole"},
			Condition: map[string]any{"StringEquals": map[string]any{"iam:AWSServiceName": []string{
				"autoscaling.amazonaws.com", "eks-nodegroup.amazonaws.com", "eks.amazonaws.com", "rds.amazonaws.com"}}}},
	}}
}

// awsWriter is the policy of the role that stores credentials (https://external-secrets.io/latest/provider/aws-secrets-manager).
func awsWriter() policy {
	return policy{"2012-10-17", []statement{{Sid: "StoreCredentials", Effect: "Allow", Resource: "arn:aws:secretsmanager:*:*:secret:spokewright/*", Action: actions("secretsmanager",
		"CreateSecret", "DeleteSecret", "DescribeSecret", "GetSecretValue", "PutSecretValue", "TagResource", "UntagResource")}}}
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
// (https://learn.microsoft.com/azure/role-based-access-control/delegate-role-assignments-examples).
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

// gcpGrantor is the role of Google's that gives others.
const gcpGrantor = "roles/resourcemanager.projectIamAdmin"

// gcpGrants is the condition of that role (https://cloud.google.com/iam/docs/setting-limits-on-granting-roles).
func gcpGrants() string {
	return "api.getAttribute('iam.googleapis.com/modifiedGrantsByRole', []).hasOnly(['" + strings.Join(GoogleRoles(), "', '") + "'])\n"
}
