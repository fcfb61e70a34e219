package conformance

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"spokewright.dev/spokewright/conformance/crossplane"
	"spokewright.dev/spokewright/conformance/documents"
	"spokewright.dev/spokewright/conformance/hub"
	"spokewright.dev/spokewright/conformance/process"
	"spokewright.dev/spokewright/internal/manifest"
)

// world is a hub with the real Crossplane, our definitions, and the claims of one protected environment as rendered.
type world struct {
	*hub.Hub
	generation, cloud string
	claims, usages    []documents.Document
}

// The real Crossplane on a real API server establishes every definition, composes what is claimed, and its webhook keeps
// what is protected; the API server refuses the changes that would make something anew.
func TestClaimsOnTheRealCrossplane(t *testing.T) {
	program := filepath.Join(released(process.Context(t), t), "spokewright")
	for cloud, from := range map[string]struct{ generation, file, spec string }{
		"aws": {"namespaced", "../golden/prod-eu/hub.yaml", ""},
		"gcp": {"claims", "../cmd/spokewright/testdata/targets/crossplane-2.2-claims.yaml", ""},
		"azure": {"namespaced", "", `class: "production"
cluster: {cloud: "azure", region: "westeurope", network: cidr: "10.60.0.0/16", nodes: pools: {gpu: {gpu: {kind: "h100", count: 2}, min: 0, max: 2}, large: {size: "large", min: 1, max: 2}}}
databases: {orders: engine: "postgres", carts: {engine: "mysql", version: "8.4"}}
`},
	} {
		t.Run(cloud+"/"+from.generation, func(t *testing.T) {
			ctx := process.Context(t)
			if from.file == "" {
				from.file = renderedOf(ctx, t, program, from.spec)
			}
			w := newWorld(ctx, t, from.generation, cloud, from.file)
			t.Run("established", func(t *testing.T) { w.establishes(ctx, t) })
			t.Run("claimed", func(t *testing.T) { w.claim(ctx, t) })
			t.Run("changes", func(t *testing.T) { w.refusesChanges(ctx, t) })
			t.Run("composed", func(t *testing.T) { w.composes(ctx, t) })
			t.Run("protected", func(t *testing.T) { w.protects(ctx, t) })
		})
	}
}

func newWorld(ctx context.Context, t *testing.T, generation, cloud, file string) *world {
	t.Helper()
	w := &world{Hub: hub.Start(t, cache(t)), generation: generation, cloud: cloud}
	w.claims, w.usages = rendered(t, file)
	require.GreaterOrEqual(t, len(w.claims), 2, "a cluster and a database")
	perClaim := map[string]int{"namespaced": 1, "claims": 2}[generation] // the composite behind a claim has its own
	require.Len(t, w.usages, perClaim*len(w.claims))
	require.NoError(t, w.Define(ctx, published(ctx, t, "Crossplane")))
	crossplane.Start(ctx, t, cache(t), w.Hub)
	require.NoError(t, w.Apply(ctx, namespace(t, w.claims[0].ID().Namespace)))
	return w
}

// rendered are the claims in a rendered file, and what protects them.
func rendered(t *testing.T, file string) (claims, usages []documents.Document) {
	t.Helper()
	all, err := documents.Read(file)
	require.NoError(t, err)
	for _, document := range all {
		switch id := document.ID(); {
		case id.Group() == "platform.spokewright.dev":
			claims = append(claims, document)
		case strings.HasSuffix(id.Kind, "Usage"):
			usages = append(usages, document)
		}
	}
	return claims, usages
}

// establishes applies our definitions and waits until Crossplane has made kinds of them.
func (w *world) establishes(ctx context.Context, t *testing.T) {
	began := time.Now()
	definitions := read(t, filepath.Join("../bases/hub/definitions", w.generation))
	count := 0
	for _, definition := range definitions {
		if definition.ID().Kind == "CompositeResourceDefinition" {
			require.NoError(t, w.Apply(ctx, definition))
			count++
		}
	}
	require.Equal(t, 5, count)
	for _, definition := range definitions {
		if definition.ID().Kind != "CompositeResourceDefinition" {
			continue
		}
		_, err := w.Await(ctx, definition.ID(), func(object manifest.Object) bool {
			return hub.Holds(object, "Established") && (w.generation == "namespaced" || hub.Holds(object, "Offered"))
		})
		require.NoError(t, err)
	}
	t.Logf("%d definitions established after %.1f s", count, time.Since(began).Seconds())
}

// claim asks for what was rendered.
func (w *world) claim(ctx context.Context, t *testing.T) {
	for _, claim := range w.claims {
		require.NoError(t, w.await(ctx, claim))
	}
}

