package check

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"spokewright.dev/spokewright/functions"
	"spokewright.dev/spokewright/internal/crossplane/compositions"
	"spokewright.dev/spokewright/internal/manifest"
	"spokewright.dev/spokewright/internal/render"
	"spokewright.dev/spokewright/schema"
)

// Line 13 of issue 14: an autoscaler without rights never becomes healthy, so that one which meets a composition from before there was
// its role is told of, with what to do.
func TestLine13AutoscalersWithoutTheirRoleAreTold(t *testing.T) {
	fleet := fleetOf(t, map[string]string{
		"hub":  `class: "production", role: "hub"`,
		"one":  `class: "production", cluster: {cloud: "aws", region: "eu-west-1"}`,
		"set":  `class: "production", compositions: "old", cluster: {cloud: "aws", region: "eu-west-1"}`,
		"off":  `class: "production", cluster: {cloud: "aws", region: "eu-west-1"}, addons: autoscaler: enabled: false`,
		"else": `class: "production", cluster: {cloud: "gcp", region: "us-east4"}`,
	})
	made, err := compositions.Make(compositions.Namespaced)
	require.NoError(t, err)
	hub := slices.Concat(made["aws-cluster"], made["gcp-cluster"])
	told := func(name string) []string {
		e := fleet.Environments[name]
		r := render.Rendered{Target: render.Target{Environment: name, Plane: schema.Hub}, Objects: functions.Expand(e, schema.Hub)}
		return lines(powerless(e, r, platformOf(hub)))
	}
	assert.Empty(t, told("one"))
	for _, composition := range hub {
		input := manifest.MapsAt(composition, "spec", "pipeline")[0]["input"].(map[string]any)
		input["resources"] = slices.DeleteFunc(input["resources"].([]any), func(part any) bool { return part.(map[string]any)["name"] == "autoscaler-identity" })
	}
	old := manifest.Copy(hub[0])
	manifest.Set(old, "aws-cluster.old", "metadata", "name")
	hub = append(hub, old)
	assert.Equal(t, []string{`environments/one.cue:1:31: warning: addons.autoscaler: composition "aws-cluster" of hub "hub" is from before it gave an autoscaler its rights: ` +
		`take the new bases/ by spokewright upgrade, or write addons: autoscaler: enabled: false`}, told("one"))
	assert.Equal(t, []string{`environments/set.cue:1:52: warning: addons.autoscaler: composition "aws-cluster.old" of hub "hub" is from before it gave an autoscaler its rights: ` +
		`write the set anew by spokewright compositions old, or write addons: autoscaler: enabled: false`}, told("set"))
	assert.Empty(t, told("off"))
	assert.Empty(t, told("else"))
}

// Line 14 of issue 14: a hub whose bases are from before there were peerings makes none, which is told with what to do.
func TestLine14PeeringsNeedTheirComposition(t *testing.T) {
	fleet := fleetOf(t, map[string]string{
		"hub": `class: "production", role: "hub", cluster: {cloud: "aws", region: "eu-central-1", network: cidr: "10.8.0.0/16"}
names: {environment: "hub", network: {vpc: "vpc-1", "private": "rtb-1"}}`,
		"one": `class: "production", cluster: {cloud: "aws", region: "eu-west-1", network: {cidr: "10.1.0.0/16", joinHub: true}}`,
		"two": `class: "production", cluster: {cloud: "aws", region: "eu-west-1", network: {cidr: "10.2.0.0/16"}}`,
	})
	made, err := compositions.Make(compositions.Namespaced)
	require.NoError(t, err)
	told := func(name string, hub []manifest.Object) []string {
		e := fleet.Environments[name]
		r := render.Rendered{Target: render.Target{Environment: name, Plane: schema.Hub}, Objects: functions.Expand(e, schema.Hub)}
		return lines(unjoined(e, r, platformOf(hub)))
	}
	assert.Empty(t, told("one", nil), "somebody else installs them")
	assert.Empty(t, told("one", slices.Concat(made["aws-cluster"], made["aws-peering"])))
	assert.Equal(t, []string{`environments/one.cue:1:107: cluster.network.joinHub: found true, and hub "hub" has no composition that makes a Peering: take the new bases/ by spokewright upgrade`},
		told("one", slices.Concat(made["aws-cluster"], made["azure-peering"])))
	assert.Empty(t, told("two", made["aws-cluster"]))
}
