package atomicdir

import (
	"io/fs"
	"os"
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
	for name, text := range map[string]string{"a/old": "1", "a/gone": "2", "lost/deep/x": "3", "blocked": "4", "a/new.7" + Unfinished: "torn"} {
		require.NoError(t, os.MkdirAll(dir+"/a", 0o755))
		require.NoError(t, os.MkdirAll(dir+"/lost/deep", 0o755))
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
	delete(before, "a/new.7"+Unfinished)
	assert.Equal(t, before, listed(t, root.FS()))

	require.NoError(t, Apply(root, change))
	assert.Equal(t, map[string]string{"a/old": "7", "a/new": "5", "b/c/d": "6", "blocked": "4"}, listed(t, root.FS()))
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
