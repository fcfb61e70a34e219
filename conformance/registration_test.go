package conformance

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"maps"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"text/template"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"
	"spokewright.dev/spokewright/conformance/documents"
	"spokewright.dev/spokewright/conformance/process"
	"spokewright.dev/spokewright/internal/manifest"
)

// What was composed for a cluster that is ready makes it known to Argo CD by itself: the connection, through the
// ExternalSecret that the environment's hub plane has, becomes the Secret that Argo CD reads, for three clouds and both
// generations, with the name and the labels that the same plane's projects and ApplicationSets go by, and with no token.
func TestReadyClusterIsRegistered(t *testing.T) {
	ctx := process.Context(t)
	program := filepath.Join(released(ctx, t), "spokewright")
	for name, wanted := range entrances() {
		plane := hubPlane(ctx, t, program, wanted)
		for _, generation := range generations {
			t.Run(generation+"/"+name, func(t *testing.T) {
				secret := filled(t, one(t, plane, "ExternalSecret"), connection(t, generation, wanted.cloud))
				assert.Equal(t, wanted.server, secret.data["server"])
				config := map[string]any{}
				require.NoError(t, json.Unmarshal([]byte(secret.data["config"]), &config))
				tls := config["tlsClientConfig"].(map[string]any)
				if wanted.public {
					assert.Equal(t, map[string]any{"insecure": false}, tls, "no authority of its own")
				} else {
					authority, err := base64.StdEncoding.DecodeString(tls["caData"].(string))
					require.NoError(t, err)
					assert.Equal(t, certificate, string(authority), "caData is the certificate itself, in base64 once")
				}
				assert.Equal(t, map[string]any{"tlsClientConfig": tls, wanted.field: wanted.value}, config, "no token, and nothing else")
				requireKnown(t, plane, secret)
			})
		}
	}
}

// certificate is the authority of every sample cluster.
const certificate = "-----BEGIN CERTIFICATE-----\nsample\n-----END CERTIFICATE-----\n"

// entrance is how Argo CD gets into a cluster (argo-cd, docs/operator-manual/declarative-setup.md, "Clusters").
type entrance struct {
	cloud, server, field string
	value                map[string]any
	public               bool // by a name whose certificate everybody knows
}

func entrances() map[string]entrance {
	command := func(cloud string) map[string]any {
		return map[string]any{"apiVersion": "client.authentication.k8s.io/v1beta1", "command": "argocd-k8s-auth", "args": []any{cloud}}
	}
	azure := command("azure")
	azure["env"] = map[string]any{"AAD_ENVIRONMENT_NAME": "AzurePublicCloud", "AAD_LOGIN_METHOD": "workloadidentity"}
	return map[string]entrance{
		"aws":             {"aws", "https://0123456789ABCDEF.gr7.eu-west-1.eks.example.com", "awsAuthConfig", map[string]any{"clusterName": "lighthouse-prod"}, false},
		"gcp":             {"gcp", "https://203.0.113.7", "execProviderConfig", command("gcp"), false},
		"gcp by its name": {"gcp", "https://gke-0123456789abcdef.us-east4.gke.example.com", "execProviderConfig", command("gcp"), true},
		"azure":           {"azure", "https://sample.hcp.westeurope.azmk8s.example.com:443", "execProviderConfig", azure, false},
	}
}

// hubPlane is the hub plane of the environment prod, which Argo CD gets into by an entrance.
func hubPlane(ctx context.Context, t *testing.T, program string, way entrance) []manifest.Object {
	t.Helper()
	said := map[string]any{}
	if way.public {
		said["dnsEndpoint"] = true
	}
	return planeOf(ctx, t, program, way.cloud, "hub", map[string]any{"path": "apps/web"}, map[string]any{}, said)
}

