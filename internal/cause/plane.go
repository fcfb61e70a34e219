package cause

import (
	"fmt"
	"io/fs"
	"slices"
	"sync"

	"spokewright.dev/spokewright/functions"
	"spokewright.dev/spokewright/internal/applicationset"
	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/krm"
	"spokewright.dev/spokewright/internal/kustomize"
	"spokewright.dev/spokewright/internal/manifest"
	"spokewright.dev/spokewright/internal/render"
	"spokewright.dev/spokewright/schema"
)

// Root is the plane of what starts a hub: it has a file of its own among the rendered ones, and no overlay.
const Root = schema.Plane("root")

// Plane is one plane of an environment with all that its objects may come from. It is for one goroutine.
type Plane struct {
	Target render.Target

	tree     fs.FS
	reader   *schema.Reader
	supposed schema.Supposed
	builder  *kustomize.Builder
	building schema.Environment // what the overlay is built for now
	overlay  overlay
	base     state
	yaml     func() ([]byte, error)
	leaves   []*leaf
	passed   []moment
	renamed  []manifest.Object
	sets     map[identity]manifest.Object // the ApplicationSets that make objects
}

// state is what is rendered of a plane: what functions make, and what the overlay leaves of it, which is built where it is asked for.
type state struct {
	environment schema.Environment
	made        []manifest.Object
	built       func() ([]manifest.Object, error)
}

// Open reads an environment as it stands and renders one plane of it. The error is Findings where it is not legal.
func Open(tree fs.FS, reader *schema.Reader, target render.Target) (*Plane, error) {
	config, err := reader.FleetConfigOf(tree)
	if err != nil {
		return nil, err
	}
	e, err := reader.EnvironmentOf(tree, config, target.Environment)
	if err != nil {
		return nil, err
	}
	names := []string{target.Environment}
	if e.Role == "hub" { // it has a list of the others
		if names, err = schema.List(tree); err != nil {
			return nil, err
		}
	}
	if e.JoinsHub() { // of which it says what the network is
		names = append(names, e.Hub)
	}
	p := &Plane{Target: target, tree: tree, reader: reader, sets: map[identity]manifest.Object{}}
	if p.supposed, err = reader.Suppose(tree, names...); err != nil {
		return nil, err
	}
	p.builder = kustomize.NewBuilder(tree, p.run)
	p.base = state{environment: e, made: p.make(e)}
	if target.Plane == Root {
		p.yaml = func() ([]byte, error) { return render.RootText(e), nil }
		p.base.built = func() ([]manifest.Object, error) { return p.base.made, nil }
	} else {
		p.overlay = readOverlay(tree, target.Overlay(), map[string]bool{})
		build := sync.OnceValues(func() (kustomize.Result, error) { return p.build(p.builder, e) })
		p.yaml = func() ([]byte, error) { built, err := build(); return built.YAML, err }
		p.base.built = func() ([]manifest.Object, error) { built, err := build(); return built.Objects, err }
	}
	p.leaves = p.written(names)
	return p, nil
}

// make makes the objects of the plane.
func (p *Plane) make(e schema.Environment) []manifest.Object {
	if p.Target.Plane == Root {
		return functions.Root(e)
	}
	return functions.Expand(e, p.Target.Plane)
}

// YAML is what is rendered of the plane.
func (p *Plane) YAML() ([]byte, error) { return p.yaml() }

// run runs a functionConfig of the overlay for the environment as it is supposed to be.
func (p *Plane) run(config manifest.Object, dir string, items []manifest.Object) ([]manifest.Object, error) {
	if err := krm.Started(config); err != nil {
		return nil, err
	}
	where := func(dir string, f finding.Finding) finding.Position { return kustomize.Where(p.tree, dir, f) }
	return krm.Runner{Source: source{krm.Tree{Reader: p.reader, FS: p.tree}, &p.building}, Expand: functions.Expand, Where: where}.Run(config, dir, items)
}

// source finds one environment as it is supposed to be, and others as they are.
type source struct {
	krm.Tree

	supposed *schema.Environment
}

// File is the environment of a spec file.
func (s source) File(dir, file string) (schema.Environment, error) {
	if krm.Named(dir, file) == s.supposed.Name {
		return *s.supposed, nil
	}
	return s.Tree.File(dir, file)
}

func (p *Plane) build(builder *kustomize.Builder, e schema.Environment) (kustomize.Result, error) {
	p.building = e
	return builder.Build(p.Target.Overlay())
}

