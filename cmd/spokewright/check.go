package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/spf13/cobra"
	"spokewright.dev/spokewright/internal/check"
	"spokewright.dev/spokewright/internal/crd"
	"spokewright.dev/spokewright/internal/crossplane/definitions"
	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/manifest"
	"spokewright.dev/spokewright/internal/render"
	"spokewright.dev/spokewright/internal/textdiff"
	"spokewright.dev/spokewright/schema"
)

func checkCommand(o *options) *cobra.Command {
	var output, class, date string
	command := &cobra.Command{
		Use:   "check [ENVIRONMENT[/PLANE]...]",
		Short: "Check all that a pull request must satisfy",
		Long: `Checks the fleet, or the environments named: specs and what they share, folders that belong to no environment,
guards, the shape of every object, the rules of every class, waivers that are over, and that golden/ holds what a render
gives.

With --class, it judges manifests instead, files or folders of them, by the rules of that class: what Kyverno would say
on a spoke, before it does.`,
		Example: `  spokewright check
  spokewright check prod-eu
  spokewright check --class production manifests/`,
		ValidArgsFunction: o.environments,
		RunE: func(c *cobra.Command, args []string) error {
			if output != "text" && output != "json" {
				return &inputError{fmt.Errorf("--output: found %q, allowed is \"text\" or \"json\"", output)}
			}
			now, err := moment(date)
			if err != nil {
				return err
			}
			if class != "" {
				return checkManifests(o, class, args, output, c.OutOrStdout(), c.ErrOrStderr())
			}
			return checkFleet(o, args, output, now, c.OutOrStdout(), c.ErrOrStderr())
		},
	}
	command.Flags().StringVar(&class, "class", "", "judge manifests by the rules of this class")
	command.Flags().StringVar(&date, "date", "", "the day on which waivers are judged, such as 2027-01-31 (default today)")
	command.Flags().StringVarP(&output, "output", "o", "text", `how findings are told: "text" or "json"`)
	return command
}

// moment is the first moment of a day; now where none is named.
func moment(day string) (time.Time, error) {
	if day == "" {
		return time.Now(), nil
	}
	at, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return at, &inputError{fmt.Errorf("--date: found %q, allowed is a day such as 2027-01-31", day)}
	}
	return at, nil
}

func checkFleet(o *options, args []string, output string, now time.Time, stdout, stderr io.Writer) error {
	f, err := o.open()
	if err != nil {
		return err
	}
	err = unlinked(f, render.Golden, args)
	var fleet *schema.Fleet
	var rendered []render.Rendered
	if err == nil {
		fleet, rendered, err = renderTargets(f, args, stderr)
	}
	if err == nil {
		err = adoptions(f, fleet, rendered)
	}
	if err != nil {
		if output == "json" && exitCode(err) == exitWrong {
			return cmp.Or(tellJSON(stdout, mistakes(err)), errReported)
		}
		return err
	}
	found, err := findings(f, fleet, rendered, now, len(args) == 0)
	if err != nil {
		return err
	}
	if err := verdict(found, output, stdout, stderr); err != nil {
		return err
	}
	fmt.Fprintf(stderr, "checked %s of fleet %s: %s up to date\n", environments(rendered), fleet.Config.Name, finding.Count(len(rendered), "file"))
	return nil
}

// verdict tells what was found, and is an error where one of it is more than a warning.
func verdict(found []check.Finding, output string, stdout, stderr io.Writer) error {
	if output == "json" {
		if err := tellJSON(stdout, located(found)); err != nil {
			return err
		}
	} else {
		tell(stderr, found)
	}
	if slices.ContainsFunc(found, func(finding check.Finding) bool { return !finding.Warning }) {
		return errReported
	}
	return nil
}

// findings runs every check. Orphans are looked for only where the whole fleet is checked.
func findings(f *tree, fleet *schema.Fleet, rendered []render.Rendered, now time.Time, whole bool) ([]check.Finding, error) {
	var all []check.Finding
	if whole {
		orphans, err := check.Orphans(f.tree, fleet.Names())
		if err != nil {
			return nil, err
		}
		all = append(all, orphans...)
	}
	set, err := shapes(fleet, rendered)
	if err != nil {
		return nil, err
	}
	for _, r := range rendered {
		for _, waived := range check.Waivers(fleet.Environments[r.Environment], now) {
			if !slices.ContainsFunc(all, func(told check.Finding) bool { return told.String() == waived.String() }) {
				all = append(all, waived) // once for both planes, and for all environments of a class
			}
		}
		all = append(all, check.Shapes(set, r)...)
		all = append(all, check.Rules(fleet.Environments[r.Environment], r)...)
		stale, err := check.UpToDate(f.tree, r)
		if err != nil {
			return nil, err
		}
		all = append(all, stale...)
	}
	return all, nil
}

// shapes are the kinds that Spokewright writes, its own claims in the generation that the fleet targets, and what the
// rendered hubs define themselves.
func shapes(fleet *schema.Fleet, rendered []render.Rendered) (*crd.Set, error) {
	reader, err := schema.NewReader()
	if err != nil {
		return nil, err
	}
	var declarations []manifest.Object
	for _, kind := range definitions.Kinds() {
		spec, status := reader.ClaimSpec(kind.Name), reader.ClaimStatus(kind.Name)
		if fleet.Config.Targets.Crossplane.API == "claims" {
			declarations = append(declarations, kind.Claimed(spec, status))
		} else {
			declarations = append(declarations, kind.Namespaced(spec, status))
		}
	}
	for _, r := range rendered {
		if fleet.Environments[r.Environment].Role == "hub" {
			declarations = append(declarations, r.Objects...)
		}
	}
	declared, err := crd.Declared(declarations)
	if err != nil {
		return nil, &inputError{err}
	}
	return crd.Embedded().With(declared...), nil
}

// tell writes findings for people.
func tell(stderr io.Writer, findings []check.Finding) {
	paint := textdiff.Painter(colours(stderr))
	for _, finding := range findings {
		fmt.Fprintln(stderr, finding)
		if finding.New != nil {
			fmt.Fprint(stderr, textdiff.Difference(finding.File, string(finding.Old), string(finding.New), paint))
		}
	}
}
