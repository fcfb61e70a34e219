package guard_test

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"spokewright.dev/spokewright/functions"
	"spokewright.dev/spokewright/internal/guard"
	"spokewright.dev/spokewright/internal/manifest"
	"spokewright.dev/spokewright/schema"
)

const fleet = `name: "trial", owner: "platform"
repository: {url: "https://git.example.com/trial/fleet.git", revision: "main"}
registries: ["registry.example.com"]
secretStores: {aws: "eu-west-1"}
`

const spoke = `class: "production"
cluster: {cloud: "aws", region: "eu-west-1"}
apps: web: {path: "apps/web", databases: ["orders"], images: web: {name: "registry.example.com/trial/web", follow: "~1.2"}}
databases: orders: engine: "postgres"
workspaces: assets: {source: "./modules/bucket", outputs: ["url"]}
`

// readFleet reads a hub and a protected environment, whose fleet says this besides.
func readFleet(t *testing.T, more string) *schema.Fleet {
	t.Helper()
	reader, err := schema.NewReader()
	require.NoError(t, err)
	tree := fstest.MapFS{}
	for name, text := range map[string]string{"fleet": fleet + more, "hub": `{class: "production", role: "hub"}`, "prod": spoke} {
		tree["environments/"+name+".cue"] = &fstest.MapFile{Data: []byte(text)}
	}
	read, err := reader.Fleet(tree)
	require.NoError(t, err)
	return read
}

// sentinel stands in all trees of sources.
func sentinel() manifest.Object {
	return manifest.New("spokewright.dev/v1alpha1", guard.Sentinel, "", "built-without-enable-exec")
}

func TestNothingTakenNothingFound(t *testing.T) {
	for _, name := range []string{"hub", "prod"} {
		for _, plane := range schema.Planes() {
			e := readFleet(t, "").Environments[name]
			made := functions.Expand(e, plane)
			kept, findings := guard.Check(e, functions.Expand(e, plane), append(slices.Clone(made), sentinel()))
			assert.Empty(t, findings)
			assert.Equal(t, made, kept, "the sentinel is dropped, and nothing else")
		}
	}
}

// TestEveryFieldIsPromised changes and takes away each field of each object that a protected environment and a hub
// have, one at a time. What the guard lets pass is what teams may change; the list below is all of it.
func TestEveryFieldIsPromised(t *testing.T) {
	loose := map[string]bool{}
	for mapping, names := range map[string][]string{"": {"hub", "prod"}, mapped: {"prod"}} {
		for _, name := range names {
			for _, plane := range schema.Planes() {
				e := readFleet(t, mapping).Environments[name]
				for field := range unguarded(t, e, plane) {
					loose[field] = true
				}
			}
		}
	}
	var all []string
	for field := range loose {
		all = append(all, field)
	}
	slices.Sort(all)
	assert.Equal(t, strings.Split(strings.TrimSpace(free), "\n"), all)
}

// mapped gives clusters a kind of the fleet's own, with its fields elsewhere.
const mapped = `claims: cluster: {
	apiVersion: "infra.example.com/v1", kind: "Kube", plural: "kubes"
	fields: {
		environment: "spec.for", cloud: "spec.parameters.provider", region: "spec.parameters.place", version: "spec.parameters.release"
		"nodes.min": "spec.parameters.scale.from", "nodes.max": "spec.parameters.scale.to", "nodes.size": "spec.parameters.machine"
		"network.cidr": "spec.parameters.range", deletion: "spec.onDelete"
		id: "spec.identity", management: "spec.management", private: "spec.parameters.hidden", externalName: "spec.taken"
	}
	values: "nodes.size": {small: "s", medium: "m", large: "l", xlarge: "xl"}
	set: spec: tier: "gold"
}
`

