package crd

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/manifest"
)

// kubernetesSource is the module whose api/openapi-spec describes what the API server takes.
const kubernetesSource = "k8s.io/kubernetes@v1.36.3"

// TestNativeKinds compares the shapes of Kubernetes' own kinds with what the API server says of itself; SPOKEWRIGHT_UPDATE=1
// writes them anew. The module is large: where Go's module cache does not have it yet (the parts of conformance bring it), this is
// not looked at.
func TestNativeKinds(t *testing.T) {
	folder := filepath.Join(os.Getenv("GOMODCACHE"), kubernetesSource)
	if os.Getenv("GOMODCACHE") == "" {
		home, err := os.UserHomeDir()
		require.NoError(t, err)
		folder = filepath.Join(home, "go/pkg/mod", kubernetesSource)
	}
	text, err := os.ReadFile(filepath.Join(folder, "api/openapi-spec/swagger.json"))
	if err != nil {
		t.Skip("NOT CHECKED: " + kubernetesSource + " is not in the module cache")
	}
	var spec struct{ Definitions map[string]map[string]any }
	require.NoError(t, json.Unmarshal(text, &spec))
	files := map[string][]byte{}
	for name, definition := range spec.Definitions {
		if file, is := nativeFile(name, definition); is {
			line, err := json.Marshal(nativeRoot(spec.Definitions, name, file))
			require.NoError(t, err)
			files[file] = line
		}
	}
	if os.Getenv("SPOKEWRIGHT_UPDATE") != "" {
		require.NoError(t, os.WriteFile("kubernetes.zip", zipped(t, files), 0o644))
	}
	packed, err := os.ReadFile("kubernetes.zip")
	require.NoError(t, err)
	archive, err := zip.NewReader(bytes.NewReader(packed), int64(len(packed)))
	require.NoError(t, err)
	assert.Len(t, archive.File, len(files), "SPOKEWRIGHT_UPDATE=1 go test -run TestNativeKinds writes it anew")
	for _, file := range archive.File {
		assert.Equal(t, string(files[file.Name]), string(unpacked(file)), file.Name)
	}
	assert.Less(t, len(packed), 130_000, "the shapes are in every binary: keep them small")
	t.Logf("%d kinds, %d bytes", len(files), len(packed))
}

func zipped(t *testing.T, files map[string][]byte) []byte {
	t.Helper()
	var packed bytes.Buffer
	archive := zip.NewWriter(&packed)
	archive.RegisterCompressor(zip.Deflate, func(out io.Writer) (io.WriteCloser, error) { return flate.NewWriter(out, flate.BestCompression) })
	names := make([]string, 0, len(files))
	for name := range files {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		file, err := archive.Create(name)
		require.NoError(t, err)
		_, err = file.Write(files[name])
		require.NoError(t, err)
	}
	require.NoError(t, archive.Close())
	return packed.Bytes()
}

// nativeFile is the file of a kind that people write: no list, no review that is only asked, no version that may go.
func nativeFile(name string, definition map[string]any) (string, bool) {
	kinds := manifest.MapsAt(definition, "x-kubernetes-group-version-kind")
	if len(kinds) != 1 || !strings.HasSuffix(manifest.TextAt(definition, "properties", "metadata", "$ref"), ".ObjectMeta") {
		return "", false
	}
	group, version, kind := manifest.TextAt(kinds[0], "group"), manifest.TextAt(kinds[0], "version"), manifest.TextAt(kinds[0], "kind")
	if strings.Contains(version, "alpha") || strings.HasSuffix(kind, "Review") || kind == "CustomResourceDefinition" { // that one refers to itself
		return "", false
	}
	return group + "_" + version + "_" + kind + ".json", name != ""
}

