package tracefs

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Paths that are described as they were hold what they held, after any changes; and what nobody changed is described as it was.
func TestWhatIsDescribedAsItWasIsAsItWas(t *testing.T) {
	same, other := 0, 0
	for seed := range uint64(150) {
		w := world{t, rand.New(rand.NewPCG(seed, 18)), t.TempDir()}
		for range 12 {
			w.change()
		}
		plain := os.DirFS(w.dir)
		look := func() (all []string) {
			for _, name := range w.paths() {
				all = append(all, looked(plain, name, 0), looked(plain, name, 1), looked(plain, name, 3))
			}
			return all
		}
		was := look()
		described, settled := Described(w.dir, w.paths(), time.Now().Add(time.Hour)) // as if all of this were old
		require.False(t, w.linked() && described != "", "seed %d", seed)
		require.Equal(t, described != "", settled, "seed %d", seed)
		time.Sleep(10 * time.Millisecond) // more than a tick of the disk's clock
		changes := w.random.IntN(3)
		for range changes {
			w.change()
		}
		again, _ := Described(w.dir, w.paths(), time.Now())
		switch {
		case described == "" || again != described:
			other++
			require.False(t, changes == 0 && described != "", "seed %d", seed)
		default:
			same++
			require.Equal(t, was, look(), "seed %d", seed)
		}
	}
	require.Greater(t, same, 20)
	require.Greater(t, other, 20)
}

// What was written to just now may be written to again without another time.
func TestWhatIsFreshIsNotSettled(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "a"), []byte("1"), 0o644))
	_, settled := Described(dir, []string{"a"}, time.Now())
	require.False(t, settled)
	_, settled = Described(dir, []string{"a"}, time.Now().Add(time.Hour))
	require.True(t, settled)
	require.True(t, Unlinked(dir, ".", "none"))
	require.NoError(t, os.Symlink(".", filepath.Join(dir, "link")))
	require.False(t, Unlinked(dir, ".", "link"))
	require.False(t, Unlinked(dir, "a"))
}
