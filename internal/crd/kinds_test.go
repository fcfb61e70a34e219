package crd

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/manifest"
	"spokewright.dev/spokewright/internal/manifest/manifesttest"
)

// embeddedKind says which versions of a CRD are embedded, and what of it is left out beside the status.
type embeddedKind struct {
	module, kind string
	versions     []string
	prune        func(t *testing.T, open map[string]any)
}

var embeddedKinds = []embeddedKind{
	{argoCD, "Application", []string{"v1alpha1"}, nil},
	{argoCD, "ApplicationSet", []string{"v1alpha1"}, literalListsOnly},
	{argoCD, "AppProject", []string{"v1alpha1"}, nil},
	{imageUpdater, "ImageUpdater", []string{"v1alpha1"}, nil},
	{kyverno, "ValidatingPolicy", []string{"v1", "v1beta1"}, nil},
	{kyverno, "NamespacedValidatingPolicy", []string{"v1", "v1beta1"}, nil},
	{kyverno, "ImageValidatingPolicy", []string{"v1", "v1beta1"}, nil},
	{kyverno, "MutatingPolicy", []string{"v1"}, nil},
	{kyverno, "PolicyException", []string{"v1", "v1beta1"}, nil},
	{crossplane, "CompositeResourceDefinition", []string{"v1", "v2"}, nil},
	{crossplane, "Composition", []string{"v1"}, nil},
	{crossplane, "ManagedResourceActivationPolicy", []string{"v1alpha1"}, nil},
	{crossplane, "Usage", []string{"v1beta1"}, nil}, // two groups have it: protection and apiextensions
	{crossplane, "ClusterUsage", []string{"v1beta1"}, nil},
	{crossplane, "Provider", []string{"v1"}, nil},
	{crossplane, "Function", []string{"v1"}, nil},
	{crossplane, "DeploymentRuntimeConfig", []string{"v1beta1"}, nil},
	{externalSecrets, "ExternalSecret", []string{"v1"}, nil},
	{externalSecrets, "SecretStore", []string{"v1"}, knownProvidersOnly},
	{externalSecrets, "ClusterSecretStore", []string{"v1"}, knownProvidersOnly},
	{externalSecrets, "Password", []string{"v1alpha1"}, nil},
	{openTofu, "Workspace", []string{"v1beta1"}, inlineOnly}, // two groups have it: opentofu and opentofu.m
}

// openTofu is a folder in the one that crdsVariable names: no Go module that can be had carries these CRDs.
const openTofu = "opentofu"

// TestKinds compares the embedded schemas with the CRDs of the releases; SPOKEWRIGHT_UPDATE=1 writes them anew.
func TestKinds(t *testing.T) {
	read := releases(t)
	wanted := map[string][]byte{}
	for _, embedded := range embeddedKinds {
		files := embedded.files
		if embedded.module == openTofu {
			files = embedded.outside
		}
		for name, line := range files(t, read.crds[embedded.module]) {
			require.NotContains(t, wanted, name, "two CRDs for one file")
			wanted[name] = line
		}
	}
	if os.Getenv("SPOKEWRIGHT_UPDATE") != "" {
		write(t, wanted)
	}
	found, err := filepath.Glob("kinds/*.json")
	require.NoError(t, err)
	total := 0
	for _, file := range found {
		content, err := os.ReadFile(file)
		require.NoError(t, err)
		total += len(content)
		line, expected := wanted[filepath.Base(file)]
		assert.True(t, expected, "%s is of no kind in the table", file)
		assert.True(t, bytes.Equal(line, content), "%s is not what the releases say: SPOKEWRIGHT_UPDATE=1 go test -run TestKinds", file)
	}
	assert.Len(t, found, len(wanted), "SPOKEWRIGHT_UPDATE=1 go test -run TestKinds writes what is missing")
	assert.Less(t, total, 400_000, "the schemas are in every binary: keep them small")
	t.Logf("%d kinds, %d bytes", len(found), total)
}

func write(t *testing.T, files map[string][]byte) {
	old, err := filepath.Glob("kinds/*.json")
	require.NoError(t, err)
	for _, file := range old {
		require.NoError(t, os.Remove(file))
	}
	for name, line := range files {
		require.NoError(t, os.WriteFile(filepath.Join("kinds", name), line, 0o644))
	}
}

