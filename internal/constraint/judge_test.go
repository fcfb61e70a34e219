package constraint_test

import (
	"strings"
	"testing"

	"cuelang.org/go/cue"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"spokewright.dev/spokewright/internal/constraint"
	"spokewright.dev/spokewright/internal/constraint/cel"
)

type object = map[string]any

func TestJudge(t *testing.T) {
	for name, test := range map[string]struct {
		text  string
		value any
		want  []string
	}{
		"all at once": {
			`#x: {name!: =~"^[a-z]+$", size!: int & >=1 & <=64, cloud!: "aws" | "gcp", on?: true, gone?: _|_, list?: [...string], more?: [string]: int}`,
			object{"name": "A", "size": 65.0, "on": "true", "gone": nil, "list": []any{"a", int64(1), nil}, "more": object{"a": "1", "b": 2}, "nmae": 1, "zone": 2},
			[]string{
				`name: found "A", want a string matching ^[a-z]+$`,
				`size: found 65.0, want a whole number from 1 to 64`,
				`cloud: missing; want "aws" or "gcp"`,
				`on: found "true", want true`,
				`gone: must not be there`,
				`list.1: found 1, want a string`,
				`list.2: found null, want a string`,
				`more.a: found "1", want a whole number`,
				`nmae: unknown field; allowed are name, size, cloud, on, list, more`,
				`zone: unknown field; allowed are name, size, cloud, on, list, more`,
			},
		},
		"a missing struct is one violation": {
			`#x: {a!: {b!: int, c!: int}}`, object{}, []string{"a: missing; want a map with b and c"},
		},
		"not even a map": {
			`#x: {a!: int}`, []any{}, []string{"found a list of 0, want a map with a"},
		},
		"the nearest alternative": {
			`#x: {kind: "a", n!: int} | {kind: "b", s!: string, t!: string}`,
			object{"kind": "a", "n": "x"},
			[]string{`n: found "x", want a whole number`},
		},
		"no alternative is nearer": {
			`#x: {a!: int} | {b!: int}`, object{}, []string{"found a map, want a map with a or a map with b"},
		},
		"no alternative has the kind": {
			`#x: {a!: int} | [...int]`, "x", []string{`found "x", want a map with a or a list of whole numbers`},
		},
		"an empty definition": {
			`#x: {}`, object{"a": nil}, []string{"a: unknown field"},
		},
		"lists": {
			`#x: {a: list.MinItems(2) & [...int], b: [int, string], c: ["a", ...int]}`,
			object{"a": []any{1}, "b": []any{1, 2}, "c": []any{"b", "c", 3}},
			[]string{
				"a: found a list of 1, want a list of whole numbers (at least 2)",
				"b.1: found 2, want a string",
				`c.0: found "b", want "a"`,
				`c.1: found "c", want a whole number`,
			},
		},
		"not JSON": {
			`#x: int | string`, int8(1), []string{"found 1, want a whole number or a string"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			c, err := read(test.text, true)
			require.NoError(t, err)
			var got []string
			for _, violation := range c.Judge(test.value) {
				got = append(got, violation.String())
			}
			assert.Equal(t, test.want, got)
		})
	}
}

func TestViolation(t *testing.T) {
	c, err := read(`#x: {a!: b!: int, c?: int}`, true)
	require.NoError(t, err)
	found := c.Judge(object{"a": object{}, "d": true})
	require.Len(t, found, 2)
	assert.Equal(t, []string{"a", "b"}, found[0].Path)
	assert.Equal(t, constraint.Missing, found[0].Reason)
	assert.Equal(t, "a whole number", found[0].Want.String())
	assert.Equal(t, constraint.UnknownField, found[1].Reason)
	assert.Equal(t, true, found[1].Found)
	assert.Equal(t, []string{"a", "c"}, found[1].Allowed)
}

