package chart

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
	"text/template"

	"github.com/Masterminds/sprig/v3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"

	"spokewright.dev/spokewright/functions"
	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/manifest"
	"spokewright.dev/spokewright/schema"
)

// fleet has all that a spoke plane can have, and texts that Helm would read.
const fleet = `
name: "trial", owner: "platform"
repository: {url: "https://git.example.com/trial/fleet.git", revision: "main"}
accounts: aws: {cloud: "aws", account: "111122223333"}
accounts: gcp: {cloud: "gcp", project: "trial-spokes", number: "123456789012"}
secretStores: {aws: "eu-west-1", gcp: "trial-spokes"}
registries: ["registry.example.com"]
signatures: key: "-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEXZPZeU+h2XrYQRK5G/yHou+nhYs+\nNvoUcaR5sKI4nNzUVIT77x3aflqQotyl2AKQMPIFAssH4+LAUm6zgvPhKQ==\n-----END PUBLIC KEY-----\n"
classes: production: rules: braces: {
	kinds: ["Pod", "Deployment"]
	require: metadata: labels: "example.com/kind"?: =~"^[a-z{}]*({{|}})?$" & !="{{ .Values.owner }}"
	message: "a kind is in letters"
}
telemetry: {logs: "https://telemetry.example.com/loki/api/v1/push", metrics: "https://telemetry.example.com/api/v1/write", credential: "telemetry"}
addons: certificates: {
	namespace: "cert-manager", repository: "oci://registry.example.com/charts", chart: "cert-manager", version: "1.19.0"
	values: text: "{{ .Release.Name }}"
	objects: issuer: {apiVersion: "cert-manager.io/v1", kind: "Issuer", metadata: {name: "internal", namespace: "issuers", labels: mine: "{{ yes }}"}, spec: {selfSigned: {}, count: 1000000, text: "{{ .Values.environment }}"}}
}
`

// specs are environments of that fleet.
func specs() map[string]string {
	return map[string]string{
		"bare": `class: "production", cluster: {cloud: "gcp", region: "europe-west1"}`,
		"full": `class: "production", owner: "shop", labels: "example.com/centre": "0042"
			cluster: {cloud: "aws", region: "eu-west-1"}
			flavours: ["serverless"]
			apps: {
				web: {path: "web", namespace: "shop", databases: ["orders"]}
				beside: {path: "beside", namespace: "default"}
				agent: {path: "agent", namespace: "logging"}
			}
			namespaces: shop: labels: {"example.com/team": "shop", "pod-security.kubernetes.io/enforce": "baseline"}
			namespaces: monitoring: labels: "example.com/team": "platform"
			databases: orders: engine: "postgres"
			addons: logging: values: level: "debug"
			addons: secrets: version: "0.20.5"
			waivers: {
				all: {rule: "no-latest-tag", until: "2028-02-29", reason: "a \"while\" longer"}
				one: {rule: "no-latest-tag", name: "web.1", namespace: "shop", until: "2028-12-31", reason: "web"}
			}`,
		"leaving": `class: "production", retiring: "delete"
			cluster: {cloud: "aws", region: "eu-west-1"}
			addons: {monitoring: enabled: false, policies: namespace: "rules"}`,
		"dev": `class: "development", cluster: {cloud: "aws", region: "eu-west-1"}`,
	}
}

func read(t *testing.T, fleet string) (*schema.Reader, *schema.FleetConfig) {
	t.Helper()
	reader, err := schema.NewReader()
	require.NoError(t, err)
	config, err := reader.FleetConfig(schema.FleetFile, []byte(fleet))
	require.NoError(t, err)
	return reader, config
}

// standard is a class of that fleet with its environments. What an overlay could do is done to one of them.
func standard(t *testing.T, fleet, class string) Standard {
	t.Helper()
	reader, config := read(t, fleet)
	s := Standard{}
	var err error
	s.Class, err = config.Standard(class)
	require.NoError(t, err)
	priority := manifest.New("scheduling.k8s.io/v1", "PriorityClass", "", "serving")
	priority["description"], priority["value"] = "{{ .Values.environment }}", 100000
	s.Base = []manifest.Object{priority}
	for _, name := range slices.Sorted(maps.Keys(specs())) {
		e, err := reader.Environment(config, name, schema.SpecFile(name), []byte(specs()[name]))
		require.NoError(t, err)
		if e.Class.Name != class {
			continue
		}
		plane := append(functions.Expand(e, schema.Spoke), manifest.Copy(priority))
		if name == "full" {
			plane = patched(plane)
		}
		s.Spokes = append(s.Spokes, Spoke{e, plane})
	}
	return s
}

// patched is a plane with an object less, one more, and one otherwise.
func patched(plane []manifest.Object) []manifest.Object {
	quota := manifest.New("v1", "ResourceQuota", "shop", "trying")
	quota["spec"] = map[string]any{"hard": map[string]any{"pods": "20", "nothing": nil, "text": "{{ braces }}"}}
	found := []manifest.Object{quota}
	for _, object := range plane {
		switch identity(object) {
		case "PriorityClass/serving":
		case "ValidatingPolicy/two-replicas":
			other := manifest.Copy(object)
			manifest.Set(other, []any{"Warn"}, "spec", "validationActions")
			found = append(found, other)
		default:
			found = append(found, object)
		}
	}
	return found
}

