package objects

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"spokewright.dev/spokewright/manifest"
)

// The root's own fleet, from here.
const (
	goldenFolder = "../../golden"
	basesFolder  = "../../bases/hub"
)

// crdsVariable names a folder with CRDs (YAML in subfolders) of projects whose Go modules carry none.
const crdsVariable = "SPOKEWRIGHT_CRDS"

// elsewhere are the groups whose CRDs only that folder has: they are not embedded either.
var elsewhere = []string{".upbound.io", "kubernetes.crossplane.io", "kubernetes.m.crossplane.io", "argocd.crossplane.io",
	"argocd.m.crossplane.io", "m.argocd.crossplane.io", ".knative.dev", "ray.io", "kueue.x-k8s.io"}

// emitted is an object and the file it is in.
type emitted struct {
	file   string
	object manifest.Object
}

func (e emitted) String() string { return e.file + ": " + manifest.Identify(e.object).String() }

// TestGoldenObjectsAgainstRealCRDs judges all that Spokewright emits, in golden/ and in testdata for the other targets,
// by the embedded schemas and by the full CRDs of the projects' releases.
func TestGoldenObjectsAgainstRealCRDs(t *testing.T) {
	all := goldenObjects(t)
	judges := realJudges(t, all)
	judged := 0
	for _, one := range all {
		id := manifest.Identify(one.object)
		if Native(id) {
			continue
		}
		for name, judge := range judges.of(one) {
			judged++
			for _, finding := range judge.Check(one.object) {
				if finding.Problem != UnknownKind || !judges.excused(id, name) {
					t.Errorf("%s: %s: %s", one.file, name, finding)
				}
			}
		}
	}
	assert.Positive(t, judged)
	t.Logf("%d objects, %d judgements", len(all), judged)
}

// Of each kind one object is broken in every place: what the full CRDs refuse the embedded schemas refuse too.
func TestBrokenObjectsAreRefusedByEmbeddedAndRealCRDs(t *testing.T) {
	all := goldenObjects(t)
	judges := realJudges(t, all)
	seen := map[string]bool{}
	for _, one := range all {
		id := manifest.Identify(one.object)
		key := id.APIVersion + " " + id.Kind
		if seen[key] || Native(id) || !judges.embedded.Knows(id.APIVersion, id.Kind) {
			continue
		}
		seen[key] = true
		t.Run(strings.ReplaceAll(key, "/", " "), func(t *testing.T) {
			t.Parallel()
			breakIt(t, one.object, judges)
		})
	}
	for id := range Embedded().schemas {
		assert.True(t, seen[id.apiVersion+" "+id.name], "no object of %v in testdata", id)
	}
}

func breakIt(t *testing.T, object manifest.Object, judges judges) {
	refused := map[string]int{}
	for mutant := range mutants(object) {
		if mutant.path == "apiVersion" || mutant.path == "kind" {
			continue // another kind then
		}
		embedded, full := judges.embedded.Check(mutant.object), judges.full.Check(mutant.object)
		if len(full) > 0 {
			assert.NotEmpty(t, embedded, "the full CRD refuses %s %s (%v), the embedded schema does not", mutant.path, mutant.change, full)
		}
		if len(embedded) > 0 && len(full) > 0 && strings.HasPrefix(mutant.path, "spec") {
			if mutant.path == "spec" || mutant.change != unknownField {
				refused[fmt.Sprintf("%t %t", mutant.path == "spec", mutant.change == unknownField)]++
			}
		}
	}
	assert.Positive(t, refused["true true"], "an unknown field in spec is not refused")
	assert.Positive(t, refused["true false"], "a spec of another type is not refused")
	assert.Positive(t, refused["false false"], "no wrong value inside spec is refused")
}

// judges are the Sets that an object must please.
type judges struct {
	embedded, full, crossplane1 *Set
	outside                     bool // CRDs from outside the modules are there
}

