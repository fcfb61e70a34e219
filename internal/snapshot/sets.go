package snapshot

import (
	"spokewright.dev/spokewright/internal/applicationset"
	"spokewright.dev/spokewright/internal/change"
	"spokewright.dev/spokewright/internal/finding"
)

// expand adds to the planes of a state the Applications that their sets make. What cannot be told is noted.
func (s *side) expand(planes []change.Plane) finding.Findings {
	var notes finding.Findings
	for i := range planes {
		var found finding.Findings
		planes[i].Objects, found = applicationset.Expanded(planes[i].Objects, s.origin)
		for _, f := range found {
			f.Severity = max(f.Severity, finding.Warning) // what is refused is a change of its own
			f.Aside = planes[i].Environment + " in " + s.Name
			notes = append(notes, f)
		}
	}
	return notes
}
