package guard

import (
	"fmt"
	"slices"
	"strings"

	"spokewright.dev/spokewright/manifest"
)

// The annotation with Argo CD's sync options for one object.
const syncOptions = "argocd.argoproj.io/sync-options"

// forbidden reports what no object of a plane may hold, whoever wrote it.
func forbidden(id manifest.ID, item manifest.Object) []Finding {
	var findings []Finding
	report := func(field, format string, args ...any) {
		findings = append(findings, Finding{id, field, fmt.Sprintf(format, args...)})
	}
	switch {
	case id.Kind == Sentinel:
		report("apiVersion", "the sentinel was renamed, and would be left in what is applied")
	case id.Group() == group:
		report("", "a function that did not run: list it under generators or transformers")
	case id.Kind == "PolicyException":
		report("", "exceptions from policies do not come from an overlay")
	}
	if value(item, "metadata", "labels", inUse) != nil {
		report(named("metadata.labels", inUse), "Crossplane sets it: written here it switches deletion protection off")
	}
	for _, option := range options(item) {
		if destroys(option) {
			report(named("metadata.annotations", syncOptions), "%s deletes and creates anew what it should update", option)
		}
	}
	if id.Group() == "argoproj.io" {
		walk(map[string]any(item), nil, func(path []string, v any) {
			switch text, _ := v.(string); {
			case len(path) > 1 && path[len(path)-2] == "syncOptions" && destroys(text):
				report(strings.Join(path, "."), "%s deletes and creates anew what it should update", text)
			case path[len(path)-1] == "templatePatch" && (strings.Contains(text, "Replace=true") || strings.Contains(text, "Force=true")):
				report(strings.Join(path, "."), "Replace=true and Force=true delete and create anew what they should update")
			case path[len(path)-1] == "allowEmpty" && v == true:
				report(strings.Join(path, "."), "found true: an empty source would remove everything")
			}
		})
	}
	return findings
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
	text, _ := value(item, "metadata", "annotations", syncOptions).(string)
	var found []string
	for option := range strings.SplitSeq(text, ",") {
		if option = strings.TrimSpace(option); option != "" {
			found = append(found, option)
		}
	}
	return found
}

// walk visits every plain value of an object with its path, in order.
func walk(v any, path []string, visit func(path []string, v any)) {
	switch v := v.(type) {
	case map[string]any:
		for _, name := range sorted(v) {
			walk(v[name], append(slices.Clip(path), name), visit)
		}
	case []any:
		for i, item := range v {
			walk(item, append(slices.Clip(path), fmt.Sprint(i)), visit)
		}
	default:
		visit(path, v)
	}
}
