// Package render renders a whole fleet in memory: every environment through its overlay, in parallel, none knowing
// of another. It writes nothing; where the fleet's files come from (a disk, a Git revision) is for its caller to say.
package render

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"runtime"
	"slices"

	"golang.org/x/sync/errgroup"

	"spokewright.dev/spokewright/krm"
	"spokewright.dev/spokewright/manifest"
	"spokewright.dev/spokewright/overlay"
	"spokewright.dev/spokewright/schema"
)

// Overlays is the folder of the trees that teams may patch, one folder an environment with one a plane.
const Overlays = "overlays"

// Target is one plane of one environment.
type Target struct {
	Environment string
	Plane       schema.Plane
}

// Overlay is the folder that the target is built from, in the fleet's tree.
func (t Target) Overlay() string { return path.Join(Overlays, t.Environment, string(t.Plane)) }

// File is where the rendered target stands below the folder of rendered files.
func (t Target) File() string { return path.Join(t.Environment, string(t.Plane)+".yaml") }

// Rendered is a target with its objects, as YAML.
type Rendered struct {
	Target
	YAML    []byte
	Objects func() ([]manifest.Object, error)
}

// Errors are what is wrong with the overlays of a fleet, one or more for each.
type Errors []error

func (e Errors) Error() string { return errors.Join(e...).Error() }

// Targets are both planes of the named environments.
func Targets(names []string) []Target {
	var targets []Target
	for _, name := range names {
		for _, plane := range schema.Planes() {
			targets = append(targets, Target{name, plane})
		}
	}
	return targets
}

// All renders the targets, in their order. done is called after each, from several goroutines. The error is Errors
// where the input is wrong; nothing is returned then.
func All(tree fs.FS, reader *schema.Reader, estate *schema.Estate, targets []Target, done func()) ([]Rendered, error) {
	source := krm.Estate{Estate: estate, Reader: reader}
	builder := overlay.NewBuilder(tree, func(config manifest.Object, dir string, items []manifest.Object) ([]manifest.Object, error) {
		return krm.Run(source, config, dir, items)
	})
	rendered, failed := make([]Rendered, len(targets)), make([]error, len(targets))
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i, target := range targets {
		group.Go(func() error {
			rendered[i], failed[i] = one(builder, tree, target)
			done()
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	failed = slices.DeleteFunc(failed, func(err error) bool { return err == nil })
	if len(failed) > 0 {
		return nil, Errors(failed)
	}
	return rendered, nil
}

func one(builder *overlay.Builder, tree fs.FS, target Target) (Rendered, error) {
	if _, err := fs.Stat(tree, target.Overlay()); errors.Is(err, fs.ErrNotExist) {
		return Rendered{}, fmt.Errorf("%s: the folder is missing: environment %q needs an overlay for its %s plane",
			target.Overlay(), target.Environment, target.Plane)
	}
	result, err := builder.Build(target.Overlay())
	if err != nil {
		return Rendered{}, err
	}
	if len(result.YAML) == 0 {
		return Rendered{}, fmt.Errorf("%s: nothing was rendered: does the kustomization list the environment under generators?", target.Overlay())
	}
	return Rendered{target, result.YAML, result.Objects}, nil
}
