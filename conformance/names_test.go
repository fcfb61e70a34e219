package conformance

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"spokewright.dev/spokewright/conformance/compose"
	"spokewright.dev/spokewright/conformance/documents"
	"spokewright.dev/spokewright/conformance/process"
	"spokewright.dev/spokewright/internal/externalname"
	"spokewright.dev/spokewright/internal/manifest"
	"spokewright.dev/spokewright/internal/recording"
	"spokewright.dev/spokewright/schema"
)

// What a hub knows of names in the cloud, recorded from its objects, reaches every object that another hub composes, on
// every cloud and in both generations. Without it they are missing, and would be made again.
func TestRecordedNamesReachWhatIsComposed(t *testing.T) {
	ctx := process.Context(t)
	renderer := compose.Start(ctx, t, cache(t))
	for _, generation := range generations {
		known := map[string][]manifest.Object{}
		for _, sample := range samples(t, generation) {
			if object(sample.composite, "spec")["externalName"] != nil {
				continue
			}
			key := generation + "/" + sample.cloud
			known[key] = append(known[key], provided(settled(ctx, t, renderer, sample)[1:])...)
		}
		for _, sample := range samples(t, generation) {
			if object(sample.composite, "spec")["externalName"] != nil {
				continue
			}
			t.Run(generation+"/"+sample.cloud+"/"+sample.name, func(t *testing.T) {
				objects := known[generation+"/"+sample.cloud]
				names := namesOf(t, generation, sample, objects)
				cloud, kind := sample.cloud, claimOf(sample)
				assert.ElementsMatch(t, externalname.Parts(cloud, kind), slices.Collect(maps.Keys(names)))

				next := sample
				next.composite = manifest.Copy(sample.composite)
				object(next.composite, "spec")["names"] = plainMap(names)
				for part, name := range inventedNames(settled(ctx, t, renderer, next)[1:]) {
					assert.Equal(t, names[part], name, "%s would be made again", part)
				}
				stripped := inventedNames(settled(ctx, t, renderer, sample)[1:])
				for part := range names {
					assert.Empty(t, stripped[part], "the name of %s comes from somewhere else", part)
				}
				if cloud+"/"+kind == "aws/Network" {
					assert.GreaterOrEqual(t, len(names), 18, "fewer than what a lost hub was seen to make again")
				}
			})
		}
	}
}

// A name that the cloud gave later goes before the recorded one, else a stale record would have its object made again and
// again.
func TestAStaleNameLetsTheLiveOneBe(t *testing.T) {
	ctx := process.Context(t)
	renderer := compose.Start(ctx, t, cache(t))
	for _, sample := range samples(t, "namespaced") {
		if sample.cloud != "aws" || claimOf(sample) != "Network" {
			continue
		}
		composite := manifest.Copy(sample.composite)
		object(composite, "spec")["names"] = map[string]any{"vpc": "vpc-of-old"}
		first, err := renderer.Render(ctx, t, composite, sample.composition, nil)
		require.NoError(t, err)
		assert.Equal(t, "vpc-of-old", inventedNames(first[1:])["vpc"])
		var live []manifest.Object
		for _, document := range first[1:] {
			one := manifest.Copy(document.Object)
			if partOf(one) == "vpc" {
				manifest.Annotate(one, map[string]string{externalNameAnnotation: "vpc-anew"})
			}
			live = append(live, one)
		}
		for _, names := range []map[string]any{{"vpc": "vpc-of-old"}, {}} {
			object(composite, "spec")["names"] = names
			again, err := renderer.Render(ctx, t, composite, sample.composition, live)
			require.NoError(t, err)
			assert.Equal(t, "vpc-anew", inventedNames(again[1:])["vpc"], "with %v recorded", names)
		}
	}
}

const externalNameAnnotation = "crossplane.io/external-name"

// provided are composed objects as a hub shows them once their providers have made them.
func provided(composed []documents.Document) []manifest.Object {
	var all []manifest.Object
	for _, document := range composed {
		one := manifest.Copy(document.Object)
		kind, known := externalname.Of(document.ID().Group(), document.ID().Kind)
		if known && kind.Origin == externalname.Invented && object(one, "metadata", "annotations")[externalNameAnnotation] == nil {
			manifest.Annotate(one, map[string]string{externalNameAnnotation: fmt.Sprintf(kind.Form, "of-"+document.ID().Name)})
		}
		all = append(all, one)
	}
	return all
}

// inventedNames are the names of objects whose kind has them from the cloud, by part; nothing for what has none.
func inventedNames(composed []documents.Document) map[string]string {
	names := map[string]string{}
	for _, document := range composed {
		kind, known := externalname.Of(document.ID().Group(), document.ID().Kind)
		if known && kind.Origin == externalname.Invented && !foreign(document.Object) {
			names[partOf(document.Object)], _ = object(document.Object, "metadata", "annotations")[externalNameAnnotation].(string)
		}
	}
	return names
}

func partOf(composed manifest.Object) string {
	part, _ := object(composed, "metadata", "annotations")["crossplane.io/composition-resource-name"].(string)
	return part
}

func claimOf(sample sample) string {
	return strings.TrimPrefix(manifest.Identify(sample.composite).Kind, "X")
}

// namesOf records the names of a hub's objects for the environments that the sample claims are of, and gives those of one
// claim.
func namesOf(t *testing.T, generation string, sample sample, objects []manifest.Object) map[string]string {
	t.Helper()
	reader, err := schema.NewReader()
	require.NoError(t, err)
	region := map[string]string{"aws": "eu-west-1", "azure": "westeurope", "gcp": "us-east4"}[sample.cloud]
	files := fstest.MapFS{
		"environments/fleet.cue": {Data: []byte(fmt.Sprintf(
			"repository: {url: \"https://git.example.com/trial/fleet.git\", revision: \"main\"}\nowner: \"platform\"\ntargets: crossplane: api: %q\n", generation))},
		"environments/hub.cue": {Data: []byte("class: \"production\"\nrole: \"hub\"\n")},
	}
	joined := ""
	if sample.cloud == "aws" { // where a peering has names of the cloud's
		joined = ", network: joinHub: true"
		files["environments/hub.cue"].Data = []byte("class: \"production\"\nrole: \"hub\"\ncluster: {cloud: \"aws\", region: \"eu-west-1\", network: cidr: \"10.8.0.0/16\"}\n" +
			"names: {environment: \"hub\", network: {vpc: \"vpc-1\", private: \"rtb-1\"}}\n")
	}
	for environment, database := range map[string]string{"dev": "cart", "prod": "orders"} {
		files["environments/"+environment+".cue"] = &fstest.MapFile{Data: []byte(fmt.Sprintf(
			"class: \"development\"\ncluster: {cloud: %q, region: %q%s}\ndatabases: {ledger: engine: \"postgres\", \"%s-mysql\": engine: \"mysql\", \"%s-postgres\": engine: \"postgres\"}\n",
			sample.cloud, region, joined, database, database))}
	}
	fleet, err := reader.Fleet(files)
	require.NoError(t, err)
	printed, err := recording.Read(manifest.Stream(objects))
	require.NoError(t, err)
	environment := strings.Split(sample.name, "-")[1]
	names := recording.Names(fleet, printed)[environment]
	switch claimOf(sample) {
	case "Network":
		return names.Network
	case "Cluster":
		return names.Cluster
	case "Peering":
		return names.Peering
	}
	return names.Databases[strings.SplitN(sample.name, "-", 3)[2]]
}

func plainMap(names map[string]string) map[string]any {
	values := map[string]any{}
	for part, name := range names {
		values[part] = name
	}
	return values
}
