package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"
	"spokewright.dev/spokewright/functions"
	"spokewright.dev/spokewright/internal/crd"
	"spokewright.dev/spokewright/internal/manifest"
	"spokewright.dev/spokewright/schema"
)

// The mappings that docs/claims.md shows fit the published definitions of the platforms that they name: every claim that
// comes out is judged strictly by them.
func TestClaimsFitPublishedPlatforms(t *testing.T) {
	t.Parallel()
	folder := os.Getenv("SPOKEWRIGHT_CRDS")
	if folder == "" {
		t.Skip("NOT CHECKED: SPOKEWRIGHT_CRDS must name a folder that has the platforms' definitions in platforms/")
	}
	files, err := filepath.Glob(filepath.Join(folder, "platforms", "*.yaml"))
	require.NoError(t, err)
	set := crd.NewSet(platforms(t, files)...)
	mappings := documentedMappings(t)
	require.Len(t, mappings, len(files), "each platform has its mapping")
	for _, mapping := range mappings {
		for _, class := range []string{"development", "production"} {
			claim := mappedCluster(t, mapping, class)
			id := manifest.Identify(claim)
			assert.True(t, set.Knows(id.APIVersion, id.Kind), "%s", id)
			assert.Empty(t, set.Check(claim))
			parameters := claim["spec"].(map[string]any)["parameters"].(map[string]any)
			assert.Equal(t, []any{"*"}, parameters["managementPolicies"])
			assert.Equal(t, "trial-one", parameters["id"])
			assert.Contains(t, []any{"t3.medium", "m6i.xlarge"}, parameters["nodes"].(map[string]any)["instanceType"])

			parameters["regoin"] = "eu-west-1"
			assert.NotEmpty(t, set.Check(claim), "unknown fields are refused")
		}
	}
}

// platforms are the kinds that the definitions in files define.
func platforms(t *testing.T, files []string) []crd.Schema {
	t.Helper()
	var declared []manifest.Object
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		for document := range strings.SplitSeq(string(text), "\n---\n") {
			var definition manifest.Object
			require.NoError(t, yaml.Unmarshal([]byte(document), &definition))
			declared = append(declared, definition)
		}
	}
	schemas, err := crd.Declared(declared)
	require.NoError(t, err)
	return schemas
}

// documentedMappings are the examples of the documentation, as a reader would copy them.
func documentedMappings(t *testing.T) []string {
	t.Helper()
	text, err := os.ReadFile("../../docs/claims.md")
	require.NoError(t, err)
	var mappings []string
	for _, block := range regexp.MustCompile("(?s)```cue\n(.*?)```").FindAllStringSubmatch(string(text), -1) {
		if strings.HasPrefix(block[1], "claims: cluster:") {
			mappings = append(mappings, block[1])
		}
	}
	return mappings
}

// It names a version: the published platforms take the newest one later than the classes have it.
func mappedCluster(t *testing.T, mapping, class string) manifest.Object {
	t.Helper()
	reader, err := schema.NewReader()
	require.NoError(t, err)
	tree := fstest.MapFS{}
	for name, text := range map[string]string{
		"fleet": "name: \"trial\", owner: \"platform\"\nrepository: {url: \"https://git.example.com/trial/fleet.git\", revision: \"main\"}\n" + mapping,
		"hub":   `{class: "production", role: "hub"}`,
		"one":   `class: "` + class + "\"\n" + `cluster: {cloud: "aws", region: "eu-west-1", version: "1.34"}`,
	} {
		tree["environments/"+name+".cue"] = &fstest.MapFile{Data: []byte(text)}
	}
	fleet, err := reader.Fleet(tree)
	require.NoError(t, err)
	var claims []manifest.Object
	for _, item := range functions.Expand(fleet.Environments["one"], schema.Hub) {
		switch id := manifest.Identify(item); {
		case id.Kind == "Network":
			t.Error("a kind of the fleet's own brings its own network")
		case id.APIVersion == fleet.Config.Claims.Cluster.APIVersion:
			claims = append(claims, item)
		}
	}
	require.Len(t, claims, 1)
	return claims[0]
}
