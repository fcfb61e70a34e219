package compositions

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"spokewright.dev/spokewright/internal/manifest"
)

// Google lets a control plane reach nodes at 443 and 10250 alone, and policies are judged at 9443: a cluster that is made there
// opens that, from its own network and from the range of its control plane, and for nothing else.
func TestPoliciesAreAskedOnGoogleCloud(t *testing.T) {
	for _, generation := range []string{Namespaced, Claims} {
		files, err := Make(generation)
		require.NoError(t, err)
		resource := resources(t, files["gcp-cluster"][0])["webhooks"]
		require.NotNil(t, resource, generation)
		base := resource["base"].(map[string]any)
		assert.Equal(t, "Firewall", manifest.Identify(base).Kind)
		allowed, _ := manifest.Get(base, "spec", "forProvider", "allow")
		assert.Equal(t, []any{map[string]any{"protocol": "tcp", "ports": []any{"9443"}}}, allowed, generation)
		from := map[any]any{}
		for _, patch := range resource["patches"].([]any) {
			patch := patch.(map[string]any)
			from[patch["toFieldPath"]] = patch["fromFieldPath"]
		}
		assert.Equal(t, "spec.network.cidr", from["spec.forProvider.sourceRanges[0]"], generation)
		assert.Equal(t, "controlPlane", from["spec.forProvider.sourceRanges[1]"], generation)
		assert.Contains(t, from, "spec.forProvider.networkSelector.matchLabels[spokewright.dev/environment]", generation)
	}
}
