// Package render renders a whole fleet in memory: every environment through its overlay, in parallel, none knowing
// of another. It writes nothing; where the fleet's files come from (a disk, a Git revision) is for its caller to say.
package render

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"runtime"
	"sync"

	"golang.org/x/sync/errgroup"
	"spokewright.dev/spokewright/functions"
	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/krm"
	"spokewright.dev/spokewright/internal/kustomize"
	"spokewright.dev/spokewright/internal/manifest"
	"spokewright.dev/spokewright/schema"
)

// Overlays is the folder of the trees that teams may patch, one folder an environment with one a plane.
const Overlays = "overlays"

// Golden is the folder of rendered files: what a review and the tests compare, and what Argo CD may read.
const Golden = "golden"

// Target is one plane of one environment.
type Target struct {
	Environment string
	Plane       schema.Plane
}

// Overlay is the folder that the target is built from, in the fleet's tree.
func (t Target) Overlay() string { return path.Join(Overlays, t.Environment, string(t.Plane)) }

// File is where the rendered target stands below the folder of rendered files.
func (t Target) File() string { return path.Join(t.Environment, string(t.Plane)+".yaml") }

// RootFile is what a hub's folder of rendered files has beside its planes: what starts the hub.
const RootFile = "root.yaml"

// Rendered is a target with its objects, as YAML.
type Rendered struct {
	Target
	YAML    []byte
	Objects []manifest.Object
	Root    []byte // of the hub plane of a hub, the file that starts it; else nil
}

// Files are what is written of it, by their names below the folder of rendered files.
func (r Rendered) Files() map[string][]byte {
	files := map[string][]byte{r.File(): r.YAML}
	if r.Root != nil {
		files[path.Join(r.Environment, RootFile)] = r.Root
	}
	return files
}

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

// All renders the targets, in their order. done is called after each, from several goroutines. The error joins those of
// all targets; nothing is returned then.
func All(tree fs.FS, reader *schema.Reader, fleet *schema.Fleet, targets []Target, done func()) ([]Rendered, error) {
	return Each(tree, reader, fleet, targets, func(*Rendered) error {
		done()
		return nil
	})
}

// Each renders the targets, in their order, and hands each to visit as soon as it is rendered, from several goroutines.
// Visit may take from it what need not be kept: a large fleet does not fit into memory. The error joins those of all
// targets, or is the first one of visit; nothing is returned then.
func Each(tree fs.FS, reader *schema.Reader, fleet *schema.Fleet, targets []Target, visit func(*Rendered) error) ([]Rendered, error) {
	r := newRenderer(tree, krm.Fleet{Fleet: fleet, Reader: reader})
	rendered, failed := make([]Rendered, len(targets)), make([]error, len(targets))
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i, target := range targets {
		group.Go(func() error {
			if rendered[i], failed[i] = r.one(target); failed[i] != nil {
				return nil
			}
			if target.Plane == schema.Hub {
				rendered[i].Root = RootText(fleet.Environments[target.Environment])
			}
			return visit(&rendered[i])
		})
	}
	err := group.Wait()
	if wrong := errors.Join(failed...); wrong != nil {
		return nil, wrong
	}
	if err != nil {
		return nil, err
	}
	return rendered, nil
}

// One renders one target, with specs from where source finds them.
func One(tree fs.FS, source krm.Source, target Target) (Rendered, error) {
	return newRenderer(tree, source).one(target)
}

// RootText is the text of what starts a hub, and nil for what is none.
func RootText(e schema.Environment) []byte {
	objects := functions.Root(e)
	if objects == nil {
		return nil
	}
	const head = "# The start of a hub: kubectl apply this where Argo CD runs, and it reads all else from Git.\n"
	return append([]byte(head), manifest.Stream(objects)...)
}

// renderer renders the targets of one tree.
type renderer struct {
	tree    fs.FS
	krm     krm.Runner
	builder *kustomize.Builder
	last    sync.Map // the transformer that ran last, by its folder
	made    sync.Map // the objects of targets whose guard has not run yet
}

