package compositions

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"spokewright.dev/spokewright/internal/cloud"
	"spokewright.dev/spokewright/internal/externalname"
	"spokewright.dev/spokewright/internal/manifest"
)

// Every file of one generation has its counterpart in the other, with the same Compositions and resources in it. Only the
// Secret with the connection, and what makes it, is a namespaced composite's alone.
func TestGenerationsMakeTheSame(t *testing.T) {
	namespaced, err := Make(Namespaced)
	require.NoError(t, err)
	claims, err := Make(Claims)
	require.NoError(t, err)
	require.NotEmpty(t, namespaced)
	for file, compositions := range namespaced {
		require.Len(t, claims[file], len(compositions), file)
		for i, composition := range compositions {
			assert.Equal(t, kinds(t, composition), kinds(t, claims[file][i]), file)
		}
	}
	assert.Len(t, claims, len(namespaced))
}

// A claim gets a connection only where its Composition says in which namespace its composite has one (Crossplane 2.2, APIConfigurator
// in internal/controller/apiextensions/composite/api.go): each that has connection details does, and no other.
func TestClaimsHandOnTheirConnections(t *testing.T) {
	for _, generation := range []string{Namespaced, Claims} {
		files, err := Make(generation)
		require.NoError(t, err)
		handing := 0
		for file, compositions := range files {
			for _, composition := range compositions {
				var has bool
				for _, resource := range resources(t, composition) {
					has = has || resource["connectionDetails"] != nil
				}
				want := ""
				if generation == Claims && has {
					want = "crossplane-system"
					handing++
				}
				assert.Equal(t, want, manifest.TextAt(composition, "spec", "writeConnectionSecretsToNamespace"), file)
			}
		}
		assert.Equal(t, generation == Claims, handing > 0)
	}
}

// kinds are the kinds of a Composition's resources by their names, those that provider-kubernetes writes included.
func kinds(t *testing.T, composition manifest.Object) map[string]any {
	t.Helper()
	all := map[string]any{}
	for name, base := range named(t, composition) {
		if base["kind"] == "Object" {
			base = base["spec"].(map[string]any)["forProvider"].(map[string]any)["manifest"].(map[string]any)
		}
		if !strings.HasPrefix(name, "connection") {
			all[name] = base["kind"]
		}
	}
	require.NotEmpty(t, all)
	return all
}

// named gives the bases of a Composition's resources by the resources' names.
func named(t *testing.T, composition manifest.Object) map[string]map[string]any {
	t.Helper()
	all := map[string]map[string]any{}
	for name, resource := range resources(t, composition) {
		all[name] = resource["base"].(map[string]any)
	}
	return all
}

func resources(t *testing.T, composition manifest.Object) map[string]map[string]any {
	t.Helper()
	pipeline := composition["spec"].(map[string]any)["pipeline"].([]any)
	input := pipeline[0].(map[string]any)["input"].(map[string]any)
	all := map[string]map[string]any{}
	for _, resource := range input["resources"].([]any) {
		resource := resource.(map[string]any)
		name := resource["name"].(string)
		require.NotContains(t, all, name)
		all[name] = resource
	}
	return all
}

// Until a claim says what may be done, nothing may: every managed resource starts as only looked at.
func TestNothingIsDoneUnasked(t *testing.T) {
	for _, generation := range []string{Namespaced, Claims} {
		files, err := Make(generation)
		require.NoError(t, err)
		for _, compositions := range files {
			for _, composition := range compositions {
				for name, base := range named(t, composition) {
					spec, _ := base["spec"].(map[string]any)
					if policies, is := spec["managementPolicies"]; is {
						assert.Equal(t, []any{"Observe"}, policies, name)
					}
				}
			}
		}
	}
}

// The account that a claim names reaches all that is made for it, and the store that its credentials are put into. What is
// another's is looked at from the account that is named as the cloud, where that other is.
func TestTheAccountReachesAllThatIsMade(t *testing.T) {
	for _, generation := range []string{Namespaced, Claims} {
		files, err := Make(generation)
		require.NoError(t, err)
		for file, compositions := range files {
			for _, composition := range compositions {
				for name, resource := range resources(t, composition) {
					spec, _ := resource["base"].(map[string]any)["spec"].(map[string]any)
					config, _ := spec["providerConfigRef"].(map[string]any)
					clouds := config != nil && resource["base"].(map[string]any)["kind"] != "Object"
					assert.Equal(t, clouds && name != "argocd-identity", usesSet(resource, "account"), "%s of %s", name, file)
					if name == "credentials" {
						assert.Contains(t, pathsFrom(resource, "spec.account"), map[string]string{Namespaced: "", Claims: "spec.forProvider.manifest."}[generation]+"spec.secretStoreRefs[0].name", file)
					}
				}
				assert.Equal(t, []string{"spec.providerConfigRef.name"}, pathsFrom(patchSet(composition, "account"), "spec.account"))
			}
		}
	}
}

