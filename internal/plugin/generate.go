package plugin

import (
	"fmt"
	"io/fs"
	"path"
	"sync"

	"spokewright.dev/spokewright/internal/krm"
	"spokewright.dev/spokewright/internal/limitfs"
	"spokewright.dev/spokewright/internal/render"
	"spokewright.dev/spokewright/schema"
)

// The most objects of a plane. Argo CD itself suffers long before.
const maxObjects = 20_000

// Limits are what a plane may read: a hundred times what a large fleet takes.
func Limits() limitfs.Limits {
	return limitfs.Limits{Files: 10_000, Entries: 10_000, FileBytes: 10 << 20, Bytes: 64 << 20, Unlinked: []string{schema.Folder}}
}

// Generate renders a target: the bytes of its golden file. It reads the specs that the target needs, not the whole fleet:
// Argo CD may have sent no more. An empty result, or one that lacks what the spec promises, is an error.
func Generate(tree fs.FS, target render.Target) ([]byte, error) {
	reader, err := schema.NewReader()
	if err != nil {
		return nil, err
	}
	rendered, err := render.One(tree, &once{Source: krm.Tree{Reader: reader, FS: tree}}, target)
	if err != nil {
		return nil, err
	}
	if n := len(rendered.Objects); n > maxObjects {
		return nil, fmt.Errorf("%s: %d objects, allowed are %d", target.Overlay(), n, maxObjects)
	}
	return rendered.YAML, nil
}

// once reads each spec once: an overlay names its own twice, and a hub reads all others with it.
type once struct {
	krm.Source
	read sync.Map // func() (schema.Environment, error), by the path of the file
}

func (o *once) File(dir, file string) (schema.Environment, error) {
	read, _ := o.read.LoadOrStore(path.Join(dir, file), sync.OnceValues(func() (schema.Environment, error) { return o.Source.File(dir, file) }))
	return read.(func() (schema.Environment, error))()
}
