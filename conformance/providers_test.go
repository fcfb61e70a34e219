package conformance

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"spokewright.dev/spokewright/conformance/crds"
	"spokewright.dev/spokewright/conformance/documents"
	"spokewright.dev/spokewright/conformance/hub"
	"spokewright.dev/spokewright/conformance/process"
	"spokewright.dev/spokewright/internal/crd"
	"spokewright.dev/spokewright/internal/manifest"
)

// What was composed, what composes it and what is installed for it pass strict validation by the definitions of the clouds'
// own providers, of External Secrets and of Crossplane: no kind is skipped, no field unknown.
func TestComposedFitsTheProviders(t *testing.T) {
	ctx := process.Context(t)
	composed := slices.Concat(read(t, composedFolder), written(t), read(t, "../bases/hub/packages"), read(t, "../bases/hub/compositions"))
	judge := strictly(t, slices.Concat(definitionsOf(t, groupsOf(composed)), published(ctx, t, "External Secrets"), published(ctx, t, "Crossplane")))
	seen := map[string]bool{}
	for _, document := range composed {
		id := document.ID()
		if id.Group() == "platform.spokewright.dev" || id.Kind == "Kustomization" {
			continue // composites have definitions of our own
		}
		seen[id.APIVersion+" "+id.Kind] = true
		if late(id.Kind) && !judge.Knows(id.APIVersion, id.Kind) {
			t.Logf("NOT CHECKED: %s: %s has no definition of this kind", id, providerDefinitions)
			continue
		}
		require.True(t, crd.Native(id) || judge.Knows(id.APIVersion, id.Kind), "%s: nothing is known of this kind", id)
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
	used := slices.DeleteFunc(append(definitionsOf(t, groupsOf(composed)), published(ctx, t, "External Secrets")...), func(definition documents.Document) bool {
		spec := object(definition.Object, "spec")
		return !kinds[fmt.Sprint(spec["group"], " ", object(spec, "names")["kind"])]
	})
	there := map[string]bool{}
	for _, definition := range used {
		there[manifest.TextAt(definition.Object, "spec", "names", "kind")] = true
	}
	server := hub.Start(t, cache(t))
	require.NoError(t, server.Define(ctx, withoutConversion(t, used)))
	for name := range namespaces {
		require.NoError(t, server.Apply(ctx, namespace(t, name)))
	}
	judged := 0
	for _, document := range composed {
		if kind := document.ID().Kind; document.ID().Group() == "platform.spokewright.dev" || late(kind) && !there[kind] { // the test above tells of these
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

// withoutConversion are the definitions without what converts between versions: a webhook of the provider, which does not run
// here.
func withoutConversion(t *testing.T, definitions []documents.Document) []documents.Document {
	t.Helper()
	var all []documents.Document
	for _, definition := range definitions {
		delete(object(definition.Object, "spec"), "conversion")
		alone, err := documents.Of(definition.Source, definition.Object)
		require.NoError(t, err)
		all = append(all, alone)
	}
	return all
}

// The hub activates kinds that the providers have, by their own names.
func TestActivatedKindsExist(t *testing.T) {
	for generation, folder := range map[string]string{"namespaced": "namespaced", "claims": "claims/active"} {
		policy := read(t, "../bases/hub/packages/"+folder+"/activation.yaml")[0].Object
		known := map[string]bool{}
		for _, definition := range definitionsOf(t, groupsOf(read(t, filepath.Join(composedFolder, generation)))) {
			known[definition.ID().Name] = true
		}
		activated, _ := object(policy, "spec")["activate"].([]any)
		require.NotEmpty(t, activated)
		for _, name := range activated {
			if plural, _, _ := strings.Cut(name.(string), "."); !known[name.(string)] && late(strings.TrimSuffix(plural, "s")) {
				t.Logf("NOT CHECKED: %s has no %s", providerDefinitions, name)
				continue
			}
			assert.True(t, known[name.(string)], "no provider has %s", name)
		}
	}
}

// written are the objects that provider-kubernetes writes for cluster-wide composites.
func written(t *testing.T) []documents.Document {
	t.Helper()
	var all []documents.Document
	for _, document := range read(t, composedFolder) {
		if document.ID().Group() == "kubernetes.crossplane.io" {
			inner, err := documents.Of("written by "+document.Source, object(document.Object, "spec", "forProvider", "manifest"))
			require.NoError(t, err)
			all = append(all, inner)
		}
	}
	return all
}

// providerDefinitions names the folder with the definitions of the clouds' providers. No module proxy has them.
const providerDefinitions = "SPOKEWRIGHT_CRDS"

// ofProvider says whether an object is of a kind that a provider brings, or the chart of a flavour: that folder has these too.
func ofProvider(id manifest.ID) bool {
	return id.Group() == "operator.knative.dev" || id.Group() == "kueue.x-k8s.io" || strings.HasSuffix(id.Group(), ".upbound.io") || id.Group() == "kubernetes.crossplane.io"
}

// late says whether a kind came into compositions after the folders of definitions that people have: where such a folder has none of it,
// that is said, and nothing else fails by it.
func late(kind string) bool {
	return slices.Contains([]string{"vpcpeeringconnection", "vpcpeeringconnectionaccepter", "virtualnetworkpeering"}, strings.ToLower(kind))
}

// groupsOf are the providers' API groups among the documents.
func groupsOf(all []documents.Document) map[string]bool {
	groups := map[string]bool{}
	for _, document := range all {
		if ofProvider(document.ID()) {
			groups[document.ID().Group()] = true
		}
	}
	return groups
}

// definitionsOf are the providers' definitions for API groups, from folders with files named GROUP_PLURAL.yaml. Without
// them the test says so and ends.
func definitionsOf(t *testing.T, groups map[string]bool) []documents.Document {
	t.Helper()
	folder := os.Getenv(providerDefinitions)
	if folder == "" {
		t.Skip("NOT CHECKED: " + providerDefinitions + " must name a folder with the definitions of the clouds' providers (package/crds of provider-upjet-{aws,azure,gcp}, provider-kubernetes)")
	}
	var all []documents.Document
	for group := range groups {
		files, err := filepath.Glob(filepath.Join(folder, "*", group+"_*.yaml"))
		require.NoError(t, err)
		require.NotEmpty(t, files, "no definitions of %s in %s", group, folder)
		for _, file := range files {
			more, err := documents.Read(file)
			require.NoError(t, err)
			all = append(all, more...)
		}
	}
	return all
}

// published are the definitions of a project that Go's module proxy has.
func published(ctx context.Context, t *testing.T, name string) []documents.Document {
	t.Helper()
	for _, project := range crds.Projects() {
		if project.Name == name {
			all, err := crds.Read(ctx, project)
			require.NoError(t, err)
			return all
		}
	}
	require.Fail(t, "crds.Projects has no "+name)
	return nil
}

// strictly judges objects by definitions: unknown fields are refused.
func strictly(t *testing.T, definitions []documents.Document) *crd.Set {
	t.Helper()
	var all []crd.Schema
	for _, definition := range definitions {
		schemas, err := crd.FromCRD(definition.Object)
		require.NoError(t, err, definition.Source)
		all = append(all, schemas...)
	}
	return crd.NewSet(all...)
}
