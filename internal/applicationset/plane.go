package applicationset

import (
	"slices"

	"spokewright.dev/spokewright/internal/change"
	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/manifest"
)

// Expanded are the objects of a plane, and behind them the Applications that the sets among them make.
func Expanded(objects []change.Object, world World) ([]change.Object, finding.Findings) {
	var notes finding.Findings
	all := slices.Clone(objects)
	for i, o := range objects {
		id := manifest.Identify(o.Object)
		if id.Kind != "ApplicationSet" || id.Group() != "argoproj.io" {
			continue
		}
		made, found := Expand(o.Object, world)
		for _, f := range found {
			if f.Severity == finding.Error && all[i].Refused == "" {
				all[i].Refused = f.Sentence()
			}
		}
		for _, application := range made {
			all = append(all, change.Object{Object: application, Set: id.Name})
		}
		notes = append(notes, found...)
	}
	return all, notes
}
