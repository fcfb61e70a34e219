package constraint_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"cuelang.org/go/cue"
	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
	"github.com/google/cel-go/ext"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
	"spokewright.dev/spokewright/internal/constraint"
	celtext "spokewright.dev/spokewright/internal/constraint/cel"
	"spokewright.dev/spokewright/internal/property"
)

// TestAgree asks CUE, Judge and CEL about random values near random constraints: three judges, one verdict.
func TestAgree(t *testing.T) {
	for _, completed := range []bool{false, true} {
		t.Run(fmt.Sprintf("completed=%v", completed), func(t *testing.T) {
			var tally tally
			property.Check(t, func(t *rapid.T) { tally.constraint(t, completed) })
			t.Logf("%d constraints, %d refused; %d values, %d of them satisfied", tally.constraints, tally.refused, tally.values, tally.satisfied)
			require.Greater(t, tally.values, 1000)
			require.Greater(t, tally.satisfied, tally.values/20)
			require.Less(t, tally.refused, tally.constraints/2)
		})
	}
}

type tally struct {
	constraints, refused, values, satisfied int
}

func (y *tally) constraint(t *rapid.T, completed bool) {
	g := generator{completed: completed}
	if completed {
		g.inside = 1
	}
	s := g.shape(t, 4)
	text, oracle := joinLines(append(g.defs, "#x: "+s.text)), joinLines(append(g.oracleDefs, "#x: "+s.oracle))
	if !completed {
		text, oracle = strings.ReplaceAll(text, "#x:", "x:"), strings.ReplaceAll(oracle, "#x:", "x:")
	}
	y.constraints++

	path := cue.ParsePath(map[bool]string{true: "#x", false: "x"}[completed])
	c, err := read(text, completed)
	if err != nil {
		y.refused++
		return
	}
	program := compile(t, celtext.Expression(c, "object"))
	judge := cueText(oracle).LookupPath(path)
	for range 20 {
		value := s.near(t)
		if chance(t, 50) {
			value = bend(t, value)
		}
		y.values++

		want := settles(judge.Unify(judge.Context().CompileString(literalJSON(value))), value)
		found := c.Judge(value)
		out, _, err := program.Eval(map[string]any{"object": value})
		if err != nil || out.Value() != any(want) || (len(found) == 0) != want {
			t.Fatalf("constraint:\n%s\nvalue: %s\nCUE: %v\nJudge: %v\nCEL: %v %v\n%s", text, literalJSON(value), want, found, out, err, celtext.Expression(c, "object"))
		}
		if want {
			y.satisfied++
		}
	}
}

func joinLines(lines []string) string { return strings.Join(lines, "\n") }

// settles is CUE's verdict on the data that v was unified with. CUE calls a value that keeps several alternatives
// incomplete when these differ in what they would still allow; a constraint is content with one that holds.
func settles(v cue.Value, data any) bool {
	if v.Validate(cue.Concrete(true)) == nil {
		return true
	}
	if v.Validate() != nil {
		return false
	}
	if op, arms := v.Eval().Expr(); op == cue.OrOp {
		return slices.ContainsFunc(arms, func(arm cue.Value) bool { return settles(arm, data) })
	}
	iter, err := v.Fields(cue.Optional(true))
	if m, ok := data.(map[string]any); ok && err == nil {
		for iter.Next() {
			value, there := m[iter.Selector().Unquoted()]
			kind := iter.Selector().ConstraintType()
			missing := !there && kind != cue.OptionalConstraint &&
				(kind == cue.RequiredConstraint || iter.Value().Validate(cue.Concrete(true)) != nil)
			if missing || there && !settles(iter.Value(), value) {
				return false
			}
		}
		return true
	}
	elements, err := v.List()
	if list, ok := data.([]any); ok && err == nil {
		for i := 0; elements.Next(); i++ {
			if i >= len(list) || !settles(elements.Value(), list[i]) {
				return false
			}
		}
		return true
	}
	return false
}

// literalJSON writes a value as JSON: 7.0 is 7 there.
func literalJSON(value any) string {
	switch x := value.(type) {
	case map[string]any:
		var parts []string
		for key, value := range x {
			parts = append(parts, quote(key)+": "+literalJSON(value))
		}
		return "{" + strings.Join(parts, ", ") + "}"
	case []any:
		return "[" + strings.Join(each(x, literalJSON), ", ") + "]"
	case float64:
		return strconv.FormatFloat(x, 'f', -1, 64)
	}
	b, _ := json.Marshal(value)
	return string(b)
}

// quantityFunctions are stand-ins for Kubernetes' own, which only the conformance tests have: quantities are numbers here.
func quantityFunctions() cel.EnvOption {
	measure := func(text ref.Val) ref.Val {
		quantity, err := constraint.ParseQuantity(fmt.Sprint(text.Value()))
		if err != nil {
			return types.NewErr("%v", err)
		}
		f, _ := quantity.Float64()
		return types.Double(f)
	}
	return cel.Lib(library{
		cel.Function("quantity", cel.Overload("quantity", []*cel.Type{cel.StringType}, cel.DoubleType, cel.UnaryBinding(measure))),
		cel.Function("compareTo", cel.MemberOverload("compare", []*cel.Type{cel.DoubleType, cel.DoubleType}, cel.IntType, cel.BinaryBinding(
			func(a, b ref.Val) ref.Val { return a.(types.Double).Compare(b) }))),
	})
}

type library []cel.EnvOption

func (l library) CompileOptions() []cel.EnvOption     { return l }
func (l library) ProgramOptions() []cel.ProgramOption { return nil }

// compile compiles an expression as Kubernetes does.
func compile(t require.TestingT, expr string) cel.Program {
	env, err := cel.NewEnv(cel.Variable("object", cel.DynType), cel.CrossTypeNumericComparisons(true),
		cel.HomogeneousAggregateLiterals(), ext.Strings(), quantityFunctions())
	require.NoError(t, err)
	checked, issues := env.Compile(expr)
	require.NoError(t, issues.Err(), expr)
	require.Equal(t, cel.BoolType, checked.OutputType(), expr)
	program, err := env.Program(checked)
	require.NoError(t, err)
	return program
}
