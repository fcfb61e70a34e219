// Package tracefs notes what was read of a tree, so that it can be asked later whether all of it is still as it was: what
// follows from files alone is then the same. It keeps no trace and knows no file's meaning.
package tracefs

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Tree is a tree of which everything that is read is noted. Its methods may be called concurrently.
type Tree struct {
	fsys    fs.FS
	began   time.Time
	earlier Trace  // what is believed where the disk describes it as it did
	root    string // where the tree lies on the disk

	lock   sync.Mutex
	looked map[string]look
	lost   bool // something cannot be noted

	unbelieved atomic.Int64
}

// look is what was seen at a path.
type look struct {
	sort   sort
	digest [sha256.Size]byte
	disk   disk // as the disk described it; zero where that says nothing
}

type sort byte

const (
	absent sort = iota + 1
	there       // a file whose content nobody asked for
	folder      // of which nobody asked what is in it
	listed      // a folder: the digest is of the names and sorts of what is in it
	read        // a file: the digest is of its content
)

// New notes what is read of a tree.
func New(fsys fs.FS) *Tree {
	return &Tree{fsys: fsys, began: time.Now(), looked: map[string]look{}}
}

var _ interface {
	fs.ReadFileFS
	fs.ReadDirFS
	fs.ReadLinkFS
	fs.StatFS
} = (*Tree)(nil)

// note remembers what was seen. What is seen twice and differs, and whatever is no file, no folder and not absent, makes the
// trace worth nothing.
func (t *Tree) note(name string, is look) {
	t.lock.Lock()
	defer t.lock.Unlock()
	was, known := t.looked[name]
	switch {
	case !known || was.sort == there && is.sort == read || was.sort == folder && is.sort == listed:
		t.looked[name] = is
	case is.sort == was.sort && is.digest == was.digest, was.sort == read && is.sort == there, was.sort == listed && is.sort == folder:
	default:
		t.lost = true
	}
}

func (t *Tree) lose() {
	t.lock.Lock()
	defer t.lock.Unlock()
	t.lost = true
}

// described notes what stands at a path.
func (t *Tree) described(name string, info fs.FileInfo, err error) {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		t.note(name, look{sort: absent})
	case err == nil && info.IsDir():
		t.note(name, look{sort: folder})
	case err == nil && info.Mode().IsRegular():
		t.note(name, look{sort: there})
	default: // a link leads anywhere
		t.lose()
	}
}

// Open opens a file; its content counts as read once it was read to its end.
func (t *Tree) Open(name string) (fs.File, error) {
	file, err := t.fsys.Open(name)
	if err != nil {
		t.described(name, nil, err)
		return nil, err
	}
	info, err := t.Lstat(name) // which notes a link
	if err != nil || !info.Mode().IsRegular() {
		t.lose()
		return file, nil
	}
	return &reading{File: file, tree: t, name: name, digest: sha256.New()}, nil
}

// reading is a file that is being read.
type reading struct {
	fs.File
	tree   *Tree
	name   string
	digest hash.Hash
	ended  bool
}

func (f *reading) Read(p []byte) (int, error) {
	n, err := f.File.Read(p)
	f.digest.Write(p[:n])
	if errors.Is(err, io.EOF) && !f.ended {
		f.ended = true
		f.tree.note(f.name, look{sort: read, digest: [sha256.Size]byte(f.digest.Sum(nil))})
	}
	return n, err
}

// Close closes the file. One that was not read to its end has a content that nobody knows.
func (f *reading) Close() error {
	if !f.ended {
		f.tree.lose()
	}
	return f.File.Close()
}

// ReadFile reads a whole file.
func (t *Tree) ReadFile(name string) ([]byte, error) {
	text, err := fs.ReadFile(t.fsys, name)
	if err != nil {
		t.described(name, nil, err)
		return nil, err
	}
	if info, err := t.Lstat(name); err != nil || !info.Mode().IsRegular() {
		t.lose()
		return text, nil
	}
	t.note(name, look{sort: read, digest: sha256.Sum256(text)})
	return text, nil
}

// Believe takes a trace of an earlier time for what can be said of files below root, of which Digest is asked, as long as the disk
// describes them as it did.
func (t *Tree) Believe(earlier Trace, root string) { t.earlier, t.root = earlier, root }

// Digest tells the content of a file from any other; it is empty where there is no file.
func (t *Tree) Digest(name string) (string, error) {
	was, known := t.earlier[name]
	if is := t.onDisk(name, known); known && is.sort == was.sort.onDisk() && (was.sort == absent || was.sort == read && was.disk != (disk{}) && is == was.disk) {
		t.note(name, look{sort: was.sort, digest: was.digest})
		return was.said(), nil
	}
	t.unbelieved.Add(1)
	text, err := t.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	return look{sort: read, digest: sha256.Sum256(text)}.said(), err
}

// Unbelieved is of how many files Digest had to look at what is in them.
func (t *Tree) Unbelieved() int { return int(t.unbelieved.Load()) }

func (t *Tree) onDisk(name string, known bool) disk {
	if !known {
		return disk{}
	}
	return describe(filepath.Join(t.root, filepath.FromSlash(name)))
}

// said is the digest as a text; empty for what is absent.
func (l look) said() string {
	if l.sort == absent {
		return ""
	}
	return string(l.digest[:])
}

// ReadDir lists a folder.
func (t *Tree) ReadDir(name string) ([]fs.DirEntry, error) {
	entries, err := fs.ReadDir(t.fsys, name)
	if err != nil {
		t.described(name, nil, err)
		return nil, err
	}
	t.note(name, look{sort: listed, digest: listing(entries)})
	return entries, nil
}

