package constraint_test

import (
	"testing"

	"cuelang.org/go/cue"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"spokewright.dev/spokewright/internal/constraint"
	"spokewright.dev/spokewright/internal/constraint/cel"
)

// CUE itself judges bounds that name other fields, and conditions on them: it has the data then.
func TestRelationsAgree(t *testing.T) {
	numbers := []any{nil, "a", int64(1), int64(2), 2.5, 3.0}
	var values []any
	for _, a := range numbers {
		for _, b := range numbers {
			values = append(values, object{"a": a, "b": b}, object{"n": object{"a": a, "b": b}}, object{"n": object{"a": a}, "b": b},
				object{"l": []any{object{"a": a, "b": b}, object{"a": int64(1), "b": int64(2)}}}, object{"m": object{"k": object{"a": a, "b": b}}}, object{"a": a, "n": object{"m": object{"b": b}}})
		}
		values = append(values, object{"a": a}, object{"b": a}, object{"l": []any{object{"a": a}}})
	}
	for _, c := range []any{"x", "y", true, false, int64(3), nil} {
		for _, d := range []any{"x", "y", int64(5), nil} {
			values = append(values, object{"c": c, "d": d}, object{"c": c}, object{"c": c, "d": d, "a": int64(1), "b": int64(2)}, object{"c": c, "n": object{"a": int64(5), "b": int64(1)}},
				object{"c": c, "d": d, "a": int64(3)}, object{"l": []any{object{"c": c, "d": d}}})
		}
	}
	for text, oracle := range map[string]string{
		`x: {a: int, b: >=a}`:                                                `x: {a!: int, b!: >=a}`,
		`x: {a: number & <3, b: int & >a & <=3}`:                             `x: {a!: number & <3, b!: int & >a & <=3}`,
		`x: {a: >=1, b?: <a}`:                                                `x: {a!: >=1, b?: <a}`,
		`x: {a: 2, b: <=a}`:                                                  `x: {a!: 2, b!: <=2}`,
		`x: {n: {a: int, b: >a}}`:                                            `x: {n!: {a!: int, b!: >a}}`,
		`x: {n: a: int, b: >=n.a}`:                                           `x: {n!: a!: int, b!: >=n.a}`,
		`x: {b: int, n: a: <b}`:                                              `x: {b!: int, n!: a!: <b}`,
		`x: {l: [...{a: int, b: >=a}]}`:                                      `x: {l!: [...{a!: int, b!: >=a}]}`,
		`x: {m: [string]: {a: int, b: >=a}}`:                                 `x: {m!: [string]: {a!: int, b!: >=a}}`,
		`x: {a?: int, b: >=a}`:                                               `x: {a?: int, b!: >=a}`,
		`x: {c: string, if c == "x" {d: "y"}}`:                               `x: {c!: string, if c == "x" {d!: "y"}}`,
		`x: {c: bool, if c {d: 5}}`:                                          `x: {c!: bool, if c {d!: 5}}`,
		`x: {c: bool, if !c {d: 5}}`:                                         `x: {c!: bool, if !c {d!: 5}}`,
		`x: {c: string, if c != "x" {d?: "x"}}`:                              `x: {c!: string, if c != "x" {d?: "x"}}`,
		`x: {c: string, d: string, if c == "x" && d == "y" {a: 1}}`:          `x: {c!: string, d!: string, if c == "x" && d == "y" {a!: 1}}`,
		`x: {c: string, if c =~ "^x" {a: 1, b: >a}}`:                         `x: {c!: string, if c =~ "^x" {a!: 1, b!: >a}}`,
		`x: {a: int, c?: string, if a >= 3 {d: string}}`:                     `x: {a!: int, c?: string, if a >= 3 {d!: string}}`,
		`x: {c: string, n?: {a: int, if c == "x" {b: 1}}}`:                   `x: {c!: string, n?: {a!: int, if c == "x" {b!: 1}}}`,
		`x: {l: [...{c: string, if c == "x" {d: "x"}}]}`:                     `x: {l!: [...{c!: string, if c == "x" {d!: "x"}}]}`,
		`x: {c: string, if c == "x" {d: string, if d == "y" {a: 1}}}`:        `x: {c!: string, if c == "x" {d!: string, if d == "y" {a!: 1}}}`,
		`x: {c: string, d?: _, if c == "x" {d?: _|_}, if c == "y" {d: "y"}}`: `x: {c!: string, d?: _, if c == "x" {d?: _|_}, if c == "y" {d!: "y"}}`,
		`x: {c: "x" | "y", a?: int, b?: int, if c == "x" {a: int, b: >a}}`:   `x: {c!: "x" | "y", a?: int, b?: int, if c == "x" {a!: int, b!: >a}}`,
		`x: {a: int, n: null | {m: {b: >a}} | "e"}`:                          `x: {a!: int, n!: null | {m!: {b!: >a}} | "e"}`,
		`x: {a?: _, if a != _|_ {b: 2}}`:                                     `x: {a?: _, if a != _|_ {b!: 2}}`,
		`x: {a?: _, if a == _|_ {b: 2}}`:                                     `x: {a?: _, if a == _|_ {b!: 2}}`,
		`x: {c?: _, if c != _|_ if c == "x" {d: "y"}}`:                       `x: {c?: _, if c != _|_ if c == "x" {d!: "y"}}`,
		`x: {c?: _, d?: _, if c != _|_ if d == _|_ || c == "x" {a: 1}}`:      `x: {c?: _, d?: _, if c != _|_ if d == _|_ || c == "x" {a!: 1}}`,
		`x: {n?: {a?: _}, if n.a != _|_ {b: 2}}`:                             `x: {n?: {a?: _}, if n.a != _|_ {b!: 2}}`,
		`x: {n?: {a?: _}, if n["a"] != _|_ {b: 2}}`:                          `x: {n?: {a?: _}, if n["a"] != _|_ {b!: 2}}`,
		`x: {c: string, d: string, if c == "x" || d == "y" {a: 1}}`:          `x: {c!: string, d!: string, if c == "x" || d == "y" {a!: 1}}`,
		`x: {c: string, d: string, if !(c == "x" && d == "y") {a: 1}}`:       `x: {c!: string, d!: string, if !(c == "x" && d == "y") {a!: 1}}`,
		`x: {c: string, if !(c =~ "^x") {a: 1}}`:                             `x: {c!: string, if !(c =~ "^x") {a!: 1}}`,
		`x: {a: int, c?: string, if 3 <= a {d: string}}`:                     `x: {a!: int, c?: string, if 3 <= a {d!: string}}`,
		`x: {c?: _, if c == null {a: 1}}`:                                    `x: {c?: _, if c == null {a!: 1}}`,
		`x: {c?: _, if "x" == c || null != c {a: 1}}`:                        `x: {c?: _, if "x" == c || null != c {a!: 1}}`,
		`x: {a: _, if a != 3 {b: 2}}`:                                        `x: {a!: _, if a != 3 {b!: 2}}`,
		`x: {c: string, d: c}`:                                               `x: {c!: string, d!: c}`,
		`x: {c: string, d?: !=c}`:                                            `x: {c!: string, d?: !=c}`,
		`x: {c?: string, d?: c}`:                                             `x: {c?: string, d?: c}`,
		`x: {a: number, b: a}`:                                               `x: {a!: number, b!: a}`,
		`x: {a: number, b: !=a & <3}`:                                        `x: {a!: number, b!: !=a & <3}`,
		`x: {a: number | bool | null | string, b: a}`:                        `x: {a!: number | bool | null | string, b!: a}`,
		`x: {a: "x" | 1 | 2, b: a}`:                                          `x: {a!: "x" | 1 | 2, b!: a}`,
		`x: {a: *1 | int, b: a & 2}`:                                         `x: {a!: int, b!: a & 2}`,
		`x: {n: a: int, b: n.a}`:                                             `x: {n!: a!: int, b!: n.a}`,
		`x: {b: int, n: a: b}`:                                               `x: {b!: int, n!: a!: b}`,
		`x: {l: [...{a: int, b: !=a}]}`:                                      `x: {l!: [...{a!: int, b!: !=a}]}`,
		`x: {m: [string]: {a: int, b: a}}`:                                   `x: {m!: [string]: {a!: int, b!: a}}`,
		`x: {a: int, m?: [string]: {a: int, b: a}, b: a}`:                    `x: {a!: int, m?: [string]: {a!: int, b!: a}, b!: a}`,
		`x: {a: int, b: {a}}`:                                                `x: {a!: int, b!: a}`,
		`x: {a: int, b: a, c?: b}`:                                           `x: {a!: int, b!: a, c?: b}`,
		`x: {{c: "x", a: int, b: >a} | {c: "y", b?: 2}}`:                     `x: {{c!: "x", a!: int, b!: >a} | {c!: "y", b?: 2}}`,
	} {
		c, err := read(text, false)
		if !assert.NoError(t, err, text) {
			continue
		}
		judge := cueText(oracle).LookupPath(cue.ParsePath("x"))
		program := compile(t, cel.Expression(c, "object"))
		satisfied := 0
		for _, value := range values {
			out, _, err := program.Eval(object{"object": value})
			require.NoError(t, err, text)
			unified := judge.Unify(judge.Context().CompileString(literalJSON(value)))
			want := unified.Validate(cue.Concrete(true), cue.Final()) == nil
			assert.Equal(t, want, c.Holds(value), "%s\n%s\n%v", text, literalJSON(value), c.Judge(value))
			assert.Equal(t, want, out.Value(), "%s\n%s\n%s", text, literalJSON(value), cel.Expression(c, "object"))
			if want {
				satisfied++
			}
		}
		assert.NotZero(t, satisfied, text)
	}
}

