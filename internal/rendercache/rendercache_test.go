package rendercache

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestWhatIsKeptComesBack(t *testing.T) {
	s := Open(filepath.Join(t.TempDir(), "a", "b"), 1<<20)
	require.NotNil(t, s)
	defer s.Close()
	key, other := KeyOf("ab", "c"), KeyOf("a", "bc")
	require.NotEqual(t, key, other, "parts do not run into each other")
	body := bytes.Repeat([]byte("the same line\n"), 10_000)
	s.Put(key, []byte("head"), body)
	assert.Equal(t, "head", string(s.Head(key)))
	assert.Equal(t, body, s.Body(key))
	assert.Nil(t, s.Head(other))
	assert.Nil(t, s.Body(other))
	s.Put(other, []byte("no body"), nil)
	assert.Equal(t, "no body", string(s.Head(other)))
	assert.Empty(t, s.Body(other))
}

// TestNoEntryIsHalf cuts an entry at every length and turns every byte of it: what comes back is whole or nothing.
func TestNoEntryIsHalf(t *testing.T) {
	dir := t.TempDir()
	s := Open(dir, 1<<20)
	defer s.Close()
	key := KeyOf("x")
	s.Put(key, []byte("head"), []byte("the body of the entry"))
	name := filepath.Join(dir, file(key))
	whole, err := os.ReadFile(name)
	require.NoError(t, err)
	try := func(text []byte, what string) {
		require.NoError(t, os.WriteFile(name, text, 0o600))
		if head := s.Head(key); head != nil {
			assert.Equal(t, "head", string(head), what)
		}
		if body := s.Body(key); body != nil {
			assert.Equal(t, "the body of the entry", string(body), what)
		}
	}
	for n := range whole {
		try(whole[:n], fmt.Sprint("cut at ", n))
		turned := bytes.Clone(whole)
		turned[n] ^= 0x41
		try(turned, fmt.Sprint("turned at ", n))
	}
	require.NoError(t, os.WriteFile(name, whole[:len(whole)-1], 0o600))
	assert.Nil(t, s.Body(key))
}

func TestWhereNothingCanBeKept(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	s := Open(filepath.Join(file, "cache"), 1<<20)
	require.Nil(t, s)
	s.Put(KeyOf("x"), []byte("head"), nil)
	assert.Nil(t, s.Head(KeyOf("x")))
	assert.Nil(t, s.Body(KeyOf("x")))
	s.Close()
}

// TestTheOldestGo keeps more than the limit: what was not used for the longest time goes, and what a killed process left.
func TestTheOldestGo(t *testing.T) {
	dir := t.TempDir()
	s := Open(dir, 20_000)
	for i := range 100 {
		key := KeyOf(fmt.Sprint(i))
		s.Put(key, bytes.Repeat([]byte{byte(i)}, 1000), nil)
		at := time.Now().Add(time.Duration(i-1000) * time.Hour)
		require.NoError(t, os.Chtimes(filepath.Join(dir, file(key)), at, at))
	}
	require.NotNil(t, s.Head(KeyOf("0")), "which makes it young")
	left := filepath.Join(dir, unfinished+"1-2")
	require.NoError(t, os.WriteFile(left, []byte("half"), 0o600))
	old := time.Now().Add(-time.Hour)
	require.NoError(t, os.Chtimes(left, old, old))
	s.Close()
	s = Open(dir, 20_000)
	defer s.Close()
	assert.NotNil(t, s.Head(KeyOf("0")))
	assert.Nil(t, s.Head(KeyOf("1")))
	assert.NotNil(t, s.Head(KeyOf("99")))
	assert.NoFileExists(t, left)
	total := int64(0)
	require.NoError(t, filepath.WalkDir(dir, func(_ string, entry fs.DirEntry, err error) error {
		if info, err := entry.Info(); err == nil && !entry.IsDir() {
			total += info.Size()
		}
		return err
	}))
	assert.LessOrEqual(t, total, int64(20_000))
}

// TestManyAtOnce writes and reads the same entries from several stores on one folder, as processes do.
func TestManyAtOnce(t *testing.T) {
	dir := t.TempDir()
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			s := Open(dir, 50_000)
			defer s.Close()
			for i := range 200 {
				key := KeyOf(fmt.Sprint(i % 20))
				want := bytes.Repeat([]byte{byte(i % 20)}, 500)
				if body := s.Body(key); body != nil {
					assert.Equal(t, want, body)
				}
				s.Put(key, []byte("head"), want)
			}
		})
	}
	all.Wait()
}
