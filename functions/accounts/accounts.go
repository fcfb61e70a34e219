// Package accounts makes what a hub needs to work in the fleet's accounts: how Crossplane's providers log in, and the
// stores that keep the credentials of databases. What is made in an account is not its concern.
package accounts

import (
	"maps"
	"slices"

	"spokewright.dev/spokewright/internal/argocd"
	"spokewright.dev/spokewright/internal/manifest"
	"spokewright.dev/spokewright/schema"
)

// token is what the hub proves itself with to every cloud: bases/hub/packages/clouds puts it there, for an hour each time.
const token = "/var/run/secrets/spokewright/token"

// Make appends the accounts to the spoke plane of a hub, which brings the providers that read them and waits for these.
func Make(e schema.Environment, plane schema.Plane, items []manifest.Object) []manifest.Object {
	if plane != schema.Spoke || e.Role != "hub" || len(e.Fleet.Accounts) == 0 {
		return items
	}
	items = append(items, google(e)...)
	for _, name := range slices.Sorted(maps.Keys(e.Fleet.Accounts)) {
		items = append(items, providerConfig(e, name))
	}
	return append(items, stores(e)...)
}

// providerConfig says how the providers of a cloud log in to an account. All that there is in the account hangs on it, so
// that its removal waits for a confirmation whatever the class of the hub.
func providerConfig(e schema.Environment, name string) manifest.Object {
	account := e.Fleet.Accounts[name]
	id := manifest.ID{APIVersion: account.Cloud + ".upbound.io/v1beta1", Kind: "ProviderConfig", Name: configName(name, account)}
	if e.Fleet.Targets.Crossplane.API == "namespaced" {
		id.APIVersion, id.Kind = account.Cloud+".m.upbound.io/v1beta1", "ClusterProviderConfig"
	}
	o := argocd.Object(e, id, argocd.Placement{Wave: argocd.WaveAccounts, Foreign: true})
	manifest.Annotate(o, map[string]string{"argocd.argoproj.io/sync-options": "Prune=confirm,Delete=confirm,SkipDryRunOnMissingResource=true"})
	o["spec"] = login(name, account)
	return o
}

// configName is the name of a provider configuration: compositions use the default one.
func configName(name string, account schema.Account) string {
	if name == account.Cloud {
		return "default"
	}
	return name
}

func login(name string, account schema.Account) map[string]any {
	switch account.Cloud {
	case "aws":
		return map[string]any{"credentials": map[string]any{
			"source": "WebIdentity",
			"webIdentity": map[string]any{
				"roleARN":     roleARN(account, account.Role),
				"tokenConfig": map[string]any{"source": "Filesystem", "fs": map[string]any{"path": token}},
			},
		}}
	case "gcp":
		return map[string]any{
			"projectID":   account.Project,
			"credentials": map[string]any{"source": "Filesystem", "fs": map[string]any{"path": credentialsFolder + "/" + credentialsFile(name)}},
		}
	default:
		return map[string]any{
			"clientID": account.Client, "tenantID": account.Tenant, "subscriptionID": account.Subscription,
			"oidcTokenFilePath": token,
			"credentials":       map[string]any{"source": "OIDCTokenFile"},
		}
	}
}

func roleARN(account schema.Account, role string) string {
	return "arn:aws:iam::" + account.Number + ":role/" + role
}
