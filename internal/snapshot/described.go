package snapshot

import (
	"encoding/json"
	"io/fs"
	"time"

	"spokewright.dev/spokewright/internal/rendercache"
	"spokewright.dev/spokewright/internal/revision"
)

// descriptions are IDs of rendered files of a working tree by how the disk describes them: what nobody wrote to since is not read
// again. Only a note depends on them; what is compared is known by what it holds.
type descriptions struct {
	side  *side
	key   rendercache.Key
	known map[string]description
	more  bool // something is known that was not kept before
}

// description is a file as the disk describes it, with the ID of what it held then.
type description struct {
	Size int64  `json:"size"`
	Time int64  `json:"time"` // in nanoseconds
	ID   []byte `json:"id"`
}

// settled is how long nothing may have been written to a file that is described: one written to just now may change again
// within a tick of the disk's clock.
const settled = 2 * time.Second

func (s *side) descriptions() *descriptions {
	d := &descriptions{side: s, key: rendercache.KeyOf(s.camera.Program, "descriptions", s.Place), known: map[string]description{}}
	if json.Unmarshal(s.camera.Store.Body(d.key), &d.known) != nil || d.known == nil {
		d.known = map[string]description{}
	}
	return d
}

// blob is the ID of a file's text.
func (d *descriptions) blob(file string) (revision.ID, error) {
	info, err := fs.Lstat(d.side.Tree, file)
	if err != nil {
		return "", err
	}
	is := description{Size: info.Size(), Time: info.ModTime().UnixNano()}
	if was, known := d.known[file]; known && info.Mode().IsRegular() && was.Size == is.Size && was.Time == is.Time {
		return revision.ID(was.ID), nil
	}
	id, err := d.side.blob(file)
	if err == nil && time.Since(info.ModTime()) > settled {
		is.ID, d.more = []byte(id), true
		d.known[file] = is
	}
	return id, err
}

// keep keeps what is known for the next time.
func (d *descriptions) keep() {
	if text, err := json.Marshal(d.known); err == nil && d.more {
		d.side.camera.Store.Put(d.key, nil, text)
	}
}
