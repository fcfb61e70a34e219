package conformance

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"spokewright.dev/spokewright/internal/manifest"
)

// policiesFitKyverno puts every policy of every environment and target before the API server, strictly, and thereby
// before Kyverno's own webhook for them. Most are the same everywhere: each text is asked once.
func (g admissionServer) policiesFitKyverno(t *testing.T) {
	asked, versions := map[string]bool{}, map[string]int{}
	for _, policy := range slices.Concat(read(t, "../golden"), read(t, "../cmd/spokewright/testdata/targets")) {
		if policy.ID().Group() != "policies.kyverno.io" || asked[string(policy.Text)] {
			continue
		}
		if home := policy.ID().Namespace; home != "" {
			require.NoError(t, g.server.Apply(g.ctx, namespace(t, home)))
		}
		asked[string(policy.Text)] = true
		versions[policy.ID().APIVersion]++
		warnings, err := g.server.Judge(g.ctx, policy)
		assert.NoError(t, err)
		assert.Empty(t, warnings, policy.Source)
	}
	t.Logf("accepted without a warning: %v", versions)
	assert.Len(t, versions, 2, "policies for older and for newer releases")

	broken := manifest.Copy(g.policies[0].Object)
	broken["spec"].(map[string]any)["validations"] = []any{map[string]any{"expression": "object.spec.("}}
	_, err := g.server.Judge(g.ctx, document(t, broken))
	assert.Error(t, err, "Kyverno's webhook judges no policies")
}
