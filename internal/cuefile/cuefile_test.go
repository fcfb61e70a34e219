package cuefile

import (
	"bytes"
	"slices"
	"strconv"
	"strings"
	"testing"

	"cuelang.org/go/cue"
	"cuelang.org/go/cue/cuecontext"
	"cuelang.org/go/cue/errors"
	"cuelang.org/go/cue/parser"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"spokewright.dev/spokewright/internal/finding"
)

// mistakes are all that is told of a text before anybody knows what it may hold, each as LINE:COLUMN: PATH: MESSAGE.
func mistakes(text string) []string {
	root, found := Read("x.cue", []byte(text), Places{Constraint: func(path []string) bool { return slices.Equal(path, []string{"require"}) }})
	var flaws func(n *Node, path []string)
	flaws = func(n *Node, path []string) {
		if n == nil {
			return
		}
		if n.Flaw != nil && n.Flaw.message != "" {
			found = append(found, finding.Finding{Position: n.Flaw.Position, Path: finding.Tokens(path...), Message: n.Flaw.message})
		}
		for name, below := range n.Fields {
			flaws(below, append(slices.Clip(path), name))
		}
		for i, below := range n.Items {
			flaws(below, append(slices.Clip(path), strconv.Itoa(i)))
		}
	}
	flaws(root, nil)
	var told []string
	for _, f := range found.Sorted() {
		told = append(told, strings.TrimPrefix(f.String(), "x.cue:"))
	}
	return told
}

