package cause

import (
	"io/fs"
	"path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"spokewright.dev/spokewright/internal/draft"
	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/kustomize"
	"spokewright.dev/spokewright/internal/manifest"
)

// step is what one entry of a kustomization does to objects that others made.
type step struct {
	file        string
	field       string
	first, last int // its lines
	head        int // the line of the field, where this is all of it; else 0
}

// The fields of a kustomization that bring objects, and those that change them, in kustomize's order. What a change takes from
// another object is told apart: there, any object may follow from any other.
var (
	bringing = []string{"apiVersion", "kind", "metadata", "resources", "bases", "generators", "sortOptions", "openapi", "crds", "configurations", "buildMetadata"}
	changing = []string{"components", "patchesStrategicMerge", "patches", "labels", "commonLabels", "commonAnnotations", "patchesJson6902", "replicas", "images"}
)

// overlay is what the kustomizations of a plane do beside bringing objects.
type overlay struct {
	steps     []step
	crossing  bool // an object may follow from another one
	selecting bool // something chooses objects by their labels or annotations
}

// plain says that the overlay leaves what functions make as it is.
func (o overlay) plain() bool { return len(o.steps) == 0 && !o.crossing }

// readOverlay looks through the kustomizations that a folder builds on, the deepest first.
func readOverlay(tree fs.FS, folder string, seen map[string]bool) overlay {
	var o overlay
	if seen[folder] {
		return o
	}
	seen[folder] = true
	file, text := kustomization(tree, folder)
	var document yaml.Node
	if yaml.Unmarshal(text, &document) != nil || len(document.Content) == 0 || document.Content[0].Kind != yaml.MappingNode {
		return o
	}
	fields := document.Content[0].Content
	for i := 0; i+1 < len(fields); i += 2 {
		if !slices.Contains([]string{"resources", "bases", "components"}, fields[i].Value) {
			continue
		}
		for _, entry := range fields[i+1].Content {
			o.add(readOverlay(tree, path.Join(folder, entry.Value), seen))
		}
	}
	o.selecting = o.selecting || strings.Contains(string(text), "Selector:")
	o.own(file, fields, strings.Count(string(text), "\n")+1)
	return o
}

func kustomization(tree fs.FS, folder string) (file string, text []byte) {
	for _, name := range []string{"kustomization.yaml", "kustomization.yml", "Kustomization"} {
		if content, err := fs.ReadFile(tree, path.Join(folder, name)); err == nil {
			return path.Join(folder, name), content
		}
	}
	return "", nil
}

// add puts what an overlay builds on before what it does itself.
func (o *overlay) add(below overlay) {
	o.steps = append(o.steps, below.steps...)
	o.crossing, o.selecting = o.crossing || below.crossing, o.selecting || below.selecting
}

// own adds what the fields of a kustomization do, in the order in which kustomize does it. end is the last line of its file.
func (o *overlay) own(file string, fields []*yaml.Node, end int) {
	var own []step
	for i := 0; i+1 < len(fields); i += 2 {
		last := end
		if i+2 < len(fields) {
			last = fields[i+2].Line - 1
		}
		name := fields[i].Value
		switch {
		case slices.Contains(bringing, name):
		case name == "transformers" && onlyGuard(fields[i+1]):
		case slices.Contains(changing, name):
			own = append(own, steps(file, fields[i], fields[i+1], last)...)
		default:
			o.crossing = true
			own = append(own, step{file, name, fields[i].Line, last, 0})
		}
	}
	slices.SortStableFunc(own, func(a, b step) int { return slices.Index(changing, a.field) - slices.Index(changing, b.field) })
	o.steps = append(o.steps, own...)
}

// onlyGuard says whether a kustomization runs nothing but the guard.
func onlyGuard(transformers *yaml.Node) bool {
	return !slices.ContainsFunc(transformers.Content, func(n *yaml.Node) bool { return !strings.Contains(n.Value, "kind: Guard") })
}

