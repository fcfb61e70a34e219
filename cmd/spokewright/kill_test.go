package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
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

// victim is a fleet on disk with two versions of what it renders to; its golden tree may hold some files of each.
type victim struct {
	root     string
	versions [2]map[string]string
	has      [2]int        // how many files it has of each
	whole    time.Duration // how long a render takes
	writing  time.Duration // how long it writes
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
		process, ended := v.start(t, version)
		v.awaitWriting(ended)
		wrote := time.Now()
		require.NoError(t, <-ended)
		require.True(t, process.ProcessState.Success())
		v.whole, v.writing = time.Since(began), time.Since(wrote)
		v.versions[version] = readTree(t, filepath.Join(v.root, "golden"))
	}
	v.has = [2]int{0, len(v.versions[1])}
	for name, text := range v.versions[0] {
		require.NotEqual(t, text, v.versions[1][name], "%s must differ between the versions", name)
	}
	return v
}

// start begins to render a version. What comes through the channel is how it ended.
func (v *victim) start(t *testing.T, version int) (*exec.Cmd, <-chan error) {
	writeText(t, v.root, "environments/fleet.cue", fmt.Sprintf(`name: "trial", owner: %q, repository: {url: "https://git.example.com/trial/fleet.git", revision: "main"}`,
		[]string{"platform", "harbour"}[version]))
	command := exec.Command("spokewright", "render", "-C", v.root)
	command.Env = append(os.Environ(), "GOGC=off") // the test has no time for it
	require.NoError(t, command.Start())
	ended := make(chan error, 1)
	go func() { ended <- command.Wait() }()
	return command, ended
}

// awaitWriting waits until the first file is being written, or the process ended.
func (v *victim) awaitWriting(ended <-chan error) {
	first := filepath.Join(v.root, "golden/a00")
	for was := modified(first); modified(first).Equal(was) && len(ended) == 0; {
		time.Sleep(500 * time.Microsecond)
	}
}

func modified(name string) time.Time {
	info, err := os.Stat(name)
	if err != nil {
		return time.Time{}
	}
	return info.ModTime()
}

// kill renders the version of which the tree has less, and kills it: any time, or from when it writes. It says whether
// the kill fell while files were written.
func (v *victim) kill(t *testing.T, late bool) bool {
	version := 0
	if v.has[1] < v.has[0] {
		version = 1
	}
	before := v.has[version]
	process, ended := v.start(t, version)
	within := v.whole
	if late {
		v.awaitWriting(ended)
		within = v.writing
	}
	time.Sleep(time.Duration(v.random.Int64N(int64(within))))
	_ = process.Process.Kill() // it may have ended
	<-ended
	v.look(t)
	return v.has[version] > before && v.has[1-version] > 0 || len(v.unfinished()) > 0
}

// look counts the files of each version. A file that is of neither is torn.
func (v *victim) look(t *testing.T) {
	v.has = [2]int{}
	for name := range v.versions[0] {
		text, err := os.ReadFile(filepath.Join(v.root, "golden", name))
		require.NoError(t, err)
		version := 0
		if string(text) != v.versions[0][name] {
			version = 1
			require.Equal(t, v.versions[1][name], string(text), "%s is torn", name)
		}
		v.has[version]++
	}
}

func (v *victim) unfinished() []string {
	found, _ := filepath.Glob(filepath.Join(v.root, "golden", "*", "*"+unfinished))
	return found
}

// converge renders to the end.
func (v *victim) converge(t *testing.T) {
	_, ended := v.start(t, 0)
	require.NoError(t, <-ended)
	require.Equal(t, v.versions[0], readTree(t, filepath.Join(v.root, "golden")), "the next render brings all up to date, and leaves nothing else")
	v.look(t)
}
