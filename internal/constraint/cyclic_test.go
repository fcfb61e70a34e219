package constraint_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"spokewright.dev/spokewright/internal/constraint/cueparse"
)

// A rule that refers to itself more than once is refused at once, wherever its names are followed.
func TestFault20SelfReferenceTwice(t *testing.T) {
	for name, rule := range map[string]string{
		"and":          `{A: A & A}`,
		"or":           `{A: A | A}`,
		"default":      `{A: *A | A}`,
		"three":        `{A: A & A & A}`,
		"two fields":   `{A: B & B, B: A & A}`,
		"parentheses":  `{A: (A) & ((A))}`,
		"bound beside": `{A: A & A, B: <A, C: B & B}`,
		"condition":    `{A: A & A, if A == "x" {B: A & A}}`,
		"list":         `{A: [A & A, ...A & A]}`,
		"file":         `A: A&A`,
		"chain":        `{` + doubled("A", 60) + `A60: A0 & A0}`,
	} {
		t.Run(name, func(t *testing.T) {
			_, err := parseFile(rule)
			var refused cueparse.Errors
			require.ErrorAs(t, err, &refused)
			for _, e := range refused {
				require.True(t, e.Pos.IsValid(), e)
			}
		})
	}
}

// What is doubled at every step and ends is judged as if it were written once.
func TestFault20DoubledNamesThatEnd(t *testing.T) {
	c, err := parseFile(`{` + doubled("A", 40) + `A40: string, B: A0}`)
	require.NoError(t, err)
	data := object{"B": "x"}
	for i := range 41 {
		data["A"+strconv.Itoa(i)] = "x"
	}
	require.True(t, c.Holds(data))
	data["A7"] = "y"
	require.False(t, c.Holds(data), "all of them are the same")
}

// doubled are n fields, each the next one twice.
func doubled(name string, n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(name + strconv.Itoa(i) + ": " + name + strconv.Itoa(i+1) + " & " + name + strconv.Itoa(i+1) + ", ")
	}
	return b.String()
}
