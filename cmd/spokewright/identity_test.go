package main

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"spokewright.dev/spokewright/functions"
	"spokewright.dev/spokewright/internal/crossplane/compositions"
	"spokewright.dev/spokewright/internal/manifest"
	"spokewright.dev/spokewright/schema"
)

// A thousand random edits of what is for people (owner, description, labels) and of the order of everything never change
// the name of an object, nor a name that Crossplane gives to what it makes of a claim.
func TestEditsKeepEveryName(t *testing.T) {
	reader, err := schema.NewReader()
	require.NoError(t, err)
	naming := composedNaming(t)
	for _, api := range []string{compositions.Namespaced, compositions.Claims} {
		t.Run(api, func(t *testing.T) {
			t.Parallel()
			want := names(t, reader, naming[api], edited(api, nil))
			require.Greater(t, len(want), 100, "objects, and what is made of claims")
			for seed := range uint64(500) {
				got := names(t, reader, naming[api], edited(api, rand.New(rand.NewPCG(seed, 5))))
				require.Equal(t, want, got, "seed %d", seed)
			}
		})
	}
}

// Sabotage of the test above: what is no display field does change names.
func TestOtherEditsChangeNames(t *testing.T) {
	reader, err := schema.NewReader()
	require.NoError(t, err)
	naming := composedNaming(t)[compositions.Namespaced]
	tree := edited(compositions.Namespaced, nil)
	before := names(t, reader, naming, tree)
	tree["environments/one.cue"].Data = []byte(strings.Replace(string(tree["environments/one.cue"].Data), "orders:", "sales:", 1))
	after := names(t, reader, naming, tree)
	assert.NotEqual(t, before, after)
	tree["environments/one.cue"].Data = append(tree["environments/one.cue"].Data, "\nid: \"kept\"\n"...)
	assert.NotEqual(t, after, names(t, reader, naming, tree))
}

// An environment that keeps its id keeps every name in the cloud when it is renamed.
func TestRenamedEnvironmentKeepsItsCloud(t *testing.T) {
	reader, err := schema.NewReader()
	require.NoError(t, err)
	naming := composedNaming(t)[compositions.Namespaced]
	inCloud := func(tree fstest.MapFS) []string {
		return slices.DeleteFunc(names(t, reader, naming, tree), func(name string) bool { return !strings.HasPrefix(name, "composed ") })
	}
	tree := edited(compositions.Namespaced, nil)
	before := inCloud(tree)
	require.NotEmpty(t, before)
	tree["environments/renamed.cue"] = &fstest.MapFile{Data: append(tree["environments/one.cue"].Data, "\nid: \"trial-one\"\n"...)}
	delete(tree, "environments/one.cue")
	assert.Equal(t, before, inCloud(tree))
}

// edited is a fleet with fields in a random order and random words for people; as it stands without a source of chance.
func edited(api string, random *rand.Rand) fstest.MapFS {
	write := func(fields []string) *fstest.MapFile {
		if random != nil {
			random.Shuffle(len(fields), func(i, j int) { fields[i], fields[j] = fields[j], fields[i] })
		}
		return &fstest.MapFile{Data: []byte(strings.Join(fields, "\n") + "\n")}
	}
	block := func(name string, fields []string) string { return name + ": {\n" + string(write(fields).Data) + "}" }
	spec := []string{
		`class: "production"`,
		block("cluster", []string{`cloud: "aws"`, `region: "eu-west-1"`, block("network", []string{`cidr: "10.4.0.0/16"`, `peers: ["hub"]`})}),
		block("apps", []string{`shop: path: "apps/shop"`, `till: {path: "charts/till", type: "helm"}`}),
		block("databases", []string{`orders: engine: "postgres"`, `carts: engine: "mysql", carts: version: "8.4"`}),
		block("workspaces", []string{`assets: source: "./modules/bucket"`, `mail: {source: "./modules/mail", outputs: ["host", "port"]}`}),
	}
	fleet := []string{
		`name: "trial"`, `owner: "platform"`, `repository: {url: "https://git.example.com/trial/fleet.git", revision: "main"}`,
		fmt.Sprintf(`targets: crossplane: {version: "2.2", api: %q}`, api),
	}
	if random != nil {
		word := func() string { return string(rune('a'+random.IntN(26))) + fmt.Sprint(random.IntN(1000)) + "x" }
		spec = append(spec, fmt.Sprintf("owner: %q", word()), fmt.Sprintf("description: %q", word()+" "+word()), fmt.Sprintf("labels: {%q: %q, %q: %q}", word(), word(), "example.com/"+word(), word()))
		fleet = append(fleet, fmt.Sprintf("classes: production: description: %q", word()))
	}
	return fstest.MapFS{
		"environments/fleet.cue": write(fleet), "environments/one.cue": write(spec),
		"environments/hub.cue": write([]string{`class: "production"`, `role: "hub"`}),
	}
}

