package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"

	"spokewright.dev/spokewright/internal/render"
	"spokewright.dev/spokewright/schema"
)

// one measures a single environment in three ways: in this process, with a process of ours, and with kustomize; for an
// overlay that adds nothing, and for one with a patch, which our build leaves to kustomize's library.
func (b *bench) one() error {
	for _, f := range []fleet{b.standard(1), {seed: b.seed, environments: 1, objects: b.objects, patched: 1}} {
		dir, err := b.lay(f)
		if err != nil {
			return err
		}
		targets := render.Targets([]string{f.name(0)})
		k := kustomize{b.tools, dir}
		if err := b.same(k, targets); err != nil {
			return err
		}
		if err := k.plug(targets); err != nil {
			return err
		}
		library, err := prepareLibrary(dir, targets)
		if err != nil {
			return err
		}
		costs, err := interleaved(2*b.repetitions+1,
			library.build,
			func() (cost, error) {
				return process(dir, "", nil, b.tools.spokewright, "render", f.name(0), "-o", "-")
			},
			func() (cost, error) { return k.build(targets) },
			func() (cost, error) { return k.alone(targets) },
			func() (cost, error) { return k.plugged(targets) })
		if err != nil {
			return err
		}
		b.report.one(f.patched > 0, costs)
	}
	return nil
}

// library renders targets in this process, with the specs read already.
type library struct {
	dir     string
	reader  *schema.Reader
	fleet   *schema.Fleet
	targets []render.Target
}

// prepareLibrary reads the specs and finds that a build in this process gives the golden files.
func prepareLibrary(dir string, targets []render.Target) (*library, error) {
	reader, err := schema.NewReader()
	if err != nil {
		return nil, err
	}
	fleet, err := reader.Fleet(os.DirFS(dir))
	if err != nil {
		return nil, err
	}
	l := &library{dir, reader, fleet, targets}
	rendered, err := l.render()
	if err != nil {
		return nil, err
	}
	for _, r := range rendered {
		golden, err := os.ReadFile(filepath.Join(dir, render.Golden, r.File()))
		if err != nil {
			return nil, err
		}
		if !bytes.Equal(golden, r.YAML) {
			return nil, fmt.Errorf("%s: a build in-process gives something else", r.File())
		}
	}
	return l, nil
}

// render starts with nothing parsed: a builder remembers.
func (l *library) render() ([]render.Rendered, error) {
	return render.All(os.DirFS(l.dir), l.reader, l.fleet, l.targets, func() {})
}

func (l *library) build() (cost, error) {
	return inside(func() error {
		_, err := l.render()
		return err
	})
}

// contents counts the objects and bytes of the rendered files of environments.
func contents(dir string, names []string) (objects, size int, err error) {
	for _, target := range render.Targets(names) {
		text, err := os.ReadFile(filepath.Join(dir, render.Golden, target.File()))
		if err != nil {
			return 0, 0, err
		}
		objects += bytes.Count(text, []byte("\n---\n")) + 1
		size += len(text)
	}
	return objects, size, nil
}
