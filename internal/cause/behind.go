package cause

import (
	"cmp"
	"io/fs"
	"path"
	"slices"

	"spokewright.dev/spokewright/internal/change"
	"spokewright.dev/spokewright/internal/draft"
	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/kustomize"
	"spokewright.dev/spokewright/internal/manifest"
	"spokewright.dev/spokewright/internal/render"
	"spokewright.dev/spokewright/schema"
)

// Behind finds for the effects of a review what was written that has them: the places in specs, overlays and bases that make the
// difference if they alone were as the base has them. What an Application makes of a folder, and what another program
// renders otherwise, has none. head holds the specs of the environments in the review.
func Behind(base, head fs.FS, reader *schema.Reader, review *change.Review, fleet *schema.Fleet) {
	changes := map[render.Target][]*change.Change{}
	for i := range review.Changes {
		if c := &review.Changes[i]; c.Application == "" {
			target := render.Target{Environment: c.Environment, Plane: c.Plane}
			changes[target] = append(changes[target], c)
		}
	}
	left := mostRenders
	for _, target := range ordered(review, fleet) {
		if left <= 0 {
			return
		}
		left -= behind(base, head, reader, target, changes[target])
	}
}

const (
	// mostRenders are made in all: where a thousand environments change alike, those that are looked at tell of the others.
	mostRenders = 300
	// mostEdits of a plane are looked at one by one, and mostFiles file by file; of more, the specs alone.
	mostEdits = 40
	mostFiles = 20
	mostTries = 120
)

// ordered are the planes that a review tells of: first one of each class and cloud, since others of them often change alike.
func ordered(review *change.Review, fleet *schema.Fleet) []render.Target {
	rank := map[render.Target]int{}
	alike := map[[4]string]int{}
	var targets []render.Target
	for _, c := range review.Changes {
		target := render.Target{Environment: c.Environment, Plane: c.Plane}
		if _, known := rank[target]; known || c.Application != "" {
			continue
		}
		kind := [4]string{string(target.Plane)}
		if fleet != nil {
			if e, there := fleet.Environments[target.Environment]; there {
				kind[1], kind[2] = e.Role, e.Class.Name
				if e.Cluster != nil {
					kind[3] = e.Cluster.Cloud
				}
			}
		}
		rank[target] = alike[kind]
		alike[kind]++
		targets = append(targets, target)
	}
	slices.SortStableFunc(targets, func(a, b render.Target) int { return cmp.Compare(rank[a], rank[b]) })
	return targets
}

// behind finds what is behind the changes of one plane, and says how often it rendered: once at least, since it reads the plane.
func behind(base, head fs.FS, reader *schema.Reader, target render.Target, changes []*change.Change) (renders int) {
	spec := schema.SpecFile(target.Environment)
	if written := editsOf(base, head, spec); written != nil && written.all[0].at.Line == 0 { // the environment comes or goes
		for _, c := range changes {
			c.Because(written.all[0].at)
		}
		return 1
	}
	p, err := Open(head, reader, target)
	if err != nil {
		return 1
	}
	renders = 1
	written := p.editsFrom(base)
	try := func(undone ...edit) bool {
		renders++
		here, there, err := p.without(written, undone)
		if err == nil {
			attribute(changes, withApplications(here), withApplications(there), undone)
		}
		return err == nil
	}
	var failed []edit
	for _, one := range all(written) {
		if !try(one) {
			failed = append(failed, one)
		}
	}
	for i, one := range failed { // what cannot be without another
		for _, other := range all(written) {
			if other != one && !slices.Contains(failed[:i], other) && renders < mostTries {
				try(one, other)
			}
		}
	}
	ofNoObject(changes, written)
	return renders
}

func all(written []*edits) []edit {
	var all []edit
	for _, e := range written {
		all = append(all, e.all...)
	}
	return all
}

// editsFrom are the edits since the base of all files that the plane is rendered from.
func (p *Plane) editsFrom(base fs.FS) []*edits {
	files := []string{schema.FleetFile, schema.SpecFile(p.Target.Environment), schema.NamesFile(p.Target.Environment)}
	if p.base.environment.Role == "hub" {
		for _, tree := range []fs.FS{base, p.tree} {
			names, _ := schema.List(tree)
			for _, name := range names {
				files = append(files, schema.SpecFile(name))
			}
		}
	}
	if p.Target.Plane != Root {
		files = append(files, filesOf(base, p.tree, p.Target.Overlay())...)
	}
	slices.Sort(files)
	var written []*edits
	for _, file := range slices.Compact(files) {
		if e := editsOf(base, p.tree, file); e != nil {
			written = append(written, e)
		}
	}
	if len(all(written)) > mostEdits {
		for _, e := range written {
			e.whole()
		}
	}
	if len(written) > mostFiles {
		written = slices.DeleteFunc(written, func(e *edits) bool { return path.Dir(e.file) != schema.Folder })
	}
	return written[:min(len(written), mostFiles)]
}

