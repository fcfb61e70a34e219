package revision

import (
	"bytes"
	"compress/zlib"
	"crypto/sha1"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// kind is what an object is.
type kind byte

// The kinds of objects, as packs number them, and the two ways in which packs write an object by another one.
const (
	commitKind  kind = 1
	treeKind    kind = 2
	blobKind    kind = 3
	tagKind     kind = 4
	offsetDelta kind = 6
	namedDelta  kind = 7
)

func (k kind) String() string {
	return map[kind]string{commitKind: "commit", treeKind: "tree", blobKind: "blob", tagKind: "tag"}[k]
}

// What is read of one object, and by how many steps it may be written in terms of others: what Git itself allows.
const (
	maxObject     = 64 << 20
	maxDepth      = 4095
	maxAlternates = 5
	maxStores     = 64
)

// object is an object as it was stored.
type object struct {
	kind kind
	data []byte
}

// ErrMissing is why an object cannot be read: the repository was cloned without it.
var ErrMissing = errors.New("the repository does not hold the object")

// store is a folder of objects: of the repository, or one that it borrows from.
type store struct {
	root  *os.Root
	packs func() ([]*pack, error)
}

// addStore adds a folder of objects and those that it borrows from.
func (r *Repository) addStore(dir string, depth int) error {
	root, err := os.OpenRoot(dir)
	if err != nil {
		if depth > 0 && errors.Is(err, fs.ErrNotExist) {
			return nil // Git says nothing either, until an object is missing
		}
		return err
	}
	s := &store{root: root}
	s.packs = sync.OnceValues(func() ([]*pack, error) { return openPacks(root, r.hash) })
	r.stores = append(r.stores, s)
	text, err := readBounded(root.Open("info/alternates"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	for line := range strings.Lines(string(text)) {
		other := strings.TrimSpace(line)
		if other == "" || strings.HasPrefix(other, "#") {
			continue
		}
		if depth >= maxAlternates || len(r.stores) >= maxStores {
			return broken("alternates", "it borrows from too many others")
		}
		if !filepath.IsAbs(other) {
			other = filepath.Join(dir, other)
		}
		if err := r.addStore(other, depth+1); err != nil {
			return err
		}
	}
	return nil
}

func (s *store) close() {
	if packs, err := s.packs(); err == nil {
		for _, p := range packs {
			p.close()
		}
	}
	s.root.Close()
}

// read reads an object of a kind, and finds that it is what its ID says.
func (r *Repository) read(id ID, wanted kind) ([]byte, error) {
	o, err := r.any(id)
	if err != nil {
		return nil, err
	}
	if o.kind != wanted {
		return nil, broken(id.String(), fmt.Sprintf("found a %s, allowed is a %s", o.kind, wanted))
	}
	return o.data, nil
}

func (r *Repository) any(id ID) (object, error) {
	if known, ok := r.decoded.get(id); ok {
		return known, nil
	}
	o, err := r.find(id)
	if err != nil {
		return object{}, err
	}
	if sum(r.hash, o.kind.String(), o.data) != id {
		return object{}, broken(id.String(), "the object is not what its name says")
	}
	r.decoded.put(id, o)
	return o, nil
}

func (r *Repository) find(id ID) (object, error) {
	for _, s := range r.stores {
		o, err := s.loose(id)
		if !errors.Is(err, fs.ErrNotExist) {
			return o, err
		}
		p, offset, err := s.locate(id)
		if err != nil {
			return object{}, err
		}
		if p != nil {
			return r.unpack(p, offset)
		}
	}
	return object{}, fmt.Errorf("%w %s", ErrMissing, id)
}

// locate finds the pack that holds an object; nil where none does.
func (s *store) locate(id ID) (*pack, int64, error) {
	packs, err := s.packs()
	if err != nil {
		return nil, 0, err
	}
	for _, p := range packs {
		if offset, found, err := p.offset(id); err != nil || found {
			return p, offset, err
		}
	}
	return nil, 0, nil
}

// loose reads an object that has a file of its own.
func (s *store) loose(id ID) (object, error) {
	name := id.String()
	file, err := s.root.Open(name[:2] + "/" + name[2:])
	if err != nil {
		return object{}, err
	}
	defer file.Close()
	inflated, err := zlib.NewReader(file)
	if err != nil {
		return object{}, broken(name, err.Error())
	}
	data, err := io.ReadAll(io.LimitReader(inflated, maxObject+64))
	if err != nil {
		return object{}, broken(name, err.Error())
	}
	head, body, ok := bytes.Cut(data, []byte{0})
	word, size, _ := strings.Cut(string(head[:min(len(head), 64)]), " ")
	length, err := strconv.Atoi(size)
	if !ok || err != nil || length != len(body) {
		return object{}, broken(name, "larger than is read of an object, or cut off")
	}
	at := slices.IndexFunc([]kind{commitKind, treeKind, blobKind, tagKind}, func(k kind) bool { return k.String() == word })
	if at < 0 {
		return object{}, broken(name, "an object of no known kind")
	}
	return object{kind(at + 1), body}, nil
}

// sum is the ID of an object: size is the number of bytes of an ID.
func sum(size int, kind string, data []byte) ID {
	digest := sha1.New()
	if size == sha256.Size {
		digest = sha256.New()
	}
	fmt.Fprintf(digest, "%s %d\x00", kind, len(data))
	digest.Write(data)
	return ID(digest.Sum(nil))
}

// cache keeps what was read last: objects are written in terms of others, which come again and again.
type cache struct {
	mu      sync.Mutex
	objects map[any]object
	size    int
}

const maxCached = 32 << 20

func (c *cache) get(key any) (object, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	o, ok := c.objects[key]
	return o, ok
}

func (c *cache) put(key any, o object) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.size += len(o.data) + 128; c.objects == nil || c.size > maxCached {
		c.objects, c.size = map[any]object{}, len(o.data)+128
	}
	c.objects[key] = o
}

// Blob is the ID of a text in this repository.
func (r *Repository) Blob(text []byte) ID { return sum(r.hash, blobKind.String(), text) }
