package revision

import (
	"bytes"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// git runs the real git, with nothing of this machine's configuration.
func git(t *testing.T, dir string, args ...string) string {
	t.Helper()
	out, err := tried(t, dir, args...)
	require.NoError(t, err, "git %s: %s", strings.Join(args, " "), out)
	return strings.TrimSpace(out)
}

func tried(t *testing.T, dir string, args ...string) (string, error) {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("NOT CHECKED: git is not installed, so nothing says how a repository should be read")
	}
	command := exec.Command("git", args...)
	command.Dir = dir
	command.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_NOSYSTEM=1", "GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@example.com",
		"GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@example.com", "GIT_TERMINAL_PROMPT=0")
	var stderr bytes.Buffer
	command.Stderr = &stderr
	out, err := command.Output()
	return string(out) + map[bool]string{true: stderr.String()}[err != nil], err
}

// repository makes one of random files and history, with branches that merge.
func repository(t *testing.T, random *rand.Rand, format string) string {
	t.Helper()
	dir := t.TempDir()
	git(t, dir, "init", "-q", "-b", "main", "--object-format="+format)
	text := strings.Repeat("the same line of a file that changes a little\n", 200)
	for i := range 14 {
		switch i % 7 {
		case 3:
			git(t, dir, "checkout", "-q", "-b", fmt.Sprintf("side-%d", i))
		case 6:
			git(t, dir, "checkout", "-q", "main")
			git(t, dir, "merge", "-q", "--no-edit", "-X", "ours", fmt.Sprintf("side-%d", i-3))
		}
		name := filepath.Join(dir, "folder", fmt.Sprint(random.IntN(4)), fmt.Sprint(random.IntN(3)))
		require.NoError(t, os.MkdirAll(filepath.Dir(name), 0o755))
		at := random.IntN(len(text))
		text = text[:at] + fmt.Sprint(i) + text[at:]
		require.NoError(t, os.WriteFile(name, []byte(text), 0o644))
		git(t, dir, "add", "-A")
		git(t, dir, "commit", "-q", "-m", fmt.Sprint(i), "--date", fmt.Sprintf("2026-01-01T00:%02d:00Z", i))
	}
	git(t, dir, "tag", "light", "main~2")
	git(t, dir, "tag", "-a", "-m", "x", "heavy", "main~3")
	return dir
}

func opened(t *testing.T, dir string) *Repository {
	t.Helper()
	r, err := Open(dir)
	require.NoError(t, err)
	t.Cleanup(r.Close)
	return r
}

// TestEveryObjectIsWhatGitReads reads all objects, loose, in packs with long chains, and borrowed from another repository.
func TestEveryObjectIsWhatGitReads(t *testing.T) {
	for _, format := range []string{"sha1", "sha256"} {
		dir := repository(t, rand.New(rand.NewPCG(1, 1)), format)
		same := func(dir string) {
			t.Helper()
			r := opened(t, dir)
			out, err := tried(t, dir, "cat-file", "--batch-all-objects", "--batch")
			require.NoError(t, err)
			objects := 0
			for ; out != ""; objects++ { // ID KIND SIZE, and what it holds
				head, rest, _ := strings.Cut(out, "\n")
				fields := strings.Fields(head)
				size, err := strconv.Atoi(fields[2])
				require.NoError(t, err)
				id, ok := r.parseID(fields[0])
				require.True(t, ok)
				o, err := r.any(id)
				require.NoError(t, err)
				require.Equal(t, fields[1], o.kind.String())
				require.Equal(t, rest[:size], string(o.data))
				out = rest[size+1:]
			}
			require.Greater(t, objects, 50)
		}
		same(dir)
		git(t, dir, "repack", "-q", "-a", "-d", "-f", "--depth=50", "--window=50")
		require.Contains(t, git(t, dir, "verify-pack", "-v", git(t, dir, "rev-parse", "--git-path", "objects/pack")+"/"+packName(t, dir)), "chain length = 3", "the pack has chains")
		same(dir)
		git(t, dir, "repack", "-q", "-a", "-d", "-f", "--no-write-bitmap-index")
		borrowing := filepath.Join(t.TempDir(), "borrowing")
		git(t, dir, "clone", "-q", "--shared", dir, borrowing)
		r := opened(t, borrowing)
		c, err := r.Resolve("HEAD")
		require.NoError(t, err)
		require.Equal(t, git(t, dir, "rev-parse", "HEAD"), c.ID.String())
	}
}