// without are the objects of the plane, and what they would be if some edits had not been. Where no overlay makes anything of
// them, these are those that functions make.
func (p *Plane) without(written []*edits, undone []edit) (here, there []manifest.Object, err error) {
	tree, specsAlone := draft.New(p.tree), true
	for _, e := range written {
		if slices.ContainsFunc(undone, func(u edit) bool { return u.at.File == e.file }) {
			e.without(undone, tree)
			specsAlone = specsAlone && path.Dir(e.file) == schema.Folder
		}
	}
	names := []string{p.Target.Environment}
	if p.base.environment.Role == "hub" {
		if names, err = schema.List(tree); err != nil {
			return nil, nil, err
		}
	}
	specs, err := p.reader.Suppose(tree, names...)
	if err != nil {
		return nil, nil, err
	}
	to, same, err := p.suppose(specs)
	if err != nil || specsAlone && (same || p.overlay.plain()) {
		return p.base.made, to.made, err
	}
	built, err := p.build(kustomize.NewBuilder(tree, p.run), to.environment)
	if err == nil {
		here, err = p.base.built()
	}
	return here, built.Objects, err
}

// attribute notes edits behind those effects that are not there without them.
func attribute(changes []*change.Change, here, there []manifest.Object, behind []edit) {
	for _, c := range changes {
		mine, other := amongAll(here, c), amongAll(there, c)
		if manifest.Equal(mine, other) {
			continue
		}
		for i := range c.Effects {
			if f := &c.Effects[i]; differs(mine, other, f.Path) {
				for _, one := range behind {
					f.Behind(one.at)
				}
			}
		}
	}
}

// ofNoObject notes what is behind effects that no object shows, such as those of a rule that the hub does not judge, or of the
// targets: the edit of the place that they are of, the first one in it, or those that name it.
func ofNoObject(changes []*change.Change, written []*edits) {
	for _, c := range changes {
		for i := range c.Effects {
			f := &c.Effects[i]
			if len(f.Because) > 0 {
				continue
			}
			in := slices.IndexFunc(all(written), func(one edit) bool { return one.at.File == f.Position.File && one.at.Line >= f.Position.Line })
			if f.Position.Line > 0 && in >= 0 {
				f.Behind(all(written)[in].at)
				continue
			}
			for _, e := range written {
				for _, one := range e.all {
					if path.Dir(e.file) == schema.Folder && e.names(one, path.Base(c.Subject)) {
						f.Behind(one.at)
					}
				}
			}
		}
	}
}

// amongAll is the object of a list that a change is about; nil where there is none.
func amongAll(objects []manifest.Object, c *change.Change) manifest.Object {
	for _, o := range objects {
		if named(o) == c.Object && identify(o).Group == (manifest.ID{APIVersion: c.APIVersion}).Group() {
			return o
		}
	}
	return nil
}

// differs says whether a field of an object is another one elsewhere. Of a path that is in neither, as of what follows from
// several fields, it is the object.
func differs(here, there manifest.Object, path finding.Path) bool {
	if here == nil || there == nil || path == "" {
		return true
	}
	was, had := reached(here, path.Steps())
	is, has := reached(there, path.Steps())
	return had != has || !had || !manifest.Equal(was, is)
}

// reached is what stands at a path whose steps into a list may be names of elements.
func reached(value any, steps []finding.Step) (at any, there bool) {
	for _, step := range steps {
		switch v := value.(type) {
		case map[string]any:
			if value, there = v[step.Name]; !there {
				return nil, false
			}
		case []any:
			i := step.Index
			if !step.List {
				i = slices.IndexFunc(v, func(element any) bool { return isCalled(element, step.Name) })
			}
			if i < 0 || i >= len(v) {
				return nil, false
			}
			value = v[i]
		default:
			return nil, false
		}
	}
	return value, true
}

// isCalled says whether a name is that of an element of a list, as paths of changes have it.
func isCalled(element any, name string) bool {
	fields, _ := element.(map[string]any)
	return slices.ContainsFunc(change.Naming(), func(key string) bool { return fields[key] == name })
}
