package constraint_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/google/cel-go/cel"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
	"spokewright.dev/spokewright/internal/property"

	"spokewright.dev/spokewright/internal/constraint"
	celtext "spokewright.dev/spokewright/internal/constraint/cel"
)

func TestReads(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{`x: {spec: {a: true, b?: >3}}`, "spec.a spec.b"},
		{`x: {spec: {a: _, b?: _}}`, "spec.a.?"},
		{`x: {spec: a?: _|_}`, "spec.? spec.a.?"},
		{`x: {spec: a: b?: 1}`, "spec.a.? spec.a.b"},
		{`x: {spec: {a: {b: 1} | {c: 2}}}`, "spec.a.? spec.a.b spec.a.c"},
		{`x: {spec: {a: string, if a == "x" {b: 1}}}`, "spec.a spec.b"},
		{`x: {spec: {a: int, b: c: >=a}}`, "spec.a spec.b.c"},
		{`x: {spec: l: [...{image: string, r: limits: cpu: 1}]}`, "spec.l.*.image spec.l.*.r spec.l.?"},
		{`x: {spec: l: [...string]}`, "spec.l"},
		{`x: {spec: l: [1, ...]}`, "spec.l"},
		{`x: {metadata: labels: [=~"^a"]: "b"}`, "metadata.labels.=~^a metadata.labels.?"},
		{`x: {metadata?: labels?: [=~"^a"]: "b"}`, "metadata.labels.=~^a"},
		{`x: {metadata: labels: [string]: "b"}`, "metadata.labels"},
		{`x: {spec: close({a?: 1})}`, "spec"},
		{`x: {spec: close({a?: 1}) & {a?: b: 1}}`, "spec"},
	} {
		parsed, err := read(c.text, false)
		require.NoError(t, err, c.text)
		var paths []string
		for _, path := range parsed.Reads() {
			paths = append(paths, strings.Join(path, "."))
		}
		assert.Equal(t, c.want, strings.Join(paths, " "), c.text)
	}
}

func TestParts(t *testing.T) {
	for text, want := range map[string]int{
		`x: {spec: {a: true, b: c: >3}}`:                        2,
		`x: {spec: {a: true} | {b: 1}}`:                         1,
		`x: {spec: {a: string, if a == "x" {b: 1}, c: 1}}`:      1,
		`x: {spec: {a: {e: string, if e == "x" {b: 1}}, c: 1}}`: 2,
		`x: {spec: {a: int, b: >=a}, metadata: labels: a: "b"}`: 2,
		`x: {spec: {a: int, b: c: >=a, d: 1}}`:                  1,
		`x: {spec: l: [...{a: 1, b: 2}]}`:                       1,
	} {
		parsed, err := read(text, false)
		require.NoError(t, err, text)
		assert.Len(t, parsed.Parts(), want, text)
	}
}

// Parts say together what the whole does, and each says the same of two values that have the same where it reads. Same is
// never true of others; of what cannot be in one schema it may end in an error.
func TestPartsHangOnWhatTheyRead(t *testing.T) {
	env, err := cel.NewEnv(cel.OptionalTypes(), cel.Variable("one", cel.DynType), cel.Variable("other", cel.DynType))
	require.NoError(t, err)
	var seen readings
	several := 0
	property.Check(t, func(t *rapid.T) {
		g := generator{quantities: true}
		spec, data := g.structure(t, 3), g.structure(t, 2)
		text := joinLines(append(g.defs, "x: {spec: "+spec.text+", data?: "+data.text+"}"))
		c, err := read(text, false)
		if err != nil {
			return
		}
		parts := c.Parts()
		if len(parts) > 1 {
			several++
		}
		for range 10 {
			one := map[string]any{"spec": spec.near(t), "data": data.near(t)}
			other, _ := bend(t, one).(map[string]any)
			if other["spec"] == nil || other["data"] == nil {
				continue // both have the same at their roots
			}
			whole := true
			for _, part := range parts {
				whole = whole && part.Holds(one)
				seen.part(t, env, text, part, one, other)
			}
			if whole != c.Holds(one) {
				t.Fatalf("constraint:\n%s\nvalue: %s", text, literalJSON(one))
			}
		}
	})
	t.Logf("%d pairs, %d alike, %d in CEL too; %d constraints of several parts", seen.pairs, seen.alike, seen.said, several)
	assert.Greater(t, seen.said, seen.pairs/20)
	assert.Greater(t, seen.alike, seen.pairs/20)
	assert.Greater(t, several, 10)
}

