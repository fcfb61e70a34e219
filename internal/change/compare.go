package change

import (
	"cmp"
	"maps"
	"slices"

	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/manifest"
	"spokewright.dev/spokewright/schema"
)

// Compare says what becomes of a fleet. An object is known by its plane, group, kind, namespace and name; whatever the
// base had and the head has not is gone, however it went.
func Compare(base, head State) Review {
	c := &comparison{base: newSide(base), head: newSide(head)}
	c.names = slices.Compact(slices.Sorted(slices.Values(slices.Concat(c.base.names(), c.head.names()))))
	c.declared = c.declarations()
	c.was = c.renamedEnvironments()
	c.rules = c.ruleChanges()
	c.pair()
	c.renames()
	for _, p := range c.pairs {
		c.judge(p)
	}
	c.files()
	c.classes()
	c.targets()
	slices.SortStableFunc(c.found, func(a, b *found) int { return slices.Compare(a.order, b.order) })
	var review Review
	for _, f := range c.found {
		review.Changes = append(review.Changes, f.finish())
	}
	review.Declarations, review.Notes = c.told(), c.together()
	return review
}

// comparison is one at work.
type comparison struct {
	base, head side
	pairs      []*pair
	declared   []*Declaration
	found      []*found
	rules      map[string]map[string]ruleChange // by environment and rule
	names      []string                         // of the environments of both sides
	was        map[string]string                // what environments with another name were called
	atOnce     map[string]map[string]bool       // by hub, the classes for which a composition changes, and whether each is protected
}

// side is a state with what is looked up in it.
type side struct {
	State
	objects map[key]*placed
	list    []*placed
	of      map[string][]*placed // by environment
	sets    map[key]bool         // the ApplicationSets whose Applications are among the objects
}

// key is what an object is known by. Its version is none of it.
type key struct {
	environment     string
	plane           schema.Plane
	application     string // that makes it; empty for an object of the plane itself
	group, kind     string
	namespace, name string
}

// placed is an object where it is.
type placed struct {
	Object

	key
	standing
	id     manifest.ID
	number int // its place among all of its side
}

// set is the ApplicationSet that makes the Application.
func (p *placed) set() key {
	return key{p.environment, p.plane, p.application, p.group, "ApplicationSet", p.namespace, p.Set}
}

func (p *placed) place() *Place { return &Place{p.environment, p.plane, p.application, p.object()} }

func (p *placed) object() finding.Object {
	return finding.Object{Kind: p.kind, Namespace: p.namespace, Name: p.name}
}

func newSide(state State) side {
	s := side{State: state, objects: map[key]*placed{}, of: map[string][]*placed{}, sets: map[key]bool{}}
	planes := slices.Clone(state.Planes)
	slices.SortStableFunc(planes, func(a, b Plane) int {
		return cmp.Or(cmp.Compare(a.Environment, b.Environment), cmp.Compare(slices.Index(schema.Planes(), a.Plane), slices.Index(schema.Planes(), b.Plane)))
	})
	for _, plane := range planes {
		application, owners := s.maker(plane)
		for _, object := range plane.Objects {
			id := manifest.Identify(object.Object)
			p := &placed{Object: object, id: id, number: len(s.list), standing: standing{owners: owners},
				key: key{plane.Environment, plane.Plane, application, id.Group(), id.Kind, id.Namespace, id.Name}}
			if s.objects[p.key] == nil && p.name != "" { // one without a name, or a second one of it, is no render's
				s.objects[p.key] = p
				s.list = append(s.list, p)
				s.of[p.environment] = append(s.of[p.environment], p)
			}
			if p.Set != "" {
				s.sets[p.set()] = true
			}
		}
	}
	for _, p := range s.list {
		p.standing = s.standing(p)
	}
	return s
}

// environment is the spec of an environment, where it can be read.
func (s side) environment(name string) (schema.Environment, bool) {
	if s.Fleet == nil {
		return schema.Environment{}, false
	}
	e, there := s.Fleet.Environments[name]
	return e, there
}

// has says whether a side has an environment, by its spec or by its objects.
func (s side) has(name string) bool {
	if s.Fleet != nil {
		_, there := s.Fleet.Environments[name]
		return there
	}
	return slices.ContainsFunc(s.Planes, func(p Plane) bool { return p.Environment == name })
}

