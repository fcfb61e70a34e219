package main

import (
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"spokewright.dev/spokewright/functions"
	"spokewright.dev/spokewright/internal/cause"
	"spokewright.dev/spokewright/internal/draft"
	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/krm"
	"spokewright.dev/spokewright/internal/kustomize"
	"spokewright.dev/spokewright/internal/manifest"
	"spokewright.dev/spokewright/internal/render"
	"spokewright.dev/spokewright/schema"
)

// A third fleet, in which values stand in other lines than where they are used, in older words to other controllers, and in
// which overlays change what functions make in every way that there is.
func quay() map[string]string {
	files := map[string]string{
		"environments/fleet.cue": `let company = "quay.example.com"
name: "quay"
owner: "harbour-masters"
repository: {
	url: "https://git.\(company)/fleet.git"
	revision: "main"
}
registries: ["registry.\(company)", "mirror.example.com/quay"]
targets: {
	crossplane: {version: "2.1", api: "claims"}
	imageUpdater: api: "objects"
	kyverno: version: "1.17"
}
accounts: aws: {cloud: "aws", account: "111122223333"}
secretStores: aws: "eu-west-1"
classes: production: {
	regions: ["eu-west-1", "eu-north-1"]
	defaults: {
		cluster: nodes: max: 9
		database: storageGB: 120
		app: pruning: "last"
		addons: tracing: {
			enabled: true
			namespace: "tracing"
			repository: "https://charts.example.com/tracing"
			chart: "tempo"
			version: "1.2.3"
			values: retention: days: 3
		}
	}
	rules: "named-databases": {
		kinds: ["Database"]
		require: {
			metadata: labels: "example.com/cost": =~"^[0-9]{4}$"
			spec: storageGB: <=2000
		}
		message: "a database says what it costs"
		action:  "warn"
	}
}
`,
		"environments/hub.cue": "class: \"production\"\nrole: \"hub\"\n",
		"environments/ship.cue": `_region: "eu-west-1"
class: "production"
owner: "sailors"
labels: "example.com/cost": "1234"
cluster: {
	cloud:   "aws"
	region:  _region
	network: cidr: "10.7.0.0/16"
	nodes: size: "xlarge"
}
apps: {
	bridge: {path: "apps/bridge", databases: ["log"], images: bridge: {name: "registry.quay.example.com/bridge", follow: "~2.1", ignore: ["*-rc*"]}}
	engine: {path: "charts/engine", type: "helm", values: {replicas: 3, pressure: high: true}}
	radio: {chart: "radio", repository: "https://charts.example.com/stable", version: "4.5.6"}
}
databases: {
	log: {engine: "postgres", backups: retentionDays: 21}
	cargo: {engine: "mysql", size: "large", id: "old-cargo"}
}
waivers: short: {rule: "database-survives-failure", name: "log", until: "2027-03-01", reason: "the yard is closed"}
namespaces: "extra": labels: "example.com/tier": "3"
`,
		"environments/boat.cue": "class: \"development\"\ncluster: {cloud: \"aws\", region: \"eu-north-1\"}\napps: web: path: \"apps/web\"\nlifetime: expires: \"2031-01-01\"\n",
		"overlays/parts/kustomization.yaml": `apiVersion: kustomize.config.k8s.io/v1alpha1
kind: Component
patches:
- target: {kind: AppProject, name: ship}
  patch: |-
    - op: add
      path: /metadata/annotations/example.com~1part
      value: keel
`,
	}
	for _, name := range []string{"boat", "hub", "ship"} {
		for _, plane := range schema.Planes() {
			for file, text := range overlayFiles(name, string(plane)) {
				files[render.Target{Environment: name, Plane: plane}.Overlay()+"/"+file] = text
			}
		}
	}
	files["overlays/ship/hub/kustomization.yaml"] = strings.Replace(files["overlays/ship/hub/kustomization.yaml"], "transformers:", `components: [../../parts]
patches:
- target: {kind: AppProject, name: ship}
  patch: |-
    - op: replace
      path: /spec/description
      value: the first words
- target: {kind: AppProject, name: ship}
  patch: |-
    - op: replace
      path: /spec/description
      value: the last words
    - op: add
      path: /spec/syncWindows
      value: [{kind: deny, schedule: "0 18 * * 5", duration: 60h, applications: ["*"]}]
- path: windows.yaml
transformers:`, 1)
	files["overlays/ship/hub/windows.yaml"] = "apiVersion: argoproj.io/v1alpha1\nkind: AppProject\nmetadata: {name: ship-platform, namespace: argocd}\nspec:\n  description: the platform\n"
	files["overlays/boat/hub/kustomization.yaml"] = strings.Replace(files["overlays/boat/hub/kustomization.yaml"], "transformers:", `labels:
- pairs: {example.com/fleet: quay}
commonAnnotations: {example.com/told: "by the overlay"}
transformers:`, 1)
	return files
}