func TestMessages(t *testing.T) {
	for room, cases := range map[string][]struct {
		text string
		want []string
	}{
		"text": {
			{"", []string{"1:1: the file is empty"}},
			{" \n", []string{"1:1: the file is empty"}},
			{"a: 1\r\nb: 2\r\n", []string{"1:5: found a carriage return at the end of the line: lines end in LF alone, as git config core.autocrlf input keeps them"}},
			{"a: \"x\u200by\"", []string{"1:6: found the character U+200B, which cannot be seen: write plain text"}},
			{"a: \"x\u202ey\"", []string{"1:6: found the character U+202E, which turns the direction of what is read: write plain text"}},
			{"a: \"x\u00a0y\"", []string{"1:6: found the space U+00A0, which is not the ordinary one: write plain text"}},
			{"a: \"x\x00y\"", []string{"1:6: found the control character U+0000: write plain text"}},
			{"a: \"x\xffy\"", []string{"1:6: found the byte 0xFF, which is not UTF-8: write plain text"}},
			{"// only a comment", []string{"1:1: the file is empty: it has nothing but comments"}},
		},
		"grammar": {
			{"# a comment\na: 1", []string{"1:3: found #: a comment starts with //"}},
			{"- a", []string{"1:1: found a dash: a list is written [a, b], and a map {name: value}"}},
			{"a: \u201cx\u201d", []string{`1:4: found a typographic quote: a text has plain quotes (")`}},
			{`a: "x`, []string{"1:4: found a text without its closing quote"}},
			{"my-app: 1", []string{`1:7: found the name my-app without quotes: a name with a dash is written "my-app"`}},
			{"a: b c", []string{"1:6: found two things after each other: a text has no quotes, or a comma or a new line is missing"}},
			{"a: {\n b: 1", []string{"1:6: expected }, found the end of the file", "2:6: expected }, found the end of the file"}},
			{"let x = 1\nx: {a: 1}", []string{"2:4: found a field below a let of the same name, x: give the let another name"}},
			{"a: 1 b: 2", []string{"1:6: found two things after each other: a text has no quotes, or a comma or a new line is missing"}},
			{"a = 1", []string{"1:1: found a = 1, as HCL and TOML write it: in CUE a field has a colon, a: 1"}},
		},
		"language": {
			{"a: {for x in [1] {b: x}}", []string{"1:5: a: found a loop (for): a spec lists its things one by one"}},
			{"if true {a: 1}", []string{"1:1: found a condition (if): a spec says what is there; what differs between environments belongs to their classes"}},
			{`a: strings.ToUpper("x")`, []string{`1:4: a: found a call (strings.ToUpper("x")): a spec is data, write what it gives`}},
			{"import \"net\"\na: 1", []string{`1:8: found an import of "net", allowed is "list" or "strings", for rules: a spec stands alone, and nothing is ever fetched`}},
			{"import \"strings\"\na: 1", []string{`1:8: nothing uses the import of "strings": take it out`}},
			{"let x = 1\na: 1", []string{`1:1: nothing uses "x": take the let out`}},
			{"X=a: 1", []string{"1:1: found an alias (X=): write the name itself, or a let"}},
			{"a: 1 @attr(x)", []string{"1:6: found an attribute (@attr(x)): nothing reads it here"}},
			{`"\(a)": 1`, []string{`1:1: found "\(a)", a name that is computed: write the name out`}},
			{"\u00e9: 1", []string{`1:1: the name "\u00e9" has letters outside ASCII, which can look like others`}},
			{"a: 1 * b\nb: 2", []string{"1:4: a: found 1 * b: a spec is data, write what it gives"}},
			{"a: word", []string{`1:4: a: found word without quotes, which names nothing in this file: a text is written "word"`}},
			{"a: some.word", []string{`1:4: a: found some.word without quotes, which names nothing in this file: a text is written "some.word"`}},
			{"n: 1\na: nn", []string{`2:4: a: found nn without quotes, which names nothing in this file: a text is written "nn"`}},
			{"a: [x for x in [1]]", []string{"1:7: expected ], found for"}},
			{"a: 2 * 3", nil},
			{"a: -word", []string{"1:4: a: found a dash: a list is written [a, b], and a map {name: value}"}},
			{"a: [b][b]\nb: 0", []string{"1:4: a: found [b][b]: write the number or the name of the element out"}},
			{"a: _undefined", []string{"1:4: a: found _undefined, which names nothing in this file"}},
		},
		"conditions": {
			{"require: {a: 1, if a == 1 {b: 2}}", nil},
			{"require: {a: 1, for x in [1] {b: x}}", []string{"1:17: found a loop (for): a spec lists its things one by one"}},
			{"require: {a: 1, if len(a) {b: 2}}", []string{"1:20: found a call (len(a)): a spec is data, write what it gives"}},
			{"require: {a: 1, if a == 1 for x in [1] {b: 2}}", []string{"1:17: found a condition (if): a spec says what is there; what differs between environments belongs to their classes"}},
		},
		"build": {
			{"a: 'x'", []string{"1:4: a: found 'x' in single quotes, which are for bytes: a text has double quotes"}},
			{"a: string", []string{"1:4: a: found string, which leaves the value open: write the value itself"}},
			{"a: >1", []string{"1:4: a: found >1, which leaves the value open: write the value itself"}},
			{"a: 1 | 2", []string{"1:4: a: found 1 | 2, which leaves the value open: write the value itself"}},
			{"a: {x: 1}\nb: a.y", []string{"2:4: b: found a.y, a field that is not there"}},
			{"a: b.c.d\nb: c: {}", []string{"1:4: a: found b.c.d, a field that is not there"}},
			{"a?: 1", []string{"1:1: a: found a mark (? or !) after the name, which only a definition has: write a: and its value"}},
			{"a!: 1", []string{"1:1: a: found a mark (? or !) after the name, which only a definition has: write a: and its value"}},
			{"#d: {x!: 1}\na: #d", []string{"2:4: a.x: missing: the definition that this is made from requires it"}},
			{`a: "{{x}}"`, []string{`1:4: a: found "{{x}}", allowed is a text without {{ and }}: Argo CD's templates would read them`}},
			{`"{{x}}": 1`, []string{`1:1: ["{{x}}"]: found "{{x}}", allowed is a text without {{ and }}: Argo CD's templates would read them`}},
			{"a: 1e400", []string{"1:4: a: found 1e400, a number that does not fit 64 bits"}},
			{"a: 18446744073709551616", []string{"1:4: a: found 18446744073709551616, a number that does not fit 64 bits"}},
			{"a: 0.12345678901234567890", []string{"1:4: a: found 0.12345678901234567890, of which a number of 64 bits keeps 0.12345678901234568: write that, or a text in quotes"}},
			{`a: {"<<": 1, "": 2}`, []string{`1:5: a["<<"]: found the name "<<", allowed is any other: to YAML it means what another map holds`, `1:14: a[""]: found an empty name, allowed is any other: kustomize does not take it`}},
			{`a: "\u0085"`, []string{`1:4: a: found "\u0085" with the character U+0085, which YAML does not keep: write plain text`}},
			{"a: *1 | 2", nil},
			{"a: null", nil},
		},
		"refused": {
			{"a: {b!: 1, x}\nx: >=1", []string{"1:5: a.b: found a mark (? or !) after the name, which only a definition has: write b: and its value", "1:12: a: found x beside the fields of a struct: a struct is no number and no text", "2:4: x: found >=1, which leaves the value open: write the value itself"}},
			{"a: {b!: 1, x, y}\nlet x = y & y\ny: {}", []string{"1:5: a.b: found a mark (? or !) after the name, which only a definition has: write b: and its value"}},
			{"a: {b!: 1, c.d}\nc: d: {}", []string{"1:5: a.b: found a mark (? or !) after the name, which only a definition has: write b: and its value", "1:12: a: found c.d beside the fields of a struct: a struct is no number and no text"}},
		},
	} {
		for _, c := range cases {
			assert.Equal(t, c.want, mistakes(c.text), "%s: %q", room, c.text)
		}
	}
}

