package crd

import (
	"testing"

	"github.com/stretchr/testify/require"
	"spokewright.dev/spokewright/internal/manifest/manifesttest"
)

func BenchmarkCheck(b *testing.B) {
	objects := manifesttest.Documents(b, manifesttest.Glob(b, "testdata/*.yaml")...)
	schemas, err := Declared(objects)
	require.NoError(b, err)
	set := Embedded().With(schemas...)
	for _, object := range objects {
		require.Empty(b, set.Check(object))
	}
	b.ReportAllocs()
	for b.Loop() {
		for _, object := range objects {
			_ = set.Check(object)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*len(objects)), "µs/object")
}

func BenchmarkFirstUse(b *testing.B) {
	objects := manifesttest.Documents(b, "testdata/argo-cd.yaml", "testdata/kyverno.yaml", "testdata/image-updater.yaml")
	b.ReportAllocs()
	for b.Loop() {
		set := Embedded()
		for _, object := range objects {
			_ = set.Check(object)
		}
	}
}
