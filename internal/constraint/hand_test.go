package constraint_test

import (
	"testing"

	"cuelang.org/go/cue"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"spokewright.dev/spokewright/internal/constraint/cel"
)

// TestAgreeByHand has the three judges agree on what the random constraints of TestAgree do not hold: references,
// comprehensions, functions. oracle is the same text with required fields for regular ones.
func TestAgreeByHand(t *testing.T) {
	values := []any{
		nil, "a", "ab", int64(0), int64(5), int64(6), 5.5, object{}, []any{}, []any{int64(5)}, []any{"a", "b"},
		object{"a": int64(5)}, object{"a": int64(6)}, object{"a": "x", "b": "y"}, object{"a": int64(5), "b": int64(5)},
		object{"a": int64(5), "b": int64(6)}, object{"a": []any{"x"}, "b": "x"}, object{"a": []any{"x"}, "b": "y"},
		object{"a": object{"n": int64(1)}}, object{"a": object{"n": int64(1), "m": int64(2)}}, object{"p-x": int64(1), "p-y": int64(2)},
		object{"p-x": int64(1), "p-y": int64(3)}, object{"a": []any{object{"n": int64(1)}}}, object{"a": []any{object{}}},
		object{"a": []any{object{"n": int64(1), "z": int64(1)}}}, object{"a": object{"b": object{"n": int64(1)}}}, object{"b": int64(2)},
	}
	for text, oracle := range map[string]string{
		`x: #d, #d: int & >=5`:                                                 ``,
		`x: y.z, y: {z: int & >=5}`:                                            ``,
		`x: y & <6, y: >=5`:                                                    ``,
		`x: {a: #d.e}, #d: {e: 5}`:                                             `x: {a!: #d.e}, #d: {e: 5}`,
		`x: {a: lo}, lo: *5 | int`:                                             `x: {a!: lo}, lo: *5 | int`,
		`x: {a: >=lo}, lo: *5 | int`:                                           `x: {a!: >=lo}, lo: *5 | int`,
		`x: {a: 5, b: a}`:                                                      `x: {a!: 5, b!: 5}`,
		`x: {a: ["x"], b: or(a)}`:                                              `x: {a!: ["x"], b!: or(["x"])}`,
		`x: {a: "\(p)", b: "y"}, p: "x"`:                                       `x: {a!: "\(p)", b!: "y"}, p: "x"`,
		`let l = >=5, x: {a: l}`:                                               `let l = >=5, x: {a!: l}`,
		`x: {if c == "p" {a: 5}}, c: "p"`:                                      `x: {if c == "p" {a!: 5}}, c: "p"`,
		`x: {if c == "q" {a: 5}, b: int}, c: "p"`:                              `x: {if c == "q" {a!: 5}, b!: int}, c: "p"`,
		`x: {for k, v in m {"p-\(k)": v}}, m: {x: 1, y: 2}`:                    `x: {for k, v in m {"p-\(k)"!: v}}, m: {x: 1, y: 2}`,
		`x: [for e in ["a", "b"] {e}]`:                                         ``,
		`x: {"p-\(n)": 1}, n: "x"`:                                             `x: {"p-\(n)"!: 1}, n: "x"`,
		`x: and([int, >=5])`:                                                   ``,
		`x: "a" | error("a, please")`:                                          ``,
		`x: {a: [...#e]}, #e: {n?: int}`:                                       `x: {a!: [...#e]}, #e: {n?: int}`,
		`x: {a: list.MinItems(1) & [...#e]}, #e: {n!: int}`:                    `x: {a!: list.MinItems(1) & [...#e]}, #e: {n!: int}`,
		`x: {a: #l}, #l: list.MaxItems(1) & [...string]`:                       `x: {a!: #l}, #l: list.MaxItems(1) & [...string]`,
		`x: {a: {n: int}} & {a: close({n: >0})}`:                               `x: {a!: {n!: int}} & {a!: close({n!: >0})}`,
		`x: {#base, a: >5}, #base: {a: int, b?: int}`:                          `x: {#base, a!: >5}, #base: {a!: int, b?: int}`,
		`x: #base & {a: >5}, #base: {a: int, b?: int}`:                         `x: #base & {a!: >5}, #base: {a!: int, b?: int}`,
		`x: {a: #open}, #open: {n: int, ...}`:                                  `x: {a!: #open}, #open: {n!: int, ...}`,
		`x: {a: [string]: [string]: int}`:                                      `x: {a!: [string]: [string]: int}`,
		`x: #r.require, #r: #rule & {require: a: n: 1}, #rule: require: {...}`: `x: #r.require, #r: #rule & {require: a!: n!: 1}, #rule: require: {...}`,
		`x: int8`: ``, `x: uint32 & !=5`: ``, `x: int64`: ``, `x: uint64`: ``, `x: >=5 & <=5`: ``,
		`x: {a: _, b: _}`: `x: {a!: _, b!: _}`, `x: {a?: _|_}`: ``, `x: {a?: int & string}`: ``,
	} {
		c, err := read(text, false)
		if !assert.NoError(t, err, text) {
			continue
		}
		if oracle == "" {
			oracle = text
		}
		judge := cueText(oracle).LookupPath(cue.ParsePath("x"))
		require.NoError(t, judge.Validate(), oracle)
		program := compile(t, cel.Expression(c, "object"))
		for _, value := range values {
			out, _, err := program.Eval(object{"object": value})
			require.NoError(t, err, text)
			want := settles(judge.Unify(judge.Context().CompileString(literalJSON(value))), value)
			assert.Equal(t, want, c.Holds(value), "%s\n%s\n%v", text, literalJSON(value), c.Judge(value))
			assert.Equal(t, want, out.Value(), "%s\n%s\n%s", text, literalJSON(value), cel.Expression(c, "object"))
		}
	}
}
