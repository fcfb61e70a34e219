// Package limitfs lets a tree be read within limits: so many files, so many bytes of one and of all. What goes beyond them
// is refused before it is read. It remembers what was looked at; what a file means is not its concern.
package limitfs

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"sync"

	"spokewright.dev/spokewright/internal/finding"
)

// ErrNotFile is why a folder, a device or a pipe is not read.
var ErrNotFile = errors.New("this must be a file, and is none")

// Limits are what may be read of a tree.
type Limits struct {
	Files     int   // different files
	Entries   int   // entries of one folder
	FileBytes int64 // of one file
	Bytes     int64 // of all files together, each counted once
	// Unlinked are folders out of which no link leads: messages show what stands there, and a link could make that any
	// file of the checkout.
	Unlinked []string
}

// Tree is a tree that is read within limits. Its methods may be called concurrently.
type Tree struct {
	fsys   fs.FS
	limits Limits

	mu    sync.Mutex
	seen  map[string]bool // files that were read, and links that were followed
	files int
	bytes int64
}

var _ interface {
	fs.ReadFileFS
	fs.ReadDirFS
	fs.ReadLinkFS
	fs.StatFS
} = (*Tree)(nil)

// New is the tree within limits.
func New(fsys fs.FS, limits Limits) *Tree {
	return &Tree{fsys: fsys, limits: limits, seen: map[string]bool{}}
}

// Seen are the files that were read and the symbolic links that were followed, sorted.
func (t *Tree) Seen() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Sorted(maps.Keys(t.seen))
}

// Open opens a file. Folders are read by ReadDir alone; what is neither, such as a pipe or a device, is never opened.
func (t *Tree) Open(name string) (fs.File, error) {
	if err := t.straight(name); err != nil {
		return nil, err
	}
	info, err := fs.Stat(t.fsys, name)
	if err == nil && !info.Mode().IsRegular() {
		err = ErrNotFile
	}
	if err == nil {
		err = t.charge(name, info.Size())
	}
	if err != nil {
		return nil, refused(name, err)
	}
	return t.fsys.Open(name)
}

// ReadFile reads a whole file.
func (t *Tree) ReadFile(name string) ([]byte, error) {
	file, err := t.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, t.limits.FileBytes+1)) // a file may be more than it says
	if err == nil && int64(len(text)) > t.limits.FileBytes {
		err = t.tooLarge()
	}
	if err != nil {
		return nil, refused(name, err)
	}
	return text, nil
}

// ReadDir lists a folder, sorted by name.
func (t *Tree) ReadDir(name string) ([]fs.DirEntry, error) {
	folder, err := t.fsys.Open(name)
	if err != nil {
		return nil, err
	}
	defer folder.Close()
	list, ok := folder.(fs.ReadDirFile)
	if !ok {
		return nil, refused(name, errors.New("not a folder"))
	}
	entries, err := list.ReadDir(t.limits.Entries + 1)
	if err == nil && len(entries) > t.limits.Entries {
		err = fmt.Errorf("more than %d entries in one folder", t.limits.Entries)
	}
	if err != nil && !errors.Is(err, io.EOF) { // which says that the folder is empty
		return nil, refused(name, err)
	}
	slices.SortFunc(entries, func(a, b fs.DirEntry) int { return cmp.Compare(a.Name(), b.Name()) })
	return entries, nil
}

// ReadLink says where a symbolic link leads.
func (t *Tree) ReadLink(name string) (string, error) {
	target, err := fs.ReadLink(t.fsys, name)
	if err == nil {
		t.mu.Lock()
		t.seen[name] = true
		t.mu.Unlock()
	}
	return target, err
}

// Lstat describes a file, a folder or a link.
func (t *Tree) Lstat(name string) (fs.FileInfo, error) { return fs.Lstat(t.fsys, name) }

// Stat describes a file or a folder.
func (t *Tree) Stat(name string) (fs.FileInfo, error) { return fs.Stat(t.fsys, name) }

// straight refuses a file that is reached through a link out of its unlinked folder. Links to a neighbour are fine.
func (t *Tree) straight(name string) error {
	at := slices.IndexFunc(t.limits.Unlinked, func(folder string) bool { return strings.HasPrefix(name, folder+"/") })
	if at < 0 {
		return nil
	}
	for above := path.Dir(name); above != t.limits.Unlinked[at]; above = path.Dir(above) {
		if t.isLink(above) {
			return finding.Findings{Linked(above)}
		}
	}
	file := name
	for range maxLinks {
		if !t.isLink(file) {
			return nil // what is missing is for the reader to tell
		}
		target, err := fs.ReadLink(t.fsys, file)
		if err != nil || strings.Contains(target, "/") {
			break
		}
		file = path.Join(path.Dir(file), target)
	}
	return finding.Findings{Linked(name)}
}

const maxLinks = 8 // from neighbour to neighbour

func (t *Tree) isLink(name string) bool {
	info, err := t.Lstat(name)
	return err == nil && info.Mode()&fs.ModeSymlink != 0
}

// Linked is the finding of a link where a file or a folder belongs.
func Linked(name string) finding.Finding {
	return finding.Finding{Position: finding.Position{File: name}, Code: finding.Link,
		Message: "this is a symbolic link, and what it leads to is neither read nor written: put the file or folder itself here"}
}

// charge counts a file that is about to be read.
func (t *Tree) charge(name string, size int64) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.seen[name] {
		return nil
	}
	switch {
	case size > t.limits.FileBytes:
		return t.tooLarge()
	case t.files >= t.limits.Files:
		return fmt.Errorf("one file more than the %d that are read of a tree", t.limits.Files)
	case t.bytes+size > t.limits.Bytes:
		return fmt.Errorf("with it more than the %d MB that are read of a tree", t.limits.Bytes>>20)
	}
	t.seen[name] = true
	t.files++
	t.bytes += size
	return nil
}

func (t *Tree) tooLarge() error {
	return fmt.Errorf("larger than the %d MB that are read of a file", t.limits.FileBytes>>20)
}

// refused names the file, once.
func refused(name string, err error) error {
	if path := (*fs.PathError)(nil); errors.As(err, &path) {
		return err
	}
	code := finding.TooLarge
	if errors.Is(err, ErrNotFile) {
		code = finding.Unreadable
	}
	return finding.At(finding.Position{File: name}, code, "%v", err)
}
