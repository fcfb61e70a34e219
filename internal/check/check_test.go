package check

import (
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/manifest"
	"spokewright.dev/spokewright/internal/render"
	"spokewright.dev/spokewright/schema"
)

const (
	fleetText = `name: "acme", owner: "platform"
repository: {url: "https://git.example.com/acme/fleet.git", revision: "main"}
classes: development: rules: {
	ports: {kinds: ["Service"], require: spec: healthCheckNodePort: >=30000, message: "a port of the node's own"}
	named: {kinds: ["Service"], action: "warn", require: metadata: labels: team: string, message: "a team answers"}
}
`
	hubText = `class: "production", role: "hub"` + "\n"
	oneText = `class: "development"
cluster: {cloud: "aws", region: "eu-west-1"}
databases: main: engine: "postgres"
waivers: later: {rule: "ports", reason: "moving", until: "2027-01-31"}
`
)

// fleetOf is a fleet with a hub and the environments whose texts are given.
func fleetOf(t *testing.T, environments map[string]string) *schema.Fleet {
	t.Helper()
	tree := fstest.MapFS{schema.FleetFile: {Data: []byte(fleetText)}, schema.SpecFile("hub"): {Data: []byte(hubText)}}
	for name, text := range environments {
		tree[schema.SpecFile(name)] = &fstest.MapFile{Data: []byte(text)}
	}
	reader, err := schema.NewReader()
	require.NoError(t, err)
	fleet, err := reader.Fleet(tree)
	require.NoError(t, err)
	return fleet
}

func lines(findings finding.Findings) []string {
	var all []string
	for _, f := range findings {
		all = append(all, f.String())
	}
	return all
}

func files(names ...string) fstest.MapFS {
	tree := fstest.MapFS{}
	for _, name := range names {
		if file, link := strings.CutSuffix(name, "@"); link {
			tree[file] = &fstest.MapFile{Mode: fs.ModeSymlink}
			continue
		}
		tree[name] = &fstest.MapFile{Data: []byte("old\n")}
	}
	return tree
}

func TestOrphans(t *testing.T) {
	for _, c := range []struct {
		tree fstest.MapFS
		want []string
	}{
		{files("overlays/dev/hub/kustomization.yaml", "golden/dev/hub.yaml"), nil},
		{files("overlays/gone/hub/kustomization.yaml", "golden/hbu/hub.yaml", "golden/dev/hub.yaml"), []string{"overlays/gone: no environment has this name: there is no environments/gone.cue", `golden/hbu: no environment has this name: there is no environments/hbu.cue; did you mean "hub"?`}},
		{files("golden/README.md"), nil},
		{files(), nil},
	} {
		found, err := Orphans(c.tree, []string{"dev", "hub"})
		require.NoError(t, err)
		assert.Equal(t, c.want, lines(found), c.tree)
	}
}

func TestUpToDate(t *testing.T) {
	for _, c := range []struct {
		tree fstest.MapFS
		yaml string
		want []string
	}{
		{files("golden/dev/hub.yaml"), "old\n", nil},
		{files("golden/dev/hub.yaml"), "new\n", []string{"golden/dev/hub.yaml: out of date: spokewright render brings it up to date"}},
		{files("golden/dev/spoke.yaml"), "new\n", []string{"golden/dev/hub.yaml: the file is missing: spokewright render writes it"}},
	} {
		found, err := UpToDate(c.tree, render.Rendered{Target: render.Target{Environment: "dev", Plane: schema.Hub}, YAML: []byte(c.yaml)})
		require.NoError(t, err)
		assert.Equal(t, c.want, lines(found), c.tree)
	}
}

func TestLinks(t *testing.T) {
	for _, c := range []struct {
		tree   fstest.MapFS
		folder string
		names  []string
		want   []string
	}{
		{files("golden/dev/hub.yaml"), "golden", nil, nil},
		{files("golden@"), "golden", nil, []string{"golden: this is a symbolic link, and what it leads to is neither read nor written: put the file or folder itself here"}},
		{files("golden/dev/hub.yaml@", "golden/hub@"), "golden", nil, []string{"golden/dev/hub.yaml: this is a symbolic link, and what it leads to is neither read nor written: put the file or folder itself here", "golden/hub: this is a symbolic link, and what it leads to is neither read nor written: put the file or folder itself here"}},
		{files("golden/dev/hub.yaml@", "golden/hub@"), "golden", []string{"hub"}, []string{"golden/hub: this is a symbolic link, and what it leads to is neither read nor written: put the file or folder itself here"}},
		{files("out@"), "out/golden", nil, []string{"out: this is a symbolic link, and what it leads to is neither read nor written: put the file or folder itself here"}},
	} {
		found, err := Links(c.tree, c.folder, c.names)
		require.NoError(t, err)
		assert.Equal(t, c.want, lines(found), c.tree)
	}
}

