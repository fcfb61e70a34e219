// Package snapshot takes a fleet at two moments, as objects that can be compared: what runs of a commit, and what the head
// makes of it. It loads the planes that differ and nothing else. It judges no change, and where the files come from is for
// its caller to say.
package snapshot

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"sync"
	"time"

	"spokewright.dev/spokewright/internal/change"
	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/manifest"
	"spokewright.dev/spokewright/internal/render"
	"spokewright.dev/spokewright/internal/rendercache"
	"spokewright.dev/spokewright/internal/revision"
	"spokewright.dev/spokewright/schema"
)

// Moment is a fleet's files at one time.
type Moment struct {
	Name string // in a message: "the working tree", "commit 0123456789ab"
	Tree fs.FS
	// Repository is the whole repository that the fleet is in, for sets that look into it; nil where nothing is known of it.
	Repository fs.FS
	// Place is the folder of a working tree, by which what was seen of it is known again as long as its disk describes the files as it
	// did; empty for a commit, and where nothing is believed of what a disk says.
	Place string
}

// Pair is a fleet at two moments. Planes that are the same in both are in neither, but those of hubs whose compositions tell what
// becomes of a claim, nor are environments without a plane that differs among those that were read, but where a composition does.
type Pair struct {
	Base, Head change.State
	Notes      finding.Findings
	Delivery   string // how the base reaches the clusters: "rendered" or "plugin"
	// Environments are all that were looked at, sorted.
	Environments []string
}

// Camera takes pairs.
type Camera struct {
	Reader  *schema.Reader
	Blob    func(text []byte) revision.ID      // the ID of a text in the repository
	Folder  func([]revision.Entry) revision.ID // and of a folder
	Store   *rendercache.Store                 // nil to keep nothing
	Program string                             // tells this program from any other that renders

	read     sync.Map // func() (schema.Environment, error), by the key of its files
	facts    sync.Map // schema.Facts, by the same key
	referred sync.Map // func() (listing, error), by the ID of a file

	album *album        // of the working tree that is looked at
	old   time.Duration // as how much older everything that the disk has is taken: for tests
}

var errTorn = errors.New("the cache of renders changed while it was read: run it again")

// Take compares two moments; wanted are the planes to look at, and nil means all.
func (c *Camera) Take(base, head Moment, wanted []render.Target) (*Pair, error) {
	c.album = c.albumOf(head.Place)
	p, err := c.take(base, head, wanted)
	if errors.Is(err, errTorn) && c.album != nil { // it has heads of entries that the cache has not any more
		c.album = nil
		p, err = c.take(base, head, wanted)
	}
	if err == nil && wanted == nil {
		c.album.keep()
	}
	return p, err
}

func (c *Camera) take(base, head Moment, wanted []render.Target) (*Pair, error) {
	after, err := c.open(head)
	if err != nil {
		return nil, err
	}
	rendered, err := after.render(after.targets(wanted))
	if err != nil {
		return nil, err
	}
	p := &Pair{Delivery: "rendered"}
	before, err := c.open(base)
	before.twin = after.own
	if err != nil && !finding.IsInput(err) {
		return nil, err
	}
	if err != nil {
		p.Notes = append(p.Notes, unreadable(base, err)...)
		before.origin.Repository, before.origin.Revisions, before.folder = after.origin.Repository, after.origin.Revisions, after.folder
	} else {
		p.Delivery = before.config.Delivery
	}
	running, err := before.running(p, wanted, rendered)
	if err != nil {
		return nil, err
	}
	if err := after.edited(p, before, wanted, rendered); err != nil {
		return nil, err
	}
	targets := slices.SortedFunc(maps.Keys(union(running, rendered)), compareTargets)
	for _, t := range targets {
		p.Environments = append(p.Environments, t.Environment)
	}
	p.Environments = slices.Compact(p.Environments)
	still := map[render.Target]*local{}
	targets = slices.DeleteFunc(targets, func(t render.Target) bool {
		stays := same(running[t], rendered[t]) && !rendered[t].local.Elsewhere
		if stays {
			still[t] = rendered[t].local
		}
		return stays
	})
	for _, target := range targets {
		if err := add(&p.Base, target, running[target]); err != nil {
			return nil, err
		}
		if err := add(&p.Head, target, rendered[target]); err != nil {
			return nil, err
		}
	}
	if p.remade() {
		if err := p.hubs(after, running, rendered, still); err != nil {
			return nil, err
		}
	}
	p.Notes = append(append(p.Notes, before.expand(p.Base.Planes)...), after.expand(p.Head.Planes)...)
	if err := p.follow(before, after, still); err != nil {
		return nil, err
	}
	return p, p.specs(before, after, wanted)
}

