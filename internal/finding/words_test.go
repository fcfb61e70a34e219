package finding_test

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
	"spokewright.dev/spokewright/internal/property"

	"spokewright.dev/spokewright/internal/finding"
)

func TestPathNotation(t *testing.T) {
	for want, path := range map[string]finding.Path{
		"":                             finding.Keys(),
		"apps.web.path":                finding.Keys("apps", "web", "path"),
		`["a.b"].c`:                    finding.Keys("a.b", "c"),
		`labels["example.com/team"]`:   finding.Keys("labels", "example.com/team"),
		"spec.containers[0].image":     finding.Keys("spec", "containers").Index(0).Keys("image"),
		"spec.containers[].image":      finding.Keys("spec", "containers").Index(finding.Any).Keys("image"),
		"data.8080":                    finding.Keys("data", "8080"),
		`data[""]`:                     finding.Keys("data", ""),
		`data["]"]`:                    finding.Keys("data", "]"),
		`data["\u0430"]`:               finding.Keys("data", "а"), // a Cyrillic letter
		"[0][1]":                       finding.Path("").Index(0).Index(1),
		"$ref.#Name.x-kubernetes-list": finding.Keys("$ref", "#Name", "x-kubernetes-list"),
		`spec["a/b"].c`:                finding.Keys("spec").Join(finding.Keys("a/b", "c")),
		"spec.c":                       finding.Keys("spec").Join("c"),
		"c":                            finding.Path("").Join("c"),
	} {
		assert.Equal(t, want, string(path))
		parsed, err := finding.ParsePath(want)
		require.NoError(t, err)
		assert.Equal(t, path, parsed)
	}
	assert.Equal(t, finding.Path("registries[0].a[].-"), finding.Tokens("registries", "0", "a", "[]", "-"))
	assert.Equal(t, finding.Path("0.01"), finding.Tokens("0", "01"))
	for _, text := range []string{".", "a.", ".a", "a..b", "a[", "a[x]", "a[01]", "a[-1]", `a["b]`, `a["b"`, `a["b"]c`, `["a"]`, `a['b/c']`, "a b", "a[0]b", "a[`b/c`]", "а"} {
		_, err := finding.ParsePath(text)
		assert.Error(t, err, text)
	}
}

func someSteps() *rapid.Generator[[]finding.Step] {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) finding.Step {
		if rapid.Bool().Draw(t, "list") {
			return finding.Step{List: true, Index: rapid.IntRange(finding.Any, 1000).Draw(t, "index")}
		}
		return finding.Step{Name: rapid.OneOf(rapid.String(), rapid.StringMatching(`[a-z0-9./~"\[\]-]{0,6}`)).Draw(t, "name")}
	}), 0, 6)
}

// TestPathRoundTrip: no two paths are written alike.
func TestPathRoundTrip(t *testing.T) {
	property.Check(t, func(t *rapid.T) {
		steps := someSteps().Draw(t, "steps")
		path := finding.FromSteps(steps...)
		parsed, err := finding.ParsePath(string(path))
		require.NoError(t, err)
		assert.Equal(t, path, parsed)
		valid := true
		for _, step := range steps {
			valid = valid && utf8.ValidString(step.Name)
		}
		if valid {
			assert.Equal(t, append([]finding.Step{}, steps...), append([]finding.Step{}, path.Steps()...))
		}
		assert.LessOrEqual(t, len(path.Brief()), max(len(path), 72*6*7*4))
	})
}

func TestPointers(t *testing.T) {
	object := map[string]any{"data": map[string]any{"0": "x", "a/b": map[string]any{"~": 1}}, "list": []any{map[string]any{"k": 1}}}
	for pointer, path := range map[string]finding.Path{
		"":              "",
		"/data/0":       "data.0",
		"/data/a~1b/~0": `data["a/b"]["~"]`,
		"/list/0/k":     "list[0].k",
		"/list/7/k/3":   "list[7].k[3]",
		"/list/-":       "list[]",
		"/more/0":       "more[0]",
		"/more/01":      "more.01",
	} {
		assert.Equal(t, path, finding.FromPointer(pointer, object))
		assert.Equal(t, pointer, path.Pointer())
	}
}

