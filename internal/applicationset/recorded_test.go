package applicationset_test

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"spokewright.dev/spokewright/internal/applicationset"
	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/manifest"
)

// made is what the controller made of one set.
type made struct {
	refused      bool
	applications []any
}

func recorded(t testing.TB, file string) map[string]made {
	t.Helper()
	all := map[string]made{}
	for _, object := range objects(t, file) {
		one := made{applications: manifest.ListAt(object, "applications")}
		one.refused = manifest.IsTrue(object, "refused")
		all[manifest.TextAt(object, "set")] = one
	}
	return all
}

func world(t testing.TB) applicationset.World {
	t.Helper()
	return applicationset.World{
		Repository: "ssh://git@git.example.com/harbour/fleet", Tree: os.DirFS(samples + "/repository"),
		Clusters: objects(t, samples+"/clusters.yaml"),
	}
}

// TestWhatTheControllerMade compares with the real Argo CD.
func TestWhatTheControllerMade(t *testing.T) {
	files, err := filepath.Glob(samples + "/sets/*.yaml")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		want := recorded(t, filepath.Join(samples, "made", filepath.Base(file)))
		for _, set := range objects(t, file) {
			name := manifest.Identify(set).Name
			t.Run(name, func(t *testing.T) {
				require.Contains(t, want, name)
				got, found := applicationset.Expand(set, world(t))
				assert.Equal(t, want[name].refused, found.Refuse(), found)
				for _, f := range found {
					assert.Contains(t, []finding.Code{finding.SetRefused, finding.SetUnknown}, f.Code)
				}
				assert.Equal(t, texts(want[name].applications), texts(list(got)))
			})
		}
	}
}

func list(objects []manifest.Object) []any {
	all := make([]any, len(objects))
	for i, object := range objects {
		all[i] = object
	}
	return all
}

// texts are objects as YAML, sorted by their names.
func texts(objects []any) string {
	byName := map[string]string{}
	for _, object := range objects {
		object := object.(map[string]any)
		byName[manifest.Identify(object).Name] = string(manifest.Append(nil, object))
	}
	var all []string
	for _, name := range slices.Sorted(maps.Keys(byName)) {
		all = append(all, byName[name])
	}
	return strings.Join(all, "---\n")
}
