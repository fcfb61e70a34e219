package snapshot

import (
	"cmp"
	"encoding/json"
	"io/fs"
	"maps"
	"slices"
	"sync"

	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/render"
	"spokewright.dev/spokewright/internal/rendercache"
	"spokewright.dev/spokewright/internal/revision"
	"spokewright.dev/spokewright/schema"
)

// side is a fleet at one moment, as far as it was read.
type side struct {
	Moment
	camera   *Camera
	config   *schema.FleetConfig // nil where the fleet cannot be read
	names    []string
	specKeys map[string]rendercache.Key
	facts    func() ([]schema.Facts, error)
	listings sync.Map // func() (listing, error), by the name of a file or folder
}

// open reads what all of a fleet share. Where that cannot be, the side that comes with the error still has its files.
func (c *Camera) open(m Moment) (*side, error) {
	s := &side{Moment: m, camera: c}
	config, err := c.Reader.FleetConfigOf(m.Tree)
	if err != nil {
		return s, err
	}
	names, err := schema.List(m.Tree)
	if err != nil {
		return s, err
	}
	fleet, err := s.blob(schema.FleetFile)
	if err != nil {
		return s, err
	}
	keys := make([]rendercache.Key, len(names))
	s.names, s.specKeys = names, map[string]rendercache.Key{}
	err = each(len(names), func(i int) (err error) {
		keys[i], err = s.specKey(fleet, names[i])
		return err
	})
	for i, name := range names {
		s.specKeys[name] = keys[i]
	}
	s.config, s.facts = config, sync.OnceValues(s.readFacts)
	return s, err
}

// targets are the planes that there are, of those that are wanted.
func (s *side) targets(wanted []render.Target) []render.Target {
	return slices.DeleteFunc(render.Targets(s.names), func(t render.Target) bool { return wanted != nil && !slices.Contains(wanted, t) })
}

// blob is the ID of a file's text, which a commit knows without reading it.
func (s *side) blob(file string) (revision.ID, error) {
	info, err := fs.Lstat(s.Tree, file)
	if err != nil {
		return "", err
	}
	if e, ok := info.Sys().(revision.Entry); ok && info.Mode().IsRegular() {
		return e.ID, nil
	}
	text, err := fs.ReadFile(s.Tree, file)
	return s.camera.Blob(text), err
}

// need is a plane that is wanted: what it is made of.
type need struct {
	render.Target
	key    rendercache.Key
	keep   bool
	others []string // environments that its overlay reads as well
}

