package recording

import (
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"spokewright.dev/spokewright/internal/manifest"
	"spokewright.dev/spokewright/schema"
)

// fleetOf is a fleet of one environment on AWS, in a generation of Crossplane.
func fleetOf(t *testing.T, generation string) *schema.Fleet {
	t.Helper()
	reader, err := schema.NewReader()
	require.NoError(t, err)
	files := fstest.MapFS{}
	for name, text := range map[string]string{
		"fleet": "repository: {url: \"https://git.example.com/trial/fleet.git\", revision: \"main\"}\nowner: \"platform\"\ntargets: crossplane: api: \"" + generation + "\"\n",
		"hub":   "class: \"production\"\nrole: \"hub\"\ncluster: {cloud: \"aws\", region: \"eu-west-1\", network: cidr: \"10.8.0.0/16\"}\nnames: {environment: \"hub\", network: {vpc: \"vpc-9\", \"private\": \"rtb-9\"}}\n",
		"shop":  "class: \"production\"\ncluster: {cloud: \"aws\", region: \"eu-west-1\", network: joinHub: true}\ndatabases: orders: engine: \"postgres\"\n",
	} {
		files["environments/"+name+".cue"] = &fstest.MapFile{Data: []byte(text)}
	}
	fleet, err := reader.Fleet(files)
	require.NoError(t, err)
	return fleet
}

// composed is a managed resource as a namespaced composite has it.
func composed(kind, claim, owner, part, name string) manifest.Object {
	object := manifest.New("ec2.aws.m.upbound.io/v1beta1", kind, "shop", "lighthouse-shop-"+part)
	manifest.Annotate(object, map[string]string{externalName: name, "crossplane.io/composition-resource-name": part})
	object["metadata"].(map[string]any)["ownerReferences"] = []any{map[string]any{
		"apiVersion": "platform.spokewright.dev/v1alpha1", "kind": claim, "name": owner, "controller": true,
	}}
	return object
}

// legacy is the same behind a claim of the older generation.
func legacy(kind, claim, owner, part, name string) manifest.Object {
	object := composed(kind, "X"+claim, "shop-"+owner+"-x7k2p", part, name)
	delete(object["metadata"].(map[string]any), "namespace")
	manifest.Label(object, map[string]string{"crossplane.io/claim-name": owner, "crossplane.io/claim-namespace": "shop"})
	return object
}

func TestNamesAreFoundByTheClaimBehindAnObject(t *testing.T) {
	for generation, of := range map[string]func(kind, claim, owner, part, name string) manifest.Object{"namespaced": composed, "claims": legacy} {
		deleted := of("Subnet", "Network", "shop", "private-a", "subnet-1")
		deleted["metadata"].(map[string]any)["deletionTimestamp"] = "2026-11-28T20:00:00Z"
		names := Names(fleetOf(t, generation), []manifest.Object{
			of("VPC", "Network", "shop", "vpc", "vpc-1"),
			of("SecurityGroup", "Database", "orders", "firewall", "sg-1"),
			of("VPCPeeringConnection", "Peering", "shop", "peering", "pcx-1"),
			of("SecurityGroup", "Database", "gone", "firewall", "sg-2"),
			of("Route", "Network", "shop", "public-default", "r-1"), // found by its fields
			of("VPC", "Network", "else", "vpc", "vpc-2"),
			of("VPC", "Widget", "shop", "vpc", "vpc-3"),
			manifest.New("ec2.aws.m.upbound.io/v1beta1", "VPC", "shop", "by-hand"),
			deleted,
		})
		assert.Equal(t, map[string]schema.Names{"shop": {
			Environment: "shop", Network: map[string]string{"vpc": "vpc-1"}, Peering: map[string]string{"peering": "pcx-1"},
			Databases: map[string]map[string]string{"orders": {"firewall": "sg-1"}},
		}}, names, generation)
	}
}

// What the objects do not tell stays as it was recorded; what they do goes over it.
func TestMergeKeepsWhatWasNotFound(t *testing.T) {
	before := schema.Names{Environment: "old", Network: map[string]string{"vpc": "vpc-1", "nat": "nat-1"},
		Databases: map[string]map[string]string{"orders": {"database": "db-1"}}}
	found := schema.Names{Environment: "shop", Network: map[string]string{"vpc": "vpc-2"}, Databases: map[string]map[string]string{"carts": {"database": "db-2"}}}
	assert.Equal(t, schema.Names{Environment: "shop", Network: map[string]string{"vpc": "vpc-2", "nat": "nat-1"}, Cluster: map[string]string{}, Peering: map[string]string{},
		Databases: map[string]map[string]string{"orders": {"database": "db-1"}, "carts": {"database": "db-2"}}}, Merge(before, found))
	assert.Equal(t, "vpc-1", before.Network["vpc"], "what was recorded is not written to")
}

// Both formats of kubectl and all its lists read alike.
func TestReadTakesWhatKubectlPrints(t *testing.T) {
	want := []manifest.Object{{"apiVersion": "v1", "kind": "A"}, {"apiVersion": "v1", "kind": "B"}}
	for _, printed := range []string{
		"apiVersion: v1\nkind: A\n---\napiVersion: v1\nkind: B\n",
		"---\n---\napiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: A}\n- {apiVersion: v1, kind: B}\n",
		`{"apiVersion":"v1","kind":"List","items":[{"apiVersion":"v1","kind":"A"},{"apiVersion":"v1","kind":"B"}]}`,
		`{"apiVersion":"v1","kind":"A"} {"apiVersion":"v1","kind":"B"}`,
	} {
		objects, err := Read([]byte(printed))
		require.NoError(t, err)
		assert.Equal(t, want, objects, printed)
	}
	for _, broken := range []string{"kind: [", `{"kind": `, "- a\n- b\n", "text"} {
		_, err := Read([]byte(broken))
		assert.Error(t, err, broken)
	}
	objects, err := Read(nil)
	require.NoError(t, err)
	assert.Empty(t, objects)
}
