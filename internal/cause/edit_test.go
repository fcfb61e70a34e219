package cause

import (
	"fmt"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"spokewright.dev/spokewright/internal/draft"
)

// TestEditsAreSmall divides changes of a file as people make them, and undoes them one by one and all together.
func TestEditsAreSmall(t *testing.T) {
	for name, c := range map[string]struct {
		file, old, fresh string
		lines            []int
	}{
		"a line":                            {"a.cue", "a: 1\nb: 2\n", "a: 1\nb: 3\n", []int{2}},
		"two lines":                         {"a.cue", "a: 1\nb: 2\n", "a: 2\nb: 3\n", []int{1, 2}},
		"lines that came":                   {"a.cue", "a: 1\n", "a: 1\nb: {\n\tc: 2\n}\nd: 3\n", []int{2, 5}},
		"lines that went":                   {"a.cue", "a: 1\nb: 2\nc: 3\n", "c: 3\n", []int{1, 1}},
		"a comment above":                   {"a.cue", "a: 1\nb: 2\n", "// one\na: 2\nb: 3\n", []int{1, 2, 3}},
		"one line that became several":      {"a.cue", "c: {x: 1}\n", "\nc: {\n\tx: 2\n}\n", []int{1, 2}},
		"a line among others":               {"a.cue", "a: 1\nb: 2\nc: 3\n", "a: 4\nc: 5\n", []int{1, 2, 2}},
		"fields of YAML":                    {"a.yaml", "a: 1\n", "a: 1\nlabels:\n- pairs: {x: y}\npatches:\n- path: b\n", []int{2, 4}},
		"entries of a list":                 {"a.yaml", "a:\n- b\n", "a:\n- b\n- c\n- d:\n    e\n", []int{3, 4}},
		"an empty file that came to be one": {"a.yaml", "", "a: 1\n", []int{1}},
	} {
		t.Run(name, func(t *testing.T) {
			base, head := fstest.MapFS{c.file: {Data: []byte(c.old)}}, fstest.MapFS{c.file: {Data: []byte(c.fresh)}}
			e := editsOf(base, head, c.file)
			require.NotNil(t, e)
			var lines []int
			for _, one := range e.all {
				lines = append(lines, one.at.Line)
			}
			assert.Equal(t, c.lines, lines, fmt.Sprint(e.parts))
			text := func(undone ...edit) string {
				tree := draft.New(head)
				e.without(undone, tree)
				read, err := tree.ReadFile(c.file)
				require.NoError(t, err)
				return string(read)
			}
			assert.Equal(t, c.fresh, text(), "nothing is undone")
			if c.old != "" {
				assert.Equal(t, c.old, text(e.all...), "all is undone")
			}
		})
	}
}
