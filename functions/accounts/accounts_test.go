package accounts_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"spokewright.dev/spokewright/functions/accounts"
	"spokewright.dev/spokewright/internal/manifest"
	"spokewright.dev/spokewright/schema"
)

const (
	fleet = `name: "trial", owner: "platform"
repository: {url: "https://git.example.com/trial/fleet.git", revision: "main"}
`
	three = `accounts: {
	aws: {cloud: "aws", account: "111122223333"}
	shop: {cloud: "aws", account: "444455556666", role: "makers"}
	azure: {cloud: "azure", subscription: "00000000-0000-0000-0000-000000000003", tenant: "00000000-0000-0000-0000-000000000002",
		client: "00000000-0000-0000-0000-000000000001"}
	gcp: {cloud: "gcp", project: "trial-spokes", number: "123456789012"}
	inner: {cloud: "gcp", project: "trial-inner", serviceAccount: "makers"}
}
`
	hub   = `class: "development", role: "hub"`
	spoke = `class: "development", cluster: {cloud: "aws", region: "eu-west-1"}`
)

func made(t *testing.T, shared, text string, plane schema.Plane) map[string]manifest.Object {
	t.Helper()
	reader, err := schema.NewReader()
	require.NoError(t, err)
	config, err := reader.FleetConfig("fleet.cue", []byte(fleet+shared))
	require.NoError(t, err)
	e, err := reader.Environment(config, "any", "any.cue", []byte(text))
	require.NoError(t, err)
	objects := map[string]manifest.Object{}
	for _, object := range accounts.Make(e, plane, nil) {
		id := manifest.Identify(object)
		objects[id.APIVersion+" "+id.Kind+" "+id.Name] = object
	}
	return objects
}

// Every account has its provider configuration, in the generation that the fleet targets; the one that is named as its cloud
// is the default. It never goes by itself, whatever the class of the hub.
func TestEachAccountIsReached(t *testing.T) {
	for _, generation := range []struct{ targets, infix, kind string }{
		{"", ".m", "ClusterProviderConfig"},
		{`targets: crossplane: {version: "2.2", api: "claims"}`, "", "ProviderConfig"},
	} {
		objects := made(t, three+generation.targets, hub, schema.Spoke)
		assert.Len(t, objects, 5+2)
		at := func(cloud, name string, path ...string) any {
			object := objects[cloud+generation.infix+".upbound.io/v1beta1 "+generation.kind+" "+name]
			require.NotNil(t, object, "%s %s", cloud, name)
			options, _ := manifest.Get(object, "metadata", "annotations", "argocd.argoproj.io/sync-options")
			assert.Equal(t, "Prune=confirm,Delete=confirm,SkipDryRunOnMissingResource=true", options)
			value, _ := manifest.Get(object, append([]string{"spec"}, path...)...)
			return value
		}
		role := []string{"credentials", "webIdentity", "roleARN"}
		assert.Equal(t, "arn:aws:iam::111122223333:role/spokewright-crossplane", at("aws", "default", role...))
		assert.Equal(t, "arn:aws:iam::444455556666:role/makers", at("aws", "shop", role...))
		assert.Equal(t, "00000000-0000-0000-0000-000000000003", at("azure", "default", "subscriptionID"))
		assert.Equal(t, "/var/run/spokewright/credentials.json", at("gcp", "default", "credentials", "fs", "path"))
		assert.Equal(t, "/var/run/spokewright/inner.json", at("gcp", "inner", "credentials", "fs", "path"))
		assert.Equal(t, "trial-inner", at("gcp", "inner", "projectID"))
	}
}

// The hub's token is for one pool, and stands for another service account in each project.
func TestGoogleExchangesOneTokenForEachAccount(t *testing.T) {
	data := made(t, three, hub, schema.Spoke)["v1 ConfigMap spokewright-gcp"]["data"].(map[string]any)
	pool := "projects/123456789012/locations/global/workloadIdentityPools/spokewright/providers/hub"
	for file, account := range map[string]string{"credentials.json": "spokewright-crossplane@trial-spokes", "inner.json": "makers@trial-inner"} {
		assert.Contains(t, data[file], pool)
		assert.Contains(t, data[file], "/"+account+".iam.gserviceaccount.com:")
	}
}

// The stores are those that the fleet names, and each cloud knows who writes there.
func TestOneStoreForEachCloudThatKeepsSecrets(t *testing.T) {
	objects := made(t, three+`secretStores: aws: "eu-west-1"`, hub, schema.Spoke)
	assert.Contains(t, objects, "external-secrets.io/v1 ClusterSecretStore spokewright-aws")
	assert.NotContains(t, objects, "external-secrets.io/v1 ClusterSecretStore spokewright-gcp")
	annotations, _ := manifest.MapAt(objects["v1 ServiceAccount spokewright-secrets"], "metadata", "annotations")
	assert.Equal(t, "arn:aws:iam::111122223333:role/spokewright-secrets", annotations["eks.amazonaws.com/role-arn"])
	assert.NotContains(t, annotations, "azure.workload.identity/client-id")
}

// An account beside the first of its cloud keeps its own secrets, and the hub writes there as whom that account knows.
func TestEachAccountKeepsItsSecrets(t *testing.T) {
	objects := made(t, three+`secretStores: {aws: "eu-west-1", gcp: "trial-spokes"}`, hub, schema.Spoke)
	at := func(name string, path ...string) any {
		value, _ := manifest.Get(objects["external-secrets.io/v1 ClusterSecretStore spokewright-"+name], append([]string{"spec", "provider"}, path...)...)
		return value
	}
	assert.Equal(t, "eu-west-1", at("shop", "aws", "region"))
	assert.Equal(t, "spokewright-secrets-shop", at("shop", "aws", "auth", "jwt", "serviceAccountRef", "name"))
	annotations, _ := manifest.MapAt(objects["v1 ServiceAccount spokewright-secrets-shop"], "metadata", "annotations")
	assert.Equal(t, "arn:aws:iam::444455556666:role/spokewright-secrets", annotations["eks.amazonaws.com/role-arn"])
	assert.Equal(t, "trial-inner", at("inner", "gcpsm", "projectID"))
	assert.Equal(t, at("gcp", "gcpsm", "auth"), at("inner", "gcpsm", "auth"), "one pool trusts the hub")
	assert.Equal(t, "trial-spokes", at("gcp", "gcpsm", "projectID"))
	assert.NotContains(t, objects, "external-secrets.io/v1 ClusterSecretStore spokewright-azure")
}

// A hub without an account of Google's has how Google's providers run, for bases install them, and nothing to log in by.
func TestProvidersOfACloudWithoutAccountsDoNotWait(t *testing.T) {
	objects := made(t, `accounts: aws: {cloud: "aws", account: "111122223333"}`, hub, schema.Spoke)
	require.Len(t, objects, 2)
	assert.Equal(t, map[string]any{"serviceAccountTemplate": map[string]any{"metadata": map[string]any{"name": "spokewright-gcp"}}},
		objects["pkg.crossplane.io/v1beta1 DeploymentRuntimeConfig spokewright-gcp"]["spec"])
}

func TestOnlyAHubsOwnSpokePlaneHasAccounts(t *testing.T) {
	assert.Empty(t, made(t, three, hub, schema.Hub))
	assert.Empty(t, made(t, three, spoke, schema.Spoke))
	assert.Empty(t, made(t, "", hub, schema.Spoke))
}
