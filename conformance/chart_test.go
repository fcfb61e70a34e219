package conformance

import (
	"context"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"

	"spokewright.dev/spokewright/internal/manifest"
)

// TestTheChartIsTheSpokePlane follows docs/chart.md with Helm's own program, as far as no cluster is needed: for each spoke of three
// fleets, the chart of its class with its values gives the objects of golden/ENVIRONMENT/spoke.yaml.
func TestTheChartIsTheSpokePlane(t *testing.T) {
	helm, err := cache(t).Program(t.Context(), "helm")
	require.NoError(t, err)
	c := standards{helm, filepath.Join(released(t.Context(), t), "spokewright"), os.Getenv("SPOKEWRIGHT_CHARTS") == ""}
	for name, change := range map[string]func(*testing.T, standards, string){
		"the sample": func(*testing.T, standards, string) {}, "flavours": flavoured, "patches": patched,
	} {
		t.Run(name, func(t *testing.T) {
			fleet := copyOfSample(t)
			change(t, c, fleet)
			c.run(t, fleet, c.spokewright, "render")
			c.run(t, fleet, c.spokewright, "check")
			c.follow(t, fleet)
		})
	}
}

// standards has the programs.
type standards struct {
	helm, spokewright string
	stoodIn           bool
}

func (c standards) run(t *testing.T, folder, program string, args ...string) string {
	t.Helper()
	out, told, err := c.try(t.Context(), folder, program, args...)
	require.NoError(t, err, "%s %s\n%s\n%s", filepath.Base(program), strings.Join(args, " "), out, told)
	return out
}

func (c standards) try(ctx context.Context, folder, program string, args ...string) (out, told string, err error) {
	var stdout, stderr strings.Builder
	command := exec.CommandContext(ctx, program, args...)
	command.Dir, command.Stdout, command.Stderr = folder, &stdout, &stderr
	command.WaitDelay = time.Second
	err = command.Run()
	return stdout.String(), stderr.String(), err
}

// flavoured adds spokes of each flavour, on two clouds, which send what they collect away.
func flavoured(t *testing.T, c standards, fleet string) {
	specs := map[string]string{
		"learning": `class: "development", cluster: {cloud: "gcp", region: "europe-west1", network: cidr: "10.82.0.0/16"}, flavours: ["batch"]`,
		"lambda":   `class: "development", cluster: {cloud: "azure", region: "westeurope", network: cidr: "10.83.0.0/16"}, flavours: ["serverless", "batch"], addons: monitoring: enabled: false`,
	}
	for name := range specs {
		c.run(t, fleet, c.spokewright, "env", "add", name, "--from", "dev")
		require.NoError(t, os.RemoveAll(filepath.Join(fleet, "overlays", name, "spoke", "quota.yaml")))
		edit(t, fleet, "overlays/"+name+"/spoke/kustomization.yaml", ", quota.yaml", "")
		require.NoError(t, os.RemoveAll(filepath.Join(fleet, "golden", name))) // of another class
	}
	appendTo(t, fleet, "environments/fleet.cue", `
addons: certificates: {
	namespace: "cert-manager", repository: "oci://registry.example.com/charts", chart: "cert-manager", version: "1.19.0"
	objects: issuer: {apiVersion: "cert-manager.io/v1", kind: "Issuer", metadata: {name: "internal", namespace: "issuers"}, spec: {selfSigned: {}, text: "{{ .Values.environment }}"}}
}
`)
	for name, spec := range specs {
		require.NoError(t, os.WriteFile(filepath.Join(fleet, "environments", name+".cue"), []byte(spec+"\n"), 0o644))
	}
}

