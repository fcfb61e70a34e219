package platform

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"

	"spokewright.dev/spokewright/conformance/documents"
	"spokewright.dev/spokewright/conformance/hub"
	"spokewright.dev/spokewright/internal/manifest"
)

func golden(t *testing.T) []documents.Document {
	t.Helper()
	all, err := documents.ReadFolder("../../golden")
	require.NoError(t, err)
	return all
}

// Where nobody has the providers' own definitions, open ones define each kind that compositions make and the hub configures.
func TestOpenDefinitionsDefineWhatIsUsed(t *testing.T) {
	kinds := map[string]string{} // kind.group to scope
	for _, service := range []string{"ec2.aws", "aws", "sql.gcp"} {
		text, err := open(service, golden(t))
		require.NoError(t, err)
		for _, part := range bytes.Split(text, []byte("---\n")) {
			var object manifest.Object
			require.NoError(t, yaml.Unmarshal(part, &object))
			if len(object) == 0 {
				continue
			}
			spec := hub.Fields(object, "spec")
			kinds[hub.Fields(spec, "names")["kind"].(string)+"."+spec["group"].(string)] = spec["scope"].(string)
		}
	}
	require.Equal(t, "Namespaced", kinds["VPC.ec2.aws.m.upbound.io"])
	require.Equal(t, "Cluster", kinds["ClusterProviderConfig.aws.m.upbound.io"])
	require.Equal(t, "Namespaced", kinds["User.sql.gcp.m.upbound.io"])
	require.NotContains(t, kinds, "Role.iam.aws.m.upbound.io", "it is another package's")
}

func TestPluralsAreTheProviders(t *testing.T) {
	for kind, want := range map[string]string{"VPC": "vpcs", "GlobalAddress": "globaladdresses", "NATGateway": "natgateways", "UserAssignedIdentity": "userassignedidentities"} {
		require.Equal(t, want, plural(kind))
	}
	require.Equal(t, "ec2.aws", groupOf("provider-aws-ec2"))
	require.Equal(t, "gcp", groupOf("provider-family-gcp"))
}

// The world has what every Application of the sample asks for.
func TestSourcesAreAllThere(t *testing.T) {
	const home = "https://git.example.com/lighthouse/apps.git"
	sources := sourcesIn(golden(t))
	files := apps(sources, home)
	charts := 0
	for _, source := range sources {
		switch {
		case source.chart != "":
			charts++
		case source.repository == home && source.helm:
			require.Contains(t, files, source.path+"/Chart.yaml")
		case source.repository == home:
			require.Contains(t, files, source.path+"/kustomization.yaml")
		}
	}
	require.Positive(t, charts)
}

// What stands in for the chart of a flavour brings the kinds that the sample makes objects of, as its project's own definitions or
// open ones: without them the spoke planes would never come to their last wave.
func TestChartsOfFlavoursBringTheirKinds(t *testing.T) {
	for _, folder := range []string{"", "../../testdata/nowhere"} {
		if folder != "" {
			t.Setenv(ProviderDefinitions, folder)
		}
		for name, kinds := range map[string][]string{
			"knative-operator": {"knativeservings.operator.knative.dev"},
			"kueue":            {"clusterqueues.kueue.x-k8s.io", "resourceflavors.kueue.x-k8s.io"},
			"kuberay-operator": {},
		} {
			files, err := chart(t.Context(), name, golden(t))
			require.NoError(t, err)
			require.Len(t, files, 1+len(kinds), name)
			for _, kind := range kinds {
				require.Contains(t, string(files["crds/"+kind+".yaml"]), "name: "+kind, name)
			}
		}
	}
}
