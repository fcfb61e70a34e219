package tracefs

import (
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A trace holds exactly as long as whoever reads the same again gets the same: after any changes of a tree, with the disk believed or
// not, and written down or not.
func TestTraceHoldsAsLongAsNothingDiffers(t *testing.T) {
	held := 0
	for seed := range uint64(150) {
		random := rand.New(rand.NewPCG(seed, 16))
		dir := t.TempDir()
		w := world{t, random, dir}
		for range 12 {
			w.change()
		}
		plain := os.DirFS(dir)
		tree := New(plain)
		tree.began = time.Now().Add(time.Hour) // as if all of this were old
		paths := w.paths()
		seen := map[string]string{}
		for range 8 {
			name, way := paths[random.IntN(len(paths))], random.IntN(4)
			seen[fmt.Sprint(way, name)] = looked(tree, name, way)
		}
		trace := tree.Trace(dir)
		if trace == nil { // of something that cannot be noted
			continue
		}
		time.Sleep(10 * time.Millisecond) // more than a tick of the disk's clock
		for range random.IntN(3) {
			w.change()
		}
		same := true
		for key, was := range seen {
			var way int
			var name string
			_, err := fmt.Sscanf(key, "%d%s", &way, &name)
			require.NoError(t, err)
			same = same && looked(plain, name, way) == was
		}
		text, err := trace.MarshalBinary()
		require.NoError(t, err)
		var again Trace
		require.NoError(t, again.UnmarshalBinary(text))
		for _, content := range []bool{true, false} {
			holds, _ := again.Holds(plain, dir, content)
			if holds {
				held++
				require.True(t, same, "seed %d", seed)
			}
			if same && !w.linked() {
				require.True(t, holds, "seed %d", seed)
			}
		}
	}
	require.Greater(t, held, 30)
}

// A digest that an earlier trace is believed for is that of what is there, after any changes; and believed is what did not change.
func TestBelievedDigestIsOfWhatIsThere(t *testing.T) {
	believed := 0
	for seed := range uint64(150) {
		w := world{t, rand.New(rand.NewPCG(seed, 17)), t.TempDir()}
		for range 12 {
			w.change()
		}
		if w.linked() { // of a file behind one there is no trace
			continue
		}
		plain := os.DirFS(w.dir)
		tree := New(plain)
		tree.began = time.Now().Add(time.Hour) // as if all of this were old
		for _, name := range w.paths() {
			if info, err := fs.Stat(plain, name); errors.Is(err, fs.ErrNotExist) || err == nil && !info.IsDir() { // a folder has none, and no trace tells of one that was read
				_, err := tree.Digest(name)
				require.NoError(t, err)
			}
		}
		trace := tree.Trace(w.dir)
		time.Sleep(10 * time.Millisecond) // more than a tick of the disk's clock
		for range w.random.IntN(3) {
			w.change()
		}
		if w.linked() {
			continue
		}
		again, fresh := New(plain), New(plain)
		again.Believe(trace, w.dir)
		for _, name := range w.paths() {
			want, wanted := fresh.Digest(name)
			got, err := again.Digest(name)
			require.Equal(t, want, got, "seed %d, %s", seed, name)
			require.Equal(t, wanted == nil, err == nil, "seed %d, %s", seed, name)
		}
		believed += fresh.Unbelieved() - again.Unbelieved()
		require.Equal(t, fresh.Trace(w.dir).digests(), again.Trace(w.dir).digests(), "seed %d", seed)
	}
	require.Greater(t, believed, 300)
}

// digests are what a trace says of what was read.
func (t Trace) digests() map[string]string {
	all := map[string]string{}
	for name, l := range t {
		all[name] = fmt.Sprint(l.sort) + l.said()
	}
	return all
}

// What was changed while it was read is read again the next time.
func TestFreshFilesAreReadAgain(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "a"), []byte("1"), 0o644))
	tree := New(os.DirFS(dir))
	_, err := fs.ReadFile(tree, "a")
	require.NoError(t, err)
	trace := tree.Trace(dir)
	require.Equal(t, disk{}, trace["a"].disk)
	holds, better := trace.Holds(os.DirFS(dir), dir, false)
	require.True(t, holds)
	require.False(t, better)
}

// What cannot be noted gives no trace.
func TestLinksGiveNoTrace(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "a"), []byte("1"), 0o644))
	require.NoError(t, os.Symlink("a", filepath.Join(dir, "link")))
	tree := New(os.DirFS(dir))
	_, err := fs.ReadFile(tree, "link")
	require.NoError(t, err)
	require.Nil(t, tree.Trace(dir))
	var torn Trace
	require.ErrorIs(t, torn.UnmarshalBinary([]byte("\x05hel")), errTorn)
}

// looked reads a path in one of four ways, as a text to compare.
func looked(tree fs.FS, name string, way int) string {
	told := func(value any, err error) string {
		if errors.Is(err, fs.ErrNotExist) {
			return "absent"
		}
		return fmt.Sprint(value, err != nil)
	}
	switch way {
	case 0:
		text, err := fs.ReadFile(tree, name)
		return told(string(text), err)
	case 1:
		entries, err := fs.ReadDir(tree, name)
		return told(listing(entries), err)
	case 2:
		info, err := fs.Stat(tree, name)
		if err != nil {
			return told("", err)
		}
		return told(info.IsDir(), nil)
	}
	info, err := fs.Lstat(tree, name)
	if err != nil {
		return told("", err)
	}
	return told(info.Mode().Type(), nil)
}

// world is a small tree that changes.
type world struct {
	*testing.T
	random *rand.Rand
	dir    string
}

func (w world) paths() []string {
	var all []string
	for _, folder := range []string{"", "a/", "b/", "a/c/"} {
		for _, file := range []string{"x", "y", "z"} {
			all = append(all, folder+file)
		}
	}
	return append(all, "a", "b", "a/c")
}

func (w world) change() {
	name := filepath.Join(w.dir, w.paths()[w.random.IntN(15)])
	switch w.random.IntN(8) {
	case 0:
		os.Remove(name)
	case 1:
		os.MkdirAll(name, 0o755) //nolint:errcheck // it may be a file
	case 2:
		if w.random.IntN(4) == 0 {
			os.Remove(name)
			os.Symlink("x", name) //nolint:errcheck // as above
		}
	default:
		os.MkdirAll(filepath.Dir(name), 0o755)                                     //nolint:errcheck // as above
		os.WriteFile(name, []byte(fmt.Sprint(w.random.IntN(2))), 0o644)            //nolint:errcheck // as above
		os.Chtimes(name, time.Unix(1_700_000_000, 0), time.Unix(1_700_000_000, 0)) //nolint:errcheck // as whoever wants to hide a change does
	}
}

func (w world) linked() bool {
	found := false
	require.NoError(w.T, filepath.WalkDir(w.dir, func(_ string, entry fs.DirEntry, err error) error {
		found = found || entry.Type()&fs.ModeSymlink != 0
		return err
	}))
	return found
}
