package compositions

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// taken are the management policies that providers take; they refuse all other combinations (crossplane-runtime v1.18.0 and v2.2.0,
// pkg/reconciler/managed/policies.go, read 2026-12-01).
func taken() [][]string {
	return [][]string{
		{"*"},
		{"Create", "Delete", "LateInitialize", "Observe", "Update"},
		{"Observe"},
		{},
		{"Create", "Delete", "Observe", "Update"},
		{"Create", "LateInitialize", "Observe", "Update"},
		{"Create", "Observe", "Update"},
		{"Create", "Delete", "LateInitialize", "Observe"},
		{"Create", "LateInitialize", "Observe"},
		{"Create", "Delete", "Observe"},
		{"Create", "Observe"},
		{"Delete", "Observe"},
		{"Observe", "Update"},
	}
}

// Whatever a claim asks for, the policies of what is made of it are some that providers take.
func TestProvidersTakeThePolicies(t *testing.T) {
	judged := 0
	judge := func(policies any, where any) {
		var sorted []string
		for _, policy := range policies.([]any) {
			sorted = append(sorted, policy.(string))
		}
		slices.Sort(sorted)
		judged++
		assert.True(t, slices.ContainsFunc(taken(), func(set []string) bool { return slices.Equal(set, sorted) }), "%v: %v", where, sorted)
	}
	for _, generation := range []string{Namespaced, Claims} {
		files, err := Make(generation)
		require.NoError(t, err)
		for file, compositions := range files {
			for _, composition := range compositions {
				within(composition, func(fields map[string]any) {
					if fields["managementPolicies"] != nil {
						judge(fields["managementPolicies"], file)
					}
					if fields["toFieldPath"] != "spec.managementPolicies" {
						return
					}
					for _, transform := range fields["transforms"].([]any) {
						for asked, policies := range transform.(map[string]any)["map"].(map[string]any) {
							judge(policies, file+" "+asked)
						}
					}
				})
			}
		}
	}
	require.Greater(t, judged, 100)
}

// within visits all maps in a value.
func within(value any, visit func(map[string]any)) {
	switch value := value.(type) {
	case map[string]any:
		visit(value)
		for _, inner := range value {
			within(inner, visit)
		}
	case []any:
		for _, inner := range value {
			within(inner, visit)
		}
	}
}
