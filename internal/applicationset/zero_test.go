package applicationset

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/manifest"
	"spokewright.dev/spokewright/internal/manifest/manifesttest"
)

// Argo CD writes an Application whole where it begins to sync, and leaves out what is false, 0 or empty. What a rendered one
// says all the same would differ from Git from then on: whoever applies it would do so again and again.
func TestRenderedApplicationsSayNothingThatArgoCDLeavesOut(t *testing.T) {
	t.Parallel()
	seen := 0
	for _, file := range manifesttest.Glob(t, "../../golden/*/*.yaml") {
		for _, object := range manifesttest.Documents(t, file) {
			if manifest.Identify(object).Kind == "Application" {
				seen++
				leftOut(t, file, object)
			}
		}
	}
	require.Greater(t, seen, 8)
}

func leftOut(t *testing.T, file string, object manifest.Object) {
	t.Helper()
	text, err := json.Marshal(object)
	require.NoError(t, err)
	app, err := applicationTypes().readApplication(text)
	require.NoError(t, err)
	kept, err := app.data()
	require.NoError(t, err)
	var walk func(path finding.Path, said, kept any)
	walk = func(path finding.Path, said, kept any) {
		values, _ := said.(map[string]any)
		fields, _ := kept.(map[string]any)
		for name, value := range values {
			if assert.Contains(t, fields, name, "%s: %s: %s", file, manifest.Identify(object), path.Keys(name)) {
				walk(path.Keys(name), value, fields[name])
			}
		}
	}
	walk("spec", object["spec"], kept["spec"])
}
