package constraint_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"strconv"
	"strings"

	"pgregory.net/rapid"
)

// shape is a random constraint: its CUE text, the text that asks CUE itself (regular fields are required ones there),
// and values near it.
type shape struct {
	text, oracle string
	near         func(*rapid.T) any
}

// generator makes shapes. With completed, texts are for the definition reading, which CUE judges as they are.
type generator struct {
	completed  bool
	quantities bool // too: CUE itself compares their letters
	inside     int  // definitions around
	joined     int  // conjunctions around
	choosing   int  // alternatives around
	defs       []string
	oracleDefs []string
}

var (
	words   = []string{"", "a", "ab", "abc", "b", "true", "7", "null", "it's", `back\slash`, "é", "日本語", "new\nline", `"q"`, "\t", "x-a", "zq"}
	regexps = []string{"^a", "b$", "^[a-z]+$", "a", `^\d+$`, "^$", "[^a]", "é", "'", `\\`, "^x-", "^.{2,3}$", `\n`, `"`}
	names   = []string{"a", "b", "c", "a-b", "namespace", "in", "k1", "e1", "é", "two words", "x.y", "it's", "x-a", "kind"}
	wholes  = []int64{-2, -1, 0, 1, 2, 3, 7, 64, 9007199254740992}
	halves  = []float64{-0.5, 0.5, 1.5, 6.75, 1e-7, 2.1}
)

func pick[T any](t *rapid.T, from []T) T {
	return from[rapid.IntRange(0, len(from)-1).Draw(t, "i")]
}

func chance(t *rapid.T, percent int) bool {
	return rapid.IntRange(0, 99).Draw(t, "%") < percent
}

func quote(s string) string {
	b, _ := json.Marshal(s)
	return string(b)
}

func leaf(text string, near func(*rapid.T) any) shape {
	return shape{text: text, oracle: text, near: near}
}

func of[T any](values ...T) func(*rapid.T) any {
	return func(t *rapid.T) any { return pick(t, values) }
}

func (g *generator) shape(t *rapid.T, depth int) shape {
	if depth == 0 || chance(t, 35) {
		return g.scalar(t)
	}
	switch rapid.IntRange(0, 9).Draw(t, "kind") {
	case 0:
		return g.alternatives(t, func() shape { return g.shape(t, depth-1) })
	case 1, 2:
		return g.list(t, depth)
	case 3:
		return g.definition(t, func() shape { return g.shape(t, depth-1) })
	case 4:
		return g.meet(t, depth)
	case 5:
		if g.joined == 0 {
			return g.embed(t, depth)
		}
	}
	return g.structure(t, depth)
}

func (g *generator) scalar(t *rapid.T) shape {
	if g.quantities && chance(t, 20) {
		return quantity(t)
	}
	switch rapid.IntRange(0, 7).Draw(t, "scalar") {
	case 0:
		return g.constant(t)
	case 1, 2:
		return g.number(t)
	case 3, 4:
		return g.str(t)
	case 5:
		return pick(t, []shape{
			leaf("bool", of[any](true, false, "true")), leaf("null", of[any](nil, "null")), leaf("_", anyValue), leaf("!=null", anyValue),
			leaf("string", of(words...)), leaf("int", of(wholes...)), leaf("number", of(halves...)), leaf("{...}", of[any](map[string]any{}, map[string]any{"a": int64(1)})),
		})
	}
	var texts []string
	var nears []func(*rapid.T) any
	for range rapid.IntRange(2, 3).Draw(t, "n") {
		s := g.constant(t)
		texts, nears = append(texts, s.text), append(nears, s.near)
	}
	if chance(t, 30) {
		texts[0] = "*" + texts[0]
	}
	return leaf("("+strings.Join(texts, " | ")+")", func(t *rapid.T) any { return pick(t, nears)(t) })
}

func (g *generator) constant(t *rapid.T) shape {
	switch rapid.IntRange(0, 4).Draw(t, "constant") {
	case 0:
		n := pick(t, wholes)
		return leaf(strconv.FormatInt(n, 10), of[any](n, n+1, float64(n), strconv.FormatInt(n, 10)))
	case 1:
		f := pick(t, halves)
		return leaf(strconv.FormatFloat(f, 'f', -1, 64), of[any](f, f+1, math.Trunc(f), int64(f)))
	case 2:
		return pick(t, []shape{leaf("true", of[any](true, false, "true")), leaf("false", of[any](true, false)), leaf("null", of[any](nil, ""))})
	}
	word := pick(t, words)
	return leaf(quote(word), of[any](word, word, word+"a", nil))
}