// Quantities are compared by what they measure, where CUE would compare their letters.
func TestQuantitiesAgree(t *testing.T) {
	for text, verdicts := range map[string]map[string]bool{
		`x: >="1Gi" & <="16Gi"`: {`"1Gi"`: true, `"1024Mi"`: true, `"1023Mi"`: false, `"9Gi"`: true, `"16Gi"`: true, `"17179869185"`: false, `2000000000`: true, `5`: false, `"a"`: false, `true`: false, `"1 Gi"`: false},
		`x: <"2"`:               {`"1999m"`: true, `2`: false, `1.5`: true, `"2000m"`: false, `"-1"`: true, `"1e0"`: true, `"1e1"`: false, `"1E"`: false, `".5"`: true, `"."`: false, `""`: false, `"+"`: false},
		`x: string & >"0"`:      {`"1n"`: true, `"0.1n"`: true, `"0"`: false, `1`: false},
		`x: [<="4Gi"]`:          {`["4Gi"]`: true, `[5000000000]`: false, `[1]`: true},
		`x: {"a-b": <="4Gi"}`:   {`{"a-b": "4Gi"}`: true, `{"a-b": 5000000000}`: false, `{"a-b": 1.5}`: true},
		`x: {m?: <="4Gi"}`:      {`{}`: true, `{"m": "4Gi"}`: true, `{"m": "5G"}`: false, `{"m": "4.2G"}`: true},
	} {
		c, err := read(text, false)
		require.NoError(t, err, text)
		program := compile(t, cel.Expression(c, "object"))
		for value, want := range verdicts {
			var data any
			require.NoError(t, cueText("v: "+value).LookupPath(cue.ParsePath("v")).Decode(&data))
			if n, ok := data.(int); ok {
				data = int64(n)
			}
			out, _, err := program.Eval(object{"object": data})
			require.NoError(t, err, text)
			assert.Equal(t, want, c.Holds(data), "%s %s", text, value)
			assert.Equal(t, want, out.Value(), "%s %s %s", text, value, cel.Expression(c, "object"))
		}
	}
}

