package snapshot

import (
	"cmp"
	"io/fs"
	"path"
	"slices"

	"spokewright.dev/spokewright/internal/change"
	"spokewright.dev/spokewright/internal/manifest"
	"spokewright.dev/spokewright/internal/revision"
)

// unmoved says that an Application surely makes the same on both sides: it is the same, and all that it is made of has the
// same IDs. Then nothing of it is loaded. Where it is not sure, somebody has to look.
func unmoved(before, after *side, old, fresh change.Object) bool {
	if before.origin.Repository != after.origin.Repository || !slices.Equal(before.origin.Revisions, after.origin.Revisions) ||
		before.folder != after.folder || !after.origin.Whole(fresh.Object) || !manifest.Equal(old.Object, fresh.Object) {
		return false
	}
	return !slices.ContainsFunc(after.origin.Folders(fresh.Object), func(folder string) bool {
		return after.beside(folder) && !sameBelow(before.repository, after.repository, folder)
	})
}

// sameBelow says that a folder and all that its files name outside of it surely is the same in two trees.
func sameBelow(before, after *listings, folder string) bool {
	if folder == "." || !fs.ValidPath(folder) {
		return false
	}
	w := walker{listings: after, own: folder, seen: map[string]bool{}, certain: true, left: mostBytes}
	if w.all(w.reach) != nil || !w.certain || w.values {
		return false
	}
	return !slices.ContainsFunc(append(w.reached, folder), func(name string) bool {
		was, err := before.id(name)
		is, failed := after.id(name)
		return cmp.Or(err, failed) != nil || was != is
	})
}

// id is the ID of a file or folder as a commit has it, which names all below it.
func (s *listings) id(name string) (revision.ID, error) {
	if known, ok := s.ids.Load(name); ok {
		return known.(revision.ID), nil
	}
	id, err := s.identify(name)
	if err == nil {
		s.ids.Store(name, id)
	}
	return id, err
}

func (s *listings) identify(name string) (revision.ID, error) {
	if info, err := fs.Lstat(s.tree, name); err == nil {
		if e, ok := info.Sys().(revision.Entry); ok {
			return e.ID, nil
		}
	}
	listed, err := s.listed(name, nil)
	if err != nil || listed.file {
		return revision.ID(listed.digest), err
	}
	entries := make([]revision.Entry, len(listed.below))
	for i, below := range listed.below {
		id, err := s.id(path.Join(name, below.Name()))
		if err != nil {
			return "", err
		}
		entries[i] = revision.NewEntry(below.Name(), below.IsDir(), id)
	}
	return s.camera.Folder(entries), nil
}
