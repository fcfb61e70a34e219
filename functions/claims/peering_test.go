package claims

import (
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"spokewright.dev/spokewright/internal/manifest"
	"spokewright.dev/spokewright/schema"
)

// Line 14 of issue 14: where an environment says joinHub, and there alone, its plane has a claim for the way from its hub, which is
// protected as its network is, and says all that no composition can know.
func TestLine14PeeringIsClaimed(t *testing.T) {
	reader, err := schema.NewReader()
	require.NoError(t, err)
	made := func(api, joins, more string) (peering manifest.Object, usages int) {
		tree := fstest.MapFS{
			schema.FleetFile:       {Data: []byte("name: \"trial\", owner: \"platform\"\nrepository: {url: \"https://git.example.com/trial/fleet.git\", revision: \"main\"}\ntargets: crossplane: api: \"" + api + "\"\n")},
			schema.SpecFile("hub"): {Data: []byte("class: \"production\", role: \"hub\", cluster: {cloud: \"aws\", region: \"eu-central-1\", network: cidr: \"10.8.0.0/16\"}\nnames: {environment: \"hub\", network: {vpc: \"vpc-1\", \"private\": \"rtb-1\"}}\n")},
			schema.SpecFile("one"): {Data: []byte("class: \"production\", cluster: {cloud: \"aws\", region: \"eu-west-1\", network: {cidr: \"10.1.0.0/16\"" + joins + "}}\n" + more)},
		}
		fleet, err := reader.Fleet(tree)
		require.NoError(t, err)
		for _, object := range Make(fleet.Environments["one"], schema.Hub, nil) {
			id := manifest.Identify(object)
			if id.Kind == "Peering" {
				require.Nil(t, peering, "one claim")
				peering = object
			}
			of := manifest.TextAt(object, "spec", "of", "kind")
			if of == "Peering" || of == "XPeering" {
				usages++
			}
		}
		return peering, usages
	}
	hub := map[string]any{"network": "vpc-1", "region": "eu-central-1", "cidr": "10.8.0.0/16", "routeTable": "rtb-1"}
	for api, protected := range map[string]int{"namespaced": 1, "claims": 2} {
		peering, usages := made(api, ", joinHub: true", "names: {environment: \"one\", peering: peering: \"pcx-1\"}\n")
		require.NotNil(t, peering, api)
		assert.Equal(t, manifest.ID{APIVersion: "platform.spokewright.dev/v1alpha1", Kind: "Peering", Namespace: "one", Name: "one"}, manifest.Identify(peering))
		spec := peering["spec"].(map[string]any)
		for field, want := range map[string]any{"id": "trial-one", "environment": "one", "cloud": "aws", "region": "eu-west-1", "cidr": "10.1.0.0/16", "hub": hub,
			"deletion": "Orphan", "management": "Full", "names": map[string]any{"peering": "pcx-1"}} {
			assert.Equal(t, want, spec[field], "%s: %s", api, field)
		}
		assert.NotContains(t, spec, "writeConnectionSecretToRef", "it has nothing to tell")
		assert.Equal(t, "5", manifest.TextAt(peering, "metadata", "annotations", "argocd.argoproj.io/sync-wave"), "after the cluster, before the registration")
		assert.Equal(t, protected, usages, api)
		peering, usages = made(api, ", joinHub: true", "retiring: \"delete\"\n")
		assert.Equal(t, "Delete", peering["spec"].(map[string]any)["deletion"])
		assert.Zero(t, usages)
		for _, keeps := range []string{"release", "keep-databases"} { // as the network, which stays with the databases
			peering, _ = made(api, ", joinHub: true", "retiring: \""+keeps+"\"\n")
			assert.Equal(t, "Orphan", peering["spec"].(map[string]any)["deletion"], keeps)
		}
		peering, usages = made(api, `, peers: ["hub"]`, "")
		assert.Nil(t, peering, "peers alone ask for none: somebody may have joined them by hand")
		assert.Zero(t, usages)
	}
}
