package conformance

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"spokewright.dev/spokewright/conformance/process"
)

// The real pre-commit runs our hooks, as a user configures them, on commits to a copy of the fleet at the root.
func TestPreCommitRunsTheHooks(t *testing.T) {
	if _, err := exec.LookPath("pre-commit"); err != nil {
		t.Skip("SKIPPED, NOTHING WAS TESTED: pre-commit is not installed (Debian: apt-get install pre-commit)")
	}
	c := newCommitter(process.Context(t), t)

	t.Run("a commit that affects nothing skips both", func(t *testing.T) {
		c.write(t, "notes.md", "nothing\n")
		output, err := c.commit(t)
		require.NoError(t, err, output)
		require.Regexp(t, `spokewright render\.+\(no files to check\)Skipped`, output)
		require.Regexp(t, `spokewright check\.+\(no files to check\)Skipped`, output)
	})
	t.Run("a clean commit passes, and only what it affects is looked at", func(t *testing.T) {
		c.append(t, "overlays/prod-eu/hub/kustomization.yaml", "# nothing\n")
		output, err := c.commit(t)
		require.NoError(t, err, output)
		require.Regexp(t, `spokewright render\.+Passed`, output)
		require.Regexp(t, `spokewright check\.+Passed`, output)
		require.Contains(t, output, "checked 1 environment of fleet lighthouse")
	})
	t.Run("a stale golden stops the commit with the difference", func(t *testing.T) {
		c.replace(t, "environments/prod-eu.cue", "storageGB: 200", "storageGB: 300")
		output, err := c.commit(t, "SKIP=spokewright-render")
		require.Error(t, err)
		require.Regexp(t, `spokewright check\.+Failed`, output)
		require.Contains(t, output, "golden/prod-eu/hub.yaml: out of date: spokewright render brings it up to date")
		require.Regexp(t, `(?m)^- .*storageGB: 200$`, output)
		require.Regexp(t, `(?m)^\+ .*storageGB: 300$`, output)
		require.NotContains(t, output, "golden/prod-us")
	})
	t.Run("the render hook brings it up to date, and the second try passes", func(t *testing.T) {
		output, err := c.commit(t)
		require.Error(t, err)
		require.Regexp(t, `spokewright render\.+Failed`, output)
		require.Contains(t, output, "1 file changed")
		output, err = c.commit(t)
		require.NoError(t, err, output)
		require.Empty(t, c.git(t, "status", "--porcelain"))
	})
	t.Run("a new environment is rendered, and its files stop the commit until they are in it", func(t *testing.T) {
		spec, err := os.ReadFile(filepath.Join(c.folder, "environments/staging.cue"))
		require.NoError(t, err)
		c.write(t, "environments/trial.cue", strings.Replace(string(spec), "10.20.0.0", "10.99.0.0", 1))
		c.copyOverlay(t, "staging", "trial")
		output, err := c.commit(t)
		require.Error(t, err, output)
		require.Regexp(t, `spokewright render\.+Failed`, output)
		require.FileExists(t, filepath.Join(c.folder, "golden/trial/hub.yaml"))
		output, err = c.commit(t)
		require.NoError(t, err, output)
	})
	t.Run("a wrong spec stops the commit and points to the place", func(t *testing.T) {
		c.replace(t, "environments/prod-eu.cue", `"aws"`, `"asw"`)
		output, err := c.commit(t)
		require.Error(t, err)
		require.Contains(t, output, `environments/prod-eu.cue:2:18: cluster.cloud: found "asw"`)
	})
}

// A new fleet is committed as it is, with the hooks that init configured, at the root of a repository and in a folder of one.
func TestPreCommitPassesOnANewFleet(t *testing.T) {
	if _, err := exec.LookPath("pre-commit"); err != nil {
		t.Skip("SKIPPED, NOTHING WAS TESTED: pre-commit is not installed (Debian: apt-get install pre-commit)")
	}
	for _, inside := range []string{".", "platform/fleet"} {
		t.Run(inside, func(t *testing.T) {
			c := scratchCommitter(process.Context(t), t)
			c.git(t, "init", "-q", "-b", "main")
			output, err := c.command(filepath.Join(filepath.Dir(c.folder), "bin", "spokewright"), "init", inside, "--name", "shop", "--yes").CombinedOutput()
			require.NoError(t, err, string(output))
			if inside != "." {
				require.Contains(t, string(output), "look at the repository's root alone: move there what you use of platform/fleet/.pre-commit-config.yaml")
				require.NoError(t, os.Rename(filepath.Join(c.folder, inside, ".pre-commit-config.yaml"), filepath.Join(c.folder, ".pre-commit-config.yaml")))
			}
			output, err = c.command("pre-commit", "install").CombinedOutput()
			require.NoError(t, err, string(output))
			said, err := c.commit(t)
			require.NoError(t, err, said)
			require.Regexp(t, `spokewright render\.+Passed`, said)
			require.Regexp(t, `spokewright check\.+Passed`, said)
			require.Empty(t, c.git(t, "status", "--porcelain"))
		})
	}
}

