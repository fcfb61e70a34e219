package snapshot

import (
	"cmp"
	"encoding/json"
	"io/fs"
	"maps"
	"path"
	"slices"
	"sync"

	"spokewright.dev/spokewright/internal/applicationset"
	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/manifest"
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
	own      map[string]*own // what each environment's own files are, as far as that was looked at
	twin     map[string]*own // those of the other side, where that was looked at before
	album    *album          // of the working tree
	facts    func() ([]schema.Facts, error)
	files    *listings // of the fleet
	// of the whole repository: what was looked at, the Applications' sources and what was built of them
	repository *listings
	origin     applicationset.World
	folder     string   // of the fleet in it
	built      sync.Map // func() ([]manifest.Object, error), by what it is built from
	read       sync.Map // func() (inputs, error), by environment
	rendered   sync.Map // func() (golden, error), by environment
}

// open reads what all of a fleet share. Where that cannot be, the side that comes with the error still has its files.
func (c *Camera) open(m Moment) (*side, error) {
	s := &side{Moment: m, camera: c, files: &listings{camera: c, tree: m.Tree}, repository: &listings{camera: c, tree: m.Repository}}
	s.origin.Tree = m.Repository
	if m.Place != "" {
		s.album = c.album
	}
	config, err := c.Reader.FleetConfigOf(m.Tree)
	if err != nil {
		return s, err
	}
	s.origin.Repository, s.origin.Revisions = config.Repository.URL, []string{config.Repository.Revision}
	s.folder = path.Clean(config.Repository.Within("."))
	names, err := schema.List(m.Tree)
	if err != nil {
		return s, err
	}
	fleet, err := s.blob(schema.FleetFile)
	if err != nil {
		return s, err
	}
	files := make([]own, len(names))
	s.names, s.specKeys, s.own = names, map[string]rendercache.Key{}, map[string]*own{}
	err = each(len(names), func(i int) (err error) {
		files[i], err = s.ownFiles(names[i])
		return err
	})
	for i, name := range names {
		s.specKeys[name], s.own[name] = s.specKey(fleet, name, files[i]), &files[i]
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
	err = s.anew(left, planes)
	for _, target := range targets {
		if p := planes[target]; p != nil && p.root != nil {
			planes[render.Target{Environment: target.Environment, Plane: root}] = &plane{id: s.camera.Blob(p.root), local: &local{}, text: func() ([]byte, error) { return p.root, nil }}
		}
	}
	return planes, err
}

// sharedBy is what environments know of each other.
type sharedBy struct {
	hubs   []string
	all    string          // what a hub lists
	joined map[string]bool // those that read their hub too
}

func sharedFacts(facts []schema.Facts) sharedBy {
	text, _ := json.Marshal(facts) //nolint:errchkjson,musttag // it holds texts alone, and nobody reads it
	shared := sharedBy{all: string(text), joined: map[string]bool{}}
	for _, f := range facts {
		shared.joined[f.Name] = f.JoinHub
		if f.Role == "hub" {
			shared.hubs = append(shared.hubs, f.Name)
		}
	}
	return shared
}

func (s *side) need(t render.Target, shared sharedBy) (need, error) {
	known, _ := s.read.LoadOrStore(t.Environment, sync.OnceValues(func() (inputs, error) { return s.inputs(t.Environment) }))
	read, err := known.(func() (inputs, error))()
	if err != nil {
		return need{}, err
	}
	spec := s.specKeys[t.Environment]
	parts := append([]string{s.camera.Program, "plane", t.Environment, string(t.Plane), string(spec[:]), read.digest}, shared.hubs...)
	if slices.Contains(shared.hubs, t.Environment) || len(read.others) > 0 { // of which one may be a hub
		parts = append(parts, shared.all)
	}
	for _, hub := range shared.hubs {
		if key := s.specKeys[hub]; shared.joined[t.Environment] { // whichever is its own
			parts = append(parts, string(key[:]))
		}
	}
	return need{t, rendercache.KeyOf(parts...), read.certain, read.others}, nil
}

// kept is a plane as it was kept; nil where it was not. Its text is read when somebody asks for it.
func (s *side) kept(key rendercache.Key) *plane {
	var head heading
	if json.Unmarshal(s.camera.head(key), &head) != nil || len(head.ID) == 0 { //nolint:musttag // this program alone reads what it wrote
		return nil
	}
	id := revision.ID(head.ID)
	return head.plane(func() ([]byte, error) {
		text := s.camera.Store.Body(key)
		if s.camera.Blob(text) != id {
			return nil, errTorn
		}
		return text, nil
	})
}

// heading is what is kept of a plane to be read without its text.
type heading struct {
	ID   []byte
	Root []byte `json:",omitempty"` // what starts a hub
	local
}

// root is the name under which the start of a hub is compared, as if it were one more plane.
const root schema.Plane = "root"

// plane is what was rendered, by its heading.
func (h *heading) plane(text func() ([]byte, error)) *plane {
	return &plane{id: revision.ID(h.ID), local: &h.local, root: h.Root, text: text}
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
	var heads sync.Map // *heading, by target
	rendered, err := render.Each(s.Tree, s.camera.Reader, fleet, targets, func(r *render.Rendered) error {
		head := heading{[]byte(s.camera.Blob(r.YAML)), r.Root, s.local(r.Objects)}
		if n := left[r.Target]; n.keep {
			if text, err := json.Marshal(head); err == nil { //nolint:musttag // as above
				s.camera.put(n.key, text, r.YAML)
			}
		}
		heads.Store(r.Target, &head)
		r.Objects = nil
		return nil
	})
	if err != nil {
		return err
	}
	for _, r := range rendered {
		known, _ := heads.Load(r.Target)
		planes[r.Target] = known.(*heading).plane(func() ([]byte, error) { return r.YAML, nil })
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

// edited takes rendered files of the head for what it makes, where they are neither what its specs give nor what the base has:
// somebody wrote them by hand, merged them or took them away, and Argo CD applies what stands there. That is noted. Files that
// nobody has rendered yet, as the base has them, are none of these, and neither are those that say the same in other words.
func (s *side) edited(p *Pair, base *side, wanted []render.Target, rendered map[render.Target]*plane) error {
	if s.config.Delivery != "rendered" {
		return nil
	}
	golden, err := s.golden(wanted)
	if err != nil {
		return err
	}
	before, err := base.golden(wanted)
	if err != nil {
		return err
	}
	for _, target := range slices.SortedFunc(maps.Keys(before), compareTargets) {
		is, was := golden[target], before[target]
		if rendered[target] == nil || same(is, rendered[target]) || same(is, was) {
			continue
		}
		note := finding.Finding{Severity: finding.Warning, Code: finding.OutOfDate, Position: finding.Position{File: goldenFile(target)},
			Message: "changed in " + s.Name + ", and not as its specs render: Argo CD applies what stands there, and that is shown here", Remedy: "spokewright render writes it anew"}
		if is == nil {
			note.Message = "taken away in " + s.Name + ", whose specs render it: Argo CD finds nothing there, and that is shown here"
		}
		applied, differs, err := s.applied(is, was)
		switch {
		case err != nil:
			return err
		case differs:
			rendered[target] = applied
		default:
			note.Message = "changed in " + s.Name + ", and not as its specs render: what stands there are the objects of the base, and what is shown here is what the specs give"
		}
		p.Notes = append(p.Notes, note)
	}
	return nil
}

// applied is a rendered file as a plane, and whether its objects are others than those of the base.
func (s *side) applied(is, was *plane) (*plane, bool, error) {
	if is == nil {
		return &plane{lost: true, local: &local{}, text: func() ([]byte, error) { return nil, nil }}, true, nil
	}
	objects, err := is.objects()
	if err != nil {
		return nil, false, err
	}
	before, err := was.objects()
	if err != nil { // so that they are not the same
		before = nil
	}
	here := s.local(objects)
	is.local, is.lost = &here, len(objects) == 0
	return is, len(objects) == 0 || !slices.EqualFunc(objects, before, func(a, b manifest.Object) bool { return manifest.Equal(a, b) }), nil
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
