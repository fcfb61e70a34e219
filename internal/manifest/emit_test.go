package manifest

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	yaml3 "go.yaml.in/yaml/v3"
	"sigs.k8s.io/yaml"
)

// like fails unless Append writes what sigs.k8s.io/yaml does.
func like(t *testing.T, object Object) {
	t.Helper()
	want, err := yaml.Marshal(object)
	require.NoError(t, err, "%#v", object)
	require.Equal(t, string(want), string(Append(nil, object)), "%#v", object)
}

func TestStringsAsValues(t *testing.T) {
	for _, s := range append(append(long(), nasty...), changed...) {
		for _, object := range rooms(s) {
			like(t, object)
		}
	}
}

// All short strings over the characters of numbers and syntax.
func TestShortStrings(t *testing.T) {
	var grow func(start string, alphabet string, length int) []any
	grow = func(start, alphabet string, length int) []any {
		all := []any{start}
		if length > 0 {
			for _, c := range alphabet {
				all = append(all, grow(start+string(c), alphabet, length-1)...)
			}
		}
		return all
	}
	for _, alphabet := range []string{"0189.-+eE_:xobBfn", "0a -:#?.\n\u2028", "yYnNoOfFeEsS~"} {
		like(t, Object{"all": grow("", alphabet, 4)})
	}
}

func TestStringsAsKeys(t *testing.T) {
	for _, s := range append(readable(), "a\xffb", "\xc3", "\xed\xa0\x80", "\xff\n") {
		for _, object := range keyed(s) {
			like(t, object)
		}
	}
}

// numbers are the values that are not strings, at the edges of the ways to write them.
var numbers = []any{
	0, 1, -1, 80, 443, math.MaxInt, math.MinInt, int64(0), int64(math.MaxInt64), int64(math.MinInt64), int64(9007199254740993),
	uint64(math.MaxInt64) + 1, uint64(math.MaxUint64),
	0.0, math.Copysign(0, -1), 1.0, -1.0, 1.5, -1.5, 0.1, 0.30000000000000004, 100.0, 1e3, 1e5, 123456.0, 123456.5, 1234567.5, 123456789.5, 1e6, 1e15, 1e18,
	1e19, 1e20, 1e21, 1e22, 1e100, 1e300, -1e19, -1e20, -1e21, 9007199254740993.0, 9.223372036854775e18, 9.223372036854776e18, -9.223372036854775e18,
	float64(math.MinInt64), math.Nextafter(math.MinInt64, 0), float64(math.MaxUint64), math.Nextafter(math.MaxUint64, 0), 1.8446744073709552e19,
	1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1.5e-7, 1e-9, 1e-10, 1e-300, math.SmallestNonzeroFloat64, math.MaxFloat64, -math.MaxFloat64, math.Pi, 1.0 / 3,
	true, false, nil, map[string]any{}, []any{},
}

func TestNumbers(t *testing.T) {
	for _, v := range append([]any{map[string]any(nil), []any(nil)}, numbers...) {
		for _, object := range rooms(v) {
			like(t, object)
		}
	}
}

func TestDepth(t *testing.T) {
	text := strings.Repeat("some words ", 20) + "end"
	var v any = []any{text, text + ": ", text + "\n" + text, "\t" + text, map[string]any{strings.Repeat("k ", 70) + "k": text}}
	for range 40 {
		v = map[string]any{"a": []any{map[string]any{"b": v, "c": text}, []any{text}}}
		like(t, Object{"top": v})
	}
}

func TestEmptyDocuments(t *testing.T) {
	like(t, nil)
	like(t, Object{})
	like(t, Object{"": nil})
}

func TestKeyOrder(t *testing.T) {
	for _, keys := range [][]string{
		{"b", "a", "C", "B", "_", "-", ".", "~", "1", "é", "日", "0", "/"},
		{"a10", "a9", "a1", "a01", "a001", "a", "a0", "a00", "a010", "a100", "a-1", "a.1", "ab"},
		{"10", "9", "1", "01", "001", "0", "00", "010", "100", "101", "110", "1001", "1010"},
		{"1.10", "1.9", "1.1", "1.01", "1.0", "1", "1.", "1-"},
		{"a/b", "a", "a.b", "a.b/c", "a-b", "a_b", "aB", "Ab", "ab", "a b", "a:b"},
		{"kind", "metadata", "apiVersion", "spec", "status", "data", "stringData", "type", "immutable"},
		{"a1b2", "a1b10", "a01b2", "a1b02", "a2b1"},
		{"v1", "v1beta1", "v1alpha1", "v2", "v1beta10", "v1beta2"},
		{"é1", "é10", "é9", "è1", "日本", "日曜", "é", "e"},
		{"10001", "1002", "1000", "100", "12"},
		{"×", "Ö", "÷", "ö", "Ø"},
		{"٣", "٣٣", "3", "33", "1٣", "10", "1٠"},
		{"99999999999999999999", "99999999999999999998", "100000000000000000000", "18446744073709551617"},
		{"a0", "a00", "a000", "a0b", "a00b"},
		{"true", "false", "null", "~", "", " ", "  ", "<<", "=", "yes"},
	} {
		object := Object{}
		for i, key := range keys {
			object[key] = i
			for _, other := range keys {
				like(t, Object{key: 1, other: 2})
			}
		}
		for range 5 {
			like(t, object)
		}
	}
}

