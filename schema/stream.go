package schema

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"io/fs"
	"runtime"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

	"spokewright.dev/spokewright/internal/cuefile"
	"spokewright.dev/spokewright/internal/finding"
)

// Stream reads the environments of a fleet one after another, each with its hub, so that what was used can be forgotten: a
// fleet of ten thousand fits into memory as ten thousand outlines. Its methods may be called concurrently.
type Stream struct {
	Config *FleetConfig
	Names  []string // of all environments, sorted

	reader  *Reader
	tree    fs.FS
	members members
	known   Known
	holds   map[string]bool // what is known of an environment
	hubs    sync.Map        // func() (Environment, error), by name: those whose networks others join

	lock  sync.Mutex
	fleet *Fleet
	held  []held
}

// held is what only one environment may have.
type held struct {
	digest uint64
	by     int32 // the number of the environment
	alone  bool  // nothing else may have it at all
}

// Stream begins to read a fleet. What is wrong with more than one environment, or keeps the fleet from being read at all, is told
// as Fleet tells it.
//
// Outlines from an earlier time that still hold are not read again.
func (r *Reader) Stream(tree fs.FS, known Known) (*Stream, error) {
	config, names, unread, err := r.opened(tree)
	if err != nil {
		return nil, err
	}
	shared, err := fs.ReadFile(tree, FleetFile)
	if err != nil {
		return nil, err
	}
	known.Salt += string(shared)
	s := &Stream{Config: config, Names: names, reader: r, tree: tree, known: known, holds: make(map[string]bool, len(known.Outlines)),
		fleet: &Fleet{Config: config, Environments: make(map[string]Environment, len(names))}}
	facts, err := s.facts()
	if err == nil {
		err = unread.Err()
	}
	var problems finding.Findings
	s.members, problems = membersOf(facts)
	if err = cmp.Or(err, problems.Err()); err != nil {
		_, found := r.Fleet(tree)
		return nil, cmp.Or(found, err)
	}
	return s, nil
}

// opened is how every reading of a fleet begins: its own file, the names of its environments, and what looks like a spec and is not
// read.
func (r *Reader) opened(tree fs.FS) (config *FleetConfig, names []string, unread finding.Findings, err error) {
	if config, err = r.FleetConfigOf(tree); err != nil {
		return nil, nil, nil, err
	}
	names, unread, err = listing(tree)
	return config, names, unread, err
}

func listing(tree fs.FS) (names []string, unread finding.Findings, err error) {
	if names, err = List(tree); err != nil {
		return nil, nil, err
	}
	unread, err = strays(tree, names)
	return names, unread, err
}

// atOnce does work for all numbers below n, as many at a time as there are processors.
func atOnce(n int, work func(i int) error) error {
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i := range n {
		group.Go(func() error { return work(i) })
	}
	return group.Wait()
}

// facts are those of all environments.
func (s *Stream) facts() ([]Facts, error) {
	if len(s.known.Outlines) == 0 {
		return s.reader.facts(s.tree, s.Config, s.Names)
	}
	facts := make([]Facts, len(s.Names))
	err := atOnce(len(s.Names), func(i int) error {
		name := s.Names[i]
		known := s.known.Outlines[name]
		of, err := s.of(name)
		if err != nil {
			return err
		}
		if known.Name == name && known.Of == of {
			facts[i] = FactsOf(known.environment(s.Config))
			s.lock.Lock()
			defer s.lock.Unlock()
			s.holds[name] = true
			return nil
		}
		facts[i], err = s.reader.factsIn(s.tree, s.Config, name)
		return err
	})
	return facts, err
}

// of is the digest of what the outline of an environment is read from.
func (s *Stream) of(name string) (string, error) {
	digest := sha256.New()
	io.WriteString(digest, s.known.Salt) //nolint:errcheck // a hash never fails
	for _, file := range []string{SpecFile(name), NamesFile(name)} {
		content, err := s.known.digest(s.tree, file)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(digest, " %s %s", file, content)
	}
	return hex.EncodeToString(digest.Sum(nil)), nil
}

