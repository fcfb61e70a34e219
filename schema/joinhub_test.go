package schema

import (
	"errors"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"spokewright.dev/spokewright/internal/finding"
)

const joinedHub = `class: "production", role: "hub", cluster: {cloud: "aws", region: "eu-central-1", network: cidr: "10.8.0.0/16"}`

// joining is a fleet with a hub and one environment that says more.
func joining(fleet, hub, names, spec string) fstest.MapFS {
	tree := fstest.MapFS{
		FleetFile:       {Data: []byte(scaledFleet + fleet)},
		SpecFile("hub"): {Data: []byte(hub)},
		SpecFile("one"): {Data: []byte(spec)},
	}
	if names != "" {
		tree[NamesFile("hub")] = &fstest.MapFile{Data: []byte(names)}
	}
	return tree
}

const joinedNames = `names: {environment: "hub", network: {vpc: "vpc-1", private: "rtb-1"}}`

// Line 14 of issue 14: an environment that asks for it knows the network of its hub, whichever way it is read.
func TestLine14JoinHubKnowsTheHubsNetwork(t *testing.T) {
	reader, err := NewReader()
	require.NoError(t, err)
	const azureHub = `class: "production", role: "hub", id: "trial-first", cluster: {cloud: "azure", region: "northeurope", network: cidr: "10.8.0.0/16"}`
	for name, c := range map[string]struct {
		tree fstest.MapFS
		want *HubNetwork
	}{
		"aws": {joining("", joinedHub, joinedNames, `class: "production", cluster: {cloud: "aws", region: "eu-west-1", network: {cidr: "10.1.0.0/16", joinHub: true}}`),
			&HubNetwork{Network: "vpc-1", Region: "eu-central-1", CIDR: "10.8.0.0/16", RouteTable: "rtb-1"}},
		"azure": {joining("", azureHub, "", `class: "production", cluster: {cloud: "azure", region: "westeurope", network: {cidr: "10.1.0.0/16", joinHub: true}}`),
			&HubNetwork{Network: "trial-first-network", Group: "trial-first-network", Region: "northeurope", CIDR: "10.8.0.0/16"}},
		"by the class": {joining(`classes: production: defaults: cluster: network: joinHub: true`+"\n", joinedHub, joinedNames, `class: "production", cluster: {cloud: "aws", region: "eu-west-1", network: cidr: "10.1.0.0/16"}`),
			&HubNetwork{Network: "vpc-1", Region: "eu-central-1", CIDR: "10.8.0.0/16", RouteTable: "rtb-1"}},
		"not asked for": {joining("", joinedHub, joinedNames, `class: "production", cluster: {cloud: "aws", region: "eu-west-1", network: {cidr: "10.1.0.0/16", peers: ["hub"]}}`), nil},
	} {
		fleet, err := reader.Fleet(c.tree)
		require.NoError(t, err, name)
		assert.Equal(t, c.want, fleet.Environments["one"].HubNetwork, name)
		assert.Nil(t, fleet.Environments["hub"].HubNetwork, name)
		one, err := reader.EnvironmentOf(c.tree, fleet.Config, "one")
		require.NoError(t, err, name)
		assert.Equal(t, c.want, one.HubNetwork, "%s, read by itself", name)
		stream, err := reader.Stream(c.tree, Known{})
		require.NoError(t, err, name)
		one, err = stream.Environment("one")
		require.NoError(t, err, name)
		assert.Equal(t, c.want, one.HubNetwork, "%s, as one of many", name)
		kind, joins := one.Peering()
		assert.Equal(t, c.want != nil, joins, name)
		assert.Equal(t, "Peering", kind.Kind)
	}
}