// suppose makes the objects of the plane for specs that say something else. The same says that they are those that there are.
func (p *Plane) suppose(s schema.Supposed) (to state, same bool, err error) {
	defer func() {
		if trouble := recover(); trouble != nil { // functions are made for what is legal
			err = fmt.Errorf("%v", trouble)
		}
	}()
	e, err := s.Environment(p.Target.Environment)
	if err != nil {
		return state{}, false, err
	}
	to = state{environment: e, made: p.make(e)}
	to.built = sync.OnceValues(func() ([]manifest.Object, error) {
		if p.Target.Plane == Root {
			return to.made, nil
		}
		built, err := p.build(p.builder, e)
		return built.Objects, err
	})
	return to, slices.EqualFunc(to.made, p.base.made, func(a, b manifest.Object) bool { return manifest.Equal(a, b) }), nil
}

// changed says whether a field of an object is another one in a state than in the plane as it is, and what it is there, if it is
// there at all.
func (p *Plane) changed(object manifest.Object, path finding.Path, to state) (becomes any, gone, is bool) {
	here, there := p.base.made, to.made
	holder := object
	if set := p.setOf(object); set != nil {
		holder = set
	}
	mine := find(here, identify(holder))
	if mine == nil && p.overlay.plain() {
		return nil, false, false // it comes from a file
	}
	if !p.overlay.crossing && mine != nil && manifest.Equal(mine, counterpart(mine, here, there)) {
		return nil, false, false
	}
	if p.overlay.crossing || !p.overlay.plain() && p.touches(mine, counterpart(mine, here, there)) {
		if built, err := to.built(); err == nil {
			there = built
			here, _ = p.base.built()
		} else if p.patched(mine, path) {
			return nil, false, false // nobody could have that
		}
	}
	if mine = find(here, identify(holder)); mine == nil {
		return nil, false, false
	}
	if identify(holder) != identify(object) {
		other := counterpart(mine, here, there)
		if other == nil {
			return nil, true, true
		}
		here, there, mine = applications(mine), applications(other), object
	}
	return Changed(mine, path, here, there)
}

// patched says whether the overlay makes something else of a field than functions do. Of one that it leaves alone they tell what it
// would be, also where the overlay does not fit the rest of what they would make.
func (p *Plane) patched(made manifest.Object, path finding.Path) bool {
	if made == nil {
		return true
	}
	objects, _ := p.base.built()
	was, _ := manifest.Get(made, path.Tokens()...)
	is, _ := manifest.Get(find(objects, identify(made)), path.Tokens()...)
	return !manifest.Equal(was, is)
}

// called says whether a field of an object follows from what the environment is called. Under another name all objects have
// others, and stand in the same order.
func (p *Plane) called(object manifest.Object, path finding.Path) bool {
	holder := object
	if set := p.setOf(object); set != nil {
		holder = set
	}
	at := slices.IndexFunc(p.base.made, func(o manifest.Object) bool { return identify(o) == identify(holder) })
	others := p.others()
	if at < 0 || len(others) != len(p.base.made) {
		return false
	}
	here, there := p.base.made[at], others[at]
	if identify(holder) != identify(object) {
		made, makes := applications(here), applications(there)
		i := slices.IndexFunc(made, func(o manifest.Object) bool { return identify(o) == identify(object) })
		if i < 0 || len(made) != len(makes) {
			return false
		}
		here, there = made[i], makes[i]
	}
	was, is, found := follow(here, there, path)
	return was != nil && (!found || !manifest.Equal(was, is))
}

// others are the objects of the plane under another name of the environment.
func (p *Plane) others() (made []manifest.Object) {
	if p.renamed == nil {
		defer func() { _ = recover() }() // functions are made for what is legal
		if e, err := p.supposed.Called(p.Target.Environment, p.Target.Environment+"x"); err == nil {
			p.renamed = p.make(e)
		}
	}
	return p.renamed
}

// touches says whether the overlay makes something of an object, or may make something of what it would be.
func (p *Plane) touches(object, other manifest.Object) bool {
	if object == nil || other == nil {
		return true
	}
	objects, _ := p.base.built()
	return !manifest.Equal(find(objects, identify(object)), object) || identify(object) != identify(other) || p.overlay.selecting && !manifest.Equal(object["metadata"], other["metadata"])
}

// applications are those that a set makes.
func applications(set manifest.Object) []manifest.Object {
	made, _ := applicationset.Expand(set, applicationset.World{})
	return made
}

// Objects are those of the plane, with the Applications that its sets make behind them.
func (p *Plane) Objects() ([]manifest.Object, error) {
	objects, err := p.base.built()
	return withApplications(objects), err
}

func withApplications(objects []manifest.Object) []manifest.Object {
	all := slices.Clone(objects)
	for _, object := range objects {
		if identify(object).Kind == "ApplicationSet" {
			all = append(all, applications(object)...)
		}
	}
	return all
}