// committer is a scratch repository of a fleet with the hooks installed.
type committer struct {
	folder string
	env    []string
}

// scratchCommitter makes one without anything in it, with the program on PATH.
func scratchCommitter(ctx context.Context, t *testing.T) *committer {
	scratch := t.TempDir()
	bin := filepath.Join(scratch, "bin")
	c := &committer{folder: filepath.Join(scratch, "fleet")}
	require.NoError(t, os.Mkdir(c.folder, 0o755))
	c.env = append(os.Environ(), "PATH="+bin+string(os.PathListSeparator)+os.Getenv("PATH"), "HOME="+scratch,
		"PRE_COMMIT_HOME="+filepath.Join(scratch, "cache"), "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_SYSTEM="+os.DevNull,
		"GIT_AUTHOR_NAME=test", "GIT_AUTHOR_EMAIL=test@example.com", "GIT_COMMITTER_NAME=test", "GIT_COMMITTER_EMAIL=test@example.com")
	build := exec.CommandContext(ctx, "go", "build", "-o", filepath.Join(bin, "spokewright"), "./cmd/spokewright")
	build.Dir = ".."
	output, err := build.CombinedOutput()
	require.NoError(t, err, string(output))
	return c
}

// newCommitter makes one of the fleet. The hooks come from a second repository, as they do for users.
func newCommitter(ctx context.Context, t *testing.T) *committer {
	c := scratchCommitter(ctx, t)
	hooks := filepath.Join(filepath.Dir(c.folder), "hooks")
	definition, err := os.ReadFile("../.pre-commit-hooks.yaml")
	require.NoError(t, err)
	fleet := c.folder
	c.folder = hooks
	c.write(t, ".pre-commit-hooks.yaml", string(definition))
	c.git(t, "init", "-q", "-b", "main")
	c.git(t, "add", "-A")
	c.git(t, "commit", "-q", "-m", "hooks")
	revision := strings.TrimSpace(c.git(t, "rev-parse", "HEAD"))

	c.folder = fleet
	for _, name := range []string{"environments", "overlays", "bases", "golden"} {
		require.NoError(t, os.CopyFS(filepath.Join(fleet, name), os.DirFS(filepath.Join("..", name))))
	}
	c.write(t, ".pre-commit-config.yaml", "repos:\n- repo: "+hooks+"\n  rev: "+revision+
		"\n  hooks: [{id: spokewright-render, verbose: true}, {id: spokewright-check, verbose: true}]\n")
	c.git(t, "init", "-q", "-b", "main")
	c.git(t, "add", "-A")
	c.git(t, "commit", "-q", "-m", "fleet")
	output, err := c.command("pre-commit", "install").CombinedOutput()
	require.NoError(t, err, string(output))
	return c
}

func (c *committer) command(name string, args ...string) *exec.Cmd {
	command := exec.Command(name, args...)
	command.Dir, command.Env = c.folder, c.env
	return command
}

// commit commits all that changed and gives what Git and the hooks said. An error is a commit that was stopped.
func (c *committer) commit(t *testing.T, env ...string) (string, error) {
	c.git(t, "add", "-A")
	command := c.command("git", "commit", "-m", "change")
	command.Env = append(command.Env, env...)
	output, err := command.CombinedOutput()
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		require.NoError(t, err)
	}
	return regexp.MustCompile(`\x1b\[[0-9;]*m`).ReplaceAllString(string(output), ""), err
}

func (c *committer) git(t *testing.T, args ...string) string {
	output, err := c.command("git", args...).CombinedOutput()
	require.NoError(t, err, string(output))
	return string(output)
}

func (c *committer) write(t *testing.T, name, text string) {
	name = filepath.Join(c.folder, filepath.FromSlash(name))
	require.NoError(t, os.MkdirAll(filepath.Dir(name), 0o755))
	require.NoError(t, os.WriteFile(name, []byte(text), 0o644))
}

func (c *committer) append(t *testing.T, name, text string) {
	old, err := os.ReadFile(filepath.Join(c.folder, name))
	require.NoError(t, err)
	c.write(t, name, string(old)+text)
}

func (c *committer) replace(t *testing.T, name, old, fresh string) {
	text, err := os.ReadFile(filepath.Join(c.folder, name))
	require.NoError(t, err)
	require.Contains(t, string(text), old)
	c.write(t, name, strings.Replace(string(text), old, fresh, 1))
}

// copyOverlay copies the overlays of one environment for another.
func (c *committer) copyOverlay(t *testing.T, from, to string) {
	source := filepath.Join(c.folder, "overlays", from)
	require.NoError(t, filepath.WalkDir(source, func(name string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		inside, err := filepath.Rel(source, name)
		require.NoError(t, err)
		text, err := os.ReadFile(name)
		require.NoError(t, err)
		c.write(t, filepath.Join("overlays", to, inside), strings.ReplaceAll(string(text), from, to))
		return nil
	}))
}
