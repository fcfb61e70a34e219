package cause

import (
	"cmp"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"spokewright.dev/spokewright/internal/cuefile"
	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/manifest"
	"spokewright.dev/spokewright/internal/render"
	"spokewright.dev/spokewright/schema"
)

// Asked says which things of specs are meant: those on a line of a file, or those at a field or in it.
type Asked struct {
	File  string
	Line  int          // 0 where a field is meant
	Field finding.Path // of the file
}

// Reached is an object that something in a spec reaches.
type Reached struct {
	Target render.Target
	Object finding.Object
	Fields []finding.Path // empty where the object is not there then, or has another name
}

// Reach is what the things asked for reach in a whole fleet: a spec of one environment reaches that and the hubs, which list it.
// The causes name them.
func Reach(tree fs.FS, reader *schema.Reader, asked Asked) (causes []Cause, reached []Reached, err error) {
	names, err := schema.List(tree)
	if err != nil {
		return nil, nil, err
	}
	specs, err := reader.Suppose(tree, names...)
	if err != nil {
		return nil, nil, err
	}
	if name := specs.Owner(asked.File); name != "" {
		names = slices.Compact(slices.Sorted(slices.Values(append(specs.Hubs(), name))))
	}
	for _, target := range render.Targets(names) {
		p, err := Open(tree, reader, target)
		if err != nil {
			return nil, nil, err
		}
		here, more, err := p.reach(asked)
		if err != nil {
			return nil, nil, err
		}
		for _, c := range here {
			if !slices.ContainsFunc(causes, func(known Cause) bool { return known.Position == c.Position && known.Path == c.Path }) {
				causes = append(causes, c)
			}
		}
		reached = append(reached, more...)
	}
	if len(causes) == 0 {
		return nil, nil, asked.nothing(specs)
	}
	return causes, reached, nil
}

// nothing is about a place where no value stands.
func (a Asked) nothing(specs schema.Supposed) error {
	if a.Line > 0 {
		return nothing(finding.Position{File: a.File, Line: a.Line})
	}
	var known []string
	for _, l := range cuefile.Literals(a.File, specs.Text(a.File)) {
		known = append(known, string(finding.Tokens(l.Path...)))
	}
	if a.File == schema.FleetFile {
		for _, brought := range specs.Defaults("") {
			known = append(known, string(finding.Tokens(brought.Path...)))
		}
	}
	return unknown(a.File, "field", string(a.Field), known)
}

// Holds refuses a line that is none of a file, or on which no value can stand.
func (a Asked) Holds(text []byte) error {
	return holds(text, finding.Position{File: a.File, Line: a.Line})
}

// reach is what the things asked for reach on this plane.
func (p *Plane) reach(asked Asked) (causes []Cause, reached []Reached, err error) {
	var meant []*leaf
	for _, l := range p.leaves {
		if asked.means(l) {
			meant = append(meant, l)
			causes = append(causes, l.cause())
		}
	}
	found := map[finding.Object]map[finding.Path]bool{}
	note := func(object finding.Object, paths ...finding.Path) {
		if found[object] == nil {
			found[object] = map[finding.Path]bool{}
		}
		for _, path := range paths {
			found[object][path] = true
		}
	}
	for _, l := range meant {
		for _, s := range p.suppositions(l) {
			here, there, unfit, err := p.beside(s.state)
			if err != nil {
				return nil, nil, err
			}
			for _, object := range here {
				other := counterpart(object, here, there)
				if other == nil {
					note(named(object))
				} else if !manifest.Equal(object, other) {
					note(named(object), slices.DeleteFunc(differences(object, other, ""), func(path finding.Path) bool { return unfit && p.patched(object, path) })...)
				}
			}
		}
	}
	for object, paths := range found {
		reached = append(reached, Reached{p.Target, object, slices.Sorted(maps.Keys(paths))})
	}
	slices.SortFunc(reached, func(a, b Reached) int {
		return cmp.Or(cmp.Compare(a.Object.Kind, b.Object.Kind), cmp.Compare(a.Object.Namespace, b.Object.Namespace), cmp.Compare(a.Object.Name, b.Object.Name))
	})
	return causes, reached, nil
}

// beside are the objects of the plane as it is and as it would be in a state, after the overlay. One that does not fit the state is
// unfit: of what it leaves alone, functions tell.
func (p *Plane) beside(to state) (here, there []manifest.Object, unfit bool, err error) {
	if p.overlay.plain() {
		return p.base.made, to.made, false, nil
	}
	if here, err = p.base.built(); err != nil {
		return nil, nil, false, err
	}
	there, wrong := to.built()
	if wrong != nil {
		return p.base.made, to.made, true, nil
	}
	return here, there, false, nil
}

// differences are the fields of a value that are others elsewhere, or not there.
func differences(here, there any, path finding.Path) []finding.Path {
	var all []finding.Path
	compare := func(step finding.Path) {
		was, is, found := follow(here, there, step)
		switch {
		case !found:
			all = append(all, path.Join(step))
		case !manifest.Equal(was, is):
			all = append(all, differences(was, is, path.Join(step))...)
		}
	}
	switch v := here.(type) {
	case map[string]any:
		if _, same := there.(map[string]any); same {
			for name := range v {
				compare(finding.Keys(name))
			}
		}
	case []any:
		if _, same := there.([]any); same {
			for i := range v {
				compare(finding.Path("").Index(i))
			}
		}
	}
	if len(all) == 0 { // all that is new is somewhere in it
		return []finding.Path{path}
	}
	return all
}

// means says whether a leaf is asked for.
func (a Asked) means(l *leaf) bool {
	if a.Line == 0 {
		if l.brought != nil {
			return a.File == schema.FleetFile && within(finding.Tokens(l.brought.Path...), a.Field)
		}
		return l.file == a.File && within(finding.Tokens(l.literal.Path...), a.Field)
	}
	if l.brought != nil || l.file != a.File {
		return false
	}
	return stands(l.literal, a.Line)
}

func stands(l cuefile.Literal, line int) bool {
	return l.Position.Line <= line && line <= l.Position.Line+strings.Count(l.Text, "\n")
}

// within says whether a path is another one, or leads into it.
func within(path, above finding.Path) bool {
	return path == above || strings.HasPrefix(string(path), string(above)+".") || strings.HasPrefix(string(path), string(above)+"[")
}

// Widened is what is asked for where a line has only the name of what stands on the lines below it: all of that.
func (a Asked) Widened(text []byte) Asked {
	var names []cuefile.Literal
	for _, l := range cuefile.Literals(a.File, text) {
		switch {
		case !stands(l, a.Line):
		case !l.Name:
			return a
		default:
			names = append(names, l)
		}
	}
	if len(names) > 0 {
		return Asked{File: a.File, Field: finding.Tokens(names[len(names)-1].Path...)}
	}
	return a
}