// Each of CUE's format strings that evaluation.go knows: CUE still writes it, and it is told in a user's words.
func TestCUEFormats(t *testing.T) {
	for _, c := range []struct{ text, format, want string }{
		{"a: 1\na: 2", "conflicting values %s and %s", "2:4: a: found both 2 and 1 (line 1, column 4), allowed is one value: a field that is written twice must say the same"},
		{"a: 1\na: \"x\"", "conflicting values %s and %s (mismatched types %s and %s)", `2:4: a: found both 1 and "x" (line 1, column 4), allowed is one value: a field that is written twice must say the same`},
		{"a: 5 & <3", "invalid value %v (out of bound %s)", "1:8: a: found 5, allowed is <3 (line 1, column 4)"},
		{"#d: {name: 1}\na: #d & {nmae: 2}", "field not allowed", `2:10: a.nmae: no such field in the definition that this is made from; did you mean "name"?`},
		{"a: close({x: 1})\nb: a.y", "undefined field: %s", "2:6: b: found a reference to the field y, which is not there"},
		{"a: [1, 2]\na: [1]", "incompatible list lengths (%d and %d)", "2:4: a: found lists of 1 and 2 elements for one field: a field that is written twice must say the same"},
		{"a: {b: a}", "structural cycle", "1:8: a.b: found a value that contains or names itself; a text has quotes"},
		{"a: _|_", "explicit error (_|_ literal) in source", "1:4: a: found _|_, which no value can be"},
		{"b: [1]\na: \"x\\(b)\"", "invalid interpolation", "2:4: a: found something in \\(...) that is no text, number, true or false"},
		{"a: >5 & <3", "incompatible number bounds %v and %v", "1:9: a: found limits that no value keeps: <3 and >5"},
		{"a: >5 & <6 & int", "incompatible integer bounds %v and %v", "1:9: a: found limits that no value keeps: >5 and <6"},
		{`a: >"b" & <"a"`, "incompatible string bounds %v and %v", `1:11: a: found limits that no value keeps: <"a" and >"b"`},
		{"a: 1 & (2 | 3)", "%d errors in empty disjunction:", "1:4: a: found a value that fits none of the alternatives written for it"},
		{"b: {}\na: b + 1", "invalid operands %s and %s to '%s' (type %s and %s)", "2:8: a: invalid operands {} and 1 to '+' (type struct and int)"},
	} {
		var formats []string
		for _, e := range errors.Errors(cuecontext.New().CompileString(c.text).Validate()) {
			format, _ := e.Msg()
			formats = append(formats, format)
		}
		assert.Contains(t, formats, c.format, "%q", c.text)
		assert.Equal(t, []string{c.want}, mistakes(c.text), "%q", c.text)
	}
}

