package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"spokewright.dev/spokewright/internal/atomicdir"
	"spokewright.dev/spokewright/internal/baseline"
	"spokewright.dev/spokewright/internal/check"
	"spokewright.dev/spokewright/internal/draft"
	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/terminal"
	"spokewright.dev/spokewright/internal/textdiff"
)

func upgradeCommand(o *options) *cobra.Command {
	var dryRun bool
	command := &cobra.Command{
		Use:   "upgrade",
		Short: "Bring bases/ to this program's version, and keep what a team changed",
		Long: `Merges what this program brings into bases/, and prints what changes: files that the team left alone follow the program,
what the team changed stays, and where both changed a file, it is merged line by line. Where both changed the same lines,
both stand there between the marks that Git uses, the finding names the line, and the exit code is 2.

bases/spokewright.lock says what each file came from. Running it again changes nothing.`,
		Example: `  spokewright upgrade --dry-run
  spokewright upgrade
  spokewright render && spokewright diff`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return upgrade(o, dryRun, c.OutOrStdout(), c.ErrOrStderr())
		},
	}
	command.Flags().BoolVar(&dryRun, "dry-run", false, "show what would change, and write nothing")
	return command
}

// ownBases are those that the program brings.
func (o *options) ownBases() (*baseline.Program, error) {
	if o.bases != nil {
		return o.bases, nil
	}
	return baseline.Own()
}

func upgrade(o *options, dryRun bool, stdout, stderr io.Writer) error {
	f, err := o.open()
	if err != nil {
		return err
	}
	program, err := o.ownBases()
	if err != nil {
		return err
	}
	plan, err := program.Plan(f.tree)
	if err != nil {
		return err
	}
	if err := foreignBases(plan); err != nil {
		return err
	}
	if !dryRun {
		if err := writeBases(f, plan); err != nil {
			return err
		}
	}
	tellSteps(stderr, plan, dryRun)
	if err := conflicts(plan); err != nil {
		return err
	}
	_, err = io.WriteString(stdout, differences(plan, textdiff.Painter(terminal.Colours(stdout))))
	return err
}

// foreignBases refuses bases of a program that this one does not know: it would take back what a newer one brought.
func foreignBases(plan baseline.Plan) error {
	var found finding.Findings
	for _, step := range plan.Steps {
		if step.Kind == baseline.Foreign {
			found = append(found, finding.Finding{Code: finding.Bases, Position: finding.Position{File: step.File}, Message: step.Kind,
				Remedy: "install the version that wrote it; or take its line out of " + baseline.Lock + ", and it is compared with what was released"})
		}
	}
	return found.Err()
}

// writeBases writes what changes, and the lock.
func writeBases(f *tree, plan baseline.Plan) error {
	change := draft.New(f.tree)
	for _, step := range plan.Steps {
		switch {
		case step.Kind == baseline.Removed:
			change.Remove(step.File)
		case step.Changes():
			change.Write(step.File, []byte(step.Fresh))
		}
	}
	change.Write(baseline.Lock, []byte(plan.Lock))
	return atomicdir.Apply(f.os, change)
}

// tellSteps says what became of which file.
func tellSteps(stderr io.Writer, plan baseline.Plan, dryRun bool) {
	changed := 0
	for _, step := range plan.Steps {
		fmt.Fprintf(stderr, "%s: %s\n", step.File, step.Kind)
		if step.Changes() {
			changed++
		}
	}
	switch {
	case changed == 0:
		fmt.Fprintln(stderr, "bases/ is as this program brings it, with what the team changed")
	case dryRun:
		fmt.Fprintf(stderr, "%s of bases/ would change; nothing was written\n", finding.Count(changed, "file"))
	default:
		fmt.Fprintf(stderr, "%s of bases/ changed; next: spokewright render, then spokewright diff\n", finding.Count(changed, "file"))
	}
}

func conflicts(plan baseline.Plan) error {
	var found finding.Findings
	for _, step := range plan.Steps {
		for _, line := range step.Conflicts {
			found = append(found, finding.Finding{Code: finding.Conflict, Position: finding.Position{File: step.File, Line: line, Column: 1},
				Message: "the team and the program changed the same lines: choose those that count, and take the marks out"})
		}
	}
	return found.Err()
}

// differences are all changes in the unified form.
func differences(plan baseline.Plan, paint func(mark byte, line string) string) string {
	var text strings.Builder
	for _, step := range plan.Steps {
		if !step.Changes() {
			continue
		}
		names := [2]string{"a/" + step.File, "b/" + step.File}
		switch step.Kind {
		case baseline.Added, baseline.Restored:
			names[0] = "/dev/null"
		case baseline.Removed:
			names[1] = "/dev/null"
		}
		text.WriteString(textdiff.Difference(names, step.Old, step.Fresh, paint))
	}
	return text.String()
}

// basesFound is what is to be said of the fleet's bases.
func (o *options) basesFound(f *tree) (finding.Findings, error) {
	program, err := o.ownBases()
	if err != nil {
		return nil, err
	}
	return check.Bases(f.tree, program)
}