// Natural order has cycles: v2 before v10 before v1a before v2. The library's order then depends on chance, ours does not.
func TestKeyOrderWithCycle(t *testing.T) {
	keys := []string{"v10", "v1a", "v2", "v20", "v2a", "v3"}
	outcomes := map[string]bool{}
	for i := range 200 {
		object := Object{}
		for j := range keys {
			object[keys[(i+j)%len(keys)]] = 0
		}
		outcomes[string(Append(nil, object))] = true
	}
	assert.Len(t, outcomes, 1)
}

func TestAppendKeepsWhatIsThere(t *testing.T) {
	assert.Equal(t, "# head\na: b\n", string(Append([]byte("# head\n"), Object{"a": "b"})))
	text := strings.Repeat("word ", 30) + "end"
	alone := string(Append(nil, Object{"a": text}))
	assert.Equal(t, strings.Repeat("x", 100)+alone, string(Append([]byte(strings.Repeat("x", 100)), Object{"a": text})))
}

func TestAppendDoesNotChangeItsInput(t *testing.T) {
	object := Object{"a": []any{map[string]any{"b\xff": "c\u0085d"}}}
	Append(nil, object)
	assert.Equal(t, Object{"a": []any{map[string]any{"b\xff": "c\u0085d"}}}, object)
}

func TestAppendPanicsOnWhatIsNotJSON(t *testing.T) {
	for _, v := range []any{uint8(1), []string{"a"}, map[string]string{"a": "b"}, struct{}{}, math.NaN(), math.Inf(1), math.Inf(-1)} {
		assert.Panics(t, func() { Append(nil, Object{"a": v}) }, "%T %v", v, v)
	}
}

// What kustomize refuses to print is still YAML with the same data.
func TestRefusedByKustomize(t *testing.T) {
	for _, s := range []string{"\x7f", "a\x7fb", "\u0080", "\u009f", "\ufffe", "a\uffff", "a\x7f\u0085b", "a\n\x7f", strings.Repeat("k", 1100), strings.Repeat("k ", 600)} {
		object := Object{s: s, "list": []any{map[string]any{s: []any{s}}}}
		_, err := yaml.Marshal(object)
		require.Error(t, err, "%q", s)
		var read Object
		require.NoError(t, yaml3.Unmarshal(Append(nil, object), &read), "%q", s)
		assert.Equal(t, object, read, "%q", s)
	}
	keys := Object{"a\u0085b": 1, "a b": 2}
	_, err := yaml.Marshal(keys)
	require.Error(t, err)
	assert.Equal(t, "a b: 2\n? \"a\\Nb\"\n: 1\n", string(Append(nil, keys)))
}

// A reader of YAML 1.2 finds the same data as the reader of YAML 1.1 that kustomize is built on.
func TestStringsStayStrings(t *testing.T) {
	var objects []Object
	for _, s := range slices.Concat(nasty, every(5, long())) {
		objects = append(objects, rooms(s)...)
	}
	for _, s := range slices.Concat(nasty, every(5, readable())) {
		if s != "<<" { // kustomize does not quote the key that means a merge
			objects = append(objects, keyed(s)...)
		}
	}
	for _, object := range objects {
		text := Append(nil, object)
		var read Object
		require.NoError(t, yaml3.Unmarshal(text, &read), "%s", text)
		require.Equal(t, object, read, "%s", text)
	}
}

// A printer that remembers writes what one writes that does not: at whatever place of a line, and the second time too.
func TestPrinterRemembersWhatAppendWrites(t *testing.T) {
	var printer Printer
	random := rand.New(rand.NewPCG(7, 16))
	words := []string{"a", "word", "has(object.spec)", "&&", "'x'", ":", " ", "  ", "#", "\n", "\n\n", "é", "\u2028", "\t", "\"", "longer-than-most-words-are-in-these-texts"}
	var texts []string
	for range 60 {
		var text strings.Builder
		for text.Len() < 100+random.IntN(200) {
			text.WriteString(words[random.IntN(len(words))] + strings.Repeat(" ", random.IntN(2)))
		}
		texts = append(texts, text.String())
	}
	for range 3000 {
		text := texts[random.IntN(len(texts))]
		var value any = text
		for range random.IntN(4) {
			value = []any{map[string]any{"k": value}, []any{value}, map[string]any{strings.Repeat("é", 1+random.IntN(9)): value, "b": text}}[random.IntN(3)]
		}
		object := Object{"a": value, "z": text}
		require.Equal(t, string(Append(nil, object)), string(printer.Append(nil, object)))
	}
}