func newRenderer(tree fs.FS, source krm.Source) *renderer {
	r := &renderer{tree: tree}
	r.krm = krm.Runner{Source: source, Expand: r.expand, Where: r.where}
	r.builder = kustomize.NewBuilder(tree, r.run)
	return r
}

// expand makes the objects of a plane once for its generator and its guard, which ask for them in turn.
func (r *renderer) expand(e schema.Environment, plane schema.Plane) []manifest.Object {
	target := Target{e.Name, plane}
	if made, known := r.made.LoadAndDelete(target); known {
		return made.([]manifest.Object)
	}
	made := functions.Expand(e, plane)
	r.made.Store(target, made)
	return made
}

// transformer is a functionConfig that has run. guards is what it watches, if it is a guard.
type transformer struct {
	id     manifest.ID
	guards Target
}

// run runs a functionConfig and takes note of which transformer was the last.
func (r *renderer) run(config manifest.Object, dir string, items []manifest.Object) ([]manifest.Object, error) {
	if err := krm.Started(config); err != nil {
		return nil, err
	}
	made, err := r.krm.Run(config, dir, items)
	if items != nil && err == nil {
		ran := transformer{id: manifest.Identify(config)}
		ran.guards.Environment, ran.guards.Plane, _ = krm.Guards(config, dir)
		r.last.Store(dir, ran)
	}
	return made, err
}

func (r *renderer) one(target Target) (Rendered, error) {
	dir := target.Overlay()
	if _, err := fs.Stat(r.tree, dir); errors.Is(err, fs.ErrNotExist) {
		return Rendered{}, finding.At(finding.Position{File: dir}, finding.OverlayMissing,
			"the folder is missing: environment %q needs an overlay for its %s plane", target.Environment, target.Plane)
	}
	result, err := r.builder.Build(dir)
	if err != nil {
		return Rendered{}, err
	}
	if len(result.YAML) == 0 {
		return Rendered{}, r.about(dir, finding.Finding{Code: finding.PromiseBroken, Message: "nothing was rendered: does the kustomization list the environment under generators?"})
	}
	if err := r.unguarded(target); err != nil {
		return Rendered{}, err
	}
	return Rendered{Target: target, YAML: result.YAML, Objects: result.Objects}, nil
}

// unguarded is the error of a target whose last transformer is not its own guard.
func (r *renderer) unguarded(target Target) error {
	dir := target.Overlay()
	ran, _ := r.last.LoadAndDelete(dir)
	last, _ := ran.(transformer)
	f := finding.Finding{Code: finding.GuardMissing}
	switch {
	case last.guards == target:
		return nil
	case last.guards != Target{}:
		f.Message = fmt.Sprintf("the guard watches the %s plane of environment %q, and this is the %s plane of %q: write that into its functionConfig",
			last.guards.Plane, last.guards.Environment, target.Plane, target.Environment)
	default:
		f.Message = fmt.Sprintf("the last of transformers is not the Guard of environment %q and its %s plane: nothing would notice what a patch takes away, or a build without --enable-exec",
			target.Environment, target.Plane)
		if last.id.Kind != "" && last.id.Kind != krm.GuardKind {
			f.Object = finding.Object{Kind: last.id.Kind, Name: last.id.Name}
			f.Message = fmt.Sprintf("it runs last, where nobody looks at what it does: the last of transformers must be the Guard of environment %q and its %s plane",
				target.Environment, target.Plane)
		}
	}
	return r.about(dir, f)
}

// about is an error about an overlay, at its place in the overlay's files.
func (r *renderer) about(dir string, f finding.Finding) error {
	f.Position = r.where(dir, f)
	return finding.Findings{f}
}

func (r *renderer) where(dir string, f finding.Finding) finding.Position {
	return kustomize.Where(r.tree, dir, f)
}