// yard is a fleet whose specs are edited, with its planes as they are.
type yard struct {
	tree     fs.FS
	reader   *schema.Reader
	builder  *kustomize.Builder
	asIs     *schema.Fleet
	fleet    krm.Fleet // that is rendered now
	rendered map[render.Target][]manifest.Object
}

func newYard(t *testing.T, tree fs.FS) *yard {
	t.Helper()
	reader, err := schema.NewReader()
	require.NoError(t, err)
	y := &yard{tree: tree, reader: reader, rendered: map[render.Target][]manifest.Object{}}
	y.builder = kustomize.NewBuilder(tree, func(config manifest.Object, dir string, items []manifest.Object) ([]manifest.Object, error) {
		return krm.Runner{Source: y.fleet, Expand: functions.Expand}.Run(config, dir, items)
	})
	y.asIs, err = reader.Fleet(tree)
	require.NoError(t, err)
	return y
}

// plane is what is rendered of a plane as it is.
func (y *yard) plane(t *testing.T, target render.Target) []manifest.Object {
	t.Helper()
	if y.rendered[target] == nil {
		var err error
		y.rendered[target], err = y.render(y.asIs, target)
		require.NoError(t, err, target)
	}
	return y.rendered[target]
}

// render is the real way: a fleet that was read and judged as a whole, and its overlay with the guard.
func (y *yard) render(fleet *schema.Fleet, target render.Target) ([]manifest.Object, error) {
	y.fleet = krm.Fleet{Fleet: fleet, Reader: y.reader}
	result, err := y.builder.Build(target.Overlay())
	return result.Objects, err
}

// with is the fleet with an edit of a file, and whether that is legal.
func (y *yard) with(file, text string) (*schema.Fleet, bool) {
	edited := draft.New(y.tree)
	edited.Write(file, []byte(text))
	fleet, err := y.reader.Fleet(edited)
	return fleet, err == nil
}

// draw is one field of an object of a plane with what it is explained by.
type explained struct {
	object manifest.Object
	path   finding.Path
	causes []cause.Cause
}

func (d explained) String() string {
	return fmt.Sprintf("%s %s", manifest.Identify(d.object), d.path)
}

// named says whether a line is among the causes.
func (d explained) named(file string, line int) bool {
	return slices.ContainsFunc(d.causes, func(c cause.Cause) bool {
		return c.Position.File == file && c.Position.Line <= line && line <= c.Position.Line+strings.Count(c.Value, "\n") && written(c)
	})
}

func written(c cause.Cause) bool { return c.Sort == cause.Spec || c.Sort == cause.Fleet }

// leaves are the paths of the scalars in a value.
func leaves(value any, path finding.Path) []finding.Path {
	var all []finding.Path
	switch v := value.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			all = append(all, leaves(v[name], path.Keys(name))...)
		}
	case []any:
		for i, below := range v {
			all = append(all, leaves(below, path.Index(i))...)
		}
	default:
		all = append(all, path)
	}
	return all
}

// otherwise is what a person may write in the place of another word, as the definitions and fleets have them.
func otherwise() []string {
	return strings.Fields(`development staging production aws azure gcp small medium large xlarge postgres mysql eu-west-1 eu-north-1 europe-west4
us-east4 westeurope namespaced claims annotations objects rendered plugin 1.16 1.17 1.18 1.19 2.0 2.1 2.2 2.3 3.2 3.3 3.5 1.20 1.33 1.35 1.3 1.2 8.4 16 18
kustomize helm directory last confirm newest-build digest ~1.5 ~2.0 deny warn audit Database Cluster Network deep restricted baseline spoke hub release
10.77.0.0/16 10.44.0.0/18 2028-02-02 main next v1 4321 111122224444 github gitlab parameters kustomization`)
}

var token = regexp.MustCompile(`"(?:[^"\\]|\\.)*"|\b[0-9]+\b|\btrue\b|\bfalse\b|[a-zA-Z][a-zA-Z0-9]*:`)

// rewording is another texts of a file of specs, each with another word on a line.
type rewording struct {
	file string
	line int
	text string
}

// rewordings draws other texts of a file for some words that are written in it, legal or not, those of one word together.
func rewordings(file, text string, dice *rand.Rand, some, each int) [][]rewording {
	var all [][]rewording
	for _, at := range token.FindAllStringIndex(text, -1) {
		start := strings.LastIndexByte(text[:at[0]], '\n') + 1
		if strings.HasPrefix(strings.TrimSpace(text[start:at[0]]), "//") {
			continue
		}
		var one []rewording
		for _, other := range otherWords(text[at[0]:at[1]], dice, each) {
			one = append(one, rewording{file, strings.Count(text[:at[0]], "\n") + 1, text[:at[0]] + other + text[at[1]:]})
		}
		all = append(all, one)
	}
	dice.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all[:min(some, len(all))]
}

