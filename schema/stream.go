package schema

import (
	"cmp"
	"hash/maphash"
	"io/fs"
	"sync"

	"spokewright.dev/spokewright/internal/cuefile"
)

// Stream reads the environments of a fleet one after another, each with its hub, so that what was used can be forgotten: a
// fleet of ten thousand fits into memory as ten thousand outlines. Its methods may be called concurrently.
type Stream struct {
	Config *FleetConfig
	Names  []string // of all environments, sorted

	reader  *Reader
	tree    fs.FS
	members members

	lock  sync.Mutex
	fleet *Fleet
	seed  maphash.Seed
	taken map[uint64]string // which environment has what only one may have
	doubt bool              // two may have the same
}

// Stream begins to read a fleet. What is wrong with more than one environment, or keeps the fleet from being read at all, is told
// as Fleet tells it.
func (r *Reader) Stream(tree fs.FS) (*Stream, error) {
	config, err := r.FleetConfigOf(tree)
	if err != nil {
		return nil, err
	}
	names, err := List(tree)
	if err != nil {
		return nil, err
	}
	unread, err := strays(tree, names)
	if err != nil {
		return nil, err
	}
	facts, err := r.facts(tree, config, names)
	if err == nil {
		err = unread.Err()
	}
	m, problems := membersOf(facts)
	if err = cmp.Or(err, problems.Err()); err != nil {
		_, found := r.Fleet(tree)
		return nil, cmp.Or(found, err)
	}
	return &Stream{Config: config, Names: names, reader: r, tree: tree, members: m, seed: maphash.MakeSeed(), taken: map[uint64]string{},
		fleet: &Fleet{Config: config, Environments: make(map[string]Environment, len(names))}}, nil
}

// Environment reads one.
func (s *Stream) Environment(name string) (Environment, error) {
	e, err := s.reader.alone(s.tree, s.Config, name)
	if err != nil {
		return Environment{}, err
	}
	return e, s.members.place(&e).Err()
}

// Seen takes note of an environment that was read, each once: of its outline, or of all of it.
func (s *Stream) Seen(e Environment, whole bool) {
	outline := e
	if !whole {
		outline = e.outline()
	}
	s.lock.Lock()
	defer s.lock.Unlock()
	s.fleet.Environments[e.Name] = outline
	note := func(key any, again bool) {
		hash := maphash.Comparable(s.seed, key)
		other, twice := s.taken[hash]
		s.doubt = s.doubt || twice && (again || other != e.Name)
		s.taken[hash] = e.Name
	}
	for _, name := range e.ReservedNames() {
		if key, counts := e.unique(name); counts {
			note(key, false)
		}
	}
	for _, app := range e.Apps {
		if key, writes := app.writes(); writes {
			note(key, true)
		}
	}
	for _, p := range e.adoptables() {
		if p.adopt != nil {
			note(struct{ adopted [4]string }{e.adopted(p)}, true)
		}
	}
}

// outline is what others ask about an environment that they do not look at.
func (e Environment) outline() Environment {
	return Environment{Name: e.Name, Role: e.Role, Hub: e.Hub, ID: e.ID, Owner: e.Owner, Cluster: e.Cluster, Flavours: e.Flavours,
		Retiring: e.Retiring, Moved: e.Moved, Removed: e.Removed, Class: e.Class, Fleet: e.Fleet, Spokes: e.Spokes, root: &cuefile.Node{Position: e.root.Position}}
}

// Fleet is what was seen, and by now that must be every environment, checked against each other. The error is that of Reader.Fleet: where
// two may have something that only one may have, all are read again, so that the mistake is told where it is.
func (s *Stream) Fleet() (*Fleet, error) {
	if s.doubt || len(peers(s.fleet)) > 0 || len(keeper(s.fleet)) > 0 {
		if _, err := s.reader.Fleet(s.tree); err != nil {
			return nil, err
		}
	}
	return s.fleet, nil
}
