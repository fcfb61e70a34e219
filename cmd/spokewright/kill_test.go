package main

import (
	"bytes"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
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
				if v.kill(t, n%4 > 0) {
					writing++
				}
				if n%25 == 24 {
					v.converge(t)
				}
			}
			assert.GreaterOrEqual(t, writing, kills/2, "kills must fall where they can do harm")
		})
	}
}

// victim is a fleet on disk with two versions of what it renders to; its golden tree may hold some of each.
type victim struct {
	root     string
	versions [2]map[string][]byte
	writing  time.Duration // how long a render writes
	whole    time.Duration // how long it takes
	random   *rand.Rand
}

// newVictim lays a fleet and renders both versions of it.
func newVictim(t *testing.T, environments int, random *rand.Rand) *victim {
	v := &victim{root: t.TempDir(), random: random}
	require.NoError(t, lay(v.root, "testdata/fleet"))
	for i := range environments {
		name := fmt.Sprintf("a%02d", i)
		writeText(t, v.root, "environments/"+name+".cue", `class: "development", cluster: {cloud: "aws", region: "eu-west-1"}, databases: orders: engine: "postgres"`)
		for _, plane := range []string{"hub", "spoke"} {
			require.NoError(t, writeOverlay(v.root, name, plane))
		}
	}
	for i := range v.versions {
		began := time.Now()
		command := v.start(t, i)
		v.writes(command)
		wrote := time.Now()
		require.NoError(t, command.Wait())
		v.writing, v.whole = time.Since(wrote), time.Since(began)
		v.versions[i] = v.golden(t)
	}
	for name, old := range v.versions[0] {
		require.NotEqual(t, old, v.versions[1][name], "%s must differ between the versions", name)
	}
	return v
}

// start begins to render one of the versions.
func (v *victim) start(t *testing.T, version int) *exec.Cmd {
	replaceIn(t, filepath.Join(v.root, "environments/fleet.cue"),
		[]string{"harbour", "platform"}[version], []string{"platform", "harbour"}[version])
	command := exec.Command("spokewright", "render", "-C", v.root)
	require.NoError(t, command.Start())
	return command
}

// writes waits until the first file is being written, or the render ended.
func (v *victim) writes(command *exec.Cmd) {
	first := filepath.Join(v.root, "golden/a00")
	was := modified(first)
	for modified(first).Equal(was) && command.Process.Signal(syscall.Signal(0)) == nil {
		time.Sleep(200 * time.Microsecond)
	}
}
