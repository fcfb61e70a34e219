package constraint_test

import (
	"encoding/json"
	"math"
	"os"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
	"spokewright.dev/spokewright/internal/constraint"
	"spokewright.dev/spokewright/internal/constraint/cel"
)

// Judgements are random constraints, random values near them, and what Judge says of each pair.
type Judgements struct {
	Constraints []struct{ Text, CEL string }
	Values      []any
	Satisfied   [][]bool // by constraint, by value
}

// TestWriteJudgements writes judgements of the kind that TestAgree makes to a file, for those who ask other judges:
//
//	SPOKEWRIGHT_JUDGEMENTS=FILE SPOKEWRIGHT_SEED=7 go test -run TestWriteJudgements ./constraint
func TestWriteJudgements(t *testing.T) {
	file := os.Getenv("SPOKEWRIGHT_JUDGEMENTS")
	if file == "" {
		t.Skip("SPOKEWRIGHT_JUDGEMENTS names no file")
	}
	seed, err := strconv.Atoi(os.Getenv("SPOKEWRIGHT_SEED"))
	require.NoError(t, err)
	var all []Judgements
	for i := range 52 {
		all = append(all, rapid.Custom(drawJudgements).Example(seed+i))
	}
	text, err := json.Marshal(all)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(file, text, 0o600))
}

// drawJudgements draws five constraints with four values near each, half of which are bent.
func drawJudgements(t *rapid.T) Judgements {
	const constraints, values = 5, 4
	var drawn Judgements
	var parsed []*constraint.Constraint
	for len(parsed) < constraints {
		completed := chance(t, 50)
		g := generator{completed: completed, quantities: true}
		name := "x: "
		if completed {
			g.inside, name = 1, "#x: "
		}
		s := g.shape(t, 3)
		text := joinLines(append(g.defs, name+s.text))
		c, err := read(text, completed)
		if err != nil {
			continue
		}
		parsed = append(parsed, c)
		drawn.Constraints = append(drawn.Constraints, struct{ Text, CEL string }{text, cel.Expression(c, "object.spec")})
		for range values {
			value := s.near(t)
			if chance(t, 50) {
				value = bend(t, value)
			}
			drawn.Values = append(drawn.Values, plain(value))
		}
	}
	for _, c := range parsed {
		var row []bool
		for _, value := range drawn.Values {
			row = append(row, c.Holds(value))
		}
		drawn.Satisfied = append(drawn.Satisfied, row)
	}
	return drawn
}

// plain writes whole numbers as such, and none that a double cannot hold: Kyverno's CLI makes doubles of all numbers,
// which do not tell 7.0 from 7.
func plain(value any) any {
	const most = 1 << 53
	switch x := value.(type) {
	case int64:
		return min(max(x, -most), most)
	case float64:
		if x == math.Trunc(x) && math.Abs(x) <= most {
			return int64(x)
		}
	case map[string]any:
		fresh := map[string]any{}
		for name, inner := range x {
			fresh[name] = plain(inner)
		}
		return fresh
	case []any:
		fresh := []any{}
		for _, inner := range x {
			fresh = append(fresh, plain(inner))
		}
		return fresh
	}
	return value
}
