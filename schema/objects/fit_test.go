package objects

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"spokewright.dev/spokewright/manifest"
)

// The quick way must never let through what the schema library refuses.
func TestASureFitIsOneForTheLibraryToo(t *testing.T) {
	set := Embedded().With(declaredSchemas(t, nil)...)
	objects := documents(t, append(glob(t, "testdata/*.yaml"), glob(t, "testdata/targets/*.yaml")...)...)
	schemas, err := Declared(objects)
	require.NoError(t, err)
	set = set.With(schemas...)
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

// Otherwise every check would pay for the library: oneOf and formats are what the quick way leaves to it.
func TestCommonObjectsFitSurely(t *testing.T) {
	for _, object := range documents(t, glob(t, "testdata/*.yaml")...) {
		id := manifest.Identify(object)
		schema, found := Embedded().schemas[kind{id.APIVersion, id.Kind}]
		if found && id.Kind != "ImageValidatingPolicy" && id.Kind != "PolicyException" {
			assert.True(t, schema.fit().sure(object), "%s", id)
		}
	}
}
