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
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"
	"sigs.k8s.io/yaml"
	"spokewright.dev/spokewright/internal/argocd"
	"spokewright.dev/spokewright/internal/render"
	"spokewright.dev/spokewright/schema"
)

// pluginCall is one call of the pluginCall, as Argo CD makes it: a process in the Application's folder.
type pluginCall struct {
	dir  string
	args []string // generate, where there are none
	env  []string
}

// answer is how a call ended.
type answer struct {
	stdout, stderr string
	code           int // -1 where a signal ended it
	memory         int // an upper bound for what it had, in MB
	took           time.Duration
	processor      time.Duration // of all processors together
	left           []string      // files in its TMPDIR
}

// command is the call's process and the folder for its temporary files.
func (p pluginCall) command(t *testing.T) (*exec.Cmd, string) {
	t.Helper()
	args := p.args
	if len(args) == 0 {
		args = []string{"generate"}
	}
	temporary := t.TempDir()
	command := exec.Command("spokewright", append([]string{"cmp"}, args...)...)
	command.Dir = p.dir
	command.Env = append([]string{"TMPDIR=" + temporary}, p.env...)
	return command, temporary
}

// call makes the call and waits for its end.
func (p pluginCall) call(t *testing.T) answer {
	t.Helper()
	command, temporary := p.command(t)
	return finished(t, command, temporary)
}

// finished runs a call's process to its end.
func finished(t *testing.T, command *exec.Cmd, temporary string) answer {
	t.Helper()
	var stdout, stderr bytes.Buffer
	command.Stdout, command.Stderr = &stdout, &stderr
	began := time.Now()
	if err := command.Run(); command.ProcessState == nil {
		require.NoError(t, err)
	}
	return ended(t, command, temporary, began, stdout.String(), stderr.String())
}

func ended(t *testing.T, command *exec.Cmd, temporary string, began time.Time, stdout, stderr string) answer {
	t.Helper()
	a := answer{stdout: stdout, stderr: stderr, code: command.ProcessState.ExitCode(), took: time.Since(began)}
	a.processor = command.ProcessState.UserTime() + command.ProcessState.SystemTime()
	if usage, ok := command.ProcessState.SysUsage().(*syscall.Rusage); ok {
		a.memory = int(usage.Maxrss >> 10)
	}
	require.NoError(t, filepath.WalkDir(temporary, func(name string, entry fs.DirEntry, err error) error {
		if name != temporary {
			a.left = append(a.left, name)
		}
		return err
	}))
	return a
}

// samplePlanes are the overlays of the sample with their golden files.
func samplePlanes(t *testing.T) map[string]string {
	t.Helper()
	names, err := schema.List(os.DirFS(sample))
	require.NoError(t, err)
	planes := map[string]string{}
	for _, target := range render.Targets(names) {
		want, err := os.ReadFile(filepath.Join(sample, render.Golden, target.File()))
		require.NoError(t, err)
		planes[filepath.Join(sample, target.Overlay())] = string(want)
	}
	require.GreaterOrEqual(t, len(planes), 10)
	return planes
}

// TestPluginPrintsGolden asks the plugin for every overlay of the sample.
func TestPluginPrintsGolden(t *testing.T) {
	t.Parallel()
	for dir, want := range samplePlanes(t) {
		got := pluginCall{dir: dir, env: []string{`ARGOCD_APP_PARAMETERS=null`}}.call(t)
		require.Zero(t, got.code, got.stderr)
		requireSame(t, []byte(want), []byte(got.stdout))
		assert.Empty(t, got.stderr)
		assert.Empty(t, got.left)
		found := pluginCall{dir: dir, args: []string{"discover"}}.call(t)
		assert.True(t, strings.HasSuffix(filepath.ToSlash(dir)+"\n", found.stdout) && found.stdout != "", found.stdout)
	}
}

