package check

import (
	"testing"

	"github.com/stretchr/testify/require"

	"spokewright.dev/spokewright/internal/crd"
	"spokewright.dev/spokewright/schema"
)

// The shapes of our own kinds compile: a check compiles them only when one has to be explained.
func TestOwnKindsCompile(t *testing.T) {
	reader, err := schema.NewReader()
	require.NoError(t, err)
	for _, api := range []string{"claims", "namespaced"} {
		schemas, err := crd.Declared(ownKinds(reader, api))
		require.NoError(t, err)
		require.NotZero(t, len(schemas))
	}
}
