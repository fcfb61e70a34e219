package kustomize

import (
	"bytes"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
	"sigs.k8s.io/kustomize/api/konfig"

	"spokewright.dev/spokewright/internal/finding"
)

// Where is the place in the files of an overlay that a finding about a final object comes from: the patch that changed
// the field, the field of a kustomization that moved the object, or the file that holds it. It is a guess of a reader,
// not a trace: where nothing speaks of the object, the kustomization itself is the place.
func Where(files fs.FS, dir string, f finding.Finding) finding.Position {
	s := search{tree: tree{FS: files, vetted: new(memo[error])}, about: f, seen: map[string]bool{}}
	if at, found := s.folder(dir); found {
		return at
	}
	k, ok := s.read(dir)
	if !ok {
		return finding.Position{File: dir}
	}
	for _, field := range usual(f) {
		if key, _ := k.field(field); key != nil {
			return k.at(key)
		}
	}
	return finding.Position{File: k.file, Line: 1, Column: 1}
}

// usual are the fields of a kustomization that a finding without a place of its own is about, the best first.
func usual(f finding.Finding) []string {
	switch {
	case f.Code == finding.TripwireMissing:
		return []string{"resources"}
	case f.Code == finding.GuardMissing:
		return []string{"transformers"}
	case f.Object == finding.Object{}:
		return []string{"generators"}
	}
	return nil
}

// search looks for what speaks of an object.
type search struct {
	tree
	about finding.Finding
	seen  map[string]bool
}

// text is YAML with its place: that of a file, or of a text in one.
type text struct {
	file      string
	documents []*yaml.Node
	line      int // of the file before the first line of the text
	indent    int
	whole     *yaml.Node // the scalar of a text on one line: everything in it is there
}

func (t text) at(node *yaml.Node) finding.Position {
	if t.whole != nil {
		node = t.whole
	}
	return finding.Position{File: t.file, Line: t.line + node.Line, Column: t.indent + node.Column}
}

// field is the key and the value of a field of the first document.
func (t text) field(name string) (key, value *yaml.Node) {
	if len(t.documents) == 0 {
		return nil, nil
	}
	return fieldOf(t.documents[0], name)
}

func fieldOf(node *yaml.Node, name string) (key, value *yaml.Node) {
	for i := 0; node != nil && node.Kind == yaml.MappingNode && i+1 < len(node.Content); i += 2 {
		if node.Content[i].Value == name {
			return node.Content[i], node.Content[i+1]
		}
	}
	return nil, nil
}

// scalarOf is the text of a field, or empty.
func scalarOf(node *yaml.Node, name string) string {
	if _, value := fieldOf(node, name); value != nil && value.Kind == yaml.ScalarNode {
		return value.Value
	}
	return ""
}

// read reads the kustomization of a folder.
func (s *search) read(dir string) (text, bool) {
	for _, name := range konfig.RecognizedKustomizationFileNames() {
		if t, ok := s.file(path.Join(dir, name)); ok {
			return t, true
		}
	}
	return text{}, false
}

// file reads a file of YAML as far as it can be read.
func (s *search) file(name string) (text, bool) {
	actual, folder, err := s.stat(".", path.Clean(name))
	if err != nil || folder {
		return text{}, false
	}
	content, err := s.tree.read(actual)
	if err != nil {
		return text{}, false
	}
	return text{file: name, documents: documentsOf(content)}, true
}

func documentsOf(content []byte) (roots []*yaml.Node) {
	for decoder := yaml.NewDecoder(bytes.NewReader(content)); ; {
		var document yaml.Node
		if decoder.Decode(&document) != nil {
			return roots
		}
		roots = append(roots, document.Content...)
	}
}

// inline is YAML that stands in a scalar of a file.
func (s *search) inline(in text, scalar *yaml.Node) text {
	t := text{file: in.file, documents: documentsOf([]byte(scalar.Value))}
	if scalar.Style&yaml.LiteralStyle == 0 || in.whole != nil {
		at := in.at(scalar)
		t.whole = &yaml.Node{Line: at.Line, Column: at.Column}
		return t
	}
	t.line = in.line + scalar.Line
	if content, err := fs.ReadFile(s.FS, in.file); err == nil {
		if lines := strings.Split(string(content), "\n"); t.line < len(lines) {
			t.indent = len(lines[t.line]) - len(strings.TrimLeft(lines[t.line], " "))
		}
	}
	return t
}

// folder looks in a kustomization, then in those below it.
func (s *search) folder(dir string) (finding.Position, bool) {
	if s.seen[dir] || len(s.seen) > maxDepth {
		return finding.Position{}, false
	}
	s.seen[dir] = true
	k, ok := s.read(dir)
	if !ok {
		return finding.Position{}, false
	}
	for _, look := range []func(string, text) (finding.Position, bool){s.patches, s.fields, s.objects, s.below} {
		if at, found := look(dir, k); found {
			return at, true
		}
	}
	return finding.Position{}, false
}

// patches looks through the patches, the last first: it has the last word.
func (s *search) patches(dir string, k text) (finding.Position, bool) {
	for _, name := range []string{"patches", "patchesJson6902", "patchesStrategicMerge"} {
		_, list := k.field(name)
		if list == nil {
			continue
		}
		for _, entry := range slices.Backward(list.Content) {
			_, target := fieldOf(entry, "target")
			if target != nil && !s.targets(target) {
				continue
			}
			patch, ok := s.patch(dir, k, entry)
			if !ok {
				continue
			}
			for _, document := range patch.documents {
				if node := s.changes(document, target != nil); node != nil {
					return patch.at(node), true
				}
			}
		}
	}
	return finding.Position{}, false
}