func TestSuggest(t *testing.T) {
	for word, want := range map[string]string{
		"cluod": "cloud", "rolse": "roles", "AWS": "aws", "awz": "aws", "clouds": "cloud", "regoin": "region",
		"aws": "", "x": "", "": "", "databases": "", strings.Repeat("cloud", 100): "",
	} {
		assert.Equal(t, want, finding.Suggest(word, []string{"region", "roles", "cloud", "aws", ""}), word)
	}
	assert.Equal(t, "cat", finding.Suggest("cap", []string{"cat", "car"}[:1]))
	assert.Equal(t, "car", finding.Suggest("cap", []string{"cat", "car"}), "of two as near the first by the alphabet")
	assert.Equal(t, `; did you mean "cloud"?`, finding.DidYouMean("cluod", []string{"cloud"}))
	assert.Empty(t, finding.DidYouMean("x", []string{"cloud"}))
}

// TestSuggestIsSymmetric: where one word is meant by another, the other is by the one; and one slip is always found.
func TestSuggestIsSymmetric(t *testing.T) {
	word := rapid.StringMatching(`[abcA-]{1,7}`)
	property.Check(t, func(t *rapid.T) {
		a, b := word.Draw(t, "a"), word.Draw(t, "b")
		assert.Equal(t, finding.Suggest(a, []string{b}) == b && a != b, finding.Suggest(b, []string{a}) == a && a != b)
	})
	property.Check(t, func(t *rapid.T) {
		letters := []byte(rapid.StringMatching(`[a-z]{3,9}`).Draw(t, "word"))
		slipped, at := append([]byte(nil), letters...), rapid.IntRange(0, len(letters)-2).Draw(t, "at")
		slipped[at], slipped[at+1] = slipped[at+1], slipped[at]
		if string(slipped) != string(letters) {
			assert.Equal(t, string(letters), finding.Suggest(string(slipped), []string{string(letters)}))
		}
	})
}

func TestWords(t *testing.T) {
	assert.Equal(t, "über", finding.Shorten("über", 4))
	assert.Equal(t, "üb…", finding.Shorten("über!", 3))
	assert.Equal(t, "…", finding.Shorten("über", 1))
	assert.Equal(t, "\xff…", finding.Shorten("\xffü!", 2))
	assert.Equal(t, `"a\u0430"`, finding.Quote("aа"))
	assert.Equal(t, `"`+strings.Repeat("x", 71)+`…"`, finding.Quote(strings.Repeat("x", 73)))
	assert.Equal(t, `"`+strings.Repeat(`\"`, 71)+`…"`, finding.Quote(strings.Repeat(`"`, 73)))
	assert.Equal(t, `{"a":["<b>",1]}`, finding.Show(map[string]any{"a": []any{"<b>", 1}}))
	assert.Equal(t, "null", finding.Show(nil))
	assert.Equal(t, `"x"`, finding.Show("x"))
	assert.Regexp(t, `^\(.*\(complex128\)$`, finding.Show(1i))
	assert.Equal(t, "a list of 1 element", finding.Show([]any{strings.Repeat("ü", 100)}))
	assert.Equal(t, "a map with 2 fields", finding.Show(map[string]any{"a": 1, "b": strings.Repeat("ü", 100)}))
	assert.Equal(t, 72, utf8.RuneCountInString(finding.Show(json.Number(strings.Repeat("1", 100)))))
	assert.Equal(t, []string{"", "a", "a or b", "a, b or c"}, []string{finding.OneOf(nil), finding.OneOf([]string{"a"}), finding.OneOf([]string{"a", "b"}), finding.OneOf([]string{"a", "b", "c"})})
	assert.Equal(t, "a, b and c", finding.AllOf([]string{"a", "b", "c"}))
	assert.Equal(t, []string{`"a"`}, finding.Quoted([]string{"a"}))
	for want, n := range map[string]int{"1 file": 1, "0 files": 0, "2 files": 2} {
		assert.Equal(t, want, finding.Count(n, "file"))
	}
	assert.Equal(t, []string{"2 policies", "2 keys", "2 classes", "2 boxes", "2 patches"},
		[]string{finding.Count(2, "policy"), finding.Count(2, "key"), finding.Count(2, "class"), finding.Count(2, "box"), finding.Count(2, "patch")})
}
