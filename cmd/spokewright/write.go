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
}

func (w written) String() string {
	text := count(int(w.changed), "file") + " changed, " + fmt.Sprint(w.unchanged) + " as before"
	if w.removed > 0 {
		text += ", " + fmt.Sprint(w.removed) + " removed"
	}
	return text
}

// write brings the folder up to date: each file is old or new at any moment, never torn. Where keep is not nil,
// rendered files of environments that it does not list are removed; files of other names are nobody's to remove.
func write(root *os.Root, folder string, rendered []render.Rendered, keep []string) (written, error) {
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
	removed, err := clean(root, folder, keep)
	report.removed = int64(removed)
	return report, err
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

// clean removes what an interrupted render left, and rendered files of environments that are gone.
func clean(root *os.Root, folder string, keep []string) (int, error) {
	removed := 0
	folders, err := fs.ReadDir(root.FS(), folder)
	if err != nil {
		return 0, err
	}
	for _, entry := range folders {
		if !entry.IsDir() {
			continue
		}
		dir := path.Join(folder, entry.Name())
		files, err := fs.ReadDir(root.FS(), dir)
		if err != nil {
			return removed, err
		}
		gone := keep != nil && !slices.Contains(keep, entry.Name())
		left := len(files)
		for _, file := range files {
			orphan := gone && isRendered(file.Name())
			if !orphan && !strings.HasSuffix(file.Name(), unfinished) {
				continue
			}
			if err := root.Remove(path.Join(dir, file.Name())); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return removed, err
			}
			left--
			if orphan {
				removed++
			}
		}
		if gone && left == 0 {
			if err := root.Remove(dir); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return removed, err
			}
		}
	}
	return removed, nil
}

// isRendered says whether a render writes files of this name.
func isRendered(name string) bool {
	return slices.ContainsFunc(schema.Planes(), func(plane schema.Plane) bool { return name == string(plane)+".yaml" })
}