// outside gives the schemas of a kind whose CRDs lie in a folder outside; those that are embedded where it is not there.
func (k embeddedKind) outside(t *testing.T, _ []map[string]any) map[string][]byte {
	t.Helper()
	folder := os.Getenv(crdsVariable)
	if folder == "" {
		t.Logf("NOT CHECKED: %s names no folder with the CRDs of %s", crdsVariable, k.module)
		files := map[string][]byte{}
		for _, file := range manifesttest.Glob(t, "kinds/"+k.module+".*_"+k.kind+".json") {
			line, err := os.ReadFile(file)
			require.NoError(t, err)
			files[filepath.Base(file)] = line
		}
		return files
	}
	var crds []map[string]any
	crds = append(crds, manifesttest.Documents(t, yamlFiles(t, filepath.Join(folder, k.module))...)...)
	return k.files(t, crds)
}

// files gives the schemas of one kind, by file name.
func (k embeddedKind) files(t *testing.T, crds []map[string]any) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	for _, crd := range crds {
		if manifest.TextAt(crd, "spec", "names", "kind") != k.kind {
			continue
		}
		pruned, _ := manifest.CopyOf(crd).(map[string]any)
		var versions []any
		for _, version := range manifest.MapsAt(pruned, "spec", "versions") {
			if strings.Contains(" "+strings.Join(k.versions, " ")+" ", " "+manifest.TextAt(version, "name")+" ") {
				versions = append(versions, k.pruned(t, version))
			}
		}
		require.Len(t, versions, len(k.versions), "%s: a version is not in its CRD", k.kind)
		pruned["spec"].(map[string]any)["versions"] = versions
		schemas, err := FromCRD(pruned)
		require.NoError(t, err)
		for _, schema := range schemas {
			name := fmt.Sprintf("%s_%s.json", strings.ReplaceAll(schema.APIVersion, "/", "_"), schema.Kind)
			files[name] = append(schema.JSON(), '\n')
		}
	}
	require.NotEmpty(t, files, "no CRD of %s has the kind %s", k.module, k.kind)
	return files
}

func (k embeddedKind) pruned(t *testing.T, version map[string]any) map[string]any {
	open, found := manifest.MapAt(version, "schema", "openAPIV3Schema")
	require.True(t, found)
	fields, _ := manifest.MapAt(open, "properties")
	if _, found := fields["status"]; found { // the status is the controllers' to write
		fields["status"] = map[string]any{"type": "object", "x-kubernetes-preserve-unknown-fields": true}
	}
	if k.prune != nil {
		k.prune(t, open)
	}
	return version
}

// literalListsOnly: an error in any other generator, or in elements made by a template, can empty a set of Applications.
func literalListsOnly(t *testing.T, open map[string]any) {
	item, found := manifest.MapAt(open, "properties", "spec", "properties", "generators", "items")
	require.True(t, found)
	elements, found := manifest.MapAt(item, "properties", "list", "properties", "elements")
	require.True(t, found)
	item["properties"] = map[string]any{"list": map[string]any{
		"type": "object", "properties": map[string]any{"elements": elements}, "required": []any{"elements"},
	}}
	item["required"] = []any{"list"}
}

// inlineOnly: the module that a workspace calls, with its version, stands in the object.
func inlineOnly(t *testing.T, open map[string]any) {
	provider, found := manifest.MapAt(open, "properties", "spec", "properties", "forProvider", "properties")
	require.True(t, found)
	for name := range provider {
		if name != "source" && name != "module" && name != "inlineFormat" {
			delete(provider, name)
		}
	}
	provider["source"] = map[string]any{"type": "string", "enum": []any{"Inline"}}
}

// knownProvidersOnly: the hub's own cluster, and the clouds' stores of secrets.
func knownProvidersOnly(t *testing.T, open map[string]any) {
	provider, found := manifest.MapAt(open, "properties", "spec", "properties", "provider")
	require.True(t, found)
	require.EqualValues(t, 1, provider["maxProperties"], "a store has one provider")
	known := map[string]any{}
	for _, name := range []string{"kubernetes", "aws", "gcpsm", "azurekv"} {
		known[name], found = manifest.MapAt(provider, "properties", name)
		require.True(t, found, name)
	}
	provider["properties"] = known
}

// Each embedded schema compiles and pins the kind that its file's name says.
func TestEmbeddedSchemasCompileAndPinTheirKind(t *testing.T) {
	set := Embedded()
	require.NotEmpty(t, set.schemas)
	for id, schema := range set.schemas {
		_, err := schema.compiled()
		require.NoError(t, err, "%v", id)
		other := manifest.Object{"apiVersion": "example.com/v1", "kind": "Sprocket", "metadata": map[string]any{"name": "a"}}
		said := map[finding.Path]string{}
		for _, f := range schema.judge(other) {
			said[f.Path] = f.Message
		}
		assert.Contains(t, said["apiVersion"], ", allowed is "+finding.Quote(id.apiVersion))
		assert.Contains(t, said["kind"], ", allowed is "+finding.Quote(id.name))
	}
}
