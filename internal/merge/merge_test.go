package merge

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// object is a rendered object with a spec.
func object(kind, name, spec string) string {
	return "apiVersion: example.com/v1\nkind: " + kind + "\nmetadata:\n  name: " + name + "\nspec:\n" + spec
}

func stream(objects ...string) string { return strings.Join(objects, "---\n") }

func TestFiles(t *testing.T) {
	one := func(spec string) string { return object("Thing", "a", spec) }
	for name, c := range map[string]struct{ base, ours, theirs, want string }{
		"one side alone":  {one("  x: 1\n"), one("  x: 1\n"), one("  x: 2\n"), one("  x: 2\n")},
		"the same":        {one("  x: 1\n"), one("  x: 2\n"), one("  x: 2\n"), one("  x: 2\n")},
		"other fields":    {one("  x: 1\n  xb: 1\n"), one("  x: 2\n  xb: 1\n"), one("  x: 1\n  xb: 2\n"), one("  x: 2\n  xb: 2\n")},
		"comes and goes":  {one("  x: 1\n"), one("  x: 1\n  xb: 1\n"), one("  z: 1\n"), one("  xb: 1\n  z: 1\n")},
		"named elements":  {one("  l:\n  - name: b\n"), one("  l:\n  - name: a\n  - name: b\n"), one("  l:\n  - name: b\n    x: 1\n  - name: c\n"), one("  l:\n  - name: a\n  - name: b\n    x: 1\n  - name: c\n")},
		"neighbours":      {one("  l:\n  - name: a\n"), one("  l:\n  - name: a\n  - name: c\n"), one("  l:\n  - name: a\n  - name: b\n"), one("  l:\n  - name: a\n  - name: b\n  - name: c\n")},
		"in an order":     {one("  l:\n  - z\n  - a\n"), one("  l:\n  - z\n  - m\n  - a\n"), one("  l:\n  - z\n  - a\n  - b\n"), one("  l:\n  - z\n  - m\n  - a\n  - b\n")},
		"an element goes": {one("  l:\n  - a\n  - b\n  - c\n"), one("  l:\n  - a\n  - c\n"), one("  l:\n  - a\n  - b\n  - c\n  - d\n"), one("  l:\n  - a\n  - c\n  - d\n")},
		"names in an expression": {
			one("  e: |-\n    n in [\n      \"b\",\n    ]\n"), one("  e: |-\n    n in [\n      \"a\",\n      \"b\",\n    ]\n"), one("  e: |-\n    n in [\n      \"b\",\n      \"c\",\n    ]\n"),
			one("  e: |-\n    n in [\n      \"a\",\n      \"b\",\n      \"c\",\n    ]\n"),
		},
		"names on a line": {one("  e: n in [\"b\"]\n"), one("  e: n in [\"a\", \"b\"]\n"), one("  e: n in [\"b\", \"c\"]\n"), one("  e: n in [\"a\", \"b\", \"c\"]\n")},
		"new objects beside each other": {
			stream(object("A", "a", "  x: 1\n"), object("Z", "z", "  x: 1\n")),
			stream(object("A", "a", "  x: 1\n"), object("C", "two", "  x: 1\n"), object("Z", "z", "  x: 1\n")),
			stream(object("A", "a", "  x: 1\n"), object("C", "one", "  x: 1\n"), object("Z", "z", "  x: 1\n")),
			stream(object("A", "a", "  x: 1\n"), object("C", "one", "  x: 1\n"), object("C", "two", "  x: 1\n"), object("Z", "z", "  x: 1\n")),
		},
		"an object goes": {
			stream(object("A", "a", "  x: 1\n"), object("A", "b", "  x: 1\n")), object("A", "b", "  x: 1\n"), stream(object("A", "a", "  x: 1\n"), object("A", "b", "  x: 2\n")), object("A", "b", "  x: 2\n"),
		},
		"elements without names":   {one("  l:\n  - a: 1\n    b: 1\n"), one("  l:\n  - a: 2\n    b: 1\n"), one("  l:\n  - a: 1\n    b: 2\n"), one("  l:\n  - a: 2\n    b: 2\n")},
		"a file new on both sides": {"", object("A", "a", "  x: 1\n"), object("A", "a", "  x: 1\n"), object("A", "a", "  x: 1\n")},
		"a comment on top":         {"# one\n" + one("  x: 1\n"), "# one\n" + one("  x: 2\n"), "# two\n" + one("  x: 1\n"), "# two\n" + one("  x: 2\n")},
	} {
		merged, conflicts, err := Files([]byte(c.base), []byte(c.ours), []byte(c.theirs))
		require.NoError(t, err, name)
		assert.Empty(t, conflicts, name)
		assert.Equal(t, c.want, string(merged), name)
		swapped, _, err := Files([]byte(c.base), []byte(c.theirs), []byte(c.ours))
		require.NoError(t, err, name)
		assert.Equal(t, c.want, string(swapped), "%s, from the other side", name)
	}
}