func otherWords(word string, dice *rand.Rand, each int) []string {
	var all []string
	for range each {
		switch n, err := strconv.Atoi(word); {
		case word == "true":
			return []string{"false"}
		case word == "false":
			return []string{"true"}
		case err == nil:
			all = append(all, strconv.Itoa(max(0, n+dice.IntN(9)-4)))
		case strings.HasSuffix(word, ":"):
			all = append(all, string(rune('a'+dice.IntN(26)))+word)
		case dice.IntN(2) == 0:
			all = append(all, strconv.Quote(otherwise()[dice.IntN(len(otherwise()))]))
		default:
			at := 1 + dice.IntN(len(word)-1)
			all = append(all, word[:at]+string("abcdefgh0123456789"[dice.IntN(18)])+word[at+dice.IntN(2)*min(1, len(word)-1-at):])
		}
	}
	return all
}

// size is how much is tried of a fleet.
type size struct {
	fields int      // that are drawn
	words  int      // of a file that are written otherwise
	each   int      // ways to write a word otherwise
	planes []string // none for all
}

// TestCausesAreWhatChangesAField draws fields of what three fleets render, and edits the specs for real: what an edit changes names
// its line, and an edit of a line that is named changes the field. make causes draws more of both, of all planes.
func TestCausesAreWhatChangesAField(t *testing.T) {
	begun := filepath.Join(t.TempDir(), "begun")
	requireFine(t, ".", "init", begun, "--name", "begun", "--url", "https://git.example.com/begun/fleet.git")
	made := t.TempDir()
	require.NoError(t, lay(filepath.Join(made, "bases"), "testdata/fleet/bases"))
	for name, text := range quay() {
		writeText(t, made, name, text)
	}
	for root, planes := range map[string][]string{sample: {"prod-us/hub"}, begun: {"production/hub"}, made: {"ship/hub", "hub/hub"}} {
		much := size{fields: 40 * len(planes), words: 1000, each: 4, planes: planes}
		if os.Getenv("SPOKEWRIGHT_CAUSES") == "all" {
			much = size{fields: 110, words: 1000, each: 8}
		}
		t.Run(strings.Join(planes, " "), func(t *testing.T) {
			t.Parallel()
			metamorphic(t, os.DirFS(root), much)
		})
	}
}

func metamorphic(t *testing.T, tree fs.FS, much size) {
	t.Helper()
	dice := rand.New(rand.NewPCG(1, 2))
	y := newYard(t, tree)
	all := y.draw(t, dice, much)
	tried, changed := 0, 0
	files, err := fs.Glob(tree, schema.Folder+"/*.cue")
	require.NoError(t, err)
	for _, file := range files {
		text, err := fs.ReadFile(tree, file)
		require.NoError(t, err)
		for _, ways := range rewordings(file, string(text), dice, much.words, much.each) {
			for _, r := range ways {
				fleet, legal := y.with(r.file, r.text)
				if !legal {
					continue
				}
				tried++
				changed += y.edited(t, fleet, r, all)
				if len(much.planes) > 0 {
					break
				}
			}
		}
	}
	t.Logf("%d legal edits changed a drawn field %d times", tried, changed)
	require.Positive(t, changed)
	y.confirm(t, all)
}

// draw explains fields: of planes, objects of them and fields of those, each as likely as any other.
func (y *yard) draw(t *testing.T, dice *rand.Rand, much size) map[render.Target][]explained {
	t.Helper()
	targets := slices.DeleteFunc(render.Targets(y.asIs.Names()), func(target render.Target) bool {
		return len(much.planes) > 0 && !slices.Contains(much.planes, target.Environment+"/"+string(target.Plane))
	})
	all, planes := map[render.Target][]explained{}, map[render.Target]*cause.Plane{}
	for i := range much.fields {
		target := targets[i%len(targets)]
		if planes[target] == nil {
			var err error
			planes[target], err = cause.Open(y.tree, y.reader, target)
			require.NoError(t, err)
		}
		objects := y.plane(t, target)
		object := objects[dice.IntN(len(objects))]
		paths := leaves(object, "")
		d := explained{object: object, path: paths[dice.IntN(len(paths))]}
		x, err := planes[target].Explain(d.object, d.path)
		require.NoError(t, err)
		d.causes = x.Causes
		requireMade(t, d, y.made(target, object))
		all[target] = append(all[target], d)
	}
	return all
}

