package objects

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"

	"spokewright.dev/spokewright/manifest"
)

// documents reads the objects of YAML files as kubectl does.
func documents(t testing.TB, files ...string) []manifest.Object {
	t.Helper()
	var all []manifest.Object
	for _, file := range files {
		content, err := os.ReadFile(file)
		require.NoError(t, err)
		for _, document := range strings.Split("\n"+string(content), "\n---\n") {
			var object manifest.Object
			require.NoError(t, yaml.Unmarshal([]byte(document), &object), file)
			if len(object) > 0 {
				all = append(all, object)
			}
		}
	}
	return all
}

func glob(t testing.TB, pattern string) []string {
	t.Helper()
	files, err := filepath.Glob(pattern)
	require.NoError(t, err)
	require.NotEmpty(t, files, pattern)
	return files
}

func BenchmarkCheck(b *testing.B) {
	objects := documents(b, glob(b, "testdata/*.yaml")...)
	schemas, err := Declared(objects)
	require.NoError(b, err)
	set := Embedded().With(schemas...)
	for _, object := range objects {
		require.Empty(b, set.Check(object))
	}
	b.ReportAllocs()
	for b.Loop() {
		for _, object := range objects {
			set.Check(object)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*len(objects)), "µs/object")
}

func BenchmarkFirstUse(b *testing.B) {
	objects := documents(b, "testdata/argo-cd.yaml", "testdata/kyverno.yaml", "testdata/image-updater.yaml")
	b.ReportAllocs()
	for b.Loop() {
		set := Embedded()
		for _, object := range objects {
			set.Check(object)
		}
	}
}
