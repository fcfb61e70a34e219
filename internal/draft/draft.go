// Package draft is a tree of files as a change would leave it: some written and some removed over what is there. It can be
// read, rendered and compared before anything touches the disk, which it never does itself.
package draft

import (
	"bytes"
	"cmp"
	"errors"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"time"
)

// Tree is a tree with changes over it. It is made by one goroutine, and may then be read by several.
type Tree struct {
	base  fs.FS
	files map[string][]byte
	order []string        // of the files, as they were first written
	gone  map[string]bool // files and folders of the base
}

var _ interface {
	fs.ReadFileFS
	fs.ReadDirFS
	fs.ReadLinkFS
	fs.StatFS
} = (*Tree)(nil)

// New is a tree without changes.
func New(base fs.FS) *Tree {
	return &Tree{base: base, files: map[string][]byte{}, gone: map[string]bool{}}
}

// Write gives a file a text.
func (t *Tree) Write(name string, text []byte) {
	if _, again := t.files[name]; !again {
		t.order = append(t.order, name)
	}
	t.files[name] = text
}

// Remove takes a file away, or a folder with all in it.
func (t *Tree) Remove(name string) {
	t.gone[name] = true
	under := func(file string) bool { return file == name || strings.HasPrefix(file, name+"/") }
	maps.DeleteFunc(t.files, func(file string, _ []byte) bool { return under(file) })
	t.order = slices.DeleteFunc(t.order, under)
}

// File is a file that a change writes.
type File struct {
	Name string
	Text []byte
}

// Written are the files with another text than before, in the order in which they were written.
func (t *Tree) Written() []File {
	var all []File
	for _, name := range t.order {
		if old, err := fs.ReadFile(t.base, name); err != nil || !bytes.Equal(old, t.files[name]) {
			all = append(all, File{name, t.files[name]})
		}
	}
	return all
}

// Removed are the files and folders that were taken away, sorted: those that are there, each with all in it.
func (t *Tree) Removed() []string {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(t.gone)), func(name string) bool {
		_, err := fs.Lstat(t.base, name)
		return err != nil || t.removed(path.Dir(name))
	})
}

// removed says whether a name of the base was taken away, itself or with its folder.
func (t *Tree) removed(name string) bool {
	for ; name != "."; name = path.Dir(name) {
		if t.gone[name] {
			return true
		}
	}
	return false
}

// folder says whether files were written below a name.
func (t *Tree) folder(name string) bool {
	for file := range t.files {
		if strings.HasPrefix(file, name+"/") {
			return true
		}
	}
	return false
}

func absent(op, name string) error { return &fs.PathError{Op: op, Path: name, Err: fs.ErrNotExist} }

// ReadFile reads a whole file.
func (t *Tree) ReadFile(name string) ([]byte, error) {
	if text, written := t.files[name]; written {
		return slices.Clone(text), nil
	}
	if t.removed(name) {
		return nil, absent("open", name)
	}
	return fs.ReadFile(t.base, name)
}

// Open opens a file of the change, or what the tree below gives. Folders are read by ReadDir.
func (t *Tree) Open(name string) (fs.File, error) {
	if text, written := t.files[name]; written {
		return &file{info{path.Base(name), int64(len(text)), false}, bytes.NewReader(text)}, nil
	}
	if t.removed(name) {
		return nil, absent("open", name)
	}
	return t.base.Open(name)
}

// ReadDir lists a folder, sorted by name.
func (t *Tree) ReadDir(name string) ([]fs.DirEntry, error) {
	var entries []fs.DirEntry
	err := absent("readdir", name)
	if !t.removed(name) {
		if entries, err = fs.ReadDir(t.base, name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
	}
	entries = slices.DeleteFunc(slices.Clone(entries), func(e fs.DirEntry) bool { return t.gone[path.Join(name, e.Name())] })
	fresh := map[string]fs.DirEntry{}
	for file, text := range t.files {
		rest, inside := strings.CutPrefix(file, name+"/")
		if name == "." {
			rest, inside = file, true
		}
		if !inside {
			continue
		}
		below, _, deeper := strings.Cut(rest, "/")
		entry := info{below, int64(len(text)), deeper}
		if deeper {
			entry.size = 0
		}
		fresh[below] = fs.FileInfoToDirEntry(entry)
	}
	if len(fresh) == 0 {
		return entries, err
	}
	entries = slices.DeleteFunc(entries, func(e fs.DirEntry) bool { return fresh[e.Name()] != nil && !e.IsDir() })
	for _, e := range entries {
		delete(fresh, e.Name())
	}
	entries = slices.AppendSeq(entries, maps.Values(fresh))
	slices.SortFunc(entries, func(a, b fs.DirEntry) int { return cmp.Compare(a.Name(), b.Name()) })
	return entries, nil
}

// Stat describes a file or a folder.
func (t *Tree) Stat(name string) (fs.FileInfo, error) { return t.stat(name, fs.Stat) }

// Lstat describes a file, a folder or a link.
func (t *Tree) Lstat(name string) (fs.FileInfo, error) { return t.stat(name, fs.Lstat) }

func (t *Tree) stat(name string, below func(fs.FS, string) (fs.FileInfo, error)) (fs.FileInfo, error) {
	text, written := t.files[name]
	switch {
	case written:
		return info{path.Base(name), int64(len(text)), false}, nil
	case t.folder(name):
		return info{path.Base(name), 0, true}, nil
	case t.removed(name):
		return nil, absent("stat", name)
	}
	return below(t.base, name)
}

// ReadLink says where a symbolic link leads.
func (t *Tree) ReadLink(name string) (string, error) {
	if _, written := t.files[name]; written || t.removed(name) {
		return "", &fs.PathError{Op: "readlink", Path: name, Err: fs.ErrInvalid}
	}
	return fs.ReadLink(t.base, name)
}

// file is an open file of a change.
type file struct {
	info info
	*bytes.Reader
}

func (f *file) Stat() (fs.FileInfo, error) { return f.info, nil }
func (f *file) Close() error               { return nil }

// info describes what a change writes.
type info struct {
	name   string
	size   int64
	folder bool
}

func (i info) Name() string       { return i.name }
func (i info) Size() int64        { return i.size }
func (i info) ModTime() time.Time { return time.Time{} }
func (i info) IsDir() bool        { return i.folder }
func (i info) Sys() any           { return nil }

func (i info) Mode() fs.FileMode {
	if i.folder {
		return fs.ModeDir | 0o755
	}
	return 0o644
}

// Last lets a file be the last that is written.
func (t *Tree) Last(name string) {
	if at := slices.Index(t.order, name); at >= 0 {
		t.order = append(slices.Delete(t.order, at, at+1), name)
	}
}
