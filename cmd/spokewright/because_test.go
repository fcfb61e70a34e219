package main

import (
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"spokewright.dev/spokewright/internal/cause"
	"spokewright.dev/spokewright/internal/change"
	"spokewright.dev/spokewright/internal/draft"
	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/render"
	"spokewright.dev/spokewright/schema"
)

// TestAChangeNamesTheLineThatWasEdited edits one word of a fleet's specs: all that changes in any environment is because of its
// line, and of nothing else.
func TestAChangeNamesTheLineThatWasEdited(t *testing.T) {
	made := t.TempDir()
	require.NoError(t, lay(filepath.Join(made, "bases"), "testdata/fleet/bases"))
	for name, text := range quay() {
		writeText(t, made, name, text)
	}
	tree := os.DirFS(made)
	y, dice, told := newYard(t, tree), rand.New(rand.NewPCG(3, 4)), 0
	before := y.state(t, y.asIs)
	files, err := fs.Glob(tree, schema.Folder+"/*.cue")
	require.NoError(t, err)
	for _, file := range files {
		text, err := fs.ReadFile(tree, file)
		require.NoError(t, err)
		for _, ways := range rewordings(file, string(text), dice, 25, 4) {
			for _, r := range ways {
				fleet, legal := y.with(r.file, r.text)
				if !legal || len(fleet.Environments) != len(y.asIs.Environments) {
					continue
				}
				after := y.state(t, fleet)
				if after == nil { // the guard refuses it
					continue
				}
				told += y.because(t, *before, *after, r)
				break
			}
		}
	}
	t.Logf("%d effects", told)
	require.Greater(t, told, 100)
}

// state is what is rendered of a fleet; nil where that is refused.
func (y *yard) state(t *testing.T, fleet *schema.Fleet) *change.State {
	t.Helper()
	state := &change.State{Fleet: fleet}
	for _, target := range render.Targets(fleet.Names()) {
		objects, err := y.render(fleet, target)
		if err != nil {
			return nil
		}
		plane := change.Plane{Environment: target.Environment, Plane: target.Plane}
		for _, object := range objects {
			plane.Objects = append(plane.Objects, change.Object{Object: object})
		}
		state.Planes = append(state.Planes, plane)
	}
	return state
}

// because holds what is behind each effect of an edit.
func (y *yard) because(t *testing.T, before, after change.State, r rewording) (told int) {
	t.Helper()
	edited := draft.New(y.tree)
	edited.Write(r.file, []byte(r.text))
	review := change.Compare(before, after)
	cause.Behind(y.tree, edited, y.reader, &review, after.Fleet)
	for _, c := range review.Changes {
		for _, effect := range c.Effects {
			told++
			assert.Equal(t, []finding.Position{{File: r.file, Line: r.line}}, effect.Because, "%s: %s %s of %s", strings.Split(r.text, "\n")[r.line-1], c.Object, effect.Path, c.Environment)
		}
	}
	return told
}

// TestBrokenPromisesNameTheirSpec reads what all scripts and hostile overlays expect: a finding that an object is not as promised,
// names a place in the specs. What breaks a rule stands in the specs, or is such a promise that an overlay broke.
func TestBrokenPromisesNameTheirSpec(t *testing.T) {
	scripts, err := filepath.Glob("testdata/script/*.txtar")
	require.NoError(t, err)
	promise := regexp.MustCompile(`^\S+: \w+ \S+: (.*promised .*|.* is gone|missing(; .*)?)$`)
	spec := regexp.MustCompile(`^ +environments/\S+\.cue:\d+:\d+: `)
	rule := regexp.MustCompile(`^overlays/\S+: (\w+ \S+: \S+: )found .*, rule "`)
	held := 0
	for _, file := range append(scripts, "testdata/hostile.txtar") {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		lines := slices.Collect(strings.SplitSeq(string(text), "\n"))
		for i, line := range lines {
			line = strings.TrimPrefix(line, "# ")
			if broken := rule.FindStringSubmatch(line); broken != nil {
				assert.Regexp(t, regexp.QuoteMeta(broken[1])+"found .*, promised ", string(text), "%s:%d: %s", file, i+1, line)
			}
			if !promise.MatchString(line) {
				continue
			}
			held++
			assert.Regexp(t, spec, strings.TrimPrefix(lines[i+1], "#"), "%s:%d: %s", file, i+1, line)
		}
	}
	require.Greater(t, held, 100)
}
