package conformance

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"spokewright.dev/spokewright/conformance/documents"
	"spokewright.dev/spokewright/conformance/process"
	"spokewright.dev/spokewright/internal/manifest"
)

// What an API server fills in within a list makes the list another one, and Argo CD applies the object anew for ever. So the
// real one, with the real definitions, reads every object that the sample renders to and finds nothing to add in any list;
// so it does for other targets.
func TestNothingIsAddedInLists(t *testing.T) {
	ctx := process.Context(t)
	const targets = "../cmd/spokewright/testdata/targets/"
	for name, files := range map[string][]string{
		"namespaced": {"../golden", targets + "kyverno-1.17.yaml", targets + "image-updater-objects.yaml"},
		"claims":     {targets + "crossplane-2.2-claims.yaml"},
	} {
		t.Run(name, func(t *testing.T) {
			var all []documents.Document
			for _, file := range files {
				more, err := documents.ReadFolder(file)
				require.NoError(t, err)
				all = append(all, more...)
			}
			all = judgeable(t, all)
			server := furnished(ctx, t, all)
			lists := 0
			for _, document := range all {
				seen, err := server.Preview(ctx, document)
				require.NoError(t, err)
				for _, difference := range inLists("", numbers(manifest.Copy(document.Object)), numbers(seen), false, &lists) {
					assert.Fail(t, difference, "%s: %s", document.Source, document.ID())
				}
			}
			t.Logf("%d objects with %d lists", len(all), lists)
			assert.Positive(t, lists)
		})
	}
}

// inLists are the differences between what was written and what the server made of it, within lists alone. Elsewhere it may
// add what it likes.
func inLists(path string, written, seen any, inside bool, lists *int) []string {
	switch w := written.(type) {
	case map[string]any:
		s, is := seen.(map[string]any)
		if !is {
			return []string{fmt.Sprintf("%s: wrote %v, the server has %v", path, written, seen)}
		}
		var all []string
		for _, name := range slices.Sorted(maps.Keys(w)) {
			all = append(all, inLists(path+"."+name, w[name], s[name], inside, lists)...)
		}
		for _, name := range slices.Sorted(maps.Keys(s)) {
			if _, ours := w[name]; inside && !ours {
				all = append(all, fmt.Sprintf("%s.%s: the server adds %v", path, name, s[name]))
			}
		}
		return all
	case []any:
		*lists++
		s, is := seen.([]any)
		if !is || len(s) != len(w) {
			return []string{fmt.Sprintf("%s: wrote %v, the server has %v", path, written, seen)}
		}
		var all []string
		for i := range w {
			all = append(all, inLists(fmt.Sprintf("%s[%d]", path, i), w[i], s[i], true, lists)...)
		}
		return all
	}
	if inside && !assert.ObjectsAreEqual(written, seen) {
		return []string{fmt.Sprintf("%s: wrote %v, the server has %v", path, written, seen)}
	}
	return nil
}
