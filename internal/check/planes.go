package check

import (
	"fmt"
	"hash/fnv"
	"iter"
	"path"
	"slices"

	"spokewright.dev/spokewright/internal/argocd"
	"spokewright.dev/spokewright/internal/claim"
	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/manifest"
	"spokewright.dev/spokewright/internal/render"
	"spokewright.dev/spokewright/schema"
)

// Planes finds objects of one identity in two planes that go to one cluster, claims that stand for one thing in the
// cloud, and what an environment puts into the namespace of another. Which is told depends on what was rendered: all,
// or some planes alone. rendered is gone through twice. where tells the place of an object in the files of an overlay.
func Planes(fleet *schema.Fleet, rendered iter.Seq[render.Rendered], where func(overlay string, f finding.Finding) finding.Position) finding.Findings {
	p := planes{fleet: fleet, where: where, first: map[identity]member{}, lists: map[string]member{}}
	var all finding.Findings
	for r := range rendered {
		for _, object := range r.Objects {
			m := member{r.Target, manifest.Identify(object)}
			all = append(all, p.listedTwice(m, object)...)
			if f, wrong := p.intruding(m); wrong {
				all = append(all, f)
			} else if f, wrong := p.shared(m, object); wrong {
				all = append(all, f)
			}
		}
	}
	for r := range rendered { // after what stands in a plane itself, so that the set is told
		for _, object := range r.Objects {
			for _, id := range applications(object) {
				if f, wrong := p.twice(member{r.Target, id}, false); wrong {
					all = append(all, f)
				}
			}
		}
	}
	return all
}

// applications are the Applications that a set of literal elements makes; none for any other object. Each has the name of its
// element, as the guard promises.
func applications(object manifest.Object) []manifest.ID {
	set := manifest.Identify(object)
	if set.Kind != "ApplicationSet" || set.Group() != "argoproj.io" {
		return nil
	}
	var made []manifest.ID
	for _, element := range argocd.Elements(object) {
		if name, is := element["name"].(string); is {
			made = append(made, manifest.ID{APIVersion: set.APIVersion, Kind: "Application", Namespace: set.Namespace, Name: name})
		}
	}
	return made
}

// planes remembers where every object was first.
type planes struct {
	fleet *schema.Fleet
	where func(overlay string, f finding.Finding) finding.Position
	first map[identity]member
	lists map[string]member // the set of a hub that lists an environment
}

// listedTwice finds environments that two hubs manage: each would undo what the other does.
func (p planes) listedTwice(m member, object manifest.Object) finding.Findings {
	if m.Plane != schema.Hub || m.id.Kind != "ApplicationSet" || p.fleet.Environments[m.Environment].Role != "hub" {
		return nil
	}
	var found finding.Findings
	for _, element := range argocd.Elements(object) {
		name, is := element["environment"].(string)
		if !is {
			continue
		}
		if other, twice := p.lists[name]; twice && other.Environment != m.Environment {
			found = append(found, m.wrong("", "environment %q is in the list of hub %q too: two hubs never manage one spoke; docs/bootstrap.md tells how one hands it over to the other", name, other.Environment))
			continue
		}
		p.lists[name] = m
	}
	return found
}

// member is an object of a plane.
type member struct {
	render.Target
	id manifest.ID
}

// identity is where an object lives: a cluster, and what tells it from others there, in whatever version of its API; or a
// cloud, and the name there.
type identity struct{ where, group, kind, namespace, name string }

// digest tells an identity from nearly all others.
func (i identity) digest() uint64 {
	digest := fnv.New64a()
	for _, part := range []string{i.where, i.group, i.kind, i.namespace, i.name} {
		fmt.Fprintf(digest, "%d:%s", len(part), part)
	}
	return digest.Sum64()
}

// at is where an object lives.
func (p planes) at(m member) identity {
	return identity{p.cluster(m.Target), m.id.Group(), m.id.Kind, m.id.Namespace, m.id.Name}
}

// clouds are what a claim stands for, with its id there; nothing for any other object.
func (p planes) clouds(m member, object manifest.Object) iter.Seq2[identity, string] {
	return func(yield func(identity, string) bool) {
		for _, name := range claim.ClaimNames() {
			kind, there := p.fleet.Config.Claims.Of(name)
			if !there || kind.Kind != m.id.Kind || kind.APIVersion != m.id.APIVersion {
				continue
			}
			if id := kind.Text(object, "id"); id != "" && !yield(identity{where: kind.Text(object, "cloud"), kind: name, name: id}, id) {
				return
			}
		}
	}
}

// noted is what is asked of every plane, taken while its objects are there.
type noted struct {
	identities   []uint64 // the digests of all that Planes holds to other planes
	namespaces   []string // that it reaches into beside its environment's own
	applications int      // that an Argo CD looks after by it
}

