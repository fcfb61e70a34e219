package parts

import (
	"context"
	"debug/buildinfo"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/mod/semver"
)

func TestTableCanBeBuiltFrom(t *testing.T) {
	seen := map[string]bool{}
	for _, part := range Table() {
		for _, name := range append([]string{part.Name}, part.Links...) {
			require.False(t, seen[name], "%s is there twice", name)
			seen[name] = true
			found, err := Find(name)
			require.NoError(t, err)
			require.Equal(t, part.Name, found.Name)
		}
		require.True(t, semver.IsValid(part.Version), "%s must name an exact version", part.Name)
		require.NotEmpty(t, part.Package, part.Name)
	}
	_, err := Find("ectd")
	require.ErrorContains(t, err, `no part is called "ectd"; there are etcd, kube-apiserver, `)
}

// A program that is there counts only when it was built from the right module at the right version, with its links.
func TestPresentProgramIsRecognised(t *testing.T) {
	self, err := os.Executable()
	require.NoError(t, err)
	info, err := buildinfo.ReadFile(self)
	require.NoError(t, err)
	home := t.TempDir()
	require.NoError(t, os.Symlink(self, filepath.Join(home, "self")))
	part := Part{Name: "self", Module: info.Main.Path, Version: info.Main.Version, Package: info.Path}
	require.True(t, part.isIn(home))

	other := part
	other.Version = "v0.0.1"
	require.False(t, other.isIn(home), "another version")
	other = part
	other.Package += "/other"
	require.False(t, other.isIn(home), "another program of the module")
	other = part
	other.Links = []string{"alias"}
	require.False(t, other.isIn(home), "a link is missing")
	require.NoError(t, os.Remove(filepath.Join(home, "self")))
	require.NoError(t, os.WriteFile(filepath.Join(home, "self"), []byte("half a prog"), 0o755))
	require.False(t, part.isIn(home), "no program")
}

func TestCacheIsOutsideTheTree(t *testing.T) {
	t.Setenv("SPOKEWRIGHT_CACHE", "/somewhere")
	cache, err := Open(t.Logf)
	require.NoError(t, err)
	require.Equal(t, "/somewhere/parts", cache.folder)
	t.Setenv("SPOKEWRIGHT_CACHE", "")
	user, err := os.UserCacheDir()
	require.NoError(t, err)
	cache, err = Open(t.Logf)
	require.NoError(t, err)
	require.Equal(t, filepath.Join(user, "spokewright", "parts"), cache.folder)
}

func TestLockIsHeldByOneAtATime(t *testing.T) {
	file := filepath.Join(t.TempDir(), "lock")
	unlock, err := lock(t.Context(), file, func() { t.Error("nobody holds it") })
	require.NoError(t, err)

	waited := 0
	impatient, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
	defer cancel()
	_, err = lock(impatient, file, func() { waited++ })
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.Equal(t, 1, waited, "a long wait is told once")

	unlock()
	again, err := lock(t.Context(), file, func() { t.Error("it was given back") })
	require.NoError(t, err)
	again()
}

func TestComplaintLeavesProgressOut(t *testing.T) {
	require.Equal(t, "a.go:1: no\n", complaint("go: downloading x v1\ngo: finding y\na.go:1: no\n"))
}
