package check

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"spokewright.dev/spokewright/internal/applicationset"
	"spokewright.dev/spokewright/internal/change"
	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/manifest"
	"spokewright.dev/spokewright/internal/render"
	"spokewright.dev/spokewright/schema"
)

// Comparison judges what is rendered, one target after another, by what was rendered before: what no cloud takes, what is destroyed and
// not declared, and declarations that nothing needs. The specs of before are not known here, so that what only they tell is left to a
// comparison of revisions. Of targets that did not change it keeps nothing.
type Comparison struct {
	tree    fs.FS
	targets []render.Target
	known   bool // something was rendered before
	planes  []compared
}

// compared is what differs in a target.
type compared struct {
	differs, new bool
	was, is      []change.Object
	note         string // why it is not known
}

// Comparing begins.
func Comparing(tree fs.FS, targets []render.Target) (*Comparison, error) {
	c := &Comparison{tree: tree, targets: targets, planes: make([]compared, len(targets))}
	for _, target := range targets {
		switch _, err := fs.Stat(tree, path.Join(render.Golden, target.File())); {
		case err == nil:
			c.known = true
			return c, nil
		case !errors.Is(err, fs.ErrNotExist):
			return nil, err
		}
	}
	return c, nil
}

// Add takes the target of a place, and says whether it differs from what was rendered before. It may be called concurrently, once for each place.
func (c *Comparison) Add(place int, r *render.Rendered) (differs bool, err error) {
	file := path.Join(render.Golden, r.File())
	old, err := fs.ReadFile(c.tree, file)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return false, err
	}
	if bytes.Equal(old, r.YAML) {
		return false, nil
	}
	p := &c.planes[place]
	p.differs, p.new = true, old == nil
	if !c.known { // then nothing is compared
		return false, nil
	}
	if p.was, p.is, err = differing(old, r.YAML); err != nil { // what stands there is no YAML any more
		p.note = file + " cannot be read: what this change does to what it held is not known"
	}
	return true, nil
}

// Judge says what the targets come to. whole says that environments which were not rendered are gone.
func (c *Comparison) Judge(fleet *schema.Fleet, whole bool) (finding.Findings, error) {
	var notes finding.Findings
	before, after := change.State{}, change.State{Fleet: fleet}
	for i, p := range c.planes {
		t := c.targets[i]
		switch {
		case !p.differs || !c.known:
			continue
		case p.note != "":
			notes = append(notes, unjudged(p.note))
			continue
		case !p.new: // an environment that was not there may be one with another name
			before.Planes = append(before.Planes, change.Plane{Environment: t.Environment, Plane: t.Plane, Objects: p.was})
		}
		after.Planes = append(after.Planes, change.Plane{Environment: t.Environment, Plane: t.Plane, Objects: p.is})
	}
	if !c.known && len(c.targets) > 0 {
		return append(notes, unjudged("nothing was rendered before: what this change does to what runs is not known")), nil
	}
	if whole {
		gone, err := goneEnvironments(c.tree, fleet)
		if err != nil {
			return nil, err
		}
		before.Planes = append(before.Planes, gone...)
	}
	return append(notes, judged(change.Compare(before, after), c.targets)...), nil
}

func unjudged(message string) finding.Finding {
	return finding.Finding{Severity: finding.Note, Code: finding.Unjudged, Position: finding.Position{File: render.Golden}, Message: message}
}

// differing are the objects of two rendered texts that are not the same in both, the Applications of sets among them.
func differing(old, new []byte) (was, is []change.Object, err error) {
	before, after := documents(old), documents(new)
	read := func(texts, others [][]byte) ([]change.Object, error) {
		known := map[string]bool{}
		for _, other := range others {
			known[string(other)] = true
		}
		var kept [][]byte
		for _, text := range texts {
			if !known[string(text)] {
				kept = append(kept, text)
			}
		}
		objects, err := manifest.Objects(manifest.Join(kept))
		return withApplications(objects), err
	}
	if was, err = read(before, after); err != nil {
		return nil, nil, err
	}
	is, err = read(after, before)
	return was, is, err
}