// TestPluginNeedsOnlyItsPaths gives the plugin no other file than those that the Applications' annotation names.
func TestPluginNeedsOnlyItsPaths(t *testing.T) {
	t.Parallel()
	for dir, want := range samplePlanes(t) {
		name := filepath.Base(filepath.Dir(dir))
		paths, stderr, code := spokewright(sample, "cmp", "paths", name)
		require.Zero(t, code, stderr)
		root := t.TempDir()
		for p := range strings.SplitSeq(strings.TrimSpace(paths), ";") {
			require.NoError(t, lay(filepath.Join(root, p), filepath.Join(sample, p)))
		}
		got := pluginCall{dir: filepath.Join(root, "overlays", name, filepath.Base(dir))}.call(t)
		require.Zero(t, got.code, got.stderr)
		requireSame(t, []byte(want), []byte(got.stdout))
	}
}

// TestPluginCallsAtOnce makes 100 calls, 20 at a time, in 1 GB of memory, as the sidecar has. Each prints what a call alone
// prints, and leaves nothing.
func TestPluginCallsAtOnce(t *testing.T) {
	planes := samplePlanes(t)
	memory := newMemoryGroup(t, 1<<30)
	var group errgroup.Group
	group.SetLimit(20)
	var calls atomic.Int32
	for calls.Load() < 100 {
		for dir, want := range planes {
			calls.Add(1)
			group.Go(func() error {
				command, temporary := pluginCall{dir: dir}.command(t)
				got := finished(t, memory.join(command), temporary)
				if got.code != 0 || got.stdout != want || len(got.left) > 0 {
					return fmt.Errorf("%s: exit code %d, %d bytes of %d, left %v: %s", dir, got.code, len(got.stdout), len(want), got.left, got.stderr)
				}
				return nil
			})
		}
	}
	require.NoError(t, group.Wait())
	t.Logf("%d calls; %s", calls.Load(), memory.report(t))
}

// TestPluginEndsAtOnce sends SIGTERM at random moments until 40 calls were hit before they were done, 200 with
// SPOKEWRIGHT_THOROUGH=1. Each ends with an error, with nothing or everything on stdout, and leaves nothing.
func TestPluginEndsAtOnce(t *testing.T) {
	hits := 40
	if os.Getenv("SPOKEWRIGHT_THOROUGH") != "" {
		hits = 200
	}
	dir := filepath.Join(sample, "overlays/prod-eu/hub")
	whole := pluginCall{dir: dir}.call(t)
	require.Zero(t, whole.code, whole.stderr)
	random := rand.New(rand.NewPCG(1, 2))
	calls, cut, slowest, within := 0, 0, time.Duration(0), whole.took
	for ; cut < hits; calls++ {
		require.Less(t, calls, 4*hits, "the signals must fall where they can do harm")
		command, temporary := pluginCall{dir: dir}.command(t)
		var stdout, stderr bytes.Buffer
		command.Stdout, command.Stderr = &stdout, &stderr
		require.NoError(t, command.Start())
		time.Sleep(time.Duration(random.Int64N(int64(within))))
		sent := time.Now()
		_ = command.Process.Signal(syscall.SIGTERM) // it may have ended
		_ = command.Wait()
		got := ended(t, command, temporary, sent, stdout.String(), stderr.String())
		slowest = max(slowest, got.took)
		require.Empty(t, got.left)
		if got.code == 0 { // it was done when the signal came
			require.Equal(t, whole.stdout, got.stdout, "an exit code of 0 promises everything")
			within = max(within*3/4, time.Millisecond) // the first call was a slow one: the machine had other work
			continue
		}
		cut++
		require.Contains(t, []string{"", whole.stdout}, got.stdout, "no partial output")
	}
	t.Logf("%d of %d calls were hit before they were done; the slowest took %v to end", cut, calls, slowest)
}

