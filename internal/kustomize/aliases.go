package kustomize

import (
	"bytes"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/manifest"
)

// vet refuses YAML that a few bytes make huge. What is not YAML passes: nobody will write its aliases out.
func (t tree) vet(name string, content []byte) error {
	if err := exact(content); err != nil {
		return in(name, err)
	}
	if !aliased(content) {
		return nil
	}
	return in(name, t.vetted.get(content, func() error { return new(aliases).vet(content) }))
}

// Vet is the look that a build takes at every file that it reads, for those who read YAML elsewhere.
func Vet(name string, content []byte) error {
	if !aliased(content) {
		return nil
	}
	return in(name, new(aliases).vet(content))
}

func aliased(content []byte) bool {
	return bytes.ContainsRune(content, '&') && bytes.ContainsRune(content, '*')
}

// in gives findings about a content the name of its file.
func in(name string, err error) error {
	found, failures := finding.Of(err)
	if len(failures) > 0 || len(found) == 0 {
		return err
	}
	found = slices.Clone(found)
	for i := range found {
		found[i].File = name
	}
	return found
}

func tooLarge(line int, format string, args ...any) error {
	return finding.At(finding.Position{Line: line}, finding.TooLarge, format, args...)
}

// aliases counts what the aliases of a YAML file stand for.
type aliases struct {
	count int
	sizes map[*yaml.Node]int // nodes below a node with its aliases written out; 0 while it is being counted
}

func (a *aliases) vet(content []byte) error {
	a.sizes = map[*yaml.Node]int{}
	total := 0
	for document, err := range manifest.Documents(content) {
		if err != nil {
			return nil // kustomize says what is no YAML
		}
		size, err := a.size(document)
		if err != nil {
			return err
		}
		if total += size; total > maxNodes {
			return tooLarge(0, "its YAML aliases stand for more than %d nodes", maxNodes)
		}
	}
	return nil
}

func (a *aliases) size(node *yaml.Node) (int, error) {
	if size, known := a.sizes[node]; known {
		if size == 0 {
			return 0, tooLarge(node.Line, "a YAML anchor that contains itself")
		}
		return size, nil
	}
	a.sizes[node] = 0
	size := 1
	for _, child := range node.Content {
		below, err := a.size(child)
		if err == nil && node.Kind != yaml.DocumentNode { // a text that is nothing but a scalar holds no more YAML
			err = within(child)
		}
		if err != nil {
			return 0, err
		}
		size = min(size+below, maxNodes+1) // +1: enough to be refused, never an overflow
	}
	if node.Kind == yaml.AliasNode {
		if a.count++; a.count > maxAliases {
			return 0, tooLarge(node.Line, "more than %d YAML aliases", maxAliases)
		}
		below, err := a.size(node.Alias)
		if err != nil {
			return 0, err
		}
		size = below
	}
	a.sizes[node] = size
	return size, nil
}

// within vets YAML that stands as text in a scalar, such as an inline patch.
func within(node *yaml.Node) error {
	if node.Kind != yaml.ScalarNode || !strings.Contains(node.Value, "&") || !strings.Contains(node.Value, "*") {
		return nil
	}
	found, _ := finding.Of(new(aliases).vet([]byte(node.Value)))
	for i := range found {
		found[i].Line, found[i].Message = node.Line, "in this text "+found[i].Message
	}
	return found.Err()
}
