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
	shared := serviceAccount(e, writer)
	items := []manifest.Object{shared}
	for _, cloud := range clouds {
		manifest.Annotate(shared, identity(cloud, e.Fleet.Accounts[cloud]))
		items = append(items, store(e, cloud, writer))
	}
	for _, name := range slices.Sorted(maps.Keys(e.Fleet.Accounts)) {
		items = append(items, others(e, name)...)
	}
	return items
}

// others is the store of an account beside the first of its cloud. On AWS the hub takes another role there, which stands on a
// service account; the other clouds know the writer itself.
func others(e schema.Environment, name string) []manifest.Object {
	account := e.Fleet.Accounts[name]
	if name == account.Cloud || e.Fleet.SecretStore(name) == "" {
		return nil
	}
	if account.Cloud != "aws" {
		return []manifest.Object{store(e, name, writer)}
	}
	own := serviceAccount(e, writer+"-"+name)
	manifest.Annotate(own, identity(account.Cloud, account))
	return []manifest.Object{own, store(e, name, writer+"-"+name)}
}

func serviceAccount(e schema.Environment, name string) manifest.Object {
	o := argocd.Object(e, manifest.ID{APIVersion: "v1", Kind: "ServiceAccount", Namespace: schema.SecretsNamespace, Name: name},
		argocd.Placement{Wave: argocd.WaveCompositions})
	o["automountServiceAccountToken"] = false
	return o
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

// store is an account's store, for the namespaces of environments alone.
func store(e schema.Environment, account, by string) manifest.Object {
	o := argocd.Object(e, manifest.ID{APIVersion: "external-secrets.io/v1", Kind: "ClusterSecretStore", Name: "spokewright-" + account},
		argocd.Placement{Wave: argocd.WaveAccounts, Foreign: true})
	environments := map[string]any{"matchExpressions": []any{map[string]any{"key": "spokewright.dev/environment", "operator": "Exists"}}}
	o["spec"] = map[string]any{
		"conditions": []any{map[string]any{"namespaceSelector": environments}},
		"provider":   provider(e, account, by),
	}
	return o
}

func provider(e schema.Environment, account, writer string) map[string]any {
	by := map[string]any{"name": writer, "namespace": schema.SecretsNamespace}
	where := e.Fleet.SecretStore(account)
	switch e.Fleet.Accounts[account].Cloud {
	case "aws":
		return map[string]any{"aws": map[string]any{
			"service": "SecretsManager", "region": where,
			"auth": map[string]any{"jwt": map[string]any{"serviceAccountRef": by}},
		}}
	case "gcp":
		return map[string]any{"gcpsm": map[string]any{
			"projectID": where,
			"auth":      map[string]any{"workloadIdentityFederation": map[string]any{"audience": audience(e.Fleet.Accounts["gcp"]), "serviceAccountRef": by}},
		}}
	default:
		return map[string]any{"azurekv": map[string]any{"authType": "WorkloadIdentity", "vaultUrl": where, "serviceAccountRef": by}}
	}
}
