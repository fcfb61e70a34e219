package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"
)

// committedFleet is a fleet in a Git repository, rendered and committed, with a change of one environment on top.
func committedFleet(t *testing.T, environments int) string {
	t.Helper()
	needGit(t)
	dir, err := filepath.EvalSymlinks(t.TempDir())
	require.NoError(t, err)
	require.NoError(t, lay(dir, "testdata/fleet"))
	for i := range environments {
		addEnvironment(t, dir, fmt.Sprintf("a%02d", i), `{class: "development", cluster: {cloud: "aws", region: "eu-west-1"}}`)
	}
	_, stderr := said(dir, "render")
	require.Contains(t, stderr, "rendered")
	committed(t, dir)
	changedFile(t, dir, "environments/dev.cue", func(text string) string { return text + "namespaces: batch: {}\n" })
	return dir
}

func needGit(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("NOT CHECKED: git is not installed, so there is no repository to look at")
	}
}

// committed makes a folder a repository with one commit.
func committed(t *testing.T, dir string) {
	t.Helper()
	ran(t, dir, "git", "init", "-q", "-b", "main")
	ran(t, dir, "git", "add", "-A")
	ran(t, dir, "git", "-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "-q", "-m", "base")
}

// changedFile edits a file, and finds that something has changed.
func changedFile(t *testing.T, dir, file string, edit func(text string) string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, file))
	require.NoError(t, err)
	require.NotEqual(t, string(text), edit(string(text)))
	writeText(t, dir, file, edit(string(text)))
}

func ran(t *testing.T, dir, name string, args ...string) string {
	t.Helper()
	command := exec.Command(name, args...)
	command.Dir = dir
	command.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_NOSYSTEM=1")
	out, err := command.CombinedOutput()
	require.NoError(t, err, "%s %v: %s", name, args, out)
	return string(out)
}

// diffed runs diff as a process of its own, with a folder for its cache.
func diffed(t *testing.T, dir, cache string) string {
	t.Helper()
	command := exec.Command("spokewright", "-C", dir, "diff")
	command.Env = append(os.Environ(), "SPOKEWRIGHT_CACHE="+cache)
	out, err := command.Output()
	require.ErrorContains(t, err, "exit status 3", "%s", out)
	return string(out)
}

// TestKilledDiff kills diffs at random moments: the tree is as it was, and what is left of the cache says what no cache says.
func TestKilledDiff(t *testing.T) {
	t.Parallel()
	dir, cache, random := committedFleet(t, 6), filepath.Join(t.TempDir(), "cache"), rand.New(rand.NewPCG(1, 1))
	before := readTree(t, dir)
	began := time.Now()
	want := diffed(t, dir, filepath.Join(t.TempDir(), "other"))
	whole := time.Since(began)
	for n := range 12 {
		if n%4 == 0 {
			require.NoError(t, os.RemoveAll(cache))
		}
		command := exec.Command("spokewright", "-C", dir, "diff")
		command.Env = append(os.Environ(), "SPOKEWRIGHT_CACHE="+cache)
		require.NoError(t, command.Start())
		time.Sleep(time.Duration(random.Int64N(int64(whole))))
		_ = command.Process.Kill() // it may have ended
		_ = command.Wait()
		if n%2 == 1 {
			require.Equal(t, want, diffed(t, dir, cache))
		}
	}
	require.Equal(t, before, readTree(t, dir), "a diff writes nothing to the tree")
}

// TestDiffTouchesNothingElse traces a diff: no process, no connection, nothing written but the cache, nothing opened
// outside of the repository, the cache and the program.
func TestDiffTouchesNothingElse(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("strace"); err != nil {
		t.Skip("NOT CHECKED: strace is not installed, so nothing traced what diff opens")
	}
	dir, cache := committedFleet(t, 0), t.TempDir()
	program := built(t)
	trace := filepath.Join(t.TempDir(), "trace")
	command := exec.Command("strace", "-f", "-y", "-qq", "-e", "signal=none", "-e", "trace=%network,%process,%file,openat2", "-o", trace, program, "diff")
	command.Dir = dir
	command.Env = append(os.Environ(), "SPOKEWRIGHT_CACHE="+cache)
	out, err := command.Output()
	require.ErrorContains(t, err, "exit status 3", "%s", out)
	text, err := os.ReadFile(trace)
	require.NoError(t, err)
	starts, opens := 0, 0
	thread := regexp.MustCompile(`^\d+ +clone3?\(`)
	opened := regexp.MustCompile(`open(?:at2?)?\((?:AT_FDCWD|\d+)?(?:<([^>]*)>)?,? ?"([^"]*)", (.*)`)
	for line := range strings.Lines(string(text)) {
		assert.NotRegexp(t, `AF_INET|^\d+ +(v?fork|connect|bind|listen|sendto)\(`, line)
		if strings.Contains(line, " execve(\"") {
			starts++
		}
		if thread.MatchString(line) {
			assert.Contains(t, line, "CLONE_THREAD", line)
		}
		found := opened.FindStringSubmatch(line)
		if found == nil {
			continue
		}
		opens++
		name := found[2]
		if !filepath.IsAbs(name) {
			name = filepath.Join(found[1], name)
		}
		below := func(folder string) bool { return name == folder || strings.HasPrefix(name, folder+"/") }
		assert.True(t, below(dir) || below(cache) || name == program || runtimeFiles().MatchString(name), line)
		if !below(cache) {
			assert.NotRegexp(t, `O_WRONLY|O_RDWR|O_CREAT|O_TRUNC`, found[3], line)
		}
	}
	assert.Equal(t, 1, starts)
	assert.Greater(t, opens, 10)
}

