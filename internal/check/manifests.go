package check

import (
	"errors"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/judge"
	"spokewright.dev/spokewright/internal/kustomize"
	"spokewright.dev/spokewright/internal/manifest"
	"spokewright.dev/spokewright/internal/render"
	"spokewright.dev/spokewright/schema"
)

// Manifests judges the objects of a YAML or JSON file by the rules of a class, and counts those that a rule is about.
// Each finding stands where the field is written, or where it is missing.
func Manifests(e schema.Environment, file string, text []byte) (findings finding.Findings, judged int, err error) {
	if err := kustomize.Vet(file, text); err != nil {
		return nil, 0, err
	}
	for document, err := range manifest.Documents(text) {
		if err != nil {
			return nil, 0, unreadable(file, err)
		}
		for _, item := range items(document) {
			data, err := plain(item, 0)
			if err != nil {
				return nil, 0, finding.At(positionOf(file, item), finding.Unreadable, "%v", err)
			}
			object, isMap := data.(map[string]any)
			if !isMap || !judge.Judges(e, object) {
				continue
			}
			judged++
			if _, deleting := manifest.Get(object, "metadata", "deletionTimestamp"); deleting {
				continue // admission lets it go too; it writes this field itself, and takes it from nobody
			}
			findings = append(findings, broken(e, file, item, object)...)
		}
	}
	return findings, judged, nil
}

// broken are the rules that one object breaks.
func broken(e schema.Environment, file string, item *yaml.Node, object manifest.Object) finding.Findings {
	var findings finding.Findings
	for _, v := range judge.Judge(e, object) {
		f := v.Finding()
		f.Position = positionOf(file, place(item, v.Path))
		findings = append(findings, f)
	}
	return findings
}

func positionOf(file string, node *yaml.Node) finding.Position {
	return finding.Position{File: file, Line: node.Line, Column: node.Column}
}

// unreadable is about a file that is no YAML. The reader's message names the line.
func unreadable(file string, err error) error {
	at := finding.Position{File: file}
	text := strings.TrimPrefix(err.Error(), "yaml: ")
	if number, rest, ok := strings.Cut(strings.TrimPrefix(text, "line "), ": "); ok {
		if line, err := strconv.Atoi(number); err == nil {
			at.Line, text = line, rest
		}
	}
	return finding.At(at, finding.Unreadable, "found text that is no YAML: %s", text)
}

// located gives findings about rendered objects their places in the rendered file.
func located(findings finding.Findings, rendered render.Rendered) finding.Findings {
	if len(findings) == 0 {
		return nil
	}
	file := path.Join(render.Golden, rendered.File())
	nodes := map[finding.Object]*yaml.Node{}
	for document, err := range manifest.Documents(rendered.YAML) {
		if err != nil {
			break // it was written here, and is YAML
		}
		for _, item := range items(document) {
			var object struct {
				Kind     string
				Metadata struct{ Name, Namespace string }
			}
			if item.Decode(&object) == nil {
				nodes[finding.Object{Kind: object.Kind, Namespace: object.Metadata.Namespace, Name: object.Metadata.Name}] = item
			}
		}
	}
	for i, f := range findings {
		findings[i].Position, findings[i].Plane = finding.Position{File: file}, path.Join(rendered.Environment, string(rendered.Plane))
		if item := nodes[f.Object]; item != nil {
			findings[i].Position = positionOf(file, place(item, tokens(f.Path)))
		}
	}
	return findings
}

// tokens are the steps of a path as child takes them.
func tokens(p finding.Path) []string {
	var tokens []string
	for _, step := range p.Steps() {
		if step.List {
			tokens = append(tokens, strconv.Itoa(step.Index))
		} else {
			tokens = append(tokens, step.Name)
		}
	}
	return tokens
}

// items are the objects of a document: itself, or those of a List.
func items(document *yaml.Node) []*yaml.Node {
	if len(document.Content) == 0 {
		return nil
	}
	root := document.Content[0]
	if kind := child(root, "kind"); kind == nil || kind.Value != "List" {
		return []*yaml.Node{root}
	}
	if list := child(root, "items"); list != nil {
		return list.Content
	}
	return nil
}

// child is the value of a field or an element, and nil where there is none.
func child(node *yaml.Node, name string) *yaml.Node {
	if node.Kind == yaml.AliasNode {
		node = node.Alias
	}
	switch node.Kind {
	case yaml.MappingNode:
		for i := 0; i+1 < len(node.Content); i += 2 {
			if key := node.Content[i]; key.Value == name && key.Tag != mergeTag {
				return node.Content[i+1]
			}
		}
		for _, other := range merged(node) {
			if inner := child(other, name); inner != nil {
				return inner
			}
		}
	case yaml.SequenceNode:
		if i, err := strconv.Atoi(name); err == nil && i < len(node.Content) {
			return node.Content[i]
		}
	}
	return nil
}

// mergeTag marks the key << of a map that takes in the fields of others (yaml.org/type/merge.html), as Kubernetes' own
// reader of YAML does.
const mergeTag = "!!merge"

// merged are the maps that a map takes in: a field of the first counts, and the map's own fields before all.
func merged(node *yaml.Node) []*yaml.Node {
	var all []*yaml.Node
	for i := 0; i+1 < len(node.Content); i += 2 {
		switch value := node.Content[i+1]; {
		case node.Content[i].Tag != mergeTag:
		case value.Kind == yaml.SequenceNode:
			all = append(all, value.Content...)
		default:
			all = append(all, value)
		}
	}
	return all
}

// place is what lies at a path, or the last thing on the way to it.
func place(node *yaml.Node, path []string) *yaml.Node {
	for _, name := range path {
		inner := child(node, name)
		if inner == nil {
			break
		}
		node = inner
	}
	return node
}

// The deepest manifest that is read: deeper ones contain themselves.
const maxDepth = 200

// plain is a node as JSON data. Texts that YAML would take for times stay texts, as Kubernetes reads them.
func plain(node *yaml.Node, depth int) (any, error) {
	if depth > maxDepth {
		return nil, errors.New("the manifest is too deep, or contains itself")
	}
	switch node.Kind {
	case yaml.AliasNode:
		return plain(node.Alias, depth+1)
	case yaml.MappingNode:
		return fields(node, depth)
	case yaml.SequenceNode:
		list := make([]any, len(node.Content))
		for i, item := range node.Content {
			value, err := plain(item, depth+1)
			if err != nil {
				return nil, err
			}
			list[i] = value
		}
		return list, nil
	}
	switch node.ShortTag() {
	case "!!null", "!!bool", "!!int", "!!float":
		var value any
		if err := node.Decode(&value); err != nil {
			return nil, err
		}
		if n, isInt := value.(int); isInt {
			return int64(n), nil
		}
		return value, nil
	}
	return node.Value, nil
}

// fields are those of a map, with what it takes in of others.
func fields(node *yaml.Node, depth int) (map[string]any, error) {
	all := make(map[string]any, len(node.Content)/2)
	others := merged(node)
	for _, other := range slices.Backward(others) {
		value, err := plain(other, depth+1)
		if err != nil {
			return nil, err
		}
		more, _ := value.(map[string]any)
		maps.Copy(all, more)
	}
	for i := 0; i+1 < len(node.Content); i += 2 {
		if node.Content[i].Tag == mergeTag {
			continue
		}
		value, err := plain(node.Content[i+1], depth+1)
		if err != nil {
			return nil, err
		}
		all[node.Content[i].Value] = value
	}
	return all, nil
}
