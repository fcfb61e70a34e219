//go:build linux

package main

import (
	"bufio"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// built is the program itself, static, as it is put into an image.
func built(t *testing.T) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "spokewright")
	build := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-o", program, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	out, err := build.CombinedOutput()
	require.NoError(t, err, string(out))
	return program
}

// runtimeFiles are what Go's runtime reads at its start, outside of the fleet: how many processors and how much memory
// there is. The program's own file is the only other.
func runtimeFiles() *regexp.Regexp {
	return regexp.MustCompile(`^(/sys/kernel/mm/transparent_hugepage/hpage_pmd_size|/proc/self/(cgroup|mountinfo)|/sys/fs/cgroup/.*)$`)
}

// TestPluginTouchesNothingElse traces 20 calls. None opens a socket but to nobody, starts a process, writes a file or
// opens one outside the fleet.
func TestPluginTouchesNothingElse(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("strace"); err != nil {
		t.Skip("NOT CHECKED: strace is not installed, so nothing traced what the plugin opens")
	}
	root := filepath.Join(t.TempDir(), "fleet")
	for _, folder := range []string{"environments", "bases", "overlays"} {
		require.NoError(t, lay(filepath.Join(root, folder), filepath.Join(sample, folder)))
	}
	root, err := filepath.EvalSymlinks(root)
	require.NoError(t, err)
	program, calls := built(t), 0
	for dir, want := range samplePlanes(t) {
		inside, err := filepath.Rel(sample, dir)
		require.NoError(t, err)
		for range 2 {
			calls++
			trace := filepath.Join(t.TempDir(), "trace")
			command := exec.Command("strace", "-f", "-y", "-qq", "-e", "signal=none", "-e", "trace=%network,%process,%file,openat2", "-o", trace,
				program, "cmp", "generate")
			command.Dir, command.Env = filepath.Join(root, inside), []string{"TMPDIR=" + t.TempDir()}
			out, err := command.Output()
			require.NoError(t, err)
			requireSame(t, []byte(want), out)
			judgeTrace(t, trace, root, program)
		}
	}
	require.GreaterOrEqual(t, calls, 20)
}

// judgeTrace reads what strace wrote: one call a line, as PID NAME(ARGUMENTS) = RESULT.
func judgeTrace(t *testing.T, trace, root, program string) {
	file, err := os.Open(trace)
	require.NoError(t, err)
	defer file.Close()
	call := regexp.MustCompile(`^\d+ +(\w+)\((.*)`)
	opened := regexp.MustCompile(`^(?:(?:AT_FDCWD)?(?:<([^>]*)>)?|\d+<([^>]*)>), "([^"]*)", (.*)`)
	starts, opens := 0, 0
	for scanner := bufio.NewScanner(file); scanner.Scan(); {
		line := scanner.Text()
		found := call.FindStringSubmatch(line)
		if found == nil {
			continue
		}
		switch name, arguments := found[1], found[2]; name {
		case "execve":
			starts++
		case "execveat", "fork", "vfork", "connect", "bind", "listen", "sendto", "unlink", "unlinkat", "mkdir", "mkdirat", "rename", "renameat", "renameat2", "symlinkat", "linkat":
			t.Errorf("%s: %s", name, line)
		case "clone", "clone3":
			assert.Contains(t, line, "CLONE_THREAD", "a thread, not a process: %s", line)
		case "socket", "socketpair":
			assert.NotContains(t, line, "AF_INET", line)
		case "open", "openat", "openat2":
			opens++
			match := opened.FindStringSubmatch(arguments)
			require.NotNil(t, match, line)
			path := match[3]
			if !filepath.IsAbs(path) {
				path = filepath.Join(match[1]+match[2], path)
			}
			inside := path == root || strings.HasPrefix(path, root+"/")
			assert.True(t, inside || path == program || runtimeFiles().MatchString(path), "opened outside the fleet: %s", line)
			assert.False(t, regexp.MustCompile(`O_WRONLY|O_RDWR|O_CREAT|O_TRUNC`).MatchString(match[4]), "opened to write: %s", line)
		}
	}
	assert.Equal(t, 1, starts, "the plugin itself is all that is started")
	assert.Greater(t, opens, 10, "the trace shows what was opened")
}

// TestPluginRunsInABareWorld renders in a root that holds nothing but the program and the fleet and can only be read, as
// user 999, with no environment and no network.
func TestPluginRunsInABareWorld(t *testing.T) {
	t.Parallel()
	if os.Getuid() != 0 {
		t.Skip("NOT CHECKED: only root can make a root, a user and a network of nothing")
	}
	world := t.TempDir()
	for at := world; at != filepath.Dir(at); at = filepath.Dir(at) { // user 999 must get there
		if info, err := os.Stat(at); err == nil && info.Mode()&0o001 == 0 {
			require.NoError(t, os.Chmod(at, info.Mode()|0o001))
		}
	}
	for _, folder := range []string{"environments", "bases", "overlays"} {
		require.NoError(t, lay(filepath.Join(world, "fleet", folder), filepath.Join(sample, folder)))
	}
	text, err := os.ReadFile(built(t))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(world, "spokewright"), text, 0o755))
	readOnly(t, world)
	for dir, want := range samplePlanes(t) {
		inside, err := filepath.Rel(sample, dir)
		require.NoError(t, err)
		command := exec.Command("/spokewright", "cmp", "generate")
		command.Dir, command.Env = filepath.Join("/fleet", inside), []string{}
		command.SysProcAttr = &syscall.SysProcAttr{
			Chroot: world, Credential: &syscall.Credential{Uid: 999, Gid: 999}, Cloneflags: syscall.CLONE_NEWNET | syscall.CLONE_NEWNS,
		}
		var stderr strings.Builder
		command.Stderr = &stderr
		out, err := command.Output()
		if errors.Is(err, syscall.EPERM) || errors.Is(err, syscall.ENOSYS) {
			t.Skipf("NOT CHECKED: this machine gives nobody namespaces: %v", err)
		}
		require.NoError(t, err, stderr.String())
		requireSame(t, []byte(want), out)
	}
}

// readOnly mounts a folder over itself so that it can only be read, for the time of the test.
func readOnly(t *testing.T, dir string) {
	t.Helper()
	if err := syscall.Mount(dir, dir, "", syscall.MS_BIND, ""); err != nil {
		t.Skipf("NOT CHECKED: this machine lets nobody mount: %v", err)
	}
	t.Cleanup(func() { require.NoError(t, syscall.Unmount(dir, 0)) })
	require.NoError(t, syscall.Mount(dir, dir, "", syscall.MS_BIND|syscall.MS_REMOUNT|syscall.MS_RDONLY, ""))
	require.Error(t, os.WriteFile(filepath.Join(dir, "x"), nil, 0o644), "the world can only be read")
}