func packName(t *testing.T, dir string) string {
	t.Helper()
	packs, err := filepath.Glob(filepath.Join(dir, ".git", "objects", "pack", "*.idx"))
	require.NoError(t, err)
	require.Len(t, packs, 1)
	return filepath.Base(packs[0])
}

// TestRevisionsAreWhatGitNames resolves names and finds where histories part, as git does.
func TestRevisionsAreWhatGitNames(t *testing.T) {
	dir := repository(t, rand.New(rand.NewPCG(2, 2)), "sha1")
	clone := filepath.Join(t.TempDir(), "clone")
	git(t, dir, "clone", "-q", dir, clone)
	git(t, clone, "commit", "-q", "--allow-empty", "-m", "ahead")
	words := []string{"HEAD", "@", "main", "origin/main", "origin/HEAD", "origin", "refs/heads/main", "remotes/origin/main", "heads/main", "tags/heavy", "light", "heavy", "heavy~1",
		"heavy^{commit}", "heavy^0", "HEAD~2", "HEAD~", "HEAD^", "HEAD^^", "HEAD~1^2", "HEAD~1^2~1", "origin/side-3", "nothing", "HEAD~500", "HEAD^9", "config", "packed-refs", "../HEAD", "-x", "", "HEAD~x"}
	for _, packed := range []bool{false, true} {
		if packed {
			git(t, clone, "gc", "-q", "--prune=now")
		}
		all := slices.Clone(words)
		for _, name := range strings.Fields(git(t, clone, "log", "--all", "--format=%H", "-3")) {
			all = append(all, name, name[:12], name[:7])
		}
		r := opened(t, clone)
		for _, word := range all {
			want, failed := tried(t, clone, "rev-parse", "--verify", "-q", "--end-of-options", word+"^{commit}")
			got, err := r.Resolve(word)
			if failed != nil {
				assert.Error(t, err, "%q", word)
				continue
			}
			if assert.NoError(t, err, word) {
				assert.Equal(t, strings.TrimSpace(want), got.ID.String(), word)
			}
		}
		commits := strings.Fields(git(t, clone, "log", "--all", "--format=%H"))
		random := rand.New(rand.NewPCG(3, 3))
		for range 12 {
			one, other := commits[random.IntN(len(commits))], commits[random.IntN(len(commits))]
			a, err := r.Resolve(one)
			require.NoError(t, err)
			b, err := r.Resolve(other)
			require.NoError(t, err)
			base, found, err := r.MergeBase(a, b)
			require.NoError(t, err)
			require.True(t, found)
			assert.Contains(t, strings.Fields(git(t, clone, "merge-base", "--all", one, other)), base.ID.String(), "%s %s", one, other)
		}
	}
}

