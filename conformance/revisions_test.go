package conformance

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"spokewright.dev/spokewright/conformance/documents"
	"spokewright.dev/spokewright/conformance/hub"
	"spokewright.dev/spokewright/conformance/process"
	"spokewright.dev/spokewright/internal/manifest"
)

// TestLine18CompositionsChangeClassByClass rolls a change of a composition out by commits, before the real Crossplane: a class
// with a set of its own keeps what it has when the hub's compositions change, follows when the set is written anew, and goes
// back when that is taken back. A hub that has lost all makes the same of what Git has.
func TestLine18CompositionsChangeClassByClass(t *testing.T) {
	program := filepath.Join(released(process.Context(t), t), "spokewright")
	for _, generation := range generations {
		t.Run(generation, func(t *testing.T) {
			ctx := process.Context(t)
			f := rolledOut{root: copyOfSample(t), program: program}
			if generation == "claims" {
				f.edit(t, "bases/hub/kustomization.yaml", "/namespaced", "/claims")
				f.edit(t, "bases/hub/kustomization.yaml", "packages/claims,", "packages/claims, packages/claims/active,")
				f.add(t, "environments/fleet.cue", "targets: crossplane: api: \"claims\"\n")
			}
			f.run(ctx, t, "render")
			w := newWorld(ctx, t, generation, "aws", f.golden("prod-eu"))
			require.NoError(t, w.Apply(ctx, namespace(t, "dev")))
			w.establishes(ctx, t)
			require.NoError(t, w.Define(ctx, w.providers(ctx, t)))
			w.commit(ctx, t, f)
			w.hasNames(ctx, t, map[string]bool{"dev": true, "prod-eu": true})
			before := w.made(ctx, t, f, "prod-eu")

			// A set is what the hub has already: another composition, and nothing is made otherwise.
			f.run(ctx, t, "compositions", "production")
			f.add(t, "environments/fleet.cue", "classes: production: compositions: \"production\"\n")
			f.run(ctx, t, "render")
			f.run(ctx, t, "check")
			w.commit(ctx, t, f)
			w.chosen(ctx, t, f, "prod-eu", "aws-network.production")
			w.chosen(ctx, t, f, "dev", "aws-network")
			assert.Equal(t, before, w.made(ctx, t, f, "prod-eu"), "something was made otherwise")

			// What the hub has changes: development has it, production does not, however often Crossplane comes to it.
			f.edit(t, "bases/hub/compositions/"+generation+"/aws-network.yaml", "enableDnsHostnames: true", "enableDnsHostnames: false")
			f.run(ctx, t, "render")
			w.commit(ctx, t, f)
			w.hasNames(ctx, t, map[string]bool{"dev": false})
			w.touch(ctx, t, f, "prod-eu")
			w.commit(ctx, t, f) // a second time
			assert.Equal(t, before, w.made(ctx, t, f, "prod-eu"), "production was reached")

			// A new hub has nothing but what Git has.
			t.Run("lost", func(t *testing.T) {
				ctx := process.Context(t)
				second := newWorld(ctx, t, generation, "aws", f.golden("prod-eu"))
				require.NoError(t, second.Apply(ctx, namespace(t, "dev")))
				second.establishes(ctx, t)
				require.NoError(t, second.Define(ctx, second.providers(ctx, t)))
				second.commit(ctx, t, f)
				second.hasNames(ctx, t, map[string]bool{"dev": false, "prod-eu": true})
				second.chosen(ctx, t, f, "prod-eu", "aws-network.production")
			})

			// The set follows, and goes back.
			set := "overlays/hub/spoke/compositions-production.yaml"
			old, err := os.ReadFile(filepath.Join(f.root, set))
			require.NoError(t, err)
			f.run(ctx, t, "compositions", "production")
			f.run(ctx, t, "render")
			w.commit(ctx, t, f)
			w.hasNames(ctx, t, map[string]bool{"dev": false, "prod-eu": false})
			require.NoError(t, os.WriteFile(filepath.Join(f.root, set), old, 0o644))
			f.run(ctx, t, "render")
			w.commit(ctx, t, f)
			w.hasNames(ctx, t, map[string]bool{"dev": false, "prod-eu": true})

			// The class leaves its set for what the hub has.
			f.edit(t, "environments/fleet.cue", `compositions: "production"`, `compositions: "bases"`)
			f.run(ctx, t, "render")
			w.commit(ctx, t, f)
			w.chosen(ctx, t, f, "prod-eu", "aws-network")
			w.hasNames(ctx, t, map[string]bool{"prod-eu": false})
		})
	}
}

// rolledOut is a fleet in which compositions change.
type rolledOut struct{ root, program string }

func (f rolledOut) golden(environment string) string {
	return filepath.Join(f.root, "golden", environment, "hub.yaml")
}

