package accounts

import (
	"fmt"
	"maps"
	"slices"

	"spokewright.dev/spokewright/internal/argocd"
	"spokewright.dev/spokewright/internal/manifest"
	"spokewright.dev/spokewright/schema"
)

// googleConfig is how Google's providers run, and the ConfigMap with how they log in; credentialsFolder is where they
// find that.
const (
	googleConfig      = "spokewright-gcp"
	credentialsFolder = "/var/run/spokewright"
)

// google is how Google's providers run. bases/hub/packages/clouds installs them in every hub, so that one without an account
// of Google's gets it too, with nothing to log in by: they would wait for it else.
func google(e schema.Environment) []manifest.Object {
	run := argocd.Object(e, manifest.ID{APIVersion: "pkg.crossplane.io/v1beta1", Kind: "DeploymentRuntimeConfig", Name: googleConfig},
		argocd.Placement{Wave: argocd.WaveRuntime, Foreign: true})
	spec := map[string]any{"serviceAccountTemplate": map[string]any{"metadata": map[string]any{"name": googleConfig}}}
	run["spec"] = spec
	account, has := e.Fleet.Accounts["gcp"]
	if !has {
		return []manifest.Object{run}
	}
	spec["deploymentTemplate"] = map[string]any{"spec": map[string]any{
		"selector": map[string]any{},
		"template": map[string]any{"spec": map[string]any{
			"containers": []any{map[string]any{"name": "package-runtime", "volumeMounts": []any{
				map[string]any{"name": "token", "mountPath": "/var/run/secrets/spokewright", "readOnly": true},
				map[string]any{"name": "credentials", "mountPath": credentialsFolder, "readOnly": true},
			}}},
			"volumes": []any{
				map[string]any{"name": "token", "projected": map[string]any{"sources": []any{map[string]any{
					"serviceAccountToken": map[string]any{"audience": audience(account), "path": "token", "expirationSeconds": int64(3600)},
				}}}},
				map[string]any{"name": "credentials", "configMap": map[string]any{"name": googleConfig}},
			},
		}},
	}}
	return []manifest.Object{exchange(e), run}
}

// exchange says how Google exchanges the hub's token for one of its own, for each account. Nothing in it is secret.
func exchange(e schema.Environment) manifest.Object {
	o := argocd.Object(e, manifest.ID{APIVersion: "v1", Kind: "ConfigMap", Namespace: "crossplane-system", Name: googleConfig},
		argocd.Placement{Wave: argocd.WaveRuntime})
	data := map[string]any{}
	for _, name := range slices.Sorted(maps.Keys(e.Fleet.Accounts)) {
		if account := e.Fleet.Accounts[name]; account.Cloud == "gcp" {
			data[credentialsFile(name)] = fmt.Sprintf(externalAccount, audience(e.Fleet.Accounts["gcp"]), token, account.ServiceAccount, account.Project)
		}
	}
	o["data"] = data
	return o
}

// externalAccount is Google's form of it: https://google.aip.dev/auth/4117.
const externalAccount = `{
  "type": "external_account",
  "audience": %q,
  "subject_token_type": "urn:ietf:params:oauth:token-type:jwt",
  "token_url": "https://sts.googleapis.com/v1/token",
  "credential_source": {"file": %q},
  "service_account_impersonation_url": "https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/%s@%s.iam.gserviceaccount.com:generateAccessToken"
}
`

// audience is whom the hub's token is for: the pool that trusts the hub.
func audience(account schema.Account) string {
	return "//iam.googleapis.com/projects/" + account.ProjectNumber + "/locations/global/workloadIdentityPools/spokewright/providers/hub"
}

func credentialsFile(name string) string {
	if name == "gcp" {
		return "credentials.json"
	}
	return name + ".json"
}