func listing(entries []fs.DirEntry) [sha256.Size]byte {
	digest := sha256.New()
	for _, entry := range entries {
		fmt.Fprintf(digest, "%d:%s%v", len(entry.Name()), entry.Name(), entry.Type())
	}
	return [sha256.Size]byte(digest.Sum(nil))
}

// Lstat describes a file, a folder or a link.
func (t *Tree) Lstat(name string) (fs.FileInfo, error) {
	info, err := fs.Lstat(t.fsys, name)
	t.described(name, info, err)
	return info, err
}

// Stat describes a file or a folder.
func (t *Tree) Stat(name string) (fs.FileInfo, error) {
	info, err := fs.Stat(t.fsys, name)
	if err == nil {
		_, err := t.Lstat(name)
		return info, err
	}
	t.described(name, nil, err)
	return info, err
}

// ReadLink says where a link leads.
func (t *Tree) ReadLink(name string) (string, error) {
	t.lose()
	return fs.ReadLink(t.fsys, name)
}

// settled is how long nothing may have been written to what the disk describes: what was written to just now may change again
// within a tick of the disk's clock.
const settled = 2 * time.Second

// Trace is all that was read, with what the disk says below root of it; nil where not all could be noted.
func (t *Tree) Trace(root string) Trace {
	t.lock.Lock()
	defer t.lock.Unlock()
	if t.lost {
		return nil
	}
	for name := range maps.Clone(t.looked) { // a folder on the way may become a link
		for above := path.Dir(name); above != "." && t.looked[name].sort != absent && t.looked[above].sort == 0; above = path.Dir(above) {
			t.looked[above] = look{sort: folder}
		}
	}
	trace := make(Trace, len(t.looked))
	for name, l := range t.looked {
		if l.sort == absent {
			trace[name] = l
			continue
		}
		l.disk = describe(filepath.Join(root, filepath.FromSlash(name)))
		if !l.disk.settled(t.began) {
			l.disk = disk{}
		}
		trace[name] = l
	}
	return trace
}

// Trace is what was read of a tree, by path.
type Trace map[string]look

// Below is what of a trace lies in a folder.
func (t Trace) Below(folder string) Trace {
	below := Trace{}
	for name, l := range t {
		if strings.HasPrefix(name, folder+"/") {
			below[name] = l
		}
	}
	return below
}

// Holds says whether a tree still is what was read of it. What the disk below root describes as it did is not read again, unless
// content is true: then nothing is believed but what is read. better says that the trace learned what the disk says by now.
func (t Trace) Holds(fsys fs.FS, root string, content bool) (holds, better bool) {
	began := time.Now()
	for name, was := range t {
		is := describe(filepath.Join(root, filepath.FromSlash(name)))
		if is.sort != was.sort.onDisk() {
			return false, false
		}
		switch {
		case was.sort < listed, !content && was.disk != (disk{}) && is == was.disk:
		case !was.same(fsys, name):
			return false, false
		case is.settled(began) && is.changed > 0:
			was.disk, better = is, true
			t[name] = was
		}
	}
	return true, better
}

// same says whether what is read now is what was read then.
func (l look) same(fsys fs.FS, name string) bool {
	if l.sort == listed {
		entries, err := fs.ReadDir(fsys, name)
		return err == nil && listing(entries) == l.digest
	}
	text, err := fs.ReadFile(fsys, name)
	return err == nil && sha256.Sum256(text) == l.digest
}

// onDisk is how the disk calls it.
func (s sort) onDisk() sort {
	switch s {
	case read:
		return there
	case listed:
		return folder
	}
	return s
}

// plain is what every system says of a path.
func plain(name string) (disk, fs.FileInfo) {
	info, err := os.Lstat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return disk{sort: absent}, nil
	case err == nil && info.IsDir():
		return disk{sort: folder}, info
	case err == nil && info.Mode().IsRegular():
		return disk{sort: there}, info
	}
	return disk{}, nil
}

// disk is how the disk describes a path. changed is when it or what is in it was changed for the last time, in nanoseconds; 0 where
// the system does not say.
type disk struct {
	sort                           sort
	size, written, changed, number int64
}

// MarshalBinary writes a trace down.
func (t Trace) MarshalBinary() ([]byte, error) {
	var out []byte
	for name, l := range t {
		out = append(binary.AppendUvarint(out, uint64(len(name))), name...)
		out = append(append(out, byte(l.sort)), l.digest[:]...)
		out = append(out, byte(l.disk.sort))
		for _, n := range []int64{l.disk.size, l.disk.written, l.disk.changed, l.disk.number} {
			out = binary.AppendVarint(out, n)
		}
	}
	return out, nil
}

var errTorn = errors.New("this is no trace")

// UnmarshalBinary reads one.
func (t *Trace) UnmarshalBinary(text []byte) error {
	*t = Trace{}
	for len(text) > 0 {
		size, n := binary.Uvarint(text)
		const fixed = 1 + sha256.Size + 1
		if n <= 0 || uint64(len(text)-n) < size+fixed {
			return errTorn
		}
		name := string(text[n : n+int(size)])
		text = text[n+int(size):]
		l := look{sort: sort(text[0]), digest: [sha256.Size]byte(text[1 : 1+sha256.Size]), disk: disk{sort: sort(text[1+sha256.Size])}}
		text = text[fixed:]
		for _, into := range []*int64{&l.disk.size, &l.disk.written, &l.disk.changed, &l.disk.number} {
			value, n := binary.Varint(text)
			if n <= 0 {
				return errTorn
			}
			*into, text = value, text[n:]
		}
		(*t)[name] = l
	}
	return nil
}
