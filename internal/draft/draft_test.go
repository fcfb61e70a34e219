package draft

import (
	"io/fs"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A draft reads like a tree in which the change was made.
func TestADraftReadsLikeTheTreeItWouldLeave(t *testing.T) {
	base := fstest.MapFS{"a/one": {Data: []byte("1")}, "a/two": {Data: []byte("2")}, "b/x/three": {Data: []byte("3")}, "c": {Data: []byte("4")}}
	d := New(base)
	d.Write("a/one", []byte("new"))
	d.Write("a/two", []byte("2"))
	d.Write("e/f/five", []byte("5"))
	d.Write("b/lost", []byte("6"))
	d.Remove("b")
	d.Write("b/x/back", []byte("7"))
	d.Remove("c")
	d.Remove("never")
	assert.Equal(t, []File{{"a/one", []byte("new")}, {"e/f/five", []byte("5")}, {"b/x/back", []byte("7")}}, d.Written())
	assert.Equal(t, []string{"b", "c"}, d.Removed())

	want := fstest.MapFS{"a/one": {Data: []byte("new")}, "a/two": {Data: []byte("2")}, "e/f/five": {Data: []byte("5")}, "b/x/back": {Data: []byte("7")}}
	assert.Equal(t, all(t, want), all(t, d))
	for _, gone := range []string{"b/x/three", "c", "b/lost", "e/g", "never"} {
		_, err := d.Stat(gone)
		require.ErrorIs(t, err, fs.ErrNotExist, gone)
		_, err = d.Open(gone)
		require.ErrorIs(t, err, fs.ErrNotExist, gone)
		_, err = d.ReadDir(gone)
		require.ErrorIs(t, err, fs.ErrNotExist, gone)
	}
	info, err := d.Lstat("e/f")
	require.NoError(t, err)
	assert.True(t, info.IsDir())
	assert.Equal(t, "1", string(base["a/one"].Data), "nothing is written to what is below")
}

// all are the files of a tree with what is in them.
func all(t *testing.T, tree fs.FS) map[string]string {
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
