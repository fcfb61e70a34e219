package schema

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Line 7 of issue 14: Grafana's chart makes another password each time that it is rendered. It takes one that stays, where something is
// there to make it and nobody says another.
func TestLine7GrafanaTakesAPasswordThatStays(t *testing.T) {
	const aws = `class: "development", cluster: {cloud: "aws", region: "eu-west-1"}`
	for name, c := range map[string]struct{ fleet, spec, namespace string }{
		"a spoke":                  {"", aws, "monitoring"},
		"a production hub":         {"", `class: "production", role: "hub"`, "monitoring"},
		"elsewhere":                {"", aws + `, addons: monitoring: namespace: "watch"`, "watch"},
		"a mirror of the chart":    {`addons: monitoring: repository: "https://charts.example.com/stable"`, aws, "monitoring"},
		"Grafana with other words": {"", aws + `, addons: monitoring: values: grafana: replicas: 2`, "monitoring"},
		"Grafana that is off":      {"", aws + `, addons: monitoring: values: grafana: enabled: false`, ""},
		"a Secret of the fleet's":  {`addons: monitoring: values: grafana: admin: existingSecret: "own"`, aws, ""},
		"a password in clear":      {"", aws + `, addons: monitoring: values: grafana: adminPassword: "known"`, ""},
		"nothing that makes one":   {`addons: secrets: enabled: false`, aws, ""},
		"another that makes some":  {"", aws + `, addons: secrets: {repository: "https://charts.example.com/stable", chart: "vault", version: "1.0.0"}`, ""},
		"one that comes later":     {"", aws + `, addons: secrets: order: 5`, ""},
		"both later":               {"", aws + `, addons: {secrets: order: 5, monitoring: order: 6}`, ""},
		"Grafana elsewhere":        {"", aws + `, addons: monitoring: values: grafana: namespaceOverride: "dash"`, ""},
		"a chart of the fleet's":   {`addons: monitoring: {repository: "https://charts.example.com/stable", chart: "grafana", version: "10.0.0", namespace: "watch"}`, aws, ""},
	} {
		e, err := scaled(t, c.fleet, c.spec)
		require.NoError(t, err, name)
		addon := e.Addons[monitoringAddon]
		if c.namespace == "" {
			assert.Empty(t, addon.Objects, name)
			assert.NotEqual(t, "grafana-admin", addon.Values["grafana"], name)
			continue
		}
		require.Len(t, addon.Objects, 2, name)
		for _, object := range addon.Objects {
			assert.Equal(t, map[string]any{"name": "grafana-admin", "namespace": c.namespace}, object["metadata"], name)
		}
		assert.Equal(t, map[string]any{"existingSecret": "grafana-admin", "userKey": "username", "passwordKey": "password"},
			addon.Values["grafana"].(map[string]any)["admin"], name)
	}
	e, err := scaled(t, "", aws+`, addons: monitoring: values: grafana: replicas: 2`)
	require.NoError(t, err)
	assert.EqualValues(t, 2, e.Addons[monitoringAddon].Values["grafana"].(map[string]any)["replicas"], "what a spec says goes over it")
}