// TestPluginIgnoresItsEnvironment sets what libraries and other plugins look at. Nothing of it is seen.
func TestPluginIgnoresItsEnvironment(t *testing.T) {
	dir := filepath.Join(sample, "overlays/dev/hub")
	want := pluginCall{dir: dir}.call(t)
	require.Zero(t, want.code, want.stderr)
	got := pluginCall{dir: dir, env: []string{
		"CUE_REGISTRY=registry.example.com", "CUE_EXPERIMENT=nonsense", "CUE_DEBUG=nonsense", "KUSTOMIZE_PLUGIN_HOME=/nowhere", "HOME=/nowhere",
		"ARGOCD_ENV_OWNER=" + canary, "PARAM_ENVIRONMENT=" + canary, "SPOKEWRIGHT_UPDATE=1", "LANG=tr_TR.UTF-8", "TZ=Asia/Kathmandu",
	}}.call(t)
	assert.Zero(t, got.code, got.stderr)
	assert.Equal(t, want.stdout, got.stdout)
	assert.Empty(t, got.stderr)
}

// TestPluginNeedsItsReader lets the call write to somebody who is full, or gone. Both are an error.
func TestPluginNeedsItsReader(t *testing.T) {
	dir := filepath.Join(sample, "overlays/dev/hub")
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skipf("no /dev/full here: %v", err)
	}
	defer full.Close()
	command, _ := pluginCall{dir: dir}.command(t)
	command.Stdout = full
	require.Error(t, command.Run())
	assert.Equal(t, exitFailed, command.ProcessState.ExitCode())

	read, write, err := os.Pipe()
	require.NoError(t, err)
	require.NoError(t, read.Close())
	command, _ = pluginCall{dir: dir}.command(t)
	command.Stdout = write
	require.Error(t, command.Run())
	assert.NotZero(t, command.ProcessState.ExitCode())
	require.NoError(t, write.Close())
}

// TestPluginComponent adds the sidecar to the hub of the sample, as docs/argocd.md tells, and delivers through the plugin.
// The fleet renders and passes all checks, the real kustomize prints the same, and the plugin serves itself.
func TestPluginComponent(t *testing.T) {
	root := t.TempDir()
	for _, folder := range []string{"environments", "bases", "overlays", "golden"} {
		require.NoError(t, lay(filepath.Join(root, folder), filepath.Join(sample, folder)))
	}
	text, err := os.ReadFile("../../docs/argocd.md")
	require.NoError(t, err)
	_, fields, found := strings.Cut(string(text), "```yaml\n")
	require.True(t, found)
	fields, _, _ = strings.Cut(fields, "```")
	require.Contains(t, fields, "components: ")
	appendTo(t, filepath.Join(root, "overlays/hub/spoke/kustomization.yaml"), fields)
	appendTo(t, filepath.Join(root, "environments/fleet.cue"), `delivery: "plugin"`)
	requireFine(t, root, "render")
	requireFine(t, root, "check")

	hub := readTree(t, filepath.Join(root, "golden"))["hub/spoke.yaml"]
	require.Contains(t, hub, "mountPath: /home/argocd/cmp-server/config")
	require.Contains(t, hub, "command: [spokewright, cmp, generate]")
	require.Contains(t, readTree(t, filepath.Join(root, "golden"))["hub/hub.yaml"], "name: "+argocd.PluginName+"\n")
	requireSame(t, []byte(hub), runKustomize(t, filepath.Join(root, "overlays/hub/spoke"), "--enable-alpha-plugins", "--enable-exec"))
	got := pluginCall{dir: filepath.Join(root, "overlays/hub/spoke")}.call(t)
	require.Zero(t, got.code, got.stderr)
	requireSame(t, []byte(hub), []byte(got.stdout))
}

// TestPluginName finds in plugin.yaml the name that Applications give the plugin.
func TestPluginName(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(sample, "bases/hub/argocd/plugin/plugin.yaml"))
	require.NoError(t, err)
	var config struct {
		Metadata struct{ Name string }
		Spec     struct{ Version string }
	}
	require.NoError(t, yaml.Unmarshal(text, &config))
	require.Equal(t, argocd.PluginName, config.Metadata.Name+"-"+config.Spec.Version)
}
