package crd

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"spokewright.dev/spokewright/internal/manifest"
	"spokewright.dev/spokewright/internal/manifest/manifesttest"
)

// The quick way must never let through what the schema library refuses.
func TestASureFitIsOneForTheLibraryToo(t *testing.T) {
	objects := manifesttest.Documents(t, append(manifesttest.Glob(t, "testdata/*.yaml"), manifesttest.Glob(t, "testdata/targets/*.yaml")...)...)
	objects = append(objects, parse(t, buoy), parse(t, fullBuoy))
	schemas, err := Declared(objects)
	require.NoError(t, err)
	set := Embedded().With(schemas...)
	sure, total := 0, 0
	for _, object := range objects {
		id := manifest.Identify(object)
		schema, found := set.schemas[kind{id.APIVersion, id.Kind}]
		if !found {
			continue
		}
		compiled, err := schema.compiled()
		require.NoError(t, err)
		for mutant := range mutants(object) {
			total++
			if schema.fit().sure(mutant.object) {
				sure++
				assert.NoError(t, compiled.Validate(mutant.object), "%s: %s (%s)", id, mutant.path, mutant.change)
			}
		}
	}
	assert.Greater(t, total, 5000)
	assert.Greater(t, sure, 500)
	t.Logf("%d of %d mutants fit", sure, total)
}

const fullBuoy = `
apiVersion: sea.example.com/v1
kind: Buoy
metadata: {name: b1, namespace: sea}
spec: {colour: red, depth: 7, size: 5, count: 6, tags: {a: b}, empty: {}, free: {known: {a: b}, other: [1]}, names: [a, b],
  lamps: [{id: a}, {id: b}], inner: {apiVersion: v1, kind: A, metadata: {name: a}}, drawn: never}
`

func TestASureFitOfNumbers(t *testing.T) {
	set := buoySet(t)
	fit := set.schemas[kind{"sea.example.com/v1", "Buoy"}].fit().fields["spec"].fields["count"]
	for value, sure := range map[any]bool{
		5: true, int64(5): true, 5.0: true, 5.5: false, math.MaxInt32: true, math.MaxInt32 + 1: false, math.MinInt32 - 1: false,
		1e300: false, int64(math.MaxInt64): false, "5": false, nil: false, true: false,
	} {
		assert.Equal(t, sure, fit.sure(value), "%v (%T)", value, value)
	}
	whole := newFit(map[string]any{"type": "integer", "maximum": 9007199254740992.0})
	assert.False(t, whole.sure(int64(9007199254740993)), "float64 cannot tell it from the bound")
	some := newFit(map[string]any{"enum": []any{map[string]any{"a": "b"}}})
	assert.False(t, some.sure(map[string]any{"a": "b"}), "Go cannot compare maps")
}

// Otherwise every check would pay for the library: oneOf and formats are what the quick way leaves to it.
func TestCommonObjectsFitSurely(t *testing.T) {
	for _, object := range manifesttest.Documents(t, manifesttest.Glob(t, "testdata/*.yaml")...) {
		id := manifest.Identify(object)
		schema, found := Embedded().schemas[kind{id.APIVersion, id.Kind}]
		if found && id.Kind != "ImageValidatingPolicy" && id.Kind != "PolicyException" {
			assert.True(t, schema.fit().sure(object), "%s", id)
		}
	}
}
