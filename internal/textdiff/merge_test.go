package textdiff

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
	"spokewright.dev/spokewright/internal/property"
)

func TestMerge(t *testing.T) {
	const base = "a\nb\nc\nd\ne\n"
	for _, c := range []struct{ name, ours, theirs, want string }{
		{"both changed elsewhere", "A\nb\nc\nd\ne\n", "a\nb\nc\nd\nE\nf\n", "A\nb\nc\nd\nE\nf\n"},
		{"one took out, the other added", "a\nc\nd\ne\n", "a\nb\nc\nd\nnew\ne\n", "a\nc\nd\nnew\ne\n"},
		{"both changed the same in the same way", "a\nb\nX\nd\ne\n", "a\nb\nX\nd\ne\n", "a\nb\nX\nd\ne\n"},
		{"both changed one line", "a\nb\nX\nd\ne\n", "a\nb\nY\nd\ne\n", "a\nb\n<<<<<<< ours\nX\n=======\nY\n>>>>>>> theirs\nd\ne\n"},
		{"one changed what the other took out", "a\nb\nX\nd\ne\n", "a\nb\nd\ne\n", "a\nb\n<<<<<<< ours\nX\n=======\n>>>>>>> theirs\nd\ne\n"},
		{"neighbours", "a\nX\nc\nd\ne\n", "a\nb\nY\nd\ne\n", "a\n<<<<<<< ours\nX\nc\n=======\nb\nY\n>>>>>>> theirs\nd\ne\n"},
		{"everything went", "", "a\nb\nc\nd\nE\n", "<<<<<<< ours\n=======\na\nb\nc\nd\nE\n>>>>>>> theirs\n"},
	} {
		got, lines := Merge(base, c.ours, c.theirs, "ours", "theirs")
		assert.Equal(t, c.want, got, c.name)
		assert.Equal(t, places(c.want), lines, c.name)
	}
}

func TestUnrelated(t *testing.T) {
	got, lines := Unrelated("a\nX\nc\nd\n", "a\nY\nc\nd\ne\n", "ours", "theirs")
	assert.Equal(t, "a\n<<<<<<< ours\nX\n=======\nY\n>>>>>>> theirs\nc\nd\n<<<<<<< ours\n=======\ne\n>>>>>>> theirs\n", got)
	assert.Equal(t, places(got), lines)
}

// places are the lines of marks that begin a conflict.
func places(text string) (lines []int) {
	for i, line := range strings.Split(text, "\n") {
		if strings.HasPrefix(line, "<<<<<<< ") {
			lines = append(lines, i+1)
		}
	}
	return lines
}

// TestMergeTakesEverything: a side that changed nothing gives the other one, and of two that did no line is lost that only
// one of them has.
func TestMergeTakesEverything(t *testing.T) {
	property.Check(t, func(t *rapid.T) {
		text := rapid.Map(rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "c", "d", ""}), 0, 20), func(lines []string) string {
			return strings.Join(append(lines, "end"), "\n") + "\n"
		})
		base, ours, theirs := text.Draw(t, "base"), text.Draw(t, "ours"), text.Draw(t, "theirs")
		for _, c := range [][4]string{{base, ours, base, ours}, {base, base, theirs, theirs}, {base, ours, ours, ours}} {
			got, lines := Merge(c[0], c[1], c[2], "ours", "theirs")
			require.Equal(t, c[3], got)
			require.Empty(t, lines)
		}
		got, lines := Merge(base, ours, theirs, "ours", "theirs")
		require.Equal(t, places(got), lines)
		mine, _ := Merge(base, ours+"mine\n", theirs, "ours", "theirs")
		require.Contains(t, mine, "mine\n")
	})
}