// readings count pairs of values: those that a part calls the same in Go, and in CEL too.
type readings struct{ pairs, alike, said int }

// part wants a part to say the same of two values that have the same where it reads.
func (r *readings) part(t *rapid.T, env *cel.Env, text string, part *constraint.Constraint, one, other map[string]any) {
	r.pairs++
	expression := celtext.Same(part, "one", "other")
	ast, issues := env.Compile(expression)
	require.NoError(t, issues.Err(), "%s: %s", text, expression)
	program, err := env.Program(ast)
	require.NoError(t, err)
	out, _, err := program.Eval(map[string]any{"one": one, "other": other})
	if err == nil && out.Value() == true {
		r.said++
		if part.Holds(one) != part.Holds(other) && oneSchema(one, other) {
			t.Fatalf("constraint:\n%s\nsame: %s\n%s\n%s", text, expression, literalJSON(one), literalJSON(other))
		}
	}
	if part.Same(one, other) && literalJSON(one) != literalJSON(other) {
		r.alike++
		if part.Holds(one) != part.Holds(other) {
			t.Fatalf("constraint:\n%s\npart: %s\nreads %v\n%s\n%s", text, celtext.Expression(part, "object"), part.Reads(), literalJSON(one), literalJSON(other))
		}
	}
}

// A change is judged by what it changes: of several violations, those that were there stay nobody's concern.
func TestJudgeChange(t *testing.T) {
	c, err := read(`x: {spec: {ha: true, days: >=7, l: [...{image: =~"^r/", cpu?: _}]}}`, false)
	require.NoError(t, err)
	object := func(ha bool, days int64, image, cpu string) any {
		return map[string]any{"metadata": cpu, "spec": map[string]any{"ha": ha, "days": days, "l": []any{map[string]any{"image": image, "cpu": cpu}}}}
	}
	old := object(false, 3, "x/a", "1")
	for _, each := range []struct {
		after any
		wrong int
	}{
		{old, 0}, {object(false, 3, "x/a", "2"), 0}, {object(false, 7, "x/a", "1"), 0}, {object(true, 3, "x/a", "1"), 0}, {object(false, 3, "r/a", "1"), 0},
		{object(false, 4, "x/a", "1"), 1}, {object(false, 3, "x/b", "1"), 1}, {object(false, 4, "x/b", "1"), 2},
	} {
		assert.Len(t, c.JudgeChange(old, each.after), each.wrong, "%v", each.after)
	}
	assert.Len(t, c.Judge(old), 3)
}

// oneSchema reports whether two values may have one schema: what is in both is of one kind.
func oneSchema(one, other any) bool {
	switch x := one.(type) {
	case map[string]any:
		y, is := other.(map[string]any)
		for name, value := range x {
			if inner, there := y[name]; there && !oneSchema(value, inner) {
				return false
			}
		}
		return is
	case []any:
		y, is := other.([]any)
		for i := range min(len(x), len(y)) {
			is = is && oneSchema(x[i], y[i])
		}
		return is
	}
	return reflect.TypeOf(one) == reflect.TypeOf(other)
}

// A list with a name a line means what it means on one line.
func TestColumnsAreLists(t *testing.T) {
	environment, err := cel.NewEnv()
	require.NoError(t, err)
	for _, names := range [][]any{{}, {"a"}, {"a", "b \" c"}} {
		compiled, issues := environment.Compile(celtext.Column(names) + " == " + celtext.Texts(names))
		require.NoError(t, issues.Err())
		program, err := environment.Program(compiled)
		require.NoError(t, err)
		same, _, err := program.Eval(map[string]any{})
		require.NoError(t, err)
		require.Equal(t, true, same.Value(), celtext.Column(names))
	}
}