func (f rolledOut) run(ctx context.Context, t *testing.T, args ...string) {
	t.Helper()
	output, err := exec.CommandContext(ctx, f.program, append([]string{"-C", f.root}, args...)...).CombinedOutput()
	require.NoError(t, err, "%s: %s", args, output)
}

func (f rolledOut) edit(t *testing.T, file, old, fresh string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(f.root, file))
	require.NoError(t, err)
	require.Contains(t, string(text), old)
	require.NoError(t, os.WriteFile(filepath.Join(f.root, file), bytes.ReplaceAll(text, []byte(old), []byte(fresh)), 0o644))
}

func (f rolledOut) add(t *testing.T, file, line string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(f.root, file))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(f.root, file), append(text, line...), 0o644))
}

// network is the claim of an environment's network, as it is rendered.
func (f rolledOut) network(t *testing.T, environment string) documents.Document {
	t.Helper()
	claims, _ := rendered(t, f.golden(environment))
	at := slices.IndexFunc(claims, func(claim documents.Document) bool { return claim.ID().Kind == "Network" })
	require.GreaterOrEqual(t, at, 0)
	return claims[at]
}

// commit applies what the fleet's golden files have: the compositions of this cloud, and the claims of two environments.
func (w *world) commit(ctx context.Context, t *testing.T, f rolledOut) {
	t.Helper()
	plane, err := documents.Read(filepath.Join(f.root, "golden/hub/spoke.yaml"))
	require.NoError(t, err)
	for _, document := range plane {
		if document.ID().Kind == "Composition" && strings.HasPrefix(document.ID().Name, w.cloud+"-") {
			require.NoError(t, w.Apply(ctx, document))
		}
	}
	for _, environment := range []string{"dev", "prod-eu"} {
		claims, _ := rendered(t, f.golden(environment))
		for _, claim := range claims {
			require.NoError(t, w.await(ctx, claim))
		}
	}
}

// touch lets Crossplane come to a claim once more.
func (w *world) touch(ctx context.Context, t *testing.T, f rolledOut, environment string) {
	t.Helper()
	claim := f.network(t, environment)
	require.NoError(t, w.Apply(ctx, broken(t, claim, path{"metadata", "annotations", "example.com/touched"}, "yes")))
	time.Sleep(3 * time.Second)
}

// chosen waits until a composition makes the network of an environment, by the revision that was made of it.
func (w *world) chosen(ctx context.Context, t *testing.T, f rolledOut, environment, composition string) {
	t.Helper()
	_, err := w.Await(ctx, w.behind(ctx, t, f.network(t, environment)), func(seen manifest.Object) bool {
		machinery := object(seen, "spec")
		if own := object(seen, "spec", "crossplane"); own != nil {
			machinery = own
		}
		revision, _ := object(machinery, "compositionRevisionRef")["name"].(string)
		hash, is := strings.CutPrefix(revision, composition+"-")
		return object(machinery, "compositionRef")["name"] == composition && is && !strings.Contains(hash, "-") && hub.Holds(seen, "Synced")
	})
	require.NoError(t, err)
}

// hasNames waits until the networks of environments have host names, or have none: what the change is about.
func (w *world) hasNames(ctx context.Context, t *testing.T, wanted map[string]bool) {
	t.Helper()
	for environment, has := range wanted {
		id := manifest.ID{APIVersion: "ec2.aws.upbound.io/v1beta1", Kind: "VPC", Name: "lighthouse-" + environment + "-vpc"}
		if w.generation == "namespaced" {
			id = manifest.ID{APIVersion: "ec2.aws.m.upbound.io/v1beta1", Kind: "VPC", Namespace: environment, Name: id.Name}
		}
		seen, err := w.Await(ctx, id, func(seen manifest.Object) bool {
			return object(seen, "spec", "forProvider")["enableDnsHostnames"] == has
		})
		require.NoError(t, err, "%s: %v", environment, seen)
	}
}

// made is all that is composed for an environment, with what tells whether it was made anew or otherwise.
func (w *world) made(ctx context.Context, t *testing.T, f rolledOut, environment string) map[string]any {
	t.Helper()
	all := map[string]any{}
	claims, _ := rendered(t, f.golden(environment))
	for _, claim := range claims {
		composite, err := w.Await(ctx, w.behind(ctx, t, claim), func(seen manifest.Object) bool { return hub.Holds(seen, "Synced") && len(references(seen)) > 0 })
		require.NoError(t, err)
		for _, reference := range references(composite) {
			seen, err := w.Get(ctx, reference)
			require.NoError(t, err)
			all[reference.String()] = []any{object(seen, "metadata")["uid"], object(seen, "metadata")["generation"], object(seen, "metadata")["labels"], seen["spec"]}
		}
	}
	require.NotEmpty(t, all)
	return all
}