// The kinds of JSON are kept apart, in all three judges alike; 7 and 7.0 are one number.
func TestKinds(t *testing.T) {
	values := []any{nil, true, int64(7), 7.0, 7.5, "7", "true", "null", []any{}, object{}}
	for text, want := range map[string]string{
		"int": "7 7", "number": "7 7 7.5", "7": "7 7", "7.5": "7.5", ">=7": "7 7 7.5", "!=7": "7.5", "true": "true", "bool": "true",
		`"7"`: `"7"`, `"true"`: `"true"`, "string": `"7" "true" "null"`, "null": "null", "!=null": `true 7 7 7.5 "7" "true" "null" [] {}`,
		"_": `null true 7 7 7.5 "7" "true" "null" [] {}`, "[...]": "[]", "{...}": "{}", `7 | "7"`: `7 7 "7"`, "7 | 7.5": "7 7 7.5", "!=7.0": "7.5",
	} {
		c, err := read("x: "+text, false)
		require.NoError(t, err, text)
		program := compile(t, cel.Expression(c, "object"))
		var got []string
		for _, value := range values {
			if c.Holds(value) {
				got = append(got, literalJSON(value))
			}
			out, _, err := program.Eval(object{"object": value})
			require.NoError(t, err)
			require.Equal(t, c.Holds(value), out.Value(), "%s %v", text, value)
			require.Equal(t, c.Holds(value), holdsInCUE("x: "+text, value), "%s %v", text, value)
		}
		assert.Equal(t, want, strings.Join(got, " "), text)
	}
}

func holdsInCUE(text string, value any) bool {
	v := cueText(text).LookupPath(cue.ParsePath("x"))
	return settles(v.Unify(v.Context().CompileString(literalJSON(value))), value)
}

// A definition's regular fields are CUE's to fill where it can; what tells alternatives apart must be written.
func TestDefinition(t *testing.T) {
	for text, want := range map[string]map[string]bool{
		`#x: {kind: "Foo", n: *1 | int, s: string, sub: {a?: int, b: *"x" | string}, l: [...int], need: {z: int}}`: {
			`{"s": "a", "need": {"z": 1}}`:                        true,
			`{"s": "a", "need": {"z": 1}, "kind": "Foo", "n": 2}`: true,
			`{"s": "a", "need": {"z": 1}, "kind": "Bar"}`:         false,
			`{"need": {"z": 1}}`:                                  false,
			`{"s": "a"}`:                                          false,
			`{"s": "a", "need": {}}`:                              false,
			`{"s": "a", "need": {"z": 1}, "sub": {"c": 1}}`:       false,
			`{"s": "a", "need": {"z": 1}, "sub": {"b": "y"}}`:     true,
			`{"s": "a", "need": {"z": 1}, "l": [1, "2"]}`:         false,
		},
		`#x: {api: "v1", {kind: "a", n?: int} | {kind: "b", m!: int}}`: {
			`{"kind": "a"}`:              true,
			`{"kind": "b", "m": 1}`:      true,
			`{"api": "v1", "kind": "a"}`: true,
			`{"n": 1}`:                   false, // CUE would fill in the kind, here it must be there
			`{"kind": "b"}`:              false,
			`{"kind": "a", "m": 1}`:      false,
		},
		`#x: {envs: [=~"^[a-z-]+$"]: #env, lists: [string]: [...{a?: int}]}, #env: {n?: int}`: {
			`{"envs": {"prod-eu": {"n": 1}}}`: true,
			`{"envs": {"prod-eu": {"m": 1}}}`: false,
			`{"envs": {"Prod": {}}}`:          false,
			`{"lists": {"x": [{"a": 1}]}}`:    true,
			`{"lists": {"x": [{"b": 1}]}}`:    false,
		},
	} {
		c, err := read(text, true)
		require.NoError(t, err, text)
		for data, legal := range want {
			var value any
			require.NoError(t, cueText(data).Decode(&value))
			assert.Equal(t, legal, c.Holds(value), "%s %s %v", text, data, c.Judge(value))
		}
	}
}

func BenchmarkJudge(b *testing.B) {
	c, err := read(`#x: {name!: =~"^[a-z]+$", size!: int & >=1 & <=64, cloud!: "aws" | "gcp", list?: [...string], more?: [string]: int}`, true)
	require.NoError(b, err)
	value := object{"name": "abc", "size": 3, "cloud": "gcp", "list": []any{"a", "b"}, "more": object{"a": 1, "b": 2}}
	b.ReportAllocs()
	for b.Loop() {
		if !c.Holds(value) {
			b.Fatal(c.Judge(value))
		}
	}
}
