package conformance

import (
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"spokewright.dev/spokewright/conformance/documents"
	"spokewright.dev/spokewright/conformance/process"
	"spokewright.dev/spokewright/internal/manifest"
)

// The spoke reads a database's credentials where the hub puts them: under the key that the composed PushSecret writes, with
// the fields that it has, as the account that the composed cluster gives the rights to. For three clouds and both
// generations.
func TestCredentialsAreReadWhereTheyAreWritten(t *testing.T) {
	ctx := process.Context(t)
	program := filepath.Join(released(ctx, t), "spokewright")
	databases := map[string]any{"orders-mysql": map[string]any{"engine": "mysql"}, "orders-postgres": map[string]any{"engine": "postgres"}}
	app := map[string]any{"path": "apps/web", "databases": slices.Sorted(maps.Keys(databases))}
	for _, cloud := range []string{"aws", "azure", "gcp"} {
		plane := planeOf(ctx, t, program, cloud, "spoke", app, databases, nil)
		addons := planeOf(ctx, t, program, cloud, "hub", app, databases, nil)
		for _, generation := range generations {
			t.Run(generation+"/"+cloud, func(t *testing.T) {
				for database := range databases {
					requireRead(t, plane, pushed(t, generation, cloud, database), database)
				}
				reader, annotation := reading(t, plane, addons)
				assert.Equal(t, granted(t, generation, cloud), reader)
				if cloud == "gcp" {
					assert.Equal(t, google(t, generation)+"@sample-project.iam.gserviceaccount.com", annotation)
				}
			})
		}
	}
}

// composedBeside are the objects composed for a claim of the environment prod, those that provider-kubernetes writes
// instead of its own.
func composedBeside(t *testing.T, generation, cloud, claim string) []manifest.Object {
	t.Helper()
	composed, err := documents.Read(filepath.Join(composedFolder, generation, cloud, claim+".yaml"))
	require.NoError(t, err)
	var all []manifest.Object
	for _, document := range composed {
		if document.ID().Kind == "Object" {
			all = append(all, object(document.Object, "spec", "forProvider", "manifest"))
		} else {
			all = append(all, document.Object)
		}
	}
	return all
}

// pushed is what the hub writes of a database into the cloud's store.
func pushed(t *testing.T, generation, cloud, database string) manifest.Object {
	t.Helper()
	return one(t, composedBeside(t, generation, cloud, "Database-prod-"+database), "PushSecret")
}

// requireRead finds that the spoke's ExternalSecret has the key and the fields of what is pushed.
func requireRead(t *testing.T, plane []manifest.Object, pushed manifest.Object, database string) {
	t.Helper()
	match := object(pushed, "spec")["data"].([]any)[0].(map[string]any)
	written := object(match, "match", "remoteRef")["remoteKey"]
	require.NotEmpty(t, written)
	var fields []string
	for _, each := range plane {
		if each["kind"] != "ExternalSecret" || manifest.Identify(each).Name != database+"-database" {
			continue
		}
		assert.Equal(t, "web", manifest.Identify(each).Namespace)
		for _, field := range object(each, "spec")["data"].([]any) {
			from := object(field.(map[string]any), "remoteRef")
			assert.Equal(t, written, from["key"])
			assert.Equal(t, field.(map[string]any)["secretKey"], from["property"])
			fields = append(fields, from["property"].(string))
		}
	}
	assert.ElementsMatch(t, slices.Collect(maps.Keys(object(pushed, "spec", "template", "data"))), fields)
	assert.ElementsMatch(t, []string{"endpoint", "port", "username", "password"}, fields)
}