func (g *generator) number(t *rapid.T) shape {
	var parts []string
	near := []any{}
	if chance(t, 50) {
		parts = append(parts, pick(t, []string{"int", "number"}))
	}
	for range rapid.IntRange(0, 2).Draw(t, "bounds") {
		op := pick(t, []string{">=", ">", "<=", "<", "!="})
		n := pick(t, wholes)
		if chance(t, 25) {
			f := pick(t, halves)
			parts = append(parts, op+strconv.FormatFloat(f, 'f', -1, 64))
			near = append(near, f, int64(f))
			continue
		}
		parts = append(parts, op+strconv.FormatInt(n, 10))
		near = append(near, n, n+1, n-1, float64(n), float64(n)+0.5)
	}
	if len(parts) == 0 {
		parts = append(parts, "uint8")
	}
	return leaf("("+strings.Join(parts, " & ")+")", of(append(near, int64(1), 1.0, "1")...))
}

func (g *generator) str(t *rapid.T) shape {
	parts := []string{}
	for range rapid.IntRange(1, 3).Draw(t, "parts") {
		parts = append(parts, pick(t, []string{
			"string", "=~" + quote(pick(t, regexps)), "!~" + quote(pick(t, regexps)), "!=" + quote(pick(t, words)),
			fmt.Sprintf("strings.MinRunes(%d)", rapid.IntRange(0, 3).Draw(t, "min")),
			fmt.Sprintf("strings.MaxRunes(%d)", rapid.IntRange(0, 4).Draw(t, "max")),
		}))
	}
	return leaf("("+strings.Join(parts, " & ")+")", of(words...))
}

// quantity is a quantity in bounds.
func quantity(t *rapid.T) shape {
	amounts := []string{"0", "1", "500m", "1500m", "2", "1k", "1Ki", "64Mi", "1Gi", "1024Mi", "1G", "1e3", "0.5Gi"}
	var parts []string
	for range rapid.IntRange(1, 2).Draw(t, "bounds") {
		parts = append(parts, pick(t, []string{">=", ">", "<=", "<"})+quote(pick(t, amounts)))
	}
	near := []any{int64(0), int64(1), int64(2), 0.5, 1.5, int64(1024), "abc", "", "1 Gi", "-1", "1Gi ", "1E", "1e3", ".5", "5.", "01Ki", "999n", "+2", true}
	for _, amount := range amounts {
		near = append(near, amount)
	}
	return leaf("("+strings.Join(parts, " & ")+")", of(near...))
}

func (g *generator) alternatives(t *rapid.T, arm func() shape) shape {
	g.choosing++
	defer func() { g.choosing-- }()
	var arms []shape
	for range rapid.IntRange(2, 3).Draw(t, "arms") {
		arms = append(arms, arm())
	}
	return shape{
		text:   "(" + strings.Join(each(arms, func(s shape) string { return s.text }), " | ") + ")",
		oracle: "(" + strings.Join(each(arms, func(s shape) string { return s.oracle }), " | ") + ")",
		near:   func(t *rapid.T) any { return pick(t, arms).near(t) },
	}
}

func each[T, U any](list []T, f func(T) U) []U {
	var result []U
	for _, x := range list {
		result = append(result, f(x))
	}
	return result
}

