package rollout

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"spokewright.dev/spokewright/internal/claim"
	"spokewright.dev/spokewright/internal/crossplane/compositions"
	"spokewright.dev/spokewright/internal/manifest"
)

// What bases/ bring is called as claims call it that name the set "bases", and fits a label's 63 characters in any set:
// Crossplane labels revisions with the composition's name.
func TestCompositionsAreCalledAsClaimsCallThem(t *testing.T) {
	for _, generation := range []string{compositions.Namespaced, compositions.Claims} {
		files, err := compositions.Make(generation)
		require.NoError(t, err)
		var plane []manifest.Object
		for _, file := range files {
			plane = append(plane, file...)
		}
		names := map[string]bool{}
		for _, object := range plane {
			id := manifest.Identify(object)
			labels, _ := manifest.MapAt(object, "metadata", "labels")
			kind := strings.TrimPrefix(manifest.TextAt(object, "spec", "compositeTypeRef", "kind"), "X")
			assert.Equal(t, id.Name, claim.Composition(kind, claim.Bases, labels))
			longest := claim.Composition(kind, strings.Repeat("x", 30), labels)
			assert.LessOrEqual(t, len(longest), 63, longest)
			names[claim.Composition(kind, "late", labels)] = true
		}
		kept, err := Keep(plane, claim.Bases, "late")
		require.NoError(t, err)
		require.Len(t, kept, len(plane))
		for _, object := range kept {
			assert.True(t, names[manifest.Identify(object).Name], manifest.Identify(object))
			labels, _ := manifest.MapAt(object, "metadata", "labels")
			assert.Equal(t, map[string]any{claim.SetLabel: "late"}, labels)
		}
		again, err := Keep(append(plane, kept...), claim.Bases, "late")
		require.NoError(t, err)
		assert.Equal(t, kept, again, "a set is no part of another")
		_, err = Keep(append(plane, withName(plane[0], "another")), claim.Bases, "late")
		assert.ErrorContains(t, err, "for the same claims")
	}
}

func withName(object manifest.Object, name string) manifest.Object {
	copied := manifest.Copy(object)
	manifest.Set(copied, name, "metadata", "name")
	return copied
}

func TestAFileIsListedOnce(t *testing.T) {
	for text, want := range map[string]string{
		"kind: K\nresources: [a.yaml]\nx: 1\n":                   "kind: K\nresources: [a.yaml, s.yaml]\nx: 1\n",
		"resources: []\n":                                        "resources: [s.yaml]\n",
		"resources:\n- a.yaml\nx: 1\n":                           "resources:\n- s.yaml\n- a.yaml\nx: 1\n",
		"resources:\n  # first\n  - a.yaml\n  - b.yaml # kept\n": "resources:\n  # first\n  - s.yaml\n  - a.yaml\n  - b.yaml # kept\n",
	} {
		listed, is := Listed([]byte(text), "s.yaml")
		require.True(t, is, text)
		assert.Equal(t, want, string(listed))
		again, is := Listed(listed, "s.yaml")
		require.True(t, is, text)
		assert.Equal(t, want, string(again))
	}
	_, is := Listed([]byte("resources: *anchor\n"), "s.yaml")
	assert.False(t, is)
}
