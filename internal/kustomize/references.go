package kustomize

import (
	"encoding/json"
	"errors"
	"maps"
	"path"
	"slices"

	"go.yaml.in/yaml/v3"
	"k8s.io/kube-openapi/pkg/validation/spec"
	"sigs.k8s.io/kustomize/kyaml/openapi"
	k8syaml "sigs.k8s.io/yaml"

	"spokewright.dev/spokewright/internal/finding"
)

// Limits of what the references in a schema may stand for. kustomize follows them without any.
const (
	maxFields = 10_000 // that the types of one file of crds have, written out
	maxChain  = 100    // references that lead to nothing but the next
)

// references refuses schemas that refer to themselves: kustomize would follow them until its stack or time is over.
func (w *walker) references(n *node) error {
	if file := n.spec.OpenAPI["path"]; file != "" {
		if err := w.schemaFile(n, file, circular); err != nil {
			return err
		}
	}
	for _, file := range n.spec.Crds {
		if err := w.schemaFile(n, file, endless); err != nil {
			return err
		}
	}
	return nil
}

// schemaFile looks at a file of schemas. One that cannot be read is for kustomize to tell.
func (w *walker) schemaFile(n *node, file string, look func(content []byte) error) error {
	actual, folder, err := w.tree.stat(n.dir, path.Join(n.dir, file))
	if err != nil || folder {
		return nil
	}
	content, err := w.tree.read(actual)
	if err != nil {
		return err
	}
	return in(actual, look(content))
}

// circular refuses a file for openapi in which references lead to each other and never to a schema. Schemas that hold
// themselves are fine: kustomize walks them as far as the objects go.
func circular(content []byte) error {
	var document yaml.Node
	if yaml.Unmarshal(content, &document) != nil {
		return nil
	}
	text, err := k8syaml.YAMLToJSON(content)
	var root spec.Schema
	if err != nil || root.UnmarshalJSON(text) != nil {
		return nil
	}
	done := map[string]bool{}
	for _, node := range written(&document, map[*yaml.Node]bool{}) {
		if err := follow(&root, node.Value, done); err != nil {
			return finding.At(finding.Position{Line: node.Line, Column: node.Column}, finding.OverlayInvalid, "%v", err)
		}
	}
	return nil
}

// follow goes from a reference on as long as there is nothing but the next. done are those that end.
func follow(root *spec.Schema, from string, done map[string]bool) error {
	seen := map[string]bool{}
	for at := from; at != "" && !done[at]; {
		if seen[at] {
			return errors.New("a cycle of $ref: " + finding.Quote(from) + " leads back to itself")
		}
		if seen[at] = true; len(seen) > maxChain {
			return errors.New("a chain of more than 100 $ref begins here")
		}
		ref, err := spec.NewRef(at)
		if err != nil {
			break
		}
		schema, err := openapi.Resolve(&ref, root)
		if err != nil || schema == nil {
			break
		}
		at = schema.Ref.String()
	}
	maps.Copy(done, seen)
	return nil
}

// written are the values of all $ref in a file, in order. Aliases are followed, each node once.
func written(node *yaml.Node, seen map[*yaml.Node]bool) (all []*yaml.Node) {
	if node == nil || seen[node] {
		return nil
	}
	seen[node] = true
	for i, child := range node.Content {
		if node.Kind == yaml.MappingNode && i%2 == 1 && node.Content[i-1].Value == "$ref" && child.Kind == yaml.ScalarNode {
			all = append(all, child)
		}
		all = append(all, written(child, seen)...)
	}
	return append(all, written(node.Alias, seen)...)
}

// definitions are the types of a file of crds, as kustomize reads it.
type definitions map[string]struct{ Schema spec.Schema }

// endless refuses a file of crds whose types hold themselves: kustomize wants the path of every field.
func endless(content []byte) error {
	var types definitions
	read := k8syaml.Unmarshal
	if len(content) > 0 && content[0] == '{' {
		read = func(content []byte, into any, _ ...k8syaml.JSONOpt) error { return json.Unmarshal(content, into) }
	}
	if read(content, &types) != nil {
		return nil
	}
	for _, name := range slices.Sorted(maps.Keys(types)) {
		if fields := types[name].Schema.Properties; !has(fields, "kind", "apiVersion", "metadata") {
			continue
		}
		s := stretch{types: types}
		if err := s.visit(name, "", nil); err != nil {
			return s.placed(content, err)
		}
	}
	return nil
}

func has(fields map[string]spec.Schema, names ...string) bool {
	return !slices.ContainsFunc(names, func(name string) bool { _, there := fields[name]; return !there })
}

// stretch counts the fields of a type, written out.
type stretch struct {
	types  definitions
	fields int
	ref    string // the one that closes a cycle
}

// visit goes through the fields of a type. trail are the types that it stands in.
func (s *stretch) visit(name string, at finding.Path, trail []string) error {
	if slices.Contains(trail, name) {
		s.ref = name
		return errors.New("a cycle of $ref: " + finding.Quote(name) + " at " + at.Brief() + " refers to what it stands in")
	}
	if len(trail) >= maxChain {
		return errors.New("more than 100 types within each other")
	}
	trail = append(slices.Clip(trail), name)
	fields := s.types[name].Schema.Properties
	for _, field := range slices.Sorted(maps.Keys(fields)) {
		if s.fields++; s.fields > maxFields {
			return errors.New("its $ref stand for more than 10000 fields")
		}
		if ref := fields[field].Ref; ref.GetURL() != nil {
			if err := s.visit(ref.String(), at.Keys(field), trail); err != nil {
				return err
			}
		}
	}
	return nil
}

// placed is the error at the reference that closes a cycle: the last one of its kind.
func (s *stretch) placed(content []byte, err error) error {
	var document yaml.Node
	var at finding.Position
	if s.ref != "" && yaml.Unmarshal(content, &document) == nil {
		for _, node := range written(&document, map[*yaml.Node]bool{}) {
			if node.Value == s.ref {
				at.Line, at.Column = node.Line, node.Column
			}
		}
	}
	return finding.At(at, finding.OverlayInvalid, "%v", err)
}
