package credentials_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"spokewright.dev/spokewright/functions/credentials"
	"spokewright.dev/spokewright/internal/manifest"
	"spokewright.dev/spokewright/schema"
)

const (
	fleet = `name: "trial", owner: "platform"
repository: {url: "https://git.example.com/trial/fleet.git", revision: "main"}
secretStores: {azure: "https://trial.vault.example.com", gcp: "trial-prod"}`
	databases = `databases: {orders: engine: "postgres", reviews: engine: "mysql"}
`
	azure = `class: "staging", cluster: {cloud: "azure", region: "westeurope"}
`
	adopted = `class: "staging", cluster: {cloud: "gcp", region: "us-east4", adopt: externalName: "old"}
`
)

func environment(t *testing.T, text string) schema.Environment {
	t.Helper()
	reader, err := schema.NewReader()
	require.NoError(t, err)
	shared, err := reader.FleetConfig("fleet.cue", []byte(fleet))
	require.NoError(t, err)
	e, err := reader.Environment(shared, "shop", "shop.cue", []byte(text))
	require.NoError(t, err)
	return e
}

// Apps that share a namespace share its Secrets; the store serves the namespaces of apps that use any, each once.
func TestEachDatabaseOnceInANamespace(t *testing.T) {
	made := credentials.Make(environment(t, azure+databases+`apps: {
	checkout: {path: "a", namespace: "shop", databases: ["reviews", "orders"]}
	basket: {path: "b", namespace: "shop", databases: ["orders"]}
	catalog: {path: "c"}
	back: {path: "d", databases: ["orders"]}
}`), schema.Spoke, nil)
	var ids []string
	for _, object := range made {
		id := manifest.Identify(object)
		ids = append(ids, id.Kind+" "+id.Namespace+"/"+id.Name)
	}
	assert.Equal(t, []string{
		"ClusterSecretStore /shop", "ExternalSecret back/orders-database", "ExternalSecret shop/orders-database", "ExternalSecret shop/reviews-database",
	}, ids)
	spec := made[0]["spec"].(map[string]any)
	assert.Equal(t, []any{map[string]any{"namespaces": []any{"back", "shop"}}}, spec["conditions"])
}

// Where no app uses a database nothing is made, and never anything on the hub.
func TestNothingUnused(t *testing.T) {
	assert.Empty(t, credentials.Make(environment(t, azure+databases+`apps: web: path: "a"`), schema.Spoke, nil))
	assert.Empty(t, credentials.Make(environment(t, azure+databases+`apps: web: {path: "a", databases: ["orders"]}`), schema.Hub, nil))
}

// For a cluster that was adopted nobody made an account at Google.
func TestAdoptedClusterReadsAsItself(t *testing.T) {
	made := credentials.Make(environment(t, adopted+databases+`apps: web: {path: "a", databases: ["orders"]}`), schema.Spoke, nil)
	require.Equal(t, "ServiceAccount", made[0]["kind"])
	assert.NotContains(t, made[0]["metadata"].(map[string]any)["annotations"], "iam.gke.io/gcp-service-account")
}