// TestTreeIsAsTheDiskShowsIt compares the files of a commit with a checkout in a root that nothing leaves, links that
// lead out of it, in circles and through folders among them.
func TestTreeIsAsTheDiskShowsIt(t *testing.T) {
	dir := t.TempDir()
	git(t, dir, "init", "-q", "-b", "main")
	for name, text := range map[string]string{"secret": "outside", "fleet/a/b/file": "text", "fleet/top": "top", "fleet/empty": ""} {
		require.NoError(t, os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755))
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644))
	}
	require.NoError(t, os.Chmod(filepath.Join(dir, "fleet/top"), 0o755))
	for name, target := range map[string]string{"out": "../secret", "far": "../../../../../../etc/passwd", "absolute": "/etc/passwd", "inside": "a/b", "back": "a/b/../../top",
		"round": "../fleet/top", "circle": "circle", "one": "two", "two": "one", "a/up": "..", "a/over": "../../secret", "dead": "nowhere"} {
		require.NoError(t, os.Symlink(target, filepath.Join(dir, "fleet", name)))
	}
	git(t, dir, "add", "-A")
	git(t, dir, "commit", "-q", "-m", "x")
	root, err := os.OpenRoot(filepath.Join(dir, "fleet"))
	require.NoError(t, err)
	defer root.Close()
	disk := root.FS()
	r := opened(t, dir)
	c, err := r.Resolve("HEAD")
	require.NoError(t, err)
	tree, err := r.Tree(c, "fleet")
	require.NoError(t, err)
	for _, name := range []string{".", "a", "a/b", "a/b/file", "top", "empty", "out", "far", "absolute", "inside", "inside/file", "back", "round", "circle", "one", "a/up", "a/up/top", "a/up/a/up/top",
		"a/over", "dead", "nothing", "top/x", "a/../top", "/top", "", "a/b/"} {
		want, wantErr := fs.ReadFile(disk, name)
		got, gotErr := fs.ReadFile(tree, name)
		assert.Equal(t, wantErr == nil, gotErr == nil, "%s: %v, %v", name, wantErr, gotErr)
		if wantErr == nil {
			assert.Equal(t, string(want), string(got), name)
		}
		was, wantErr := fs.Lstat(disk, name)
		is, gotErr := fs.Lstat(tree, name)
		if assert.Equal(t, wantErr == nil, gotErr == nil, "%s: %v, %v", name, wantErr, gotErr) && wantErr == nil {
			assert.Equal(t, was.Mode().Type(), is.Mode().Type(), name)
			assert.Equal(t, was.Mode().IsRegular() && was.Mode()&0o100 != 0, is.Mode().IsRegular() && is.Mode()&0o100 != 0, name)
		}
		before, wantErr := fs.ReadDir(disk, name)
		after, gotErr := fs.ReadDir(tree, name)
		assert.Equal(t, wantErr == nil, gotErr == nil, "%s: %v, %v", name, wantErr, gotErr)
		assert.Equal(t, names(before), names(after), name)
	}
	folder := func(name string) []Entry {
		listed, err := tree.ReadDir(name)
		require.NoError(t, err)
		var entries []Entry
		for _, e := range listed {
			entries = append(entries, NewEntry(e.Name(), e.IsDir(), e.(Entry).ID))
		}
		return entries
	}
	b, err := tree.Lstat("a/b")
	require.NoError(t, err)
	assert.Equal(t, b.Sys().(Entry).ID, r.Folder(folder("a/b")), "a folder has the ID that Git gave it")
	_, err = r.Tree(c, "inside")
	require.ErrorIs(t, err, fs.ErrNotExist)
	_, err = r.Tree(c, "fleet/inside")
	require.ErrorIs(t, err, fs.ErrNotExist, "the fleet's folder is no link")
}

func names(entries []fs.DirEntry) []string {
	var all []string
	for _, entry := range entries {
		all = append(all, entry.Name())
	}
	return all
}

// TestPlacesOfARepository opens what CI and people have: linked work trees, bare and cut-off clones.
func TestPlacesOfARepository(t *testing.T) {
	dir := repository(t, rand.New(rand.NewPCG(4, 4)), "sha1")
	head := git(t, dir, "rev-parse", "main~1")
	linked := filepath.Join(t.TempDir(), "linked")
	git(t, dir, "worktree", "add", "-q", "--detach", linked, head)
	bare := filepath.Join(t.TempDir(), "bare.git")
	git(t, dir, "clone", "-q", "--bare", dir, bare)
	shallow := filepath.Join(t.TempDir(), "shallow")
	git(t, dir, "clone", "-q", "--depth=2", "--no-single-branch", "file://"+dir, shallow)

	r := opened(t, filepath.Join(linked, "folder"))
	c, err := r.Resolve("HEAD")
	require.NoError(t, err)
	require.Equal(t, head, c.ID.String(), "a linked work tree has a HEAD of its own")
	require.Equal(t, linked, r.Root)
	_, err = r.Resolve("side-3")
	require.NoError(t, err, "and shares its branches")

	r = opened(t, bare)
	require.Empty(t, r.Root)
	_, err = r.Resolve("main")
	require.NoError(t, err)

	r = opened(t, shallow)
	require.True(t, r.Shallow())
	_, err = r.Resolve("HEAD~5")
	require.ErrorContains(t, err, "git fetch --deepen=5 origin")
	_, err = r.Resolve(git(t, dir, "rev-parse", "main~5"))
	require.ErrorContains(t, err, "git fetch origin "+git(t, dir, "rev-parse", "main~5"))
	a, err := r.Resolve("HEAD")
	require.NoError(t, err)
	b, err := r.Resolve("origin/side-3")
	require.NoError(t, err)
	_, found, err := r.MergeBase(a, b)
	require.NoError(t, err)
	require.False(t, found, "it lies behind the cut")

	_, err = Open(t.TempDir())
	require.ErrorContains(t, err, "no Git repository here")
}
