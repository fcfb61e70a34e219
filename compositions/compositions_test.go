package compositions

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"spokewright.dev/spokewright/manifest"
)

// Every file of one generation has its counterpart in the other, with the same Compositions and resources in it, save
// those that only one generation needs.
func TestGenerationsMakeTheSame(t *testing.T) {
	namespaced, err := Make(Namespaced)
	require.NoError(t, err)
	claims, err := Make(Claims)
	require.NoError(t, err)
	require.NotEmpty(t, namespaced)
	for file, compositions := range namespaced {
		require.Len(t, claims[file], len(compositions), file)
		for i, composition := range compositions {
			assert.Equal(t, kinds(t, composition), kinds(t, claims[file][i]), file)
		}
	}
	assert.Len(t, claims, len(namespaced))
}

// kinds are the kinds of managed resources by the names of the resources.
func kinds(t *testing.T, composition manifest.Object) map[string]string {
	t.Helper()
	all := map[string]string{}
	for name, base := range bases(t, composition) {
		if spec, _ := base["spec"].(map[string]any); spec["managementPolicies"] != nil {
			all[name], _ = base["kind"].(string)
		}
	}
	require.NotEmpty(t, all)
	return all
}

func bases(t *testing.T, composition manifest.Object) map[string]map[string]any {
	t.Helper()
	pipeline := composition["spec"].(map[string]any)["pipeline"].([]any)
	input := pipeline[0].(map[string]any)["input"].(map[string]any)
	all := map[string]map[string]any{}
	for _, resource := range input["resources"].([]any) {
		resource := resource.(map[string]any)
		name := resource["name"].(string)
		require.NotContains(t, all, name)
		all[name] = resource["base"].(map[string]any)
	}
	return all
}
