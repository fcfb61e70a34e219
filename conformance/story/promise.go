package story

import (
	"path/filepath"
	"slices"

	"spokewright.dev/spokewright/conformance/documents"
	"spokewright.dev/spokewright/conformance/hub"
	"spokewright.dev/spokewright/internal/manifest"
)

// promised are the names of all Applications that a fleet's rendered files promise: those that stand there, and those that
// their sets make. Both are sorted.
func promised(golden []documents.Document) []string {
	var names []string
	for _, document := range golden {
		switch document.ID().Kind {
		case "Application":
			names = append(names, document.ID().Name)
		case "ApplicationSet":
			for _, element := range elements(document.Object) {
				name, _ := element["name"].(string)
				names = append(names, name)
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// elements are what a set makes Applications of.
func elements(set manifest.Object) []map[string]any {
	var all []map[string]any
	for _, generator := range hub.Items(hub.Fields(set, "spec")["generators"]) {
		fields, _ := generator.(map[string]any)
		for _, element := range hub.Items(hub.Fields(fields, "list")["elements"]) {
			values, _ := element.(map[string]any)
			all = append(all, values)
		}
	}
	return all
}

// rendered reads the planes of a fleet's environments: hub or spoke, of all environments where none is named.
func rendered(fleet, plane string, environments ...string) ([]documents.Document, error) {
	if len(environments) == 0 {
		folders, err := filepath.Glob(filepath.Join(fleet, "golden", "*"))
		if err != nil {
			return nil, err
		}
		for _, folder := range folders {
			environments = append(environments, filepath.Base(folder))
		}
	}
	var all []documents.Document
	for _, environment := range environments {
		file, err := documents.Read(filepath.Join(fleet, "golden", environment, plane+".yaml"))
		if err != nil {
			return nil, err
		}
		all = append(all, file...)
	}
	return all, nil
}
