package kustomize

import (
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
	"spokewright.dev/spokewright/internal/manifest"
	"spokewright.dev/spokewright/internal/property"
)

// Whatever objects a generator makes, the fast path and kustomize's library print the same, or fail alike.
func TestFastPathIsKustomize(t *testing.T) {
	tree := fstest.MapFS{
		"kustomization.yaml": {Data: []byte("generators: [config.yaml]\nsortOptions: {order: fifo}\n")},
		"config.yaml":        {Data: []byte("{apiVersion: spokewright.dev/v1, kind: Pattern, metadata: {name: a}}\n")},
	}
	var objects []manifest.Object
	run := func(manifest.Object, string, []manifest.Object) ([]manifest.Object, error) { return objects, nil }
	quick, through := NewBuilder(tree, run), NewBuilder(tree, run)
	through.always = true
	fast, all := 0, 0
	property.Check(t, func(t *rapid.T) {
		objects = rapid.SliceOfN(anyObject(), 1, 3).Draw(t, "objects")
		_, _, err := quick.quickly(".")
		if all++; err == nil {
			fast++
		}
		quickly, quickErr := quick.Build(".")
		slowly, slowErr := through.Build(".")
		require.Equal(t, slowErr == nil, quickErr == nil, "%v, %v", slowErr, quickErr) // kustomize reports any one of its errors
		require.Equal(t, string(slowly.YAML), string(quickly.YAML))
		if err == nil {
			require.Equal(t, string(quickly.YAML), string(manifest.Stream(quickly.Objects)))
		}
	})
	t.Logf("%d of %d on the fast path", fast, all)
	require.Greater(t, 10*fast, all, "the fast path is hardly ever taken")
}

// anyObject draws objects that are nearly always acceptable, full of strings that are hard on YAML.
func anyObject() *rapid.Generator[manifest.Object] {
	kind := rapid.SampledFrom([]string{"ConfigMap", "Claim", "Deployment", "RoleBinding", "Service", "Namespace", "ConfigMapList"})
	return rapid.Custom(func(t *rapid.T) manifest.Object {
		object := manifest.New("v1", kind.Draw(t, "kind"), rapid.SampledFrom([]string{"", "a", "default"}).Draw(t, "namespace"),
			rapid.StringMatching(`[a-z]{1,4}|1|true|1e3`).Draw(t, "name"))
		metadata := object["metadata"].(map[string]any)
		for _, field := range []string{"labels", "annotations"} {
			if rapid.Bool().Draw(t, field) {
				metadata[field] = mapping(awkward().AsAny()).Draw(t, field)
			}
		}
		for _, field := range []string{"spec", "subjects", "roleRef", "data"} {
			if rapid.IntRange(0, 2).Draw(t, field) == 0 {
				object[field] = anyValue(3).Draw(t, field)
			}
		}
		return object
	})
}

func anyValue(depth int) *rapid.Generator[any] {
	leaf := rapid.OneOf(awkward().AsAny(), rapid.Int64().AsAny(), rapid.Float64Range(-1e22, 1e22).AsAny(), rapid.Bool().AsAny(),
		rapid.Just[any](nil))
	if depth == 0 {
		return leaf
	}
	below := rapid.Deferred(func() *rapid.Generator[any] { return anyValue(depth - 1) })
	return rapid.OneOf(leaf, mapping(below).AsAny(), rapid.SliceOfN(below, 0, 3).AsAny())
}

func mapping(values *rapid.Generator[any]) *rapid.Generator[map[string]any] {
	keys := rapid.OneOf(rapid.SampledFrom([]string{"name", "namespace", "kind", "template", "spec", "volumes", "a.b/c"}), awkward())
	return rapid.MapOfN(keys, values, 0, 3)
}

// awkward draws strings of the characters and words that YAML gives a meaning.
func awkward() *rapid.Generator[string] {
	letters := []rune{' ', ' ', '\n', '\n', '\t', '#', ':', '-', '?', '"', '\'', '\\', '&', '*', '!', '%', '@', '`', '|', '>', '{', '[',
		',', '=', '<', '~', 'a', 'b', '1', '0', 'x', 'é', '\u2028', '\u0085', '\u00a0', '\ufeff', '\x7f', '\x01', '\r', '😀'}
	words := []string{"true", "yes", "null", "~", "1e3", "0x1f", "0o17", "1_0", "1:20", ".inf", "2024-01-01", "<<", "=", "---", "...",
		"a: b\n  c: d\n", "$(A)", "{{ .x }}", " a\nb", "a\n\n b\n ", "\ta\n"}
	return rapid.OneOf(rapid.SampledFrom(words), rapid.StringOfN(rapid.SampledFrom(letters), 0, 8, -1), rapid.StringMatching(`[a-z]{0,6}`))
}
