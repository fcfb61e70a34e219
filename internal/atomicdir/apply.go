package atomicdir

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"

	"spokewright.dev/spokewright/internal/draft"
	"spokewright.dev/spokewright/internal/render"
)

// Apply makes a change of several files. All texts are staged beside their places and synced before the first takes its own;
// they take them in the order in which the draft was written, and only then goes what is removed. Until the first takes its
// place, what is there stays as it was, and an error leaves nothing new.
func Apply(root *os.Root, change *draft.Tree) (err error) {
	if err := root.MkdirAll(render.Golden, 0o755); err != nil {
		return err
	}
	release, err := lock(root, render.Golden)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, release()) }()
	written := change.Written()
	made, err := stageAll(root, written)
	if err != nil {
		return errors.Join(err, unstage(root, written, made))
	}
	for _, file := range written {
		if err := root.Rename(staged(file), file.Name); err != nil {
			return errors.Join(err, unstage(root, written, nil))
		}
	}
	for _, dir := range folders(written) {
		if err := syncFile(root, dir); err != nil {
			return err
		}
	}
	for _, name := range change.Removed() {
		if err := root.RemoveAll(name); err != nil {
			return err
		}
	}
	return nil
}

// staged is the name of a file until it takes its place.
func staged(file draft.File) string { return page{name: file.Name}.fresh() }

// folders are those of files, each once.
func folders(files []draft.File) []string {
	var all []string
	for _, file := range files {
		all = append(all, path.Dir(file.Name))
	}
	return slices.Compact(slices.Sorted(slices.Values(all)))
}

// stageAll writes files beside their places, and gives the folders that it made.
func stageAll(root *os.Root, files []draft.File) (made []string, err error) {
	for _, dir := range folders(files) {
		for above := dir; above != "."; above = path.Dir(above) {
			if _, err := root.Lstat(above); errors.Is(err, fs.ErrNotExist) {
				made = append(made, above)
			}
		}
		if err := root.MkdirAll(dir, 0o755); err != nil {
			return made, err
		}
		if err := sweep(root, dir); err != nil {
			return made, err
		}
	}
	for _, file := range files {
		if err := root.WriteFile(staged(file), file.Text, 0o644); err != nil {
			return made, err
		}
	}
	for _, file := range files {
		if err := syncFile(root, staged(file)); err != nil {
			return made, err
		}
	}
	return made, nil
}

// sweep removes what an interrupted change left in a folder.
func sweep(root *os.Root, dir string) error {
	entries, err := fs.ReadDir(root.FS(), dir)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if strings.HasSuffix(entry.Name(), Unfinished) {
			if err := root.Remove(path.Join(dir, entry.Name())); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
		}
	}
	return nil
}

// unstage removes what has not taken its place, and the folders that were made for it, as far as they are empty.
func unstage(root *os.Root, files []draft.File, made []string) error {
	for _, file := range files {
		if err := root.Remove(staged(file)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	slices.SortFunc(made, func(a, b string) int { return len(b) - len(a) })
	for _, dir := range made {
		root.Remove(dir) //nolint:errcheck // it stays where somebody else has put something
	}
	return nil
}