// steps are the entries of a field, each on lines of its own; the field as a whole where they are not.
func steps(file string, key, value *yaml.Node, last int) []step {
	if value.Kind != yaml.SequenceNode || value.Style&yaml.FlowStyle != 0 || len(value.Content) == 0 || value.Content[0].Line == key.Line {
		return []step{{file, key.Value, key.Line, last, 0}}
	}
	var all []step
	for i, entry := range value.Content {
		s := step{file, key.Value, entry.Line, last, 0}
		if i+1 < len(value.Content) {
			s.last = value.Content[i+1].Line - 1
		}
		if i == 0 {
			s.head = key.Line
		}
		all = append(all, s)
	}
	return all
}

// upTo is the tree with the first steps of an overlay and none of the others: their lines are empty, so that all that stays is
// where it was.
func (o overlay) upTo(tree fs.FS, n int) fs.FS {
	without := map[string][]step{}
	for _, s := range o.steps[n:] {
		without[s.file] = append(without[s.file], s)
	}
	changed := draft.New(tree)
	for file, steps := range without {
		text, err := fs.ReadFile(tree, file)
		if err != nil {
			continue
		}
		lines := strings.Split(string(text), "\n")
		for _, s := range steps {
			for i := s.first; i <= s.last && i <= len(lines); i++ {
				lines[i-1] = ""
			}
			if s.head > 0 {
				lines[s.head-1] = ""
			}
		}
		changed.Write(file, []byte(strings.Join(lines, "\n")))
	}
	return changed
}

// moment is what an overlay makes with its first steps; nil objects where it cannot be built so.
type moment struct {
	tree    fs.FS
	objects []manifest.Object
}

// moments are those of the plane's overlay, without a step first.
func (p *Plane) moments() []moment {
	if p.passed == nil {
		for n := range len(p.overlay.steps) + 1 {
			tree := p.overlay.upTo(p.tree, n)
			built, _ := p.build(kustomize.NewBuilder(tree, p.run), p.base.environment)
			p.passed = append(p.passed, moment{tree, built.Objects})
		}
	}
	return p.passed
}

// history is what the overlay makes of the field of an object, step by step: the patches that change it, and what it was
// before each. origin is the place of the object in the overlay's files, where it has one.
func (p *Plane) history(object manifest.Object, field finding.Path) (patches []Cause, origin finding.Position) {
	about := finding.Finding{Object: named(object), Path: field}
	folder := p.Target.Overlay()
	var before any
	var was manifest.Object
	for n, m := range p.moments() {
		if m.objects == nil {
			continue
		}
		is := find(m.objects, identify(object))
		value, _ := manifest.Get(is, field.Tokens()...)
		if origin == (finding.Position{}) && is != nil {
			origin = kustomize.Where(m.tree, folder, about)
		}
		if n > 0 && (!manifest.Equal(value, before) || (is == nil) != (was == nil)) {
			at := kustomize.Where(m.tree, folder, about)
			if s := p.overlay.steps[n-1]; !s.holds(m.tree, at) {
				at = finding.Position{File: s.file, Line: s.first}
			}
			patches = append(patches, Cause{Sort: Patch, Position: at, Before: before})
		}
		before, was = value, is
	}
	return patches, origin
}

// holds says whether a place is one of the step's lines, or in a file that they name.
func (s step) holds(tree fs.FS, at finding.Position) bool {
	if at.File == s.file {
		return s.first <= at.Line && at.Line <= s.last
	}
	text, _ := fs.ReadFile(tree, s.file)
	lines := strings.Split(string(text), "\n")
	return slices.ContainsFunc(lines[min(s.first-1, len(lines)):min(s.last, len(lines))], func(line string) bool { return strings.Contains(line, path.Base(at.File)) })
}

func find(objects []manifest.Object, id identity) manifest.Object {
	for _, o := range objects {
		if identify(o) == id {
			return o
		}
	}
	return nil
}
