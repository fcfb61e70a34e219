package process

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestProcessEndsWithItsTest(t *testing.T) {
	var p *Process
	t.Run("inner", func(t *testing.T) { p = Start(t, "sleep", exec.Command("sleep", "300")) })
	require.False(t, alive(p.cmd.Process.Pid))
}

func TestLaterProcessesEndEarlier(t *testing.T) {
	var first *Process
	t.Run("inner", func(t *testing.T) {
		first = Start(t, "first", exec.Command("sleep", "300"))
		t.Cleanup(func() { require.True(t, alive(first.cmd.Process.Pid), "what was started first must outlast this") })
		Start(t, "second", exec.Command("sleep", "300"))
	})
	require.False(t, alive(first.cmd.Process.Pid))
}

func TestAwaitTellsWhyAProgramEnded(t *testing.T) {
	p := Start(t, "broken", exec.Command("sh", "-c", "echo no such thing >&2; exit 3"))
	err := p.Await(t.Context(), func(context.Context) error { return errors.New("not yet") })
	require.EqualError(t, err, "broken ended: no such thing")
}

// A test binary that is killed leaves no program behind: this test runs itself as the one that is.
func TestNothingOutlivesAKilledTest(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux ends a program with the one that started it")
	}
	const inside = "CONFORMANCE_PROCESS_TEST"
	if os.Getenv(inside) != "" {
		p := Start(t, "sleep", exec.Command("sleep", "300"))
		fmt.Printf("pid=%d\n", p.cmd.Process.Pid)
		require.NoError(t, syscall.Kill(os.Getpid(), syscall.SIGKILL))
		select {}
	}
	cmd := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$")
	cmd.Env = append(os.Environ(), inside+"=1", "TMPDIR="+t.TempDir()) // it cannot clean up after itself
	output, err := cmd.Output()
	require.ErrorContains(t, err, "signal: killed")
	pid, err := strconv.Atoi(string(regexp.MustCompile(`pid=(\d+)`).FindSubmatch(output)[1]))
	require.NoError(t, err)
	t.Cleanup(func() { _ = syscall.Kill(pid, syscall.SIGKILL) }) // where this test fails
	require.Eventually(t, func() bool { return !alive(pid) }, 5*time.Second, 20*time.Millisecond)
}

func alive(pid int) bool {
	if syscall.Kill(pid, 0) != nil {
		return false
	}
	state, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err != nil || !strings.Contains(string(state), ") Z ") // one that ended and was not collected yet
}