// names are those of all environments of a side.
func (s side) names() []string {
	names := map[string]bool{}
	for _, p := range s.Planes {
		names[p.Environment] = true
	}
	if s.Fleet != nil {
		for name := range s.Fleet.Environments {
			names[name] = true
		}
	}
	return slices.Sorted(maps.Keys(names))
}

// pair is an object on both sides, or on one of them.
type pair struct {
	base, head *placed
	renamed    bool // they are one thing under two names, or in two places
	again      bool // the same request in another generation of an API
	successor  bool // the new one is called by what it holds, and takes the place of the old one
}

// pair finds the objects of one key.
func (c *comparison) pair() {
	for _, p := range c.head.list {
		c.pairs = append(c.pairs, &pair{base: c.base.objects[p.key], head: p})
	}
	for _, p := range c.base.list {
		if c.head.objects[p.key] == nil {
			c.pairs = append(c.pairs, &pair{base: p})
		}
	}
}

// gone and came are the objects on one side alone.
func (c *comparison) gone() []*pair {
	return slices.DeleteFunc(slices.Clone(c.pairs), func(p *pair) bool { return p.head != nil })
}

func (c *comparison) came() []*pair {
	return slices.DeleteFunc(slices.Clone(c.pairs), func(p *pair) bool { return p.base != nil })
}

// found is a change before it is told.
type found struct {
	Change

	effects       []effect
	before, after *placed // nil where it is not there
	order         []int
	c             *comparison
}

// named is a subject of an environment; of the whole fleet where that is empty.
type named struct{ environment, subject string }

// effect is one that can be declared.
type effect struct {
	Effect

	field finding.Path // as declarations name it behind a subject; empty for the whole
	also  []string     // other subjects of the environment whose declaration covers it, with their fields
	// inside says that its field is one of what differs, which may have come as a whole.
	inside bool
	class  bool // it follows from another class, of which the environment itself says nothing
}

// judge says what becomes of one object.
func (c *comparison) judge(p *pair) {
	f := &found{c: c}
	at := p.head
	switch {
	case p.base == nil:
		f.Action, f.effects = Added, c.created(p.head)
	case p.head == nil:
		at = p.base
		f.Action, f.effects, f.Whole = Removed, c.removed(p.base), c.goesWhole(p.base.environment)
		c.rendersAnew(p.base, f.effects)
	default:
		f.Action, f.effects = Changed, c.changed(p)
		if p.renamed || p.again {
			f.Action, f.From = Moved, p.base.place()
			f.Whole = p.renamed && p.base.environment != p.head.environment && c.was[p.head.environment] == p.base.environment && len(f.effects) == 1
		}
	}
	if len(f.effects) == 0 {
		return
	}
	f.Environment, f.Plane, f.Application, f.Object = at.environment, at.plane, at.application, at.object()
	f.APIVersion, f.Subject = at.id.APIVersion, at.subject
	f.before, f.after = p.base, p.head
	f.order = c.order(at, p.head == nil)
	c.found = append(c.found, f)
}

// order is where a change stands in a review: as the head has it, and what went behind what stood before it.
func (c *comparison) order(at *placed, gone bool) []int {
	environment, _ := slices.BinarySearch(c.names, at.environment)
	plane := slices.Index(schema.Planes(), at.plane)
	if gone {
		return []int{environment, plane, c.last(at), 1, at.number}
	}
	return []int{environment, plane, at.number, 0, 0}
}

// last is the place in the head of the last object before one that went.
func (c *comparison) last(gone *placed) int {
	for _, before := range slices.Backward(c.base.list[:gone.number]) {
		if before.environment != gone.environment || before.plane != gone.plane || before.application != gone.application {
			break
		}
		if after := c.head.objects[before.key]; after != nil {
			return after.number
		}
	}
	return -1
}

// finish is the change as it is told: its class is the worst of its effects.
func (f *found) finish() Change {
	f.settle()
	f.Effects = nil
	for _, e := range f.effects {
		f.Effects = append(f.Effects, e.Effect)
		if f.Class == "" || worse(e.Class, f.Class) {
			f.Class = e.Class
		}
	}
	return f.Change
}