// await applies an object as soon as the server serves its kind.
func (w *world) await(ctx context.Context, document documents.Document) error {
	for {
		err := w.Apply(ctx, document)
		if err == nil || !strings.Contains(err.Error(), "no kind") && !strings.Contains(err.Error(), "404") {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// refusesChanges changes claims that are there. What is refused is refused for what the definition says.
func (w *world) refusesChanges(ctx context.Context, t *testing.T) {
	other, engine := map[string]string{"aws": "azure", "azure": "gcp", "gcp": "aws"}[w.cloud], "mysql"
	if object(w.first(t, "Database").Object, "spec")["engine"] == engine {
		engine = "postgres"
	}
	for _, change := range []struct {
		kind    string
		field   path
		value   any
		refusal string // empty where the change is allowed
	}{
		{"Network", path{"spec", "id"}, "other", "id never changes"},
		{"Network", path{"spec", "cidr"}, "10.9.0.0/16", "cidr never changes"},
		{"Network", path{"spec", "subnets", 0}, "10.9.0.0/18", "subnets never changes"},
		{"Network", path{"spec", "cloud"}, other, "cloud never changes"},
		{"Network", path{"spec", "account"}, "another", "account never changes"},
		{"Cluster", path{"spec", "id"}, "other", "id never changes"},
		{"Cluster", path{"spec", "cloud"}, other, "cloud never changes"},
		{"Cluster", path{"spec", "account"}, "another", "account never changes"},
		{"Cluster", path{"spec", "argocd"}, "somebody-else", "argocd never changes"},
		{"Cluster", path{"spec", "region"}, "elsewhere", "region never changes"},
		{"Cluster", path{"spec", "network", "cidr"}, "10.9.0.0/16", "cidr never changes"},
		{"Cluster", path{"spec", "externalName"}, "somebody-elses", "externalName never changes"},
		{"Cluster", path{"spec", "nodes", "min"}, 999, "min is not more than max"},
		{"Cluster", path{"spec", "nodes", "size"}, "huge", "Unsupported value"},
		{"Cluster", path{"spec", "management"}, "Some", "Unsupported value"},
		{"Cluster", path{"spec", "version"}, "1.34", "no cloud takes a lower version of Kubernetes"},
		{"Cluster", path{"spec", "version"}, "1.37", "one minor version of Kubernetes at a time"},
		{"Cluster", path{"spec", "version"}, "1.36", ""},
		{"Cluster", path{"spec", "nodes", "max"}, 999, map[string]string{"gcp": "no room for so many nodes"}[w.cloud]},
		{"Cluster", path{"spec", "nodes", "max"}, 30, ""},
		{"Database", path{"spec", "id"}, "other", "id never changes"},
		{"Database", path{"spec", "account"}, "another", "account never changes"},
		{"Database", path{"spec", "engine"}, engine, "engine never changes"},
		{"Database", path{"spec", "storageGB"}, 10, "the disk of a database never shrinks"},
		{"Database", path{"spec", "encrypted"}, false, "encryption is not taken away"},
		{"Database", path{"spec", "version"}, "5.7", "no cloud takes a lower version of a database"},
		{"Database", path{"spec", "storageGB"}, 50000, map[string]string{"azure": "a disk of"}[w.cloud]},
		{"Database", path{"spec", "storageGB"}, 900, ""},
		{"Database", path{"spec", "size"}, "xlarge", ""},
		{"NodePool", path{"spec", "cluster"}, "other", "cluster never changes"},
		{"NodePool", path{"spec", "name"}, "other", "name never changes"},
		{"NodePool", path{"spec", "gpu", "count"}, 1, "count never changes"},
		{"NodePool", path{"spec", "gpu", "kind"}, "a100", "kind never changes"},
		{"NodePool", path{"spec", "gpu"}, nil, "nodes neither get GPUs nor lose them"},
		{"NodePool", path{"spec", "size"}, "large", "nodes have a size, or GPUs"},
		{"NodePool", path{"spec", "min"}, 3, "min is not more than max"},
		{"NodePool", path{"spec", "max"}, 9, ""},
		{"NodePool", path{"spec", "zones"}, []any{"1", "2"}, ""},
	} {
		if change.kind == "NodePool" && !slices.ContainsFunc(w.claims, func(claim documents.Document) bool { return claim.ID().Kind == change.kind }) {
			continue // one of the clouds has some
		}
		what := fmt.Sprintf("%s %s: %v", change.kind, change.field, change.value)
		changed := broken(t, w.first(t, change.kind), change.field, change.value)
		if change.refusal != "" {
			mustRefuse(ctx, t, w.Hub, what, changed, change.refusal)
			continue
		}
		_, err := w.Judge(ctx, changed)
		assert.NoError(t, err, what)
	}
}

func (w *world) first(t *testing.T, kind string) documents.Document {
	t.Helper()
	for _, claim := range w.claims {
		if claim.ID().Kind == kind {
			return claim
		}
	}
	t.Fatalf("no %s was rendered", kind)
	return documents.Document{}
}

// installs brings our compositions, and the kinds that they compose.
func (w *world) installs(ctx context.Context, t *testing.T) {
	require.NoError(t, w.Define(ctx, w.providers(ctx, t)))
	for _, composition := range read(t, filepath.Join("../bases/hub/compositions", w.generation)) {
		if composition.ID().Kind == "Composition" {
			require.NoError(t, w.Apply(ctx, composition))
		}
	}
}

// composes lets Crossplane make of the claims what its composition says, and finds every object of it on the server.
func (w *world) composes(ctx context.Context, t *testing.T) {
	w.installs(ctx, t)
	for _, claim := range w.claims {
		began := time.Now()
		composite, err := w.Await(ctx, w.behind(ctx, t, claim), func(object manifest.Object) bool {
			return hub.Holds(object, "Synced") && len(references(object)) > 0
		})
		require.NoError(t, err, "%v", composite["status"])
		id := claim.Object["spec"].(map[string]any)["id"].(string)
		names := map[string]bool{}
		for _, reference := range references(composite) {
			made, err := w.Get(ctx, reference)
			require.NoError(t, err)
			names[reference.Kind+" "+reference.Name] = true
			if managed(made) {
				assert.NotContains(t, object(made, "spec")["managementPolicies"], "Delete", reference)
				assert.NotContains(t, object(made, "spec")["managementPolicies"], "*", reference)
				assert.True(t, strings.HasPrefix(reference.Name, id), "%s is not named after %s", reference, id)
			}
		}
		t.Logf("%s: %d objects after %.1f s", claim.ID(), len(names), time.Since(began).Seconds())
	}
}

// providers are the definitions of the managed resources that this world's cloud needs.
func (w *world) providers(ctx context.Context, t *testing.T) []documents.Document {
	t.Helper()
	composed := read(t, filepath.Join(composedFolder, w.generation, w.cloud))
	kinds := map[string]bool{}
	for _, document := range composed {
		kinds[document.ID().Group()+" "+document.ID().Kind] = true
	}
	used := slices.DeleteFunc(append(definitionsOf(t, groupsOf(composed)), published(ctx, t, "External Secrets")...), func(definition documents.Document) bool {
		spec := object(definition.Object, "spec")
		return !kinds[fmt.Sprint(spec["group"], " ", object(spec, "names")["kind"])]
	})
	return withoutConversion(t, used)
}

// behind is the composite of a claim: itself, or the one that Crossplane made for it.
func (w *world) behind(ctx context.Context, t *testing.T, claim documents.Document) manifest.ID {
	t.Helper()
	id := claim.ID()
	if w.generation == "namespaced" {
		return id
	}
	bound, err := w.Await(ctx, id, func(seen manifest.Object) bool { return object(seen, "spec", "resourceRef")["name"] != nil })
	require.NoError(t, err)
	return manifest.ID{APIVersion: id.APIVersion, Kind: "X" + id.Kind, Name: object(bound, "spec", "resourceRef")["name"].(string)}
}

// references are the objects that a composite is made of.
func references(composite manifest.Object) []manifest.ID {
	spec := object(composite, "spec")
	list, _ := object(spec, "crossplane")["resourceRefs"].([]any)
	if list == nil {
		list, _ = spec["resourceRefs"].([]any)
	}
	var all []manifest.ID
	for _, item := range list {
		text := func(field string) string { value, _ := item.(map[string]any)[field].(string); return value }
		reference := manifest.ID{APIVersion: text("apiVersion"), Kind: text("kind"), Namespace: text("namespace"), Name: text("name")}
		if reference.Namespace == "" {
			reference.Namespace = manifest.Identify(composite).Namespace
		}
		all = append(all, reference)
	}
	return all
}

// protects finds that a claim, and the composite behind it, can be deleted without what protects it, and cannot with it.
func (w *world) protects(ctx context.Context, t *testing.T) {
	var kept []manifest.ID
	for _, claim := range w.claims {
		kept = append(kept, claim.ID())
		if composite := w.behind(ctx, t, claim); composite != claim.ID() {
			kept = append(kept, composite)
		}
	}
	for _, id := range kept {
		assert.NoError(t, w.MayDelete(ctx, id), "nothing protects it yet")
	}
	for _, usage := range w.usages {
		require.NoError(t, w.Apply(ctx, usage))
	}
	for _, id := range kept {
		_, err := w.Await(ctx, id, func(seen manifest.Object) bool {
			return object(seen, "metadata", "labels")["crossplane.io/in-use"] == "true"
		})
		require.NoError(t, err, "no usage found %s", id)
		err = w.Delete(ctx, id)
		require.Error(t, err, "%s was deleted", id)
		assert.Contains(t, err.Error(), "of a production environment")
		seen, err := w.Get(ctx, id)
		require.NoError(t, err)
		assert.NotContains(t, object(seen, "metadata"), "deletionTimestamp", id)
	}
}
