package mutate

import (
	"encoding/json"
	"testing"

	"cuelang.org/go/cue/cuecontext"
	"cuelang.org/go/cue/parser"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"spokewright.dev/spokewright/internal/constraint"
	"spokewright.dev/spokewright/internal/constraint/cueparse"
	"spokewright.dev/spokewright/internal/manifest"
)

func rule(t *testing.T, text string) *constraint.Constraint {
	t.Helper()
	file, err := parser.ParseFile("rule.cue", text)
	require.NoError(t, err)
	var marks cueparse.Extraction
	marks.ExtractFile(file)
	c, err := marks.Parse(cuecontext.New().BuildFile(file))
	require.NoError(t, err)
	return c
}

func object(t *testing.T, text string) manifest.Object {
	t.Helper()
	value := cuecontext.New().CompileString(text)
	require.NoError(t, value.Err())
	var object manifest.Object
	require.NoError(t, value.Decode(&object))
	return object
}

func TestMend(t *testing.T) {
	const pod = `{kind: "Pod", spec: containers: [{name: "app", image: "registry.example.com/shop/app:1.0"}]}`
	for _, c := range []struct{ name, object, rule, want string }{
		{"nothing to do", pod, `spec: containers: [...{image: =~":"}]`, pod},
		{"missing map", `{kind: "A"}`, `spec: {a: b: >=3, c: true}`, `{kind: "A", spec: {a: b: 3, c: true}}`},
		{"other registry", pod, `spec: containers: [...{image: =~"^(ghcr\\.example\\.org/team)/" & =~"[:@]"}]`,
			`{kind: "Pod", spec: containers: [{name: "app", image: "ghcr.example.org/team/app:1.0"}]}`},
		{"forbidden", `{kind: "A", spec: hostNetwork: true}`, `spec: hostNetwork?: _|_`, `{kind: "A", spec: {}}`},
		{"alternatives", `{kind: "A", spec: size: 7}`, `spec: size: "large" | <=3`, `{kind: "A", spec: size: "large"}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			mended, left := Repair(object(t, c.object), rule(t, c.rule))
			assert.Empty(t, left)
			assert.Equal(t, asJSON(t, object(t, c.want)), asJSON(t, mended))
		})
	}
	_, left := Repair(manifest.Object{}, rule(t, `a: string`), rule(t, `a: int`))
	assert.NotEmpty(t, left, "what cannot be kept is said")
}

func asJSON(t *testing.T, object manifest.Object) string {
	t.Helper()
	text, err := json.Marshal(object)
	require.NoError(t, err)
	return string(text)
}

func TestMutants(t *testing.T) {
	given := object(t, `{metadata: labels: {a: "1", b: "2"}, spec: {
		containers: [{name: "app", image: "registry.example.com/app:1", securityContext: privileged: false}]
		nodes: 3, size: "small", memory: "4Gi", version: "17"
	}}`)
	rules := []*constraint.Constraint{
		rule(t, `spec: {nodes: >=3, size: "small" | "large", memory: =~"Gi$", version: "17" | "18", hostNetwork?: false}`),
		rule(t, `spec: {containers: [...{image: =~"^registry\\.example\\.com/.*:", securityContext?: privileged?: false}], tier?: {a: b: true}}`),
		rule(t, `spec: {size: string, if size == "large" || nodes >= 5 {memory: "8Gi"}, nodes: int}`),
	}
	before := asJSON(t, given)
	mutants := Mutants(given, rules...)
	require.Equal(t, before, asJSON(t, given), "the object itself stays as it is")
	require.Equal(t, mutants, Mutants(given, rules...), "the same in the same order")

	seen, operators := map[string]bool{before: true}, map[string][2]int{}
	for _, m := range mutants {
		text := asJSON(t, m.Object)
		require.False(t, seen[text], "%s at %v is a mutant already", m.Operator, m.Path)
		seen[text] = true
		tally := operators[m.Operator]
		if len(violations(m.Object, rules)) > 0 {
			tally[0]++
		} else {
			tally[1]++
		}
		operators[m.Operator] = tally
	}
	t.Logf("%d mutants by %d operators (breaking, keeping): %v", len(mutants), len(operators), operators)
	for _, name := range []string{
		"delete a field", "delete a map", "null", "wrong type", "add a field", "rename a field", "case of a field", "empty a map",
		"flip a boolean", "boolean as string", "boundary and one less", "zero and less", "fraction", "number as string", "near a choice",
		"string as number", "empty string", "upper case", "other host", "other tag", "other unit", "optional field, flip a boolean", "second element, other host", "null as second item", "list as item",
		"condition", "condition, other unit",
	} {
		assert.NotZero(t, operators[name][0], "%s breaks nothing", name)
	}
	for _, name := range []string{"other choice", "boundary and one more", "extra item", "strip a label", "optional field, unknown field", "second element", "unknown field", "init container"} {
		assert.NotZero(t, operators[name][1], "%s keeps no rule", name)
	}
}
