package policies_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"spokewright.dev/spokewright/functions/policies"
	"spokewright.dev/spokewright/internal/manifest"
	"spokewright.dev/spokewright/schema"
)

const fleet = `name: "trial", owner: "platform"
repository: {url: "https://git.example.com/trial/fleet.git", revision: "main"}
registries: ["registry.example.com"]
classes: production: rules: {
	"pods-stay-small": {
		kinds: ["Pod", "Service"]
		require: spec?: containers?: [...{resources?: limits?: memory?: <="4Gi"}]
		message: "memory is dear"
	}
	"pods-are-labelled": {
		kinds: ["Pod"]
		require: metadata: labels: team: string
		message: "a pod says whose it is"
	}
}
`

// made are the policies of an environment by name.
func made(t *testing.T, plane schema.Plane, targets, text string) map[string]manifest.Object {
	t.Helper()
	reader, err := schema.NewReader()
	require.NoError(t, err)
	shared, err := reader.FleetConfig("fleet.cue", []byte(fleet+targets))
	require.NoError(t, err)
	e, err := reader.Environment(shared, "shop", "shop.cue", []byte(`class: "production", cluster: {cloud: "aws", region: "eu-west-1"}
`+text))
	require.NoError(t, err)
	byName := map[string]manifest.Object{}
	for _, object := range policies.Make(e, plane, nil) {
		byName[manifest.Identify(object).Name] = object
	}
	return byName
}

func specOf(policy manifest.Object) map[string]any { return policy["spec"].(map[string]any) }

// A policy for Pods is about nothing else: Kyverno derives others from such a policy only.
func TestPoliciesForPodsAreForPodsAlone(t *testing.T) {
	rules := specOf(made(t, schema.Spoke, "", "")["known-registries"])["matchConstraints"].(map[string]any)["resourceRules"]
	assert.Equal(t, []any{map[string]any{
		"apiGroups": []any{""}, "apiVersions": []any{"v1"}, "operations": []any{"CREATE", "UPDATE"}, "resources": []any{"pods"},
	}}, rules)
}

// What is changed is asked of what a rule hangs on, part by part, and nothing of what is being deleted.
func TestRulesJudgeWhatChanges(t *testing.T) {
	expression := func(policy manifest.Object) string {
		return specOf(policy)["validations"].([]any)[0].(map[string]any)["expression"].(string)
	}
	hub := expression(made(t, schema.Hub, "", "")["database-survives-failure"])
	assert.Contains(t, hub, "request.operation == 'UPDATE' && oldObject[?'metadata'].?deletionTimestamp.hasValue() || ")
	assert.Contains(t, hub, "(request.operation == 'UPDATE' && object.spec.?highlyAvailable == oldObject.spec.?highlyAvailable || ")
	assert.Contains(t, hub, "(request.operation == 'UPDATE' && object.spec.?backups.?retentionDays == oldObject.spec.?backups.?retentionDays || ")
	spoke := made(t, schema.Spoke, "", "")["pods-are-labelled"]
	assert.Contains(t, expression(spoke), "(has(object.metadata) ? object.metadata.?labels.?team : optional.none()) == (has(oldObject.metadata) ? ")
	assert.NotContains(t, expression(spoke), "deletionTimestamp", "Kyverno would look for it in the template of what makes Pods")
	assert.Contains(t, specOf(spoke)["matchConditions"], map[string]any{
		"name": "not-being-deleted", "expression": "!(request.operation == 'UPDATE' && oldObject[?'metadata'].?deletionTimestamp.hasValue())",
	})
}
