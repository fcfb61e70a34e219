package snapshot

import (
	"cmp"
	"errors"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"sync/atomic"

	"spokewright.dev/spokewright/internal/applicationset"
	"spokewright.dev/spokewright/internal/change"
	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/manifest"
	"spokewright.dev/spokewright/internal/render"
	"spokewright.dev/spokewright/internal/revision"
	"spokewright.dev/spokewright/schema"
)

// local is what must be known of a plane to follow its Applications into the repository.
type local struct {
	// Applications are those with a source in the repository, beside its planes, as far as that tells where and how; so are
	// Workspaces with a module in it.
	Applications []change.Object `json:",omitempty"`
	// Elsewhere says that sets of the plane look into the repository: the same plane may make other Applications.
	Elsewhere bool `json:",omitempty"`
}

// local finds the Applications of a plane's objects.
func (s *side) local(objects []manifest.Object) local {
	world, looked := s.origin, &lookout{FS: s.origin.Tree}
	if world.Tree == nil {
		return local{}
	}
	world.Tree = looked
	all := make([]change.Object, len(objects))
	for i, o := range objects {
		all[i].Object = o
	}
	all, _ = applicationset.Expanded(all, world)
	return local{s.followed(all), looked.used.Load()}
}

// followed are the Applications with a source in the repository, and the Workspaces with a module in it.
func (s *side) followed(objects []change.Object) []change.Object {
	var found []change.Object
	for _, o := range objects {
		id := manifest.Identify(o.Object)
		follows := id.Kind == "Application" && id.Group() == "argoproj.io" || applicationset.IsWorkspace(id)
		if follows && s.origin.Tree != nil && slices.ContainsFunc(s.origin.Folders(o.Object), s.beside) {
			found = append(found, change.Object{Object: outline(o.Object, id), Set: o.Set})
		}
	}
	return found
}

// beside says whether a folder is none of a plane.
func (s *side) beside(folder string) bool {
	if s.folder != "." {
		inside, is := strings.CutPrefix(folder, s.folder+"/")
		if !is {
			return true
		}
		folder = inside
	}
	parts := strings.Split(folder, "/")
	golden := parts[0] == render.Golden && len(parts) == 2
	overlay := parts[0] == render.Overlays && len(parts) == 3
	return !golden && !overlay
}

// outline is an Application as far as it says what it stands for, where its objects come from and where they go.
func outline(application manifest.Object, id manifest.ID) manifest.Object {
	short := manifest.New(id.APIVersion, id.Kind, id.Namespace, id.Name)
	for _, at := range [][]string{{"metadata", "labels"}, {"spec", "project"}, {"spec", "destination"}, {"spec", "source"}, {"spec", "sources"}, {"spec", "sourceHydrator"}, {"spec", "forProvider"}} {
		if value, there := manifest.Get(application, at...); there {
			manifest.Set(short, value, at...)
		}
	}
	return short
}

// lookout notices when a tree is looked at.
type lookout struct {
	fs.FS

	used atomic.Bool
}

func (l *lookout) Open(name string) (fs.File, error) {
	l.used.Store(true)
	return l.FS.Open(name)
}

func (l *lookout) ReadFile(name string) ([]byte, error) {
	l.used.Store(true)
	return fs.ReadFile(l.FS, name)
}

func (l *lookout) ReadDir(name string) ([]fs.DirEntry, error) {
	l.used.Store(true)
	return fs.ReadDir(l.FS, name)
}

func (l *lookout) Stat(name string) (fs.FileInfo, error) {
	l.used.Store(true)
	return fs.Stat(l.FS, name)
}

// held is an Application that an environment has.
type held struct{ environment, namespace, name string }

