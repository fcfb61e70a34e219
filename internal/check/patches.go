package check

import (
	"errors"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/manifest"
	"spokewright.dev/spokewright/internal/render"
	"spokewright.dev/spokewright/schema"
)

// Patches warns of patches of an overlay whose target is no object that was rendered, which kustomize passes over in silence,
// and of those that write what is there without them.
func Patches(tree fs.FS, reader *schema.Reader, e schema.Environment, r render.Rendered) (finding.Findings, error) {
	files, err := kustomizations(tree, r.Overlay())
	if err != nil {
		return nil, err
	}
	if slices.ContainsFunc(files, func(k kustomization) bool { return k.renames() }) {
		return nil, nil
	}
	var all finding.Findings
	for _, k := range files {
		all = append(all, k.idle(tree, r.Objects)...)
		if path.Dir(k.file) == r.Overlay() {
			all = append(all, k.needless(tree, reader, e, r.Target)...)
		}
	}
	return all, nil
}

// kustomization is one of an overlay's own files, which was rendered.
type kustomization struct {
	file     string
	document *yaml.Node
	root     *yaml.Node
}

// kustomizations are those of a folder and of all in it.
func kustomizations(tree fs.FS, folder string) ([]kustomization, error) {
	var all []kustomization
	err := fs.WalkDir(tree, folder, func(file string, entry fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil || !entry.Type().IsRegular() || !slices.Contains(konfig(), path.Base(file)) {
			return err
		}
		text, err := fs.ReadFile(tree, file)
		if err != nil {
			return err
		}
		var document yaml.Node
		if err := yaml.Unmarshal(text, &document); err == nil && len(document.Content) > 0 {
			all = append(all, kustomization{file, &document, document.Content[0]})
		}
		return nil
	})
	return all, err
}

// konfig are the names that kustomize knows its files by.
func konfig() []string { return []string{"kustomization.yaml", "kustomization.yml", "Kustomization"} }

// renames says whether a kustomization gives objects other names than those that its patches find them by.
func (k kustomization) renames() bool {
	return slices.ContainsFunc([]string{"namePrefix", "nameSuffix", "namespace"}, func(field string) bool { return child(k.root, field) != nil })
}

// patches are the entries of its patches, in both fields that may have targets.
func (k kustomization) patches() []*yaml.Node {
	var all []*yaml.Node
	for _, field := range []string{"patches", "patchesJson6902"} {
		if list := child(k.root, field); list != nil {
			all = append(all, list.Content...)
		}
	}
	return all
}

func (k kustomization) idle(tree fs.FS, objects []manifest.Object) finding.Findings {
	var all finding.Findings
	for _, patch := range k.patches() {
		target := child(patch, "target")
		if target == nil || child(patch, "options") != nil || takesAway(tree, path.Dir(k.file), patch) {
			continue
		}
		if wanted, is := selector(target); is && !slices.ContainsFunc(objects, wanted) {
			all = append(all, finding.Finding{Code: finding.IdlePatch, Severity: finding.Warning, Position: positionOf(k.file, target), Path: "patches",
				Message: "no object of this plane is this target, so that the patch changes nothing: write the kind and the name as they are rendered, or take it out"})
		}
	}
	return all
}

// takesAway says whether a patch deletes what it finds, which is then no more among what is rendered.
func takesAway(tree fs.FS, folder string, patch *yaml.Node) bool {
	if inline := child(patch, "patch"); inline != nil {
		return strings.Contains(inline.Value, "$patch")
	}
	file := child(patch, "path")
	if file == nil {
		return true
	}
	text, err := fs.ReadFile(tree, path.Join(folder, file.Value))
	return err != nil || strings.Contains(string(text), "$patch")
}

// selector finds the objects of a target. One that goes by labels or annotations, which a patch may change, is none.
func selector(target *yaml.Node) (wanted func(manifest.Object) bool, is bool) {
	if child(target, "labelSelector") != nil || child(target, "annotationSelector") != nil {
		return nil, false
	}
	patterns := map[string]*regexp.Regexp{}
	for _, field := range []string{"group", "version", "kind", "namespace", "name"} {
		node := child(target, field)
		if node == nil || node.Value == "" {
			continue
		}
		pattern, err := regexp.Compile("^(?:" + node.Value + ")$") // as kustomize does it (api/types/selector.go of 0.21)
		if err != nil {
			return nil, false
		}
		patterns[field] = pattern
	}
	return func(object manifest.Object) bool {
		id := manifest.Identify(object)
		version := id.APIVersion[strings.LastIndex(id.APIVersion, "/")+1:]
		for field, value := range map[string]string{"group": id.Group(), "version": version, "kind": id.Kind, "namespace": id.Namespace, "name": id.Name} {
			if pattern := patterns[field]; pattern != nil && !pattern.MatchString(value) {
				return false
			}
		}
		return true
	}, true
}
