package main

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"spokewright.dev/spokewright/internal/atomicdir"
)

// TestKilledRender kills renders at random moments, two hundred in all, most of them while files are written. Each file
// stays whole, old or new, and the next render brings the tree up to date and leaves nothing unfinished.
func TestKilledRender(t *testing.T) {
	const fleets, kills = 2, 100
	for i := range fleets {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			v := newVictim(t, 24, rand.New(rand.NewPCG(uint64(i), 1)))
			writing := 0
			for n := range kills {
				if v.kill(t, n%5 > 0) {
					writing++
				}
				if n%20 == 19 {
					v.converge(t)
				}
			}
			t.Logf("%d of %d kills while files were written", writing, kills)
			assert.GreaterOrEqual(t, writing, kills/2, "kills must fall where they can do harm")
		})
	}
}

// victim is a fleet on disk with two versions of what it renders to.
type victim struct {
	root     string
	versions [2]map[string]string
	has      [2][]string   // the files that the golden tree has of each
	whole    time.Duration // how long a render takes
	random   *rand.Rand
}

// newVictim lays a fleet and renders both its versions.
func newVictim(t *testing.T, environments int, random *rand.Rand) *victim {
	v := &victim{root: t.TempDir(), random: random}
	require.NoError(t, lay(v.root, "testdata/fleet"))
	for i := range environments {
		addEnvironment(t, v.root, fmt.Sprintf("a%02d", i), `{class: "development", cluster: {cloud: "aws", region: "eu-west-1"}}`)
	}
	for version := range v.versions {
		began := time.Now()
		_, ended := v.start(t, version)
		require.NoError(t, <-ended)
		v.whole = time.Since(began)
		v.versions[version] = readTree(t, filepath.Join(v.root, "golden"))
	}
	for name, text := range v.versions[0] {
		require.NotEqual(t, text, v.versions[1][name], "%s must differ between the versions", name)
	}
	v.look(t)
	return v
}

// start begins to render a version. What comes through the channel is how it ended.
func (v *victim) start(t *testing.T, version int) (*exec.Cmd, <-chan error) {
	const file = "environments/fleet.cue"
	text := fmt.Sprintf(`name: "trial", owner: %q, repository: {url: "https://git.example.com/trial/fleet.git", revision: "main"}`,
		[]string{"platform", "harbour"}[version])
	if now, err := os.ReadFile(filepath.Join(v.root, file)); err != nil || string(now) != text { // another render may be reading it
		writeText(t, v.root, file, text)
	}
	command := exec.Command("spokewright", "render", "-C", v.root)
	command.Env = append(os.Environ(), "GOGC=off") // the test has no time for it
	require.NoError(t, command.Start())
	ended := make(chan error, 1)
	go func() { ended <- command.Wait() }()
	return command, ended
}

func modified(name string) time.Time {
	info, err := os.Stat(name)
	if err != nil {
		return time.Time{}
	}
	return info.ModTime()
}

// kill renders the version of which the tree has less, and kills it: any time, or after one, two or three changes to a
// folder that it chooses. It says whether the kill fell while files were written.
func (v *victim) kill(t *testing.T, late bool) bool {
	version, other := 0, 1
	if len(v.has[1]) < len(v.has[0]) {
		version, other = 1, 0
	}
	before := len(v.has[version])
	folder := filepath.Join(v.root, "golden", filepath.Dir(v.has[other][v.random.IntN(len(v.has[other]))]))
	was := modified(folder)
	process, ended := v.start(t, version)
	if !late {
		time.Sleep(time.Duration(v.random.Int64N(int64(v.whole))))
	}
	for changes := v.random.IntN(3); late && changes >= 0 && len(ended) == 0; {
		time.Sleep(time.Duration(v.random.Int64N(int64(500 * time.Microsecond))))
		if is := modified(folder); !is.Equal(was) {
			was, changes = is, changes-1
		}
	}
	_ = process.Process.Kill() // it may have ended
	<-ended
	v.look(t)
	return len(v.has[version]) > before && len(v.has[other]) > 0 || len(v.unfinished()) > 0
}

// look sees which version each file is of. A file that is of neither is torn.
func (v *victim) look(t *testing.T) {
	v.has = [2][]string{}
	for _, name := range slices.Sorted(maps.Keys(v.versions[0])) {
		text, err := os.ReadFile(filepath.Join(v.root, "golden", name))
		require.NoError(t, err)
		version := 0
		if string(text) != v.versions[0][name] {
			version = 1
			require.Equal(t, v.versions[1][name], string(text), "%s is torn", name)
		}
		v.has[version] = append(v.has[version], name)
	}
}

func (v *victim) unfinished() []string {
	found, _ := filepath.Glob(filepath.Join(v.root, "golden", "*", "*"+atomicdir.Unfinished))
	return found
}

// converge renders to the end.
func (v *victim) converge(t *testing.T) {
	_, ended := v.start(t, 0)
	require.NoError(t, <-ended)
	require.Equal(t, v.versions[0], readTree(t, filepath.Join(v.root, "golden")), "the next render brings all up to date, and leaves nothing else")
	v.look(t)
}

// TestRendersAtOnce starts renders of one fleet together: none gets into another's way.
func TestRendersAtOnce(t *testing.T) {
	t.Parallel()
	v := newVictim(t, 12, rand.New(rand.NewPCG(3, 3)))
	for round := range 4 {
		var all []<-chan error
		for range 3 {
			_, ended := v.start(t, round%2)
			all = append(all, ended)
		}
		for _, ended := range all {
			require.NoError(t, <-ended)
		}
		require.Equal(t, v.versions[round%2], readTree(t, filepath.Join(v.root, "golden")))
	}
}

// TestKilledChange kills steps in the life of an environment while their files take their places. What is left passes check, or
// says the one command after which it does; then the step is taken whole, or not at all.
func TestKilledChange(t *testing.T) {
	t.Parallel()
	const kills = 8
	random, halfway := rand.New(rand.NewPCG(4, 4)), 0
	root := t.TempDir()
	require.NoError(t, lay(root, "testdata/fleet"))
	addEnvironment(t, root, "any", `{class: "development", cluster: {cloud: "aws", region: "eu-west-1"}}`)
	requireFine(t, root, "render")
	for range kills {
		requireFine(t, root, "env", "add", "going", "--from", "any")
		requireFine(t, root, "env", "rm", "going")
		command := exec.Command("spokewright", "env", "rm", "going", "--in-sync", "-C", root)
		require.NoError(t, command.Start())
		ended := make(chan error, 1)
		go func() { ended <- command.Wait() }()
		journal := filepath.Join(root, atomicdir.Unfinished, "journal.json")
		for modified(journal).IsZero() && len(ended) == 0 {
			time.Sleep(20 * time.Microsecond)
		}
		time.Sleep(time.Duration(random.Int64N(int64(time.Millisecond))))
		_ = command.Process.Kill() // it may have ended
		<-ended
		if _, said, code := spokewright(root, "check"); code != exitFine {
			require.Contains(t, said, "interrupted halfway\n  remedy: spokewright render finishes it\n")
			requireFine(t, root, "render")
			halfway++
		}
		requireFine(t, root, "check")
		require.NoFileExists(t, filepath.Join(root, "environments", "going.cue"))
		require.NoDirExists(t, filepath.Join(root, "overlays", "going"))
	}
	t.Logf("%d of %d kills halfway", halfway, kills) // package atomicdir stops after every step
}
