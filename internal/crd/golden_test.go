package crd

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/manifest"
	"spokewright.dev/spokewright/internal/manifest/manifesttest"
)

// What other rooms keep, from here.
const (
	goldenFolder  = "../../golden"
	basesFolder   = "../../bases/hub"
	targetsFolder = "../../cmd/spokewright/testdata/targets"
)

// crdsVariable names a folder with CRDs (YAML in subfolders) of projects whose Go modules carry none.
const crdsVariable = "SPOKEWRIGHT_CRDS"

// elsewhere are the groups whose CRDs only that folder has: most are not embedded either.
var elsewhere = []string{".upbound.io", "kubernetes.crossplane.io", "kubernetes.m.crossplane.io", "argocd.crossplane.io",
	"argocd.m.crossplane.io", "m.argocd.crossplane.io", ".knative.dev", "ray.io", "kueue.x-k8s.io"}

// fleet is a set of objects that belong together: a claim among them is as an XRD among them says.
type fleet struct {
	name    string
	objects []manifest.Object
}

// fleets are golden/, what is rendered for each other target, and testdata, which has an object of every kind.
func fleets(t *testing.T) []fleet {
	all := []fleet{{"testdata", manifesttest.Documents(t, manifesttest.Glob(t, "testdata/*.yaml")...)}}
	targets := manifesttest.Glob(t, "testdata/targets/*.yaml")
	if _, err := os.Stat(targetsFolder); err == nil {
		targets = append(targets, yamlFiles(t, targetsFolder)...)
	}
	for _, file := range targets {
		all = append(all, fleet{file, manifesttest.Documents(t, file)})
	}
	if _, err := os.Stat(goldenFolder); err != nil {
		t.Logf("%s is not there: only testdata is judged", goldenFolder)
		return all
	}
	golden := yamlFiles(t, goldenFolder)
	require.NotEmpty(t, golden, "%s is there, and empty", goldenFolder)
	return append(all, fleet{goldenFolder, manifesttest.Documents(t, golden...)})
}

// TestGoldenObjectsAgainstRealCRDs judges all that Spokewright emits, for every target, by the embedded schemas and by
// the full CRDs of the projects' releases.
func TestGoldenObjectsAgainstRealCRDs(t *testing.T) {
	all := fleets(t)
	real := realCRDs(t, all)
	for _, fleet := range all {
		t.Run(filepath.Base(fleet.name), func(t *testing.T) {
			judges := real.judges(t, fleet)
			judged, excused := 0, 0
			for _, object := range fleet.objects {
				for name, judge := range judges.of(manifest.Identify(object)) {
					judged++
					for _, f := range judge.Check(object) {
						if f.Code == finding.UnknownKind && real.excused(manifest.Identify(object), name) {
							excused++
							continue
						}
						t.Errorf("%s: %s", name, f)
					}
				}
			}
			assert.Positive(t, judged)
			t.Logf("%d objects, %d judgements, %d of them impossible for want of a CRD", len(fleet.objects), judged, excused)
		})
	}
}

// Of each kind one object is broken in every place: what the full CRDs refuse the embedded schemas refuse too.
func TestBrokenObjectsAreRefusedByEmbeddedAndRealCRDs(t *testing.T) {
	all := fleets(t)
	real := realCRDs(t, all)
	seen := map[kind]bool{}
	for _, fleet := range all {
		judges := real.judges(t, fleet)
		for _, object := range fleet.objects {
			id := manifest.Identify(object)
			key := kind{id.APIVersion, id.Kind}
			if seen[key] || Native(id) || !judges.embedded.Knows(id.APIVersion, id.Kind) {
				continue
			}
			seen[key] = true
			t.Run(strings.ReplaceAll(id.APIVersion, "/", "_")+" "+id.Kind, func(t *testing.T) {
				t.Parallel()
				if !judges.full.Knows(id.APIVersion, id.Kind) {
					t.Skipf("NOT CHECKED: %s names no folder with its CRD", crdsVariable)
				}
				breakIt(t, object, judges)
			})
		}
	}
	for id := range Embedded().schemas {
		assert.True(t, seen[id] || Native(manifest.ID{APIVersion: id.apiVersion, Kind: id.name}), "no object of %v in testdata", id)
	}
}

