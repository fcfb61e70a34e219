package check

import (
	"bytes"
	"errors"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
	"spokewright.dev/spokewright/bases"
	"spokewright.dev/spokewright/internal/baseline"
	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/kustomize"
	"spokewright.dev/spokewright/internal/manifest"
	"spokewright.dev/spokewright/internal/overlay"
	"spokewright.dev/spokewright/internal/render"
	"spokewright.dev/spokewright/internal/review"
	"spokewright.dev/spokewright/schema"
)

// noSecret is the word in a comment by which a line says that what looks like a secret is none: beside it, or on the line
// above.
const noSecret = "not-a-secret"

// secretInGit warns of what looks like a secret. It never says what that is.
func secretInGit(at finding.Position, object finding.Object, field finding.Path) finding.Finding {
	return finding.Finding{Code: finding.SecretInGit, Severity: finding.Warning, Position: at, Object: object, Path: field,
		Message: "this looks like a secret, which everybody with a checkout would read: keep it in a Secret of the cluster, and name that here; a comment not-a-secret beside it says that it is none"}
}

// dismissed takes out of findings of one file those whose line, or a comment above it, says that there is no secret.
func dismissed(text []byte, found finding.Findings) finding.Findings {
	if len(found) == 0 || !bytes.Contains(text, []byte(noSecret)) {
		return found
	}
	lines := strings.Split(string(text), "\n")
	says := func(number int, alone bool) bool {
		if number < 1 || number > len(lines) {
			return false
		}
		line := lines[number-1]
		begin := strings.IndexAny(line, "#/")
		return begin >= 0 && strings.Contains(line[begin:], noSecret) && (!alone || strings.TrimSpace(line[:begin]) == "")
	}
	return slices.DeleteFunc(slices.Clone(found), func(f finding.Finding) bool { return says(f.Line, false) || says(f.Line-1, true) })
}

// SecretsInSpec finds what looks like a secret in the values and variables of a spec.
func SecretsInSpec(tree fs.FS, e schema.Environment) (finding.Findings, error) {
	written := map[string]finding.Findings{}
	for _, values := range e.Values() {
		for _, inside := range review.Noticed(values.Data) {
			at := append(slices.Clip(values.Path), inside...)
			if place := e.Written(at...); place.Line > 0 { // where nobody wrote it, it comes with Spokewright, which names a Secret and holds none
				written[place.File] = append(written[place.File], secretInGit(place, finding.Object{}, finding.Tokens(at...)))
			}
		}
	}
	var found finding.Findings
	for _, file := range slices.Sorted(maps.Keys(written)) {
		text, err := fs.ReadFile(tree, file)
		if err != nil {
			return nil, err
		}
		found = append(found, dismissed(text, written[file])...)
	}
	return found, nil
}

// Secrets finds what looks like a secret in the files of the overlay of a plane.
func Secrets(tree fs.FS, e schema.Environment, plane schema.Plane) (finding.Findings, error) {
	plain := overlay.Plain(e.Name, e.Role, plane)
	return secretsBelow(tree, render.Target{Environment: e.Name, Plane: plane}.Overlay(), func(name string, text []byte) bool { return string(text) == plain[name] })
}

// secretsInBases finds it in bases/, where a file is not as the program brings it.
func secretsInBases(tree fs.FS) (finding.Findings, error) {
	return secretsBelow(tree, baseline.Folder, func(name string, text []byte) bool {
		brought, err := fs.ReadFile(bases.Files, name)
		return err == nil && bytes.Equal(brought, text)
	})
}

// The largest file that is looked through: a larger one was hardly written by hand.
const largestFile = 1 << 20

// secretsBelow looks through the files of a folder but those that are known.
func secretsBelow(tree fs.FS, folder string, known func(name string, text []byte) bool) (finding.Findings, error) {
	var all finding.Findings
	err := fs.WalkDir(tree, folder, func(file string, entry fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		text, err := fs.ReadFile(tree, file)
		if err != nil {
			return err
		}
		if len(text) <= largestFile && bytes.IndexByte(text, 0) < 0 && !known(strings.TrimPrefix(file, folder+"/"), text) {
			all = append(all, dismissed(text, secretsIn(file, text))...)
		}
		return nil
	})
	return all, err
}

// secretsIn looks through one file.
func secretsIn(file string, text []byte) finding.Findings {
	l := looking{file: file, lines: strings.Split(string(text), "\n")}
	switch path.Ext(file) {
	case ".yaml", ".yml", ".json":
	default:
		if path.Base(file) == "Kustomization" {
			break
		}
		l.plain(string(text))
		return l.found
	}
	if kustomize.Vet(file, text) != nil { // the overlay that reads it is refused for it
		return nil
	}
	for document, err := range manifest.Documents(text) {
		if err != nil {
			break // as that
		}
		for _, item := range items(document) {
			l.document(item, inside{})
		}
	}
	return l.found
}

