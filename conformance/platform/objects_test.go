package platform

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"spokewright.dev/spokewright/conformance/documents"
	"spokewright.dev/spokewright/conformance/hub"
	"spokewright.dev/spokewright/conformance/objects"
	"spokewright.dev/spokewright/conformance/parts"
	"spokewright.dev/spokewright/conformance/process"
	"spokewright.dev/spokewright/internal/manifest"
)

// claimsInGit are what a hub for claims has that names providers' kinds.
func claimsInGit(t *testing.T) []documents.Document {
	t.Helper()
	var all []documents.Document
	for _, folder := range []string{"packages/claims", "compositions/claims"} {
		found, err := documents.ReadFolder(filepath.Join("../../bases/hub", folder))
		require.NoError(t, err)
		all = append(all, found...)
	}
	return all
}

// A hub for claims has the kinds of provider-kubernetes, whichever clouds there are and whoever has its definitions.
func TestWhatStandsBesideTheCloudsIsDefined(t *testing.T) {
	for _, folder := range []string{os.Getenv(ProviderDefinitions), "../../testdata/nowhere"} {
		t.Setenv(ProviderDefinitions, folder)
		for _, scope := range []Scope{Claims(), All()} {
			defined := map[string]any{}
			for _, document := range ofKubernetes(t, scope) {
				defined[document.ID().Name] = hub.Fields(document.Object, "spec")["scope"]
			}
			require.Equal(t, map[string]any{"objects.kubernetes.crossplane.io": "Cluster", "providerconfigs.kubernetes.crossplane.io": "Cluster"}, defined)
		}
	}
	require.Equal(t, "kubernetes", groupOf("provider-kubernetes"))
}

func ofKubernetes(t *testing.T, scope Scope) []documents.Document {
	t.Helper()
	text, err := (&Platform{scope: scope}).definitions(groupOf("provider-kubernetes"), claimsInGit(t))
	require.NoError(t, err)
	file := filepath.Join(t.TempDir(), "package.yaml")
	require.NoError(t, os.WriteFile(file, text, 0o600))
	all, err := documents.Read(file)
	require.NoError(t, err)
	return all
}

// played is an API server with provider-kubernetes played, and an Object that our compositions make.
type played struct {
	*testing.T
	*hub.Hub
	ctx    context.Context
	object manifest.Object
}

func play(t *testing.T) played {
	t.Helper()
	ctx := process.Context(t)
	cache, err := parts.Open(t.Logf)
	require.NoError(t, err)
	p := played{T: t, Hub: hub.Start(t, cache), ctx: ctx}
	secret, err := documents.Of("PushSecret", anything(kind{"external-secrets.io/v1alpha1", "PushSecret"}, true))
	require.NoError(t, err)
	require.NoError(t, p.Define(ctx, append(ofKubernetes(t, Claims()), secret)))
	for _, object := range []manifest.Object{
		manifest.New("v1", "Namespace", "", "dev"),
		{"apiVersion": "kubernetes.crossplane.io/v1alpha1", "kind": "ProviderConfig", "metadata": map[string]any{"name": "default"},
			"spec": map[string]any{"credentials": map[string]any{"source": "InjectedIdentity"}}},
	} {
		require.NoError(t, p.Create(ctx, object))
	}
	composed, err := documents.Read("../testdata/composed/claims/aws/Database-dev-cart-postgres.yaml")
	require.NoError(t, err)
	for _, document := range composed {
		if document.ID().Kind == "Object" {
			p.object = document.Object
			delete(hub.Fields(p.object, "metadata"), "ownerReferences")
		}
	}
	require.NotNil(t, p.object)
	go (&objects.Player{Client: p.Client, Log: t.Logf}).Play(ctx)
	return p
}

