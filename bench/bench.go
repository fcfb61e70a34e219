package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"spokewright.dev/spokewright/internal/render"
)

// bench is one run with what it has found.
type bench struct {
	options
	progress io.Writer
	report   report
}

func (b *bench) measure() error {
	b.report.begin(b.progress)
	for _, m := range b.measurements() {
		if b.only != "" && b.only != m.name {
			continue
		}
		if err := m.take(); err != nil {
			return err
		}
	}
	b.report.end()
	return nil
}

// measurement is what can be measured by itself.
type measurement struct {
	name string
	take func() error
}

func (b *bench) measurements() []measurement {
	return []measurement{{"fleets", b.fleets}, {"one", b.one}, {"peers", b.peers}, {"check", b.change}, {"diff", b.diff}, {"growth", b.grow}, {"start", b.start}}
}

// fleets measures fleets of all sizes.
func (b *bench) fleets() error {
	for _, environments := range b.environments {
		if err := b.fleet(environments); err != nil {
			return err
		}
	}
	return nil
}

// lay makes a fleet, unless this run has made it already.
func (b *bench) lay(f fleet) (string, error) {
	dir := filepath.Join(b.folder, fmt.Sprintf("%d-environments-%d-objects-%d-patched", f.environments, f.objects, f.patched))
	if _, err := os.Stat(dir); err == nil {
		return dir, nil
	}
	fmt.Fprintf(b.progress, "making a fleet of %d environments with %d objects each\n", f.environments, f.objects)
	return dir, f.write(dir)
}

func (b *bench) standard(environments int) fleet {
	return fleet{seed: b.seed, environments: environments, objects: b.objects}
}

// often is how many times work on that many environments is repeated.
func (b *bench) often(environments int) int {
	switch {
	case b.small:
		return 1
	case environments <= 10:
		return 2*b.repetitions + 1
	case environments <= 100:
		return b.repetitions
	}
	return max(1, b.repetitions*3/5)
}

// fleet measures a whole fleet: a render of all its files against kustomize and against the floor.
func (b *bench) fleet(environments int) error {
	f := b.standard(environments)
	dir, err := b.lay(f)
	if err != nil {
		return err
	}
	sample := b.sampled(f)
	targets := render.Targets(sample)
	k := kustomize{b.tools, dir}
	if err := b.same(k, targets); err != nil {
		return err
	}
	var floors []floor
	measured, err := interleaved(b.often(environments),
		func() (cost, error) { return b.render(dir) },
		func() (cost, error) {
			f, err := floorOf(dir)
			floors = append(floors, f)
			return f.cost(), err
		})
	if err != nil {
		return err
	}
	fmt.Fprintf(b.progress, "kustomize builds %d overlays\n", len(targets))
	peers, err := interleaved(max(1, b.often(environments)/3),
		func() (cost, error) { return k.build(targets) },
		func() (cost, error) { return k.alone(targets) })
	if err != nil {
		return err
	}
	objects, size, err := contents(dir, f.names())
	if err != nil {
		return err
	}
	factor := float64(environments+1) / float64(len(sample))
	b.report.fleet(fleetFigures{
		environments: environments + 1, objects: objects, bytes: size, sample: len(sample), repetitions: b.often(environments),
		ours: measured[0], floor: measured[1], floors: floors, kustomize: peers[0].times(factor), alone: peers[1].times(factor),
	})
	return nil
}

// sampled are the environments that kustomize builds, spread evenly over the fleet. A sample leaves the hub out, which
// lists all others and takes kustomize longer than any of them.
func (b *bench) sampled(f fleet) []string {
	names := f.names()
	if b.sample == 0 || len(names) <= b.sample+1 {
		return names
	}
	names = names[1:]
	var sample []string
	for i := range b.sample {
		sample = append(sample, names[i*len(names)/b.sample])
	}
	return sample
}

// same renders a fleet and finds that kustomize prints the same bytes, in both ways in which it is measured.
func (b *bench) same(k kustomize, targets []render.Target) error {
	if _, err := b.render(k.dir); err != nil {
		return err
	}
	if err := k.prepare(targets); err != nil {
		return err
	}
	fmt.Fprintf(b.progress, "comparing %d files with what kustomize prints\n", len(targets))
	for _, build := range []func([]render.Target) (cost, error){k.build, k.alone} {
		if _, err := build(targets); err != nil {
			return err
		}
		if err := k.compare(targets); err != nil {
			return err
		}
	}
	return nil
}

// render renders a whole fleet with our binary; no file is there before.
func (b *bench) render(dir string) (cost, error) {
	if err := os.RemoveAll(filepath.Join(dir, render.Golden)); err != nil {
		return cost{}, err
	}
	return process(dir, "", nil, b.tools.spokewright, "render")
}

