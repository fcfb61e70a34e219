// Package manifesttest reads expected objects from files for tests. It is not for the program itself.
package manifesttest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"

	"spokewright.dev/spokewright/internal/manifest"
)

// Documents reads the objects of YAML files as kubectl does.
func Documents(t testing.TB, files ...string) []manifest.Object {
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

// Glob lists the files that a pattern matches, of which there must be some.
func Glob(t testing.TB, pattern string) []string {
	t.Helper()
	files, err := filepath.Glob(pattern)
	require.NoError(t, err)
	require.NotEmpty(t, files, pattern)
	return files
}