// planeOf is a plane of the environment prod on a cloud, with one app and what is said more of its cluster.
func planeOf(ctx context.Context, t *testing.T, program, cloud, plane string, app, databases, ofCluster map[string]any) []manifest.Object {
	t.Helper()
	cluster := map[string]any{
		"cloud": cloud, "network": map[string]any{"cidr": "10.40.0.0/16"},
		"region": map[string]string{"aws": "eu-west-1", "gcp": "us-east4", "azure": "westeurope"}[cloud],
	}
	maps.Copy(cluster, ofCluster)
	list, err := yaml.Marshal(map[string]any{
		"apiVersion": "config.kubernetes.io/v1", "kind": "ResourceList", "items": []any{},
		"functionConfig": map[string]any{
			"apiVersion": "spokewright.dev/v1alpha1", "kind": "Environment", "metadata": map[string]any{"name": "prod"},
			"spec": map[string]any{
				"plane": plane,
				"environment": map[string]any{
					"class":     "production",
					"cluster":   cluster,
					"apps":      map[string]any{"web": app},
					"databases": databases,
				},
				"fleet": map[string]any{
					"name": "lighthouse", "owner": "platform",
					"repository":    map[string]any{"url": "https://git.example.com/lighthouse/fleet.git", "revision": "main"},
					"appRepository": map[string]any{"url": "https://git.example.com/lighthouse/apps.git", "revision": "main"},
					"registries":    []any{"registry.example.com"},
					"secretStores":  map[string]any{"aws": "eu-west-1", "azure": "https://sample.vault.example.com", "gcp": "sample-project"},
				},
			},
		},
	})
	require.NoError(t, err)
	command := exec.CommandContext(ctx, program, "fn")
	var out, errs bytes.Buffer
	command.Stdin, command.Stdout, command.Stderr = bytes.NewReader(list), &out, &errs
	require.NoError(t, command.Run(), errs.String())
	var made struct{ Items []manifest.Object }
	require.NoError(t, yaml.Unmarshal(out.Bytes(), &made))
	return made.Items
}

func one(t *testing.T, objects []manifest.Object, kind string) manifest.Object {
	t.Helper()
	var found []manifest.Object
	for _, object := range objects {
		if object["kind"] == kind {
			found = append(found, object)
		}
	}
	require.Len(t, found, 1, kind)
	return found[0]
}

// connection is what the Secret prod-connection holds when the composed cluster prod is ready.
func connection(t *testing.T, generation, cloud string) map[string]string {
	t.Helper()
	composed, err := documents.Read(filepath.Join(composedFolder, generation, cloud, "Cluster-prod-prod.yaml"))
	require.NoError(t, err)
	if generation == "claims" {
		return details(t, cloud, composed)
	}
	for _, document := range composed {
		switch id := document.ID(); {
		case id.Kind == "Secret" && id.Name == "prod-connection":
			data := map[string]string{}
			for key, value := range object(document.Object, "data") {
				text, err := base64.StdEncoding.DecodeString(value.(string))
				require.NoError(t, err)
				data[key] = string(text)
			}
			return data
		case id.Kind == "ExternalSecret" && id.Name == "prod-connection":
			return filled(t, document.Object, map[string]string{"certificate": providers["kubeconfig.clustercacertificate"]}).data
		}
	}
	require.Fail(t, "no connection is composed")
	return nil
}

// providers is what provider-upjet-azure writes of a cluster (config/cluster/containerservice and upjet's
// pkg/resource/sensitive.go).
var providers = map[string]string{
	"kubeconfig.clustercacertificate":                certificate,
	"attribute.kube_config.0.cluster_ca_certificate": base64.StdEncoding.EncodeToString([]byte(certificate)),
}

