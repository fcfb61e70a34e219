package snapshot

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/gob"
	"io/fs"
	"maps"
	"path"
	"slices"
	"sync"
	"time"

	"spokewright.dev/spokewright/internal/render"
	"spokewright.dev/spokewright/internal/rendercache"
	"spokewright.dev/spokewright/internal/revision"
	"spokewright.dev/spokewright/internal/tracefs"
	"spokewright.dev/spokewright/schema"
)

// album is what was seen of a working tree at an earlier time, and what is seen of it now. What nobody wrote to since, as far as the disk
// says, is not read again. nil is one without anything in it, in which nothing is kept.
type album struct {
	store *rendercache.Store
	key   rendercache.Key
	place string
	began time.Time
	known pages

	lock sync.Mutex
	next pages
	more int // of next that is not known
}

// pages are what is in an album: by environments what is theirs alone, and their rendered files; and by their keys the heads of the
// entries of the cache, each of which is a file there.
type pages struct {
	Own    map[string]sight[own]
	Golden map[string]sight[golden]
	Heads  map[string][]byte
}

// sight is what was seen in some files and folders. It holds as long as the disk describes them as it did then.
type sight[T any] struct {
	Paths     []string
	Described string // empty until it is kept
	Is        T
}

// own is what is made of an environment's own files: its spec, its recorded names and the folder of its overlays.
type own struct {
	Spec, Names revision.ID // empty where there is no such file
	Overlays    revision.ID // as a commit has the folder
	Digest      string      // of all that the folder holds
	Beyond      []string    // the paths out of it that it names
}

// golden are the IDs of the rendered files of an environment.
type golden map[schema.Plane]revision.ID

// albumOf opens that of a working tree; nil of what is none.
func (c *Camera) albumOf(place string) *album {
	if place == "" || c.Store == nil || !tracefs.Unlinked(place, schema.Folder, render.Overlays, render.Golden) {
		return nil
	}
	a := &album{store: c.Store, key: rendercache.KeyOf(c.Program, "album", place, string(c.Blob(nil))), place: place, began: time.Now().Add(c.old)}
	if gob.NewDecoder(bytes.NewReader(c.Store.Body(a.key))).Decode(&a.known) != nil {
		a.known = pages{}
	}
	a.next = pages{map[string]sight[own]{}, map[string]sight[golden]{}, map[string][]byte{}}
	return a
}

// recalled is what is known of an environment, where that still holds.
func recalled[T any](a *album, known, next map[string]sight[T], name string) (is T, holds bool) {
	was, there := known[name]
	if !there {
		return is, false
	}
	if described, _ := tracefs.Described(a.place, was.Paths, a.began); described == "" || described != was.Described {
		return is, false
	}
	a.lock.Lock()
	defer a.lock.Unlock()
	next[name] = was
	return was.Is, true
}

// saw takes note of what was read of an environment.
func saw[T any](a *album, next map[string]sight[T], name string, is T, paths []string) {
	a.lock.Lock()
	defer a.lock.Unlock()
	next[name] = sight[T]{Paths: paths, Is: is}
	a.more++
}

func (a *album) own(name string) (own, bool) {
	if a == nil {
		return own{}, false
	}
	return recalled(a, a.known.Own, a.next.Own, name)
}

func (a *album) golden(name string) (golden, bool) {
	if a == nil {
		return nil, false
	}
	return recalled(a, a.known.Golden, a.next.Golden, name)
}

// head is the head of an entry of the cache.
func (c *Camera) head(key rendercache.Key) []byte {
	if c.album == nil {
		return c.Store.Head(key)
	}
	text := c.album.known.Heads[string(key[:])]
	isNew := text == nil
	if isNew {
		text = c.Store.Head(key)
	}
	c.album.sawHead(key, text, isNew)
	return text
}

// put keeps an entry in the cache.
func (c *Camera) put(key rendercache.Key, head, body []byte) {
	c.Store.Put(key, head, body)
	c.album.sawHead(key, head, true)
}

func (a *album) sawHead(key rendercache.Key, text []byte, isNew bool) {
	if a == nil || text == nil {
		return
	}
	a.lock.Lock()
	defer a.lock.Unlock()
	a.next.Heads[string(key[:])] = text
	if isNew {
		a.more++
	}
}

