package bootstrap

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"spokewright.dev/spokewright/internal/externalname"
	"spokewright.dev/spokewright/internal/manifest"
	"spokewright.dev/spokewright/schema"
)

// regions is one of each cloud.
func regions() map[string]string {
	return map[string]string{"aws": "eu-west-1", "azure": "westeurope", "gcp": "europe-west1"}
}

// hub is one on a cloud, with Argo CD and something that starts it.
func hub(t *testing.T, name, cloud, cidr string) Hub {
	t.Helper()
	reader, err := schema.NewReader()
	require.NoError(t, err)
	fleet, err := reader.FleetConfig("environments/fleet.cue", []byte(`
		name: "trial", owner: "platform"
		repository: {url: "https://git.example.com/trial/fleet.git", revision: "main"}
		accounts: aws: {cloud: "aws", account: "111122223333"}
		accounts: gcp: {cloud: "gcp", project: "trial-hubs", number: "123456789012"}
		accounts: azure: {cloud: "azure", subscription: "00000000-0000-0000-0000-000000000003", tenant: "00000000-0000-0000-0000-000000000002", client: "00000000-0000-0000-0000-000000000001"}`))
	require.NoError(t, err)
	e, err := reader.Environment(fleet, name, schema.SpecFile(name), []byte(`class: "production", role: "hub"
		cluster: {cloud: "`+cloud+`", region: "`+regions()[cloud]+`", network: cidr: "`+cidr+`"}`))
	require.NoError(t, err)
	argocd := manifest.New("argoproj.io/v1alpha1", "Application", "argocd", "argocd")
	argocd["spec"] = map[string]any{"source": map[string]any{"repoURL": "https://charts.example.com", "chart": "argo-cd", "targetRevision": "1.0.0",
		"helm": map[string]any{"releaseName": "argocd", "valuesObject": map[string]any{"text": "{{ .name }} ${a}"}}}}
	return Hub{Environment: e, Plane: []manifest.Object{argocd}, Start: []byte("kind: Application # of " + name + "\n")}
}

func written(t *testing.T, h Hub) Root {
	t.Helper()
	root, err := Write(h, State{"local", map[string]string{"path": "hub.tfstate"}})
	require.NoError(t, err)
	return root
}

// Two hubs differ in what says which one they are, and in nothing else.
func TestTwoHubsDifferWhereTheyShould(t *testing.T) {
	for cloud := range regions() {
		one, other := written(t, hub(t, "hub", cloud, "10.8.0.0/16")), written(t, hub(t, "spare", cloud, "10.9.0.0/16"))
		var differ []string
		for name, text := range one.Files {
			if string(text) != string(other.Files[name]) {
				differ = append(differ, name)
			}
		}
		assert.ElementsMatch(t, []string{"start/objects.yaml", "terragrunt.hcl"}, differ, cloud)
		assert.Equal(t, slices.Sorted(maps.Keys(one.Files)), slices.Sorted(maps.Keys(other.Files)))
		assert.Equal(t, one.Resources, other.Resources)
	}
}

// What is made is as many of each kind as a spoke's network and cluster are made of: the hub's own claims find all of a network
// again, and of a cluster what a hub has no use for is left out.
func TestAHubIsMadeAsSpokesAre(t *testing.T) {
	unused := map[string][]string{
		"aws":   {"argocd", "argocd-admin", "autoscaler", "autoscaler-identity", "secrets", "secrets-identity"},
		"azure": {"argocd", "argocd-identity", "secrets", "secrets-identity"},
		"gcp":   {"argocd", "secrets", "secrets-identity", "secrets-role"},
	}
	more := map[string][]string{"azure": {"azurerm_role_assignment"}} // whoever applies it may install
	for cloud := range regions() {
		want := map[string]int{}
		for _, part := range []string{"network", "cluster"} {
			for _, resource := range composed(t, cloud+"-"+part) {
				base := resource["base"].(map[string]any)
				if kind := terraformKind(manifest.Identify(base)); kind != "" && !slices.Contains(unused[cloud], manifest.TextAt(resource, "name")) {
					want[kind]++
				}
			}
		}
		for _, kind := range more[cloud] {
			want[kind]++
		}
		got := map[string]int{}
		for _, address := range written(t, hub(t, "hub", cloud, "10.8.0.0/16")).Resources {
			if kind, _, _ := strings.Cut(address, "."); kind != "helm_release" {
				got[kind]++
			}
		}
		assert.Equal(t, want, got, cloud)
	}
}