func TestManifests(t *testing.T) {
	e := fleetOf(t, map[string]string{"one": strings.Split(oneText, "waivers")[0]}).Environments["one"]
	for _, c := range []struct {
		text   string
		judged int
		want   []string
	}{
		{"apiVersion: v1\nkind: Service\nmetadata: {name: two, labels: {team: a}}\nspec: {healthCheckNodePort: 30000}\n", 1, nil},
		{"apiVersion: v1\nkind: Service\nmetadata: {name: one}\nspec: {healthCheckNodePort: 1}\n", 1, []string{`m.yaml:3:11: warning: Service one: metadata.labels: missing, rule "named" requires a map with team: a team answers (environments/fleet.cue:5:55)`, `m.yaml:4:29: Service one: spec.healthCheckNodePort: found 1, rule "ports" requires a number of at least 30000: a port of the node's own (environments/fleet.cue:4:39)`}},
		{"apiVersion: v1\nkind: Service\nmetadata: {name: none, labels: {team: a}}\nspec: {}\n", 1, []string{`m.yaml:4:7: Service none: spec.healthCheckNodePort: missing, rule "ports" requires a number of at least 30000: a port of the node's own (environments/fleet.cue:4:39)`}},
		{"apiVersion: v1\nkind: Service\nmetadata: {name: a, labels: {team: a}}\nspec: {healthCheckNodePort: 30001}\n---\napiVersion: v1\nkind: Service\nmetadata: {name: b, labels: {team: a}}\nspec: {healthCheckNodePort: 0}\n", 2, []string{`m.yaml:9:29: Service b: spec.healthCheckNodePort: found 0, rule "ports" requires a number of at least 30000: a port of the node's own (environments/fleet.cue:4:39)`}},
		{"kind: List\napiVersion: v1\nitems:\n- {apiVersion: v1, kind: Service, metadata: {name: in-a-list, labels: {team: a}}, spec: {healthCheckNodePort: 1}}\n", 1, []string{`m.yaml:4:111: Service in-a-list: spec.healthCheckNodePort: found 1, rule "ports" requires a number of at least 30000: a port of the node's own (environments/fleet.cue:4:39)`}},
		{"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\n", 0, nil},
		{"a: [\n", 0, []string{"m.yaml:1: found text that is no YAML: did not find expected node content"}},
		{`{"apiVersion": "v1", "kind": "Service", "metadata": {"name": "json", "labels": {"team": "a"}}, "spec": {"healthCheckNodePort": 1}}`, 1, []string{`m.yaml:1:128: Service json: spec.healthCheckNodePort: found 1, rule "ports" requires a number of at least 30000: a port of the node's own (environments/fleet.cue:4:39)`}},
		{"", 0, nil},
	} {
		found, judged, err := Manifests(e, "m.yaml", []byte(c.text))
		if err != nil {
			known, failures := finding.Of(err)
			require.Empty(t, failures)
			found = known
		}
		assert.Equal(t, c.want, lines(found), c.text)
		assert.Equal(t, c.judged, judged, c.text)
	}
}

func TestWaivers(t *testing.T) {
	e := fleetOf(t, map[string]string{"one": oneText}).Environments["one"]
	for _, c := range []struct {
		day  string
		want []string
	}{
		{"2027-01-31", nil},
		{"2027-02-01", []string{`environments/one.cue:4:58: waivers.later.until: found "2027-01-31", which is over: rule "ports" holds again, take the waiver out or give it a new day`}},
	} {
		at, err := time.Parse(time.DateOnly, c.day)
		require.NoError(t, err)
		assert.Equal(t, c.want, lines(Waivers(e, at)), c.day)
	}
}

