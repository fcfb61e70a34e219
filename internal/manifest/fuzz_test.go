package manifest

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	yaml3 "go.yaml.in/yaml/v3"
	"pgregory.net/rapid"
	"sigs.k8s.io/yaml"
	"spokewright.dev/spokewright/internal/property"
)

// characters holds what has a meaning somewhere in YAML, and a few that have none.
var characters = []rune("  \n\n\t\r:#-?,[]{}&*!|>'\"%@`~=<\\./_+0123456789abefnoxyzABENOTXY" +
	"\x00\x1b\u00a0\u2028\u2029\u00e9\u65e5\ufeff\ufffd\U0001f600")

func texts() *rapid.Generator[string] {
	return rapid.OneOf(
		rapid.SampledFrom(nasty),
		rapid.StringOf(rapid.SampledFrom(characters)),
		rapid.StringMatching(`[a-z][a-zA-Z0-9./-]{0,12}`),
		rapid.StringMatching(`[-+.0-9][-+._:0-9a-fxoTZ ]{0,12}`),
		rapid.Map(rapid.SliceOfN(rapid.SampledFrom(nasty), 2, 4), func(parts []string) string { return strings.Join(parts, "") }),
		rapid.Map(rapid.SliceOfN(rapid.StringMatching(`[a-zé'":#-]{0,9}`), 0, 40), func(words []string) string { return strings.Join(words, " ") }),
		rapid.String(),
	)
}

// keys are short enough, and plain enough, for the library to read them back from JSON.
func keys() *rapid.Generator[string] {
	return rapid.Map(texts(), func(s string) string {
		runes := []rune(s)
		for i, r := range runes {
			if isForeign(r, 0) {
				runes[i] = 'x'
			}
		}
		return string(runes[:min(len(runes), 140)])
	})
}

func values(depth int) *rapid.Generator[any] {
	kinds := []*rapid.Generator[any]{
		rapid.Map(texts(), func(s string) any { return s }),
		rapid.Map(rapid.Int(), func(n int) any { return n }),
		rapid.Map(rapid.Int64(), func(n int64) any { return n }),
		rapid.Map(rapid.Float64(), func(f float64) any { return f }),
		rapid.SampledFrom(numbers),
	}
	if depth > 0 {
		inner := values(depth - 1)
		kinds = append(kinds,
			rapid.Map(rapid.MapOfN(keys(), inner, 0, 5), func(m map[string]any) any { return m }),
			rapid.Map(rapid.SliceOfN(inner, 0, 4), func(items []any) any { return items }))
	}
	return rapid.OneOf(kinds...)
}

func sameAsLibrary(t *rapid.T) {
	object := rapid.MapOfN(keys(), values(4), 0, 5).Draw(t, "object")
	compare(t, object)
}

// compare fails unless Append writes what sigs.k8s.io/yaml does. What that refuses must still be YAML. Where its order of
// keys is a matter of chance (TestKeyOrderWithCycle), ours must be among its outcomes, or all parts must be the same.
func compare(t require.TestingT, object Object) {
	got := string(Append(nil, object))
	first, err := yaml.Marshal(object)
	if err != nil {
		if !strings.Contains(got, "<<") { // a key that kustomize does not quote and means a merge
			var read any
			require.NoError(t, yaml3.Unmarshal([]byte(got), &read), "%q", got)
		}
		return
	}
	chance, tries := false, 0
	for want := first; string(want) != got; want, _ = yaml.Marshal(object) {
		chance = chance || string(want) != string(first)
		if tries++; tries < 100 {
			continue
		}
		require.True(t, chance, "want %q\ngot  %q", first, got)
		for _, part := range parts(object) {
			compare(t, part)
		}
		return
	}
}

// parts takes an object apart, by its keys if it has several.
func parts(object Object) (parts []Object) {
	for key, value := range object {
		if len(object) > 1 {
			parts = append(parts, Object{key: value})
			continue
		}
		switch value := value.(type) {
		case map[string]any:
			parts = append(parts, value)
		case []any:
			for _, item := range value {
				parts = append(parts, Object{key: item})
			}
		}
	}
	return parts
}

func TestAppendLikeLibrary(t *testing.T) { property.Check(t, sameAsLibrary) }

func FuzzAppend(f *testing.F) { f.Fuzz(rapid.MakeFuzz(sameAsLibrary)) }

// FuzzString lets the engine look for strings that are written in another way than by the library.
func FuzzString(f *testing.F) {
	for _, s := range slices.Concat(nasty, changed) {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if len(s) > 4096 {
			t.Skip("takes long and shows nothing new")
		}
		for _, object := range rooms(s) {
			compare(t, object)
		}
		for _, object := range keyed(s) {
			compare(t, object)
		}
	})
}

// FuzzKeyOrder compares the order of two keys.
func FuzzKeyOrder(f *testing.F) {
	for _, pair := range [][2]string{{"a10", "a9"}, {"a01", "a1"}, {"a-b", "ab"}, {"10", "1a"}, {"é", "e"}, {"٣", "3"}} {
		f.Add(pair[0], pair[1])
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		a, b = valid(a), valid(b) // so that two keys stay two
		compare(t, Object{a: 1, b: 2})
	})
}