// details are a claim's connection details: what the composition takes from its cluster, once that is observed.
func details(t *testing.T, cloud string, composed []documents.Document) map[string]string {
	t.Helper()
	var cluster manifest.Object
	for _, one := range observed(t, cloud, composed) {
		if strings.HasSuffix(manifest.Identify(one).Name, "-cluster") && !strings.HasSuffix(one["kind"].(string), "PolicyAttachment") {
			cluster = one
		}
	}
	data := map[string]string{}
	for _, sample := range samples(t, "claims") {
		if sample.cloud != cloud || sample.name != "Cluster-prod-prod" {
			continue
		}
		pipeline := object(sample.composition, "spec")["pipeline"].([]any)
		for _, resource := range object(pipeline[0].(map[string]any), "input")["resources"].([]any) {
			list, _ := resource.(map[string]any)["connectionDetails"].([]any)
			for _, detail := range list {
				detail := detail.(map[string]any)
				switch detail["type"] {
				case "FromFieldPath":
					data[detail["name"].(string)] = at(t, cluster, detail["fromFieldPath"].(string))
				case "FromConnectionSecretKey":
					data[detail["name"].(string)] = providers[detail["fromConnectionSecretKey"].(string)]
				}
			}
		}
	}
	return data
}

// at reads a text at one of Crossplane's field paths: names, and in brackets an index or a name with dots.
func at(t *testing.T, in any, path string) string {
	t.Helper()
	steps := strings.FieldsFunc(path, func(r rune) bool { return r == '[' || r == ']' })
	var names []string
	for i, step := range steps {
		if i%2 == 0 {
			names = append(names, strings.Split(strings.Trim(step, "."), ".")...)
		} else {
			names = append(names, step)
		}
	}
	for _, name := range names {
		if list, is := in.([]any); is {
			in = list[0]
			require.Equal(t, "0", name)
			continue
		}
		fields, _ := in.(map[string]any)
		in = fields[name]
	}
	text, is := in.(string)
	require.True(t, is, "nothing at %s", path)
	return text
}

// registered is the Secret that External Secrets makes.
type registered struct {
	labels map[string]any
	data   map[string]string
}

// filled fills an ExternalSecret's template, which is one of Go's, as External Secrets does.
func filled(t *testing.T, external manifest.Object, with map[string]string) registered {
	t.Helper()
	form := object(external, "spec", "target", "template")
	secret := registered{labels: object(form, "metadata", "labels"), data: map[string]string{}}
	encode := template.FuncMap{"b64enc": func(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }}
	for key, text := range object(form, "data") {
		parsed, err := template.New(key).Funcs(encode).Option("missingkey=error").Parse(text.(string))
		require.NoError(t, err)
		var out bytes.Buffer
		require.NoError(t, parsed.Execute(&out, with))
		secret.data[key] = out.String()
	}
	return secret
}

// requireKnown finds that projects and ApplicationSets lead to the Secret's cluster and no other, and that it carries their
// labels.
func requireKnown(t *testing.T, plane []manifest.Object, secret registered) {
	t.Helper()
	name := secret.data["name"]
	projects := slices.DeleteFunc(slices.Clone(plane), func(each manifest.Object) bool { return each["kind"] != "AppProject" })
	require.Len(t, projects, 2, "one of apps, one of the platform")
	for _, project := range projects {
		destinations, _ := object(project, "spec")["destinations"].([]any)
		require.NotEmpty(t, destinations)
		for _, destination := range destinations {
			assert.Equal(t, name, destination.(map[string]any)["name"])
		}
	}
	project := projects[0]
	labels := maps.Clone(object(project, "metadata", "labels"))
	labels["argocd.argoproj.io/secret-type"] = "cluster"
	assert.Equal(t, labels, secret.labels)
	sets := 0
	for _, each := range plane {
		if each["kind"] == "ApplicationSet" {
			sets++
			assert.Equal(t, name, object(each, "spec", "template", "spec", "destination")["name"])
			assert.Equal(t, object(project, "metadata", "labels"), object(each, "spec", "template", "metadata", "labels"))
		}
	}
	assert.Equal(t, 2, sets, "one of apps, one of addons")
}