// patch reads the text of an entry: its own, or a file's.
func (s *search) patch(dir string, k text, entry *yaml.Node) (text, bool) {
	if entry.Kind == yaml.MappingNode {
		if _, own := fieldOf(entry, "patch"); own != nil {
			return s.inline(k, own), true
		}
		return s.file(path.Join(dir, scalarOf(entry, "path")))
	}
	if t, ok := s.file(path.Join(dir, entry.Value)); ok {
		return t, true
	}
	return s.inline(k, entry), true
}

// targets says whether the selector of a patch chooses the object. Labels and annotations are not looked at.
func (s *search) targets(target *yaml.Node) bool {
	for field, value := range map[string]string{"kind": s.about.Object.Kind, "name": s.about.Object.Name, "namespace": s.about.Object.Namespace} {
		pattern := scalarOf(target, field)
		if pattern == "" || field == "namespace" && value == "" {
			continue
		}
		re, err := regexp.Compile("^(?:" + pattern + ")$")
		if err != nil || !re.MatchString(value) {
			return false
		}
	}
	return true
}

// changes is the part of a patch that is about the finding's field, or nil.
func (s *search) changes(patch *yaml.Node, chosen bool) *yaml.Node {
	switch {
	case patch.Kind == yaml.SequenceNode && chosen:
		return s.operation(patch)
	case patch.Kind == yaml.MappingNode && (chosen || s.names(patch)):
		if s.about.Path == "" {
			if key, _ := fieldOf(patch, "$patch"); key != nil {
				return key
			}
			return nil
		}
		return s.along(patch, 1)
	}
	return nil
}

// operation is the operation of a JSON patch whose path leads to the field, above it or below it.
func (s *search) operation(patch *yaml.Node) *yaml.Node {
	field := s.about.Path.Pointer()
	for _, operation := range slices.Backward(patch.Content) {
		for _, name := range []string{"path", "from"} {
			_, value := fieldOf(operation, name)
			if value != nil && (leadsInto(value.Value, field) || leadsInto(field, value.Value)) {
				return value
			}
		}
	}
	return nil
}

// leadsInto says whether a JSON pointer leads to what another does, or to something in it.
func leadsInto(pointer, above string) bool {
	pointer, above = strings.TrimSuffix(pointer, "/-"), strings.TrimSuffix(above, "/-")
	return above != "" && (pointer == above || strings.HasPrefix(pointer, above+"/"))
}

// names says whether an object in a file is the finding's, by kind and name.
func (s *search) names(object *yaml.Node) bool {
	_, metadata := fieldOf(object, "metadata")
	name := scalarOf(metadata, "name")
	return scalarOf(object, "kind") == s.about.Object.Kind && (name == s.about.Object.Name ||
		name != "" && s.about.Path == "" && strings.Contains(s.about.Object.Name, name))
}

// along is the key of the field, or the last one on the way to it; nil where fewer steps than least are there.
func (s *search) along(object *yaml.Node, least int) *yaml.Node {
	var last *yaml.Node
	steps := 0
	for _, step := range s.about.Path.Steps() {
		var key, value *yaml.Node
		if step.List {
			if object.Kind != yaml.SequenceNode || step.Index < 0 || step.Index >= len(object.Content) {
				break
			}
			value = object.Content[step.Index]
			key = value
		} else {
			key, value = fieldOf(object, step.Name)
		}
		if key == nil {
			break
		}
		last, object = key, value
		steps++
	}
	if steps < least {
		return nil
	}
	return last
}

// fields looks for the fields of a kustomization that change objects by themselves.
func (s *search) fields(_ string, k text) (finding.Position, bool) {
	names := map[string][]string{
		"metadata.labels": {"labels", "commonLabels"}, "metadata.annotations": {"commonAnnotations"},
		"spec.replicas": {"replicas"}, "": {"namespace", "namePrefix", "nameSuffix"},
	}
	field := string(s.about.Path)
	for start, candidates := range names {
		if field != start && (start == "" || !strings.HasPrefix(field, start)) {
			continue
		}
		for _, name := range candidates {
			if key, _ := k.field(name); key != nil {
				return k.at(key), true
			}
		}
	}
	if strings.HasSuffix(field, ".image") {
		if key, _ := k.field("images"); key != nil {
			return k.at(key), true
		}
	}
	return finding.Position{}, false
}

// objects looks for the object in the files that the kustomization lists.
func (s *search) objects(dir string, k text) (finding.Position, bool) {
	for _, name := range []string{"resources", "generators", "transformers", "validators"} {
		_, list := k.field(name)
		if list == nil {
			continue
		}
		for _, entry := range list.Content {
			t, ok := s.file(path.Join(dir, entry.Value))
			if !ok && name != "resources" {
				t = s.inline(k, entry)
			}
			for _, document := range t.documents {
				if s.names(document) {
					if key := s.along(document, 1); key != nil {
						return t.at(key), true
					}
					return t.at(document), true
				}
			}
		}
	}
	return finding.Position{}, false
}

// below looks in the folders that the kustomization lists.
func (s *search) below(dir string, k text) (finding.Position, bool) {
	for _, name := range []string{"components", "resources", "bases"} {
		_, list := k.field(name)
		if list == nil {
			continue
		}
		for _, entry := range list.Content {
			if at, found := s.folder(path.Join(dir, entry.Value)); found {
				return at, true
			}
		}
	}
	return finding.Position{}, false
}
