// Package rendercache keeps on disk what was made of what, by the content that it was made from. An entry is whole or it
// is none: it is written beside its place and renamed, and read with a checksum. Where nothing can be kept, nothing is;
// that is no error. What is kept is for its caller to say.
package rendercache

import (
	"bytes"
	"compress/flate"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"time"
)

// Key is the digest of all that an entry was made from.
type Key [sha256.Size]byte

// KeyOf is the key of some parts, in their order; none can be taken for a part of its neighbour.
func KeyOf(parts ...string) Key {
	digest := sha256.New()
	for _, part := range parts {
		fmt.Fprintf(digest, "%d:", len(part))
		io.WriteString(digest, part) //nolint:errcheck // a hash never fails
	}
	return Key(digest.Sum(nil))
}

// String is the key as text.
func (k Key) String() string { return hex.EncodeToString(k[:]) }

// Store is a folder of entries; nil is one that keeps nothing. Its methods may be called concurrently, also by several
// processes on one folder.
type Store struct {
	root    *os.Root
	limit   int64
	written atomic.Int64 // bytes; negative after a failure, when writing ends
}

// The layout of an entry: this line, the lengths of both parts, their digests, and the parts.
const (
	magic      = "spokewright 1\n"
	lengths    = len(magic) + 4 + 4
	headAt     = lengths + 2*sha256.Size
	maxHead    = 64 << 10
	maxBody    = 64 << 20
	unfinished = "unfinished-"
	// How old an unfinished entry must be before it is taken for one that a killed process left.
	abandoned = 10 * time.Minute
	// How old the time of an entry may be that is in use.
	stale = 24 * time.Hour
)

// Open opens a folder, and makes it where it is missing. The store keeps about limit bytes. It is nil where that cannot be.
func Open(dir string, limit int64) *Store {
	if os.MkdirAll(dir, 0o700) != nil {
		return nil
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil
	}
	return &Store{root: root, limit: limit}
}

func file(k Key) string {
	name := k.String()
	return name[:2] + "/" + name[2:]
}

// Head is the first part of an entry, without reading the second; nil where there is no entry.
func (s *Store) Head(k Key) []byte {
	if s == nil {
		return nil
	}
	f, err := s.root.Open(file(k))
	if err != nil {
		return nil
	}
	defer f.Close()
	begin := make([]byte, 1024)
	n, err := io.ReadFull(f, begin)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) || n < headAt || string(begin[:len(magic)]) != magic {
		return nil
	}
	size := int(binary.BigEndian.Uint32(begin[len(magic):]))
	if size > maxHead {
		return nil
	}
	head := make([]byte, size)
	if _, err := f.ReadAt(head, int64(headAt)); err != nil {
		return nil
	}
	if sum := sha256.Sum256(head); !bytes.Equal(sum[:], begin[lengths:lengths+sha256.Size]) {
		return nil
	}
	s.use(k, f)
	return head
}

// use makes an entry young, so that it is not removed for being old.
func (s *Store) use(k Key, f *os.File) {
	if info, err := f.Stat(); err == nil && time.Since(info.ModTime()) > stale {
		now := time.Now()
		s.root.Chtimes(file(k), now, now) //nolint:errcheck // then it is removed sooner
	}
}

// Body is the second part of an entry; nil where there is no entry.
func (s *Store) Body(k Key) []byte {
	if s == nil {
		return nil
	}
	f, err := s.root.Open(file(k))
	if err != nil {
		return nil
	}
	defer f.Close()
	entry, err := io.ReadAll(io.LimitReader(f, maxBody))
	if err != nil || len(entry) < headAt || string(entry[:len(magic)]) != magic {
		return nil
	}
	begin := headAt + int(binary.BigEndian.Uint32(entry[len(magic):]))
	size := int(binary.BigEndian.Uint32(entry[len(magic)+4:]))
	if begin > len(entry) || len(entry)-begin != size {
		return nil
	}
	packed := entry[begin:]
	if sum := sha256.Sum256(packed); !bytes.Equal(sum[:], entry[lengths+sha256.Size:headAt]) {
		return nil
	}
	body, err := io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(packed)), maxBody))
	if err != nil {
		return nil
	}
	return body
}

// Put keeps an entry.
func (s *Store) Put(k Key, head, body []byte) {
	if s == nil || s.written.Load() < 0 || len(head) > maxHead || len(body) > maxBody {
		return
	}
	entry := pack(head, body)
	if err := s.write(file(k), entry); err != nil {
		s.written.Store(-1 << 62)
		return
	}
	s.written.Add(int64(len(entry)))
}

func pack(head, body []byte) []byte {
	var packed bytes.Buffer
	if len(body) > 0 {
		w, _ := flate.NewWriter(&packed, flate.BestSpeed) // the level is one that there is
		w.Write(body)                                     //nolint:errcheck // a buffer never fails
		w.Close()                                         //nolint:errcheck
	} else {
		packed.Write([]byte{1, 0, 0, 0xff, 0xff}) // nothing, as flate says it
	}
	entry := []byte(magic)
	entry = binary.BigEndian.AppendUint32(entry, uint32(len(head)))
	entry = binary.BigEndian.AppendUint32(entry, uint32(packed.Len()))
	ofHead, ofBody := sha256.Sum256(head), sha256.Sum256(packed.Bytes())
	return slices.Concat(entry, ofHead[:], ofBody[:], head, packed.Bytes())
}

// write puts a whole file into its place.
func (s *Store) write(name string, text []byte) error {
	if err := s.root.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		return err
	}
	fresh := fmt.Sprintf("%s%d-%d", unfinished, os.Getpid(), rand.Uint64())
	err := s.root.WriteFile(fresh, text, 0o600)
	if err == nil {
		err = s.root.Rename(fresh, name)
	}
	if err != nil {
		_ = s.root.Remove(fresh) // it may never have been there
	}
	return err
}

// Close ends the use of the store. Now and then where something was written, and always where that was much, what was not used for the
// longest time goes if there is too much of all.
func (s *Store) Close() {
	if s == nil {
		return
	}
	const often = 16 // to look at all entries takes longer than to write one
	if written := s.written.Load(); written > s.limit/often || written > 0 && rand.IntN(often) == 0 {
		s.trim()
	}
	s.root.Close()
}

// kept is a file in the folder.
type kept struct {
	name string
	size int64
	used time.Time
}

func (s *Store) trim() {
	var all []kept
	total := int64(0)
	fs.WalkDir(s.root.FS(), ".", func(name string, entry fs.DirEntry, err error) error { //nolint:errcheck // what cannot be read stays
		if err != nil || entry.IsDir() {
			return nil //nolint:nilerr // see above
		}
		info, err := entry.Info()
		if err != nil {
			return nil //nolint:nilerr // another process removed it
		}
		if strings.HasPrefix(name, unfinished) && time.Since(info.ModTime()) > abandoned {
			s.root.Remove(name) //nolint:errcheck // the next one does
			return nil
		}
		all, total = append(all, kept{name, info.Size(), info.ModTime()}), total+info.Size()
		return nil
	})
	if total <= s.limit {
		return
	}
	slices.SortFunc(all, func(a, b kept) int { return a.used.Compare(b.used) })
	for _, k := range all {
		if total <= s.limit*3/4 {
			return
		}
		if s.root.Remove(k.name) == nil {
			total -= k.size
		}
	}
}
