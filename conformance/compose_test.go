package conformance

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"spokewright.dev/spokewright/conformance/compose"
	"spokewright.dev/spokewright/conformance/documents"
	"spokewright.dev/spokewright/conformance/process"
	"spokewright.dev/spokewright/internal/manifest"
)

// Every sample claim is composed by the real Crossplane and the real functions, in both generations, again and again with
// all that was composed observed as ready, until nothing is added: then the composite is ready. What comes out is pinned in
// testdata/composed.
func TestClaimsAreComposed(t *testing.T) {
	ctx := process.Context(t)
	renderer := compose.Start(ctx, t, cache(t))
	objects := 0
	owners := map[string]string{}
	for _, generation := range generations {
		for _, sample := range samples(t, generation) {
			t.Run(generation+"/"+sample.cloud+"/"+sample.name, func(t *testing.T) {
				composed := settled(ctx, t, renderer, sample)
				pin(t, filepath.Join(composedFolder, generation, sample.cloud, sample.name+".yaml"), composed)
				objects += len(composed) - 1
				keepsItsName(t, sample, composed[1:])
				holdsTo(t, sample, composed[1:])
				staysInItsAccount(t, sample, composed[1:])
				for _, document := range composed[1:] {
					// The samples of one cloud are those of one hub; what is adopted is the same cluster twice.
					if object(sample.composite, "spec")["management"] == "Observe" {
						continue
					}
					key := generation + " " + sample.cloud + " " + document.ID().String()
					assert.Empty(t, owners[key], "%s is composed twice", document.ID())
					owners[key] = sample.name
				}
			})
		}
	}
	t.Logf("%d objects composed", objects)
}

// An environment in another account than the first one of its cloud: all that is made for it is made there, and its cluster lets
// in whom the claim names.
func TestAnotherAccountReachesAllThatIsComposed(t *testing.T) {
	ctx := process.Context(t)
	renderer := compose.Start(ctx, t, cache(t))
	for _, generation := range generations {
		for _, sample := range samples(t, generation) {
			spec := object(sample.composite, "spec")
			if spec["environment"] != "dev" || spec["engine"] == "mysql" {
				continue
			}
			spec["account"] = "other"
			cluster := strings.HasPrefix(sample.name, "Cluster-")
			if cluster {
				spec["argocd"] = argocds()[sample.cloud].who
			}
			t.Run(generation+"/"+sample.cloud+"/"+sample.name, func(t *testing.T) {
				composed := settled(ctx, t, renderer, sample)[1:]
				staysInItsAccount(t, sample, composed)
				if cluster {
					letsIn(t, sample, composed)
				}
			})
		}
	}
}

// admitted is who Argo CD is in the first account, and where a cluster's parts say so.
type admitted struct {
	who, in string
	parts   []string
	path    []string
}

func argocds() map[string]admitted {
	const azure = "/subscriptions/00000000-0000-0000-0000-000000000003/resourceGroups/spokewright/providers/Microsoft.ManagedIdentity/userAssignedIdentities/spokewright-argocd"
	return map[string]admitted{
		"aws":   {"arn:aws:iam::111122223333:role/spokewright-argocd", "%s", []string{"argocd", "argocd-admin"}, []string{"spec", "forProvider", "principalArn"}},
		"azure": {azure, "%s", []string{"argocd-identity"}, []string{"metadata", "annotations", "crossplane.io/external-name"}},
		"gcp":   {"spokewright-argocd@trial-spokes.iam.gserviceaccount.com", "serviceAccount:%s", []string{"argocd"}, []string{"spec", "forProvider", "member"}},
	}
}

// letsIn finds that a cluster lets in whom its claim names, and nobody by that part beside.
func letsIn(t *testing.T, sample sample, composed []documents.Document) {
	t.Helper()
	known := argocds()[sample.cloud]
	for _, part := range known.parts {
		name := fmt.Sprint(object(sample.composite, "spec")["id"], "-", part)
		found := false
		for _, document := range composed {
			if document.ID().Name == name && managed(document.Object) {
				found = true
				value, _ := manifest.Get(document.Object, known.path...)
				assert.Equal(t, fmt.Sprintf(known.in, known.who), value, document.ID())
			}
		}
		assert.True(t, found, name)
	}
}

// composedFolder has what was composed, as GENERATION/CLOUD/KIND-NAMESPACE-NAME.yaml.
const composedFolder = "testdata/composed"

// settled composes until nothing is added. The first document is the composite, which then is ready.
func settled(ctx context.Context, t *testing.T, renderer *compose.Renderer, sample sample) []documents.Document {
	t.Helper()
	var composed []documents.Document
	for count := -1; count < len(composed); {
		count = len(composed)
		next, err := renderer.Render(ctx, t, sample.composite, sample.composition, observed(t, sample.cloud, composed))
		require.NoError(t, err)
		composed = next
	}
	conditions, _ := object(composed[0].Object, "status")["conditions"].([]any)
	require.NotEmpty(t, conditions)
	require.Equal(t, "True", conditions[0].(map[string]any)["status"], "the composite is not ready: %v", conditions)
	return composed
}

// keepsItsName finds that the objects' names come from the claim's id, which never changes, and for what is beside the
// claim from the claim's own name.
func keepsItsName(t *testing.T, sample sample, composed []documents.Document) {
	t.Helper()
	spec := object(sample.composite, "spec")
	for _, document := range composed {
		prefix := spec["id"]
		if !managed(document.Object) {
			prefix = manifest.Identify(sample.composite).Name
		}
		assert.True(t, strings.HasPrefix(document.ID().Name, prefix.(string)+"-"), "%s", document.ID())
	}
}

