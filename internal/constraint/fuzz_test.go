package constraint_test

import (
	"testing"

	"cuelang.org/go/cue"
	"cuelang.org/go/cue/ast"
	"cuelang.org/go/cue/cuecontext"
	"spokewright.dev/spokewright/internal/constraint"
	"spokewright.dev/spokewright/internal/constraint/cel"
	"spokewright.dev/spokewright/internal/constraint/cueparse"
	"spokewright.dev/spokewright/internal/constraint/openapi"

	cueparser "cuelang.org/go/cue/parser"
	"github.com/stretchr/testify/require"
)

// FuzzParse reads any text: an error comes out, or CEL that compiles and agrees with Judge.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		`{spec: {highlyAvailable: true, backups: retentionDays: >=7}}`, `close({a?: int, b!: "x" | *"y", [=~"^z"]: [...string]})`,
		`#d, #d: {a: [int, ...#e], #e: {x?: _|_}}`, `{a: int, b: a}`, `{l: list.MinItems(1) & [...{x: !~"a"}]}`, `>=1 & <=3 | null | "it's \n"`,
		`{if true {a: 1}, for x in ["a"] {"\(x)": 2}, let y = 3, c: y}`, `[string]: [string]: number`, `strings.MaxRunes(3) & !="abc"`,
		`#t: {a?: #t}`, `{X=a: 1, b: X}`, `{a: {b: 1}} & ({a: c: 1} | {d: 1})`, `matchN(1, [int])`, `{"": 1, "a.b": 2}`, `-9223372036854775808`,
		`{a: int, b: >=a}`, `{m: >="1Gi" & <"16Gi", n?: <="500m"}`, `{a: string, if a == "x" {b: object.c}, if a != "y" && b {c?: _|_}}`,
		`{a: string, b: a, c?: !=a}`, `{a?: _, if a != _|_ if a == "x" || !(a == null) {b!: 1}}`, `{r: m: >="1Mi", l: m: >=r.m}`, `{>=1, a!: 2}`,
		`[][:]`, `[...{low: number, high: <low}]`, `{a: {b: int}, if a.b >= 2 {l: [...{c: >a.b}]}}`,
	} {
		f.Add(seed)
	}
	values := []any{object{"a": int64(2), "b": int64(3), "m": "2Gi"}, object{"a": "x", "b": true}, []any{object{"low": int64(1), "high": 0.5}}, nil, true, int64(1), 7.0, "a", []any{"a", int64(1)}, object{}, object{"a": int64(1), "b": object{"x": "a"}}, object{"l": []any{object{"x": "b"}}}}
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 200 {
			t.Skip()
		}
		parsers := []func() (*constraint.Constraint, error){func() (*constraint.Constraint, error) { return parseFile(text) }}
		if !crashesCUE(text) {
			v := cuecontext.New().CompileString(text, cue.InferBuiltins(true))
			parsers = append(parsers, func() (*constraint.Constraint, error) { return cueparse.Parse(v) }, func() (*constraint.Constraint, error) { return cueparse.ParseDefinition(v) })
		}
		for _, parse := range parsers {
			c, err := parse()
			if err != nil {
				require.NotEmpty(t, err.Error())
				require.NotContains(t, err.Error(), "runtime error", "a fault, perhaps our own")
				continue
			}
			require.NotEmpty(t, c.String())
			structural(t, openapi.Schema(c))
			if len(cel.Expression(c, "object")) > 50_000 { // longer than CEL allows
				continue
			}
			program := compile(t, cel.Expression(c, "object"))
			for _, value := range values {
				out, _, err := program.Eval(object{"object": value})
				require.NoError(t, err, cel.Expression(c, "object"))
				require.Equal(t, c.Holds(value), out.Value(), cel.Expression(c, "object"))
			}
		}
	})
}

// parseFile reads a text as a rule, with what CUE cannot evaluate taken out first.
func parseFile(text string) (*constraint.Constraint, error) {
	file, err := cueparser.ParseFile("x.cue", text)
	if err != nil {
		return nil, err
	}
	var marks cueparse.Extraction
	marks.ExtractFile(file)
	return marks.Parse(cuecontext.New().BuildFile(file, cue.InferBuiltins(true)))
}

// crashesCUE reports whether CUE 0.17 might overflow its stack: something embedded, or a condition, beside a required field.
func crashesCUE(text string) bool {
	file, err := cueparser.ParseFile("x.cue", text)
	if err != nil {
		return false
	}
	crashes := false
	look := func(decls []ast.Decl) {
		embedded, required := false, false
		for _, decl := range decls {
			switch x := decl.(type) {
			case *ast.EmbedDecl, *ast.Comprehension:
				embedded = true
			case *ast.Field:
				required = required || x.Constraint.String() == "!"
			}
		}
		crashes = crashes || embedded && required
	}
	ast.Walk(file, func(node ast.Node) bool {
		switch x := node.(type) {
		case *ast.File:
			look(x.Decls)
		case *ast.StructLit:
			look(x.Elts)
		}
		return true
	}, nil)
	return crashes
}