// names are those of all objects of a fleet, and of what is made of the claims among them, sorted.
func names(t *testing.T, reader *schema.Reader, naming []composedName, tree fstest.MapFS) []string {
	t.Helper()
	whole, err := reader.Fleet(tree)
	require.NoError(t, err)
	all := map[string]bool{}
	for _, e := range whole.Environments {
		for _, plane := range schema.Planes() {
			for _, item := range functions.Expand(e, plane) {
				id := manifest.Identify(item)
				all[string(plane)+" "+id.APIVersion+" "+id.String()+" "+externalName(item)] = true
				for _, name := range naming {
					if name.kind == id.Kind && id.Group() == "platform.spokewright.dev" {
						all["composed "+name.of(t, item)] = true
					}
				}
			}
		}
	}
	return slices.Sorted(maps.Keys(all))
}

func externalName(item manifest.Object) string {
	annotations, _ := item["metadata"].(map[string]any)["annotations"].(map[string]any)
	name, _ := annotations["crossplane.io/external-name"].(string)
	return name
}

// composedName is how a composition names one object in the cloud: a format with fields of the claim.
type composedName struct {
	kind, resource, format string
	fields                 []string
}

// of is the name for a claim.
func (n composedName) of(t *testing.T, claim manifest.Object) string {
	t.Helper()
	values := make([]any, len(n.fields))
	for i, field := range n.fields {
		var value any = claim
		for part := range strings.SplitSeq(field, ".") {
			value = value.(map[string]any)[part]
		}
		require.NotEmpty(t, value, field)
		values[i] = value
	}
	return n.kind + " " + n.resource + " " + fmt.Sprintf(n.format, values...)
}

// composedNaming reads of our compositions how every object is named, and finds each named after what never changes.
func composedNaming(t *testing.T) map[string][]composedName {
	t.Helper()
	all := map[string][]composedName{}
	for _, generation := range []string{compositions.Namespaced, compositions.Claims} {
		files, err := compositions.Make(generation)
		require.NoError(t, err)
		for _, composition := range slices.Concat(slices.Collect(maps.Values(files))...) {
			all[generation] = append(all[generation], namingOf(t, composition)...)
		}
		require.NotEmpty(t, all[generation])
	}
	return all
}

func namingOf(t *testing.T, composition manifest.Object) []composedName {
	t.Helper()
	var all []composedName
	spec := composition["spec"].(map[string]any)
	kind := strings.TrimPrefix(spec["compositeTypeRef"].(map[string]any)["kind"].(string), "X")
	for _, resource := range resources(spec) {
		name := resource["name"].(string)
		named := false
		for _, item := range resource["patches"].([]any) {
			patch := item.(map[string]any)
			if patch["toFieldPath"] != "metadata.name" {
				continue
			}
			named = true
			combine := patch["combine"].(map[string]any)
			composed := composedName{kind: kind, resource: name, format: combine["string"].(map[string]any)["fmt"].(string)}
			for _, variable := range combine["variables"].([]any) {
				field := variable.(map[string]any)["fromFieldPath"].(string)
				assert.Contains(t, []string{"spec.id", "metadata.name"}, field, "%s: %s", manifest.Identify(composition), name)
				composed.fields = append(composed.fields, field)
			}
			if slices.Equal(composed.fields, []string{"spec.id"}) { // else it is beside the claim, not in the cloud
				all = append(all, composed)
			}
		}
		assert.True(t, named, "%s: %s: Crossplane would make up its name", manifest.Identify(composition), name)
	}
	return all
}

// resources are those of all steps that compose some.
func resources(spec map[string]any) []map[string]any {
	var all []map[string]any
	for _, step := range spec["pipeline"].([]any) {
		input, _ := step.(map[string]any)["input"].(map[string]any)
		list, _ := input["resources"].([]any)
		for _, item := range list {
			all = append(all, item.(map[string]any))
		}
	}
	return all
}