// free are the fields that a patch may take away, change, or turn up or down.
const free = `
AppProject spec gone
AppProject spec.clusterResourceWhitelist gone
AppProject spec.clusterResourceWhitelist[] gone
AppProject spec.clusterResourceWhitelist[].group changed
AppProject spec.clusterResourceWhitelist[].kind changed
AppProject spec.description changed
AppProject spec.description gone
AppProject spec.destinations gone
AppProject spec.destinations[] gone
AppProject spec.destinations[].namespace changed
AppProject spec.sourceRepos gone
AppProject spec.sourceRepos[] changed
AppProject spec.sourceRepos[] gone
Application spec.syncPolicy.automated gone
Application spec.syncPolicy.automated.prune changed
Application spec.syncPolicy.automated.prune gone
Application spec.syncPolicy.automated.selfHeal changed
Application spec.syncPolicy.automated.selfHeal gone
Application spec.syncPolicy.retry gone
Application spec.syncPolicy.retry.backoff gone
Application spec.syncPolicy.retry.backoff.duration changed
Application spec.syncPolicy.retry.backoff.duration gone
Application spec.syncPolicy.retry.backoff.factor down
Application spec.syncPolicy.retry.backoff.factor gone
Application spec.syncPolicy.retry.backoff.factor up
Application spec.syncPolicy.retry.backoff.maxDuration changed
Application spec.syncPolicy.retry.backoff.maxDuration gone
Application spec.syncPolicy.retry.limit down
Application spec.syncPolicy.retry.limit gone
Application spec.syncPolicy.retry.limit up
Application spec.syncPolicy.retry.refresh changed
Application spec.syncPolicy.retry.refresh gone
ApplicationSet spec.generators[].list.elements[].source.helm.valuesObject gone
ApplicationSet spec.generators[].list.elements[].source.helm.valuesObject.admissionController gone
ApplicationSet spec.generators[].list.elements[].source.helm.valuesObject.admissionController.replicas down
ApplicationSet spec.generators[].list.elements[].source.helm.valuesObject.admissionController.replicas gone
ApplicationSet spec.generators[].list.elements[].source.helm.valuesObject.admissionController.replicas up
ApplicationSet spec.generators[].list.elements[].source.helm.valuesObject.autoDiscovery gone
ApplicationSet spec.generators[].list.elements[].source.helm.valuesObject.autoDiscovery.clusterName changed
ApplicationSet spec.generators[].list.elements[].source.helm.valuesObject.autoDiscovery.clusterName gone
ApplicationSet spec.generators[].list.elements[].source.helm.valuesObject.awsRegion changed
ApplicationSet spec.generators[].list.elements[].source.helm.valuesObject.awsRegion gone
ApplicationSet spec.generators[].list.elements[].source.helm.valuesObject.fullnameOverride changed
ApplicationSet spec.generators[].list.elements[].source.helm.valuesObject.fullnameOverride gone
ApplicationSet spec.generators[].list.elements[].source.helm.valuesObject.grafana gone
ApplicationSet spec.generators[].list.elements[].source.helm.valuesObject.grafana.admin gone
ApplicationSet spec.generators[].list.elements[].source.helm.valuesObject.grafana.admin.existingSecret changed
ApplicationSet spec.generators[].list.elements[].source.helm.valuesObject.grafana.admin.existingSecret gone
ApplicationSet spec.generators[].list.elements[].source.helm.valuesObject.grafana.admin.passwordKey changed
ApplicationSet spec.generators[].list.elements[].source.helm.valuesObject.grafana.admin.passwordKey gone
ApplicationSet spec.generators[].list.elements[].source.helm.valuesObject.grafana.admin.userKey changed
ApplicationSet spec.generators[].list.elements[].source.helm.valuesObject.grafana.admin.userKey gone
ApplicationSet spec.generators[].list.elements[].source.helm.valuesObject.image gone
ApplicationSet spec.generators[].list.elements[].source.helm.valuesObject.image.tag changed
ApplicationSet spec.generators[].list.elements[].source.helm.valuesObject.image.tag gone
ApplicationSet spec.generators[].list.elements[].source.helm.valuesObject.rbac gone
ApplicationSet spec.generators[].list.elements[].source.helm.valuesObject.rbac.serviceAccount gone
ApplicationSet spec.generators[].list.elements[].source.helm.valuesObject.rbac.serviceAccount.name changed
ApplicationSet spec.generators[].list.elements[].source.helm.valuesObject.rbac.serviceAccount.name gone
ApplicationSet spec.generators[].list.elements[].source.targetRevision changed
ApplicationSet spec.generators[].list.elements[].source.targetRevision gone
ApplicationSet spec.template.spec.syncPolicy.automated gone
ApplicationSet spec.template.spec.syncPolicy.automated.prune changed
ApplicationSet spec.template.spec.syncPolicy.automated.prune gone
ApplicationSet spec.template.spec.syncPolicy.automated.selfHeal changed
ApplicationSet spec.template.spec.syncPolicy.automated.selfHeal gone
ApplicationSet spec.template.spec.syncPolicy.retry gone
ApplicationSet spec.template.spec.syncPolicy.retry.backoff gone
ApplicationSet spec.template.spec.syncPolicy.retry.backoff.duration changed
ApplicationSet spec.template.spec.syncPolicy.retry.backoff.duration gone
ApplicationSet spec.template.spec.syncPolicy.retry.backoff.factor down
ApplicationSet spec.template.spec.syncPolicy.retry.backoff.factor gone
ApplicationSet spec.template.spec.syncPolicy.retry.backoff.factor up
ApplicationSet spec.template.spec.syncPolicy.retry.backoff.maxDuration changed
ApplicationSet spec.template.spec.syncPolicy.retry.backoff.maxDuration gone
ApplicationSet spec.template.spec.syncPolicy.retry.limit down
ApplicationSet spec.template.spec.syncPolicy.retry.limit gone
ApplicationSet spec.template.spec.syncPolicy.retry.limit up
ApplicationSet spec.template.spec.syncPolicy.retry.refresh changed
ApplicationSet spec.template.spec.syncPolicy.retry.refresh gone
Cluster spec.nodes.max up
Cluster spec.nodes.min up
Cluster spec.nodes.size changed
Database spec.backups.retentionDays up
Database spec.size changed
Database spec.storageGB up
Kube spec.parameters.machine changed
Kube spec.parameters.scale.from up
Kube spec.parameters.scale.to up
`

