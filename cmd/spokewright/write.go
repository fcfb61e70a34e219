package main

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
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"spokewright.dev/spokewright/render"
	"spokewright.dev/spokewright/schema"
)

// The ending of files that are being written. One that is left over was never whole: the next render removes it.
const unfinished = ".spokewright-unfinished"

// written says what a render changed on disk.
type written struct {
	changed, unchanged, removed int64
	// strangers are files that no render wrote, in folders of rendered files. They stay.
	strangers []string
}

func (w written) String() string {
	text := count(int(w.changed), "file") + " changed, " + fmt.Sprint(w.unchanged) + " as before"
	if w.removed > 0 {
		text += ", " + fmt.Sprint(w.removed) + " removed"
	}
	return text
}

// write brings the folder up to date: each file is old or new at any moment, never torn. Where the whole fleet was
// rendered, rendered files of other environments are removed; files of other names are nobody's to remove.
func write(root *os.Root, folder string, rendered []render.Rendered, whole bool) (written, error) {
	var report written
	var group errgroup.Group
	group.SetLimit(4 * runtime.GOMAXPROCS(0)) // most of the time is waiting for the disk
	for _, r := range rendered {
		group.Go(func() error {
			changed, err := writeFile(root, path.Join(folder, r.File()), r.YAML)
			if changed {
				atomic.AddInt64(&report.changed, 1)
			} else {
				atomic.AddInt64(&report.unchanged, 1)
			}
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return report, err
	}
	return report, report.clean(root, folder, rendered, whole)
}

// writeFile replaces a file by a whole new one: written beside it, flushed to the disk, renamed.
func writeFile(root *os.Root, name string, text []byte) (bool, error) {
	if old, err := root.ReadFile(name); err == nil && bytes.Equal(old, text) {
		return false, nil
	}
	if err := root.MkdirAll(path.Dir(name), 0o755); err != nil {
		return false, err
	}
	fresh := fmt.Sprintf("%s.%d%s", name, os.Getpid(), unfinished)
	if err := writeSynced(root, fresh, text); err != nil {
		return false, errors.Join(err, root.Remove(fresh))
	}
	if err := root.Rename(fresh, name); err != nil {
		return false, errors.Join(err, root.Remove(fresh))
	}
	return true, syncFolder(root, path.Dir(name))
}

func writeSynced(root *os.Root, name string, text []byte) error {
	file, err := root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o644)
	if err != nil {
		return err
	}
	_, err = file.Write(text)
	return errors.Join(err, file.Sync(), file.Close())
}

// syncFolder makes a rename survive a power cut.
func syncFolder(root *os.Root, name string) error {
	folder, err := root.Open(name)
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}

// clean removes what an interrupted render left, and rendered files of environments that are gone. Where not the whole
// fleet was rendered, it looks only into the folders of what was: the others may be anybody's.
func (w *written) clean(root *os.Root, folder string, rendered []render.Rendered, whole bool) error {
	mine := map[string]bool{}
	for _, r := range rendered {
		mine[r.Environment] = true
	}
	entries, err := fs.ReadDir(root.FS(), folder)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if name := entry.Name(); entry.IsDir() && (whole || mine[name]) {
			if err := w.cleanFolder(root, path.Join(folder, name), !mine[name]); err != nil {
				return err
			}
		}
	}
	return nil
}

func (w *written) cleanFolder(root *os.Root, dir string, gone bool) error {
	files, err := fs.ReadDir(root.FS(), dir)
	if err != nil {
		return err
	}
	left := len(files)
	for _, file := range files {
		name := path.Join(dir, file.Name())
		switch rendered := isRendered(file); {
		case strings.HasSuffix(name, unfinished):
		case rendered && gone:
			w.removed++
		case rendered:
			continue
		default:
			w.strangers = append(w.strangers, name)
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
	return !file.IsDir() && slices.ContainsFunc(schema.Planes(), func(plane schema.Plane) bool { return file.Name() == string(plane)+".yaml" })
}
