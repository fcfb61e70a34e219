package workspaces_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"spokewright.dev/spokewright/functions/workspaces"
	"spokewright.dev/spokewright/internal/crd"
	"spokewright.dev/spokewright/internal/manifest"
	"spokewright.dev/spokewright/schema"
)

// workspace is what is made of an environment with one workspace, of a class and for one of Crossplane's APIs.
func made(t *testing.T, class, api, workspace string) []manifest.Object {
	t.Helper()
	reader, err := schema.NewReader()
	require.NoError(t, err)
	fleet, err := reader.FleetConfig("fleet.cue", []byte(`name: "trial", owner: "platform"
repository: {url: "git@git.example.com:trial/fleet.git", revision: "main"}
targets: crossplane: `+api))
	require.NoError(t, err)
	e, err := reader.Environment(fleet, "one", "one.cue", []byte(`class: "`+class+`"
cluster: {cloud: "aws", region: "eu-west-1"}
workspaces: assets: `+workspace))
	require.NoError(t, err)
	assert.Empty(t, workspaces.Make(e, schema.Spoke, nil), "all of it is the hub's")
	items := workspaces.Make(e, schema.Hub, nil)
	for _, item := range items {
		assert.Empty(t, crd.Embedded().Check(item))
	}
	return items
}

const namespaced, claims, old = `{version: "2.2", api: "namespaced"}`, `{version: "2.2", api: "claims"}`, `{version: "1.20", api: "claims"}`

func spec(t *testing.T, item manifest.Object) map[string]any {
	t.Helper()
	spec, ok := item["spec"].(map[string]any)
	require.True(t, ok)
	return spec
}

// module is the root module of a workspace, as OpenTofu reads it.
func module(t *testing.T, item manifest.Object) map[string]any {
	t.Helper()
	text, ok := spec(t, item)["forProvider"].(map[string]any)["module"].(string)
	require.True(t, ok)
	var root map[string]any
	require.NoError(t, json.Unmarshal([]byte(text), &root))
	return root
}

func TestWhatIsCalled(t *testing.T) {
	for source, want := range map[string]map[string]any{
		`{source: "./modules/bucket"}`:                                                   {"source": "git::ssh://git@git.example.com/trial/fleet.git//modules/bucket?ref=main"},
		`{source: "./modules/bucket", revision: "v2"}`:                                   {"source": "git::ssh://git@git.example.com/trial/fleet.git//modules/bucket?ref=v2"},
		`{source: "https://git.example.com/team/modules.git//bucket", revision: "v1.2"}`: {"source": "git::https://git.example.com/team/modules.git//bucket?ref=v1.2"},
		`{source: "example-modules/bucket/aws", version: "5.8.1"}`:                       {"source": "example-modules/bucket/aws", "version": "5.8.1"},
		`{source: "./m", variables: {n: 3, on: true, names: ["a"], text: "${path.root} %{if}"}}`: {
			"source": "git::ssh://git@git.example.com/trial/fleet.git//m?ref=main",
			"n":      3.0, "on": true, "names": []any{"a"}, "text": "$${path.root} %%{if}",
		},
	} {
		root := module(t, made(t, "development", namespaced, source)[0])
		assert.Equal(t, map[string]any{"module": map[string]any{"workspace": want}}, root)
	}
}

func TestOutputs(t *testing.T) {
	for api, want := range map[string]map[string]any{
		namespaced: {"name": "assets-connection"},
		claims:     {"name": "assets-connection", "namespace": "one"},
	} {
		item := made(t, "development", api, `{source: "./m", outputs: ["url"]}`)[0]
		assert.Equal(t, want, spec(t, item)["writeConnectionSecretToRef"])
		assert.Equal(t, map[string]any{"url": map[string]any{"value": "${module.workspace.url}", "sensitive": true}}, module(t, item)["output"])
	}
	assert.NotContains(t, spec(t, made(t, "development", namespaced, `{source: "./m"}`)[0]), "writeConnectionSecretToRef", "nothing is handed on that nobody asked for")
}

// The state stands under the identifier: where that is kept, a renamed environment has the same one.
func TestIdentity(t *testing.T) {
	const annotation = "crossplane.io/external-name"
	name := func(item manifest.Object) (string, any) {
		return manifest.Identify(item).String(), item["metadata"].(map[string]any)["annotations"].(map[string]any)[annotation]
	}
	id, state := name(made(t, "development", namespaced, `{source: "./m"}`)[0])
	assert.Equal(t, []any{"Workspace one/assets", "trial-one-assets"}, []any{id, state})
	id, state = name(made(t, "development", claims, `{source: "./m"}`)[0])
	assert.Equal(t, []any{"Workspace trial-one-assets", "trial-one-assets"}, []any{id, state})
	_, state = name(made(t, "development", namespaced, `{source: "./m", id: "older"}`)[0])
	assert.Equal(t, "older", state)
}

func TestProtection(t *testing.T) {
	for api, usage := range map[string]string{
		namespaced: "Usage one/workspace-assets",
		claims:     "ClusterUsage one.workspace.assets",
		old:        "Usage one.workspace.assets",
	} {
		items := made(t, "production", api, `{source: "./m"}`)
		require.Len(t, items, 2)
		assert.Equal(t, []any{"Observe", "Create", "Update", "LateInitialize"}, spec(t, items[0])["managementPolicies"])
		assert.Equal(t, usage, manifest.Identify(items[1]).String())
		of := spec(t, items[1])["of"].(map[string]any)
		assert.Equal(t, items[0]["apiVersion"], of["apiVersion"])
		assert.Equal(t, map[string]any{"name": manifest.Identify(items[0]).Name}, of["resourceRef"])
		if api == namespaced {
			assert.NotContains(t, spec(t, items[0]), "deletionPolicy", "Crossplane 2 has none for it")
		} else {
			assert.Equal(t, "Orphan", spec(t, items[0])["deletionPolicy"])
		}

		items = made(t, "development", api, `{source: "./m"}`)
		require.Len(t, items, 1)
		assert.NotContains(t, spec(t, items[0]), "managementPolicies")
	}
}
