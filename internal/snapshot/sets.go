package snapshot

import (
	"slices"

	"spokewright.dev/spokewright/internal/applicationset"
	"spokewright.dev/spokewright/internal/change"
	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/manifest"
)

// expand adds to the planes of a state the Applications that their sets make. What cannot be told is noted.
func (s *side) expand(planes []change.Plane) finding.Findings {
	world := applicationset.World{Tree: s.Repository}
	if s.config != nil {
		world.Repository, world.Revisions = s.config.Repository.URL, []string{s.config.Repository.Revision}
	}
	var notes finding.Findings
	for i := range planes {
		for _, o := range slices.Clone(planes[i].Objects) {
			id := manifest.Identify(o.Object)
			if id.Kind != "ApplicationSet" || id.Group() != "argoproj.io" {
				continue
			}
			made, found := applicationset.Expand(o.Object, world)
			for _, application := range made {
				planes[i].Objects = append(planes[i].Objects, change.Object{Object: application, Set: id.Name})
			}
			for _, f := range found {
				f.Severity = max(f.Severity, finding.Warning) // whether it refuses is for check
				f.Aside = planes[i].Environment + " in " + s.Name
				notes = append(notes, f)
			}
		}
	}
	return notes
}