// patched lets an environment say and patch all that it may: waivers, labels, its end, a policy that is changed, an object that is left out.
func patched(t *testing.T, _ standards, fleet string) {
	appendTo(t, fleet, "environments/fleet.cue", `classes: production: rules: braces: {
	kinds: ["Pod", "Deployment"]
	require: metadata: labels: "example.com/kind"?: =~"^[a-z{}]*({{|}})?$" & !="{{ .Values.owner }}"
	message: "a kind is in letters"
}
`)
	appendTo(t, fleet, "environments/prod-eu.cue", `
labels: "example.com/cost-centre": "0042"
namespaces: checkout: labels: "example.com/team": "shop"
waivers: {
	all: {rule: "no-latest-tag", until: "2099-02-28", reason: "a \"while\""}
	one: {rule: "pods-have-resources", name: "cache.0", namespace: "cache", until: "2099-12-31", reason: "it has none"}
}
`)
	appendTo(t, fleet, "environments/staging.cue", "retiring: \"delete\"\n")
	appendTo(t, fleet, "overlays/prod-us/spoke/kustomization.yaml", `patches:
- target: {kind: ValidatingPolicy, name: two-replicas}
  patch: |-
    - {op: add, path: /metadata/annotations/example.com~1note, value: "{{ patched }}"}
- patch: |-
    $patch: delete
    apiVersion: scheduling.k8s.io/v1
    kind: PriorityClass
    metadata: {name: serving}
`)
}

func appendTo(t *testing.T, fleet, name, text string) {
	t.Helper()
	before, err := os.ReadFile(filepath.Join(fleet, name))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(fleet, name), append(before, text...), 0o644))
}

func edit(t *testing.T, fleet, name, from, to string) {
	t.Helper()
	before, err := os.ReadFile(filepath.Join(fleet, name))
	require.NoError(t, err)
	require.Contains(t, string(before), from)
	require.NoError(t, os.WriteFile(filepath.Join(fleet, name), []byte(strings.Replace(string(before), from, to, 1)), 0o644))
}

// follow compares each spoke of a fleet.
func (c standards) follow(t *testing.T, fleet string) {
	compared := 0
	for _, class := range []string{"development", "production", "staging"} {
		folder := filepath.Join(fleet, "build", class)
		c.run(t, fleet, c.spokewright, "chart", "--class", class, folder)
		c.depend(t, folder)
		files, err := filepath.Glob(filepath.Join(folder, "values", "*.yaml"))
		require.NoError(t, err)
		for _, values := range files {
			name := strings.TrimSuffix(filepath.Base(values), ".yaml")
			c.compare(t, folder, values, filepath.Join(fleet, "golden", name, "spoke.yaml"))
			compared++
		}
		c.refuse(t, folder)
	}
	specs, err := filepath.Glob(filepath.Join(fleet, "environments", "*.cue"))
	require.NoError(t, err)
	assert.Equal(t, len(specs)-2, compared, "all but fleet.cue and the hub")
}

// depend brings the charts that a chart depends on: stand-ins of their names and versions, which print the values that they get, or
// the published ones where somebody wants them fetched.
func (c standards) depend(t *testing.T, folder string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	home := t.TempDir()
	if !c.stoodIn {
		_, told, err := c.try(ctx, folder, c.helm, "dependency", "update", ".", "--repository-cache", home, "--repository-config", filepath.Join(home, "none.yaml"))
		require.NoError(t, err, told)
		return
	}
	t.Logf("STOOD IN: the charts that %s depends on are not the published ones: SPOKEWRIGHT_CHARTS=1 fetches those", filepath.Base(folder))
	for _, one := range dependencies(t, folder) {
		chart := filepath.Join(folder, "charts", one.Name)
		require.NoError(t, os.MkdirAll(filepath.Join(chart, "templates"), 0o755))
		require.NoError(t, os.WriteFile(filepath.Join(chart, "Chart.yaml"), fmt.Appendf(nil, "apiVersion: v2\nname: %s\nversion: %s\n", one.Name, one.Version), 0o644))
		require.NoError(t, os.WriteFile(filepath.Join(chart, "templates", "values.yaml"), []byte("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: {{ .Chart.Name }}}\ndata: {values: {{ omit .Values \"global\" | toJson | quote }}}\n"), 0o644))
	}
}

// dependency is one of a chart.
type dependency struct{ Name, Version, Alias, Condition string }