// What no peering joins is refused where it is asked for, with what to do instead.
func TestLine14JoinHubIsRefusedWhereNoPeeringHelps(t *testing.T) {
	reader, err := NewReader()
	require.NoError(t, err)
	const aws = `class: "production", cluster: {cloud: "aws", region: "eu-west-1", network: {cidr: "10.1.0.0/16", joinHub: true}}`
	const others = `accounts: other: {cloud: "aws", account: "444455556666"}` + "\n"
	const own = `claims: cluster: {apiVersion: "example.com/v1", kind: "Kube", plural: "kubes", fields: id: "spec.id"
	without: ["environment", "cloud", "region", "version", "nodes.min", "nodes.max", "nodes.size", "network.cidr", "private", "deletion", "management", "externalName"]}` + "\n"
	for name, c := range map[string]struct{ fleet, hub, names, spec, want string }{
		"google cloud": {"", `class: "production", role: "hub", cluster: {cloud: "gcp", region: "us-east4", network: cidr: "10.8.0.0/16"}`, "", `class: "production", cluster: {cloud: "gcp", region: "us-east4", network: {cidr: "10.1.0.0/16", joinHub: true}}`,
			`cluster.network.joinHub: found true, and a peering does not reach the control plane of GKE, which is in a network of Google's: leave joinHub out, and cluster: dnsEndpoint: true gives the hub a way`},
		"another cloud": {"", `class: "production", role: "hub", cluster: {cloud: "azure", region: "northeurope", network: cidr: "10.8.0.0/16"}`, "", aws,
			`cluster.network.joinHub: found true, and hub "hub" is on Azure: a peering joins networks of one cloud; leave joinHub out, and left to do is a VPN between 10.1.0.0/16 and 10.8.0.0/16, with routes in both networks`},
		"another account": {others, joinedHub, joinedNames, strings.Replace(aws, `region:`, `account: "other", region:`, 1),
			`cluster.network.joinHub: found true, and hub "hub" is in account "aws", this environment in "other": one account does not write into the other; leave joinHub out, and left to do is a peering connection that both accounts agree to, with routes in the tables of both and a rule of the cluster's security group for port 443, between 10.1.0.0/16 and 10.8.0.0/16`},
		"the same addresses": {"", joinedHub, joinedNames, strings.Replace(aws, "10.1.0.0/16", "10.8.0.0/18", 1),
			`cluster.network.joinHub: found true, and its network 10.8.0.0/18 has addresses of the network of hub "hub", 10.8.0.0/16: allowed are networks that share no address`},
		"no names": {"", joinedHub, "", aws,
			`cluster.network.joinHub: found true, and nothing says what AWS calls the network of hub "hub": spokewright names records it in environments/hub.names.cue, and where spokewright bootstrap made the hub, terragrunt output -raw names prints it`},
		"no cluster of the hub": {"", `class: "production", role: "hub"`, "", aws,
			`cluster.network.joinHub: found true, and hub "hub" says no cluster, so that nobody knows its network: write cluster: {cloud, region, network: {cidr}} into environments/hub.cue`},
		"adopted": {"", joinedHub, joinedNames, strings.Replace(aws, `region:`, `adopt: externalName: "by-hand", region:`, 1),
			`cluster.network.joinHub: found true, and the cluster is adopted, with a network of its own that is not known here: leave joinHub out, and left to do is a peering connection that both accounts agree to, with routes in the tables of both and a rule of the cluster's security group for port 443`},
		"a kind of the fleet's own": {own, joinedHub, "", aws,
			`cluster.network.joinHub: found true, for which the fleet has no kind beside its own Kube: leave joinHub out, or map claims: peering in fleet.cue`},
		"a hub": {"", strings.Replace(joinedHub, `network: cidr: "10.8.0.0/16"`, `network: {cidr: "10.8.0.0/16", joinHub: true}`, 1), joinedNames, strings.Replace(aws, ", joinHub: true", "", 1),
			`cluster.network.joinHub: found true, allowed is none for a hub: its spokes join its network`},
	} {
		tree := joining(c.fleet, c.hub, c.names, c.spec)
		_, err := reader.Fleet(tree)
		var found finding.Findings
		require.True(t, errors.As(err, &found), "%s: %v", name, err)
		require.Len(t, found, 1, "%s: %v", name, err)
		assert.Contains(t, found[0].String(), c.want, name)
		assert.Positive(t, found[0].Line, "%s: it points at the field", name)
	}
}

// A hub that stands in the functionConfig is known too; where it is not there, that is said.
func TestLine14JoinHubIsReadInline(t *testing.T) {
	reader, err := NewReader()
	require.NoError(t, err)
	fleet := map[string]any{"name": "trial", "owner": "platform", "repository": map[string]any{"url": "https://git.example.com/trial/fleet.git", "revision": "main"},
		"accounts": map[string]any{"aws": map[string]any{"cloud": "aws", "account": "111122223333"}}}
	cluster := func(more map[string]any) map[string]any {
		return map[string]any{"cloud": "aws", "region": "eu-west-1", "network": more}
	}
	one := map[string]any{"class": "production", "cluster": cluster(map[string]any{"cidr": "10.1.0.0/16", "joinHub": true})}
	hub := map[string]any{"class": "production", "role": "hub", "cluster": cluster(map[string]any{"cidr": "10.8.0.0/16"}),
		"names": map[string]any{"environment": "hub", "network": map[string]any{"vpc": "vpc-1", "private": "rtb-1"}}}
	e, err := reader.Inline("one", one, fleet, map[string]any{"hub": hub})
	require.NoError(t, err)
	require.NotNil(t, e.HubNetwork)
	assert.Equal(t, "vpc-1", e.HubNetwork.Network)
	_, err = reader.Inline("one", one, fleet, nil)
	assert.ErrorContains(t, err, "no hub")
}
