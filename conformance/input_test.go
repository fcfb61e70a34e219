package conformance

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"spokewright.dev/spokewright/conformance/documents"
	"spokewright.dev/spokewright/conformance/parts"
	"spokewright.dev/spokewright/conformance/process"
	"spokewright.dev/spokewright/internal/manifest"
)

// What compositions tell function-patch-and-transform has the shape that it publishes; the function itself would pass over
// a field that it does not know.
func TestCompositionsFitTheFunction(t *testing.T) {
	part, err := parts.Find("function-patch-and-transform")
	require.NoError(t, err)
	module, err := parts.Download(process.Context(t), part.Module, part.Version)
	require.NoError(t, err)
	published, err := documents.ReadFolder(filepath.Join(module.Dir, "package/input"))
	require.NoError(t, err)
	judge := strictly(t, published)
	inputs := 0
	for _, generation := range generations {
		for _, composition := range read(t, filepath.Join("../bases/hub/compositions", generation)) {
			pipeline, _ := object(composition.Object, "spec")["pipeline"].([]any)
			for _, step := range pipeline {
				input := manifest.Copy(object(step.(map[string]any), "input"))
				if len(input) == 0 {
					continue
				}
				inputs++
				input["metadata"] = map[string]any{"name": "input"} // as the function's definition is one of a cluster's kind
				for _, finding := range judge.Check(input) {
					t.Errorf("%s: %s", composition.Source, finding)
				}
			}
		}
	}
	assert.NotZero(t, inputs)
	t.Logf("%d inputs judged", inputs)
}

// Adoption goes in two steps. In the first everything may only be looked at; in the second the very same object, with the same
// name and the cloud's same name, is managed, and even then it can be neither made nor deleted. Nothing else is composed
// of the cloud's: no network, no nodes, no roles.
func TestAdoptionTouchesNothing(t *testing.T) {
	pairs := 0
	for _, generation := range generations {
		for _, cloud := range []string{"aws", "azure", "gcp"} {
			for _, name := range [][2]string{{"Cluster-seen-seen", "Cluster-taken-taken"}, {"Database-seen-orders", "Database-taken-orders"}} {
				seen, taken := adopted(t, generation, cloud, name[0]), adopted(t, generation, cloud, name[1])
				pairs++
				assert.Equal(t, seen.ID().Kind, taken.ID().Kind)
				assert.Equal(t, seen.ID().Name, taken.ID().Name)
				assert.NotEmpty(t, externalName(seen))
				assert.Equal(t, externalName(seen), externalName(taken))
				assert.Equal(t, []any{"Observe"}, object(seen.Object, "spec")["managementPolicies"])
				assert.Equal(t, asServersHaveThem(taken.ID().Kind, []any{"Create", "Observe", "Update", "LateInitialize"}), object(taken.Object, "spec")["managementPolicies"])
				if generation == "claims" {
					assert.Equal(t, "Orphan", object(seen.Object, "spec")["deletionPolicy"])
					assert.Equal(t, "Orphan", object(taken.Object, "spec")["deletionPolicy"])
				}
			}
		}
	}
	assert.Equal(t, 12, pairs)
}

// adopted is the one object of the cloud's that is composed.
func adopted(t *testing.T, generation, cloud, name string) documents.Document {
	t.Helper()
	composed, err := documents.Read(filepath.Join(composedFolder, generation, cloud, name+".yaml"))
	require.NoError(t, err)
	var found []documents.Document
	for _, document := range composed {
		if managed(document.Object) {
			found = append(found, document)
		}
	}
	require.Len(t, found, 1, "%s %s %s", generation, cloud, name)
	return found[0]
}

func externalName(document documents.Document) any {
	return object(document.Object, "metadata", "annotations")["crossplane.io/external-name"]
}
