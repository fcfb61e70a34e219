package check

import (
	"io/fs"
	"path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
	"spokewright.dev/spokewright/internal/draft"
	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/krm"
	"spokewright.dev/spokewright/internal/manifest"
	"spokewright.dev/spokewright/internal/render"
	"spokewright.dev/spokewright/schema"
)

// writing is a patch that only writes values, with the objects that it is for.
type writing struct {
	entry   *yaml.Node
	content any
	objects []int // of the plane without any patch
}

// needless finds patches that write what their objects have without them, by what the plane is without any patch. Where two
// patches are for one object neither is told: the one may need the other.
func (k kustomization) needless(tree fs.FS, reader *schema.Reader, e schema.Environment, target render.Target) finding.Findings {
	entries := k.patches()
	if len(entries) == 0 {
		return nil
	}
	objects, is := k.unpatched(tree, reader, e, target)
	if !is {
		return nil
	}
	var patches []writing
	patched := make([]int, len(objects))
	for _, entry := range entries {
		w, known := k.writing(tree, entry, objects)
		if !known { // it may be for any object
			return nil
		}
		for _, i := range w.objects {
			patched[i]++
		}
		patches = append(patches, w)
	}
	var all finding.Findings
	for _, w := range patches {
		if len(w.objects) > 0 && !slices.ContainsFunc(w.objects, func(i int) bool { return patched[i] > 1 || !holds(objects[i], w.content) }) {
			all = append(all, finding.Finding{Code: finding.IdlePatch, Severity: finding.Warning, Position: positionOf(k.file, w.entry), Path: "patches",
				Message: "the patch changes nothing: what it writes is there without it; take it out, or write what it was meant to change"})
		}
	}
	return all
}

// unpatched are the objects of the plane as they are without the patches of the kustomization, where that can be built.
func (k kustomization) unpatched(tree fs.FS, reader *schema.Reader, e schema.Environment, target render.Target) ([]manifest.Object, bool) {
	bare := *k.root
	bare.Content = nil
	for i := 0; i+1 < len(k.root.Content); i += 2 {
		if name := k.root.Content[i].Value; name != "patches" && name != "patchesJson6902" {
			bare.Content = append(bare.Content, k.root.Content[i], k.root.Content[i+1])
		}
	}
	text, err := yaml.Marshal(&bare)
	if err != nil {
		return nil, false
	}
	changed := draft.New(tree)
	changed.Write(k.file, text)
	source := krm.Fleet{Fleet: &schema.Fleet{Config: e.Fleet, Environments: map[string]schema.Environment{e.Name: e}}, Reader: reader}
	r, err := render.One(changed, source, target)
	return r.Objects, err == nil
}

// writing reads a patch. It is not known where it is for objects that its target does not tell, or where it cannot be read.
func (k kustomization) writing(tree fs.FS, entry *yaml.Node, objects []manifest.Object) (writing, bool) {
	w := writing{entry: entry}
	text := []byte(manifest.TextAt(scalarFields(entry), "patch"))
	if file := child(entry, "path"); file != nil {
		var err error
		if text, err = fs.ReadFile(tree, path.Join(path.Dir(k.file), file.Value)); err != nil {
			return w, false
		}
	}
	var document yaml.Node
	if yaml.Unmarshal(text, &document) != nil || len(document.Content) == 0 || strings.Contains(string(text), "\n---") {
		return w, false
	}
	content, err := plain(document.Content[0], 0)
	if err != nil {
		return w, false
	}
	w.content = content
	wanted, known := func(manifest.Object) bool { return false }, false
	if target := child(entry, "target"); target != nil {
		wanted, known = selector(target)
	} else if patch, is := content.(map[string]any); is {
		id := manifest.Identify(patch)
		wanted, known = func(object manifest.Object) bool { return manifest.Identify(object) == id }, true
	}
	for i, object := range objects {
		if known && wanted(object) {
			w.objects = append(w.objects, i)
		}
	}
	return w, known && child(entry, "options") == nil
}

// scalarFields are the texts of a map.
func scalarFields(node *yaml.Node) map[string]any {
	fields := map[string]any{}
	for i := 0; node.Kind == yaml.MappingNode && i+1 < len(node.Content); i += 2 {
		if value := node.Content[i+1]; value.Kind == yaml.ScalarNode {
			fields[node.Content[i].Value] = value.Value
		}
	}
	return fields
}

// holds says whether an object has all that a patch writes, in either form. What else a patch may do, such as to take away
// or to move, is a change.
func holds(object manifest.Object, patch any) bool {
	switch patch := patch.(type) {
	case []any:
		return len(patch) > 0 && !slices.ContainsFunc(patch, func(operation any) bool { return !written(object, operation) })
	case map[string]any:
		return covers(object, patch, true)
	}
	return false
}

// written says whether an operation of a JSON patch writes what is there. What is added to a list is new.
func written(object manifest.Object, operation any) bool {
	fields, _ := operation.(map[string]any)
	op, _ := fields["op"].(string)
	pointer, _ := fields["path"].(string)
	tokens := strings.Split(strings.TrimPrefix(pointer, "/"), "/")
	for i, token := range tokens {
		tokens[i] = strings.NewReplacer("~1", "/", "~0", "~").Replace(token)
	}
	switch op {
	case "test":
		return true
	case "add":
		above, _ := manifest.Get(object, tokens[:len(tokens)-1]...)
		if _, isList := above.([]any); isList {
			return false
		}
	case "replace":
	default:
		return false
	}
	value, there := manifest.Get(object, tokens...)
	return there && manifest.Equal(value, fields["value"])
}

// covers says whether fields have all that a strategic patch writes. At the top it names the object.
func covers(fields, patch map[string]any, top bool) bool {
	for key, value := range patch {
		if strings.HasPrefix(key, "$") {
			return false
		}
		if top && (key == "apiVersion" || key == "kind") {
			continue
		}
		is, there := fields[key]
		inner, isMap := value.(map[string]any)
		if top && key == "metadata" && isMap {
			named := map[string]any{}
			for name, value := range inner {
				if name != "name" && name != "namespace" {
					named[name] = value
				}
			}
			inner, value = named, named
		}
		below, _ := is.(map[string]any)
		switch {
		case value == nil && !there:
		case isMap && (below != nil || len(inner) == 0 && top):
			if !covers(below, inner, false) {
				return false
			}
		case !there || !manifest.Equal(is, value):
			return false
		}
	}
	return true
}