// looking is a look through a file for secrets.
type looking struct {
	file  string
	lines []string
	found finding.Findings
}

// inside is where YAML stands in a file: after so many lines, and so far from their beginning; as a whole at a node where its
// lines are not those of the file.
type inside struct {
	line, indent int
	whole        *yaml.Node
}

func (l *looking) at(node *yaml.Node, in inside) finding.Position {
	if in.whole != nil {
		return positionOf(l.file, in.whole)
	}
	return finding.Position{File: l.file, Line: in.line + node.Line, Column: in.indent + node.Column}
}

// plain looks through the lines of a text that is no YAML.
func (l *looking) plain(text string) {
	for _, number := range review.NoticedLines(text) {
		line := l.lines[number-1]
		column := len(line) - len(strings.TrimLeft(line, " \t")) + 1
		l.found = append(l.found, secretInGit(finding.Position{File: l.file, Line: number, Column: column}, finding.Object{}, ""))
	}
}

// document looks through an object, a patch or a kustomization, and through YAML in its texts.
func (l *looking) document(item *yaml.Node, in inside) {
	data, err := plain(item, 0)
	if err != nil {
		return
	}
	object := finding.Object{}
	if fields, is := data.(map[string]any); is {
		if id := manifest.Identify(fields); id.Name != "" {
			object = finding.Object{Kind: id.Kind, Namespace: id.Namespace, Name: id.Name}
		}
	}
	inner := l.texts(item, in)
	told := map[finding.Position]bool{}
	tell := func(at finding.Position, path []string) {
		if !told[at] {
			told[at] = true
			if item.Kind == yaml.SequenceNode {
				path = append([]string{"patch"}, path...)
			}
			l.found = append(l.found, secretInGit(at, object, finding.Tokens(path...)))
		}
	}
	for _, steps := range review.NoticedInFile(data) {
		node := place(item, steps)
		if object.Kind == "Secret" && (steps[0] == "data" || steps[0] == "stringData") { // one finding for all that it holds
			steps, node = steps[:1], keyOf(item, steps[0])
		}
		if !inner[node] {
			tell(l.at(node, in), steps)
		}
	}
	for _, generator := range generators(item) {
		tell(l.at(generator, in), []string{"secretGenerator"})
	}
}

// texts looks through the YAML that stands in texts, such as patches, and says which texts are told.
func (l *looking) texts(node *yaml.Node, in inside) map[*yaml.Node]bool {
	told := map[*yaml.Node]bool{}
	for _, scalar := range scalars(node) {
		if !strings.ContainsAny(scalar.Value, "\n{") {
			continue
		}
		before := len(l.found)
		for document, err := range manifest.Documents([]byte(scalar.Value)) {
			if err != nil || len(document.Content) == 0 || document.Content[0].Kind == yaml.ScalarNode {
				break
			}
			l.document(document.Content[0], l.within(scalar, in))
		}
		told[scalar] = len(l.found) > before
	}
	return told
}

// within is where the YAML of a text stands.
func (l *looking) within(scalar *yaml.Node, in inside) inside {
	if in.whole != nil {
		return in
	}
	line := in.line + scalar.Line
	if scalar.Style&yaml.LiteralStyle == 0 || line >= len(l.lines) {
		at := l.at(scalar, in)
		return inside{whole: &yaml.Node{Line: at.Line, Column: at.Column}}
	}
	return inside{line: line, indent: len(l.lines[line]) - len(strings.TrimLeft(l.lines[line], " "))}
}

// scalars are the texts of a node, each once.
func scalars(node *yaml.Node) []*yaml.Node {
	if node.Kind == yaml.ScalarNode {
		return []*yaml.Node{node}
	}
	var all []*yaml.Node
	for _, child := range node.Content {
		all = append(all, scalars(child)...)
	}
	return all
}

// keyOf is where a field of a map is named.
func keyOf(node *yaml.Node, name string) *yaml.Node {
	for i := 0; node.Kind == yaml.MappingNode && i+1 < len(node.Content); i += 2 {
		if node.Content[i].Value == name {
			return node.Content[i]
		}
	}
	return node
}

// generators are the entries of a kustomization that make Secrets of texts and files in the tree.
func generators(kustomization *yaml.Node) []*yaml.Node {
	list := child(kustomization, "secretGenerator")
	if list == nil {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(list.Content), func(entry *yaml.Node) bool {
		return !slices.ContainsFunc([]string{"literals", "files", "envs", "env"}, func(field string) bool { return child(entry, field) != nil })
	})
}