// render gives planes: those that are kept as they were kept, and the others rendered.
func (s *side) render(targets []render.Target) (map[render.Target]*plane, error) {
	facts, err := s.facts()
	if err != nil {
		return nil, err
	}
	needs, found := make([]need, len(targets)), make([]*plane, len(targets))
	shared := sharedFacts(facts)
	err = each(len(targets), func(i int) (err error) {
		if needs[i], err = s.need(targets[i], shared); err == nil && needs[i].keep {
			found[i] = s.kept(needs[i].key)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	planes, left := map[render.Target]*plane{}, map[render.Target]need{}
	for i, target := range targets {
		if planes[target] = found[i]; found[i] == nil {
			delete(planes, target)
			left[target] = needs[i]
		}
	}
	return planes, s.anew(left, planes)
}

// sharedBy is what environments know of each other.
type sharedBy struct {
	hubs []string
	all  string // what a hub lists
}

func sharedFacts(facts []schema.Facts) sharedBy {
	text, _ := json.Marshal(facts) //nolint:errchkjson,musttag // it holds texts alone, and nobody reads it
	shared := sharedBy{all: string(text)}
	for _, f := range facts {
		if f.Role == "hub" {
			shared.hubs = append(shared.hubs, f.Name)
		}
	}
	return shared
}

func (s *side) need(t render.Target, shared sharedBy) (need, error) {
	read, err := s.inputs(t.Environment)
	if err != nil {
		return need{}, err
	}
	spec := s.specKeys[t.Environment]
	parts := append([]string{s.camera.Program, "plane", t.Environment, string(t.Plane), string(spec[:]), read.digest}, shared.hubs...)
	if slices.Contains(shared.hubs, t.Environment) || len(read.others) > 0 { // of which one may be a hub
		parts = append(parts, shared.all)
	}
	return need{t, rendercache.KeyOf(parts...), read.certain, read.others}, nil
}

// kept is a plane as it was kept; nil where it was not. Its text is read when somebody asks for it.
func (s *side) kept(key rendercache.Key) *plane {
	id := revision.ID(s.camera.Store.Head(key))
	if len(id) == 0 {
		return nil
	}
	return &plane{id: id, text: func() ([]byte, error) {
		text := s.camera.Store.Body(key)
		if s.camera.Blob(text) != id {
			return nil, errTorn
		}
		return text, nil
	}}
}

// anew renders planes of which nothing is kept, and keeps them.
func (s *side) anew(left map[render.Target]need, planes map[render.Target]*plane) error {
	if len(left) == 0 {
		return nil
	}
	names := map[string]bool{}
	for target, n := range left {
		names[target.Environment] = true
		for _, other := range n.others {
			names[other] = true
		}
	}
	fleet, err := s.part(slices.Sorted(maps.Keys(names)))
	if err != nil {
		return err
	}
	targets := slices.SortedFunc(maps.Keys(left), compareTargets)
	rendered, err := render.Each(s.Tree, s.camera.Reader, fleet, targets, func(r *render.Rendered) error {
		if n := left[r.Target]; n.keep {
			s.camera.Store.Put(n.key, []byte(s.camera.Blob(r.YAML)), r.YAML)
		}
		r.Objects = nil
		return nil
	})
	if err != nil {
		return err
	}
	for _, r := range rendered {
		planes[r.Target] = &plane{id: s.camera.Blob(r.YAML), text: func() ([]byte, error) { return r.YAML, nil }}
	}
	return nil
}

// compareTargets orders planes as a render does.
func compareTargets(a, b render.Target) int {
	order := func(t render.Target) int { return slices.Index(schema.Planes(), t.Plane) }
	return cmp.Or(cmp.Compare(a.Environment, b.Environment), order(a)-order(b))
}

// running is what runs of the base: its golden files, or what a plugin renders of it.
func (s *side) running(p *Pair, wanted []render.Target, rendered map[render.Target]*plane) (map[render.Target]*plane, error) {
	if s.config == nil {
		return s.golden(wanted)
	}
	if p.Delivery != "rendered" {
		planes, err := s.render(s.targets(wanted))
		if !finding.IsInput(err) {
			return planes, err
		}
		p.Notes = append(p.Notes, unreadable(s.Moment, err)...)
		return s.golden(wanted)
	}
	golden, err := s.golden(wanted)
	if err != nil {
		return nil, err
	}
	return golden, s.stale(p, golden, rendered)
}

// golden are the rendered files.
func (s *side) golden(wanted []render.Target) (map[render.Target]*plane, error) {
	folders, err := fs.ReadDir(s.Tree, render.Golden)
	if err != nil && !missing(err) {
		return nil, err
	}
	planes := map[render.Target]*plane{}
	for _, folder := range folders {
		for _, name := range schema.Planes() {
			target := render.Target{Environment: folder.Name(), Plane: name}
			if wanted != nil && !slices.Contains(wanted, target) {
				continue
			}
			file := goldenFile(target)
			id, err := s.blob(file)
			if missing(err) {
				continue
			}
			if err != nil {
				return nil, err
			}
			planes[target] = &plane{id, file, func() ([]byte, error) { return fs.ReadFile(s.Tree, file) }}
		}
	}
	return planes, nil
}

// stale notes rendered files of the base that are not what its specs give: what a render changes there is no doing of
// this change. Only planes that differ are looked at.
func (s *side) stale(p *Pair, golden, rendered map[render.Target]*plane) error {
	var differing []render.Target
	for _, target := range s.targets(nil) {
		if old, new := golden[target], rendered[target]; new != nil && !same(old, new) {
			differing = append(differing, target)
		}
	}
	anew, err := s.render(differing)
	if finding.IsInput(err) {
		p.Notes = append(p.Notes, unreadable(s.Moment, err)...)
		return nil
	}
	if err != nil {
		return err
	}
	for _, target := range differing {
		what := "out of date"
		if golden[target] == nil {
			what = "missing"
		}
		if !same(golden[target], anew[target]) {
			p.Notes = append(p.Notes, finding.Finding{Severity: finding.Warning, Code: finding.OutOfDate, Position: finding.Position{File: goldenFile(target)},
				Message: what + " in " + s.Name + ": a part of what is shown is not of this change, but of the render that it waited for"})
		}
	}
	return nil
}
