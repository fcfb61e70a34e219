package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// memoryGroup is a control group of the kernel whose processes have so much memory together, as a container's have.
type memoryGroup struct {
	folder string // empty where this machine gives nobody one
	events string // the file that counts what was killed
	peak   string // the file with the most that was in use, in bytes
}

// newMemoryGroup makes one below the test's own, in whichever version of control groups there is.
func newMemoryGroup(t *testing.T, limit int) memoryGroup {
	t.Helper()
	own, err := os.ReadFile("/proc/self/cgroup")
	require.NoError(t, err)
	name := fmt.Sprintf("spokewright-test-%d", os.Getpid())
	for _, version := range []struct{ line, root, limit, events, peak string }{
		{`(?m)^\d+:memory:(.*)$`, "/sys/fs/cgroup/memory", "memory.limit_in_bytes", "memory.oom_control", "memory.max_usage_in_bytes"},
		{`(?m)^0::(.*)$`, "/sys/fs/cgroup", "memory.max", "memory.events", "memory.peak"},
	} {
		found := regexp.MustCompile(version.line).FindSubmatch(own)
		if found == nil {
			continue
		}
		folder := filepath.Join(version.root, string(found[1]), name)
		if os.Mkdir(folder, 0o755) != nil {
			continue
		}
		t.Cleanup(func() { _ = os.Remove(folder) })
		if os.WriteFile(filepath.Join(folder, version.limit), []byte(strconv.Itoa(limit)), 0o644) == nil {
			return memoryGroup{folder, filepath.Join(folder, version.events), filepath.Join(folder, version.peak)}
		}
	}
	return memoryGroup{}
}

// join has a process that is not started yet begin in the group.
func (g memoryGroup) join(command *exec.Cmd) *exec.Cmd {
	if g.folder == "" {
		return command
	}
	const script = `echo $$ > "$0" && exec "$@"`
	inside := exec.Command("sh", append([]string{"-c", script, filepath.Join(g.folder, "cgroup.procs")}, command.Args...)...)
	inside.Dir, inside.Env = command.Dir, append(command.Env, "PATH="+os.Getenv("PATH"))
	return inside
}

// report says what was in use. That the kernel killed for want of memory fails the test.
func (g memoryGroup) report(t *testing.T) string {
	t.Helper()
	if g.folder == "" {
		return "NOT CHECKED: the memory, since this machine gives nobody control groups"
	}
	events, err := os.ReadFile(g.events)
	require.NoError(t, err)
	require.Regexp(t, `(?m)^oom_kill 0$`, string(events))
	peak, err := os.ReadFile(g.peak)
	if err != nil {
		return "nothing was killed for want of memory"
	}
	bytes, err := strconv.Atoi(strings.TrimSpace(string(peak)))
	require.NoError(t, err)
	require.Positive(t, bytes, "the calls ran in the group")
	return fmt.Sprintf("at most %d MB were in use, the kernel's copies of files with it", bytes>>20)
}
