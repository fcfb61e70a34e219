package guard

import (
	"fmt"
	"slices"
	"strings"

	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/manifest"
)

// argoCD is the API group of Argo CD, and syncOptions its annotation with options for one object.
const (
	argoCD      = "argoproj.io"
	syncOptions = "argocd.argoproj.io/sync-options"
)

// forbidden reports what no object of a plane may hold, whoever wrote it; chosen are the sync options that the spec gives it.
func forbidden(id manifest.ID, item manifest.Object, chosen []string) finding.Findings {
	var findings finding.Findings
	report := func(field finding.Path, format string, args ...any) {
		findings = append(findings, finding.Finding{Code: finding.ObjectForbidden, Object: objectOf(id), Path: field, Message: fmt.Sprintf(format, args...)})
	}
	switch {
	case id.Kind == Sentinel:
		report("apiVersion", "the sentinel was renamed, and would be left in what is applied")
	case id.Group() == group:
		report("", "a function that did not run: list it under generators or transformers")
	case id.Kind == "PolicyException":
		report("", "exceptions from policies do not come from an overlay: write a waiver")
	}
	if labels, _ := manifest.MapAt(item, "metadata", "labels"); labels[inUse] != nil {
		report(finding.Keys("metadata", "labels", inUse), "Crossplane sets it: written here it switches deletion protection off")
	}
	for _, option := range options(item) {
		if destroys(option) && !slices.Contains(chosen, option) {
			report(finding.Keys("metadata", "annotations", syncOptions), "%s deletes and creates anew what it should update", option)
		}
	}
	if id.Group() == argoCD {
		deploys(item, report)
	}
	return findings
}

// deploys reports what no Application, and nothing that makes some, may tell Argo CD to do.
func deploys(item manifest.Object, report func(field finding.Path, format string, args ...any)) {
	walk("", item, func(field finding.Path, v any) {
		text, _ := v.(string)
		name := string(field[strings.LastIndex(string(field), ".")+1:])
		switch {
		case strings.HasPrefix(name, "syncOptions[") && destroys(text):
			report(field, "%s deletes and creates anew what it should update", text)
		case name == "templatePatch" && (strings.Contains(text, "Replace=true") || strings.Contains(text, "Force=true")):
			report(field, "Replace=true and Force=true delete and create anew what they should update")
		case name == "allowEmpty" && v == true:
			report(field, "found true: an empty source would remove everything")
		}
	})
}

// inUse is the label by which Crossplane's webhook finds what a Usage protects.
const inUse = "crossplane.io/in-use"

// destroys says whether a sync option makes Argo CD delete what it should update.
func destroys(option string) bool {
	name, setting, _ := strings.Cut(strings.ReplaceAll(option, " ", ""), "=")
	return (name == "Replace" || name == "Force") && setting != "false"
}

// options are Argo CD's sync options in the annotation of an object.
func options(item manifest.Object) []string {
	annotations, _ := manifest.MapAt(item, "metadata", "annotations")
	text, _ := annotations[syncOptions].(string)
	var found []string
	for option := range strings.SplitSeq(text, ",") {
		if option = strings.TrimSpace(option); option != "" {
			found = append(found, option)
		}
	}
	return found
}

// walk visits every plain value of an object with its path, in order.
func walk(field finding.Path, v any, visit func(field finding.Path, v any)) {
	switch v := v.(type) {
	case map[string]any:
		for _, name := range sorted(v) {
			walk(field.Keys(name), v[name], visit)
		}
	case []any:
		for i, item := range v {
			walk(field.Index(i), item, visit)
		}
	default:
		visit(field, v)
	}
}