// Hubs are the names of those that are hubs.
func (s *Stream) Hubs() []string { return s.members.hubs }

// Environment reads one.
func (s *Stream) Environment(name string) (Environment, error) {
	e, err := s.reader.alone(s.tree, s.Config, name)
	if err != nil {
		return Environment{}, err
	}
	if err := s.members.place(&e).Err(); err != nil || !e.JoinsHub() {
		return e, err
	}
	read, _ := s.hubs.LoadOrStore(e.Hub, sync.OnceValues(func() (Environment, error) { return s.reader.alone(s.tree, s.Config, e.Hub) }))
	hub, err := read.(func() (Environment, error))()
	if err != nil {
		return Environment{}, err
	}
	e, found := e.Joined(hub)
	return e, found.Err()
}

// Seen takes note of an environment that was read, each once: of its outline, or of all of it.
func (s *Stream) Seen(e Environment, whole bool) {
	o := e.outline()
	if !whole {
		e = o.environment(s.Config)
	}
	s.see(e, o)
}

func (s *Stream) see(e Environment, o Outline) {
	s.lock.Lock()
	defer s.lock.Unlock()
	s.fleet.Environments[e.Name] = e
	by := int32(len(s.fleet.Environments))
	for _, digest := range o.Once {
		s.held = append(s.held, held{digest, by, false})
	}
	for _, digest := range o.Alone {
		s.held = append(s.held, held{digest, by, true})
	}
}

// twice says whether two may have what only one may have.
func (s *Stream) twice() bool {
	slices.SortFunc(s.held, func(a, b held) int { return cmp.Compare(a.digest, b.digest) })
	for i := range len(s.held) - 1 {
		a, b := s.held[i], s.held[i+1]
		if a.digest == b.digest && (a.by != b.by || a.alone || b.alone) {
			return true
		}
	}
	return false
}

// Known is what is known of a fleet from an earlier time.
type Known struct {
	Outlines Outlines
	Salt     string // tells what they depend on beside files
	// Digest tells the contents of a file from any other; it is empty where there is none. nil is a digest of what is read.
	Digest func(file string) (string, error)
}

func (k Known) digest(tree fs.FS, file string) (string, error) {
	if k.Digest != nil {
		return k.Digest(file)
	}
	text, err := fs.ReadFile(tree, file)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	digest := sha256.Sum256(text)
	return string(digest[:]), err
}

// Outlines are outlines of environments that were read before, by their names.
type Outlines map[string]Outline

// Outline is what others ask about an environment that they do not look at. It can be kept: Of tells what it was read from.
type Outline struct {
	Of                                          string
	Name, Role, Hub, ID, Owner, Class, Retiring string
	Cluster                                     *Cluster // without its nodes
	Flavours                                    []string
	Moved                                       []Moved
	Removed                                     []Removed
	Compositions                                string
	Databases                                   map[string]string // the IDs of databases
	Places                                      []place           // where the spec says what others may be told of, in the order of outlined
	Once, Alone                                 []uint64          // digests of what no other environment may have, and of what nothing else may have at all
}

// Outlined takes note of an environment by its outline, and gives that where it is new.
func (s *Stream) Outlined(name string) (o Outline, isNew bool, err error) {
	if o, isNew = s.known.Outlines[name], !s.holds[name]; isNew {
		e, err := s.Environment(name)
		if err != nil {
			return o, false, err
		}
		o = e.outline()
		if len(e.Moved)+len(e.Removed) == 0 { // what they declare is told at its place, which is not kept
			if o.Of, err = s.of(name); err != nil {
				return o, false, err
			}
		}
	}
	e := o.environment(s.Config)
	if err := s.members.place(&e).Err(); err != nil {
		return o, false, err
	}
	s.see(e, o)
	return o, isNew && o.Of != "", nil
}