// Planes, shapes and rules look at what was rendered: objects of two environments here, on one hub.
func TestRendered(t *testing.T) {
	fleet := fleetOf(t, map[string]string{"one": oneText, "two": oneText})
	reader, err := schema.NewReader()
	require.NoError(t, err)
	set, err := shapes(reader, fleet.Config, nil)
	require.NoError(t, err)
	for _, c := range []struct {
		name   string
		one    string // of the hub plane of environment one
		two    string // of that of environment two
		planes []string
		shapes []string // of one
		rules  []string
	}{
		{"each its own", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: one}\n", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: two}\n", nil, nil, nil},
		{"one object in two planes", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: argocd}\n", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: argocd}\n", []string{`overlays/two/hub/kustomization.yaml: ConfigMap argocd/a: overlays/one/hub has it too, and both planes go to cluster "hub": each object belongs to one plane`}, nil, nil},
		{"in the namespace of another", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: two}\n", "", []string{`overlays/one/hub/kustomization.yaml: ConfigMap two/a: metadata.namespace: found "two", which is the namespace of another environment on hub "hub": what belongs there stands in overlays/two/hub`}, nil, nil},
		{"the namespace of another", "apiVersion: v1\nkind: Namespace\nmetadata: {name: two}\n", "", []string{`overlays/one/hub/kustomization.yaml: Namespace two: metadata.name: found "two", which is the namespace of another environment on hub "hub": what belongs there stands in overlays/two/hub`}, nil, nil},
		{"one thing in the cloud", "apiVersion: platform.spokewright.dev/v1alpha1\nkind: Database\nmetadata: {name: main, namespace: one, labels: {spokewright.dev/environment: one, spokewright.dev/owner: platform}}\nspec: {cloud: aws, region: eu-west-1, environment: one, id: acme-one-main, engine: postgres, version: '17', size: small, storageGB: 20, highlyAvailable: false, backups: {retentionDays: 1}, encrypted: true, public: false}\n", "apiVersion: platform.spokewright.dev/v1alpha1\nkind: Database\nmetadata: {name: main, namespace: two, labels: {spokewright.dev/environment: two, spokewright.dev/owner: platform}}\nspec: {cloud: aws, region: eu-west-1, environment: two, id: acme-one-main, engine: postgres, version: '17', size: small, storageGB: 20, highlyAvailable: false, backups: {retentionDays: 1}, encrypted: true, public: false}\n", []string{`overlays/two/hub/kustomization.yaml: Database two/main: the id "acme-one-main" is also that of Database one/main in overlays/one/hub: both would stand for one thing in the cloud`}, nil, nil},
		{"no field of its kind", "apiVersion: platform.spokewright.dev/v1alpha1\nkind: Database\nmetadata: {name: main, namespace: one, labels: {spokewright.dev/environment: one, spokewright.dev/owner: platform}}\nspec: {cloud: aws, regoin: eu-west-1, environment: one, id: x, engine: postgres, version: '17', size: small, storageGB: 20, highlyAvailable: false, backups: {retentionDays: 1}, encrypted: true, public: false}\n", "", nil, []string{"golden/one/hub.yaml: Database one/main: spec.region: missing: it is required", `golden/one/hub.yaml: Database one/main: spec.regoin: no such field; did you mean "region"?`}, nil},
		{"a rule broken", "apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {healthCheckNodePort: 1}\n", "", nil, nil, []string{`golden/one/hub.yaml: warning: Service web: metadata.labels: missing, rule "named" requires a map with team: a team answers (environments/fleet.cue:5:55)`, `golden/one/hub.yaml: note: Service web: spec.healthCheckNodePort: found 1, rule "ports" requires a number of at least 30000: a port of the node's own (environments/fleet.cue:4:39); waived until 2027-01-31: moving`}},
		{"a kind that nobody knows, much like one", "apiVersion: platform.spokewright.dev/v1alpha1\nkind: Databsae\nmetadata: {name: x, namespace: one}\n", "", nil, []string{`golden/one/hub.yaml: Databsae one/x: kind: platform.spokewright.dev/v1alpha1 Databsae is not known; did you mean "Database"?`}, nil},
	} {
		rendered := []render.Rendered{
			{Target: render.Target{Environment: "one", Plane: schema.Hub}, Objects: objects(t, c.one)},
			{Target: render.Target{Environment: "two", Plane: schema.Hub}, Objects: objects(t, c.two)},
		}
		assert.Equal(t, c.planes, lines(Planes(fleet, slices.Values(rendered), func(string, finding.Finding) finding.Position { return finding.Position{} })), c.name)
		assert.Equal(t, c.shapes, lines(Shapes(set, rendered[0])), c.name)
		assert.Equal(t, c.rules, lines(Rules(fleet.Environments["one"], rendered[0])), c.name)
	}
}

func objects(t *testing.T, text string) []manifest.Object {
	t.Helper()
	all, err := manifest.Objects([]byte(text))
	require.NoError(t, err)
	return all
}
