package main

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestFault8AnInterruptExits130 interrupts renders at work, as a person or a script does: the exit code says so, and
// nothing is printed. A signal that comes too early or too late meets no work, so it is tried again at another moment.
func TestFault8AnInterruptExits130(t *testing.T) {
	root := t.TempDir()
	require.NoError(t, lay(root, "testdata/fleet"))
	for i := range 40 {
		addEnvironment(t, root, fmt.Sprintf("a%02d", i), `{class: "development", cluster: {cloud: "aws", region: "eu-west-1"}}`)
	}
	began := time.Now()
	code, _, _ := interrupted(t, root, nil, 0)
	require.Zero(t, code)
	whole := time.Since(began)
	for signal, want := range map[os.Signal]int{os.Interrupt: 130, syscall.SIGTERM: 143} {
		met := false
		for try := 0; try < 20 && !met; try++ {
			code, stdout, stderr := interrupted(t, root, signal, whole/2*time.Duration(10+try)/20)
			if met = strings.Contains(stderr, "ended by the signal"); met {
				assert.Equal(t, want, code, stderr)
				assert.Empty(t, stdout)
			}
		}
		assert.True(t, met, "no render was at work when %s came", signal)
	}
}

// interrupted renders a fleet to stdout and sends it a signal after a time.
func interrupted(t *testing.T, root string, signal os.Signal, after time.Duration) (code int, stdout, stderr string) {
	t.Helper()
	var out, errors strings.Builder
	command := exec.Command("spokewright", "render", "-C", root, "-o", "-")
	command.Stdout, command.Stderr = &out, &errors
	require.NoError(t, command.Start())
	if signal != nil {
		time.Sleep(after)
		_ = command.Process.Signal(signal) // it may have ended
	}
	_ = command.Wait()
	return command.ProcessState.ExitCode(), out.String(), errors.String()
}
