package revision

import (
	"bytes"
	"compress/zlib"
	"crypto/sha1"
	"encoding/binary"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// packed is an object of a pack that a test makes.
type packed struct {
	id   ID
	head []byte // type and size, and what it builds on
	data []byte
}

// madeRepository is a repository with one pack and its index.
func madeRepository(t *testing.T, objects []packed) *Repository {
	t.Helper()
	dir := t.TempDir()
	folder := filepath.Join(dir, ".git", "objects", "pack")
	require.NoError(t, os.MkdirAll(folder, 0o755))
	require.NoError(t, os.MkdirAll(filepath.Join(dir, ".git", "refs"), 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(dir, ".git", "HEAD"), []byte("ref: refs/heads/main\n"), 0o644))
	pack := binary.BigEndian.AppendUint32([]byte("PACK\x00\x00\x00\x02"), uint32(len(objects)))
	offsets := map[ID]uint32{}
	for _, o := range objects {
		offsets[o.id] = uint32(len(pack))
		var deflated bytes.Buffer
		w := zlib.NewWriter(&deflated)
		_, err := w.Write(o.data)
		require.NoError(t, err)
		require.NoError(t, w.Close())
		pack = append(append(pack, o.head...), deflated.Bytes()...)
	}
	slices.SortFunc(objects, func(a, b packed) int { return bytes.Compare([]byte(a.id), []byte(b.id)) })
	index := []byte("\xfftOc\x00\x00\x00\x02")
	for i := range 256 {
		n := 0
		for _, o := range objects {
			if int(o.id[0]) <= i {
				n++
			}
		}
		index = binary.BigEndian.AppendUint32(index, uint32(n))
	}
	for _, o := range objects {
		index = append(index, o.id...)
	}
	index = append(index, make([]byte, 4*len(objects))...)
	for _, o := range objects {
		index = binary.BigEndian.AppendUint32(index, offsets[o.id])
	}
	index = append(index, make([]byte, 40)...)
	require.NoError(t, os.WriteFile(filepath.Join(folder, "pack-x.pack"), pack, 0o644))
	require.NoError(t, os.WriteFile(filepath.Join(folder, "pack-x.idx"), index, 0o644))
	return opened(t, dir)
}

func named(n int) ID {
	sum := sha1.Sum([]byte{byte(n), byte(n >> 8), byte(n >> 16)})
	return ID(sum[:])
}

// TestNoPackIsTrusted reads packs that no Git writes: bases in a circle, a chain without an end, sizes that are lies.
func TestNoPackIsTrusted(t *testing.T) {
	onto := func(id, base ID) packed {
		return packed{id, append([]byte{byte(namedDelta)<<4 | 2}, base...), []byte{0, 0}}
	}
	circle := madeRepository(t, []packed{onto(named(1), named(2)), onto(named(2), named(1))})
	_, err := circle.any(named(1))
	require.ErrorContains(t, err, "steps from another one")

	var chain []packed
	for n := range 10_000 {
		chain = append(chain, onto(named(n), named(n+1)))
	}
	_, err = madeRepository(t, chain).any(named(0))
	require.ErrorContains(t, err, "steps from another one")

	alone := madeRepository(t, []packed{onto(named(1), named(2))})
	_, err = alone.any(named(1))
	require.ErrorContains(t, err, "by one that the pack does not hold")

	large := madeRepository(t, []packed{{named(1), []byte{0x80 | byte(blobKind)<<4 | 15, 0xff, 0xff, 0xff, 0xff, 0x7f}, []byte("x")}})
	_, err = large.any(named(1))
	require.ErrorContains(t, err, "of more than the 64 MB")

	other := madeRepository(t, []packed{{named(1), []byte{byte(blobKind)<<4 | 4}, []byte("text")}})
	_, err = other.any(named(1))
	require.ErrorContains(t, err, "not what its name says")

	for _, delta := range []string{"", "\x04", "\x04\x04", "\x04\x04\x80", "\x04\x04\x91\x04", "\x04\x04\x00", "\x04\xff\xff\xff\xff\x7f\x01a", "\x04\x02\x03abc", "\x04\x04\x91\xff\x04"} {
		_, err := applied([]byte("base"), []byte(delta))
		assert.Error(t, err, "%q", delta)
	}
	got, err := applied([]byte("base"), []byte("\x04\x06\x90\x04\x02ic"))
	require.NoError(t, err)
	require.Equal(t, "baseic", string(got))
}

// TestNoNameLeadsOut asks for names that would be files elsewhere, and links out of the repository's own folder.
func TestNoNameLeadsOut(t *testing.T) {
	dir := t.TempDir()
	git := filepath.Join(dir, ".git")
	for _, folder := range []string{"objects", "refs/heads"} {
		require.NoError(t, os.MkdirAll(filepath.Join(git, folder), 0o755))
	}
	id := named(1).String()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "SECRET"), []byte(id+"\n"), 0o644))
	require.NoError(t, os.WriteFile(filepath.Join(git, "HEAD"), []byte("ref: refs/heads/a\n"), 0o644))
	require.NoError(t, os.WriteFile(filepath.Join(git, "refs/heads/a"), []byte("ref: refs/heads/b\n"), 0o644))
	require.NoError(t, os.WriteFile(filepath.Join(git, "refs/heads/b"), []byte("ref: refs/heads/a\n"), 0o644))
	require.NoError(t, os.WriteFile(filepath.Join(git, "refs/heads/up"), []byte("ref: ../SECRET\n"), 0o644))
	require.NoError(t, os.Symlink("../../../SECRET", filepath.Join(git, "refs/heads/link")))
	r := opened(t, dir)
	for _, word := range []string{"../SECRET", "refs/../../SECRET", "up", "link", "HEAD", "a"} {
		_, err := r.Resolve(word)
		require.Error(t, err, word)
		assert.NotContains(t, err.Error(), id, word)
	}
}
