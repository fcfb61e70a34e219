// Package atomicdir replaces the rendered files of a folder, or those of a drafted change, all at once or not at all: staged
// beside their places, synced, renamed. It knows neither what the files hold nor who else reads them.
package atomicdir

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"runtime"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"
	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/render"
	"spokewright.dev/spokewright/schema"
)

// Unfinished is the ending of files that are being written. One that is left over was never whole: the next render removes it.
const Unfinished = ".spokewright-unfinished"

// Written says what a render changed on disk.
type Written struct {
	Changed, unchanged, Removed int64
	// strangers are files that no render wrote, in folders of rendered files. They stay.
	Strangers []string
}

func (w Written) String() string {
	text := finding.Count(int(w.Changed), "file") + " changed, " + fmt.Sprint(w.unchanged) + " as before"
	if w.Removed > 0 {
		text += ", " + fmt.Sprint(w.Removed) + " removed"
	}
	return text
}

// Batch replaces rendered files, which it takes one after another: each is written beside its place at once, and nothing changes
// its place before all are there.
type Batch struct {
	root    *os.Root
	folder  string
	release func() error

	lock    sync.Mutex
	closed  bool
	report  Written
	changed map[string][]page // by environment; an environment with no changed file has none
	made    []string          // folders that were not there before
}

// page is a file of an environment's folder.
type page struct {
	name string
	text []byte // nil once it is written
}

// fresh is the name under which the file is written before it takes its place.
func (p page) fresh() string { return fmt.Sprintf("%s.%d%s", p.name, os.Getpid(), Unfinished) }

// Begin waits until no other process writes to the folder: what that has not finished looks like what an interrupted one left.
// Close must follow.
func Begin(root *os.Root, folder string) (*Batch, error) {
	b := &Batch{root: root, folder: folder, changed: map[string][]page{}}
	if err := b.folders(folder); err != nil {
		return nil, err
	}
	release, err := lock(root, folder)
	if err != nil {
		return nil, errors.Join(err, b.empty())
	}
	b.release = release
	return b, nil
}

// folders makes a folder and those above it.
func (b *Batch) folders(name string) error {
	for above := name; above != "."; above = path.Dir(above) {
		if _, err := b.root.Lstat(above); errors.Is(err, fs.ErrNotExist) {
			b.made = append(b.made, above)
		}
	}
	return b.root.MkdirAll(name, 0o755)
}

// empty removes the folders that were made, where nothing is in them.
func (b *Batch) empty() error {
	slices.SortFunc(b.made, func(x, y string) int { return len(y) - len(x) })
	for _, name := range b.made {
		b.root.Remove(name) //nolint:errcheck // it stays where something is in it
	}
	return nil
}

// Add takes a file, and what starts a hub beside it, and writes those beside their places that differ from what is there. It may be
// called concurrently, and does nothing once the batch is closed.
func (b *Batch) Add(r render.Rendered) error {
	var pages []page
	same := 0
	for file, text := range r.Files() {
		name := path.Base(file)
		if old, err := b.root.ReadFile(path.Join(b.folder, r.Environment, name)); err == nil && bytes.Equal(old, text) {
			same++
			continue
		}
		pages = append(pages, page{name, text})
	}
	b.lock.Lock()
	defer b.lock.Unlock()
	if b.closed {
		return nil
	}
	b.report.unchanged += int64(same)
	known := b.changed[r.Environment]
	if b.changed[r.Environment] = known; len(pages) == 0 {
		return nil
	}
	folder := path.Join(b.folder, r.Environment)
	if len(known) == 0 {
		if err := b.folders(folder); err != nil {
			return err
		}
	}
	dir, err := b.root.OpenRoot(folder)
	if err != nil {
		return err
	}
	err = errors.Join(stage(dir, pages), dir.Close())
	for _, p := range pages {
		b.changed[r.Environment] = append(b.changed[r.Environment], page{name: p.name})
	}
	b.report.Changed += int64(len(pages))
	return err
}

// Commit brings the folder up to date: each file is old or new at any moment, never torn. Where the whole fleet was rendered,
// rendered files of other environments are removed; files of other names are nobody's to remove.
func (b *Batch) Commit(whole bool) (report Written, err error) {
	b.lock.Lock()
	defer b.lock.Unlock()
	if b.closed {
		return b.report, nil
	}
	b.closed, b.made = true, nil
	if err := b.replace(); err != nil {
		return b.report, err
	}
	err = b.report.clean(b.root, b.folder, b.changed, whole)
	return b.report, err
}

