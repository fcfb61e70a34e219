package constraint_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A constraint speaks of a field where some value of it changes the verdict, whatever else is there.
func TestSpeaks(t *testing.T) {
	for _, c := range []struct {
		text, path string
		want       bool
	}{
		{`x: {a: int}`, "a", true},
		{`x: {a: _}`, "a", true}, // it must be there
		{`x: {a?: _}`, "a", false},
		{`x: {a?: _|_}`, "a", true},
		{`x: {a?: _|_}`, "a.b", true},
		{`x: {a: int}`, "b", false},
		{`x: {a: {b?: 1}}`, "a.b", true},
		{`x: {a: {b?: 1}}`, "a.c", false},
		{`x: {a: {b?: 1}}`, "b", false},
		{`x: {a: {b: c: 1}}`, "a.b", true},
		{`x: {l: [...{a?: 1}]}`, "l.a", true},
		{`x: {l: [...{a?: 1}]}`, "l.b", false},
		{`x: {l: [{a: 1}, ...]}`, "l.a", true},
		{`x: {l: [...]}`, "l", true},
		{`x: {l?: [...[...{a?: 1}]]}`, "l.a", true},
		{`x: {a: 1} | {b?: 2}`, "b", true},
		{`x: {a: 1} | {b?: 2}`, "c", false},
		{`x: close({a: int})`, "b", true},
		{`x: close({a: int})`, "a.b", false}, // an integer is none with or without it
		{`x: close({a: int, b?: _})`, "b", false},
		{`x: close({a: int, [=~"^b"]: _})`, "b", false},
		{`x: {[=~"^b"]: 1}`, "b", true},
		{`x: {[=~"^b"]: {c?: 1}}`, "bb.c", true},
		{`x: {[=~"^b"]: 1}`, "c", false},
		{`x: {c: string, if c == "x" {a: b?: 1}}`, "a.b", true},
		{`x: {c: string, if c == "x" {a: 1}}`, "c", true},
		{`x: {l: [...{c?: {d?: string}, if c.d == "x" {a: 1}}]}`, "l.c", true},
		{`x: {a: int, b: >=a}`, "b", true},
		{`x: {a?: _, b?: !=a, a?: string}`, "a", true},
		{`x: {a?: _, if a != _|_ || b == 1 {c: 1}, b?: _}`, "a", true},
	} {
		parsed, err := read(c.text, false)
		require.NoError(t, err, c.text)
		assert.Equal(t, c.want, parsed.Mentions(strings.Split(c.path, ".")...), "%s at %s", c.text, c.path)
	}
}
