package constraint_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
	"spokewright.dev/spokewright/internal/constraint"
	"spokewright.dev/spokewright/internal/property"
)

func TestConflicts(t *testing.T) {
	for pair, want := range map[[2]string]string{
		{`{a: b: >=3}`, `{a: b: <3}`}:                                      "a.b",
		{`{a: b: >=3}`, `{a: b: <=3}`}:                                     "none",
		{`{a: b: >=3}`, `{a?: b: <3}`}:                                     "a.b",
		{`{a?: b: >=3}`, `{a?: b: <3}`}:                                    "none",
		{`{a: "x"}`, `{a: "y" | "z"}`}:                                     "a",
		{`{a: "x" | "y"}`, `{a: =~"^y"}`}:                                  "none",
		{`{a: "x" | "w"}`, `{a: =~"^y"}`}:                                  "a",
		{`{a: 1}`, `{a?: _|_}`}:                                            "a",
		{`{a: string}`, `{a: int}`}:                                        "a",
		{`{a: [...{b: 1}]}`, `{a: [...{b: 2}]}`}:                           "none",
		{`{a: list.MinItems(2) & [...]}`, `{a: list.MaxItems(1) & [...]}`}: "a",
		{`{a: <="1Gi"}`, `{a: >"1024Mi"}`}:                                 "a",
		{`{a: <="1Gi"}`, `{a: >="1024Mi"}`}:                                "none",
		{`{a: 1} | {b: 1}`, `{a: 2, b: 3}`}:                                ".",
		{`{a: b: 1}`, `close({a: close({c?: 1})})`}:                        "a.b",
		{`{a: "x"}`, `{a: !="x"}`}:                                         "a",
	} {
		one, err := read("x: "+pair[0], false)
		require.NoError(t, err)
		other, err := read("x: "+pair[1], false)
		require.NoError(t, err)
		for _, sides := range [][2]*constraint.Constraint{{one, other}, {other, one}} {
			found, ok := sides[0].ConflictWith(sides[1])
			got := "none"
			if ok {
				got = strings.Join(found.Path, ".")
				if got == "" {
					got = "."
				}
			}
			assert.Equal(t, want, got, pair)
		}
	}
}

// What is called a conflict is one: no value satisfies both.
func TestConflictsAreCertain(t *testing.T) {
	conflicts := 0
	property.Check(t, func(t *rapid.T) {
		g := generator{}
		a, b := g.structure(t, 2), g.structure(t, 2)
		defs := joinLines(g.defs) + "\n"
		one, err1 := read(defs+"x: "+a.text, false)
		other, err2 := read(defs+"x: "+b.text, false)
		if err1 != nil || err2 != nil {
			return
		}
		found, ok := one.ConflictWith(other)
		if !ok {
			return
		}
		conflicts++
		for range 20 {
			value := both(a, b)(t)
			if one.Holds(value) && other.Holds(value) {
				t.Fatalf("%s\n%s\nboth hold of %s, yet conflict at %v", a.text, b.text, literalJSON(value), found.Path)
			}
		}
	})
	require.NotZero(t, conflicts)
}
