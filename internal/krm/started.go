package krm

import (
	"path"
	"slices"
	"strings"

	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/manifest"
)

// program and verb are what kustomize starts for a functionConfig, by its annotation.
const program, verb = "spokewright", "fn"

// Started finds what keeps kustomize from starting this program for a functionConfig: a build in this process needs no
// annotation, and would hide that it is wrong. Without one kustomize takes the plugin that is installed.
func Started(config manifest.Object) error {
	r := reader{id: manifest.Identify(config)}
	if !slices.Contains(Kinds(), r.id.Kind) {
		return nil // whoever runs it tells
	}
	annotations, _ := manifest.MapAt(config, "metadata", "annotations")
	for _, name := range []string{"config.kubernetes.io/function", "config.k8s.io/function"} {
		if text, ok := annotations[name].(string); ok && strings.TrimSuffix(text, "\n") != usual {
			r.annotation(finding.Keys("metadata", "annotations", name), text)
		}
	}
	return r.wrong.Err()
}

// usual is the annotation as Spokewright writes it. It needs no reading.
const usual = "exec: {path: spokewright, args: [fn]}"

// annotation looks at the text of the annotation. One that is no YAML, or empty, is for kustomize to tell.
func (r *reader) annotation(at finding.Path, text string) {
	var how struct {
		Exec *struct {
			Path string
			Args []string
		}
		Container, Starlark map[string]any
	}
	for document, err := range manifest.Documents([]byte(text)) {
		if err != nil || document.Decode(&how) != nil {
			return
		}
		break
	}
	switch {
	case how.Starlark != nil:
		r.report(at, `found starlark, allowed is exec: {path: spokewright, args: [fn]}, or a container`)
	case how.Exec == nil:
	case strings.TrimSuffix(path.Base(how.Exec.Path), ".exe") != program:
		f := finding.Finding{Path: at, Message: "found the program " + finding.Quote(how.Exec.Path) + ", allowed is spokewright: kustomize would not find it, or run another",
			Suggestion: finding.Suggest(path.Base(how.Exec.Path), []string{program})}
		r.add(f)
	case len(how.Exec.Args) == 0:
		r.report(at, "args is missing, allowed is args: [fn]: kustomize would get the program's help instead of objects")
	case !slices.Equal(how.Exec.Args, []string{verb}):
		r.report(at, "found args %s, allowed is args: [fn]", finding.Show(how.Exec.Args))
	}
}
