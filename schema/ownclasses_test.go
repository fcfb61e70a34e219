package schema

import (
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"spokewright.dev/spokewright/internal/cuefile"
)

// A fleet's file that refers to a class which comes with the program is refused: it would get what the file says of it alone.
func TestOwnClassesAreThoseOfTheDefaults(t *testing.T) {
	reader, err := NewReader()
	require.NoError(t, err)
	assert.Equal(t, slices.Sorted(maps.Keys(reader.defaults.Child("classes").Fields)), cuefile.OwnClasses())
}
