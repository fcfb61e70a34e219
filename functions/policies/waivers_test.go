package policies_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"spokewright.dev/spokewright/functions/policies"
	"spokewright.dev/spokewright/schema"
)

// A waiver changes the policies of its rule and no other, and without it they are what they were.
func TestWaiversAreInTheirPoliciesAlone(t *testing.T) {
	const waivers = `waivers: {
	lease: {rule: "database-survives-failure", name: "orders", until: "2027-01-31", reason: "it moves first"}
	web: {rule: "known-registries", namespace: "shop", name: "web.old", until: "2027-01-31", reason: "one vendor"}
	all: {rule: "claims-have-owners", until: "2027-01-31", reason: "until all have one"}
}
`
	for _, plane := range schema.Planes() {
		with, without := made(t, plane, "", waivers), made(t, plane, "", "")
		require.Equal(t, slices.Sorted(maps.Keys(without)), slices.Sorted(maps.Keys(with)))
		for name, policy := range with {
			assert.Equal(t, specOf(without[name]), specOf(policies.Unwaived(policy)), name)
			about := name == "database-survives-failure" || strings.HasPrefix(name, "known-registries") || strings.HasPrefix(name, "claims-have-owners")
			assert.Equal(t, about, assert.ObjectsAreEqual(without[name], policy) == false, name)
		}
	}
	hub, spoke := made(t, schema.Hub, "", waivers), made(t, schema.Spoke, "", waivers)
	assert.Equal(t, []any{map[string]any{
		"name": "waiver-lease", "expression": `!(time.now() < timestamp('2027-02-01T00:00:00Z') && request.?name.orValue('') == "orders")`,
	}}, specOf(hub["database-survives-failure"])["matchConditions"])
	assert.Equal(t, "until 2027-01-31: it moves first", hub["database-survives-failure"]["metadata"].(map[string]any)["annotations"].(map[string]any)["spokewright.dev/waiver-lease"])
	for _, name := range []string{"known-registries", "known-registries-running"} {
		conditions := specOf(spoke[name])["matchConditions"].([]any)
		require.Len(t, conditions, map[string]int{"known-registries": 3, "known-registries-running": 2}[name], name)
		expression := conditions[len(conditions)-1].(map[string]any)["expression"]
		assert.Contains(t, expression, `request.?namespace.orValue('') == "shop"`)
		assert.Contains(t, expression, `"^web\\.old-[`)
		assert.NotContains(t, expression, "object.metadata", "Kyverno would look for it in the template of what makes Pods")
	}
}

// Kyverno 1.16 cannot tell the time.
func TestWaiversOfAnOlderKyverno(t *testing.T) {
	policy := made(t, schema.Hub, `targets: kyverno: version: "1.16"`, `waivers: lease: {rule: "database-survives-failure", until: "2027-01-31", reason: "it moves first"}`)
	assert.Equal(t, []any{map[string]any{"name": "waiver-lease", "expression": "!(true)"}}, specOf(policy["database-survives-failure"])["matchConditions"])
}

// On the hub all claims of an environment are in its own namespace.
func TestWaiversForAnotherNamespace(t *testing.T) {
	policy := made(t, schema.Hub, "", `waivers: lease: {rule: "database-survives-failure", namespace: "other", until: "2027-01-31", reason: "it moves first"}`)
	assert.NotContains(t, specOf(policy["database-survives-failure"]), "matchConditions")
}
