package revision

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"
	"time"
)

// Tree is the files of a commit below a folder, as a disk would show them: symbolic links are followed, but never out of
// the folder. Its methods may be called concurrently.
type Tree struct {
	repository *Repository
	root       ID
	folders    sync.Map // []Entry, by the folder's ID
}

var _ interface {
	fs.ReadFileFS
	fs.ReadDirFS
	fs.ReadLinkFS
	fs.StatFS
} = (*Tree)(nil)

// Entry is what a folder says of one thing in it.
type Entry struct {
	name       string
	mode       fs.FileMode
	ID         ID // of the file's text, or of the folder
	repository *Repository
}

// NewEntry is what a commit would say of a folder, or of a plain file.
func NewEntry(name string, folder bool, id ID) Entry {
	e := Entry{name: name, mode: 0o644, ID: id}
	if folder {
		e.mode = fs.ModeDir | 0o755
	}
	return e
}

// Folder is the ID that a folder with these entries has in a commit.
func (r *Repository) Folder(entries []Entry) ID {
	order := func(e Entry) string { // Git sorts a folder as if its name ended with a slash
		if e.IsDir() {
			return e.name + "/"
		}
		return e.name
	}
	entries = slices.SortedFunc(slices.Values(entries), func(a, b Entry) int { return strings.Compare(order(a), order(b)) })
	var text bytes.Buffer
	for _, e := range entries {
		mode := "100644"
		if e.IsDir() {
			mode = "40000"
		}
		text.WriteString(mode + " " + e.name + "\x00" + string(e.ID))
	}
	return sum(r.hash, treeKind.String(), text.Bytes())
}

// ErrSubmodule is why nothing of a submodule is read.
var ErrSubmodule = errors.New("a submodule: its files are in another repository")

const maxLinks = 40

// Tree is the files of a commit below a folder; "." is all of them.
func (r *Repository) Tree(c Commit, folder string) (*Tree, error) {
	t := &Tree{repository: r, root: c.Tree}
	if folder == "." {
		return t, nil
	}
	e, err := t.find("tree", folder, false)
	if err == nil && !e.mode.IsDir() {
		err = &fs.PathError{Op: "tree", Path: folder, Err: fs.ErrNotExist}
	}
	if err != nil {
		return nil, err
	}
	t.root = e.ID
	return t, nil
}

// ID names all that the tree holds.
func (t *Tree) ID() ID { return t.root }

// entries reads a folder.
func (t *Tree) entries(id ID) ([]Entry, error) {
	if known, ok := t.folders.Load(id); ok {
		return known.([]Entry), nil
	}
	data, err := t.repository.read(id, treeKind)
	if err != nil {
		return nil, err
	}
	var entries []Entry
	for len(data) > 0 {
		head, rest, ok := bytes.Cut(data, []byte{0})
		mode, name, spaced := strings.Cut(string(head), " ")
		if !ok || !spaced || len(rest) < t.repository.hash || name == "" || name == "." || name == ".." || strings.Contains(name, "/") {
			return nil, broken(id.String(), "a folder that is not as Git writes it")
		}
		e := Entry{name: name, ID: ID(rest[:t.repository.hash]), repository: t.repository}
		switch mode {
		case "40000":
			e.mode = fs.ModeDir | 0o755
		case "120000":
			e.mode = fs.ModeSymlink | 0o777
		case "160000":
			e.mode = fs.ModeIrregular
		case "100755":
			e.mode = 0o755
		default:
			e.mode = 0o644
		}
		entries, data = append(entries, e), rest[t.repository.hash:]
	}
	slices.SortFunc(entries, func(a, b Entry) int { return strings.Compare(a.name, b.name) })
	t.folders.Store(id, entries)
	return entries, nil
}

// find goes to a name; a link at its end is followed where follow says so.
func (t *Tree) find(op, name string, follow bool) (Entry, error) {
	failed := func(err error) (Entry, error) { return Entry{}, &fs.PathError{Op: op, Path: name, Err: err} }
	if !fs.ValidPath(name) {
		return failed(fs.ErrInvalid)
	}
	root := Entry{name: ".", mode: fs.ModeDir | 0o755, ID: t.root, repository: t.repository}
	above, links := []Entry{root}, 0
	for rest := strings.Split(name, "/"); len(rest) > 0; {
		word := rest[0]
		rest = rest[1:]
		switch word {
		case "", ".":
			continue
		case "..":
			if above = above[:len(above)-1]; len(above) == 0 {
				return failed(errEscapes)
			}
			continue
		}
		here := above[len(above)-1]
		if !here.mode.IsDir() {
			return failed(fs.ErrNotExist)
		}
		entries, err := t.entries(here.ID)
		if err != nil {
			return failed(err)
		}
		at, found := slices.BinarySearchFunc(entries, word, func(e Entry, name string) int { return strings.Compare(e.name, name) })
		if !found {
			return failed(fs.ErrNotExist)
		}
		e := entries[at]
		if e.mode&fs.ModeSymlink == 0 || len(rest) == 0 && !follow {
			above = append(above, e)
			continue
		}
		target, err := t.target(e)
		if links++; err == nil && links > maxLinks {
			err = errCircle
		}
		if err == nil && path.IsAbs(target) {
			err = errEscapes
		}
		if err != nil {
			return failed(err)
		}
		rest = append(strings.Split(target, "/"), rest...)
	}
	return above[len(above)-1], nil
}