func TestRelationsRefused(t *testing.T) {
	for text, want := range map[string]string{
		`x: {a: string, b: >=a}`:                 "x.cue:1:19: b: >=a: what it is compared with must be a number",
		`x: {a: int, b: >=a | "none"}`:           "alternatives cannot hold",
		`x: {a: string | {}, b: string & a}`:     "one field can follow another",
		`x: {a: string | int, b: !=a}`:           "what it is to differ from must be a string or a number; write string & or number & at a",
		`x: {a: string, b: int & a}`:             "nothing can satisfy it: a is a string",
		`x: {a: int, b: >=a+1}`:                  "",
		`x: {a: int, b: int, if a == b {c: 1}}`:  "one field can follow another",
		`x: {a: [...int], if len(a) > 1 {b: 1}}`: "one field can follow another",
		`x: close({a: int, if a == 1 {b: 1}})`:   "a condition cannot stand in a closed struct",
		`x: "4Gi" | >="5Gi"`:                     "alternatives cannot hold",
		`x: >="abc"`:                             "only numbers have an order here",
	} {
		_, err := read(text, false)
		assert.ErrorContains(t, err, want, text)
	}
}

func TestRelationsSaid(t *testing.T) {
	for text, want := range map[string]string{
		`x: {min: int, max: int & >=min}`: `type(o) == map && has(o.min) && (type(o.min) == int || (type(o.min) == double && o.min > -9.2e18 && o.min < 9.2e18 && int(o.min) == o.min)) && has(o.max) && (type(o.max) == int || (type(o.max) == double && o.max > -9.2e18 && o.max < 9.2e18 && int(o.max) == o.max)) && (type(o.min) == int || type(o.min) == double) && o.max >= o.min`,
		`x: {c: bool, if c {d: 5}}`:       `type(o) == map && has(o.c) && type(o.c) == bool && (!(o.c == true) || (has(o.d) && o.d == 5))`,
		`x: string & <="4Gi"`:             `type(o) == string && o.matches('` + constraint.QuantityForm.String() + `') && quantity(o).compareTo(quantity('4Gi')) <= 0`,
	} {
		c, err := read(text, false)
		require.NoError(t, err)
		assert.Equal(t, want, cel.Expression(c, "o"))
	}
	c, err := read(`x: {min: int, max: int & >=min & <=64}`, false)
	require.NoError(t, err)
	assert.Equal(t, "a whole number of at most 64, not below min", c.Fields[1].Value.String())
	c, err = read(`x: >"100m" & <="4Gi"`, false)
	require.NoError(t, err)
	assert.Equal(t, `a quantity above "100m" and of at most "4Gi"`, c.String())
}