func dependencies(t *testing.T, folder string) []dependency {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(folder, "Chart.yaml"))
	require.NoError(t, err)
	var chart struct{ Dependencies []dependency }
	require.NoError(t, yaml.Unmarshal(text, &chart))
	require.NotEmpty(t, chart.Dependencies)
	return chart.Dependencies
}

// compare looks at what Helm makes of the chart with an environment's values, and at which charts come with it.
func (c standards) compare(t *testing.T, folder, values, golden string) {
	t.Helper()
	ours, theirs := c.made(t, folder, "--values", values)
	plane, err := os.ReadFile(golden)
	require.NoError(t, err)
	want := map[string]manifest.Object{}
	for _, object := range objectsOf(t, plane) {
		want[manifest.Identify(object).String()] = object
	}
	assert.Equal(t, slices.Sorted(maps.Keys(want)), slices.Sorted(maps.Keys(ours)), golden)
	for id, object := range want {
		assert.True(t, manifest.Equal(object, ours[id]), "%s: %s\n%s\n%s", golden, id, manifest.Append(nil, object), manifest.Append(nil, ours[id]))
	}

	// The charts that come are those that the environment's sets install on its spoke; switched off one by one, none is left.
	require.NotEmpty(t, theirs)
	if c.stoodIn {
		var addons, charts []string
		hub, err := os.ReadFile(filepath.Join(filepath.Dir(golden), "hub.yaml"))
		require.NoError(t, err)
		for _, set := range objectsOf(t, hub) {
			if id := manifest.Identify(set); id.Kind == "ApplicationSet" && strings.HasPrefix(id.Name, filepath.Base(filepath.Dir(golden))+"-addons") {
				for _, generator := range manifest.MapsAt(set, "spec", "generators") {
					for _, element := range manifest.MapsAt(generator, "list", "elements") {
						addons = append(addons, manifest.TextAt(element, "app"))
					}
				}
			}
		}
		for _, chart := range theirs {
			charts = append(charts, manifest.Identify(chart).Name)
		}
		assert.ElementsMatch(t, addons, charts, golden)
	}
	args := []string{"--values", values}
	for _, one := range dependencies(t, folder) {
		args = append(args, "--set", one.Condition+"=false")
	}
	_, theirs = c.made(t, folder, args...)
	assert.Empty(t, theirs)
	without, _ := c.made(t, folder, "--values", values, "--set", "kinds=false")
	assert.NotEmpty(t, without)
	for id, object := range without {
		assert.NotContains(t, manifest.TextAt(object, "metadata", "annotations", "argocd.argoproj.io/sync-options"), "SkipDryRun", id)
	}
}

// made are the objects of the chart itself, and of those that it depends on.
func (c standards) made(t *testing.T, folder string, args ...string) (ours, theirs map[string]manifest.Object) {
	t.Helper()
	ours, theirs = map[string]manifest.Object{}, map[string]manifest.Object{}
	text := c.run(t, folder, c.helm, append([]string{"template", "standard", "."}, args...)...)
	for _, document := range regexp.MustCompile(`(?m)^---\n`).Split(text, -1) {
		into := ours
		source, _, _ := strings.Cut(document, "\n")
		if strings.Contains(source, "/charts/") {
			into = theirs
		}
		for _, object := range objectsOf(t, []byte(document)) {
			id := manifest.Identify(object).String()
			require.NotContains(t, into, id)
			into[id] = object
		}
	}
	return ours, theirs
}

// refuse asks for what the chart does not have.
func (c standards) refuse(t *testing.T, folder string) {
	t.Helper()
	_, told, err := c.try(t.Context(), folder, c.helm, "template", "standard", ".")
	require.Error(t, err)
	assert.Contains(t, told, "environment is missing: the name of this spoke")
	_, told, err = c.try(t.Context(), folder, c.helm, "template", "standard", ".", "--set", "environment=other", "--set", "namespace.shop.labels.team=a")
	require.Error(t, err)
	assert.Contains(t, told, "namespace")
}
