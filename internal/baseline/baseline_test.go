package baseline

import (
	"bytes"
	"os"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"spokewright.dev/spokewright/bases"
	"spokewright.dev/spokewright/internal/finding"
)

const ten = "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n"

func with(old, fresh string) string { return strings.Replace(ten, old+"\n", fresh+"\n", 1) }

func tree(texts map[string]string) fstest.MapFS {
	files := fstest.MapFS{}
	for name, text := range texts {
		files[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return files
}

// versions are two made-up programs: the first was released, and the second knows it.
func versions(t *testing.T) (first, second *Program) {
	old := tree(map[string]string{"same": "same\n", "alone": ten, "both": ten, "clash": ten, "gone": "gone\n", "gone-changed": "gone\n", "taken": ten})
	released, err := Release(nil, "1.0.0", old)
	require.NoError(t, err)
	first, err = New(old, nil)
	require.NoError(t, err)
	second, err = New(tree(map[string]string{"same": "same\n", "alone": with("2", "two"), "both": with("2", "two"), "clash": with("5", "five"), "fresh": "fresh\n", "taken": with("2", "two")}), released)
	require.NoError(t, err)
	return first, second
}

// fleet is what the first program wrote, and what a team made of it.
func fleet(first *Program) map[string]string {
	all := map[string]string{}
	for name, text := range first.Files() {
		all[name] = string(text)
	}
	all["bases/both"], all["bases/clash"], all["bases/gone-changed"], all["bases/same"] = with("9", "nine"), with("5", "FIVE"), "ours\n", "same, ours\n"
	all["bases/ours"] = "nobody's business\n"
	delete(all, "bases/taken")
	return all
}

// apply does what a plan says.
func apply(all map[string]string, plan Plan) {
	for _, step := range plan.Steps {
		if step.Kind == Removed {
			delete(all, step.File)
		} else if step.Changes() {
			all[step.File] = step.Fresh
		}
	}
	all[Lock] = plan.Lock
}

func TestUpgrade(t *testing.T) {
	first, second := versions(t)
	all := fleet(first)
	plan, err := second.Plan(tree(all))
	require.NoError(t, err)
	kinds := map[string]string{}
	for _, step := range plan.Steps {
		kinds[strings.TrimPrefix(step.File, "bases/")] = step.Kind
	}
	assert.Equal(t, map[string]string{"alone": Replaced, "both": Merged, "clash": Merged, "fresh": Added, "gone": Removed, "gone-changed": Left, "taken": Missing}, kinds)
	apply(all, plan)
	assert.Equal(t, strings.Replace(with("2", "two"), "9\n", "nine\n", 1), all["bases/both"], "the team's line and the program's")
	assert.Equal(t, with("2", "two"), all["bases/alone"])
	assert.Equal(t, "same, ours\n", all["bases/same"])
	assert.Equal(t, "1\n2\n3\n4\n<<<<<<< this fleet\nFIVE\n=======\nfive\n>>>>>>> spokewright\n6\n7\n8\n9\n10\n", all["bases/clash"])
	assert.Equal(t, []int{5}, plan.Steps[2].Conflicts)
	assert.NotContains(t, all, "bases/taken")

	_, err = second.Plan(tree(all))
	require.EqualError(t, err, "bases/clash:5:1: found a conflict that nobody has resolved: choose the lines that count, and take the marks out")
	all["bases/clash"] = with("5", "FIVE and five")
	again, err := second.Plan(tree(all))
	require.NoError(t, err)
	assert.Empty(t, again.Steps, "a second run changes nothing, and what was taken away is told once")
	assert.Equal(t, plan.Lock, again.Lock)
	assert.NotContains(t, plan.Lock, "gone", "what does not come with the program is the team's own from now on")
}

// TestInterrupted: files are written before the lock, so an upgrade that was killed between them is begun anew.
func TestInterrupted(t *testing.T) {
	first, second := versions(t)
	all := fleet(first)
	all["bases/clash"] = ten
	plan, err := second.Plan(tree(all))
	require.NoError(t, err)
	whole := fleet(first)
	apply(whole, plan)
	for done := range plan.Steps {
		left := fleet(first)
		left["bases/clash"] = ten
		apply(left, Plan{Steps: plan.Steps[:done], Lock: left[Lock]})
		next, err := second.Plan(tree(left))
		require.NoError(t, err)
		apply(left, next)
		whole["bases/clash"] = with("5", "five")
		assert.Equal(t, whole, left)
	}
}

func TestWithoutALock(t *testing.T) {
	first, second := versions(t)
	all := fleet(first)
	delete(all, Lock)
	plan, err := second.Plan(tree(all))
	require.NoError(t, err)
	assert.False(t, plan.Locked)
	kinds := map[string]string{}
	for _, step := range plan.Steps {
		kinds[strings.TrimPrefix(step.File, "bases/")] = step.Kind
	}
	assert.Equal(t, map[string]string{"alone": Replaced, "both": Guessed, "clash": Guessed, "same": Guessed, "fresh": Added, "taken": Added}, kinds)

	unknown, err := New(tree(map[string]string{"clash": with("5", "five")}), nil)
	require.NoError(t, err)
	plan, err = unknown.Plan(tree(map[string]string{"bases/clash": with("5", "FIVE")}))
	require.NoError(t, err)
	require.Len(t, plan.Steps, 1)
	assert.Equal(t, []int{5}, plan.Steps[0].Conflicts, "where no release is like it, each difference is a conflict")
}

// TestNewerBases: an older program does not take back what a newer one wrote, whatever their versions are called.
func TestNewerBases(t *testing.T) {
	first, second := versions(t)
	all := map[string]string{}
	for name, text := range second.Files() {
		all[name] = string(text)
	}
	plan, err := first.Plan(tree(all))
	require.NoError(t, err)
	foreign := 0
	for _, step := range plan.Steps {
		if step.Kind == Foreign {
			foreign++
			assert.False(t, step.Changes())
		}
	}
	assert.Equal(t, 5, foreign, "four that differ, and one that the older program does not bring yet")
}

func (p *Program) mustLock(t *testing.T) lock {
	l, err := parseLock(string(p.Files()[Lock]))
	require.NoError(t, err)
	return l
}

func TestLock(t *testing.T) {
	first, _ := versions(t)
	text := string(first.Files()[Lock])
	assert.Equal(t, text, first.mustLock(t).String())
	_, err := parseLock("removed  hub/a\nabc  hub/b\n" + strings.Repeat("0", 64) + "  ../c\n")
	require.EqualError(t, err, `bases/spokewright.lock:2:1: found "abc  hub/b", allowed are a SHA-256 or "removed", two spaces and a path
bases/spokewright.lock:3:1: found "00000000000000000000000000000000000000…, allowed are a SHA-256 or "removed", two spaces and a path`)
	require.True(t, finding.IsInput(err))
}

// TestHistoryHasEveryRelease: of each release that CHANGELOG.md names, the program knows every text that it wrote.
func TestHistoryHasEveryRelease(t *testing.T) {
	program, err := Own()
	require.NoError(t, err)
	changelog, err := os.ReadFile("../../CHANGELOG.md")
	require.NoError(t, err)
	for _, release := range regexp.MustCompile(`(?m)^## (\S+) \([0-9-]+\)$`).FindAllSubmatch(changelog, -1) {
		assert.Contains(t, program.past.releases, string(release[1]), "make history adds it before it is released")
	}
	for version, released := range program.past.releases {
		for name, digest := range released {
			text, known, err := program.past.text(digest)
			require.NoError(t, err)
			assert.True(t, known && digestIs(text, digest), "%s of %s", name, version)
		}
	}
}

func digestIs(text, want string) bool { return digest(text) == want }

// TestHistory adds this program's own bases to a history twice, under two versions: texts are kept once.
func TestHistory(t *testing.T) {
	one, err := Release(nil, "1.0.0", bases.Files)
	require.NoError(t, err)
	same, err := Release(nil, "1.0.0", bases.Files)
	require.NoError(t, err)
	assert.True(t, bytes.Equal(one, same), "the same bytes from the same files")
	two, err := Release(one, "1.1.0", bases.Files)
	require.NoError(t, err)
	assert.Less(t, len(two), len(one)+len(one)/10)
	assert.Less(t, len(one), 250_000)
	t.Logf("%d bytes for a release", len(one))
	program, err := New(bases.Files, two)
	require.NoError(t, err)
	assert.Len(t, program.past.releases, 2)
	assert.Len(t, program.past.releases["1.1.0"], len(program.files))
	_, err = New(bases.Files, []byte("no archive"))
	require.Error(t, err)
}

// TestReleaseIsAdded adds the bases to the history under the version in SPOKEWRIGHT_RELEASE: make history runs it.
func TestReleaseIsAdded(t *testing.T) {
	version := os.Getenv("SPOKEWRIGHT_RELEASE")
	if version == "" {
		t.Skip("no version is released: SPOKEWRIGHT_RELEASE names none")
	}
	archive, err := Release(released, version, bases.Files)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile("history.zip", archive, 0o644))
}