// helm does what Helm does with templates: conformance does the same with the real one.
func helm(t *testing.T, chart Chart, values map[string]any) []manifest.Object {
	t.Helper()
	all := template.New("").Funcs(sprig.TxtFuncMap())
	all.Funcs(template.FuncMap{
		"include": func(name string, data any) (string, error) {
			var text bytes.Buffer
			err := all.ExecuteTemplate(&text, name, data)
			return text.String(), err
		},
		"toYaml": func(value any) string {
			text, err := yaml.Marshal(value)
			require.NoError(t, err)
			return strings.TrimSuffix(string(text), "\n")
		},
		"fromYaml": func(text string) (value map[string]any, err error) {
			return value, yaml.Unmarshal([]byte(text), &value)
		},
		"required": func(message string, value any) (any, error) {
			if value == nil || value == "" {
				return nil, errors.New(message)
			}
			return value, nil
		},
	})
	var names []string
	for _, name := range slices.Sorted(maps.Keys(chart.Files)) {
		if path.Dir(name) != "values" && strings.HasPrefix(name, "templates/") {
			template.Must(all.New(name).Parse(string(chart.Files[name])))
			names = append(names, name)
		}
	}
	var objects []manifest.Object
	for _, name := range names {
		var text bytes.Buffer
		require.NoError(t, all.ExecuteTemplate(&text, name, map[string]any{"Values": values}))
		found, err := manifest.Objects(text.Bytes())
		require.NoError(t, err, "%s\n%s", name, text.String())
		objects = append(objects, found...)
	}
	return objects
}

// laidOver are the values of a chart with those of a file over them.
func laidOver(t *testing.T, chart Chart, files ...string) map[string]any {
	t.Helper()
	var all any = map[string]any{}
	for _, name := range append([]string{"values.yaml"}, files...) {
		require.Contains(t, chart.Files, name)
		var said map[string]any
		require.NoError(t, yaml.Unmarshal(chart.Files[name], &said))
		all = laid(all, said)
	}
	return all.(map[string]any)
}

func byIdentity(t *testing.T, objects []manifest.Object) map[string]manifest.Object {
	t.Helper()
	all := map[string]manifest.Object{}
	for _, object := range objects {
		require.NotContains(t, all, identity(object))
		all[identity(object)] = object
	}
	return all
}

func TestTheChartGivesTheSpokePlane(t *testing.T) {
	for _, class := range []string{"production", "development"} {
		s := standard(t, fleet, class)
		chart, err := Write(s)
		require.NoError(t, err)
		for _, spoke := range s.Spokes {
			got := byIdentity(t, helm(t, chart, laidOver(t, chart, "values/"+spoke.Name+".yaml")))
			want := byIdentity(t, spoke.Plane)
			assert.Equal(t, slices.Sorted(maps.Keys(want)), slices.Sorted(maps.Keys(got)), spoke.Name)
			for id, object := range want {
				if !manifest.Equal(object, got[id]) {
					assert.Equal(t, string(manifest.Append(nil, object)), string(manifest.Append(nil, got[id])), "%s: %s", spoke.Name, id)
				}
			}
		}
	}
}

// What templates make is not said a second time: an environment's values hold whole what an overlay made, and nothing else.
func TestValuesSayNoObjectThatTemplatesMake(t *testing.T) {
	chart, err := Write(standard(t, fleet, "production"))
	require.NoError(t, err)
	for name, want := range map[string][2][]string{
		"bare": {}, "leaving": {},
		"full": {{"ResourceQuota/shop/trying", "ValidatingPolicy/two-replicas"}, {"PriorityClass/serving", "ValidatingPolicy/two-replicas"}},
	} {
		all := laidOver(t, chart, "values/"+name+".yaml")
		var objects, without []string
		for _, object := range all["objects"].([]any) {
			objects = append(objects, identity(object.(map[string]any)))
		}
		for _, id := range all["without"].([]any) {
			without = append(without, id.(string))
		}
		assert.Equal(t, want, [2][]string{objects, without}, name)
	}
}

