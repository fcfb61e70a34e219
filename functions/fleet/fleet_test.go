package fleet_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"spokewright.dev/spokewright/functions/fleet"
	"spokewright.dev/spokewright/internal/manifest"
	"spokewright.dev/spokewright/schema"
)

// hub is one with two environments beside itself.
func hub(t *testing.T) schema.Environment {
	t.Helper()
	reader, err := schema.NewReader()
	require.NoError(t, err)
	tree := fstest.MapFS{}
	for name, text := range map[string]string{
		"fleet": `name: "trial", owner: "platform", registries: ["registry.example.com"]
repository: {url: "https://git.example.com/trial/fleet.git", revision: "main"}`,
		"hub":  `{class: "production", role: "hub", labels: "example.com/site": "north"}`,
		"dev":  `{class: "development", cluster: {cloud: "aws", region: "eu-west-1"}}`,
		"prod": `{class: "production", cluster: {cloud: "aws", region: "eu-west-1"}}`,
	} {
		tree["environments/"+name+".cue"] = &fstest.MapFile{Data: []byte(text)}
	}
	read, err := reader.Fleet(tree)
	require.NoError(t, err)
	return read.Environments["hub"]
}

// made are the fleet's objects by kind and name.
func made(t *testing.T, e schema.Environment) map[string]manifest.Object {
	t.Helper()
	byName := map[string]manifest.Object{}
	for _, object := range fleet.Make(e, schema.Hub, nil) {
		id := manifest.Identify(object)
		byName[id.Kind+" "+id.Name] = object
	}
	return byName
}

func specOf(object manifest.Object) map[string]any { return object["spec"].(map[string]any) }

// What starts a hub is what its list of environments would make of it, and the project that this needs: the set takes it over
// as it is.
func TestRootIsWhatTheListMakes(t *testing.T) {
	e := hub(t)
	all := made(t, e)
	root := fleet.Root(e)
	require.Len(t, root, 2)
	assert.Equal(t, all["AppProject fleet"], root[0])

	set := specOf(all["ApplicationSet environments"])
	template := set["template"].(map[string]any)["spec"].(map[string]any)
	var element map[string]any
	for _, each := range set["generators"].([]any)[0].(map[string]any)["list"].(map[string]any)["elements"].([]any) {
		if found := each.(map[string]any); found["environment"] == e.Name {
			element = found
		}
	}
	require.NotNil(t, element, "a hub is in its own list")
	assert.Equal(t, manifest.ID{APIVersion: "argoproj.io/v1alpha1", Kind: "Application", Namespace: "argocd", Name: element["name"].(string)}, manifest.Identify(root[1]))
	metadata := root[1]["metadata"].(map[string]any)
	assert.Equal(t, element["labels"], metadata["labels"])
	assert.Equal(t, element["annotations"], metadata["annotations"])
	assert.Equal(t, map[string]any{
		"project": template["project"], "source": element["source"], "syncPolicy": template["syncPolicy"],
		"destination": map[string]any{"name": "in-cluster", "namespace": e.Name},
	}, specOf(root[1]))

	e.Role = "spoke"
	assert.Empty(t, fleet.Root(e))
}

// Hub planes never give up, look at what is new when they try again, and leave alone what is as it should be.
func TestHubPlanesGoOn(t *testing.T) {
	set := specOf(made(t, hub(t))["ApplicationSet environments"])
	policy := set["template"].(map[string]any)["spec"].(map[string]any)["syncPolicy"].(map[string]any)
	retry := policy["retry"].(map[string]any)
	assert.Equal(t, -1, retry["limit"])
	assert.Equal(t, true, retry["refresh"])
	assert.Contains(t, policy["syncOptions"], "ApplyOutOfSyncOnly=true")
	assert.Equal(t, map[string]any{"annotations": []any{"argocd.argoproj.io/deletion-approved"}}, set["preservedFields"])
}

// An environment that was taken out of the fleet is not stranded: its claims are nobody's business once they are there.
func TestClaimsAreJudgedWhenTheyAreMade(t *testing.T) {
	rules := specOf(made(t, hub(t))["ValidatingPolicy claims-live-in-environments"])["matchConstraints"].(map[string]any)["resourceRules"].([]any)
	require.Len(t, rules, 5)
	for _, rule := range rules {
		assert.Equal(t, []any{"CREATE"}, rule.(map[string]any)["operations"])
	}
}

// The guard of namespaces knows which classes are free, so that one which the fleet has lost stays protected.
func TestNamespacesOfLostClassesStayProtected(t *testing.T) {
	policy := made(t, hub(t))["ValidatingPolicy environments-need-approval-to-go"]
	conditions := specOf(policy)["matchConditions"].([]any)
	var texts []string
	for _, condition := range conditions {
		texts = append(texts, condition.(map[string]any)["expression"].(string))
	}
	all := strings.Join(texts, "\n")
	assert.Contains(t, all, `!(oldObject.metadata.?labels[?'spokewright.dev/class'].orValue('') in [
  "development",`)
	assert.NotContains(t, all, `"production"`)
}
