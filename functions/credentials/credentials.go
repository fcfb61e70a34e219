// Package credentials makes what brings the credentials of databases to the apps that use them, and those of telemetry to what
// collects it: the spoke reads them from the cloud's own store of secrets by its own identity. What puts them there is not
// its concern.
package credentials

import (
	"slices"

	"spokewright.dev/spokewright/internal/argocd"
	"spokewright.dev/spokewright/internal/manifest"
	"spokewright.dev/spokewright/schema"
)

// account is the service account that a cluster on Google Cloud reads with; its composition gives it the rights.
const account = "spokewright-databases"

// Make appends to the spoke plane the store, and an ExternalSecret for each thing that a namespace uses.
func Make(e schema.Environment, plane schema.Plane, items []manifest.Object) []manifest.Object {
	used := slices.Concat(databases(e), e.TelemetrySecrets())
	if plane != schema.Spoke || len(used) == 0 {
		return items
	}
	if e.Cluster.Cloud == "gcp" {
		items = append(items, reader(e))
	}
	items = append(items, store(e, used))
	for _, one := range used {
		items = append(items, secret(e, one))
	}
	return items
}

// databases are the Secrets that apps read, with these keys and no others.
func databases(e schema.Environment) []schema.StoredSecret {
	var secrets []schema.StoredSecret
	for _, used := range e.Credentials() {
		secret := schema.StoredSecret{Namespace: used.Namespace, Name: schema.CredentialsSecret(used.Database), Key: e.SecretKey(used.Database)}
		for _, key := range []string{"endpoint", "port", "username", "password"} {
			secret.Data = append(secret.Data, [2]string{key, key})
		}
		secrets = append(secrets, secret)
	}
	return secrets
}

func object(e schema.Environment, apiVersion, kind, namespace, name string, wave int) manifest.Object {
	id := manifest.ID{APIVersion: apiVersion, Kind: kind, Namespace: namespace, Name: name}
	return argocd.Object(e, id, argocd.Placement{Wave: wave, Confirm: true, Foreign: apiVersion != "v1"})
}

// reader is the ServiceAccount that reads secrets. It is bound to the Google service account that may do so; nobody makes
// that one for an adopted cluster, so there its owner must grant the rights to this ServiceAccount itself.
func reader(e schema.Environment) manifest.Object {
	o := object(e, "v1", "ServiceAccount", schema.SecretsNamespace, account, argocd.WaveSecretStore)
	if e.Cluster.Adopt == nil {
		manifest.Annotate(o, map[string]string{"iam.gke.io/gcp-service-account": e.GoogleAccount()})
	}
	o["automountServiceAccountToken"] = false
	return o
}

// store is the cloud's store of secrets, for the namespaces that use one and for no others.
func store(e schema.Environment, used []schema.StoredSecret) manifest.Object {
	o := object(e, "external-secrets.io/v1", "ClusterSecretStore", "", e.Name, argocd.WaveSecretStore)
	var namespaces []any
	for _, one := range used {
		if !slices.Contains(namespaces, any(one.Namespace)) {
			namespaces = append(namespaces, one.Namespace)
		}
	}
	o["spec"] = map[string]any{
		"conditions": []any{map[string]any{"namespaces": namespaces}},
		"provider":   provider(e.Cluster.Cloud, e.SecretStore()),
	}
	return o
}

// provider is where a cloud's store is and who reads it: External Secrets itself where nobody is named.
func provider(cloud, where string) map[string]any {
	switch cloud {
	case "aws":
		return map[string]any{"aws": map[string]any{"service": "SecretsManager", "region": where}}
	case "gcp":
		return map[string]any{"gcpsm": map[string]any{
			"projectID": where,
			"auth":      map[string]any{"workloadIdentity": map[string]any{"serviceAccountRef": by(account)}},
		}}
	default:
		return map[string]any{"azurekv": map[string]any{
			"authType": "WorkloadIdentity", "vaultUrl": where, "serviceAccountRef": by("external-secrets"),
		}}
	}
}

func by(account string) map[string]any {
	return map[string]any{"name": account, "namespace": schema.SecretsNamespace}
}

// secret becomes the Secret.
func secret(e schema.Environment, used schema.StoredSecret) manifest.Object {
	o := object(e, "external-secrets.io/v1", "ExternalSecret", used.Namespace, used.Name, argocd.WaveSecrets)
	var data []any
	for _, key := range used.Data {
		data = append(data, map[string]any{
			"secretKey": key[0],
			"remoteRef": map[string]any{ // with what the API server would add: in a list, it makes another one
				"key": used.Key, "property": key[1], "conversionStrategy": "Default", "decodingStrategy": "None", "metadataPolicy": "None",
			},
		})
	}
	o["spec"] = map[string]any{
		"refreshInterval": "10m",
		"secretStoreRef":  map[string]any{"kind": "ClusterSecretStore", "name": e.Name},
		"target":          map[string]any{"name": used.Name, "creationPolicy": "Owner", "deletionPolicy": "Retain"},
		"data":            data,
	}
	return o
}