// made is an object as functions make it, before its overlay; nil where none does.
func (y *yard) made(target render.Target, object manifest.Object) manifest.Object {
	for _, o := range functions.Expand(y.asIs.Environments[target.Environment], target.Plane) {
		if manifest.Identify(o) == manifest.Identify(object) {
			return o
		}
	}
	return nil
}

// requireMade holds that who made the object is told, and each patch of the field.
func requireMade(t *testing.T, d explained, made manifest.Object) {
	t.Helper()
	has := func(sort cause.Sort) *cause.Cause {
		for _, c := range d.causes {
			if c.Sort == sort {
				return &c
			}
		}
		return nil
	}
	if made == nil {
		require.NotNil(t, has(cause.File), "%s: no file is named: %v", d, d.causes)
		return
	}
	function := has(cause.Function)
	require.NotNil(t, function, "%s: no function is named", d)
	require.DirExists(t, filepath.Join("../..", function.Value))
	before, _ := manifest.Get(made, d.path.Tokens()...)
	after, _ := manifest.Get(d.object, d.path.Tokens()...)
	require.Equal(t, !manifest.Equal(before, after), has(cause.Patch) != nil, "%s: functions make %v, it is %v: %v", d, before, after, d.causes)
}

// edited renders what an edit may reach, and holds that the line is named by each drawn field that it changes.
func (y *yard) edited(t *testing.T, fleet *schema.Fleet, e rewording, all map[render.Target][]explained) (changed int) {
	t.Helper()
	for target, fields := range all {
		if owner := schema.EnvironmentOfFile(filepath.Base(e.file)); e.file != schema.FleetFile && owner != target.Environment && fleet.Environments[target.Environment].Role != "hub" {
			continue
		}
		there, err := y.render(fleet, target)
		if err != nil {
			continue // check refuses it
		}
		for _, d := range fields {
			if _, _, is := cause.Changed(d.object, d.path, y.rendered[target], there); is {
				changed++
				assert.True(t, d.named(e.file, e.line), "%s/%s: %s: %s:%d is no cause, and changes it:\n%s", target.Environment, target.Plane, d, e.file, e.line, strings.Split(e.text, "\n")[e.line-1])
			}
		}
	}
	return changed
}

// confirm edits every line that is named, and holds that the field changes, where the edit is legal.
func (y *yard) confirm(t *testing.T, all map[render.Target][]explained) {
	t.Helper()
	type key struct {
		target render.Target
		edit   rewording
	}
	rendered := map[key][]manifest.Object{}
	confirmed, refused := 0, 0
	for target, fields := range all {
		for _, d := range fields {
			for _, c := range d.causes {
				if !written(c) {
					continue
				}
				text, err := fs.ReadFile(y.tree, c.Position.File)
				require.NoError(t, err)
				k := key{target, rewording{c.Position.File, c.Position.Line, c.In(string(text))}}
				if _, known := rendered[k]; !known {
					rendered[k] = nil
					if fleet, legal := y.with(k.edit.file, k.edit.text); legal {
						rendered[k], _ = y.render(fleet, target)
					}
				}
				if rendered[k] == nil {
					refused++
					continue
				}
				confirmed++
				_, _, is := cause.Changed(d.object, d.path, y.rendered[target], rendered[k])
				assert.True(t, is, "%s/%s: %s: %s is named, and %s in its place changes nothing", target.Environment, target.Plane, d, c.Position, c.Instead)
			}
		}
	}
	t.Logf("%d causes confirmed, of %d no other value alone is legal", confirmed, refused)
	require.Positive(t, confirmed)
}

// counted notes which files are opened.
type counted struct {
	fs.FS

	opened map[string]bool
}

func (c counted) Open(name string) (fs.File, error) {
	c.opened[name] = true
	return c.FS.Open(name)
}

// TestAnExplanationCostsOneEnvironment looks at what is read for a field of an environment that lists no others.
func TestAnExplanationCostsOneEnvironment(t *testing.T) {
	reader, err := schema.NewReader()
	require.NoError(t, err)
	tree := counted{os.DirFS(sample), map[string]bool{}}
	_, err = cause.Field(tree, reader, []render.Target{{Environment: "prod-us", Plane: schema.Hub}}, "Database/reviews", "spec.version")
	require.NoError(t, err)
	require.True(t, tree.opened["environments/prod-us.cue"])
	for name := range tree.opened {
		folder, file, _ := strings.Cut(name, "/")
		require.False(t, folder == schema.Folder && !strings.HasPrefix(file, "prod-us") && name != schema.FleetFile, name)
		require.False(t, folder == render.Overlays && !strings.HasPrefix(file, "prod-us/"), name)
		require.NotEqual(t, render.Golden, folder, name)
	}
}
