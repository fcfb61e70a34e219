package story

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"spokewright.dev/spokewright/conformance/parts"
	"spokewright.dev/spokewright/conformance/platform"
	"spokewright.dev/spokewright/conformance/process"
)

// asked is how long a story is wanted: "quick", "moves" or "thorough"; or "rehearsals"; or "faults".
const asked = "SPOKEWRIGHT_HUB"

// The life of a fleet on a whole hub: make hub-test. Every step is an assertion; one that fails does not keep the others
// from being tried.
func TestTheLifeOfAFleet(t *testing.T) {
	how := os.Getenv(asked)
	if how == "" || how == "faults" || how == "rehearsals" {
		t.Skip("SKIPPED, NOT TESTED: it takes minutes: make hub-test")
	}
	scope := platform.Quick()
	if how == "thorough" {
		scope = platform.All()
	}
	page := tell(t, scope, Steps(how != "quick", how == "thorough"))
	require.Empty(t, page.Unread("Look at it"), "the page has commands that nobody ran")
}

// The same with claims, which Crossplane 2 still has and 1.20 has alone.
func TestTheLifeOfAFleetOfClaims(t *testing.T) {
	if how := os.Getenv(asked); how != "thorough" {
		t.Skip("SKIPPED, NOT TESTED: it takes minutes: make hub-test THOROUGH=1")
	}
	tell(t, platform.Claims(), Older())
}

// What docs/rehearsal.md says of a lost namespace, a lost spoke, and a spoke that another hub takes over.
func TestRehearsals(t *testing.T) {
	if how := os.Getenv(asked); how != "rehearsals" {
		t.Skip("SKIPPED, NOT TESTED: it takes minutes: make hub-test REHEARSALS=1")
	}
	tell(t, platform.Quick(), Rehearsals())
}

// What was wrong once is put back, and the steps that are there for it go red.
func TestTheStoryCanFail(t *testing.T) {
	if how := os.Getenv(asked); how != "faults" {
		t.Skip("SKIPPED, NOT TESTED: it takes minutes: make hub-test FAULTS=1")
	}
	tell(t, platform.Quick(), slices.Concat(birth(), faults()))
}

// How large a hub gets, and how long a new environment takes, with as many environments as SPOKEWRIGHT_SIZES says.
func TestTheSizeOfAHub(t *testing.T) {
	sizes := strings.Fields(os.Getenv("SPOKEWRIGHT_SIZES"))
	if len(sizes) == 0 {
		t.Skip("SKIPPED, NOT MEASURED: make hub-size SIZES=\"5 50\"")
	}
	for _, size := range sizes {
		t.Run(size, func(t *testing.T) {
			copies, err := strconv.Atoi(size)
			require.NoError(t, err)
			tell(t, platform.Alike(copies), Size())
		})
	}
}

// tell plays the steps on a platform of their own, and gives the page that they followed.
func tell(t *testing.T, scope platform.Scope, steps []Step) *Page {
	t.Helper()
	ctx := process.Context(t)
	for _, line := range platform.StandIns(scope) {
		t.Logf("stand-in: %s", line)
	}
	for _, line := range platform.Settings() {
		t.Logf("shortened: %s", line)
	}
	cache, err := parts.Open(t.Logf)
	require.NoError(t, err)
	tree, err := filepath.Abs("../..")
	require.NoError(t, err)
	page, err := ReadPage(filepath.Join(tree, "docs", "hub.md"))
	require.NoError(t, err)
	runbook, err := ReadPage(filepath.Join(tree, "docs", "takedown.md"))
	require.NoError(t, err)
	losses, err := ReadPage(filepath.Join(tree, "docs", "rehearsal.md"))
	require.NoError(t, err)
	p, err := platform.Open(ctx, t, cache, scope, tree, t.TempDir())
	require.NoError(t, err)
	s := New(p, page, runbook, losses, t.Logf)
	for i, step := range steps {
		passed := t.Run(step.Name, func(t *testing.T) {
			s.Say = t.Logf
			took, err := s.Play(ctx, step)
			t.Logf("%6.1f s", took.Seconds())
			require.NoError(t, err)
		})
		if !passed && i < 2 {
			break // there is nothing to ask anything of
		}
	}
	t.Logf("the clouds' book: %s\nmemory: %s", p.Book.Totals(), strings.Join(p.Memory(), ", "))
	return page
}