// follow adds what Applications make of folders of the repository, of those that both sides have. One that comes or goes is
// a change of its own. still are planes that are the same in both.
func (p *Pair) follow(before, after *side, still map[render.Target]*local) error {
	old, fresh := before.holds(p.Base.Planes, still), after.holds(p.Head.Planes, still)
	both := slices.SortedFunc(maps.Keys(fresh), func(a, b held) int {
		return cmp.Or(cmp.Compare(a.environment, b.environment), cmp.Compare(a.namespace, b.namespace), cmp.Compare(a.name, b.name))
	})
	both = slices.DeleteFunc(both, func(h held) bool { return old[h].Object == nil })
	made := make([][2]*product, len(both))
	err := each(len(both), func(i int) (err error) {
		if unmoved(before, after, old[both[i]], fresh[both[i]]) {
			return nil
		}
		if made[i][0], err = before.product(old[both[i]]); err != nil {
			return err
		}
		made[i][1], err = after.product(fresh[both[i]])
		return err
	})
	if err != nil {
		return err
	}
	for i, h := range both {
		was, is := made[i][0], made[i][1]
		if was == nil || was.certain && is.certain && was.digest == is.digest {
			continue
		}
		if err := p.compare(before, after, h, was, is); err != nil {
			return err
		}
	}
	return nil
}

// holds are the Applications to follow, by where they are.
func (s *side) holds(planes []change.Plane, still map[render.Target]*local) map[held]change.Object {
	all := map[held]change.Object{}
	add := func(environment string, applications []change.Object) {
		for _, a := range applications {
			id := manifest.Identify(a.Object)
			all[held{environment, id.Namespace, id.Name}] = a
		}
	}
	for _, plane := range planes {
		add(plane.Environment, s.followed(plane.Objects))
	}
	for target, l := range still {
		add(target.Environment, l.Applications)
	}
	return all
}

// compare adds to both states what an Application makes. Where that cannot be told on one of the sides, its files are compared,
// and it is noted.
func (p *Pair) compare(before, after *side, h held, was, is *product) error {
	old, oldErr := before.build(was)
	fresh, freshErr := after.build(is)
	for _, err := range []error{oldErr, freshErr} {
		if errors.Is(err, revision.ErrMissing) {
			return err
		}
	}
	var notes finding.Findings
	if was.digest != is.digest {
		if notes = slices.Clone(is.notes); len(notes) == 0 {
			notes = slices.Clone(was.notes)
		}
	}
	notes = append(notes, is.failure(freshErr)...)
	if freshErr == nil {
		notes = append(notes, was.failure(oldErr)...)
	}
	for i := range notes {
		notes[i].Aside = h.environment
	}
	p.Notes = append(p.Notes, notes.Sorted()...)
	base, head := was.plane(h.environment), is.plane(h.environment)
	if oldErr != nil || freshErr != nil || was.unknown() != is.unknown() {
		base.Files, head.Files = was.all(), is.all()
	} else {
		base.Objects, head.Objects, base.Files, head.Files = old, fresh, was.unrendered, is.unrendered
	}
	p.Base.Planes, p.Head.Planes = append(p.Base.Planes, base), append(p.Head.Planes, head)
	return nil
}

// plane is the place of what an Application makes.
func (m *product) plane(environment string) change.Plane {
	plane := schema.Spoke
	if applicationset.IsWorkspace(manifest.Identify(m.application.Object)) || manifest.TextAt(m.application.Object, "spec", "destination", "name") == "in-cluster" ||
		manifest.TextAt(m.application.Object, "spec", "destination", "server") == "https://kubernetes.default.svc" {
		plane = schema.Hub
	}
	return change.Plane{Environment: environment, Plane: plane, Application: &m.application}
}

// failure notes that a source cannot be built.
func (m *product) failure(err error) finding.Findings {
	if err == nil {
		return nil
	}
	id := manifest.Identify(m.application.Object)
	f := finding.Finding{Severity: finding.Warning, Code: finding.SourceUnknown, Object: finding.Object{Kind: id.Kind, Namespace: id.Namespace, Name: id.Name},
		Message: "what it makes of " + strings.Join(m.folders(), ", ") + " cannot be built here"}
	if found, failures := finding.Of(err); len(failures) == 0 && len(found) > 0 {
		first := found.Sorted()[0]
		f.Position, f.Message = first.Position, f.Message+": "+first.Sentence()
	} else {
		f.Message += ": " + err.Error()
	}
	return finding.Findings{f}
}

func (m *product) folders() []string {
	var names []string
	for _, source := range m.sources {
		names = append(names, cmp.Or(source.Folder, path.Dir(slices.Concat(source.Files, []string{"."})[0])))
	}
	return names
}