// Close ends the batch. What was not committed is gone, as if it had never been.
func (b *Batch) Close() error {
	b.lock.Lock()
	defer b.lock.Unlock()
	var err error
	if !b.closed {
		b.closed = true
		err = errors.Join(b.each(discard), b.empty())
	}
	return errors.Join(err, b.release())
}

// replace gives files their places when the disk has all of them.
func (b *Batch) replace() error {
	err := b.settle(syncPages)
	if err == nil {
		err = b.each(put)
	}
	if err == nil {
		err = b.settle(syncFolder)
	}
	if err != nil {
		err = errors.Join(err, b.each(discard))
	}
	return err
}

// WriteFile replaces one file, unless it has this text already.
func WriteFile(root *os.Root, name string, text []byte) (bool, error) {
	if old, err := root.ReadFile(name); err == nil && bytes.Equal(old, text) {
		return false, nil
	}
	one := &Batch{root: root, folder: path.Dir(name), changed: map[string][]page{".": {{path.Base(name), text}}}}
	err := one.each(stage)
	if err == nil {
		err = one.replace()
	} else {
		err = errors.Join(err, one.each(discard))
	}
	return true, err
}

// settle brings to the disk what was written or renamed. Many files are flushed together, with all else that waits for
// the disk; where the system cannot do that, and for few files, one by one.
func (b *Batch) settle(one func(*os.Root, []page) error) error {
	const many = 64
	if b.report.Changed >= many && flush(b.root, b.folder) == nil {
		return nil
	}
	return b.each(one)
}

// each works on the folders of all environments with changed files.
func (b *Batch) each(work func(dir *os.Root, pages []page) error) error {
	var group errgroup.Group
	group.SetLimit(8 * runtime.GOMAXPROCS(0)) // most of the time is waiting for the disk
	for environment, pages := range b.changed {
		if len(pages) == 0 {
			continue
		}
		group.Go(func() error {
			name := path.Join(b.folder, environment)
			if err := b.root.MkdirAll(name, 0o755); err != nil {
				return err
			}
			dir, err := b.root.OpenRoot(name)
			if err != nil {
				return err
			}
			return errors.Join(work(dir, pages), dir.Close())
		})
	}
	return group.Wait()
}

// stage writes files beside those that they will replace.
func stage(dir *os.Root, pages []page) error {
	for _, p := range pages {
		if err := dir.WriteFile(p.fresh(), p.text, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// put puts files into their places.
func put(dir *os.Root, pages []page) error {
	for _, p := range pages {
		if err := dir.Rename(p.fresh(), p.name); err != nil {
			return err
		}
	}
	return nil
}

// discard removes files that have not taken their places.
func discard(dir *os.Root, pages []page) error {
	for _, p := range pages {
		if err := dir.Remove(p.fresh()); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

func syncPages(dir *os.Root, pages []page) error {
	for _, p := range pages {
		if err := syncFile(dir, p.fresh()); err != nil {
			return err
		}
	}
	return nil
}

// syncFolder makes renames survive a power cut.
func syncFolder(dir *os.Root, _ []page) error { return syncFile(dir, ".") }

func syncFile(dir *os.Root, name string) error {
	file, err := dir.Open(name)
	if err != nil {
		return err
	}
	return errors.Join(file.Sync(), file.Close())
}

// clean removes what an interrupted render left, and rendered files of environments that are gone. Where not the whole
// fleet was rendered, it looks only into the folders of what was: the others may be anybody's.
func (w *Written) clean(root *os.Root, folder string, mine map[string][]page, whole bool) error {
	entries, err := fs.ReadDir(root.FS(), folder)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		name := entry.Name()
		_, known := mine[name]
		if entry.IsDir() && (whole || known) {
			if err := w.cleanFolder(root, path.Join(folder, name), !known); err != nil {
				return err
			}
		}
	}
	return nil
}

func (w *Written) cleanFolder(root *os.Root, dir string, gone bool) error {
	files, err := fs.ReadDir(root.FS(), dir)
	if err != nil {
		return err
	}
	left := len(files)
	for _, file := range files {
		name := path.Join(dir, file.Name())
		switch rendered := isRendered(file); {
		case strings.HasSuffix(name, Unfinished):
		case rendered && gone:
			w.Removed++
		case rendered:
			continue
		default:
			w.Strangers = append(w.Strangers, name)
			continue
		}
		if err := root.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		left--
	}
	if !gone || left > 0 {
		return nil
	}
	if err := root.Remove(dir); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// isRendered says whether a render writes files of this name.
func isRendered(file fs.DirEntry) bool {
	return !file.IsDir() && (file.Name() == render.RootFile ||
		slices.ContainsFunc(schema.Planes(), func(plane schema.Plane) bool { return file.Name() == string(plane)+".yaml" }))
}