// Where a value was written: what the user put there himself, before what a reference or a definition brings.
func TestPositions(t *testing.T) {
	for _, c := range []struct{ text, path, value, label string }{
		{"a: 1", "a", "1:4", "1:1"},
		{"a: {\n\tb: [1,\n\t\t2]\n}", "a.b.1", "3:3", "3:3"},
		{"x: 1\na: x", "a", "2:4", "2:1"},
		{"#d: {x: 1, y: 2}\na: #d & {y: 2}", "a.y", "2:13", "2:10"},
		{"#d: {x: 1, y: 2}\na: #d & {y: 2}", "a.x", "1:9", "1:6"},
		{"_d: x: 1\na: _d", "a.x", "1:8", "1:5"},
		{"let l = {x: 1}\na: l", "a.x", "1:13", "1:10"},
		{"a: b: 1\na: c: 2", "a.c", "2:7", "2:4"},
		{"a: int\na: 5", "a", "2:4", "2:1"},
		{"a: *1 | int\na: 2", "a", "2:4", "2:1"},
		{`a: "x" & string`, "a", "1:4", "1:1"},
		{`a: b: c: "x"`, "a.b", "1:7", "1:4"},
		{"a: [...{x: 1}] & [{y: 2}]", "a.0.x", "1:12", "1:9"},
	} {
		root, found := Read("x.cue", []byte(c.text), Places{})
		require.Empty(t, found, c.text)
		n := root.Find(strings.Split(c.path, ".")...)
		require.NotNil(t, n, c.text)
		assert.Equal(t, []string{c.value, c.label}, []string{place(n.Position), place(n.Label)}, "%q: %s", c.text, c.path)
	}
}

func place(p finding.Position) string { return strings.TrimPrefix(p.String(), "x.cue:") }

// What a text costs, in values and pieces of text that evaluation may make of it: 0 where it is refused.
func TestCost(t *testing.T) {
	doubled := func(n int, of string) string {
		var text strings.Builder
		text.WriteString("a0: 1\n")
		for i := range n {
			text.WriteString("a" + strconv.Itoa(i+1) + ": " + strings.ReplaceAll(of, "A", "a"+strconv.Itoa(i)) + "\n")
		}
		return text.String()
	}
	for _, c := range []struct {
		name, text string
		cost       int
	}{
		{"one value", "a: 1", 3},
		{"a list", "a: [1, 2, 3]", 12},
		{"a reference", "a: {x: 1, y: 2}\nb: a", 21},
		{"a definition", "#d: {x: int, y: string}\na: #d & {x: 1, y: \"y\"}", 35},
		{"two alternatives", "a: 1 | 2", 13},
		{"four alternatives", "a: (1 | 2) & (1 | 3)", 64},
		{"a long text", `a: "` + strings.Repeat("x", 6400) + `"`, 103},
		{"itself", "a: {b: a, c: a}", 0},
		{"itself once", "a: {b: a}", 1203},
		{"itself twice", "a: a & a", 11},
		{"nothing in itself", "a: b & b\nb: a & a", 44},
		{"5 times {l: A, r: A}", doubled(5, "{l: A, r: A}"), 702},
		{"20 times {l: A, r: A}", doubled(20, "{l: A, r: A}"), 0},
		{"5 times A & A", doubled(5, "A & A"), 183},
		{"60 times A & A", doubled(60, "A & A"), 20313},
		{"5 times [A, A]", doubled(5, "[A, A]"), 702},
		{"20 times [A, A]", doubled(20, "[A, A]"), 0},
		{"20 times A | A", doubled(20, "A | A"), 0},
		{"5 times {l?: A, r?: A}", doubled(5, "{l?: A, r?: A}"), 18},
		{"60 times {l?: A, r?: A}", doubled(60, "{l?: A, r?: A}"), 183},
	} {
		syntax, err := parser.ParseFile("x.cue", c.text)
		require.NoError(t, err)
		tracer, found := trace(source{"x.cue", []byte(c.text)}, syntax)
		if c.cost == 0 {
			require.Len(t, found, 1, c.name)
			assert.Contains(t, found[0].Message, "found more than 100000 values", c.name)
			continue
		}
		require.Empty(t, found, c.name)
		assert.Equal(t, c.cost, tracer.spent, c.name)
	}
}