// usesSet says whether a resource takes over the patches of a set.
func usesSet(resource map[string]any, name string) bool {
	return slices.ContainsFunc(resource["patches"].([]any), func(patch any) bool { return patch.(map[string]any)["patchSetName"] == name })
}

// patchSet is a set of patches of a Composition.
func patchSet(composition manifest.Object, name string) map[string]any {
	input := manifest.MapsAt(composition, "spec", "pipeline")[0]["input"].(map[string]any)
	sets := manifest.MapsAt(input, "patchSets")
	return sets[slices.IndexFunc(sets, func(set map[string]any) bool { return set["name"] == name })]
}

// pathsFrom are where patches write a field of the composite to.
func pathsFrom(of map[string]any, field string) []string {
	var paths []string
	for _, patch := range manifest.MapsAt(of, "patches") {
		from := []string{manifest.TextAt(patch, "fromFieldPath")}
		for _, variable := range manifest.MapsAt(patch, "combine", "variables") {
			from = append(from, manifest.TextAt(variable, "fromFieldPath"))
		}
		if slices.Contains(from, field) {
			paths = append(paths, manifest.TextAt(patch, "toFieldPath"))
		}
	}
	return paths
}

func TestPlural(t *testing.T) {
	for kind, want := range map[string]string{
		"VPC": "vpcs", "GlobalAddress": "globaladdresses", "Policy": "policies", "PublicIP": "publicips", "Key": "keys",
	} {
		assert.Equal(t, want, plural(kind))
	}
}

// What a composed object is called comes from the claim's id, or for what is beside the claim from the claim's name:
// nothing else that a claim says can rename, and so recreate, anything. So it is with what the cloud calls it.
func TestNamesComeFromTheIdentity(t *testing.T) {
	for _, generation := range []string{Namespaced, Claims} {
		files, err := Make(generation)
		require.NoError(t, err)
		beside := map[string]string{Namespaced: "metadata.name", Claims: "spec.claimRef.name"}[generation]
		for _, compositions := range files {
			for _, composition := range compositions {
				for name, from := range namings(t, composition) {
					id := named(t, composition)[name]
					if spec, _ := id["spec"].(map[string]any); spec["managementPolicies"] != nil {
						recorded := []string{"spec.names[" + name + "]", "names[" + name + "]"} // what the cloud itself calls it
						if name == "pool" {                                                     // a cloud knows it in its cluster alone, and by a name that never changes either
							recorded = append(recorded, "spec.name")
						}
						if name == "hub-network" { // the hub's, which is only looked at
							recorded = append(recorded, "spec.hub.network")
						}
						assert.Subset(t, append(recorded, "spec.id", "spec.externalName", "argocd.identity", "spec.argocd"), from, name)
						assert.Contains(t, from, "spec.id", name)
					} else {
						assert.Equal(t, []string{beside}, from, name)
					}
				}
			}
		}
	}
}

// namings are the fields that the names of a Composition's objects come from, by the resources' names.
func namings(t *testing.T, composition manifest.Object) map[string][]string {
	t.Helper()
	all := map[string][]string{}
	for name, resource := range resources(t, composition) {
		all[name] = nil
		for _, patch := range resource["patches"].([]any) {
			patch := patch.(map[string]any)
			to, _ := patch["toFieldPath"].(string)
			if to != "metadata.name" && to != "metadata.annotations[crossplane.io/external-name]" {
				continue
			}
			if from, is := patch["fromFieldPath"].(string); is {
				all[name] = append(all[name], from)
				continue
			}
			for _, variable := range patch["combine"].(map[string]any)["variables"].([]any) {
				all[name] = append(all[name], variable.(map[string]any)["fromFieldPath"].(string))
			}
		}
	}
	return all
}

// Every machine with GPUs that a cloud is known to have is one that its pools can ask for, under the GPUs that it has.
func TestPoolsKnowEveryMachineWithGPUs(t *testing.T) {
	files, err := Make(Namespaced)
	require.NoError(t, err)
	for _, gpu := range cloud.GPUs() {
		text := string(manifest.Stream(files[gpu.Cloud+"-nodepool"]))
		for _, number := range gpu.Numbers() {
			assert.Contains(t, text, fmt.Sprintf("%s/%d: %s\n", gpu.Kind, number, gpu.Machines[number]), gpu.Cloud)
		}
		if gpu.Accelerator != "" {
			assert.Contains(t, text, fmt.Sprintf("%s: %s\n", gpu.Kind, gpu.Accelerator))
		}
	}
}

