package compositions

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"spokewright.dev/spokewright/internal/manifest"
)

// Line 13 of issue 14: a cluster on AWS has a role for what lets its nodes come and go. It may look at all groups, change those of
// this cluster alone, and is taken on by one account of the cluster.
func TestLine13TheAutoscalerHasItsRole(t *testing.T) {
	for _, generation := range []string{Namespaced, Claims} {
		files, err := Make(generation)
		require.NoError(t, err)
		all := resources(t, files["aws-cluster"][0])
		require.Contains(t, all, "autoscaler", generation)
		policy := written(t, all["autoscaler"], "spec.forProvider.inlinePolicy[0].policy")
		var said struct {
			Statement []struct {
				Effect, Resource string
				Action           []string
				Condition        map[string]map[string]string
			}
		}
		require.NoError(t, json.Unmarshal([]byte(strings.ReplaceAll(policy, "%s", "trial-one")), &said))
		require.Len(t, said.Statement, 2)
		for _, action := range said.Statement[0].Action {
			assert.Regexp(t, `^[a-z0-9]+:(Describe|Get)`, action)
		}
		assert.Contains(t, said.Statement[0].Action, "eks:DescribeNodegroup", "what a pool without nodes is like")
		assert.ElementsMatch(t, []string{"autoscaling:SetDesiredCapacity", "autoscaling:TerminateInstanceInAutoScalingGroup"}, said.Statement[1].Action)
		assert.Equal(t, map[string]map[string]string{"StringEquals": {"aws:ResourceTag/k8s.io/cluster-autoscaler/trial-one": "owned"}}, said.Statement[1].Condition)

		identity, _ := manifest.MapAt(all["autoscaler-identity"]["base"].(map[string]any), "spec", "forProvider")
		assert.Equal(t, map[string]any{"namespace": "cluster-autoscaler", "serviceAccount": "cluster-autoscaler"}, identity)
		assert.NotContains(t, resources(t, files["aws-cluster"][1]), "autoscaler", "what was adopted keeps its roles")
	}
}

// written is the format of a text that a resource's patch writes.
func written(t *testing.T, resource map[string]any, to string) string {
	t.Helper()
	for _, patch := range resource["patches"].([]any) {
		if patch := patch.(map[string]any); patch["toFieldPath"] == to {
			return manifest.TextAt(patch, "combine", "string", "fmt")
		}
	}
	require.Fail(t, "nothing writes "+to)
	return ""
}
