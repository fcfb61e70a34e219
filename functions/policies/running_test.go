package policies_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"spokewright.dev/spokewright/schema"
)

// What changes a Pod that runs is judged as the Pod was, by rules that speak of what is changed.
func TestRunningPodsAreJudgedAlike(t *testing.T) {
	all := made(t, schema.Spoke, "", "")
	changes := map[string]any{}
	for name, policy := range all {
		first, running := strings.CutSuffix(name, "-running")
		if !running {
			continue
		}
		require.Contains(t, all, first)
		want, spec := maps.Clone(specOf(all[first])), maps.Clone(specOf(policy))
		rules := spec["matchConstraints"].(map[string]any)["resourceRules"].([]any)
		assert.Len(t, rules, 1)
		rule := rules[0].(map[string]any)
		assert.Equal(t, []any{"UPDATE"}, rule["operations"])
		changes[first] = rule["resources"]
		delete(want, "matchConstraints")
		delete(spec, "matchConstraints")
		conditions := want["matchConditions"].([]any)
		require.Equal(t, "not-being-deleted", conditions[1].(map[string]any)["name"])
		want["matchConditions"] = slices.Delete(slices.Clone(conditions), 1, 2) // a Pod may run for hours after it was deleted
		assert.Equal(t, want, spec)
	}
	debug := []any{"pods/ephemeralcontainers"}
	assert.Equal(t, map[string]any{
		"known-registries": debug, "no-latest-tag": debug, "pod-security-baseline": debug, "pod-security-restricted": debug,
		"pods-run-as-non-root": debug, "pods-have-a-seccomp-profile": debug, "pods-keep-proc-masked": debug,
		"pods-have-resources": []any{"pods/resize"}, "pods-stay-small-pod": []any{"pods/resize"},
	}, changes)
}
