package cause

import (
	"cmp"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/manifest"
	"spokewright.dev/spokewright/internal/render"
	"spokewright.dev/spokewright/schema"
)

// Traced gives findings about rendered objects the place in the specs that the object has what it has from, as a related
// position. Those stay as they are that stand in a spec, or whose object comes from a file of the overlay.
func Traced(tree fs.FS, reader *schema.Reader, found finding.Findings) finding.Findings {
	planes := map[string]*Plane{}
	traced := slices.Clone(found)
	for i, f := range traced {
		if f.Plane == "" || f.Object == (finding.Object{}) || inSpecs(f) {
			continue
		}
		p, known := planes[f.Plane]
		if !known && len(planes) < mostPlanes {
			name, plane, _ := strings.Cut(f.Plane, "/")
			p, _ = Open(tree, reader, render.Target{Environment: name, Plane: schema.Plane(plane)}) // where it is not legal, that is told
			planes[f.Plane] = p
		}
		if p == nil {
			continue
		}
		if f.Code != finding.PromiseBroken && !p.kept(f.Object, f.Path) {
			continue // the overlay says it
		}
		if said, is := p.promised(f.Object, f.Path); is {
			traced[i].Related = append(slices.Clip(f.Related), said)
		}
	}
	return traced
}

// TracedError is an error with its findings traced.
func TracedError(tree fs.FS, reader *schema.Reader, err error) error {
	found, failures := finding.Of(err)
	if len(found) == 0 || len(failures) > 0 {
		return err
	}
	return Traced(tree, reader, found).Err()
}

// mostPlanes are looked at: where a change of a base breaks a thousand, the first say what there is to say.
const mostPlanes = 100

// inSpecs says whether a finding names a place in a spec already.
func inSpecs(f finding.Finding) bool {
	return strings.HasPrefix(f.File, schema.Folder+"/") ||
		slices.ContainsFunc(f.Related, func(r finding.Related) bool {
			return schema.EnvironmentOfFile(strings.TrimPrefix(r.File, schema.Folder+"/")) != ""
		})
}

// kept says whether a field of an object is in the end as functions made it.
func (p *Plane) kept(object finding.Object, path finding.Path) bool {
	built, err := p.base.built()
	if err != nil {
		return false
	}
	made, is := among(p.base.made, object), among(built, object)
	was, _ := manifest.Get(made, path.Tokens()...)
	now, _ := manifest.Get(is, path.Tokens()...)
	return made != nil && manifest.Equal(was, now)
}

// among is the object of a list that a finding names; nil where there is none.
func among(objects []manifest.Object, object finding.Object) manifest.Object {
	if i := slices.IndexFunc(objects, func(o manifest.Object) bool { return named(o) == object }); i >= 0 {
		return objects[i]
	}
	return nil
}

// promised is where the specs say what functions make of a field of an object, or that there is the object at all.
func (p *Plane) promised(object finding.Object, path finding.Path) (finding.Related, bool) {
	made := among(p.base.made, object)
	if made == nil {
		return finding.Related{}, false
	}
	var value any = object.Name
	if path != "" {
		value, _ = manifest.Get(made, path.Tokens()...)
	}
	for _, l := range p.likely(value, path, object) {
		for _, to := range p.guesses(l) {
			if path == "" && find(to, identify(made)) != nil {
				continue
			}
			if _, _, is := Changed(made, path, p.base.made, to); is || path == "" {
				return p.saidBy(l, object.Name), true
			}
		}
	}
	return finding.Related{Position: p.start(), Message: "the environment as such has it"}, true
}

// likely are the leaves in the order in which they are asked: those that say what the field says, then by how near they are.
func (p *Plane) likely(value any, path finding.Path, object finding.Object) []*leaf {
	said, last := finding.Show(value), ""
	if steps := path.Steps(); len(steps) > 0 {
		last = steps[len(steps)-1].Name
	}
	distance := func(l *leaf) int {
		text, called := l.says()
		switch {
		case path == "" && called == object.Name:
			return 0
		case text == said && called == last:
			return 0
		case text == said && len(text) > len(`""`):
			return 1
		case called == last:
			return 2
		case len(text) > 4 && strings.Contains(said, strings.Trim(text, `"`)):
			return 3
		}
		return 4
	}
	leaves := slices.Clone(p.leaves)
	slices.SortStableFunc(leaves, func(a, b *leaf) int { return cmp.Compare(distance(a), distance(b)) })
	return leaves
}

// says is what a leaf says, and what the field is called.
func (l *leaf) says() (text, called string) {
	if l.brought != nil {
		return finding.Show(l.brought.Value), l.brought.Path[len(l.brought.Path)-1]
	}
	path := l.literal.Path
	return l.literal.Text, path[len(path)-1]
}

// guesses are the objects that functions make where a leaf says something else, legal or not.
func (p *Plane) guesses(l *leaf) [][]manifest.Object {
	if l.guessed != nil {
		return l.guessed
	}
	l.guessed = [][]manifest.Object{}
	for _, attempt := range p.attempts(l) {
		if specs, readable := attempt.specs(); readable {
			if to, same, err := p.suppose(specs); err == nil && !same {
				l.guessed = append(l.guessed, to.made)
			}
		}
		if len(l.guessed) == 2 {
			break
		}
	}
	return l.guessed
}

// saidBy is a leaf as the related position of a finding. A default has no place: it stands where the spec could say otherwise.
func (p *Plane) saidBy(l *leaf, name string) finding.Related {
	if l.brought == nil {
		return finding.Related{Position: l.literal.Position, Message: "this asks for it"}
	}
	said := finding.Related{Position: p.start(), Message: fmt.Sprintf("the default %s asks for it", finding.Tokens(l.brought.Path...))}
	at := slices.Index(l.brought.Path, "defaults") + 1
	if at == 0 {
		return said
	}
	path := l.brought.Path[at:]
	if path[0] == "database" { // of all databases
		path = slices.Concat([]string{"databases", name}, path[1:])
	}
	for root := p.base.environment.Written(); len(path) > 0; path = path[:len(path)-1] {
		if spec := p.base.environment.Written(path...); spec.File == schema.SpecFile(p.Target.Environment) && spec != root {
			said.Position = spec
			break
		}
	}
	return said
}

// start is where the spec names its class, from which its defaults come, or else its first word.
func (p *Plane) start() finding.Position {
	return p.base.environment.Written("class")
}
