package cloud

import (
	"encoding/base64"
	"strings"

	"spokewright.dev/spokewright/conformance/hub"
	"spokewright.dev/spokewright/internal/manifest"
)

// subscription is the one of Azure's that everything is in.
const subscription = "/subscriptions/00000000-0000-0000-0000-000000000003"

// before are the things that people make before any hub is there, by KIND.SERVICE.CLOUD/NAME: docs/compositions.md asks for them.
func before() []string {
	return []string{
		"UserAssignedIdentity.managedidentity.azure/" + subscription + "/resourceGroups/spokewright/providers/Microsoft.ManagedIdentity/userAssignedIdentities/spokewright-argocd",
	}
}

// fixedOf is what a thing is made with and keeps, of the kinds of which compositions change it: nothing of all others. That of an
// OpenIDConnectProvider is its address (internal/service/iam/openid_connect_provider.go of terraform-provider-aws: ForceNew),
// and the provider refuses what would make a thing anew.
func fixedOf(kind string, object manifest.Object) string {
	if kind != "OpenIDConnectProvider.iam.aws" {
		return ""
	}
	address, _ := hub.Fields(object, "spec", "forProvider")["url"].(string)
	return address
}

// facts are the fields of a thing that compositions read.
func facts(kind, object, name string, cluster Cluster) map[string]any {
	const account, project = "111122223333", "sample-project"
	certificate := base64.StdEncoding.EncodeToString(cluster.Certificate)
	switch kind {
	case "Cluster.eks.aws":
		return map[string]any{
			"arn": "arn:aws:eks:eu-west-1:" + account + ":cluster/" + name, "endpoint": "https://" + cluster.Endpoint,
			"certificateAuthority": []any{map[string]any{"data": certificate}},
			"identity":             []any{map[string]any{"oidc": []any{map[string]any{"issuer": "https://oidc.eks.eu-west-1.example.com/id/" + issuer(name, cluster)}}}},
		}
	case "Cluster.container.gcp":
		return map[string]any{
			"id":       "projects/" + project + "/locations/us-east4/clusters/" + name,
			"endpoint": cluster.Endpoint, "masterAuth": map[string]any{"clusterCaCertificate": certificate},
		}
	case "ResourceGroup.azure":
		return map[string]any{"id": subscription + "/resourceGroups/" + name}
	case "KubernetesCluster.containerservice.azure":
		return map[string]any{
			"id": subscription + "/resourceGroups/" + name + "/providers/Microsoft.ContainerService/managedClusters/" + name, "fqdn": cluster.Endpoint,
			"oidcIssuerUrl": "https://oidc.azure.example.com/" + name, "oidcIssuerEnabled": true,
		}
	case "ServiceAccount.cloudplatform.gcp":
		email := name + "@" + project + ".iam.gserviceaccount.com"
		return map[string]any{"project": project, "member": "serviceAccount:" + email, "email": email, "id": "projects/" + project + "/serviceAccounts/" + email}
	case "Instance.rds.aws":
		return map[string]any{"address": object + ".eu-west-1.rds.example.com", "port": 5432, "id": name, "identifier": object, "username": "owner"}
	case "DatabaseInstance.sql.gcp":
		return map[string]any{"firstIpAddress": "10.50.192.3", "id": name}
	case "FlexibleServer.dbforpostgresql.azure", "FlexibleServer.dbformysql.azure":
		return map[string]any{"fqdn": object + ".db.azure.example.com", "id": name}
	case "UserAssignedIdentity.managedidentity.azure":
		return map[string]any{"id": name, "principalId": "00000000-0000-0000-0000-00000000000a", "clientId": "00000000-0000-0000-0000-00000000000b"}
	default:
		return map[string]any{"id": name}
	}
}

// issuer is the number that a cluster's logins come under: another one for each cluster, though it has the same name.
func issuer(name string, cluster Cluster) string {
	return name + "-" + cluster.Endpoint[strings.LastIndex(cluster.Endpoint, ":")+1:]
}
