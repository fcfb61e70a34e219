package atomicdir

import (
	"io/fs"
	"maps"
	"os"
	"path"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"spokewright.dev/spokewright/internal/draft"
)

// A change takes place as a whole; what cannot be written leaves nothing new behind.
func TestApply(t *testing.T) {
	dir := t.TempDir()
	root, err := os.OpenRoot(dir)
	require.NoError(t, err)
	for name, text := range map[string]string{"a/old": "1", "a/gone": "2", "lost/deep/x": "3", "blocked": "4", staging + "/0": "torn"} {
		require.NoError(t, os.MkdirAll(dir+"/a", 0o755))
		require.NoError(t, os.MkdirAll(dir+"/lost/deep", 0o755))
		require.NoError(t, os.MkdirAll(dir+"/"+staging, 0o755))
		require.NoError(t, os.WriteFile(dir+"/"+name, []byte(text), 0o644))
	}
	change := draft.New(root.FS())
	change.Write("a/new", []byte("5"))
	change.Write("b/c/d", []byte("6"))
	change.Write("a/old", []byte("7"))
	change.Remove("a/gone")
	change.Remove("lost")
	fails := draft.New(root.FS())
	fails.Write("b/c/d", []byte("6"))
	fails.Write("a/old", []byte("7"))
	fails.Write("blocked/x", []byte("8"))
	fails.Remove("lost")

	before := listed(t, root.FS())
	require.Error(t, Apply(root, fails))
	delete(before, staging+"/0")
	assert.Equal(t, before, listed(t, root.FS()))

	require.NoError(t, Apply(root, change))
	assert.Equal(t, map[string]string{"a/old": "7", "a/new": "5", "b/c/d": "6", "blocked": "4"}, listed(t, root.FS()))
}

// A change that ends after any of its steps is finished by the next render, and until then nobody takes what is there for a fleet.
func TestAnInterruptedChangeIsFinished(t *testing.T) {
	after := map[string]string{"environments/b.cue": "new", "overlays/b/hub/k.yaml": "new", "golden/hub/hub.yaml": "new"}
	for done := range 6 {
		root, err := os.OpenRoot(t.TempDir())
		require.NoError(t, err)
		for _, name := range []string{"environments/a.cue", "overlays/a/hub/k.yaml", "golden/hub/hub.yaml"} {
			require.NoError(t, root.MkdirAll(path.Dir(name), 0o755))
			require.NoError(t, root.WriteFile(name, []byte("old"), 0o644))
		}
		change := draft.New(root.FS())
		for _, name := range slices.Sorted(maps.Keys(after)) {
			change.Write(name, []byte("new"))
		}
		change.Remove("environments/a.cue")
		change.Remove("overlays/a")
		p, err := stageAll(root, change)
		require.NoError(t, err)
		for number := range min(done, len(p.Files)) {
			require.NoError(t, root.MkdirAll(path.Dir(p.Files[number]), 0o755))
			require.NoError(t, root.Rename(staged(number), p.Files[number]))
		}
		for _, name := range p.Gone[:max(done-len(p.Files), 0)] {
			require.NoError(t, root.RemoveAll(name))
		}
		require.ErrorContains(t, Interrupted(root), "a change of several files was interrupted halfway")
		require.Error(t, Apply(root, change), "no other change comes in between")
		was, err := Finish(root)
		require.NoError(t, err)
		require.True(t, was)
		require.NoError(t, Interrupted(root))
		require.Equal(t, after, listed(t, root.FS()), "after %d steps", done)
	}
}

// What a branch brings for a journal can do nothing that a file of a branch cannot.
func TestAJournalOfOthersIsRefused(t *testing.T) {
	for _, text := range []string{`{"files": [".git/hooks/pre-commit"]}`, `{"files": ["overlays/.GIT/config"]}`, `{"gone": ["environments"]}`, `{"gone": ["../x"]}`, `{"gone": ["golden/../.git"]}`, `{`} {
		root, err := os.OpenRoot(t.TempDir())
		require.NoError(t, err)
		require.NoError(t, root.Mkdir(staging, 0o755))
		require.NoError(t, root.WriteFile(journal, []byte(text), 0o644))
		require.NoError(t, root.WriteFile(staged(0), []byte("x"), 0o644))
		before := listed(t, root.FS())
		_, err = Finish(root)
		require.ErrorContains(t, err, "no Spokewright wrote this", text)
		require.Equal(t, before, listed(t, root.FS()))
	}
}

// listed are all files, and folders without any.
func listed(t *testing.T, tree fs.FS) map[string]string {
	files := map[string]string{}
	require.NoError(t, fs.WalkDir(tree, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := fs.ReadFile(tree, name)
		files[name] = string(text)
		return err
	}))
	return files
}
