package render

import (
	"errors"
	"io/fs"
	"maps"
	"runtime"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"
	"spokewright.dev/spokewright/internal/krm"
	"spokewright.dev/spokewright/schema"
)

// Visit takes a target as soon as it is rendered, with its environment and its place among the targets. It may keep of both what it
// needs, and says whether the environment must stay as a whole and not as its outline.
type Visit func(e schema.Environment, place int, r *Rendered) (whole bool, err error)

// Known is what is known of a fleet from an earlier time. What comes to be known is put there, New outlines in number.
type Known struct {
	schema.Known
	New int
}

// Stream reads, renders and forgets one environment after the other, several at a time: what it has in memory does not grow with
// the fleet but for an outline of each environment. All are read but those that are known, and the targets are rendered; no target
// means all planes. begin is told the targets, and may give up. The errors are those of reading the fleet, or else join those of all
// targets, or are the first one of visit.
func Stream(tree fs.FS, reader *schema.Reader, targets []Target, known *Known, begin func([]Target) error, visit Visit) (*schema.Fleet, error) {
	before := known.Known
	before.Outlines = maps.Clone(known.Outlines)
	s, err := reader.Stream(tree, before)
	if err != nil {
		return nil, err
	}
	if len(targets) == 0 {
		targets = Targets(s.Names)
	}
	if err := begin(targets); err != nil {
		return nil, err
	}
	w := &streaming{source: &alive{Stream: s, reader: reader}, visit: visit, known: known, targets: targets, failed: make([]error, len(targets)), of: map[string][]int{}}
	w.renderer = newRenderer(tree, w.source)
	for i, target := range targets {
		w.of[target.Environment] = append(w.of[target.Environment], i)
	}
	unread, err := w.all()
	if unread {
		if _, found := reader.Fleet(tree); found != nil { // which tells all that is wrong in specs, and nothing else
			return nil, found
		}
	}
	if err != nil {
		return nil, err
	}
	fleet, err := s.Fleet()
	if err == nil {
		err = errors.Join(w.failed...)
	}
	return fleet, err
}

// streaming is one way through a fleet.
type streaming struct {
	renderer *renderer
	source   *alive
	visit    Visit
	known    *Known
	lock     sync.Mutex
	targets  []Target
	failed   []error
	of       map[string][]int // the places of the targets of an environment
}

// all goes through the environments, hubs first. unread says that one could not be read.
func (w *streaming) all() (unread bool, err error) {
	hubs := w.source.Hubs()
	for _, first := range []bool{true, false} {
		var group errgroup.Group
		group.SetLimit(runtime.GOMAXPROCS(0))
		for _, name := range w.source.Names {
			if slices.Contains(hubs, name) == first {
				group.Go(func() error { return w.environment(name, &unread) })
			}
		}
		if err := group.Wait(); err != nil {
			return unread, err
		}
	}
	return unread, nil
}

func (w *streaming) environment(name string, unread *bool) error {
	var e schema.Environment
	var err error
	if w.of[name] == nil {
		err = w.outlined(name)
	} else {
		e, err = w.source.Environment(name)
	}
	switch {
	case err != nil:
		w.lock.Lock()
		defer w.lock.Unlock()
		*unread = true
		return err
	case w.of[name] == nil:
		return nil
	}
	return w.one(e)
}

// outlined takes note of an environment that is not rendered.
func (w *streaming) outlined(name string) error {
	is, isNew, err := w.source.Outlined(name)
	if err != nil || !isNew {
		return err
	}
	w.lock.Lock()
	defer w.lock.Unlock()
	w.known.Outlines[name] = is
	w.known.New++
	return nil
}

// one renders the targets of an environment.
func (w *streaming) one(e schema.Environment) error {
	w.source.now.Store(e.Name, e)
	defer w.source.now.Delete(e.Name)
	whole := false
	for _, i := range w.of[e.Name] {
		rendered, err := w.renderer.one(w.targets[i])
		if w.failed[i] = err; err != nil {
			continue
		}
		if rendered.Plane == schema.Hub {
			rendered.Root = RootText(e)
		}
		stays, err := w.visit(e, i, &rendered)
		if err != nil {
			return err
		}
		whole = whole || stays
	}
	w.source.Seen(e, whole)
	return nil
}

// alive finds the environments that are being rendered, and reads others that an overlay asks for.
type alive struct {
	*schema.Stream
	reader *schema.Reader
	now    sync.Map // schema.Environment, by name
}

// File looks environments/NAME.cue up.
func (s *alive) File(dir, file string) (schema.Environment, error) {
	name := krm.Named(dir, file)
	if name == "" {
		return schema.Environment{}, krm.ErrNoSpec
	}
	if e, rendered := s.now.Load(name); rendered {
		return e.(schema.Environment), nil
	}
	return s.Environment(name)
}

// Inline reads an environment that stands in the functionConfig.
func (s *alive) Inline(name string, spec krm.Inline) (schema.Environment, error) {
	return s.reader.Inline(name, spec.Environment, spec.Fleet, spec.Environments)
}