// Layers: structs field by field, everything else as a whole; constraints stay whole.
func TestMerge(t *testing.T) {
	read := func(text string) *Node {
		n, found := Read("x.cue", []byte(text), Places{Constraint: func(path []string) bool { return slices.Equal(path, []string{"require"}) }})
		require.Empty(t, found)
		return n
	}
	lower := read("a: {x: 1, y: [1, 2]}\nb: 1\nrequire: {c: >1}")
	merged := Merge(lower, read("a: {y: [3], z: true}\nrequire: {d: <1}"))
	assert.Equal(t, map[string]any{"a": map[string]any{"x": int64(1), "y": []any{int64(3)}, "z": true}, "b": int64(1), "require": map[string]any{}}, merged.Data())
	assert.Equal(t, "1:8", place(merged.At("a", "x").Position), "each value keeps its place")
	assert.False(t, merged.Find("require").Rule.LookupPath(cue.ParsePath("c")).Exists())
	assert.True(t, merged.IsValid())
	assert.Equal(t, map[string]any{"x": int64(1), "y": []any{int64(1), int64(2)}}, lower.Find("a").Data(), "and the lower one stays as it is")

	doubtful := merged.WithInvalid("a", "x")
	assert.False(t, doubtful.IsValid())
	assert.True(t, doubtful.HasInvalid("a", "x", "deeper"))
	assert.True(t, merged.IsValid())
	assert.False(t, merged.Find("nothing").IsValid(), "what is not there is not known")
	assert.True(t, merged.WithInvalid("new").HasInvalid("new"))
}

// Whatever is read stays below the limits.
func TestLimits(t *testing.T) {
	for name, c := range map[string]struct {
		text []byte
		want string
	}{
		"size":   {bytes.Repeat([]byte("a"), maxSourceBytes+1), "1:1: found a file of 262145 bytes, allowed are 262144"},
		"depth":  {[]byte("a: " + strings.Repeat("[", maxDepth+1)), "1:153: found more than 300 levels below each other: a spec is flat"},
		"broken": {[]byte(strings.Repeat("\"\n", 101)), "1:1: found more than 100 mistakes in the text, the first of them here: string literal not terminated"},
	} {
		assert.Equal(t, []string{c.want}, mistakes(string(c.text)), name)
	}
}

// What is embedded beside a field that must be there is followed once a name, however often the name stands there.
func TestFault20BoundsBesideRequiredFields(t *testing.T) {
	var text strings.Builder
	text.WriteString("a: {b!: 1, x0}\n")
	for i := range 7 {
		next := "x" + strconv.Itoa(i+1)
		text.WriteString("let x" + strconv.Itoa(i) + " = " + strings.Repeat(next+" & ", 30) + next + "\n")
	}
	text.WriteString("let x7 = {}\n")
	syntax, err := parser.ParseFile("x.cue", text.String())
	require.NoError(t, err)
	assert.Empty(t, clean(source{"x.cue", []byte(text.String())}, syntax, false), "none of them is a bound")
}
