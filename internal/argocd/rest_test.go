package argocd

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"spokewright.dev/spokewright/schema"
)

// Line 7: an addon that never comes to rest is compared by the API server, before Argo CD does so by itself; why stands beside it.
func TestLine7AddonsComeToRest(t *testing.T) {
	fleet := func(version string) *schema.FleetConfig {
		f := &schema.FleetConfig{}
		f.Targets.ArgoCD.Version = version
		return f
	}
	compared := map[string]any{"argocd.argoproj.io/compare-options": "ServerSideDiff=true"}
	assert.Equal(t, compared, Comparing(fleet("3.2"), "kyverno"))
	assert.Equal(t, compared, Comparing(fleet("3.5"), "loki"))
	assert.Empty(t, Comparing(fleet("3.6"), "kyverno"))
	assert.Empty(t, Comparing(fleet("3.2"), "podinfo"))
	assert.Empty(t, Comparing(fleet("3.2"), ""))
	for _, rest := range AtRest() {
		_, err := time.Parse(time.DateOnly, rest.Read)
		assert.NoError(t, err, rest.Chart)
		assert.Contains(t, rest.Source, "https://", rest.Chart)
		assert.NotEmpty(t, rest.Version+rest.Why, rest.Chart)
	}
}
