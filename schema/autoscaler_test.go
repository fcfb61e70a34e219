package schema

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"spokewright.dev/spokewright/internal/finding"
)

const scaledFleet = `
name: "trial", owner: "platform"
repository: {url: "https://git.example.com/trial/fleet.git", revision: "main"}
appRepository: {url: "https://git.example.com/trial/apps.git", revision: "main"}
accounts: {
	aws: {cloud: "aws", account: "111122223333"}
	gcp: {cloud: "gcp", project: "trial-spokes", number: "123456789012"}
	azure: {cloud: "azure", subscription: "00000000-0000-0000-0000-000000000003", tenant: "00000000-0000-0000-0000-000000000002", client: "00000000-0000-0000-0000-000000000001"}
}
`

// scaled reads an environment of a fleet that says some more.
func scaled(t *testing.T, fleet, spec string) (Environment, error) {
	t.Helper()
	reader, err := NewReader()
	require.NoError(t, err)
	config, err := reader.FleetConfig(FleetFile, []byte(scaledFleet+fleet))
	require.NoError(t, err)
	return reader.Environment(config, "one", SpecFile("one"), []byte(spec))
}

// Line 13 of issue 14: nothing made use of nodes: max on AWS. An autoscaler does, and it knows its cluster by the cloud's name for it.
func TestLine13NodesComeAndGoOnAWS(t *testing.T) {
	for _, class := range []string{"development", "staging", "production"} {
		e, err := scaled(t, "", `class: "`+class+`", id: "trial-old", cluster: {cloud: "aws", region: "eu-west-1", version: "1.34"}`)
		require.NoError(t, err)
		addon := e.Addons[autoscalerAddon]
		assert.True(t, addon.Enabled, class)
		assert.Equal(t, AutoscalerNamespace, addon.Namespace)
		assert.Equal(t, map[string]any{
			"fullnameOverride": "cluster-autoscaler", "awsRegion": "eu-west-1",
			"autoDiscovery": map[string]any{"clusterName": "trial-old"},
			"rbac":          map[string]any{"serviceAccount": map[string]any{"name": "cluster-autoscaler"}},
			"image":         map[string]any{"tag": "v1.34.2"},
		}, addon.Values, class)
	}
	e, err := scaled(t, `addons: autoscaler: values: image: tag: "v9"`, `class: "development", cluster: {cloud: "aws", region: "eu-west-1", version: "1.37"}, addons: autoscaler: values: awsRegion: "elsewhere"`)
	require.NoError(t, err)
	assert.Equal(t, map[string]any{"tag": "v9"}, e.Addons[autoscalerAddon].Values["image"], "what a fleet says goes over it")
	assert.Equal(t, "elsewhere", e.Addons[autoscalerAddon].Values["awsRegion"], "and what an environment says")
	assert.Equal(t, map[string]any{"clusterName": "trial-one"}, e.Addons[autoscalerAddon].Values["autoDiscovery"])
}

// It stays away where it could do nothing, where a fleet says so, and where something else does the same.
func TestLine13AutoscalersStayAway(t *testing.T) {
	const aws = `class: "production", cluster: {cloud: "aws", region: "eu-west-1"}`
	for name, c := range map[string]struct{ fleet, spec string }{
		"google cloud":           {"", `class: "production", cluster: {cloud: "gcp", region: "us-east4"}`},
		"azure":                  {"", `class: "production", cluster: {cloud: "azure", region: "westeurope"}`},
		"a hub":                  {"", `role: "hub", ` + aws},
		"an adopted cluster":     {"", `class: "production", cluster: {cloud: "aws", region: "eu-west-1", adopt: externalName: "by-hand"}`},
		"a kind of the fleet's":  {`claims: cluster: {apiVersion: "example.com/v1", kind: "EKS", plural: "eks", fields: {id: "spec.id", management: "spec.management", externalName: "spec.name"}, without: ["environment", "cloud", "region", "version", "nodes.min", "nodes.max", "nodes.size", "network.cidr", "private", "deletion"]}`, aws},
		"off in the fleet":       {`addons: autoscaler: enabled: false`, aws},
		"off in the class":       {`classes: production: defaults: addons: autoscaler: enabled: false`, aws},
		"off in the environment": {"", aws + `, addons: autoscaler: enabled: false`},
		"another addon":          {`addons: scaling: {namespace: "scaling", repository: "https://charts.example.com/stable", chart: "cluster-autoscaler", version: "9.50.0"}`, aws},
		"karpenter":              {`addons: nodes: {namespace: "karpenter", repository: "oci://registry.example.com/charts", chart: "karpenter", version: "1.11.0"}`, aws},
		"an app":                 {"", aws + `, apps: nodes: path: "platform/karpenter"`},
		"an app of that name":    {"", aws + `, apps: autoscaler: path: "mine"`},
	} {
		e, err := scaled(t, c.fleet, c.spec)
		require.NoError(t, err, name)
		assert.False(t, e.Addons[autoscalerAddon].Enabled, name)
	}
	e, err := scaled(t, `addons: nodes: {namespace: "karpenter", repository: "oci://registry.example.com/charts", chart: "karpenter", version: "1.11.0"}`, aws+`, addons: nodes: enabled: false`)
	require.NoError(t, err)
	assert.True(t, e.Addons[autoscalerAddon].Enabled, "another one that is off does nothing")
}