func (g *generator) list(t *rapid.T, depth int) shape {
	var items []shape
	for range pick(t, []int{0, 0, 0, 1, 2}) {
		items = append(items, g.shape(t, depth-1))
	}
	rest := g.shape(t, depth-1)
	open := len(items) == 0 && chance(t, 90) || chance(t, 50)
	write := func(f func(shape) string) string {
		parts := each(items, f)
		if open {
			parts = append(parts, "..."+f(rest))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	}
	limits := ""
	// CUE 0.17 forgets that a definition closes the elements of a list that a validator speaks of.
	forgets := g.inside > 0 && strings.ContainsAny(rest.text+fmt.Sprint(each(items, func(s shape) string { return s.text })), "{")
	limited := open && !forgets
	if limited && chance(t, 40) {
		limits += fmt.Sprintf("list.MinItems(%d) & ", rapid.IntRange(0, 3).Draw(t, "min"))
	}
	if limited && chance(t, 40) {
		limits += fmt.Sprintf("list.MaxItems(%d) & ", rapid.IntRange(2, 4).Draw(t, "max"))
	}
	return shape{
		text:   "(" + limits + write(func(s shape) string { return s.text }) + ")",
		oracle: "(" + limits + write(func(s shape) string { return s.oracle }) + ")",
		near: func(t *rapid.T) any {
			list := []any{}
			for _, item := range items {
				list = append(list, item.near(t))
			}
			for range rapid.IntRange(0, 3).Draw(t, "more") {
				list = append(list, rest.near(t))
			}
			return list
		},
	}
}

// tie is a few fields of a struct that depend on each other.
func (g *generator) tie(t *rapid.T, depth int) shape {
	if g.joined > 0 || chance(t, 40) { // CUE 0.17 overflows its stack where a bound meets required fields with a condition
		return g.relation(t)
	}
	body := g.structure(t, max(depth-1, 0))
	test := pick(t, []string{
		`mode == "x"`, `mode != "x"`, `mode =~ "^x"`, `mode == "x" && level > 1`, `on`, `!on`, `level >= 2 && on`, `mode == "x" || on`,
		`!(mode == "x" && 1 < level)`, `more != _|_`, `more == _|_`, `more != _|_ if more != 2`, `more != _|_ if more == null || on`, `mode != 1`,
	})
	head := func(mark string) string {
		return fmt.Sprintf("mode%[1]s: string, level%[1]s: number, on%[1]s: bool, more?: _, if %[2]s ", mark, test)
	}
	return shape{text: head("") + body.text, oracle: head("!") + body.oracle, near: func(t *rapid.T) any {
		m := map[string]any{"mode": of("x", "y", "xa")(t), "level": of[any](int64(1), int64(2), 1.5)(t), "on": of(true, false)(t)}
		if inner, ok := body.near(t).(map[string]any); ok {
			maps.Copy(m, inner)
		}
		if chance(t, 50) {
			m["more"] = anyValue(t)
		}
		return m
	}}
}

// relation is two fields of which one is compared with the other.
func (g *generator) relation(t *rapid.T) shape {
	numbers := func(t *rapid.T) any {
		return map[string]any{"low": of[any](int64(1), int64(2), 1.5)(t), "high": of[any](int64(1), int64(2), int64(3), 1.5, "a")(t)}
	}
	texts := func(t *rapid.T) any {
		return map[string]any{"low": of[any]("a", "b", "ab")(t), "high": of[any]("a", "b", "ab", int64(1), nil)(t)}
	}
	op := pick(t, []string{">=", ">", "<=", "<", "!=", ""})
	if g.quantities && chance(t, 50) {
		amount := func(t *rapid.T) any { return of[any]("1Gi", "1024Mi", "500m", 0.5, "1k", int64(1000), "x")(t) }
		return leaf(`low: >"0", high?: `+op+"low", func(t *rapid.T) any { return map[string]any{"low": amount(t), "high": amount(t)} })
	}
	switch rapid.IntRange(0, 3).Draw(t, "relation") {
	case 0:
		return shape{text: "low: number, high: int & " + op + "low", oracle: "low!: number, high!: int & " + op + "low", near: numbers}
	case 1:
		return shape{text: "low: >=1, high?: " + op + "low & <9", oracle: "low!: >=1, high?: " + op + "low & <9", near: numbers}
	case 2:
		return shape{text: "low: string, high: !=low", oracle: "low!: string, high!: !=low", near: texts}
	}
	return shape{text: `low: =~"a", high?: low`, oracle: `low!: =~"a", high?: low`, near: texts}
}

type member_ struct {
	name string
	mark string // "", "!", "?" or "forbidden"
	shape
}

func (g *generator) structure(t *rapid.T, depth int) shape {
	var patterns []member_
	if chance(t, 25) {
		g.joined++
		defer func() { g.joined-- }()
		key := pick(t, []string{"string", "=~" + quote(pick(t, regexps)), `!="a"`, "strings.MinRunes(2)"})
		patterns = append(patterns, member_{name: key, shape: g.shape(t, max(depth-1, 0))})
	}
	var members []member_
	for _, name := range rapid.SliceOfNDistinct(rapid.SampledFrom(names), 0, 4, rapid.ID).Draw(t, "names") {
		m := member_{name: name, mark: pick(t, []string{"", "", "", "!", "?", "?", "forbidden"}), shape: g.shape(t, max(depth-1, 0))}
		if g.completed && g.choosing > 0 && m.mark == "" {
			m.mark = "!" // CUE fills constants in, and then chooses; a constraint wants to see them
		}
		members = append(members, m)
	}
	var ties []shape
	if !g.completed && g.choosing == 0 && chance(t, 25) { // among alternatives, CUE 0.17 forgets that such fields are required
		ties = append(ties, g.tie(t, depth))
	}
	write := func(oracle bool) string {
		var lines []string
		for _, p := range patterns {
			lines = append(lines, "["+p.name+"]: "+p.side(oracle))
		}
		for _, m := range members {
			lines = append(lines, g.line(m, oracle))
		}
		for _, tie := range ties {
			lines = append(lines, tie.side(oracle))
		}
		return "{" + strings.Join(lines, ", ") + "}"
	}
	head, tail := "", ""
	if g.inside == 0 && chance(t, 25) { // within a definition, CUE 0.17 takes close for less than the definition says
		head, tail = "close(", ")"
	}
	return shape{text: head + write(false) + tail, oracle: head + write(true) + tail, near: func(t *rapid.T) any {
		m := map[string]any{}
		for _, x := range members {
			if x.mark != "forbidden" && (x.mark != "?" || !chance(t, 40)) || chance(t, 5) {
				m[x.name] = x.near(t)
			}
		}
		for _, p := range patterns {
			if chance(t, 70) {
				m[pick(t, append(words, names...))] = p.near(t)
			}
		}
		for _, tie := range ties {
			maps.Copy(m, tie.near(t).(map[string]any))
		}
		return m
	}}
}

func (s shape) side(oracle bool) string {
	if oracle {
		return s.oracle
	}
	return s.text
}

func (g *generator) line(m member_, oracle bool) string {
	mark := m.mark
	if mark == "forbidden" {
		return quote(m.name) + "?: _|_"
	}
	if mark == "" && oracle && !g.completed {
		mark = "!"
	}
	return quote(m.name) + mark + ": " + m.side(oracle)
}

// definition puts a shape behind a name, which closes it.
func (g *generator) definition(t *rapid.T, make func() shape) shape {
	g.inside++
	s := make()
	g.inside--
	name := fmt.Sprintf("#D%d", len(g.defs))
	g.defs = append(g.defs, name+": "+s.text)
	g.oracleDefs = append(g.oracleDefs, name+": "+s.oracle)
	return shape{text: name, oracle: name, near: s.near}
}

// meet unifies two structs, or a struct with alternatives.
func (g *generator) meet(t *rapid.T, depth int) shape {
	g.joined++
	defer func() { g.joined-- }()
	a, b := g.structure(t, depth), g.structure(t, depth)
	if chance(t, 40) {
		arm := func() shape { return g.shape(t, depth-1) }
		if g.inside > 0 { // CUE 0.17 opens a closed struct that meets !=null
			arm = func() shape { return g.structure(t, depth-1) }
		}
		b = g.alternatives(t, arm)
	}
	return shape{text: "(" + a.text + " & " + b.text + ")", oracle: "(" + a.oracle + " & " + b.oracle + ")", near: both(a, b)}
}

// embed puts a struct, or alternatives of structs, into another, where no bound on numbers can meet them: CUE 0.17
// overflows its stack on a bound beside required fields, {>=1, a!: 2}.
func (g *generator) embed(t *rapid.T, depth int) shape {
	g.joined++
	defer func() { g.joined-- }()
	structure := func() shape { return g.structure(t, depth-1) }
	a, b := g.structure(t, depth), g.definition(t, structure)
	if chance(t, 40) {
		b = g.alternatives(t, structure)
	}
	if !strings.HasPrefix(a.text, "{") {
		return a
	}
	put := func(a, b string) string { return "{" + b + ", " + a[1:] }
	return shape{text: put(a.text, b.text), oracle: put(a.oracle, b.oracle), near: both(a, b)}
}

func both(a, b shape) func(*rapid.T) any {
	return func(t *rapid.T) any {
		x, y := a.near(t), b.near(t)
		m, ok1 := x.(map[string]any)
		n, ok2 := y.(map[string]any)
		if !ok1 || !ok2 {
			return pick(t, []any{x, y})
		}
		maps.Copy(m, n)
		return m
	}
}
