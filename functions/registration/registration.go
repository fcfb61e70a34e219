// Package registration makes a spoke's cluster known to Argo CD: External Secrets turns the connection that Crossplane
// writes into the Secret that Argo CD reads. No token is kept: Argo CD asks the cloud for one each time.
package registration

import (
	"encoding/json"

	"spokewright.dev/spokewright/internal/argocd"
	"spokewright.dev/spokewright/internal/manifest"
	"spokewright.dev/spokewright/schema"
)

// account is the service account in Argo CD's namespace that may read the connections; bases/hub has it.
const account = "spokewright-registration"

// Make appends the registration of the environment's cluster to its hub plane. A hub knows its own cluster.
func Make(e schema.Environment, plane schema.Plane, items []manifest.Object) []manifest.Object {
	if plane != schema.Hub || e.Cluster == nil || e.Role == "hub" {
		return items
	}
	return append(items, role(e), binding(e), store(e), secret(e))
}

func object(e schema.Environment, apiVersion, kind, namespace, name string, foreign bool) manifest.Object {
	id := manifest.ID{APIVersion: apiVersion, Kind: kind, Namespace: namespace, Name: name}
	return argocd.Object(e, id, argocd.Placement{Wave: argocd.WaveRegistration, Foreign: foreign})
}

// role allows to read this one Secret and nothing else.
func role(e schema.Environment) manifest.Object {
	o := object(e, "rbac.authorization.k8s.io/v1", "Role", e.Name, account, false)
	o["rules"] = []any{map[string]any{
		"apiGroups": []any{""}, "resources": []any{"secrets"}, "verbs": []any{"get"},
		"resourceNames": []any{schema.ConnectionSecret(e.Name)},
	}}
	return o
}

func binding(e schema.Environment) manifest.Object {
	o := object(e, "rbac.authorization.k8s.io/v1", "RoleBinding", e.Name, account, false)
	o["roleRef"] = map[string]any{"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": account}
	o["subjects"] = []any{map[string]any{"kind": "ServiceAccount", "name": account, "namespace": argocd.ArgoCDNamespace}}
	return o
}

func store(e schema.Environment) manifest.Object {
	o := object(e, "external-secrets.io/v1", "SecretStore", argocd.ArgoCDNamespace, "cluster-"+e.Name, true)
	o["spec"] = map[string]any{"provider": map[string]any{"kubernetes": map[string]any{
		"remoteNamespace": e.Name,
		"auth":            map[string]any{"serviceAccount": map[string]any{"name": account}},
		"server": map[string]any{"caProvider": map[string]any{
			"type": "ConfigMap", "name": "kube-root-ca.crt", "key": "ca.crt",
		}},
	}}}
	return o
}

// secret becomes the cluster Secret that Argo CD reads (Argo CD, declarative setup, "Clusters").
func secret(e schema.Environment) manifest.Object {
	o := object(e, "external-secrets.io/v1", "ExternalSecret", argocd.ArgoCDNamespace, "cluster-"+e.Name, true)
	labels := map[string]any{"argocd.argoproj.io/secret-type": "cluster"}
	for name, value := range argocd.ObjectLabels(e) {
		labels[name] = value
	}
	o["spec"] = map[string]any{
		"refreshInterval": "10m",
		"secretStoreRef":  map[string]any{"kind": "SecretStore", "name": "cluster-" + e.Name},
		"target": map[string]any{
			"name":           "cluster-" + e.Name,
			"creationPolicy": "Owner",
			"deletionPolicy": "Retain",
			"template": map[string]any{
				"engineVersion": "v2",
				"metadata":      map[string]any{"labels": labels},
				"data":          map[string]any{"name": argocd.Destination(e), "server": server(e), "config": config(e)},
			},
		},
		"dataFrom": []any{map[string]any{"extract": map[string]any{ // with what the API server would add: in a list, it makes another one
			"key": schema.ConnectionSecret(e.Name), "conversionStrategy": "Default", "decodingStrategy": "None", "metadataPolicy": "None",
		}}},
	}
	return o
}

// server is where the cluster's API is reached.
func server(e schema.Environment) string {
	if e.ReachedByName() {
		return "{{ .dnsEndpoint }}"
	}
	return "{{ .endpoint }}"
}

// config is the way in, as JSON for Argo CD: by the cloud's own identity, never by a stored token. Behind a name of Google's there is
// a certificate that everybody knows, and not the cluster's (cloud.google.com/kubernetes-engine/docs/concepts/network-isolation).
func config(e schema.Environment) string {
	authority := map[string]any{"insecure": false, "caData": "{{ .clusterCA }}"}
	if e.ReachedByName() {
		delete(authority, "caData")
	}
	way := map[string]any{"tlsClientConfig": authority}
	if e.Cluster.Cloud == "aws" {
		way["awsAuthConfig"] = map[string]any{"clusterName": "{{ .clusterName }}"}
	} else {
		way["execProviderConfig"] = execProvider(e.Cluster.Cloud)
	}
	text, err := json.Marshal(way)
	if err != nil {
		panic(err) // maps of strings always marshal
	}
	return string(text)
}

// execProvider runs argocd-k8s-auth, which Argo CD's image has for each cloud.
func execProvider(cloud string) map[string]any {
	provider := map[string]any{
		"apiVersion": "client.authentication.k8s.io/v1beta1",
		"command":    "argocd-k8s-auth",
		"args":       []any{cloud},
	}
	if cloud == "azure" {
		provider["env"] = map[string]any{"AAD_ENVIRONMENT_NAME": "AzurePublicCloud", "AAD_LOGIN_METHOD": "workloadidentity"}
	}
	return provider
}
