package kustomize

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/manifest"
)

// explain gives an error of kustomize's library, which names neither file nor field, its place in the tree. It looks for
// what is known to be wrong; else it leaves parts out until the build is well, and so is the part.
func (b *Builder) explain(n *node, err error) error {
	found, failures := finding.Of(err)
	if len(failures) > 0 || len(found) != 1 || found[0].File != "" {
		return err
	}
	if found[0].Object != (finding.Object{}) {
		found[0].Position = Where(b.tree.FS, n.dir, found[0])
		return found
	}
	s := suspect{b, n, found[0].Message}
	for _, look := range []func() error{s.unreadable, s.repeated, s.below, s.field} {
		if found := look(); found != nil {
			return found
		}
	}
	return finding.At(finding.Position{File: n.file}, finding.OverlayFails, "%s", s.told())
}

// suspect is a node that kustomize does not build, for a reason that it gives in its own words.
type suspect struct {
	*Builder
	node   *node
	reason string
}

// unreadable finds a file of objects that kustomize cannot read.
func (s suspect) unreadable() error {
	return s.node.every(func(n *node) error {
		for _, m := range n.members {
			if m.base != nil {
				continue
			}
			content, err := s.tree.read(m.file)
			if err != nil {
				return err
			}
			if err := s.configs(content).err; err != nil {
				return broken(m.file, content, err)
			}
		}
		return nil
	})
}

// broken is the error of a file of objects that kustomize does not read, at the object where that is known.
func broken(file string, content []byte, reason error) error {
	seen := map[manifest.ID]claimed{}
	for document, err := range manifest.Documents(content) {
		var object manifest.Object
		if err != nil || document.Decode(&object) != nil || object == nil {
			break
		}
		id, at := manifest.Identify(object), finding.Position{File: file, Line: document.Content[0].Line}
		if id.Kind == "" || id.Name == "" && !strings.HasSuffix(id.Kind, "List") {
			return finding.At(at, finding.OverlayFails, "found an object without kind or metadata.name")
		}
		if err := again(seen, identify(object), claimed{at: at}); err != nil {
			return err
		}
	}
	if at := control(content); at.Line > 0 {
		at.File = file
		return finding.At(at, finding.OverlayFails, "found a control character, which YAML does not allow")
	}
	return unreadable(finding.Position{File: file}, errors.New(strings.TrimPrefix(reason.Error(), "MalformedYAMLError: ")))
}

// control is the place of the first character that no reader of YAML lets pass.
func control(content []byte) (at finding.Position) {
	for i, c := range content {
		if c == 0x7f || c < ' ' && c != '\n' && c != '\r' && c != '\t' {
			return finding.Position{Line: 1 + bytes.Count(content[:i], []byte("\n")), Column: i - bytes.LastIndexByte(content[:i], '\n')}
		}
	}
	return finding.Position{}
}

// claimed is where an object comes from.
type claimed struct {
	at    finding.Position
	maker *call // nil for one of a file
}

