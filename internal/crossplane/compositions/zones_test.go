package compositions

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Line 17: a failover on Azure exchanges the zones of a server. The provider would take it back, or stop syncing, for zones in
// forProvider, whoever wrote them: so nothing is late initialized, and the zones are in initProvider alone, that of the second
// machine only beside its mode.
func TestLine17AzureKeepsNoZoneOfADatabase(t *testing.T) {
	for _, generation := range []string{Namespaced, Claims} {
		files, err := Make(generation)
		require.NoError(t, err)
		servers := 0
		for _, compositions := range files {
			for _, composition := range compositions {
				pipeline := composition["spec"].(map[string]any)["pipeline"].([]any)
				input := pipeline[0].(map[string]any)["input"].(map[string]any)
				sets := map[string]string{}
				for _, set := range input["patchSets"].([]any) {
					set := set.(map[string]any)
					sets[set["name"].(string)] = fmt.Sprint(set["patches"])
				}
				for _, resource := range resources(t, composition) {
					if resource["base"].(map[string]any)["kind"] == "FlexibleServer" {
						servers++
						keepsNoZone(t, resource, sets)
					}
				}
			}
		}
		assert.Equal(t, 4, servers, generation)
	}
}

// keepsNoZone looks at what a composition, with its patch sets as texts, writes into a server.
func keepsNoZone(t *testing.T, resource map[string]any, sets map[string]string) {
	t.Helper()
	written := map[string]map[string]any{}
	policies := ""
	for _, patch := range resource["patches"].([]any) {
		patch := patch.(map[string]any)
		if name, is := patch["patchSetName"].(string); is {
			assert.NotContains(t, sets[name], "LateInitialize")
			assert.NotContains(t, sets[name], "[*]")
			policies += sets[name]
		}
		if to, is := patch["toFieldPath"].(string); is {
			written[to] = patch
		}
	}
	assert.Contains(t, policies, "Full/Delete:[Create Observe Update Delete]")
	for to := range written {
		assert.False(t, strings.HasPrefix(to, "spec.forProvider") && strings.HasSuffix(strings.ToLower(to), "zone"), to)
	}
	assert.Contains(t, written, "spec.initProvider.zone")
	standby := written["spec.initProvider.highAvailability.standbyAvailabilityZone"]
	assert.Contains(t, fmt.Sprint(standby["combine"]), "standby.highAvailability.mode")
}
