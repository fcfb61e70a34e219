package kustomize

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
	"sigs.k8s.io/kustomize/api/konfig"
	"sigs.k8s.io/kustomize/api/types"
	k8syaml "sigs.k8s.io/yaml"
	"spokewright.dev/spokewright/internal/finding"
)

// kustomization is one kustomization file as kustomize understands it.
type kustomization struct {
	spec types.Kustomization // with deprecated fields moved to where they belong
	data map[string]any      // the file as JSON data, to be rewritten
	root *yaml.Node          // the file with its positions
}

// parsed is what became of a kustomization file: at says where err is.
type parsed struct {
	kustomization *kustomization
	at            finding.Position
	err           error
}

// load reads the kustomization file of a folder. The folder's path is resolved.
func (b *Builder) load(dir string) (string, *kustomization, error) {
	var found []string
	var actual string
	for _, name := range konfig.RecognizedKustomizationFileNames() {
		switch at, folder, err := b.tree.stat(dir, path.Join(dir, name)); {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			return "", nil, err
		case !folder:
			actual, found = at, append(found, path.Join(dir, name))
		}
	}
	if len(found) != 1 {
		return "", nil, notOneFile(dir, found)
	}
	if !inside(dir, actual) {
		return "", nil, finding.At(finding.Position{File: found[0]}, finding.OverlayInvalid, "links to %s, outside its own folder", actual)
	}
	content, err := b.tree.read(actual)
	if err != nil {
		return "", nil, err
	}
	p := b.parsed.get(content, func() parsed { return parse(content) })
	if p.err != nil {
		p.at.File = found[0]
		return "", nil, unreadable(p.at, p.err)
	}
	return found[0], p.kustomization, nil
}

func notOneFile(dir string, found []string) error {
	if len(found) == 0 {
		return finding.At(finding.Position{File: dir}, finding.OverlayInvalid, "no kustomization.yaml in this folder")
	}
	return finding.At(finding.Position{File: dir}, finding.OverlayInvalid, "more than one kustomization file: %s", strings.Join(found, ", "))
}

func parse(content []byte) parsed {
	var document yaml.Node
	if err := yaml.Unmarshal(content, &document); err != nil {
		return parsed{err: err}
	}
	if at, err := repeated(&document, true); err != nil {
		return parsed{at: at, err: err}
	}
	k := &kustomization{root: &document}
	if err := k.spec.Unmarshal(content); err != nil {
		return parsed{at: k.unknown(err), err: err}
	}
	k.spec.FixKustomization()
	if err := k.spec.CheckEmpty(); err != nil {
		return parsed{err: err}
	}
	if wrong := k.spec.EnforceFields(); len(wrong) > 0 {
		return parsed{err: errors.New(strings.Join(wrong, "; "))}
	}
	text, err := k8syaml.YAMLToJSON(content)
	if err != nil {
		return parsed{err: err}
	}
	k.data, err = decode(text)
	return parsed{kustomization: k, err: err}
}

// repeated finds a key that is set twice. kustomize drops the first without a word. It reads its own fields in any case,
// so in the top mapping they are compared that way.
func repeated(node *yaml.Node, anyCase bool) (finding.Position, error) {
	for i := 0; node.Kind == yaml.MappingNode && i < len(node.Content); i += 2 {
		key := node.Content[i]
		for j := 0; j < i; j += 2 {
			if first := node.Content[j]; first.Value == key.Value || anyCase && strings.EqualFold(first.Value, key.Value) {
				return finding.Position{Line: key.Line, Column: key.Column}, fmt.Errorf(
					"%s is set twice, first in line %d: kustomize would silently drop that", key.Value, first.Line)
			}
		}
	}
	for _, child := range node.Content {
		if at, err := repeated(child, anyCase && node.Kind == yaml.DocumentNode); err != nil {
			return at, err
		}
	}
	return finding.Position{}, nil
}

// unknown finds the field that kustomize's message names.
func (k *kustomization) unknown(err error) finding.Position {
	_, quoted, ok := strings.Cut(err.Error(), "unknown field ")
	if !ok {
		return finding.Position{}
	}
	return k.find(strings.Trim(quoted, `"`))
}

// find gives the place of the first scalar, key or value, with this text.
func (k *kustomization) find(text string) finding.Position {
	if node := find(k.root, text); node != nil {
		return finding.Position{Line: node.Line, Column: node.Column}
	}
	return finding.Position{}
}

func find(node *yaml.Node, text string) *yaml.Node {
	if node.Kind == yaml.ScalarNode && node.Value == text {
		return node
	}
	for _, child := range node.Content {
		if found := find(child, text); found != nil {
			return found
		}
	}
	return nil
}

// value is the node of a field of the file, nil if it is not written there.
func (k *kustomization) value(field string) *yaml.Node {
	for _, top := range k.root.Content {
		for i := 0; i+1 < len(top.Content); i += 2 {
			if strings.EqualFold(top.Content[i].Value, field) {
				return top.Content[i+1]
			}
		}
	}
	return nil
}

// entry is one value of a list in a kustomization file.
type entry struct {
	field, value string
	at           finding.Position
}

// entries gives the values of a list with their places. names are the fields they stand in, in kustomize's order.
func (k *kustomization) entries(file string, values []string, names ...string) []entry {
	var nodes []*yaml.Node
	for _, name := range names {
		if node := k.value(name); node != nil {
			nodes = append(nodes, node.Content...)
		}
	}
	list := make([]entry, len(values))
	for i, value := range values {
		list[i] = entry{names[0], value, finding.Position{File: file}}
		if len(nodes) == len(values) {
			list[i].at.Line, list[i].at.Column = nodes[i].Line, nodes[i].Column
		}
	}
	return list
}

// rewritten is the file with other values for some fields; nil takes a field away.
func (k *kustomization) rewritten(fields map[string]any) ([]byte, error) {
	data := maps.Clone(k.data)
	for name, value := range fields {
		maps.DeleteFunc(data, func(old string, _ any) bool { return strings.EqualFold(old, name) })
		if value != nil {
			data[name] = value
		}
	}
	return json.Marshal(data)
}

// decode reads a JSON object, its integers as int64.
func decode(text []byte) (map[string]any, error) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	var data map[string]any
	if err := decoder.Decode(&data); err != nil {
		return nil, err
	}
	return numbers(data).(map[string]any), nil
}

// numbers turns the json.Numbers in freshly decoded data into int64, into uint64 or float64 where that does not hold them.
func numbers(value any) any {
	switch v := value.(type) {
	case map[string]any:
		for key := range v {
			v[key] = numbers(v[key])
		}
	case []any:
		for i := range v {
			v[i] = numbers(v[i])
		}
	case json.Number:
		if whole, err := v.Int64(); err == nil {
			return whole
		}
		if whole, err := strconv.ParseUint(v.String(), 10, 64); err == nil {
			return whole
		}
		float, _ := v.Float64()
		return float
	}
	return value
}
