package check

import (
	"errors"
	"fmt"
	"io/fs"

	"spokewright.dev/spokewright/internal/baseline"
	"spokewright.dev/spokewright/internal/finding"
)

// Bases finds bases that are not what the program would make of them: older ones, those of a newer program, missing ones, and
// a lock that is missing where it is needed. It warns of each once.
func Bases(tree fs.FS, program *baseline.Program) (finding.Findings, error) {
	plan, err := program.Plan(tree)
	if problems := (finding.Findings)(nil); errors.As(err, &problems) {
		return problems, nil
	}
	if err != nil {
		return nil, err
	}
	older, files := 0, map[string][]string{}
	for _, step := range plan.Steps {
		files[step.Kind] = append(files[step.Kind], step.File)
		if step.Changes() && step.Kind != baseline.Restored {
			older++
		}
	}
	unlocked := len(files[baseline.Replaced]) + len(files[baseline.Merged]) + len(files[baseline.Guessed])
	var all finding.Findings
	warn := func(file, message, remedy string) {
		all = append(all, finding.Finding{Severity: finding.Warning, Code: finding.Bases, Position: finding.Position{File: file}, Message: message, Remedy: remedy})
	}
	switch foreign := files[baseline.Foreign]; {
	case len(foreign) > 0:
		warn(foreign[0], baseline.Foreign, "install the version that wrote it")
	case !plan.Locked && unlocked > 0: // of what is not there, nothing tells whether it is wanted
		warn(baseline.Lock, "the file is missing: what the team changed cannot be told from what is older", "spokewright upgrade")
	case plan.Locked && older > 0:
		warn(baseline.Folder, fmt.Sprintf("older than the program: %s would change", finding.Count(older, "file")), "spokewright upgrade; with --dry-run it only shows what would change")
	}
	for _, file := range files[baseline.Restored] {
		warn(file, "the file is missing, and a kustomization lists it", "spokewright upgrade brings it back as the program has it; git restore "+file+" as the team had it")
	}
	for _, file := range files[baseline.Missing] {
		warn(file, "the file is missing: the program brought it", "spokewright upgrade, where that is meant; git restore "+file+", where it is not")
	}
	return all, nil
}