// An autoscaler that a fleet has already under our name is its own, on every cloud, with not a word of ours in it.
func TestLine13AFleetsOwnAutoscalerWins(t *testing.T) {
	const own = `autoscaler: {namespace: "kube-system", repository: "https://charts.example.com/stable", chart: "cluster-autoscaler", version: "9.50.0", values: rbac: serviceAccount: annotations: "eks.amazonaws.com/role-arn": "mine"}`
	for _, c := range []struct{ fleet, spec string }{
		{"addons: " + own, ""},
		{"classes: production: defaults: addons: {" + own + ", autoscaler: enabled: true}", ""},
		{"", ", addons: {" + own + ", autoscaler: enabled: true}"},
	} {
		for cloud, region := range map[string]string{"aws": "eu-west-1", "gcp": "us-east4"} {
			e, err := scaled(t, c.fleet, `class: "production", cluster: {cloud: "`+cloud+`", region: "`+region+`"}`+c.spec)
			require.NoError(t, err)
			assert.Equal(t, Addon{Enabled: true, Namespace: "kube-system", Repository: "https://charts.example.com/stable", Chart: "cluster-autoscaler", Version: "9.50.0",
				Values: map[string]any{"rbac": map[string]any{"serviceAccount": map[string]any{"annotations": map[string]any{"eks.amazonaws.com/role-arn": "mine"}}}}}, e.Addons[autoscalerAddon])
		}
	}
}

// Who asks for it where it can do nothing is told why, and so is who puts it where it has no rights.
func TestLine13AutoscalersAreRefused(t *testing.T) {
	for _, c := range []struct{ fleet, spec, says, path string }{
		{"", `class: "production", cluster: {cloud: "gcp", region: "us-east4"}, addons: autoscaler: enabled: true`, "found true, allowed is false: Google Cloud lets nodes come and go itself", "addons.autoscaler.enabled"},
		{"", `class: "production", cluster: {cloud: "aws", region: "eu-west-1", adopt: externalName: "x"}, addons: autoscaler: enabled: true`, "a cluster that is adopted", "addons.autoscaler.enabled"},
		{"", `class: "production", cluster: {cloud: "aws", region: "eu-west-1"}, apps: karpenter: path: "x", addons: autoscaler: enabled: true`, `"karpenter" does it already`, "addons.autoscaler.enabled"},
		{"", `class: "production", cluster: {cloud: "aws", region: "eu-west-1"}, addons: autoscaler: namespace: "elsewhere"`, `found "elsewhere", allowed is "cluster-autoscaler"`, "addons.autoscaler.namespace"},
	} {
		_, err := scaled(t, c.fleet, c.spec)
		var found finding.Findings
		require.True(t, errors.As(err, &found), c.spec)
		require.Len(t, found, 1, c.spec)
		assert.True(t, strings.Contains(found[0].Message, c.says), found[0].Message)
		assert.Equal(t, c.path, string(found[0].Path))
		assert.Equal(t, SpecFile("one"), found[0].File)
	}
}