// documents are the documents of a rendered text, each with a line's end behind it.
func documents(text []byte) [][]byte {
	var all [][]byte
	for document := range bytes.SplitSeq(text, []byte("\n---\n")) {
		if len(bytes.TrimSpace(document)) > 0 {
			all = append(all, append(bytes.TrimRight(slices.Clip(document), "\n"), '\n'))
		}
	}
	return all
}

// withApplications are objects with the Applications that sets among them make. What cannot be told without a cluster is
// left out on both sides: sets of ours list what they make.
func withApplications(objects []manifest.Object) []change.Object {
	var all []change.Object
	for _, object := range objects {
		all = append(all, change.Object{Object: object})
	}
	all, _ = applicationset.Expanded(all, applicationset.World{})
	return all
}

// goneEnvironments are the rendered planes of environments that are not there any more.
func goneEnvironments(tree fs.FS, fleet *schema.Fleet) ([]change.Plane, error) {
	var planes []change.Plane
	files, err := fs.Glob(tree, path.Join(render.Golden, "*", "*.yaml"))
	if err != nil {
		return nil, err
	}
	for _, file := range files {
		name, plane := path.Base(path.Dir(file)), schema.Plane(strings.TrimSuffix(path.Base(file), ".yaml"))
		if _, there := fleet.Environments[name]; there || !slices.Contains(schema.Planes(), plane) {
			continue
		}
		text, err := fs.ReadFile(tree, file)
		if err != nil {
			return nil, err
		}
		if objects, err := manifest.Objects(text); err == nil {
			planes = append(planes, change.Plane{Environment: name, Plane: plane, Objects: withApplications(objects)})
		}
	}
	return planes, nil
}

// judged are the findings that a review comes to.
func judged(review change.Review, targets []render.Target) finding.Findings {
	var all finding.Findings
	for _, c := range review.Changes {
		if c.Declared != nil {
			continue
		}
		for _, e := range c.Effects {
			if f, told := ofEffect(c, e); told {
				all = append(all, f)
			}
		}
	}
	for _, d := range review.Declarations {
		looked := d.Environment == "" || slices.ContainsFunc(targets, func(t render.Target) bool { return t.Environment == d.Environment })
		if !d.Used && looked {
			all = append(all, finding.Finding{Severity: finding.Warning, Code: finding.Idle, Position: d.Position, Path: fieldOf(d),
				Message: "nothing needs this declaration by what stands in golden/: once the change that it is for is merged, take it out"})
		}
	}
	return all
}

func fieldOf(d change.Declaration) finding.Path {
	if d.To != "" {
		return "moved"
	}
	return "removed"
}

// ofEffect is the finding of one effect; there is none where it is harmless, or where the specs of before would have to say.
func ofEffect(c change.Change, e change.Effect) (finding.Finding, bool) {
	f := finding.Finding{Position: e.Position, Object: c.Object, Path: e.Path, Remedy: e.Remedy}
	if f.File == "" {
		f.Position = finding.Position{File: path.Join(render.Golden, c.Environment, string(c.Plane)+".yaml")}
	}
	switch {
	case e.Class == change.Refused:
		f.Code, f.Message = finding.Refused, values(e)+e.Reason
	case e.Class.Destructive() && !e.Unsure:
		f.Code, f.Message = finding.Undeclared, values(e)+string(e.Class)+", which nothing declares"
		if e.Reason != "" {
			f.Message += ": " + e.Reason
		}
	default:
		return f, false
	}
	return f, true
}

// values are those of an effect, as the beginning of a sentence.
func values(e change.Effect) string {
	show := func(value any, there bool) string {
		if !there {
			return "nothing"
		}
		return finding.Show(value)
	}
	if e.Path == "" || !e.HasOld && !e.HasNew {
		return ""
	}
	return fmt.Sprintf("found %s, was %s: ", show(e.New, e.HasNew), show(e.Old, e.HasOld))
}