// repeated finds two objects with one identity, as they are before kustomize renames any.
func (s suspect) repeated() error {
	if text := s.reason; !strings.Contains(text, "registered id") && !strings.Contains(text, "can not use behavior") {
		return nil
	}
	seen := map[manifest.ID]claimed{}
	return s.node.every(func(n *node) error {
		for _, c := range n.generators {
			for _, g := range c.made {
				if err := again(seen, identify(g.object), claimed{c.at, c}); err != nil {
					return err
				}
			}
		}
		for _, m := range n.members {
			if m.base != nil {
				continue
			}
			content, err := s.tree.read(m.file)
			if err != nil {
				return err
			}
			for _, c := range s.configs(content).configs {
				if err := again(seen, identify(c.object), claimed{at: finding.Position{File: m.file, Line: c.line}}); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// again is the error of an object that is there already. One that a function makes stays; what is written is told.
func again(seen map[manifest.ID]claimed, id manifest.ID, here claimed) error {
	first, twice := seen[id]
	if !twice {
		seen[id] = here
		return nil
	}
	if here.maker != nil {
		first, here = here, first
	}
	f := finding.Finding{Code: finding.OverlayFails, Position: here.at, Object: finding.Object{Kind: id.Kind, Namespace: id.Namespace, Name: id.Name},
		Message: fmt.Sprintf("it is here again, first in %s", first.at), Related: []finding.Related{{Position: first.at, Message: "the first"}}}
	switch {
	case first.at == here.at:
		f.Message, f.Related = "it is here twice: more than one way leads to it, so that its base is built twice", nil
	case first.maker != nil:
		f.Message = fmt.Sprintf("%s %s makes it already (%s): take it away here, and patch what is made where it must differ", first.maker.kind, first.maker.name, first.at)
	}
	return finding.Findings{f}
}

// below finds a base that is not built by itself.
func (s suspect) below() error {
	for _, m := range s.node.members {
		if m.base == nil {
			continue
		}
		files := virtual{}
		if err := s.rewrite(files, m.base, false); err != nil {
			return err
		}
		if _, err := s.krusty(files, m.base.dir); err != nil {
			return s.explain(m.base, err)
		}
	}
	return nil
}

// field finds the field without which the node is built, and the entry of it; of several that are wrong, the first that
// is wrong alone.
func (s suspect) field() error {
	var fields []string
	for _, field := range slices.Sorted(maps.Keys(s.node.data)) {
		if name := strings.ToLower(field); name == "resources" || !plainFields[name] {
			fields = append(fields, field)
		}
	}
	for _, field := range fields {
		if s.builds(func(data map[string]any) { delete(data, field) }) {
			return s.at(field, func(data map[string]any, list []any, i int) { data[field] = slices.Delete(list, i, i+1) }, true)
		}
	}
	for _, field := range fields {
		others := func(data map[string]any) {
			for _, other := range fields {
				if other != field && strings.ToLower(other) != "resources" {
					delete(data, other)
				}
			}
		}
		if strings.ToLower(field) != "resources" && !s.builds(others) {
			return s.at(field, func(data map[string]any, list []any, i int) {
				others(data)
				data[field] = list[i : i+1]
			}, false)
		}
	}
	return nil
}

// at is the error at the entry of a field with or without which, as change leaves it, the node is built or is not.
func (s suspect) at(field string, change func(data map[string]any, list []any, i int), heals bool) error {
	value := s.node.value(field)
	for i := 0; value != nil && value.Kind == yaml.SequenceNode && i < min(len(value.Content), maxTries); i++ {
		built := s.builds(func(data map[string]any) {
			if list, ok := data[field].([]any); ok && i < len(list) {
				change(data, slices.Clone(list), i)
			}
		})
		if built == heals {
			return s.entry(field, i, value.Content[i])
		}
	}
	at := s.node.find(field)
	at.File = s.node.file
	return finding.At(at, finding.OverlayFails, "%s: %s", field, s.told())
}

const maxTries = 20 // entries of one field that are tried in turn

// builds says whether the node is built with a change to its file.
func (s suspect) builds(change func(data map[string]any)) bool {
	files := virtual{}
	if s.rewrite(files, s.node, true) != nil {
		return false
	}
	data := maps.Clone(s.node.data)
	if text, rewritten := files[s.node.file]; rewritten {
		if data = nil; json.Unmarshal(text, &data) != nil {
			return false
		}
	}
	change(data)
	files.kustomization(s.node.file, data)
	_, err := s.krusty(files, s.node.dir)
	return err == nil
}

// entry is the error at an entry of a field.
func (s suspect) entry(field string, i int, entry *yaml.Node) error {
	at := finding.Position{File: s.node.file, Line: entry.Line, Column: entry.Column}
	path := finding.Keys(field).Index(i)
	f := finding.Finding{Code: finding.OverlayFails, Position: at, Path: path, Message: s.told()}
	if strings.HasPrefix(strings.ToLower(field), "patches") {
		if op := operation(entry, s.read); op != "" {
			f.Message = fmt.Sprintf("found %q, allowed as op of a JSON patch are add, copy, move, remove, replace and test", op)
			f.Suggestion = finding.Suggest(op, operations())
		}
	}
	return finding.Findings{f}
}

func operations() []string { return []string{"add", "copy", "move", "remove", "replace", "test"} }

// read gives the text of a file beside the kustomization.
func (s suspect) read(name string) []byte {
	actual, _, err := s.tree.stat(s.node.dir, s.node.dir+"/"+name)
	if err != nil {
		return nil
	}
	text, err := s.tree.read(actual)
	if err != nil {
		return nil
	}
	return text
}

// operation is the first word in a JSON patch that is none of its operations.
func operation(patch *yaml.Node, read func(name string) []byte) string {
	var fields struct{ Patch, Path string }
	if patch.Decode(&fields) != nil {
		return ""
	}
	text := []byte(fields.Patch)
	if fields.Path != "" {
		text = read(fields.Path)
	}
	var list []struct{ Op string }
	if yaml.Unmarshal(text, &list) != nil {
		return ""
	}
	for _, one := range list {
		if !slices.Contains(operations(), one.Op) {
			return one.Op
		}
	}
	return ""
}

// told is kustomize's reason on one line, without the configs that it quotes and the ways that it tried in vain.
func (s suspect) told() string {
	text := quotedConfig.ReplaceAllString(s.reason, "")
	text = tried.ReplaceAllString(text, "$1")
	text = missing.ReplaceAllString(strings.TrimPrefix(text, "accumulating resources: "), "there is no $1")
	return finding.Shorten(strings.Join(strings.Fields(text), " "), longestReason)
}

var (
	quotedConfig = regexp.MustCompile("(?s)trouble configuring builtin \\w+ with config: `.*?`: ")
	missing      = regexp.MustCompile(`\w+ (\S+): no such file or directory`)
	tried        = regexp.MustCompile(`(?s)^.*accumulation err='(.*)': must build at directory: .*$`)
)
