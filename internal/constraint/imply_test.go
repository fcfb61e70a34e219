package constraint_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
	"spokewright.dev/spokewright/internal/property"
)

// What a constraint implies holds of every value that satisfies it; what adds to a constraint mostly implies it.
func TestImplies(t *testing.T) {
	implied, values := 0, 0
	property.Check(t, func(t *rapid.T) {
		for range 5 {
			pair, both := implication(t)
			implied, values = implied+pair, values+both
		}
	})
	t.Logf("%d pairs of which one implies the other, %d values that satisfy both", implied, values)
	assert.Greater(t, implied, 20)
	assert.Greater(t, values, 100)
}

// implication draws two constraints, and counts them where one implies the other, with the values that satisfy both.
func implication(t *rapid.T) (pairs, values int) {
	g := generator{joined: 1}
	weak, other := g.shape(t, 3), g.shape(t, 3)
	text := weak.text
	if chance(t, 70) {
		text = "(" + weak.text + " & " + other.text + ")"
	} else if chance(t, 50) {
		text = other.text
	}
	d, err1 := read(joinLines(append(g.defs, "x: "+weak.text)), false)
	c, err2 := read(joinLines(append(g.defs, "x: "+text)), false)
	if err1 != nil || err2 != nil {
		return 0, 0
	}
	require.True(t, c.Implies(c), text)
	if !c.Implies(d) {
		return 0, 0
	}
	for range 20 {
		value := bend(t, weak.near(t))
		if chance(t, 50) {
			value = other.near(t)
		}
		if c.Holds(value) {
			values++
			require.True(t, d.Holds(value), "%s does not imply %s: %s", text, weak.text, literalJSON(value))
		}
	}
	return 1, values
}

func TestImpliesByHand(t *testing.T) {
	for _, c := range []struct {
		tight, loose string
		want         bool
	}{
		{`>=8`, `>=7`, true}, {`>=6`, `>=7`, false}, {`>7`, `>=7`, true}, {`>=7`, `>7`, false}, {`8`, `>=7`, true}, {`int`, `>=7`, false},
		{`"a"`, `"a" | "b"`, true}, {`"a" | "c"`, `"a" | "b"`, false}, {`=~"^a" & =~"b$"`, `=~"^a"`, true}, {`=~"^ab"`, `=~"^a"`, false}, {`"ab"`, `=~"^a"`, true},
		{`>="2Gi" & <="4Gi"`, `>="1024Mi"`, true}, {`>="1Gi"`, `>="2Gi"`, false}, {`>="1Gi"`, `string | number`, true},
		{`{a: 1, b: 2}`, `{a: int}`, true}, {`{a?: 1}`, `{a: int}`, false}, {`{a: 1}`, `{a?: int}`, true}, {`{b: 1}`, `{a?: int}`, false}, {`close({b: 1})`, `{a?: int}`, true},
		{`{a?: _|_}`, `{a?: int}`, true}, {`{a?: int}`, `{a?: _|_}`, false}, {`close({b: 1})`, `{a?: _|_}`, true}, {`{a: 1, ...}`, `close({a: 1})`, false},
		{`[string]: 1`, `[=~"^a"]: int`, true}, {`[=~"^a"]: 1`, `[string]: int`, false}, {`[string]: 1`, `{a?: int}`, true},
		{`[...1]`, `[...int]`, true}, {`list.MinItems(2) & [...1]`, `list.MinItems(1) & [...int]`, true}, {`[...int]`, `list.MinItems(1) & [...int]`, false},
		{`[1, ...2]`, `[...int]`, true}, {`[1, 2]`, `[1, ...2]`, true}, {`[1, 3]`, `[1, ...2]`, false}, {`["a", ...]`, `["a"]`, false},
		{`{a: int, b: >=a}`, `{a: int, b: >=a}`, true}, {`{a: int, b: >a}`, `{a: int, b: >=a}`, false}, {`{a: int, b: int}`, `{a: int, b: >=a}`, false},
		{`{a: "x", if a == "x" {b: 1}, c: 1}`, `{a: string, if a == "x" {b: 1}}`, true}, {`{a: "x"}`, `{a: string, if a == "x" {b: 1}}`, false},
		{`{a: 1} | {b: 2}`, `{a?: int}`, false}, {`{a: 1} | {a: 2, b: 2}`, `{a: int}`, true}, {`!="a"`, `!="a"`, true}, {`"b"`, `!="a"`, true}, {`string`, `!="a"`, false}, {`int`, `_`, true},
	} {
		tight, err := read("x: "+c.tight, false)
		require.NoError(t, err, c.tight)
		loose, err := read("x: "+c.loose, false)
		require.NoError(t, err, c.loose)
		assert.Equal(t, c.want, tight.Implies(loose), "%s => %s", c.tight, c.loose)
	}
}
