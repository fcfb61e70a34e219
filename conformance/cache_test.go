package conformance

import (
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"spokewright.dev/spokewright/conformance/parts"
)

// cache is where the real programs come from. Builds take minutes, so they are told on stderr as they go.
func cache(t *testing.T) *parts.Cache {
	t.Helper()
	began := time.Now()
	opened, err := parts.Open(func(format string, args ...any) {
		fmt.Fprintf(os.Stderr, "%4.0f s  %s\n", time.Since(began).Seconds(), fmt.Sprintf(format, args...))
	})
	require.NoError(t, err)
	return opened
}
