package constraint_test

import (
	"testing"

	"cuelang.org/go/cue"
	"cuelang.org/go/cue/ast"
	"cuelang.org/go/cue/build"
	"cuelang.org/go/cue/cuecontext"
	"spokewright.dev/spokewright/internal/constraint"
	"spokewright.dev/spokewright/internal/constraint/cel"
	"spokewright.dev/spokewright/internal/constraint/cueparse"

	cueparser "cuelang.org/go/cue/parser"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// read parses the field x of a text as a rule, or #x as a definition.
func read(text string, completed bool) (*constraint.Constraint, error) {
	if completed {
		return cueparse.ParseDefinition(cueText(text).LookupPath(cue.ParsePath("#x")))
	}
	file, err := cueparser.ParseFile("x.cue", text)
	if err != nil {
		return nil, err
	}
	var marks cueparse.Extraction
	for _, decl := range file.Decls {
		if field, ok := decl.(*ast.Field); ok && name(field) == "x" {
			field.Value = marks.Extract(field.Value)
		}
	}
	return marks.Parse(cuecontext.New().BuildFile(file, cue.InferBuiltins(true)).LookupPath(cue.ParsePath("x")))
}

func cueText(text string) cue.Value {
	return cuecontext.New().CompileString(text, cue.InferBuiltins(true), cue.Filename("x.cue"))
}

func TestSaid(t *testing.T) {
	for text, want := range map[string]struct{ english, cel string }{
		`"aws" | "azure" | "gcp"`: {`"aws", "azure" or "gcp"`, `o in ['aws', 'azure', 'gcp']`},
		`true`:                    {`true`, `o == true`},
		`bool`:                    {`true or false`, `type(o) == bool`},
		`null`:                    {`null`, `o == null`},
		`5`:                       {`5`, `o == 5`},
		`1.5`:                     {`1.5`, `o == 1.5`},
		`1 | 2 | "auto" | null`:   {`1, 2, "auto" or null`, `o == 'auto' || o in [1, 2] || o == null`},
		`_`:                       {`anything`, `true`},
		`!=null`:                  {`anything but null`, `o != null`},
		`string`:                  {`a string`, `type(o) == string`},
		`string | int`:            {`a whole number or a string`, `type(o) == string || type(o) == int || (type(o) == double && o > -9.2e18 && o < 9.2e18 && int(o) == o)`},
		`int & >=1 & <=64`:        {`a whole number from 1 to 64`, `(type(o) == int || (type(o) == double && o > -9.2e18 && o < 9.2e18 && int(o) == o)) && o >= 1 && o <= 64`},
		`int & >1`:                {`a whole number above 1`, `(type(o) == int || (type(o) == double && o > -9.2e18 && o < 9.2e18 && int(o) == o)) && o > 1`},
		`int & >0.5 & <2.5`:       {`a whole number from 1 to 2`, `(type(o) == int || (type(o) == double && o > -9.2e18 && o < 9.2e18 && int(o) == o)) && o >= 1 && o <= 2`},
		`>=7`:                     {`a number of at least 7`, `(type(o) == int || type(o) == double) && o >= 7`},
		`<=1.5`:                   {`a number of at most 1.5`, `(type(o) == int || type(o) == double) && o <= 1.5`},
		`>0 & <1`:                 {`a number above 0 and below 1`, `(type(o) == int || type(o) == double) && o > 0 && o < 1`},
		`number & !=7`:            {`a number other than 7`, `(type(o) == int || type(o) == double) && o != 7`},
		`uint16`:                  {`a whole number from 0 to 65535`, `(type(o) == int || (type(o) == double && o > -9.2e18 && o < 9.2e18 && int(o) == o)) && o >= 0 && o <= 65535`},
		`uint64`:                  {`a whole number of at least 0`, `(type(o) == int || (type(o) == double && o > -9.2e18 && o < 9.2e18 && int(o) == o)) && o >= 0`},
		`=~"^[a-z]+$"`:            {`a string matching ^[a-z]+$`, `type(o) == string && o.matches('^[a-z]+$')`},
		`!~"a" & !="x"`:           {`a string not matching a other than "x"`, `type(o) == string && o != 'x' && !o.matches('a')`},
		`=~"a" & =~"b" & !~"c"`:   {`a string matching a, matching b and not matching c`, `type(o) == string && o.matches('a') && o.matches('b') && !o.matches('c')`},
		`=~"^it's \\d\n"`:         {"a string matching ^it's \\d\n", `type(o) == string && o.matches('^it\'s \\d\n')`},
		`strings.MinRunes(3) & strings.MaxRunes(3)`:   {`a string of exactly 3 characters`, `type(o) == string && size(o) == 3`},
		`strings.MinRunes(1) & strings.MaxRunes(3)`:   {`a string of 1 to 3 characters`, `type(o) == string && size(o) >= 1 && size(o) <= 3`},
		`strings.MaxRunes(3) & =~"a"`:                 {`a string of at most 3 characters matching a`, `type(o) == string && size(o) <= 3 && o.matches('a')`},
		`*5 | int`:                                    {`a whole number`, `type(o) == int || (type(o) == double && o > -9.2e18 && o < 9.2e18 && int(o) == o)`},
		`*"a" | =~"^b"`:                               {`"a" or a string matching ^b`, `o == 'a' || (type(o) == string && o.matches('^b'))`},
		`"a" | "b" | error("a or b")`:                 {`"a" or "b"`, `o in ['a', 'b']`},
		`or(["a", "b"])`:                              {`"a" or "b"`, `o in ['a', 'b']`},
		`[...]`:                                       {`a list`, `type(o) == list`},
		`[...string]`:                                 {`a list of strings`, `type(o) == list && o.all(e1, type(e1) == string)`},
		`[..."a" | "b"]`:                              {`a list whose elements are each "a" or "b"`, `type(o) == list && o.all(e1, e1 in ['a', 'b'])`},
		`list.MinItems(1) & [...int]`:                 {`a list of whole numbers (at least 1)`, `type(o) == list && size(o) >= 1 && o.all(e1, type(e1) == int || (type(e1) == double && e1 > -9.2e18 && e1 < 9.2e18 && int(e1) == e1))`},
		`[int, ...int]`:                               {`a list of whole numbers (at least 1)`, `type(o) == list && size(o) >= 1 && o.all(e1, type(e1) == int || (type(e1) == double && e1 > -9.2e18 && e1 < 9.2e18 && int(e1) == e1))`},
		`list.MinItems(1) & list.MaxItems(3) & [...]`: {`a list (1 to 3)`, `type(o) == list && size(o) >= 1 && size(o) <= 3`},
		`*[] | [...string]`:                           {`a list of strings`, `type(o) == list && o.all(e1, type(e1) == string)`},
		`[]`:                                          {`an empty list`, `type(o) == list && size(o) == 0`},
		`["a", int]`:                                  {`a list ["a", a whole number]`, `type(o) == list && size(o) == 2 && o[0] == 'a' && (type(o[1]) == int || (type(o[1]) == double && o[1] > -9.2e18 && o[1] < 9.2e18 && int(dyn(o[1])) == o[1]))`},
		`["a", ...int]`: {`a list ["a", ...a whole number]`, `type(o) == list && size(o) >= 1 && o[0] == 'a' && ` +
			`size(o.filter(e1, !(type(e1) == int || (type(e1) == double && e1 > -9.2e18 && e1 < 9.2e18 && int(e1) == e1)))) == size([dyn(o[0])].filter(e1, !(type(e1) == int || (type(e1) == double && e1 > -9.2e18 && e1 < 9.2e18 && int(e1) == e1))))`},
		`{}`:                  {`a map`, `type(o) == map`},
		`{a: int, b?: int}`:   {`a map with a`, `type(o) == map && has(o.a) && (type(o.a) == int || (type(o.a) == double && o.a > -9.2e18 && o.a < 9.2e18 && int(o.a) == o.a)) && (!has(o.b) || type(o.b) == int || (type(o.b) == double && o.b > -9.2e18 && o.b < 9.2e18 && int(o.b) == o.b))`},
		`{a?: _|_, b?: _}`:    {`a map that may have b`, `type(o) == map && !has(o.a)`},
		`close({})`:           {`an empty map`, `type(o) == map && size(o) == 0`},
		`close({a: _})`:       {`a map with a`, `type(o) == map && has(o.a) && o.all(k1, k1 == 'a')`},
		`[string]: int`:       {`a map of whole numbers`, `type(o) == map && o.all(k1, type(o[k1]) == int || (type(o[k1]) == double && o[k1] > -9.2e18 && o[k1] < 9.2e18 && int(dyn(o[k1])) == o[k1]))`},
		`[=~"^a"]: "x" | "y"`: {`a map whose values are each "x" or "y"`, `type(o) == map && o.all(k1, !(k1.matches('^a')) || o[k1] in ['x', 'y'])`},
		`close({[=~"^a"]: int, b: 1})`: {`a map with b`, `type(o) == map && has(o.b) && o.b == 1 && ` +
			`o.all(k1, !(k1.matches('^a')) || type(o[k1]) == int || (type(o[k1]) == double && o[k1] > -9.2e18 && o[k1] < 9.2e18 && int(dyn(o[k1])) == o[k1])) && o.all(k1, k1 == 'b' || k1.matches('^a'))`},
		`{"a-b": true, in: true, "it's": true}`: {`a map with a-b, in and it's`,
			`type(o) == map && 'a-b' in o && o['a-b'] == true && 'in' in o && o['in'] == true && 'it\'s' in o && o['it\'s'] == true`},
		`{spec: {highlyAvailable: true, backups: retentionDays: >=7}}`: {`a map with spec`,
			`type(o) == map && has(o.spec) && type(o.spec) == map && 'highlyAvailable' in o.spec && o.spec.highlyAvailable == true && ` +
				`'backups' in o.spec && type(o.spec.backups) == map && 'retentionDays' in o.spec.backups && ` +
				`(type(o.spec.backups.retentionDays) == int || type(o.spec.backups.retentionDays) == double) && o.spec.backups.retentionDays >= 7`},
		`{l: [...{m: [...string]}]}`: {`a map with l`,
			`type(o) == map && has(o.l) && type(o.l) == list && o.l.all(e1, type(e1) == map && 'm' in e1 && type(e1.m) == list && e1.m.all(e2, type(e2) == string))`},
		`string & =~"a" | {a: 1}`: {`a string matching a or a map with a`,
			`(type(o) == string && o.matches('a')) || (type(o) == map && has(o.a) && o.a == 1)`},
	} {
		c, err := read("x: "+text, false)
		require.NoError(t, err, text)
		assert.Equal(t, want.english, c.String(), text)
		assert.Equal(t, want.cel, cel.Expression(c, "o"), text)
	}
}

// The variables of macros never hide a name of the caller.
func TestCELVariables(t *testing.T) {
	c, err := read(`x: [...{[string]: int}]`, false)
	require.NoError(t, err)
	assert.Equal(t, `type(e1.k2) == list && e1.k2.all(ee1, type(ee1) == map && ee1.all(kk2, type(ee1[kk2]) == int || (type(ee1[kk2]) == double && ee1[kk2] > -9.2e18 && ee1[kk2] < 9.2e18 && int(dyn(ee1[kk2])) == ee1[kk2])))`, cel.Expression(c, "e1.k2"))
}

func TestRefused(t *testing.T) {
	const depends = `one field can follow another only as the same (b: a), by a bound (b: >=a) or a condition (if a == "x" {...}); write the value out`
	for text, want := range map[string]string{
		`x: {a: {c: int}, b: a}`:                           "x.cue:1:21: b: a: " + depends,
		`x: {a: [int], b: a}`:                              "x.cue:1:18: b: a: " + depends,
		`x: {a: _, b: a}`:                                  "x.cue:1:14: b: a: " + depends,
		`x: {a: int, #b: >=a, c: {a: int, d: #b}}`:         "x.cue:1:19: c.d: a: " + depends,
		`x: {a: int, b: or([>=a])}`:                        "x.cue:1:22: b: a: " + depends,
		`x: {a: int, b: a | 5}`:                            "x.cue:1:16: b: a: " + depends,
		`x: {a: int, b: [a][0]}`:                           "x.cue:1:17: b: a: " + depends,
		`x: {a: int, b: {for x in [a] {c: x}}}`:            "x.cue:1:27: b: a: " + depends,
		`x: {a: *1 | int, b: or([a, 2])}`:                  "x.cue:1:25: b: a: " + depends,
		`x: {a: *1 | int, b: strings.MinRunes(a)}`:         "x.cue:1:38: b: a: " + depends,
		`x: {a: *1 | int, b: *a | "x"}`:                    "x.cue:1:22: b: a: " + depends,
		`x: {a: *"p" | string, b: [=~a]: 1}`:               "x.cue:1:29: b: a: " + depends,
		`x: {a: *"p" | string, b: "x-\(a)": 1}`:            "x.cue:1:31: b: a: " + depends,
		`x: {a: *1 | int} & {b: x.a}`:                      "x.cue:1:24: b: x: " + depends,
		`x: #d & {a: *1 | int}, #d: {a: _, b: a}`:          "x.cue:1:38: b: a: " + depends,
		`x: {#d, a: *1 | int}, #d: {a: _, b: a}`:           "x.cue:1:37: b: a: " + depends,
		`x: {a: *1 | int, b: {#o: a, c: #o}}`:              "x.cue:1:26: b.c: a: " + depends,
		`x: {a: *1 | int, b: -a}`:                          "x.cue:1:22: b: a: " + depends,
		`x: {a: *1 | int, b: len([for i in [1] {a}])}`:     "x.cue:1:40: b: a: " + depends,
		`x: {a: *1 | int, b: ["y", "z"][a]}`:               "x.cue:1:32: b: a: " + depends,
		`x: {a: *1 | int, b: {if a > 0 {c: 1}}.c}`:         "x.cue:1:25: b: a: " + depends,
		`x: {a: *1 | int, b: ({c: a}).c}`:                  "x.cue:1:26: b: a: " + depends,
		`x: {a: *1 | int, b: 1, if b == a {c: 1}}`:         "x.cue:1:32: a: " + depends,
		`x: {a: *1 | int, if true {if a == 1 {c: 1}}}`:     "x.cue:1:30: a: " + depends,
		`x: {a: *1 | int, if true {c: a}}`:                 "x.cue:1:30: c: a: " + depends,
		`x: {a: *1 | int, let z = a, let y = z, c: y}`:     "x.cue:1:26: c: a: " + depends,
		`x: {a?: int, b: [if a != _|_ {1}, 2][0]}`:         "x.cue:1:21: b: a: " + depends,
		`x: {a: *1 | int, b: =~"\(a)"}`:                    "x.cue:1:26: b: a: " + depends,
		`x: {a: *1 | int, b: [...int] & list.MaxItems(a)}`: "x.cue:1:46: b: a: " + depends,
		`x: {a: *1 | int, b: [...int] & list.MinItems(a)}`: "x.cue:1:46: b: a: " + depends,
		`x: {a: *1 | int, b: {#d, n: 1}, #d: {m: a}}`:      "x.cue:1:41: b.m: a: " + depends,
		`x: {a: *1 | int, b: #d.m, #d: {m: a}}`:            "x.cue:1:35: b: a: " + depends,
		`x: {a: *1 | int, b: [#d, ...#d], #d: {m: a}}`:     "x.cue:1:42: b[0].m: a: " + depends,

		`x: {a: *1 | int, b: a + 1}`:            "x.cue:1:21: b: a: " + depends,
		`x: {a: int, b: "\(a)"}`:                "x.cue:1:19: b: a: " + depends,
		`x: {a: int, #b: a, c: #b}`:             "x.cue:1:17: c: a: " + depends,
		`x: {a: int, let b = a, c: b}`:          "x.cue:1:21: c: a: " + depends,
		`x: {a: int, _b: a, c: _b}`:             "x.cue:1:23: c: _b: " + depends + "\nx.cue:1:17: c: a: " + depends,
		`x: {a: [...int], b: [for e in a {e}]}`: "x.cue:1:31: b: a: " + depends,
		`x: {a: *"p" | string, (a): 5}`:         "x.cue:1:24: a: " + depends,
		`x: X={a: int, b: X.a}`:                 "x.cue:1:18: b: X: " + depends,
		`x: {X=a: int, b: X}`:                   "x.cue:1:18: b: X: " + depends,
		`x: {a: int, b: x.a}`:                   "x.cue:1:16: b: x: " + depends,
		`x: [K=string]: {n: K}`:                 `x.cue:1:20: ["[string]"].n: K: ` + depends,
		`x: #d, #d: {a: int, b: a}`:             "x.cue:1:24: b: a: " + depends,

		`x: {a: float, b: 1.0}`: "x.cue:1:5: a: float: JSON does not keep the fraction of a whole number; write number\n" +
			"x.cue:1:15: b: 1.0: JSON does not keep the fraction of a whole number; write it without, or as number & >=x & <=x",
		`x: bytes`:                                         "x.cue:1:1: bytes: JSON has no such kind of value; write string, number, int, bool or null",
		`x: >="a"`:                                         "x.cue:1:1: >=\"a\": only numbers have an order here; write a regular expression with =~",
		`x: =~"(?=a)"`:                                     "x.cue:1:1: =~\"(?=a)\": error parsing regexp: invalid or unsupported Perl syntax: `(?=`; write the regular expression in RE2's syntax",
		`x: strings.HasPrefix("a")`:                        `x.cue:1:1: strings.HasPrefix("a"): write a regular expression: =~"^prefix", =~"suffix$" or =~"part"`,
		`x: list.UniqueItems()`:                            "x.cue:1:1: list.UniqueItems(): write a struct with the elements as names instead of a list",
		`x: [...string] & list.UniqueItems()`:              "x.cue:1:18: list.UniqueItems(): write a struct with the elements as names instead of a list",
		`x: {a: 1} & struct.MaxFields(1)`:                  "x.cue:1:13: struct.MaxFields(1): " + cueparse.Instead(""),
		`x: #d, #d: {a: 1} & struct.MaxFields(1)`:          "x.cue:1:21: struct.MaxFields(1): " + cueparse.Instead(""),
		`x: net.IPv4`:                                      "x.cue:1:1: net.IPv4(): " + cueparse.Instead(""),
		`x: matchN(1, [string, int])`:                      "x.cue:1:1: matchN(1, [string, int]): write alternatives with |",
		`let y = [...string], x: y`:                        "x.cue:1:22: y: a list or a struct behind a name must be a definition (#name), not a let, an alias or the variable of a loop",
		`let y = [...string] & list.UniqueItems(), x: {y}`: "x.cue:1:43: {y}: a list or a struct behind a name must be a definition (#name), not a let, an alias or the variable of a loop",
		`x: {for k, v in {a: list.UniqueItems() & [...]} {"\(k)": v}}`: "x.cue:1:50: a: v: a list or a struct behind a name must be a definition (#name), not a let, an alias or the variable of a loop",
		`x: <123456789012345678901`:                                    "x.cue:1:1: <123456789012345678901: Kubernetes has no whole numbers of more than 64 bits; write a smaller one",
		`x: >=9007199254740993`:                                        "x.cue:1:1: >=9007199254740993: a double does not hold it exactly; write a rounder number, or int & before it",
		`x: 0.12345678901234567891`:                                    "x.cue:1:1: 0.12345678901234567891: a 64-bit number does not hold it exactly; write fewer digits",

		`x: {a: int & string}`:  "x.cue:1:8: {a: int & string}: nothing can satisfy it (x.a: conflicting values int and string (mismatched types int and string))",
		`x: {a: y + 1}, y: int`: "x.cue:1:5: a: y + 1: it is computed from values that are not given here; write the value out",
		`x: #t, #t: {a?: #t}`:   "x.cue:1:13: a: #t: it contains itself; write it out to the depth that is needed",
		`x: {[string]: int} | {[string]: string}`: "x.cue:1:1: {[string]: int} | {[string]: string}: " +
			`alternatives that differ only in patterns for names fall together; give each a field of its own (kind: "a")`,
		`x: {a: list.MinItems(1) & [...int]} | {b: 1}`: "x.cue:1:5: a: list.MinItems(1) & [...int]: inside an alternative, " +
			"write the list with as many elements as it needs: [T, ...T] instead of list.MinItems(1) & [...T]",
		`x: (list.MinItems(1) & [...int]) | (list.MaxItems(0) & [...string])`: "x.cue:1:1: (list.MinItems(1) & [...int]) | (list.MaxItems(0) & [...string]): " +
			"only one alternative may be a list when list.MinItems or list.MaxItems is used",
		`x: #a & #b, #a: {[=~"^a"]: 1}, #b: {[=~"b$"]: 1}`: "x.cue:1:1: #a & #b: closed structs with patterns for names meet here; write their fields in one struct",
		`x: close({a: 1}) & ({...} | {b?: int})`: "x.cue:1:1: close({a: 1}) & ({...} | {b?: int}): it is not plain which of the alternatives are closed; " +
			"write close(...) around each, or ... in each",
		`x: !=null & ([1 | 2] | number)`: "x.cue:1:1: !=null & ([1 | 2] | number): beside alternatives that are lists or structs, CUE loses some to !=null; " +
			"leave it out, and null out of the alternatives",
		`x: {_, a?: int}`: "x.cue:1:1: {_, a?: int}: a value with fields beside it is no struct; write {...} before the fields, or leave them out",
	} {
		_, err := read(text, false)
		if assert.Error(t, err, text) {
			assert.Equal(t, want, err.Error(), text)
		}
	}
}

// One error holds all of them, and each says where it is.
func TestErrors(t *testing.T) {
	_, err := read("x: {\n\ta: b: float\n\tl: [...strings.HasPrefix(\"a\")]\n}", false)
	var errs cueparse.Errors
	require.ErrorAs(t, err, &errs)
	require.Len(t, errs, 2)
	assert.Equal(t, []string{"a", "b"}, errs[0].Path)
	assert.Equal(t, "x.cue:2:5", errs[0].Pos.String())
	assert.Equal(t, "float", errs[0].Text)
	assert.Equal(t, []string{"l", "[]"}, errs[1].Path)
	var one *cueparse.Unsupported
	require.ErrorAs(t, err, &one)
}

// A name from another file of the package is a name all the same.
func TestFilesOfOnePackage(t *testing.T) {
	instance := build.NewContext().NewInstance("", nil)
	require.NoError(t, instance.AddFile("a.cue", "package p\na: int\n"))
	require.NoError(t, instance.AddFile("b.cue", "package p\nb: a\n"))
	_, err := cueparse.Parse(cuecontext.New().BuildInstance(instance))
	require.ErrorContains(t, err, "one field can follow another")
}

func TestTree(t *testing.T) {
	c, err := read("// A database.\n#x: {\n\t// How many.\n\tn?: int\n\tp!: #p\n\tq?: _|_\n\tr: *1 | int\n\ts: string\n}\n// A port.\n#p: int", true)
	require.NoError(t, err)
	assert.Equal(t, "A database.", c.Doc)
	assert.True(t, c.Closed)
	assert.Equal(t, "x.cue:2:1", c.Pos.String())
	var got []constraint.Field
	for _, field := range c.Fields {
		got = append(got, constraint.Field{Name: field.Name, Presence: field.Presence})
	}
	assert.Equal(t, []constraint.Field{{"n", constraint.Optional, nil}, {"p", constraint.Required, nil}, {"q", constraint.Forbidden, nil}, {"r", constraint.Optional, nil}, {"s", constraint.Required, nil}}, got)
	assert.Equal(t, "How many.", c.Fields[0].Value.Doc)
	assert.Equal(t, "A port.", c.Fields[1].Value.Doc)
	assert.Equal(t, "x.cue:4:2", c.Fields[0].Value.Pos.String())
}

func name(field *ast.Field) string {
	name, _, _ := ast.LabelName(field.Label)
	return name
}