// Where both sides changed the same, ours stands, and the place is told.
func TestConflicts(t *testing.T) {
	one := func(spec string) string { return object("Thing", "a", spec) }
	for name, c := range map[string]struct{ base, ours, theirs, at string }{
		"a value":                    {one("  x: 1\n"), one("  x: 2\n"), one("  x: 3\n"), "spec.x"},
		"gone and changed":           {one("  x: 1\n  xb: 1\n"), one("  xb: 1\n"), one("  x: 3\n  xb: 1\n"), "spec.x"},
		"an element's value":         {one("  l:\n  - name: a\n    x: 1\n"), one("  l:\n  - name: a\n    x: 2\n"), one("  l:\n  - name: a\n    x: 3\n"), "spec.l.a.x"},
		"an expression":              {one("  e: n in [\"b\"]\n"), one("  e: n in [\"a\", \"b\"]\n"), one("  e: m in [\"b\"]\n"), "spec.e"},
		"nameless, and more of them": {one("  l:\n  - a: 1\n"), one("  l:\n  - a: 2\n"), one("  l:\n  - a: 3\n  - a: 4\n"), "spec.l"},
		"a list of doubles":          {one("  l:\n  - a\n  - a\n"), one("  l:\n  - a\n"), one("  l:\n  - a\n  - a\n  - a\n"), "spec.l"},
		"another kind of value":      {one("  x: 1\n"), one("  x:\n    xb: 1\n"), one("  x:\n  - 1\n"), "spec.x"},
		"an object":                  {stream(one("  x: 1\n"), object("B", "b", "  x: 1\n")), object("B", "b", "  x: 1\n"), stream(one("  x: 2\n"), object("B", "b", "  x: 1\n")), ""},
	} {
		merged, conflicts, err := Files([]byte(c.base), []byte(c.ours), []byte(c.theirs))
		require.NoError(t, err, name)
		require.Len(t, conflicts, 1, name)
		assert.Equal(t, c.at, string(conflicts[0].Path), name)
		assert.Equal(t, "Thing", conflicts[0].Object.Kind, name)
		assert.Equal(t, c.ours, string(merged), name)
	}
}

// What a render would not write is not touched: nothing is known of its meaning.
func TestOnlyRenderedTextIsMerged(t *testing.T) {
	good := object("Thing", "a", "  x: 1\n")
	for _, text := range []string{"{a: 1}\n", good + "# by hand\n", "<<<<<<< ours\n" + good, strings.ReplaceAll(good, "\n", "\r\n"), "kind: [\n"} {
		for _, versions := range [][3]string{{text, good, good}, {good, text, good}, {good, good, text}} {
			_, _, err := Files([]byte(versions[0]), []byte(versions[1]), []byte(versions[2]))
			require.ErrorIs(t, err, ErrNotRendered, "%q", text)
		}
	}
}

func TestUnmerged(t *testing.T) {
	ours, theirs, line := Unmerged([]byte("a\n<<<<<<< HEAD\nb\n||||||| base\nx\n=======\nc\n>>>>>>> other\nd\n<<<<<<< HEAD\n=======\ne\n>>>>>>> other\n"))
	assert.Equal(t, "a\nb\nd\n", string(ours))
	assert.Equal(t, "a\nc\nd\ne\n", string(theirs))
	assert.Equal(t, 2, line)
	for _, text := range []string{"", "a: b\n", "text: '<<<<<<< HEAD'\n"} {
		same, also, line := Unmerged([]byte(text))
		assert.Equal(t, text, string(same))
		assert.Equal(t, text, string(also))
		assert.Zero(t, line)
	}
}

func TestWithAttribute(t *testing.T) {
	assert.Equal(t, Attribute+"\n", WithAttribute(""))
	assert.Equal(t, "* text\n"+Attribute+"\n", WithAttribute("* text"))
	assert.Equal(t, "golden/**   merge=spokewright-golden\n", WithAttribute("golden/**   merge=spokewright-golden\n"), "it is there already")
}
