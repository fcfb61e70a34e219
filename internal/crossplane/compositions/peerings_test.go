package compositions

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"spokewright.dev/spokewright/internal/manifest"
)

// Line 14 of issue 14: what a peering needs of the environment is called as the compositions of network and cluster call it, and what it
// needs of a hub on Azure as the bootstrap and the composition call it: by the id. What others make it only looks at.
func TestLine14PeeringsFindWhatOthersMade(t *testing.T) {
	for _, generation := range []string{Namespaced, Claims} {
		files, err := Make(generation)
		require.NoError(t, err)
		require.NotContains(t, files, "gcp-peering")
		formats := func(file, resource, to string) []string {
			var all []string
			for _, patch := range manifest.MapsAt(resources(t, files[file][0])[resource], "patches") {
				if format := manifest.TextAt(patch, "combine", "string", "fmt"); patch["toFieldPath"] == to {
					all = append(all, format)
				}
			}
			return all
		}
		const objects, inTheCloud = "metadata.name", "metadata.annotations[crossplane.io/external-name]"
		ref := func(field string) string { return "spec.forProvider." + field + ".name" }
		for _, part := range []struct{ file, resource, field, made, by string }{
			{"aws-peering", "peering", "vpcIdRef", "aws-network", "vpc"},
			{"aws-peering", "to-hub", "routeTableIdRef", "aws-network", "private"},
			{"azure-peering", "to-hub", "resourceGroupNameRef", "azure-network", "network-group"},
			{"azure-peering", "to-hub", "virtualNetworkNameRef", "azure-network", "network"},
			{"azure-peering", "from-hub", "remoteVirtualNetworkIdRef", "azure-network", "network"},
		} {
			want := formats(part.made, part.by, objects)
			require.Len(t, want, 1)
			assert.Equal(t, want, formats(part.file, part.resource, ref(part.field)), "%s of %s", part.field, part.resource)
		}
		assert.Equal(t, formats("aws-cluster", "cluster", inTheCloud), formats("aws-peering", "peered-cluster", inTheCloud))
		assert.Equal(t, []string{"%s-network"}, formats("azure-network", "network-group", inTheCloud), "as schema.Joined has the group of a hub")
		assert.Equal(t, []string{"%s-network"}, formats("azure-network", "network", objects), "and its network")
		for file, looked := range map[string]string{"aws-peering": "peered-cluster", "azure-peering": "hub-network"} {
			for name, resource := range resources(t, files[file][0]) {
				sets := slices.DeleteFunc([]string{"management", "environment"}, func(set string) bool { return !usesSet(resource, set) })
				want := "management"
				if name == looked {
					want = "environment"
				}
				assert.Equal(t, []string{want}, sets, "%s of %s", name, file)
			}
		}
	}
}