func TestValuesOfAddonsAreThoseOfTheSpec(t *testing.T) {
	s := standard(t, fleet, "production")
	chart, err := Write(s)
	require.NoError(t, err)
	for _, spoke := range s.Spokes {
		all := laidOver(t, chart, "values/"+spoke.Name+".yaml")
		for name, addon := range spoke.Addons {
			want, err := yaml.Marshal(placed(addon))
			require.NoError(t, err)
			got, err := yaml.Marshal(all[name])
			require.NoError(t, err)
			assert.Equal(t, string(want), string(got), "%s %s", spoke.Name, name)
		}
	}
	for _, spoke := range s.Spokes {
		said := laidOver(t, chart, "values/"+spoke.Name+".yaml")["addons"].(map[string]any)
		assert.Len(t, said, 7, "Helm takes a condition that is not there for a yes")
		for name, addon := range said {
			assert.Equal(t, spoke.Addons[name].Enabled, addon.(map[string]any)["enabled"], "%s %s", spoke.Name, name)
		}
	}
	var metadata struct {
		Dependencies []struct{ Name, Version, Repository, Alias, Condition string }
	}
	require.NoError(t, yaml.Unmarshal(chart.Files["Chart.yaml"], &metadata))
	var aliases []string
	for _, one := range metadata.Dependencies {
		aliases = append(aliases, one.Alias)
		assert.Equal(t, "addons."+one.Alias+".enabled", one.Condition)
	}
	assert.Equal(t, []string{"autoscaler", "certificates", "knative", "logging", "monitoring", "policies", "secrets"}, aliases)
	assert.Equal(t, false, laidOver(t, chart)["addons"].(map[string]any)["knative"].(map[string]any)["enabled"], "a flavour is to be had, and no standard")
	require.Len(t, chart.Differ, 1)
	assert.Equal(t, `environments/full.cue:13:30: warning: addons.secrets.version: found "0.20.5", and the chart depends on "0.20.4", which no values change: environment "full" would get that`, chart.Differ[0].String())
}

// Before its addons are there, the chart makes nothing of their kinds.
func TestTheFirstInstallationNeedsNoKinds(t *testing.T) {
	s := standard(t, fleet, "production")
	chart, err := Write(s)
	require.NoError(t, err)
	for _, spoke := range s.Spokes {
		values := laidOver(t, chart, "values/"+spoke.Name+".yaml")
		values["kinds"] = false
		made := helm(t, chart, values)
		assert.NotEmpty(t, made)
		for _, object := range made {
			assert.NotContains(t, manifest.TextAt(object, "metadata", "annotations", "argocd.argoproj.io/sync-options"), "SkipDryRunOnMissingResource", identity(object))
		}
	}
}

// A spoke that no fleet has is made by hand: a name is enough.
func TestASpokeOfOnesOwnNeedsAName(t *testing.T) {
	s := standard(t, fleet, "production")
	s.Spokes = nil
	chart, err := Write(s)
	require.NoError(t, err)
	values := laidOver(t, chart)
	values["environment"] = "other"
	made := byIdentity(t, helm(t, chart, values))
	assert.Equal(t, "other", manifest.TextAt(made["Namespace/kyverno"], "metadata", "labels", "spokewright.dev/environment"))
	assert.Contains(t, made, "ValidatingPolicy/no-latest-tag")
}

func TestTheSameClassGivesTheSameBytes(t *testing.T) {
	first, err := Write(standard(t, fleet, "production"))
	require.NoError(t, err)
	for range 2 {
		again, err := Write(standard(t, fleet, "production"))
		require.NoError(t, err)
		require.Equal(t, first.Files, again.Files)
	}
}

func TestNoOldKyvernoIsAskedForTheTime(t *testing.T) {
	s := standard(t, regexp.MustCompile("(?m)^signatures.*$").ReplaceAllString(fleet, "targets: kyverno: version: \"1.16\""), "production")
	chart, err := Write(s)
	require.NoError(t, err)
	for _, spoke := range s.Spokes {
		want := byIdentity(t, spoke.Plane)
		for id, object := range byIdentity(t, helm(t, chart, laidOver(t, chart, "values/"+spoke.Name+".yaml"))) {
			assert.True(t, manifest.Equal(want[id], object), id)
		}
	}
}

func TestWhatNoChartCanHave(t *testing.T) {
	_, err := Write(standard(t, fleet+`
		addons: objects: {namespace: "objects", repository: "https://charts.example.com/stable", chart: "objects", version: "1.0.0"}
		addons: inner: {namespace: "inner", repository: "git@git.example.com:team/charts.git", chart: "inner", version: "1.0.0"}`, "production"))
	var found finding.Findings
	require.ErrorAs(t, err, &found)
	var told []string
	for _, f := range found {
		told = append(told, fmt.Sprint(f.Code, " ", f.Path))
	}
	assert.Equal(t, []string{"name-taken addons.objects", "unsupported addons.inner.repository"}, told)
}

// Every key is explained, and no other is let in.
func TestKeysAreExplained(t *testing.T) {
	s := standard(t, fleet, "production")
	assert.Equal(t, slices.Sorted(slices.Values(keys())), slices.Sorted(maps.Keys(meanings())))
	chart, err := Write(s)
	require.NoError(t, err)
	var shape struct {
		AdditionalProperties bool
		Properties           map[string]any
	}
	require.NoError(t, json.Unmarshal(chart.Files["values.schema.json"], &shape))
	assert.False(t, shape.AdditionalProperties)
	for name := range laidOver(t, chart) {
		assert.Contains(t, shape.Properties, name)
	}
	for _, name := range []string{"default", "kube-node-lease", "kube-public", "kube-system"} {
		assert.True(t, schema.KubernetesNamespace(name), "templates/namespaces.yaml lists these")
	}
}