// another is the same Object under another name, for a PushSecret of another name, with other fields of its spec.
func (p played) another(name string, spec map[string]any) (object manifest.Object, made manifest.ID) {
	object = manifest.Copy(p.object)
	manifest.Set(object, name, "metadata", "name")
	manifest.Set(object, name, "spec", "forProvider", "manifest", "metadata", "name")
	for key, value := range spec {
		manifest.Set(object, value, "spec", key)
	}
	require.NoError(p, p.Create(p.ctx, object))
	return object, manifest.Identify(hub.Fields(object, "spec", "forProvider", "manifest"))
}

func (p played) await(id manifest.ID, as func(manifest.Object) bool) manifest.Object {
	p.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, 20*time.Second)
	defer cancel()
	seen, err := p.Await(ctx, id, as)
	require.NoError(p, err, "%v", seen)
	return seen
}

func (p played) goes(id manifest.ID) {
	p.Helper()
	require.Eventually(p, func() bool { _, err := p.Get(p.ctx, id); return hub.Is(err, 404) }, 20*time.Second, 100*time.Millisecond)
}

// says is what the condition of a type says: STATUS REASON: MESSAGE.
func says(object manifest.Object, kind string) string {
	for _, each := range hub.Items(hub.Fields(object, "status")["conditions"]) {
		if fields, _ := each.(map[string]any); fields["type"] == kind {
			message, _ := fields["message"].(string)
			return strings.TrimSuffix(fields["status"].(string)+" "+fields["reason"].(string)+": "+message, ": ")
		}
	}
	return ""
}

func saying(kind, text string) func(manifest.Object) bool {
	return func(object manifest.Object) bool { return strings.HasPrefix(says(object, kind), text) }
}

