package conformance

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"spokewright.dev/spokewright/conformance/crds"
	"spokewright.dev/spokewright/conformance/documents"
	"spokewright.dev/spokewright/conformance/hub"
	"spokewright.dev/spokewright/conformance/process"
	"spokewright.dev/spokewright/schema/objects"
)

// What was composed passes strict validation by the definitions of the clouds' own providers: no kind is skipped, no field
// unknown.
func TestComposedFitsTheProviders(t *testing.T) {
	composed := append(read(t, composedFolder), written(t)...)
	judge := strictly(t, definitionsOf(process.Context(t), t, groupsOf(composed)))
	seen := map[string]bool{}
	for _, document := range composed {
		id := document.ID()
		if id.Group() == "platform.spokewright.dev" {
			continue // the composite, not what was composed
		}
		seen[id.APIVersion+" "+id.Kind] = true
		require.True(t, objects.Native(id) || judge.Knows(id.APIVersion, id.Kind), "%s: nothing is known of this kind", id)
		for _, finding := range judge.Check(document.Object) {
			t.Errorf("%s: %s", document.Source, finding)
		}
	}
	t.Logf("%d objects of %d kinds judged", len(composed), len(seen))
}

// The same is accepted by the real API server, which judges the definitions' own CEL rules too.
func TestComposedIsAcceptedByTheAPIServer(t *testing.T) {
	ctx := process.Context(t)
	composed := append(read(t, composedFolder), written(t)...)
	kinds, namespaces := map[string]bool{}, map[string]bool{}
	for _, document := range composed {
		id := document.ID()
		kinds[id.Group()+" "+id.Kind] = true
		namespaces[id.Namespace] = true
	}
	delete(namespaces, "")
	var used []documents.Document
	for _, definition := range definitionsOf(ctx, t, groupsOf(composed)) {
		spec := object(definition.Object, "spec")
		if kind := object(spec, "names")["kind"]; kinds[fmt.Sprint(spec["group"], " ", kind)] {
			delete(spec, "conversion") // by a webhook of the provider, which does not run here
			alone, err := documents.Of(definition.Source, definition.Object)
			require.NoError(t, err)
			used = append(used, alone)
		}
	}
	server := hub.Start(t, cache(t))
	require.NoError(t, server.Define(ctx, used))
	for name := range namespaces {
		require.NoError(t, server.Apply(ctx, namespace(t, name)))
	}
	judged := 0
	for _, document := range composed {
		if document.ID().Group() == "platform.spokewright.dev" {
			continue
		}
		delete(object(document.Object, "metadata"), "ownerReferences") // the owner has no identity before it is there
		alone, err := documents.Of(document.Source, document.Object)
		require.NoError(t, err)
		_, err = server.Judge(ctx, alone)
		assert.NoError(t, err)
		judged++
	}
	t.Logf("%d objects judged by %d definitions", judged, len(used))
}

// written are the objects that provider-kubernetes writes for cluster-wide composites.
func written(t *testing.T) []documents.Document {
	t.Helper()
	var all []documents.Document
	for _, document := range read(t, composedFolder) {
		if document.ID().Group() == "kubernetes.crossplane.io" {
			manifest := object(document.Object, "spec", "forProvider", "manifest")
			inner, err := documents.Of("written by "+document.Source, manifest)
			require.NoError(t, err)
			all = append(all, inner)
		}
	}
	return all
}

func groupsOf(all []documents.Document) map[string]bool {
	groups := map[string]bool{}
	for _, document := range all {
		if id := document.ID(); !objects.Native(id) && id.Group() != "platform.spokewright.dev" {
			groups[id.Group()] = true
		}
	}
	return groups
}

// definitionsOf are the definitions of the API groups: of External Secrets from Go's module cache, of the clouds'
// providers from the folder $SPOKEWRIGHT_CRDS, with a folder for each cloud and files named GROUP_PLURAL.yaml. No module
// proxy has the providers.
func definitionsOf(ctx context.Context, t *testing.T, groups map[string]bool) []documents.Document {
	t.Helper()
	folder := os.Getenv("SPOKEWRIGHT_CRDS")
	if folder == "" {
		t.Skip("NOT CHECKED: SPOKEWRIGHT_CRDS must name a folder with the definitions of the clouds' providers (package/crds of provider-upjet-{aws,azure,gcp})")
	}
	var all []documents.Document
	for group := range groups {
		if strings.HasSuffix(group, "external-secrets.io") {
			continue
		}
		files, err := filepath.Glob(filepath.Join(folder, "*", group+"_*.yaml"))
		require.NoError(t, err)
		require.NotEmpty(t, files, "no definitions of %s in %s", group, folder)
		for _, file := range files {
			more, err := documents.Read(file)
			require.NoError(t, err)
			all = append(all, more...)
		}
	}
	for _, project := range crds.Projects() {
		if project.Name == "External Secrets" {
			more, err := crds.Read(ctx, project)
			require.NoError(t, err)
			all = append(all, more...)
		}
	}
	return all
}

// strictly judges objects by definitions: unknown fields are refused.
func strictly(t *testing.T, definitions []documents.Document) *objects.Set {
	t.Helper()
	var all []objects.Schema
	for _, definition := range definitions {
		schemas, err := objects.FromCRD(definition.Object)
		require.NoError(t, err, definition.Source)
		all = append(all, schemas...)
	}
	return objects.NewSet(all...)
}
