package check

import (
	"fmt"

	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/schema"
)

// Names tells of a protected environment whose names in the cloud are not recorded: another hub would make its parts
// again. While it is young that is a warning; one that is released for another to take over must have them.
func Names(e schema.Environment) finding.Findings {
	var findings finding.Findings
	missing := e.Unrecorded()
	release := e.Retiring == schema.Release
	if len(missing) > 0 && (e.Protected() || release) {
		f := finding.Finding{Code: finding.Unrecorded, Severity: finding.Warning, Position: finding.Position{File: schema.SpecFile(e.Name)}, Path: finding.Tokens("names")}
		f.Message = fmt.Sprintf("found no record of %d of %d names that the cloud made up, %s the first: another hub would make these parts again, spokewright names records them",
			len(missing), len(e.Parts()), missing[0].Path())
		if release {
			f.Severity = finding.Error
		}
		findings = append(findings, f)
	}
	if e.TakesOver() {
		findings = append(findings, finding.Finding{Code: finding.Unrecorded, Severity: finding.Warning, Position: finding.Position{File: schema.NamesFile(e.Name)},
			Path: finding.Tokens("names", "environment"), Message: fmt.Sprintf(
				"found %q, as the environment was called: once it has taken everything over, record its names again", e.Names.Environment)})
	}
	return findings
}