// provider-kubernetes is played as it is: what an Object holds is applied, followed, healed and deleted, as far as its policies let.
func TestObjectsAreWhatTheyHold(t *testing.T) {
	p := play(t)
	ready := map[string]any{"conditions": []any{map[string]any{"type": "Ready", "status": "True", "reason": "Synced", "lastTransitionTime": "2026-12-01T00:00:00Z"}}}

	t.Run("found, in whichever version a kind has", func(t *testing.T) {
		kinds, err := p.Kinds(p.ctx, func(group string) bool { return group == "kubernetes.crossplane.io" })
		require.NoError(t, err)
		require.ElementsMatch(t, []hub.Kind{{APIVersion: "kubernetes.crossplane.io/v1alpha2", Kind: "Object"}, {APIVersion: "kubernetes.crossplane.io/v1alpha1", Kind: "ProviderConfig"}}, kinds)
	})

	t.Run("applied, followed and deleted", func(t *testing.T) {
		p := played{t, p.Hub, p.ctx, p.object}
		object, made := p.another("whole", nil)
		id := manifest.Identify(object)
		seen := p.await(id, saying("Ready", "False Unavailable"))
		require.Equal(t, "True ReconcileSuccess", says(seen, "Synced"))
		require.Equal(t, "whole", hub.Fields(seen, "metadata", "annotations")["crossplane.io/external-name"])
		inside, err := p.Get(p.ctx, made)
		require.NoError(t, err)
		require.Equal(t, "provider-kubernetes/whole", hub.Items(hub.Fields(inside, "metadata")["managedFields"])[0].(map[string]any)["manager"])

		require.NoError(t, p.Tell(p.ctx, made, ready))
		seen = p.await(id, saying("Ready", "True Available"))
		require.True(t, hub.Holds(hub.Fields(seen, "status", "atProvider", "manifest"), "Ready"))
		time.Sleep(7 * time.Second) // two more looks
		again, err := p.Get(p.ctx, id)
		require.NoError(t, err)
		require.Equal(t, hub.Fields(seen, "metadata")["resourceVersion"], hub.Fields(again, "metadata")["resourceVersion"], "what is as it says rests")

		template := func(fields map[string]any) map[string]any {
			return map[string]any{"spec": map[string]any{"template": map[string]any{"data": fields}}}
		}
		require.NoError(t, p.Change(p.ctx, id, map[string]any{"spec": map[string]any{"forProvider": map[string]any{"manifest": template(map[string]any{"endpoint": nil, "port": "1"})}}}))
		require.NoError(t, p.Change(p.ctx, made, template(map[string]any{"username": "somebody"})))
		as := map[string]any{"password": "{{ .password }}", "port": "1", "username": "owner"}
		p.await(made, func(o manifest.Object) bool { return manifest.Equal(hub.Fields(o, "spec", "template", "data"), as) })
		p.await(id, func(o manifest.Object) bool {
			return manifest.Equal(hub.Fields(o, "status", "atProvider", "manifest", "spec", "template", "data"), as)
		})

		require.NoError(t, p.Delete(p.ctx, id))
		p.goes(id)
		_, err = p.Get(p.ctx, made)
		require.True(t, hub.Is(err, 404))
	})

	t.Run("held by others", func(t *testing.T) {
		p := played{t, p.Hub, p.ctx, p.object}
		object, made := p.another("held", nil)
		p.await(made, func(manifest.Object) bool { return true })
		hold := func(finalizers ...any) {
			require.NoError(t, p.Change(p.ctx, made, map[string]any{"metadata": map[string]any{"finalizers": finalizers}}))
		}
		hold("example.com/held")
		require.NoError(t, p.Delete(p.ctx, manifest.Identify(object)))
		p.await(manifest.Identify(object), saying("Ready", "False Deleting"))
		hold()
		p.goes(manifest.Identify(object))
	})

	for name, spec := range map[string]map[string]any{
		"orphan":   {"deletionPolicy": "Orphan"},
		"policies": {"deletionPolicy": "Delete", "managementPolicies": []any{"Create", "Observe", "Update", "LateInitialize"}},
	} {
		t.Run("kept: "+name, func(t *testing.T) {
			p := played{t, p.Hub, p.ctx, p.object}
			object, made := p.another(name, spec)
			p.await(manifest.Identify(object), saying("Synced", "True"))
			require.NoError(t, p.Delete(p.ctx, manifest.Identify(object)))
			p.goes(manifest.Identify(object))
			left, err := p.Get(p.ctx, made)
			require.NoError(t, err)
			require.NotContains(t, hub.Fields(left, "metadata"), "deletionTimestamp")
		})
	}

	t.Run("only looked at", func(t *testing.T) {
		p := played{t, p.Hub, p.ctx, p.object}
		object, made := p.another("looked", map[string]any{"managementPolicies": []any{"Observe"}, "deletionPolicy": "Orphan"})
		id := manifest.Identify(object)
		p.await(id, saying("Synced", "False ReconcileError: observe failed: external resource does not exist"))
		require.NoError(t, p.Create(p.ctx, manifest.New(made.APIVersion, made.Kind, made.Namespace, made.Name)))
		seen := p.await(id, saying("Synced", "True"))
		require.NotContains(t, hub.Fields(seen, "status", "atProvider", "manifest"), "spec", "nothing was applied")
		require.NoError(t, p.Delete(p.ctx, id))
		p.goes(id)
		_, err := p.Get(p.ctx, made)
		require.NoError(t, err)
	})

	t.Run("refused", func(t *testing.T) {
		p := played{t, p.Hub, p.ctx, p.object}
		object, _ := p.another("lost", map[string]any{"providerConfigRef": map[string]any{"name": "nowhere"}})
		p.await(manifest.Identify(object), saying("Synced", "False ReconcileError: connect failed: cannot get provider config"))
		object, made := p.another("nowhere", nil)
		p.await(made, func(manifest.Object) bool { return true })
		require.NoError(t, p.Change(p.ctx, manifest.Identify(object), map[string]any{"spec": map[string]any{"references": []any{map[string]any{"dependsOn": map[string]any{"name": "lost"}}}}}))
		p.await(manifest.Identify(object), saying("Synced", "False ReconcileError: nobody plays references"))
	})
}
