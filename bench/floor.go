package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"

	"cuelang.org/go/cue"
	"cuelang.org/go/cue/cuecontext"
	"golang.org/x/sync/errgroup"
	"spokewright.dev/spokewright/internal/manifest"
	"spokewright.dev/spokewright/internal/render"
	"spokewright.dev/spokewright/schema"
)

// floorVerb is the hidden verb under which this binary starts itself to measure the floor of the fleet in a folder.
const floorVerb = "floor"

// floor is the least that a render can cost: CUE compiles, validates and exports every spec, without the rules of
// environments; every object is appended to a buffer as YAML; every file is written, and not synced. It knows
// beforehand what the objects are: nobody makes them, reads overlays, or guards anything.
type floor struct {
	CUE   part `json:"cue"`
	Emit  part `json:"emit"`
	Write part `json:"write"`
}

// part is a part of the floor, in seconds.
type part struct {
	Wall float64 `json:"wall"`
	CPU  float64 `json:"cpu"`
}

func (f floor) cost() cost {
	return cost{wall: f.CUE.Wall + f.Emit.Wall + f.Write.Wall, cpu: f.CUE.CPU + f.Emit.CPU + f.Write.CPU}
}

// floorOf measures the floor in a process of its own.
func floorOf(dir string) (floor, error) {
	self, err := os.Executable()
	if err != nil {
		return floor{}, err
	}
	out, err := os.CreateTemp(dir, "floor-*.json")
	if err != nil {
		return floor{}, err
	}
	defer os.Remove(out.Name())
	defer out.Close()
	if _, err := process(dir, "", out, self, floorVerb, dir); err != nil {
		return floor{}, err
	}
	text, err := os.ReadFile(out.Name())
	if err != nil {
		return floor{}, err
	}
	var f floor
	return f, json.Unmarshal(text, &f)
}

// measureFloor is the process that floorOf starts. The golden files of the fleet are there already.
func measureFloor(dir string, stdout io.Writer) error {
	var f floor
	var err error
	if f.CUE, err = timed(func() error { return evaluate(dir) }); err != nil {
		return err
	}
	rendered, err := all(dir)
	if err != nil {
		return err
	}
	runtime.GC() // what was made to get here is no part of the floor
	texts := make([][]byte, len(rendered))
	f.Emit, err = timed(func() error {
		return each(len(rendered), func(i int) error {
			texts[i] = manifest.Stream(rendered[i].Objects)
			return nil
		})
	})
	if err != nil {
		return err
	}
	out, err := os.MkdirTemp(dir, "floor-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(out)
	f.Write, err = timed(func() error {
		return each(len(rendered), func(i int) error { return writeText(filepath.Join(out, rendered[i].File()), texts[i]) })
	})
	if err != nil {
		return err
	}
	for i, r := range rendered {
		golden, err := os.ReadFile(filepath.Join(dir, render.Golden, r.File()))
		if err != nil {
			return err
		}
		if !bytes.Equal(golden, texts[i]) {
			return fmt.Errorf("%s: the floor wrote something else than the render", r.File())
		}
	}
	return json.NewEncoder(stdout).Encode(f)
}

func timed(work func() error) (part, error) {
	c, err := inside(work)
	return part{c.wall, c.cpu}, err
}

// evaluate has CUE compile, validate and export every spec.
func evaluate(dir string) error {
	files, err := filepath.Glob(filepath.Join(dir, schema.Folder, "*.cue"))
	if err != nil {
		return err
	}
	return each(len(files), func(i int) error {
		text, err := os.ReadFile(files[i])
		if err != nil {
			return err
		}
		value := cuecontext.New().CompileBytes(text, cue.Filename(files[i]))
		if err := value.Validate(cue.Concrete(true)); err != nil {
			return err
		}
		_, err = value.MarshalJSON()
		return err
	})
}

// each runs work for every number below n, as many at a time as a render does.
func each(n int, work func(int) error) error {
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i := range n {
		group.Go(func() error { return work(i) })
	}
	return group.Wait()
}

// all renders a fleet in this process.
func all(dir string) ([]render.Rendered, error) {
	tree := os.DirFS(dir)
	reader, err := schema.NewReader()
	if err != nil {
		return nil, err
	}
	fleet, err := reader.Fleet(tree)
	if err != nil {
		return nil, err
	}
	return render.All(tree, reader, fleet, render.Targets(fleet.Names()), func() {})
}