// TestDiffPage runs the commands of the workflows in docs/diff.md: what changes is success, what destroys is not, and the
// comment is written all the same, but not for a fork.
func TestDiffPage(t *testing.T) {
	page, err := os.ReadFile("../../docs/diff.md")
	require.NoError(t, err)
	blocks := regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllStringSubmatch(string(page), -1)
	require.Len(t, blocks, 2)
	var github struct {
		Jobs map[string]struct {
			Steps []struct {
				Name, Run, If string
			}
		}
	}
	require.NoError(t, yaml.Unmarshal([]byte(blocks[0][1]), &github))
	var gitlab map[string]struct{ Script []string }
	require.NoError(t, yaml.Unmarshal([]byte(blocks[1][1]), &gitlab))
	require.NotContains(t, strings.ReplaceAll(blocks[0][1], "`pull_request_target`", ""), "pull_request_target")

	dir := committedFleet(t, 0)
	base := strings.TrimSpace(ran(t, dir, "git", "rev-parse", "HEAD"))
	tools := t.TempDir()
	for _, name := range []string{"gh", "curl"} { // which write what they are asked
		require.NoError(t, os.WriteFile(filepath.Join(tools, name), []byte("#!/bin/sh\necho \""+name+" $*\" >> \"$ASKED\"\n"), 0o755))
	}
	shell := func(script string, env ...string) (asked string, code int) {
		t.Helper()
		log := filepath.Join(t.TempDir(), "asked")
		command := exec.Command("bash", "-e", "-c", script)
		command.Dir = dir
		command.Env = append(append(os.Environ(), "PATH="+tools+string(filepath.ListSeparator)+os.Getenv("PATH"), "ASKED="+log, "SPOKEWRIGHT_CACHE="+filepath.Join(tools, "cache")), env...)
		out, err := command.CombinedOutput()
		if err != nil {
			require.IsType(t, &exec.ExitError{}, err, "%s", out)
		}
		text, _ := os.ReadFile(log)
		return string(text), command.ProcessState.ExitCode()
	}
	var steps []string
	for _, step := range github.Jobs["diff"].Steps {
		if step.Run != "" {
			steps = append(steps, step.Run)
		}
	}
	require.Len(t, steps, 3)
	environment := filepath.Join(t.TempDir(), "environment")
	both := func(want int) {
		t.Helper()
		require.NoError(t, os.RemoveAll(environment))
		asked, code := shell(steps[0], "GITHUB_STEP_SUMMARY="+filepath.Join(tools, "summary"), "GITHUB_ENV="+environment)
		require.Zero(t, code)
		require.Empty(t, asked)
		said, err := os.ReadFile(environment)
		require.NoError(t, err)
		asked, code = shell(steps[1], "PULL_REQUEST=7")
		require.Zero(t, code)
		require.Contains(t, asked, "gh pr comment 7")
		_, code = shell(steps[2], strings.TrimSpace(string(said)))
		require.Equal(t, want, code)

		script := strings.Join(gitlab["diff"].Script, "\n")
		variables := []string{"CI_MERGE_REQUEST_DIFF_BASE_SHA=" + base, "CI_API_V4_URL=https://gitlab.example.com/api/v4", "CI_PROJECT_ID=1", "CI_MERGE_REQUEST_IID=7"}
		asked, code = shell(script, append(variables, "DIFF_TOKEN=secret")...)
		require.Equal(t, want, code)
		require.Contains(t, asked, "https://gitlab.example.com/api/v4/projects/1/merge_requests/7/notes")
		asked, code = shell(script, variables...)
		require.Equal(t, want, code)
		require.Empty(t, asked, "a fork has no token")
	}
	both(0) // as an exit code of 3 is
	changedFile(t, dir, "environments/dev.cue", func(text string) string {
		return regexp.MustCompile(`(?m)^databases.*\n`).ReplaceAllString(text, "")
	})
	both(4)
	changedFile(t, dir, "environments/dev.cue", func(text string) string { return strings.ReplaceAll(text, "aws", "asw") })
	both(2)
	said, err := os.ReadFile(filepath.Join(dir, "diff.md"))
	require.NoError(t, err)
	require.Contains(t, string(said), `found "asw"`)
}

// TestDiffNeedsNoNetwork shows a change where there is no network at all.
func TestDiffNeedsNoNetwork(t *testing.T) {
	t.Parallel()
	dir := committedFleet(t, 0)
	if err := exec.Command("unshare", "-n", "true").Run(); err != nil {
		t.Skipf("NOT CHECKED: this machine gives nobody a network of nothing: %v", err)
	}
	command := exec.Command("unshare", "-n", "spokewright", "-C", dir, "diff")
	command.Env = append(os.Environ(), "SPOKEWRIGHT_CACHE="+t.TempDir())
	out, err := command.Output()
	require.ErrorContains(t, err, "exit status 3", "%s", out)
	require.Contains(t, string(out), "batch")
}
