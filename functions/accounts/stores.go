package accounts

import (
	"maps"
	"slices"

	"spokewright.dev/spokewright/internal/argocd"
	"spokewright.dev/spokewright/internal/manifest"
	"spokewright.dev/spokewright/schema"
)

// writer is the account of External Secrets that stores credentials; each cloud trusts it by the hub's issuer.
const writer = "spokewright-secrets"

// stores are where compositions put the credentials of databases: the clouds' own stores of secrets, where each environment's
// cluster reads its own.
func stores(e schema.Environment) []manifest.Object {
	clouds := slices.Sorted(maps.Keys(e.Fleet.SecretStores))
	if len(clouds) == 0 {
		return nil
	}
	account := argocd.Object(e, manifest.ID{APIVersion: "v1", Kind: "ServiceAccount", Namespace: schema.SecretsNamespace, Name: writer},
		argocd.Placement{Wave: argocd.WaveCompositions})
	account["automountServiceAccountToken"] = false
	items := []manifest.Object{account}
	for _, cloud := range clouds {
		manifest.Annotate(account, identity(cloud, e.Fleet.Accounts[cloud]))
		items = append(items, store(e, cloud))
	}
	return items
}

// identity is what a cloud knows the writer as, where it asks for an annotation.
func identity(cloud string, account schema.Account) map[string]string {
	switch cloud {
	case "aws":
		return map[string]string{"eks.amazonaws.com/role-arn": roleARN(account, account.SecretsRole)}
	case "azure":
		return map[string]string{"azure.workload.identity/client-id": account.SecretsClient, "azure.workload.identity/tenant-id": account.Tenant}
	}
	return nil
}

// store is a cloud's store, for the namespaces of environments alone.
func store(e schema.Environment, cloud string) manifest.Object {
	o := argocd.Object(e, manifest.ID{APIVersion: "external-secrets.io/v1", Kind: "ClusterSecretStore", Name: "spokewright-" + cloud},
		argocd.Placement{Wave: argocd.WaveAccounts, Foreign: true})
	environments := map[string]any{"matchExpressions": []any{map[string]any{"key": "spokewright.dev/environment", "operator": "Exists"}}}
	o["spec"] = map[string]any{
		"conditions": []any{map[string]any{"namespaceSelector": environments}},
		"provider":   provider(cloud, e.Fleet.SecretStores[cloud], e.Fleet.Accounts[cloud]),
	}
	return o
}

func provider(cloud, where string, account schema.Account) map[string]any {
	by := map[string]any{"name": writer, "namespace": schema.SecretsNamespace}
	switch cloud {
	case "aws":
		return map[string]any{"aws": map[string]any{
			"service": "SecretsManager", "region": where,
			"auth": map[string]any{"jwt": map[string]any{"serviceAccountRef": by}},
		}}
	case "gcp":
		return map[string]any{"gcpsm": map[string]any{
			"projectID": where,
			"auth":      map[string]any{"workloadIdentityFederation": map[string]any{"audience": audience(account), "serviceAccountRef": by}},
		}}
	default:
		return map[string]any{"azurekv": map[string]any{"authType": "WorkloadIdentity", "vaultUrl": where, "serviceAccountRef": by}}
	}
}