// outline is that of an environment.
func (e Environment) outline() Outline {
	o := Outline{Name: e.Name, Role: e.Role, Hub: e.Hub, ID: e.ID, Owner: e.Owner, Class: e.Class.Name, Retiring: e.Retiring, Flavours: e.Flavours,
		Moved: e.Moved, Removed: e.Removed, Compositions: e.Compositions, Databases: map[string]string{}, Places: e.places}
	for name, database := range e.Databases {
		o.Databases[name] = database.ID
	}
	if e.Cluster != nil {
		cluster := *e.Cluster
		cluster.Nodes, o.Cluster = Nodes{}, &cluster
	}
	for _, path := range outlined() {
		if e.root != nil {
			o.Places = append(o.Places, placeOf(e.root.Find(path...), e.Name))
		}
	}
	for _, name := range e.ReservedNames() {
		if key, counts := e.unique(name); counts {
			o.Once = append(o.Once, hashed(key[:]))
		}
	}
	for _, app := range e.Apps {
		if key, writes := app.writes(); writes {
			o.Alone = append(o.Alone, hashed(append([]string{"writes"}, key[:]...)))
		}
	}
	for _, p := range e.adoptables() {
		if p.adopt != nil {
			key := e.adopted(p)
			o.Alone = append(o.Alone, hashed(append([]string{"adopts"}, key[:]...)))
		}
	}
	return o
}

// outlined are the paths in a spec whose places an outline has, each behind the one that it is in.
func outlined() [][]string {
	return [][]string{{}, {"class"}, {"cluster"}, {"cluster", "account"}, {"cluster", "network"}, {"cluster", "network", "cidr"}, {"compositions"}, {"hub"}, {"id"}, {"retiring"}, {"role"}}
}

// place is where a value is written; the file is empty where that is its environment's own.
type place struct {
	File         string
	Line, Column int32
	Said         bool // there is a value
}

func placeOf(node *cuefile.Node, environment string) place {
	if node == nil {
		return place{}
	}
	p := place{node.Position.File, int32(node.Position.Line), int32(node.Position.Column), true}
	if p.File == SpecFile(environment) {
		p.File = ""
	}
	return p
}

// at is where an environment that is known by its outline has what stands at a path, or the nearest thing above it.
func at(places []place, environment string, path []string) finding.Position {
	var nearest place
	for i, known := range outlined() {
		if places[i].Said && len(known) <= len(path) && slices.Equal(known, path[:len(known)]) {
			nearest = places[i]
		}
	}
	if nearest.File == "" && nearest.Line > 0 {
		nearest.File = SpecFile(environment)
	}
	return finding.Position{File: nearest.File, Line: int(nearest.Line), Column: int(nearest.Column)}
}

func hashed(parts []string) uint64 {
	digest := fnv.New64a()
	for _, part := range parts {
		fmt.Fprintf(digest, "%d:%s", len(part), part)
	}
	return digest.Sum64()
}

// environment is one of which nothing but an outline is known.
func (o Outline) environment(config *FleetConfig) Environment {
	databases := make(map[string]Database, len(o.Databases))
	for name, id := range o.Databases {
		databases[name] = Database{ID: id}
	}
	return Environment{Name: o.Name, Role: o.Role, Hub: o.Hub, ID: o.ID, Owner: o.Owner, Cluster: o.Cluster, Flavours: o.Flavours, Retiring: o.Retiring,
		Moved: o.Moved, Removed: o.Removed, Compositions: o.Compositions, Databases: databases, Class: config.Classes[o.Class], Fleet: config, places: o.Places}
}

// Fleet is what was seen, and by now that must be every environment, checked against each other. The error is that of Reader.Fleet: where
// two may have something that only one may have, all are read again, so that the mistake is told where it is.
func (s *Stream) Fleet() (*Fleet, error) {
	if s.twice() || len(peers(s.fleet)) > 0 || len(keeper(s.fleet)) > 0 {
		if _, err := s.reader.Fleet(s.tree); err != nil {
			return nil, err
		}
	}
	return s.fleet, nil
}