func notedOf(e schema.Environment, r render.Rendered) (n noted) {
	p := planes{fleet: &schema.Fleet{Config: e.Fleet, Environments: map[string]schema.Environment{e.Name: e}}}
	for _, object := range r.Objects {
		m := member{r.Target, manifest.Identify(object)}
		n.identities = append(n.identities, p.at(m).digest())
		for at := range p.clouds(m, object) {
			n.identities = append(n.identities, at.digest())
		}
		for _, id := range applications(object) {
			n.identities = append(n.identities, p.at(member{r.Target, id}).digest())
		}
		if _, name := m.inside(); r.Plane == schema.Hub && name != "" && name != e.Name && !slices.Contains(n.namespaces, name) {
			n.namespaces = append(n.namespaces, name)
		}
		switch {
		case m.id.Group() != "argoproj.io":
		case m.id.Kind == "Application":
			n.applications++
		case m.id.Kind == "ApplicationSet":
			n.applications += len(argocd.Elements(object))
		}
	}
	return n
}

// suspected says of planes, by their places, whether they may have what another one has, or stand in another environment's namespace:
// no object of any other one needs to be held to others.
func suspected(fleet *schema.Fleet, planes []noted) func(place int) bool {
	var all []uint64
	for _, n := range planes {
		all = append(all, n.identities...)
	}
	slices.Sort(all)
	shared := map[uint64]bool{}
	for i := 1; i < len(all); i++ {
		if all[i] == all[i-1] {
			shared[all[i]] = true
		}
	}
	return func(place int) bool {
		return slices.ContainsFunc(planes[place].identities, func(digest uint64) bool { return shared[digest] }) ||
			slices.ContainsFunc(planes[place].namespaces, func(name string) bool { _, known := fleet.Environments[name]; return known })
	}
}

// cluster is the one that a plane goes to.
func (p planes) cluster(t render.Target) string {
	if t.Plane == schema.Hub {
		return p.fleet.Environments[t.Environment].Hub
	}
	return t.Environment
}

func (p planes) shared(m member, object manifest.Object) (finding.Finding, bool) {
	label, _ := manifest.Get(object, "metadata", "labels", "spokewright.dev/environment")
	if f, wrong := p.twice(m, label == m.Environment); wrong {
		return f, true
	}
	for at, cloud := range p.clouds(m, object) {
		if other, twice := p.taken(at, m); twice {
			if p.asks(m, cloud) {
				m, other = other, m
			}
			return p.beside(other, m.wrong("", "the id %q is also that of %s in %s: both would stand for one thing in the cloud", cloud, other.id, other.Overlay())), true
		}
	}
	return finding.Finding{}, false
}

// twice finds what another plane of the same cluster has too; ours says that it is rather this plane's.
func (p planes) twice(m member, ours bool) (finding.Finding, bool) {
	at := p.at(m)
	other, twice := p.taken(at, m)
	if !twice {
		return finding.Finding{}, false
	}
	if ours {
		m, other = other, m
	}
	return p.beside(other, m.wrong("", "%s has it too, and both planes go to cluster %q: each object belongs to one plane", other.Overlay(), at.where)), true
}

// beside adds to a finding where the other object is that it is about.
func (p planes) beside(other member, f finding.Finding) finding.Finding {
	about := other.wrong("", "")
	f.Related = append(f.Related, finding.Related{Position: p.where(other.Overlay(), about), Message: about.Object.String() + " is here too"})
	return f
}

// taken says whether another object is at a place, and notes that this one is.
func (p planes) taken(at identity, m member) (member, bool) {
	other, there := p.first[at]
	if !there {
		p.first[at] = m
	}
	return other, there && other != m
}

// asks says whether the spec of a claim's environment asks for it.
func (p planes) asks(m member, id string) bool {
	e := p.fleet.Environments[m.Environment]
	if database, there := e.Databases[m.id.Name]; there && database.ID == id {
		return true
	}
	return e.ID == id
}

// intruding finds what stands in the namespace of another environment on the same hub, or is that namespace. Hubs may
// look after those that they run.
func (p planes) intruding(m member) (finding.Finding, bool) {
	e := p.fleet.Environments[m.Environment]
	field, name := m.inside()
	other, known := p.fleet.Environments[name]
	if !known || name == e.Name || m.Plane != schema.Hub || e.Role == "hub" || other.Hub != e.Hub {
		return finding.Finding{}, false
	}
	return m.wrong(finding.Keys("metadata", field), "found %q, which is the namespace of another environment on hub %q: what belongs there stands in %s",
		name, e.Hub, render.Target{Environment: name, Plane: schema.Hub}.Overlay()), true
}

// inside is the namespace that an object stands in, or is, and the field that says so.
func (m member) inside() (field, name string) {
	if m.id.Kind == "Namespace" && m.id.Group() == "" {
		return "name", m.id.Name
	}
	return "namespace", m.id.Namespace
}

// wrong is a finding about an object.
func (m member) wrong(field finding.Path, format string, args ...any) finding.Finding {
	return finding.Finding{Code: finding.ObjectForbidden, Position: finding.Position{File: path.Join(m.Overlay(), "kustomization.yaml")},
		Object: finding.Object{Kind: m.id.Kind, Namespace: m.id.Namespace, Name: m.id.Name}, Path: field, Message: fmt.Sprintf(format, args...)}
}