// reading is the account that the spoke's store reads as, as NAMESPACE/NAME, and Google's account that it stands for. Where the
// store names none it is the one that the addon's chart makes for itself.
func reading(t *testing.T, plane, addons []manifest.Object) (account, annotation string) {
	t.Helper()
	for _, provider := range object(one(t, plane, "ClusterSecretStore"), "spec", "provider") {
		provider := provider.(map[string]any)
		reference := object(provider, "serviceAccountRef")
		if reference == nil {
			reference = object(provider, "auth", "workloadIdentity", "serviceAccountRef")
		}
		if reference != nil {
			account = reference["namespace"].(string) + "/" + reference["name"].(string)
		}
	}
	chart := charts(t, addons)
	if account == "" || account == chart {
		return chart, ""
	}
	own := one(t, plane, "ServiceAccount")
	id := manifest.Identify(own)
	require.Equal(t, account, id.Namespace+"/"+id.Name, "nobody makes the account")
	annotation, _ = object(own, "metadata", "annotations")["iam.gke.io/gcp-service-account"].(string)
	return account, annotation
}

// charts is the account of External Secrets itself: its chart names it as it is told to name everything
// (external-secrets.fullname and external-secrets.serviceAccountName in the chart's templates/_helpers.tpl).
func charts(t *testing.T, addons []manifest.Object) string {
	t.Helper()
	for _, set := range addons {
		if set["kind"] != "ApplicationSet" {
			continue
		}
		list := object(set, "spec")["generators"].([]any)[0].(map[string]any)
		for _, element := range object(list, "list")["elements"].([]any) {
			element := element.(map[string]any)
			if object(element, "source")["chart"] == "external-secrets" {
				return element["namespace"].(string) + "/" + object(element, "source", "helm", "valuesObject")["fullnameOverride"].(string)
			}
		}
	}
	require.Fail(t, "no addon reads secrets")
	return ""
}

// granted is the account that the composed cluster gives the rights to, as NAMESPACE/NAME.
func granted(t *testing.T, generation, cloud string) string {
	t.Helper()
	for _, each := range composedBeside(t, generation, cloud, "Cluster-prod-prod") {
		if manifest.Identify(each).Name != "lighthouse-prod-secrets-identity" {
			continue
		}
		spec := object(each, "spec", "forProvider")
		switch cloud {
		case "aws":
			return spec["namespace"].(string) + "/" + spec["serviceAccount"].(string)
		case "azure":
			return strings.ReplaceAll(strings.TrimPrefix(spec["subject"].(string), "system:serviceaccount:"), ":", "/")
		default:
			_, account, _ := strings.Cut(strings.TrimSuffix(spec["member"].(string), "]"), "[")
			return account
		}
	}
	require.Fail(t, "nobody is given the rights")
	return ""
}

// google is the name of the account at Google that the composed cluster has for this.
func google(t *testing.T, generation string) string {
	t.Helper()
	for _, each := range composedBeside(t, generation, "gcp", "Cluster-prod-prod") {
		if each["kind"] == "ServiceAccount" && manifest.Identify(each).Name == "lighthouse-prod-secrets" {
			return object(each, "metadata", "annotations")["crossplane.io/external-name"].(string)
		}
	}
	require.Fail(t, "no account is composed")
	return ""
}

// The sample's spokes read from the stores that its hub writes to.
func TestSampleReadsFromTheHubsStores(t *testing.T) {
	hub := map[string]map[string]any{}
	found := 0
	for _, document := range read(t, "../golden") {
		if document.ID().Kind != "ClusterSecretStore" {
			continue
		}
		for name, provider := range object(document.Object, "spec", "provider") {
			if cloud, ours := strings.CutPrefix(document.ID().Name, "spokewright-"); ours {
				require.Contains(t, []string{"aws", "azure", "gcp"}, cloud)
				hub[name] = provider.(map[string]any)
			}
		}
	}
	for _, document := range read(t, "../golden") {
		if document.ID().Kind != "ClusterSecretStore" || strings.HasPrefix(document.ID().Name, "spokewright-") {
			continue
		}
		for name, provider := range object(document.Object, "spec", "provider") {
			found++
			for _, field := range []string{"region", "service", "projectID", "vaultUrl"} {
				assert.Equal(t, hub[name][field], provider.(map[string]any)[field], "%s: %s", document.Source, field)
			}
		}
	}
	assert.Equal(t, 5, found, "every spoke reads its credential for telemetry")
}
