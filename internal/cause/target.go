package cause

import (
	"bytes"
	"io/fs"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/manifest"
	"spokewright.dev/spokewright/internal/render"
	"spokewright.dev/spokewright/schema"
)

// AtLine explains what stands on a line of the plane's rendered file. The error is Findings where nothing stands there, or
// where the file is not what is rendered now.
func (p *Plane) AtLine(file string, line int) (Explanation, error) {
	text, err := fs.ReadFile(p.tree, file)
	if err != nil {
		return Explanation{}, err
	}
	now, err := p.YAML()
	if err != nil {
		return Explanation{}, err
	}
	at := finding.Position{File: file, Line: line}
	if !bytes.Equal(text, now) {
		return Explanation{}, finding.At(finding.Position{File: file}, finding.OutOfDate, "it is not what is rendered now, so that its lines are no more: run spokewright render %s", p.Target.Environment)
	}
	if err := holds(text, at); err != nil {
		return Explanation{}, err
	}
	var node *yaml.Node
	for document, err := range manifest.Documents(text) {
		if err != nil {
			return Explanation{}, err
		}
		if root := document.Content[0]; root.Line <= line {
			node = root
		}
	}
	if node == nil {
		return Explanation{}, nothing(at)
	}
	var object manifest.Object
	if err := node.Decode(&object); err != nil {
		return Explanation{}, err
	}
	return p.Explain(p.one(identify(object)), pathAt(node, line, ""))
}

// holds refuses a line that is none of a file, or on which nothing stands that has a cause.
func holds(text []byte, at finding.Position) error {
	lines := strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
	if at.Line < 1 || at.Line > len(lines) {
		return finding.At(finding.Position{File: at.File}, finding.CommandLine, "found line %d, allowed is one from 1 to %d", at.Line, len(lines))
	}
	if line := strings.TrimSpace(lines[at.Line-1]); line == "---" || line == "" || strings.HasPrefix(line, "#") || strings.HasPrefix(line, "//") {
		return nothing(at)
	}
	return nil
}

func nothing(at finding.Position) error {
	return finding.At(at, finding.CommandLine, "nothing stands here that has a cause, allowed is a line with a field")
}

// pathAt is the path of the last field that begins on a line or before it.
func pathAt(node *yaml.Node, line int, path finding.Path) finding.Path {
	switch node.Kind {
	case yaml.MappingNode:
		for i := len(node.Content) - 2; i >= 0; i -= 2 {
			if key := node.Content[i]; key.Line <= line {
				below := path.Keys(key.Value)
				if value := node.Content[i+1]; value.Line <= line && (value.Line > key.Line || value.Style&yaml.FlowStyle == 0) && value.Kind != yaml.ScalarNode {
					return pathAt(value, line, below)
				}
				return below
			}
		}
	case yaml.SequenceNode:
		for i, item := range slices.Backward(node.Content) {
			if item.Line <= line {
				return pathAt(item, line, path.Index(i))
			}
		}
	}
	return path
}

// one is an object of the plane.
func (p *Plane) one(id identity) manifest.Object {
	objects, _ := p.Objects()
	return find(objects, id)
}

// Field explains a field of an object of one of some planes, both as people write them: KIND/NAME or KIND/NAMESPACE/NAME, and
// spec.nodes.min.
func Field(tree fs.FS, reader *schema.Reader, targets []render.Target, object string, field finding.Path) (Explanation, error) {
	var known []string
	for _, target := range targets {
		p, err := Open(tree, reader, target)
		if err != nil {
			return Explanation{}, err
		}
		objects, err := p.Objects()
		if err != nil {
			return Explanation{}, err
		}
		switch found := chosen(objects, object); {
		case len(found) > 1:
			return Explanation{}, finding.At(finding.Position{File: place(target)}, finding.CommandLine, "found %s, which several objects are called: write %s",
				finding.Quote(object), finding.OneOf(spellings(found)))
		case len(found) == 1:
			if _, there := manifest.Get(found[0], field.Tokens()...); !there {
				return Explanation{}, unknown(place(target), "field of "+named(found[0]).String(), string(field), fields(found[0], ""))
			}
			return p.Explain(found[0], field)
		}
		known = append(known, spellings(objects)...)
	}
	return Explanation{}, unknown(targets[0].Environment, "object", object, known)
}

// chosen are the objects that a word may mean. A kind may have its group behind it, and a name its namespace before it.
func chosen(objects []manifest.Object, word string) []manifest.Object {
	return slices.DeleteFunc(slices.Clone(objects), func(o manifest.Object) bool {
		return !slices.Contains(ways(identify(o)), word)
	})
}

// ways are those to write an object, the shortest first.
func ways(id identity) []string {
	kinds, names := []string{id.Kind, id.Kind + "." + id.Group}, []string{id.Name, id.Namespace + "/" + id.Name}
	return []string{kinds[0] + "/" + names[0], kinds[0] + "/" + names[1], kinds[1] + "/" + names[0], kinds[1] + "/" + names[1]}
}

// spellings are objects as they are named on the command line: with the namespace or the group where it must be said.
func spellings(objects []manifest.Object) []string {
	meant := map[string]int{}
	for _, o := range objects {
		for _, way := range ways(identify(o)) {
			meant[way]++
		}
	}
	var all []string
	for _, o := range objects {
		ways := ways(identify(o))
		at := max(0, slices.IndexFunc(ways, func(way string) bool { return meant[way] == 1 }))
		all = append(all, ways[at])
	}
	return all
}

// unknown is about a word that names nothing.
func unknown(where, sort, word string, known []string) error {
	return finding.Findings{{Code: finding.UnknownName, Position: finding.Position{File: where}, Message: "there is no " + sort + " " + finding.Quote(word), Suggestion: finding.Suggest(word, known)}}
}

func place(target render.Target) string { return target.Environment + "/" + string(target.Plane) }

// fields are the paths of all that is in a value.
func fields(value any, path finding.Path) []string {
	var all []string
	if path != "" {
		all = append(all, string(path))
	}
	switch v := value.(type) {
	case map[string]any:
		for name, below := range v {
			all = append(all, fields(below, path.Keys(name))...)
		}
	case []any:
		for i, below := range v {
			all = append(all, fields(below, path.Index(i))...)
		}
	}
	return all
}
