package main

import (
	"errors"
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

// full is a disk with room for so many bytes.
type full struct{ room int }

var errFull = errors.New("no space left")

// Write takes what there is room for.
func (f *full) Write(text []byte) (int, error) {
	if len(text) > f.room {
		return f.room, errFull
	}
	f.room -= len(text)
	return len(text), nil
}

// TestNoHalfOutput writes to a disk that is full at any byte of the output: each time the exit code says so.
func TestNoHalfOutput(t *testing.T) {
	root := t.TempDir()
	require.NoError(t, lay(root, "testdata/fleet"))
	for _, args := range [][]string{{"render", "-o", "-", "dev/spoke"}, {"check", "dev/spoke", "-o", "json"}, {"version"}} {
		whole, _, enough := spokewright(root, args...)
		require.NotEmpty(t, whole)
		for room := 0; room < len(whole); room += 1 + len(whole)/7 {
			var stderr strings.Builder
			code := run(append([]string{"-C", root}, args...), nil, &full{room}, &stderr)
			assert.NotZero(t, code, "%v with room for %d of %d bytes", args, room, len(whole))
			assert.Contains(t, stderr.String(), "no space left")
		}
		assert.Equal(t, enough, run(append([]string{"-C", root}, args...), nil, &full{len(whole)}, &strings.Builder{}))
	}
}

// TestTerminated ends a render to stdout at random moments, as Argo CD and CI do. What it printed until then is
// nothing or all of it, and it ends well only with all of it.
func TestTerminated(t *testing.T) {
	t.Parallel()
	root := harbour(t)
	whole := requireFine(t, root, "render", "-o", "-")
	ended := 0
	for i := range 12 {
		out, err := os.Create(filepath.Join(root, "out"))
		require.NoError(t, err)
		command := exec.Command("spokewright", "render", "-o", "-", "-C", root)
		command.Stdout = out
		require.NoError(t, command.Start())
		time.Sleep(time.Duration(i*i) * time.Millisecond)
		require.NoError(t, command.Process.Signal(syscall.SIGTERM))
		err = command.Wait()
		text, readErr := os.ReadFile(out.Name())
		require.NoError(t, errors.Join(readErr, out.Close()))
		require.Contains(t, []string{"", whole}, string(text), "output is one write at the end")
		if err == nil {
			require.NotEmpty(t, text)
		} else {
			ended++
		}
	}
	assert.Positive(t, ended)
}