// Azure's disks are powers of two: the smallest that holds what was asked for is chosen, by patterns, since numbers
// cannot be compared.
func TestDisksHoldWhatWasAskedFor(t *testing.T) {
	files, err := Make(Namespaced)
	require.NoError(t, err)
	patterns, largest := disks(t, files["azure-database"])
	for asked := 10; asked <= 32767; asked++ {
		found := largest
		for _, pattern := range patterns {
			if pattern.asked.MatchString(strconv.Itoa(asked)) {
				found = pattern.megabytes
				break
			}
		}
		wanted := 32 * 1024
		for wanted < asked*1024 && wanted < largest {
			wanted *= 2
		}
		require.Equal(t, min(wanted, largest), found, "%d GB", asked)
	}
}

type disk struct {
	asked     *regexp.Regexp
	megabytes int
}

// disks are the patterns of the one database that needs them, and what is chosen where none fits.
func disks(t *testing.T, compositions []manifest.Object) (all []disk, largest int) {
	t.Helper()
	for _, composition := range compositions {
		for _, patch := range resources(t, composition)["database"]["patches"].([]any) {
			patch := patch.(map[string]any)
			if patch["toFieldPath"] != "spec.forProvider.storageMb" {
				continue
			}
			match := patch["transforms"].([]any)[1].(map[string]any)["match"].(map[string]any)
			for _, pattern := range match["patterns"].([]any) {
				pattern := pattern.(map[string]any)
				all = append(all, disk{regexp.MustCompile(pattern["regexp"].(string)), int(pattern["result"].(int64))})
			}
			return all, int(match["fallbackValue"].(int64))
		}
	}
	require.Fail(t, "no database asks for a disk in megabytes")
	return nil, 0
}

// Of every managed resource it is known where the cloud's name for it comes from, and of none that no composition has.
func TestOriginsOfNamesAreKnown(t *testing.T) {
	used := map[string]bool{}
	for _, generation := range []string{Namespaced, Claims} {
		files, err := Make(generation)
		require.NoError(t, err)
		for _, compositions := range files {
			for _, composition := range compositions {
				for _, id := range Managed(composition) {
					if id.Group() == "kubernetes.crossplane.io" { // writes what is beside a claim
						continue
					}
					kind, known := externalname.Of(id.Group(), id.Kind)
					assert.True(t, known, "%s of %s", id.Kind, id.Group())
					used[kind.Group+"/"+kind.Name] = true
				}
			}
		}
	}
	for _, kind := range externalname.Kinds() {
		assert.True(t, used[kind.Group+"/"+kind.Name], "%s of %s is in no composition", kind.Name, kind.Group)
	}
}

// The parts whose names can be recorded are those of which the cloud makes the name up, whatever the engine: each takes
// the name that the claim has for it, unless the object has one already.
func TestInventedNamesCanBeRecorded(t *testing.T) {
	for _, generation := range []string{Namespaced, Claims} {
		files, err := Make(generation)
		require.NoError(t, err)
		found := map[string]map[string]bool{}
		for _, compositions := range files {
			for _, composition := range compositions {
				labels := composition["metadata"].(map[string]any)["labels"].(map[string]any)
				kind := strings.TrimPrefix(composition["spec"].(map[string]any)["compositeTypeRef"].(map[string]any)["kind"].(string), "X")
				key := labels["spokewright.dev/cloud"].(string) + "/" + kind
				for name, patches := range recording(t, composition) {
					assert.Equal(t, []string{"spec.names[" + name + "]", "names[" + name + "]"}, patches, "%s of %s", name, key)
					if found[key] == nil {
						found[key] = map[string]bool{}
					}
					found[key][name] = true
				}
			}
		}
		for _, cloud := range []string{"aws", "azure", "gcp"} {
			for _, kind := range []string{"Cluster", "Database", "Network", "NodePool", "Peering"} {
				assert.ElementsMatch(t, externalname.Parts(cloud, kind), slices.Collect(maps.Keys(found[cloud+"/"+kind])), "%s %s/%s", generation, cloud, kind)
			}
		}
	}
}

// recording are the places that the name in the cloud is taken from, in order, by the resources that the cloud names.
func recording(t *testing.T, composition manifest.Object) map[string][]string {
	t.Helper()
	all := map[string][]string{}
	for name, resource := range resources(t, composition) {
		id := manifest.Identify(resource["base"].(map[string]any))
		kind, known := externalname.Of(id.Group(), id.Kind)
		if !known || kind.Origin != externalname.Invented {
			continue
		}
		var from []string
		for _, patch := range resource["patches"].([]any) {
			patch := patch.(map[string]any)
			if patch["toFieldPath"] == "metadata.annotations[crossplane.io/external-name]" {
				from = append(from, patch["fromFieldPath"].(string))
			}
		}
		if !slices.Contains(from, "spec.externalName") && !slices.Contains(from, "argocd.identity") { // adopted, or another's
			all[name] = from
		}
	}
	return all
}
