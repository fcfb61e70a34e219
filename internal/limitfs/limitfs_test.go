package limitfs

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func tree() fstest.MapFS {
	return fstest.MapFS{
		"a":     {Data: []byte("1")},
		"b/c":   {Data: []byte("22")},
		"b/d":   {Data: []byte("4444")},
		"e":     {Data: []byte("x"), Mode: fs.ModeNamedPipe},
		"empty": {Mode: fs.ModeDir},
	}
}

func TestLimits(t *testing.T) {
	wide := Limits{Files: 9, Entries: 9, FileBytes: 9, Bytes: 9}
	cases := map[string]struct {
		limits func(*Limits)
		read   []string
		want   string
	}{
		"within":             {func(*Limits) {}, []string{"a", "b/c", "b/d"}, ""},
		"one file too many":  {func(l *Limits) { l.Files = 2 }, []string{"a", "b/c", "b/d"}, "b/d: one file more than the 2 that are read of a tree"},
		"the same file":      {func(l *Limits) { l.Files, l.Bytes = 1, 4 }, []string{"b/d", "b/d", "b/d"}, ""},
		"too large together": {func(l *Limits) { l.Bytes = 6 }, []string{"b/d", "b/c", "a"}, "a: with it more than the 0 MB that are read of a tree"},
		"too large":          {func(l *Limits) { l.FileBytes = 3 }, []string{"a", "b/d"}, "b/d: larger than the 0 MB that are read of a file"},
		"no file":            {func(*Limits) {}, []string{"b"}, "b: this must be a file, and is none"},
		"a pipe":             {func(*Limits) {}, []string{"e"}, "e: this must be a file, and is none"},
		"missing":            {func(*Limits) {}, []string{"f"}, "open f: file does not exist"},
	}
	for name, c := range cases {
		limits := wide
		c.limits(&limits)
		limited := New(tree(), limits)
		var err error
		for _, file := range c.read {
			if _, err = fs.ReadFile(limited, file); err != nil {
				break
			}
		}
		if c.want == "" {
			assert.NoError(t, err, name)
		} else {
			assert.EqualError(t, err, c.want, name)
		}
	}
}

// A file of procfs says that it is empty. No more of it is read than of any other.
func TestFileThatIsMoreThanItSays(t *testing.T) {
	limited := New(lying{tree()}, Limits{Files: 1, FileBytes: 3, Bytes: 9})
	_, err := limited.ReadFile("b/d")
	require.EqualError(t, err, "b/d: larger than the 0 MB that are read of a file")
}

type lying struct{ fstest.MapFS }

func (l lying) Stat(string) (fs.FileInfo, error) { return l.MapFS.Stat("a") }

func TestFolders(t *testing.T) {
	limited := New(tree(), Limits{Entries: 2})
	entries, err := fs.ReadDir(limited, "b")
	require.NoError(t, err)
	require.Len(t, entries, 2)
	require.Equal(t, "c", entries[0].Name())
	entries, err = fs.ReadDir(limited, "empty")
	require.NoError(t, err)
	require.Empty(t, entries)
	_, err = fs.ReadDir(limited, ".")
	require.EqualError(t, err, ".: more than 2 entries in one folder")
	_, err = fs.ReadDir(limited, "a")
	require.Error(t, err)
}

// What was looked at is what was read and which links led there, not what was only described.
func TestSeen(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "a"), nil, 0o644))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "b"), nil, 0o644))
	require.NoError(t, os.Symlink("a", filepath.Join(dir, "link")))
	root, err := os.OpenRoot(dir)
	require.NoError(t, err)
	defer root.Close()
	limited := New(root.FS(), Limits{Files: 9, FileBytes: 9, Bytes: 9})
	_, err = limited.Stat("b")
	require.NoError(t, err)
	_, err = limited.Lstat("link")
	require.NoError(t, err)
	target, err := limited.ReadLink("link")
	require.NoError(t, err)
	_, err = limited.ReadFile(target)
	require.NoError(t, err)
	require.Equal(t, []string{"a", "link"}, limited.Seen())
}
