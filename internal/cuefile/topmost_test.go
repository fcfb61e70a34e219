package cuefile

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestTopmost(t *testing.T) {
	for text, want := range map[string]map[string]string{
		"":           {},
		`class: "a"`: {"class": "a"},
		"package p\n// text\nclass: \"a\" // x\n": {"class": "a"},
		`"class": "a", owner: "b\"c"`:             {"class": "a", "owner": `b"c`},
		`owner: #"b"#`:                            nil,
		"apps: web: {\n\tpath: \"a\"\n\tclass: \"b\"\n}\nclass: \"a\"\n": {"class": "a"},
		"list: [{class: \"b\"}, (1+2)]\nclass: \"a\"":                    {"class": "a"},
		`class: "a" | "b"`:             nil,
		`class: "a" & "a"`:             nil,
		`class: 'a'`:                   nil,
		`class: "a\(b)", b: "c"`:       nil,
		`b: "\(class)", class: "a"`:    nil,
		`class: _x, _x: "a"`:           nil,
		`class: {"a"}`:                 nil,
		`class?: "a"`:                  nil,
		`class!: "a"`:                  nil,
		`class: "a" @tag(x)`:           nil,
		"class: \"a\"\nclass: \"a\"":   nil,
		"{class: \"b\"}\nclass: \"a\"": nil,
		"#x\nclass: \"a\"":             nil,
		"[string]: \"a\"\nb: \"c\"":    nil,
		"let x = 1\nclass: \"a\"":      nil,
		"if true {class: \"a\"}":       nil,
		"import \"strings\"\nclass: strings.ToLower(\"A\")": nil,
		"x={class: \"a\"}": nil,
		"...":              nil,
		"a: {":             nil,
		"a: }":             nil,
		"class: \"a":       nil,
		"a: [}\nb: {]":     {}, // no answer is wrong of what says nothing
	} {
		found, known := Topmost([]byte(text), "class", "owner")
		assert.Equal(t, want != nil, known, text)
		assert.Equal(t, want, found, text)
	}
}

// Whatever it knows is what CUE says, of texts that are nearly specs.
func TestTopmostIsWhatCUESays(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	mostly := func(usual []string, odd ...string) string {
		if random.IntN(8) > 0 {
			return usual[random.IntN(len(usual))]
		}
		return odd[random.IntN(len(odd))]
	}
	asked, answered := 0, 0
	for range 8_000 {
		var text strings.Builder
		for range 1 + random.IntN(3) {
			text.WriteString(mostly([]string{"class: ", "owner: ", `"class": `, "x: ", "y: class: "}, "class?: ", "#class: ", "_", "{", "let class = ", "if true "))
			text.WriteString(mostly([]string{`"a"`, `"b"`}, `'a'`, "{class: \"b\"}", `["class", {owner: "b"}]`, `string`, `"\(class)"`, `_class`, `(1)`, `#"a"#`, ``))
			text.WriteString(mostly([]string{"\n", ", ", " // class: \"b\"\n"}, ` & "a"`+"\n", ` | "b"`+"\n", "}\n", " @a()\n", "\n...\n"))
		}
		found, known := Topmost([]byte(text.String()), "class", "owner")
		if !known || len(found) == 0 {
			continue
		}
		asked++
		root, problems := Read("x.cue", []byte(text.String()), Places{})
		if len(problems) > 0 || root == nil || hasFlaw(root) {
			continue // it is told when that file is read as a whole
		}
		answered++
		for _, name := range []string{"class", "owner"} {
			value, said := found[name]
			if !said {
				require.Nil(t, root.Child(name), text.String())
				continue
			}
			require.NotNil(t, root.Child(name), text.String())
			require.Equal(t, any(value), root.Child(name).Scalar, text.String())
		}
	}
	require.Greater(t, answered, 500, "of %d", asked)
}
