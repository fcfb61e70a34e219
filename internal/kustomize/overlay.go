// Package kustomize builds a kustomization tree in this process, with our own functions run inside: no process, no socket,
// no file outside the given tree. Its result is byte for byte what `kustomize build --enable-alpha-plugins --enable-exec`
// prints. It knows no function by name and judges no object: what a function does is the caller's.
package kustomize

import (
	"crypto/sha256"
	"errors"
	"io/fs"
	"path"
	"sync"

	"sigs.k8s.io/kustomize/api/provider"
	"sigs.k8s.io/kustomize/api/resmap"
	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/manifest"
)

// Group is the API group of the functionConfigs that are run in this process. Every other function is refused.
const Group = "spokewright.dev"

// Function runs one of our functionConfigs. dir is the slash path, relative to the tree's root, of the kustomization that
// lists it: the working directory kustomize would give it. items is nil for a generator; for a transformer it holds all
// objects so far, and what the function returns goes on.
//
// config and items are shared with other builds: a function never writes to them, and returns a new object where it
// wants a change. An object that it hands back as it came keeps its printed bytes. Unlike an exec function, a transformer
// sees the objects as they will be printed: with their final names, and without those that kustomize leaves out as local.
type Function func(config manifest.Object, dir string, items []manifest.Object) ([]manifest.Object, error)

// Result is what a build prints.
type Result struct {
	Objects []manifest.Object // in the order of YAML; shared with other results, never to be written to
	YAML    []byte            // the bytes that kustomize prints
}

// Builder builds the kustomizations of one tree. It keeps what it has parsed, keyed by content, for as long as it lives;
// files are read anew by every build. Its methods may be called concurrently.
type Builder struct {
	tree    tree
	run     Function
	factory *resmap.Factory
	always  bool // the tests' switch: never take the fast path

	parsed    memo[parsed]
	documents memo[documents]
	printed   memo[printed]
	shapes    memo[bool]
	printer   manifest.Printer
}

// NewBuilder makes a Builder for a tree, whose root is a fleet's root. run is called for every functionConfig of our Group.
func NewBuilder(files fs.FS, run Function) *Builder {
	return &Builder{
		tree:    tree{FS: files, vetted: new(memo[error])},
		run:     run,
		factory: resmap.NewFactory(provider.NewDefaultDepProvider().GetResourceFactory()),
	}
}

// Build builds the kustomization in the folder dir, a slash path in the tree.
func (b *Builder) Build(dir string) (Result, error) {
	dir = path.Clean(dir)
	if !fs.ValidPath(dir) {
		return Result{}, finding.At(finding.Position{File: dir}, finding.OverlayInvalid, "leaves the tree")
	}
	items, alone, err := b.quickly(dir)
	if errors.Is(err, errNotPlain) {
		items, err = b.thoroughly(dir, alone)
	}
	if err != nil {
		return Result{}, err
	}
	return joined(items), nil
}

// quickly is the fast path. Where it gives errNotPlain, alone says whether the tree changes kustomize's OpenAPI schema.
func (b *Builder) quickly(dir string) (items []item, alone bool, err error) {
	err = schema.shared(func() error {
		w := walker{Builder: b}
		top, err := w.top(dir)
		alone = w.openapi
		if err != nil {
			return err
		}
		if w.unfinished || !top.fifo() {
			return errNotPlain
		}
		items, err = b.plain(top)
		return err
	})
	return items, alone, err
}

// thoroughly is the way through kustomize's library.
func (b *Builder) thoroughly(dir string, alone bool) (items []item, err error) {
	hold := schema.prepared
	if alone {
		hold = schema.alone
	}
	err = hold(func() error {
		w := walker{Builder: b, thorough: true}
		top, err := w.top(dir)
		if err != nil {
			return err
		}
		items, err = b.kustomized(top, !top.fifo())
		return err
	})
	return items, err
}

// joined makes items the documents of one stream.
func joined(items []item) Result {
	size := 0
	for _, it := range items {
		size += len(it.yaml) + len(separator)
	}
	result := Result{Objects: make([]manifest.Object, len(items)), YAML: make([]byte, 0, size)}
	for i, it := range items {
		if i > 0 {
			result.YAML = append(result.YAML, separator...)
		}
		result.YAML = append(result.YAML, it.yaml...)
		result.Objects[i] = it.object
	}
	return result
}

const separator = "---\n"

// memo remembers what was made of a content, of as many as were asked for lately. Each value is made once, however many ask for
// it at a time.
type memo[V any] struct {
	lock       sync.Mutex
	young, old map[[sha256.Size]byte]func() V
}

// lately is how many contents a memo keeps at least: what all environments share stays, what is of one alone goes.
const lately = 256

func (m *memo[V]) get(content []byte, make func() V) V {
	return m.of(sha256.Sum256(content), make)()
}

func (m *memo[V]) of(key [sha256.Size]byte, make func() V) func() V {
	m.lock.Lock()
	defer m.lock.Unlock()
	known, there := m.young[key]
	if there {
		return known
	}
	if known, there = m.old[key]; !there {
		known = sync.OnceValue(make)
	}
	if m.young == nil || len(m.young) >= lately {
		m.old, m.young = m.young, map[[sha256.Size]byte]func() V{}
	}
	m.young[key] = known
	return known
}