func breakIt(t *testing.T, object manifest.Object, judges judges) {
	var unknown, wrongSpec, wrongInSpec int
	for mutant := range mutants(object) {
		if mutant.path == "apiVersion" || mutant.path == "kind" {
			continue // another kind then
		}
		embedded, full := judges.embedded.Check(mutant.object), judges.full.Check(mutant.object)
		if len(full) == 0 {
			continue
		}
		assert.NotEmpty(t, embedded, "the full CRD refuses %s %s (%v), the embedded schema does not", mutant.path, mutant.change, full)
		switch {
		case mutant.path == "spec" && mutant.change == unknownField:
			unknown++
		case mutant.path == "spec" && mutant.change == "text":
			wrongSpec++
		case strings.HasPrefix(mutant.path, "spec.") && mutant.change != unknownField:
			wrongInSpec++
		}
	}
	assert.Positive(t, unknown, "an unknown field in spec is not refused")
	assert.Positive(t, wrongSpec, "a text in place of spec is not refused")
	assert.Positive(t, wrongInSpec, "no wrong value inside spec is refused")
}

// crds are the full CRDs: those of the releases, those of an outside folder, and those of our own XRDs in bases/.
type crds struct {
	full, crossplane1 *Set
	ours              []Schema
	outside           bool
}

func realCRDs(t *testing.T, all []fleet) crds {
	read := releases(t)
	real := crds{full: NewSet(), crossplane1: NewSet(read.schemas[crossplane1]...)}
	for module, schemas := range read.schemas {
		if module != crossplane1 {
			real.full = real.full.With(schemas...)
		}
	}
	if _, err := os.Stat(basesFolder); err == nil {
		real.ours = declared(t, manifesttest.Documents(t, yamlFiles(t, basesFolder)...))
	}
	folder := os.Getenv(crdsVariable)
	if folder == "" {
		t.Logf("%s is not set: objects of other groups (%s) are NOT judged", crdsVariable, strings.Join(elsewhere, ", "))
		return real
	}
	real.outside = true
	outside := outsideSchemas(t, folder, real, all)
	real.full, real.crossplane1 = real.full.With(outside...), real.crossplane1.With(outside...)
	return real
}

// excused says whether it is no fault that a judge does not know the kind of an object.
func (c crds) excused(id manifest.ID, judge string) bool {
	outside := slices.ContainsFunc(elsewhere, func(group string) bool { return strings.HasSuffix(id.Group(), group) })
	return outside && (judge == "embedded schemas" || !c.outside)
}

// judges are the Sets that an object of one fleet must please.
type judges struct {
	embedded, full, crossplane1 *Set
	legacy                      bool // the fleet is for Crossplane 1.20
}

func (c crds) judges(t *testing.T, fleet fleet) judges {
	own := append(slices.Clone(c.ours), declared(t, fleet.objects)...)
	return judges{
		embedded:    Embedded().With(own...),
		full:        c.full.With(own...),
		crossplane1: c.crossplane1.With(own...),
		legacy:      strings.HasPrefix(filepath.Base(fleet.name), "crossplane-1.20"),
	}
}

func (j judges) of(id manifest.ID) map[string]*Set {
	if Native(id) {
		return nil
	}
	chosen := map[string]*Set{"embedded schemas": j.embedded, "full CRDs": j.full}
	usage := id.APIVersion == "apiextensions.crossplane.io/v1beta1" && id.Kind == "Usage"
	if usage || j.legacy && strings.HasSuffix(id.Group(), "crossplane.io") {
		chosen["CRDs of Crossplane 1.20"] = j.crossplane1
	}
	return chosen
}

// outsideSchemas reads of a folder only the CRDs that are needed: there are large ones.
func outsideSchemas(t *testing.T, folder string, real crds, all []fleet) []Schema {
	needed := map[[2]string]bool{}
	for _, fleet := range all {
		judges := real.judges(t, fleet)
		for _, object := range fleet.objects {
			if id := manifest.Identify(object); !Native(id) && !judges.full.Knows(id.APIVersion, id.Kind) {
				needed[[2]string{"group: " + id.Group() + "\n", "kind: " + id.Kind + "\n"}] = true
			}
		}
	}
	var declarations []manifest.Object
	for _, file := range yamlFiles(t, folder) {
		content, err := os.ReadFile(file)
		require.NoError(t, err)
		for words := range needed {
			if bytes.Contains(content, []byte(words[0])) && bytes.Contains(content, []byte(words[1])) {
				declarations = append(declarations, manifesttest.Documents(t, file)...)
				break
			}
		}
	}
	return declared(t, declarations)
}

func declared(t *testing.T, objects []manifest.Object) []Schema {
	schemas, err := Declared(objects)
	require.NoError(t, err)
	return schemas
}

func yamlFiles(t *testing.T, folder string) []string {
	var files []string
	require.NoError(t, filepath.WalkDir(folder, func(file string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() && filepath.Ext(file) == ".yaml" {
			files = append(files, file)
		}
		return err
	}))
	return files
}