// of gives the judges of one object. What is for Crossplane 1.20 must please its CRDs too.
func (j judges) of(one emitted) map[string]*Set {
	id := manifest.Identify(one.object)
	chosen := map[string]*Set{"embedded schemas": j.embedded, "full CRDs": j.full}
	legacyUsage := id.APIVersion == "apiextensions.crossplane.io/v1beta1" && id.Kind == "Usage"
	if legacyUsage || strings.HasPrefix(filepath.Base(one.file), "crossplane-1.20") {
		chosen["Crossplane 1.20"] = j.crossplane1
	}
	return chosen
}

// excused says whether it is no fault that a judge does not know the kind of an object.
func (j judges) excused(id manifest.ID, judge string) bool {
	outside := slices.ContainsFunc(elsewhere, func(group string) bool { return strings.HasSuffix(id.Group(), group) })
	return outside && (judge == "embedded schemas" || !j.outside)
}

func realJudges(t *testing.T, all []emitted) judges {
	read := releases(t)
	declared := declaredSchemas(t, all)
	full := NewSet()
	for module, schemas := range read.schemas {
		if module != crossplane1 {
			full = full.With(schemas...)
		}
	}
	full = full.With(declared...)
	judges := judges{
		embedded:    Embedded().With(declared...),
		full:        full,
		crossplane1: NewSet(read.schemas[crossplane1]...).With(declared...),
	}
	folder := os.Getenv(crdsVariable)
	if folder == "" {
		t.Logf("%s is not set: objects of other groups (%s) are NOT judged", crdsVariable, strings.Join(elsewhere, ", "))
		return judges
	}
	judges.outside = true
	judges.full = full.With(outsideSchemas(t, folder, full, all)...)
	return judges
}

// declaredSchemas are those of our own XRDs, in bases/ and among the objects themselves.
func declaredSchemas(t *testing.T, all []emitted) []Schema {
	var declarations []manifest.Object
	for _, one := range all {
		declarations = append(declarations, one.object)
	}
	if _, err := os.Stat(basesFolder); err == nil {
		declarations = append(declarations, documents(t, yamlFiles(t, basesFolder)...)...)
	}
	schemas, err := Declared(declarations)
	require.NoError(t, err)
	return schemas
}

// outsideSchemas reads of a folder only the CRDs that are needed: there are large ones.
func outsideSchemas(t *testing.T, folder string, known *Set, all []emitted) []Schema {
	needed := map[[2]string]bool{}
	for _, one := range all {
		if id := manifest.Identify(one.object); !Native(id) && !known.Knows(id.APIVersion, id.Kind) {
			needed[[2]string{"group: " + id.Group() + "\n", "kind: " + id.Kind + "\n"}] = true
		}
	}
	var declarations []manifest.Object
	for _, file := range yamlFiles(t, folder) {
		content, err := os.ReadFile(file)
		require.NoError(t, err)
		for words := range needed {
			if bytes.Contains(content, []byte(words[0])) && bytes.Contains(content, []byte(words[1])) {
				declarations = append(declarations, documents(t, file)...)
				break
			}
		}
	}
	schemas, err := Declared(declarations)
	require.NoError(t, err)
	return schemas
}

// goldenObjects are the objects of golden/, of testdata and of testdata/targets.
func goldenObjects(t *testing.T) []emitted {
	files := append(glob(t, "testdata/*.yaml"), glob(t, "testdata/targets/*.yaml")...)
	if _, err := os.Stat(goldenFolder); err == nil {
		golden := yamlFiles(t, goldenFolder)
		require.NotEmpty(t, golden, "%s is there, and empty", goldenFolder)
		files = append(files, golden...)
	} else {
		t.Logf("%s is not there: only testdata is judged", goldenFolder)
	}
	var all []emitted
	for _, file := range files {
		for _, object := range documents(t, file) {
			all = append(all, emitted{file, object})
		}
	}
	return all
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