// keep keeps what was seen, unless what is new of it is so little that to look again costs less than to write all.
func (a *album) keep() {
	if a == nil || a.more <= (len(a.next.Own)+len(a.next.Golden)+len(a.next.Heads))/100 {
		return
	}
	settle(a, a.next.Own)
	settle(a, a.next.Golden)
	var text bytes.Buffer
	if gob.NewEncoder(&text).Encode(a.next) == nil {
		a.store.Put(a.key, nil, text.Bytes())
	}
}

// settle leaves out what may have been written to while it was looked at.
func settle[T any](a *album, all map[string]sight[T]) {
	for name, s := range all {
		if s.Described != "" {
			continue
		}
		var settled bool
		if s.Described, settled = tracefs.Described(a.place, s.Paths, a.began); !settled {
			delete(all, name)
			continue
		}
		all[name] = s
	}
}

// ownFiles are what is known of an environment's own files, or else the IDs of its spec and of its recorded names.
func (s *side) ownFiles(name string) (files own, err error) {
	if known, holds := s.album.own(name); holds {
		return known, nil
	}
	if files.Spec, err = s.blob(schema.SpecFile(name)); err != nil && !missing(err) {
		return files, err
	}
	if files.Names, err = s.blob(schema.NamesFile(name)); missing(err) {
		err = nil
	}
	return files, err
}

// overlays takes the folder of an environment's overlays: as it is known, or as the other side has it under the same ID, or else by
// going through it.
func (s *side) overlays(name string, w *walker) error {
	files := s.own[name]
	if twin := s.twin[name]; files.Digest == "" && twin != nil && twin.Overlays != "" {
		if id, err := s.files.id(w.own); err == nil && id == twin.Overlays {
			files.Digest, files.Beyond = twin.Digest, twin.Beyond
		}
	}
	if files.Digest == "" {
		if err := w.walk(w.own, nil); err != nil || !w.certain {
			return err
		}
		digest := sha256.Sum256([]byte(w.text.String()))
		files.Digest, files.Beyond = string(digest[:]), w.todo
		if s.album != nil {
			var err error
			if files.Overlays, err = s.files.id(w.own); err != nil {
				return err
			}
			saw(s.album, s.album.next.Own, name, *files, append(slices.Sorted(maps.Keys(w.seen)), schema.SpecFile(name), schema.NamesFile(name)))
		}
	}
	w.text.Reset()
	w.text.WriteString(files.Digest)
	w.todo = slices.Clone(files.Beyond)
	return nil
}

// golden are the rendered files.
func (s *side) golden(wanted []render.Target) (map[render.Target]*plane, error) {
	folders, err := fs.ReadDir(s.Tree, render.Golden)
	if err != nil && !missing(err) {
		return nil, err
	}
	if wanted != nil {
		folders = slices.DeleteFunc(folders, func(folder fs.DirEntry) bool {
			return !slices.ContainsFunc(wanted, func(t render.Target) bool { return t.Environment == folder.Name() })
		})
	}
	found, failed := make([]golden, len(folders)), make([]error, len(folders))
	err = each(len(folders), func(i int) error {
		name := folders[i].Name()
		known, _ := s.rendered.LoadOrStore(name, sync.OnceValues(func() (golden, error) { return s.goldenOf(name) }))
		found[i], failed[i] = known.(func() (golden, error))()
		return nil
	})
	if err = cmp.Or(cmp.Or(failed...), err); err != nil { // the first one, whoever was faster
		return nil, err
	}
	planes := map[render.Target]*plane{}
	for i, folder := range folders {
		for name, id := range found[i] {
			target := render.Target{Environment: folder.Name(), Plane: name}
			of := target
			if name == root {
				of.Plane = schema.Hub
			}
			if wanted != nil && !slices.Contains(wanted, of) {
				continue
			}
			file := goldenFile(target)
			planes[target] = &plane{id: id, file: file, text: func() ([]byte, error) { return fs.ReadFile(s.Tree, file) }}
		}
	}
	return planes, nil
}

// goldenOf are the IDs of an environment's rendered files, as they are known or by reading them.
func (s *side) goldenOf(environment string) (golden, error) {
	if known, holds := s.album.golden(environment); holds {
		return known, nil
	}
	ids, paths := golden{}, []string{path.Join(render.Golden, environment)}
	for _, name := range append(schema.Planes(), root) {
		file := goldenFile(render.Target{Environment: environment, Plane: name})
		paths = append(paths, file)
		id, err := s.blob(file)
		if missing(err) {
			continue
		}
		if err != nil {
			return nil, err
		}
		ids[name] = id
	}
	if s.album != nil {
		saw(s.album, s.album.next.Golden, environment, ids, paths)
	}
	return ids, nil
}