func nativeRoot(definitions map[string]map[string]any, name, file string) map[string]any {
	parts := strings.Split(strings.TrimSuffix(file, ".json"), "_")
	shape := nativeShape(definitions, definitions[name], []string{name})
	shape["type"] = "object"
	properties, _ := manifest.MapAt(shape, "properties")
	metadata := metadataFields()
	metadata["name"] = anyText() // what a name may be depends on the kind
	properties["metadata"] = map[string]any{"type": "object", "properties": metadata, "additionalProperties": false}
	properties["apiVersion"] = map[string]any{"enum": []any{strings.TrimPrefix(parts[0]+"/"+parts[1], "/")}}
	properties["kind"] = map[string]any{"enum": []any{parts[2]}}
	if _, has := properties["status"]; has { // the controllers' to write
		properties["status"] = map[string]any{}
	}
	return shape
}

// nativeShape is what may stand where a definition says it: the API server takes null for a field that is not there.
func nativeShape(definitions map[string]map[string]any, open map[string]any, above []string) map[string]any {
	if reference, is := open["$ref"].(string); is {
		name := reference[strings.LastIndex(reference, "/")+1:]
		switch name[strings.LastIndex(name, ".")+1:] {
		case "Quantity":
			return map[string]any{"type": []any{"string", "number", "null"}}
		case "IntOrString":
			return map[string]any{"type": []any{"integer", "string", "null"}}
		}
		if slices.Contains(above, name) {
			return map[string]any{}
		}
		return nativeShape(definitions, definitions[name], append(slices.Clip(above), name))
	}
	shape := map[string]any{}
	if name := manifest.TextAt(open, "type"); name != "" {
		shape["type"] = []any{name, "null"}
	}
	if properties, has := manifest.MapAt(open, "properties"); has {
		fields := map[string]any{}
		for name, property := range properties {
			if inner, is := property.(map[string]any); is {
				fields[name] = nativeShape(definitions, inner, above)
			}
		}
		shape["properties"], shape[additionalProperties] = fields, false
	} else if inner, has := manifest.MapAt(open, additionalProperties); has {
		shape[additionalProperties] = nativeShape(definitions, inner, above)
	}
	if items, has := manifest.MapAt(open, "items"); has {
		shape["items"] = nativeShape(definitions, items, above)
	}
	return shape
}

// Line 21: Kubernetes' own kinds are judged by their fields, as the API server describes them.
func TestLine21KubernetesOwnKindsAreJudged(t *testing.T) {
	set := Embedded()
	of := func(apiVersion, kind string, more map[string]any) finding.Findings {
		object := manifest.Object{"apiVersion": apiVersion, "kind": kind, "metadata": map[string]any{"name": "a:b", "namespace": "web"}}
		for name, value := range more {
			object[name] = value
		}
		return set.Check(object)
	}
	wrong := of("v1", "ResourceQuota", map[string]any{"spec": map[string]any{"herd": map[string]any{"pods": "10"}}})
	require.Len(t, wrong, 1)
	assert.Equal(t, finding.UnknownField, wrong[0].Code)
	assert.Equal(t, finding.Path("spec.herd"), wrong[0].Path)
	assert.Equal(t, "hard", wrong[0].Suggestion)
	assert.Empty(t, of("v1", "ResourceQuota", map[string]any{"spec": map[string]any{"hard": map[string]any{"pods": int64(10), "cpu": 1.5, "memory": "1Gi"}}}))
	assert.Empty(t, of("rbac.authorization.k8s.io/v1", "ClusterRole", map[string]any{"rules": nil}))
	assert.Empty(t, of("v1", "Service", map[string]any{"spec": map[string]any{"ports": []any{map[string]any{"port": int64(80), "targetPort": "http"}}}, "status": map[string]any{"anything": true}}))
	assert.Len(t, of("v1", "ConfigMap", map[string]any{"data": map[string]any{"replicas": int64(3)}}), 1, "a number is no text")
	assert.Len(t, of("apps/v1", "Deployment", map[string]any{"spec": map[string]any{"replicas": "3"}}), 1)
	assert.Empty(t, of("policy/v1beta1", "PodSecurityPolicy", map[string]any{"spec": map[string]any{"whatever": true}}), "a version that nobody describes any more")
}
