package conformance

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"spokewright.dev/spokewright/conformance/documents"
	"spokewright.dev/spokewright/conformance/hub"
	"spokewright.dev/spokewright/conformance/process"
	"spokewright.dev/spokewright/internal/manifest"
)

// What exists already is first looked at and then managed, by the real Crossplane: the same objects, under the names that
// they have in the cloud, and at no time may anything be made or deleted.
func TestAdoptionOnTheRealCrossplane(t *testing.T) {
	ctx := process.Context(t)
	program := filepath.Join(released(ctx, t), "spokewright")
	w := newWorld(ctx, t, "namespaced", "aws", adopting(ctx, t, program, ""))
	w.establishes(ctx, t)
	w.installs(ctx, t)

	w.claim(ctx, t)
	seen := w.cloudObjects(ctx, t, "Observe")
	require.Equal(t, map[string]string{"Cluster": "shop-by-hand", "Instance": "db-BYHAND"}, externalNames(seen))
	for _, made := range seen {
		assert.Equal(t, []any{"Observe"}, object(made, "spec")["managementPolicies"])
	}

	w.finds(ctx, t, seen)
	w.claims, w.usages = rendered(t, adopting(ctx, t, program, ", manage: true"))
	w.claim(ctx, t)
	managed := w.cloudObjects(ctx, t, "Full")
	require.Equal(t, externalNames(seen), externalNames(managed), "what was looked at is what is managed")
	for i, made := range managed {
		assert.Equal(t, object(seen[i], "metadata")["uid"], object(made, "metadata")["uid"], "it was made anew")
		assert.Equal(t, []any{"Create", "Observe", "Update", "LateInitialize"}, object(made, "spec")["managementPolicies"])
	}

	for _, claim := range w.claims {
		mustRefuse(ctx, t, w.Hub, "another name", broken(t, claim, path{"spec", "externalName"}, "somebody-elses"), "externalName never changes")
		mustRefuse(ctx, t, w.Hub, "no name", broken(t, claim, path{"spec", "externalName"}, nil), "externalName never changes")
	}
}

// adopting renders an environment that takes over a cluster and a database. It gives the file.
func adopting(ctx context.Context, t *testing.T, program, manage string) string {
	t.Helper()
	return renderedOf(ctx, t, program, `class: "production"
cluster: {cloud: "aws", region: "eu-west-1", version: "1.35", adopt: {externalName: "shop-by-hand"`+manage+`}}
databases: orders: {engine: "postgres", version: "17", storageGB: 100, highlyAvailable: true, backups: retentionDays: 14, adopt: {externalName: "db-BYHAND"`+manage+`}}
`)
}

// renderedOf renders an environment of the sample with another spec, anywhere. It gives the file of the hub's plane.
func renderedOf(ctx context.Context, t *testing.T, program, spec string) string {
	t.Helper()
	root := copyOfSample(t)
	require.NoError(t, os.WriteFile(filepath.Join(root, "environments", "prod-eu.cue"), []byte(spec), 0o644))
	fleet := filepath.Join(root, "environments", "fleet.cue")
	text, err := os.ReadFile(fleet)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(fleet, bytes.Replace(text, []byte(`"us-east4"]`), []byte(`"us-east4", "westeurope"]`), 1), 0o644))
	command := exec.CommandContext(ctx, program, "-C", root, "render", "-o", "-", "prod-eu/hub")
	command.Stderr = os.Stderr
	output, err := command.Output()
	require.NoError(t, err)
	file := filepath.Join(t.TempDir(), "hub.yaml")
	require.NoError(t, os.WriteFile(file, output, 0o644))
	return file
}

// cloudObjects waits until every claim is managed in this way and composed, and gives what stands for the cloud's objects.
func (w *world) cloudObjects(ctx context.Context, t *testing.T, management string) []manifest.Object {
	t.Helper()
	var all []manifest.Object
	for _, claim := range w.claims {
		composite, err := w.Await(ctx, claim.ID(), func(seen manifest.Object) bool {
			return object(seen, "spec")["management"] == management && hub.Holds(seen, "Synced") && len(references(seen)) > 0
		})
		require.NoError(t, err, "%v", composite["status"])
		for _, reference := range references(composite) {
			made, err := w.Await(ctx, reference, func(seen manifest.Object) bool { // Crossplane comes to it once more
				policies, _ := object(seen, "spec")["managementPolicies"].([]any)
				return !managed(seen) || (management == "Observe") == (len(policies) == 1)
			})
			require.NoError(t, err, "%v", made)
			if managed(made) {
				all = append(all, made)
			}
		}
	}
	return all
}

// finds tells of each of the cloud's objects what its provider would find out: what must be known before it is managed.
func (w *world) finds(ctx context.Context, t *testing.T, all []manifest.Object) {
	t.Helper()
	found, err := documents.Read(filepath.Join("testdata/observed", w.cloud+".yaml"))
	require.NoError(t, err)
	for _, made := range all {
		for _, like := range found {
			if like.Object["kind"] == made["kind"] {
				require.NoError(t, w.Tell(ctx, manifest.Identify(made), object(like.Object, "status")))
			}
		}
	}
}

// externalNames are the names in the cloud, by kind.
func externalNames(all []manifest.Object) map[string]string {
	names := map[string]string{}
	for _, made := range all {
		name, _ := object(made, "metadata", "annotations")["crossplane.io/external-name"].(string)
		names[manifest.Identify(made).Kind] = name
	}
	return names
}
