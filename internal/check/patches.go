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
)

// Patches warns of patches of overlays whose target is no object that was rendered: kustomize passes over them in silence.
func Patches(tree fs.FS, rendered []render.Rendered) (finding.Findings, error) {
	var all finding.Findings
	for _, r := range rendered {
		file := path.Join(r.Overlay(), "kustomization.yaml")
		text, err := fs.ReadFile(tree, file)
		if errors.Is(err, fs.ErrNotExist) {
			continue // it has another name
		}
		if err != nil {
			return nil, err
		}
		var document yaml.Node
		if err := yaml.Unmarshal(text, &document); err != nil || len(document.Content) == 0 || renames(document.Content[0]) {
			continue // it was rendered all the same
		}
		all = append(all, idlePatches(tree, file, document.Content[0], r.Objects)...)
	}
	return all, nil
}

// renames says whether a kustomization gives objects other names than those that its patches find them by.
func renames(kustomization *yaml.Node) bool {
	return slices.ContainsFunc([]string{"namePrefix", "nameSuffix", "namespace"}, func(field string) bool { return child(kustomization, field) != nil })
}

func idlePatches(tree fs.FS, file string, kustomization *yaml.Node, objects []manifest.Object) finding.Findings {
	patches := child(kustomization, "patches")
	if patches == nil {
		return nil
	}
	var all finding.Findings
	for _, patch := range patches.Content {
		target := child(patch, "target")
		if target == nil || child(patch, "options") != nil || takesAway(tree, path.Dir(file), patch) {
			continue
		}
		if wanted, is := selector(target); is && !slices.ContainsFunc(objects, wanted) {
			all = append(all, finding.Finding{Code: finding.IdlePatch, Severity: finding.Warning, Position: positionOf(file, target), Path: "patches",
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