// unguarded are the fields of which no change, or no removal, is found.
func unguarded(t *testing.T, e schema.Environment, plane schema.Plane) map[string]bool {
	fields := map[string]bool{}
	promised := functions.Expand(e, plane)
	for i, object := range promised {
		for _, m := range mutants(object) {
			items := append(slices.Clone(promised), sentinel())
			items[i] = m.object
			_, findings := guard.Check(e, promised, items)
			if len(findings) == 0 {
				fields[manifest.Identify(object).Kind+" "+m.field] = true
			} else {
				assert.Contains(t, findings[0].String(), manifest.Identify(object).String(), "a finding names its object")
			}
		}
	}
	return fields
}

// mutant is an object with one field changed, or taken away.
type mutant struct {
	field  string
	object manifest.Object
}

// mutants change every plain value up and down, and take every field and item away.
func mutants(object manifest.Object) []mutant {
	var all []mutant
	for _, path := range paths(object, nil) {
		field := ""
		for _, step := range path {
			if name, isName := step.(string); isName {
				field += "." + name
			} else {
				field += "[]"
			}
		}
		add := func(mark string, fresh any) {
			all = append(all, mutant{strings.TrimPrefix(field, ".") + mark, edit(manifest.Copy(object), path, fresh).(manifest.Object)})
		}
		add(" gone", gone{})
		switch v := at(object, path).(type) {
		case string:
			add(" changed", v+"x")
		case bool:
			add(" changed", !v)
		case int64:
			add(" up", v+1)
			add(" down", v-1)
		case int:
			add(" up", v+1)
			add(" down", v-1)
		}
	}
	return all
}

// gone stands for a field that is taken away.
type gone struct{}

// paths are those of all fields and items: names and indices.
func paths(v any, path []any) [][]any {
	var all [][]any
	below := func(step, v any) {
		at := append(slices.Clip(path), step)
		all = append(append(all, at), paths(v, at)...)
	}
	switch v := v.(type) {
	case map[string]any:
		for name := range v {
			below(name, v[name])
		}
	case []any:
		for i := range v {
			below(i, v[i])
		}
	}
	return all
}

func at(v any, path []any) any {
	for _, step := range path {
		switch step := step.(type) {
		case string:
			v = v.(map[string]any)[step]
		case int:
			v = v.([]any)[step]
		}
	}
	return v
}

// edit puts a value at a path, or takes away what is there, and gives the edited whole.
func edit(v any, path []any, fresh any) any {
	if len(path) == 0 {
		return fresh
	}
	switch step := path[0].(type) {
	case string:
		m := v.(map[string]any)
		if m[step] = edit(m[step], path[1:], fresh); m[step] == (gone{}) {
			delete(m, step)
		}
	case int:
		list := v.([]any)
		if list[step] = edit(list[step], path[1:], fresh); list[step] == (gone{}) {
			return slices.Delete(list, step, step+1)
		}
	}
	return v
}

// What the API fills in anyway may be written down, and nothing else in its place.
func TestDefaultsMayBeWritten(t *testing.T) {
	e := readFleet(t, "").Environments["prod"]
	for value, allowed := range map[string]bool{"Replace": true, "Merge": false} {
		promised := functions.Expand(e, schema.Hub)
		items := append(functions.Expand(e, schema.Hub), sentinel())
		i := slices.IndexFunc(items, func(item manifest.Object) bool { return manifest.Identify(item).Kind == "ExternalSecret" })
		template := items[i]["spec"].(map[string]any)["target"].(map[string]any)["template"].(map[string]any)
		template["mergePolicy"] = value
		_, findings := guard.Check(e, promised, items)
		assert.Equal(t, allowed, len(findings) == 0, "%v", findings)
	}
}
