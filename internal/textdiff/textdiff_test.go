package textdiff

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
	"spokewright.dev/spokewright/internal/property"
)

// TestDifference makes one text of another by what the difference of both says, wherever they differ.
func TestDifference(t *testing.T) {
	property.Check(t, func(t *rapid.T) {
		lines := rapid.SliceOfN(rapid.SampledFrom([]string{"a\n", "b\n", "c\n", "---\n", "+++ x\n", " \n", "\n"}), 0, 30)
		old, fresh := lines.Draw(t, "old"), lines.Draw(t, "fresh")
		if rapid.Bool().Draw(t, "alike") { // long texts with few changes have several hunks
			fresh = append([]string{}, old...)
			for range rapid.IntRange(0, 3).Draw(t, "changes") {
				if len(fresh) > 0 {
					fresh[rapid.IntRange(0, len(fresh)-1).Draw(t, "at")] = "new\n"
				}
			}
		}
		text := Difference([2]string{"golden/x.yaml", "golden/x.yaml (rendered)"}, strings.Join(old, ""), strings.Join(fresh, ""), Painter(false))
		require.Equal(t, strings.Join(fresh, ""), strings.Join(patch(t, old, text), ""), text)
	})
}

// patch does what a difference in the unified form says.
func patch(t require.TestingT, old []string, difference string) (fresh []string) {
	at := 0
	for i, line := range strings.SplitAfter(difference, "\n") {
		var from, count, to, length int
		switch {
		case i < 2:
			require.Contains(t, line, "golden/x.yaml")
		case strings.HasPrefix(line, "@@"):
			_, err := fmt.Sscanf(line, "@@ -%d,%d +%d,%d @@\n", &from, &count, &to, &length)
			require.NoError(t, err)
			if count == 0 {
				from++
			}
			for ; at < from-1; at++ {
				fresh = append(fresh, old[at])
			}
			if length == 0 {
				to++
			}
			require.Equal(t, to-1, len(fresh))
		case strings.HasPrefix(line, "-"):
			require.Equal(t, old[at], line[1:])
			at++
		case strings.HasPrefix(line, "+"):
			fresh = append(fresh, line[1:])
		case line != "":
			require.Equal(t, old[at], line[1:])
			fresh = append(fresh, old[at])
			at++
		}
	}
	return append(fresh, old[at:]...)
}

func TestPainter(t *testing.T) {
	assert.Equal(t, "\x1b[31m-a\x1b[0m", Painter(true)('-', "-a"))
	assert.Equal(t, " a", Painter(true)(' ', " a"), "what did not change has no colour")
	assert.Equal(t, "-a", Painter(false)('-', "-a"))
}