var (
	errEscapes = errors.New("path escapes from parent") // as package os says it
	errCircle  = errors.New("too many levels of symbolic links")
)

// target is where a link leads.
func (t *Tree) target(e Entry) (string, error) {
	const longest = 4096
	text, err := t.repository.read(e.ID, blobKind)
	if err == nil && (len(text) > longest || len(text) == 0) {
		err = fs.ErrInvalid
	}
	return string(text), err
}

// Open opens a file or a folder.
func (t *Tree) Open(name string) (fs.File, error) {
	e, err := t.find("open", name, true)
	if err != nil {
		return nil, err
	}
	switch {
	case e.mode.IsDir():
		entries, err := t.entries(e.ID)
		if err != nil {
			return nil, &fs.PathError{Op: "open", Path: name, Err: err}
		}
		return &openFolder{e, entries}, nil
	case e.mode&fs.ModeIrregular != 0:
		return nil, &fs.PathError{Op: "open", Path: name, Err: ErrSubmodule}
	}
	text, err := t.repository.read(e.ID, blobKind)
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: name, Err: err}
	}
	return &openFile{e, bytes.NewReader(text)}, nil
}

// ReadFile reads a whole file.
func (t *Tree) ReadFile(name string) ([]byte, error) {
	file, err := t.Open(name)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(file)
}

// ReadDir lists a folder, sorted by name.
func (t *Tree) ReadDir(name string) ([]fs.DirEntry, error) {
	e, err := t.find("open", name, true)
	if err != nil {
		return nil, err
	}
	if !e.mode.IsDir() {
		return nil, &fs.PathError{Op: "readdir", Path: name, Err: errors.New("not a directory")}
	}
	entries, err := t.entries(e.ID)
	list := make([]fs.DirEntry, len(entries))
	for i, e := range entries {
		list[i] = e
	}
	return list, err
}

// Stat describes a file or a folder.
func (t *Tree) Stat(name string) (fs.FileInfo, error) { return t.describe("stat", name, true) }

// Lstat describes a file, a folder or a link. Its Sys is an Entry.
func (t *Tree) Lstat(name string) (fs.FileInfo, error) { return t.describe("lstat", name, false) }

func (t *Tree) describe(op, name string, follow bool) (fs.FileInfo, error) {
	e, err := t.find(op, name, follow)
	if err != nil {
		return nil, err
	}
	return e.Info()
}

// ReadLink says where a symbolic link leads.
func (t *Tree) ReadLink(name string) (string, error) {
	e, err := t.find("readlink", name, false)
	if err != nil {
		return "", err
	}
	if e.mode&fs.ModeSymlink == 0 {
		return "", &fs.PathError{Op: "readlink", Path: name, Err: fs.ErrInvalid}
	}
	return t.target(e)
}

// Name, IsDir, Type and Info make an Entry an fs.DirEntry.
func (e Entry) Name() string { return e.name }

// IsDir says whether it is a folder.
func (e Entry) IsDir() bool { return e.mode.IsDir() }

// Type is what it is.
func (e Entry) Type() fs.FileMode { return e.mode.Type() }

// Info describes it.
func (e Entry) Info() (fs.FileInfo, error) { return info{e}, nil }

// info is an entry as a disk describes one.
type info struct{ entry Entry }

// Size reads the file: Git keeps no other note of it. Of one that cannot be read it is 0, and reading it says why.
func (i info) Size() int64 {
	if !i.entry.mode.IsRegular() {
		return 0
	}
	text, err := i.entry.repository.read(i.entry.ID, blobKind)
	if err != nil {
		return 0
	}
	return int64(len(text))
}

func (i info) Name() string       { return i.entry.name }
func (i info) Mode() fs.FileMode  { return i.entry.mode }
func (i info) ModTime() time.Time { return time.Time{} }
func (i info) IsDir() bool        { return i.entry.mode.IsDir() }
func (i info) Sys() any           { return i.entry }

// openFile is an open file.
type openFile struct {
	entry Entry
	*bytes.Reader
}

func (f *openFile) Stat() (fs.FileInfo, error) { return info{f.entry}, nil }
func (f *openFile) Close() error               { return nil }

// openFolder is an open folder.
type openFolder struct {
	entry Entry
	rest  []Entry
}

func (f *openFolder) Stat() (fs.FileInfo, error) { return info{f.entry}, nil }
func (f *openFolder) Close() error               { return nil }

func (f *openFolder) Read([]byte) (int, error) {
	return 0, &fs.PathError{Op: "read", Path: f.entry.name, Err: errors.New("is a directory")}
}

// ReadDir reads the next entries.
func (f *openFolder) ReadDir(n int) ([]fs.DirEntry, error) {
	if n > 0 && len(f.rest) == 0 {
		return nil, io.EOF
	}
	if n <= 0 || n > len(f.rest) {
		n = len(f.rest)
	}
	list := make([]fs.DirEntry, n)
	for i, e := range f.rest[:n] {
		list[i] = e
	}
	f.rest = f.rest[n:]
	return list, nil
}