// holdsTo finds that Crossplane may do with the clouds' objects what the claim says and no more.
func holdsTo(t *testing.T, sample sample, composed []documents.Document) {
	t.Helper()
	spec := object(sample.composite, "spec")
	for _, document := range composed {
		if !managed(document.Object) {
			assert.Contains(t, []string{"", "external-secrets.io", "generators.external-secrets.io", "rbac.authorization.k8s.io"},
				document.ID().Group(), "%s is the cloud's and not managed", document.ID())
			continue
		}
		of := object(document.Object, "spec")
		var wanted []any
		switch {
		case spec["management"] == "Observe" || foreign(document.Object) || seen(document.Object):
			wanted = []any{"Observe"}
		case spec["deletion"] == "Delete":
			wanted = []any{"*"}
		default:
			wanted = []any{"Create", "Observe", "Update", "LateInitialize"}
		}
		assert.Equal(t, asServersHaveThem(document.ID().Kind, wanted), of["managementPolicies"], document.ID())
		if document.ID().Namespace == "" {
			deletes := spec["deletion"] == "Delete" && wanted[0] != "Observe"
			assert.Equal(t, map[bool]string{true: "Delete", false: "Orphan"}[deletes], of["deletionPolicy"], document.ID())
		} else {
			assert.NotContains(t, of, "deletionPolicy", document.ID())
		}
	}
}

// staysInItsAccount finds that all that is made goes by the provider configuration that the claim's account has, and that the
// credentials of a database go to the store of that account.
func staysInItsAccount(t *testing.T, sample sample, composed []documents.Document) {
	t.Helper()
	account, other := object(sample.composite, "spec")["account"]
	config, store := any("default"), "spokewright-"+sample.cloud
	if other {
		config, store = account, fmt.Sprint("spokewright-", account)
	}
	for _, document := range composed {
		of := document.Object
		switch written := object(of, "spec", "forProvider", "manifest"); {
		case document.ID().Group() == "kubernetes.crossplane.io":
			assert.Equal(t, "default", object(of, "spec", "providerConfigRef")["name"], "the hub's own")
			of = written
		case foreign(of):
			assert.Equal(t, "default", object(of, "spec", "providerConfigRef")["name"], "it is in the first account")
		case managed(of):
			assert.Equal(t, config, object(of, "spec", "providerConfigRef")["name"], document.ID())
		}
		if of["kind"] == "PushSecret" {
			assert.Equal(t, store, manifest.MapsAt(of, "spec", "secretStoreRefs")[0]["name"], document.ID())
		}
	}
}

// asServersHaveThem are policies as databases on Azure have them: nothing that the cloud chose is written down.
func asServersHaveThem(kind string, policies []any) []any {
	switch {
	case kind != "FlexibleServer":
		return policies
	case policies[0] == "*":
		return []any{"Create", "Observe", "Update", "Delete"}
	}
	return slices.DeleteFunc(slices.Clone(policies), func(policy any) bool { return policy == "LateInitialize" })
}

// foreign says whether an object stands for what the hub has of its own: Argo CD's identity.
func foreign(object manifest.Object) bool {
	return strings.HasSuffix(manifest.Identify(object).Name, "-argocd-identity")
}

// seen says whether an object stands for what another claim makes, or the hub's bootstrap.
func seen(object manifest.Object) bool {
	name := manifest.Identify(object).Name
	return strings.HasSuffix(name, "-peered-cluster") || strings.HasSuffix(name, "-hub-network")
}

// managed says whether an object stands for one of the cloud's.
func managed(object manifest.Object) bool {
	spec, _ := object["spec"].(map[string]any)
	return spec["managementPolicies"] != nil
}

// pin compares what was composed with what is written down; SPOKEWRIGHT_UPDATE=1 writes it anew.
func pin(t *testing.T, file string, composed []documents.Document) {
	t.Helper()
	var all []manifest.Object
	for _, document := range composed {
		all = append(all, document.Object)
	}
	text := manifest.Stream(all)
	if os.Getenv("SPOKEWRIGHT_UPDATE") != "" {
		require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o755))
		require.NoError(t, os.WriteFile(file, text, 0o644))
	}
	written, err := os.ReadFile(file)
	require.NoError(t, err, "SPOKEWRIGHT_UPDATE=1 writes it")
	if !bytes.Equal(written, text) {
		assert.Equal(t, string(written), string(text))
	}
}

// observed is what was composed as the cloud's providers show it when it is ready. What they find out stands in
// testdata/observed.
func observed(t *testing.T, cloud string, composed []documents.Document) []manifest.Object {
	t.Helper()
	found, err := documents.Read(filepath.Join("testdata/observed", cloud+".yaml"))
	require.NoError(t, err)
	var all []manifest.Object
	for _, document := range composed {
		if object(document.Object, "metadata", "annotations")["crossplane.io/composition-resource-name"] == nil {
			continue // the composite
		}
		one := manifest.Copy(document.Object)
		status := map[string]any{}
		for _, like := range found {
			if like.Object["kind"] == one["kind"] {
				status = manifest.Copy(object(like.Object, "status"))
			}
		}
		status["conditions"] = []any{map[string]any{
			"type": "Ready", "status": "True", "reason": "Available", "lastTransitionTime": "2026-01-01T00:00:00Z",
		}}
		one["status"] = status
		all = append(all, one)
	}
	return all
}
