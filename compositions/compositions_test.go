package compositions

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"spokewright.dev/spokewright/manifest"
)

// Every file of one generation has its counterpart in the other, with the same Compositions and resources in it. Only the
// Secret with the connection, and what makes it, is a namespaced composite's alone.
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

// kinds are the kinds of a Composition's resources by their names, those that provider-kubernetes writes included.
func kinds(t *testing.T, composition manifest.Object) map[string]any {
	t.Helper()
	all := map[string]any{}
	for name, base := range named(t, composition) {
		if base["kind"] == "Object" {
			base = base["spec"].(map[string]any)["forProvider"].(map[string]any)["manifest"].(map[string]any)
		}
		if !strings.HasPrefix(name, "connection") {
			all[name] = base["kind"]
		}
	}
	require.NotEmpty(t, all)
	return all
}

// named gives the bases of a Composition's resources by the resources' names.
func named(t *testing.T, composition manifest.Object) map[string]map[string]any {
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

// Until a claim says what may be done, nothing may: every managed resource starts as only looked at.
func TestNothingIsDoneUnasked(t *testing.T) {
	for _, generation := range []string{Namespaced, Claims} {
		files, err := Make(generation)
		require.NoError(t, err)
		for _, compositions := range files {
			for _, composition := range compositions {
				for name, base := range named(t, composition) {
					spec, _ := base["spec"].(map[string]any)
					if policies, is := spec["managementPolicies"]; is {
						assert.Equal(t, []any{"Observe"}, policies, name)
					}
				}
			}
		}
	}
}

func TestPlural(t *testing.T) {
	for kind, want := range map[string]string{
		"VPC": "vpcs", "GlobalAddress": "globaladdresses", "Policy": "policies", "PublicIP": "publicips", "Key": "keys",
	} {
		assert.Equal(t, want, plural(kind))
	}
}