// same says whether two planes are one text; nil is a plane that there is not.
func same(a, b *plane) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.id == b.id
}

// specs adds the specs of environments whose planes or files differ.
func (p *Pair) specs(before, after *side, wanted []render.Target) error {
	differ, everywhere := map[string]bool{}, p.recomposed()
	for _, plane := range slices.Concat(p.Base.Planes, p.Head.Planes) {
		differ[plane.Environment] = true
	}
	for _, s := range []*side{before, after} {
		for _, t := range s.targets(wanted) {
			if before.specKeys[t.Environment] != after.specKeys[t.Environment] || everywhere {
				differ[t.Environment] = true
			}
		}
	}
	read := func(s *side) (*schema.Fleet, error) {
		if s.config == nil {
			return nil, nil //nolint:nilnil // specs that cannot be read are none
		}
		return s.part(slices.DeleteFunc(slices.Clone(s.names), func(name string) bool { return !differ[name] }))
	}
	var err error
	if p.Head.Fleet, err = read(after); err != nil {
		return err
	}
	p.Base.Fleet, err = read(before)
	if finding.IsInput(err) {
		p.Notes, err = append(p.Notes, unreadable(before.Moment, err)...), nil
	}
	return err
}

// unreadable notes that a base cannot be read as a fleet, which an older program's may be.
func unreadable(base Moment, err error) finding.Findings {
	found, _ := finding.Of(err)
	first := found.Sorted()[0]
	return finding.Findings{{Severity: finding.Warning, Code: finding.Unreadable, Position: first.Position, Message: fmt.Sprintf(
		"the fleet of %s cannot be read: its rendered files are compared, but neither specs nor protections that only specs tell", base.Name), Aside: first.Sentence()}}
}

func union(a, b map[render.Target]*plane) map[render.Target]bool {
	all := map[render.Target]bool{}
	for target := range a {
		all[target] = true
	}
	for target := range b {
		all[target] = true
	}
	return all
}

// plane is a plane as a text.
type plane struct {
	id   revision.ID
	file string // that it stands in; empty for what was rendered just now
	text func() ([]byte, error)
	// local are the Applications to follow, of what was rendered; nil of what was not.
	local *local
	lost  bool   // its file was taken away or emptied, and the specs render it
	root  []byte // what starts the hub whose plane it is
}

// objects are those of the text.
func (p *plane) objects() ([]manifest.Object, error) {
	text, err := p.text()
	if err != nil {
		return nil, err
	}
	objects, err := manifest.Objects(text)
	if err != nil {
		err = finding.At(finding.Position{File: p.file}, finding.Unreadable, "the rendered file is no YAML: %v", err)
	}
	return objects, err
}

// add loads a plane into a state; nil is a plane that there is not.
func add(to *change.State, target render.Target, p *plane) error {
	if p == nil {
		return nil
	}
	objects, err := p.objects()
	if err != nil {
		return err
	}
	loaded := change.Plane{Environment: target.Environment, Plane: target.Plane, Lost: p.lost}
	for _, o := range objects {
		loaded.Objects = append(loaded.Objects, change.Object{Object: o})
	}
	to.Planes = append(to.Planes, loaded)
	return nil
}

// goldenFile is where a rendered plane stands in the fleet.
func goldenFile(t render.Target) string { return path.Join(render.Golden, t.File()) }

func missing(err error) bool { return errors.Is(err, fs.ErrNotExist) }