// change measures what a check costs of the largest fleet where nothing changed, and of one environment that has just been edited,
// against a render of all, with golden/ up to date and what an earlier check left in the cache. What it says is compared with what a
// check without a cache says before anything is timed.
func (b *bench) change() error {
	f := b.standard(slices.Max(b.environments))
	dir, err := b.lay(f)
	if err != nil {
		return err
	}
	if _, err := b.render(dir); err != nil {
		return err
	}
	cache, err := os.MkdirTemp(b.folder, "cache-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(cache)
	if err := os.Setenv("SPOKEWRIGHT_CACHE", cache); err != nil {
		return err
	}
	name := f.name(f.environments / 2)
	for _, args := range [][]string{{"check"}, {"check", name}} {
		if err := b.remembers(dir, args...); err != nil {
			return err
		}
	}
	spec := filepath.Join(dir, "environments", name+".cue")
	edits := 0
	costs, err := interleaved(b.often(f.environments),
		func() (cost, error) { return process(dir, "", nil, b.tools.spokewright, "check") },
		func() (cost, error) {
			edits++
			if _, err := edited(spec, func(text string) string { return text + fmt.Sprintf("// %d\n", edits) }); err != nil {
				return cost{}, err
			}
			return process(dir, "", nil, b.tools.spokewright, "check", name)
		})
	if err != nil {
		return err
	}
	renders, err := interleaved(b.often(f.environments), func() (cost, error) { return b.render(dir) })
	if err != nil {
		return err
	}
	b.report.change(f.environments, costs[0], costs[1], renders[0])
	return nil
}

// remembers finds that a check says the same without a cache, with a cold one and with a warm one.
func (b *bench) remembers(dir string, args ...string) error {
	var said []string
	for _, more := range [][]string{{"--no-cache"}, nil, nil} {
		out, err := os.CreateTemp(b.folder, "check-")
		if err != nil {
			return err
		}
		_, err = process(dir, "", out, b.tools.spokewright, slices.Concat(args, []string{"-o", "json"}, more)...)
		text, unread := os.ReadFile(out.Name())
		if err := errors.Join(err, unread, out.Close(), os.Remove(out.Name())); err != nil {
			return err
		}
		said = append(said, string(text))
	}
	if said[0] != said[1] || said[0] != said[2] {
		return fmt.Errorf("%v: a check with a cache says something else than one without", args)
	}
	return nil
}

// grow measures how a render grows with environments, and with the objects of one.
func (b *bench) grow() error {
	if !b.growth {
		return nil
	}
	var fleets []fleet
	environments, objects := b.curves()
	for _, environments := range environments {
		fleets = append(fleets, b.standard(environments))
	}
	if err := b.curve("environments", "<= 192", fleets); err != nil {
		return err
	}
	fleets = nil
	for _, objects := range objects {
		fleets = append(fleets, fleet{seed: b.seed, environments: 1, objects: objects})
	}
	return b.curve("objects in one environment", "", fleets)
}

// curve renders fleets of growing size. most is what the largest may have in memory.
func (b *bench) curve(what, most string, fleets []fleet) error {
	works, sizes := make([]func() (cost, error), len(fleets)), make([]float64, len(fleets))
	for i, f := range fleets {
		dir, err := b.lay(f)
		if err != nil {
			return err
		}
		works[i] = func() (cost, error) { return b.render(dir) }
		if _, err := works[i](); err != nil {
			return err
		}
		objects, _, err := contents(dir, f.names())
		if err != nil {
			return err
		}
		sizes[i] = float64(objects)
	}
	fmt.Fprintf(b.progress, "measuring growth with %s\n", what)
	costs, err := interleaved(max(1, b.repetitions*3/5), works...)
	if err != nil {
		return err
	}
	b.report.growth(what, most, sizes, costs)
	return nil
}

// start measures what a process takes before it does anything, and one call of a function, which prints the objects of a plane.
func (b *bench) start() error {
	f := b.standard(1)
	dir, err := b.lay(f)
	if err != nil {
		return err
	}
	overlay := filepath.Join(dir, "overlays", f.name(0), "hub")
	list := fmt.Sprintf(`apiVersion: config.kubernetes.io/v1
kind: ResourceList
items: []
functionConfig:
  apiVersion: spokewright.dev/v1alpha1
  kind: Environment
  metadata: {name: %[1]s}
  spec: {file: ../../../environments/%[1]s.cue, plane: hub}
`, f.name(0))
	call := filepath.Join(b.folder, "call.yaml")
	if err := writeText(call, []byte(list)); err != nil {
		return err
	}
	costs, err := interleaved(4*b.repetitions+1,
		func() (cost, error) { return process(b.folder, "", nil, b.tools.spokewright, "version") },
		func() (cost, error) { return process(b.folder, "", nil, b.tools.kustomize, "version") },
		func() (cost, error) { return piped(overlay, call, b.tools.spokewright, "fn") })
	if err != nil {
		return err
	}
	b.report.start(costs[0], costs[1], costs[2])
	return nil
}
