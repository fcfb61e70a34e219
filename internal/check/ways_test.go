package check

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"spokewright.dev/spokewright/internal/finding"
)

// Line 14 of issue 14: a private cluster cannot be reached from its hub, and peers join nothing. What is left to do is told where the
// spec says what it is left of: of a private cluster until its names are recorded, of peers always.
func TestLine14WaysAreTold(t *testing.T) {
	const aws = `cluster: {cloud: "aws", region: "eu-west-1", network: {cidr: "10.1.0.0/16"`
	fleet := fleetOf(t, map[string]string{
		"hub":      `class: "production", role: "hub"`,
		"private":  `class: "production", ` + aws + `}}`,
		"said":     `class: "development", ` + aws + `}, private: true}`,
		"joined":   `class: "production", ` + aws + `, peers: ["open", "hub"]}}`,
		"open":     `class: "development", cluster: {cloud: "azure", region: "westeurope", network: {cidr: "10.2.0.0/16", peers: ["joined"]}}`,
		"google":   `class: "production", cluster: {cloud: "gcp", region: "us-east4"}`,
		"named":    `class: "production", cluster: {cloud: "gcp", region: "us-east4", dnsEndpoint: true}`,
		"azure":    `class: "production", cluster: {cloud: "azure", region: "westeurope"}`,
		"adopted":  `class: "production", cluster: {cloud: "aws", region: "eu-west-1", adopt: externalName: "by-hand"}`,
		"retiring": `class: "production", retiring: "delete", ` + aws + `}}`,
	})
	const rule = `, routes in the tables of both, and a rule of the cluster's security group that lets that network to port 443`
	for name, want := range map[string][]string{
		"hub": nil,
		"private": {`environments/private.cue:1:31: note: cluster: the API of a private cluster is reached from private networks alone, and nothing joins that of hub "hub" with this one: left to do, ` +
			`where nobody did it, is network: joinHub: true, where both are in one account, or a peering connection between 10.1.0.0/16 and the network of "hub" (a VPN from another cloud)` + rule + `; before it is made, private: false opens it`},
		"said": {`environments/said.cue:1:109: note: cluster.private: the API of a private cluster is reached from private networks alone, and nothing joins that of hub "hub" with this one: left to do, ` +
			`where nobody did it, is network: joinHub: true, where both are in one account, or a peering connection between 10.1.0.0/16 and the network of "hub" (a VPN from another cloud)` + rule + `; before it is made, private: false opens it`},
		"joined": {
			`environments/joined.cue:1:106: note: cluster.network.peers[0]: found "open", whose network nothing joins with this one: left to do is a peering connection between 10.1.0.0/16 and the network of "open" (a VPN from another cloud)` + rule,
			`environments/joined.cue:1:114: note: cluster.network.peers[1]: found "hub", whose network nothing joins with this one: left to do is a peering connection between 10.1.0.0/16 and the network of "hub" (a VPN from another cloud)` + rule,
		},
		"open": {`environments/open.cue:1:110: note: cluster.network.peers[0]: found "joined", whose network nothing joins with this one: left to do is a peering in both directions between 10.2.0.0/16 and the network of "joined" (a VPN from another cloud)`},
		"google": {`environments/google.cue:1:31: note: cluster: the API of a private cluster is reached from private networks alone, and nothing joins that of hub "hub" with this one: left to do, ` +
			`where nobody did it, is dnsEndpoint: true, or a peering in both directions between 10.0.0.0/16 and the network of "hub" (a VPN from another cloud), and to its control plane a VPN, with the route to it, in any case; before it is made, private: false opens it`},
		"azure": {`environments/azure.cue:1:31: note: cluster: the API of a private cluster is reached from private networks alone, and nothing joins that of hub "hub" with this one: left to do, ` +
			`where nobody did it, is network: joinHub: true, where both are in one account, or a peering in both directions between 10.0.0.0/16 and the network of "hub" (a VPN from another cloud); before it is made, private: false opens it`},
		"adopted": nil, "retiring": nil, "named": nil,
	} {
		found := ways(fleet.Environments[name])
		assert.Equal(t, want, lines(found), name)
		for _, f := range found {
			assert.Equal(t, finding.Note, f.Severity, "nothing fails by it")
		}
	}
	recorded := fleet.Environments["private"]
	recorded.Names.Environment = "private"
	assert.Empty(t, ways(recorded), "what was recorded came up")
}

// Line 14 of issue 14: where an environment asks for it, its network is peered with its hub's, and nothing is left to do for that.
func TestLine14JoinHubLeavesNothingToDo(t *testing.T) {
	const aws = `class: "production", cluster: {cloud: "aws", region: "eu-west-1", network: {cidr: `
	fleet := fleetOf(t, map[string]string{
		"hub": `class: "production", role: "hub", cluster: {cloud: "aws", region: "eu-central-1", network: cidr: "10.8.0.0/16"}
names: {environment: "hub", network: {vpc: "vpc-1", "private": "rtb-1"}}`,
		"alone": aws + `"10.1.0.0/16"}}`,
		"one":   aws + `"10.2.0.0/16", joinHub: true}}`,
		"more":  aws + `"10.3.0.0/16", joinHub: true, peers: ["hub", "one"]}}`,
	})
	assert.Len(t, ways(fleet.Environments["alone"]), 1)
	assert.Empty(t, ways(fleet.Environments["one"]))
	more := ways(fleet.Environments["more"])
	assert.Len(t, more, 1, "of the hub nothing is told, of the other all")
	assert.Equal(t, finding.Path("cluster.network.peers[1]"), more[0].Path)
}