// composed are the resources of a composition in bases.
func composed(t *testing.T, name string) []map[string]any {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("../../bases/hub/compositions/namespaced", name+".yaml"))
	require.NoError(t, err)
	compositions, err := manifest.Objects(text)
	require.NoError(t, err)
	for _, composition := range compositions {
		if manifest.TextAt(composition, "metadata", "name") == name {
			for _, step := range manifest.MapsAt(composition, "spec", "pipeline") {
				if found := manifest.MapsAt(step, "input", "resources"); len(found) > 0 {
					return found
				}
			}
		}
	}
	t.Fatalf("no composition %s", name)
	return nil
}

// terraformKind is what OpenTofu calls a kind of Crossplane's; nothing for one that it does not know.
func terraformKind(id manifest.ID) string {
	for _, kind := range externalname.Kinds() {
		if id.Kind == kind.Name && id.Group() == kind.Group+".m.upbound.io" {
			return kind.Key
		}
	}
	return ""
}

func TestMachinesAreThoseOfCompositions(t *testing.T) {
	for cloud, sizes := range machines() {
		text, err := os.ReadFile(filepath.Join("../../bases/hub/compositions/namespaced", cloud+"-cluster.yaml"))
		require.NoError(t, err)
		for size, machine := range sizes {
			assert.Contains(t, string(text), size+": "+machine+"\n")
		}
	}
}

// Every name that the hub's claim needs to find its network again is told once it is made.
func TestOutputsTellEveryName(t *testing.T) {
	for cloud := range regions() {
		text := string(written(t, hub(t, "hub", cloud, "10.8.0.0/16")).Files["outputs.tf"])
		for _, part := range externalname.Parts(cloud, "Network") {
			for _, zone := range []string{"a", "b", "c"} {
				part = strings.NewReplacer("-"+zone+"-", "-${zone}-").Replace(part)
				if strings.HasSuffix(part, "-"+zone) {
					part = strings.TrimSuffix(part, zone) + "${zone}"
				}
			}
			assert.Regexp(t, `(?m)["\t ]`+strings.NewReplacer("$", `\$`, "{", `\{`, "}", `\}`).Replace(part)+`"? +=|: `+part+`:|network: `+part+`: `, text, "%s %s", cloud, part)
		}
	}
}

func TestNoTextBecomesAnExpression(t *testing.T) {
	for text, want := range map[string]string{
		`plain`: `"plain"`, `a"b\c`: `"a\"b\\c"`, `${var.id}`: `"$${var.id}"`, `%{if true}`: `"%%{if true}"`, "two\nlines": `"two\nlines"`, `$${x}`: `"$$${x}"`,
	} {
		assert.Equal(t, want, quoted(text))
	}
}

// Objects stand beside the templates of their charts: what is in them is not read as one.
func TestObjectsAreNoTemplates(t *testing.T) {
	h := hub(t, "hub", "aws", "10.8.0.0/16")
	plugin := manifest.New("v1", "ConfigMap", "argocd", "plugin")
	plugin["data"] = map[string]any{"plugin.yaml": "{{ nothing }}"}
	h.Plane = append(h.Plane, plugin)
	root := written(t, h)
	for _, chart := range []string{"start", "before"} {
		assert.Equal(t, "{{ .Files.Get \"objects.yaml\" }}\n", string(root.Files[chart+"/templates/objects.yaml"]))
	}
	assert.Contains(t, string(root.Files["before/objects.yaml"]), "{{ nothing }}")
	assert.Contains(t, root.Resources, "helm_release.before[0]")
	assert.NotContains(t, written(t, hub(t, "hub", "aws", "10.8.0.0/16")).Resources, "helm_release.before[0]")
}
