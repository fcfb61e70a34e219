package main

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/spf13/cobra"
	"spokewright.dev/spokewright/internal/doctor"
	"spokewright.dev/spokewright/internal/finding"
)

func doctorCommand(o *options) *cobra.Command {
	var output string
	command := &cobra.Command{
		Use:   "doctor",
		Short: "Find what is wrong with this installation, and what helps",
		Long: `Looks at this binary, kustomize, kubectl, the plugin folder and, in a fleet, at minVersion, rendered files, Git's
settings and what editors need. It changes nothing, and asks no network. Exit code 2 where something is wrong.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return diagnose(o, output, c.OutOrStdout(), c.ErrOrStderr())
		},
	}
	outputFlag(command, &output, "how findings are told", "text", "json")
	return command
}

// diagnose looks at the machine and at the fleet that it is run in. A machine can be looked at without a fleet, where none
// was named.
func diagnose(o *options, output string, stdout, stderr io.Writer) error {
	here, err := doctor.Here(version)
	if err != nil {
		return err
	}
	where := "no fleet here: only the machine was looked at"
	f, err := o.open()
	if err != nil && (!finding.IsInput(err) || o.directory != ".") {
		return err
	}
	if err == nil {
		here.Fleet = &doctor.Fleet{Root: f.root, Tree: f.tree}
		where = "fleet " + f.root
	}
	symptoms, err := here.Diagnose()
	if err != nil {
		return err
	}
	wrong := 0
	for _, s := range symptoms {
		if !s.Warning {
			wrong++
		}
	}
	if output == "json" {
		err = tellSymptoms(stdout, symptoms)
	} else {
		told := symptoms
		if !o.verbose {
			told = doctor.Fold(symptoms)
		}
		writeSymptoms(stderr, told)
		fmt.Fprintf(stderr, "%s wrong, %s (%s)\n", finding.Count(wrong, "thing"), finding.Count(len(symptoms)-wrong, "note"), where)
	}
	if err == nil && wrong > 0 {
		err = errReported()
	}
	return err
}

func tellSymptoms(stdout io.Writer, symptoms []doctor.Symptom) error {
	encoder := json.NewEncoder(stdout)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(map[string]any{"schemaVersion": 1, "findings": symptoms})
}

func writeSymptoms(stderr io.Writer, symptoms []doctor.Symptom) {
	for _, s := range symptoms {
		kind := ""
		if s.Warning {
			kind = "note: "
		}
		fmt.Fprintf(stderr, "%s%s: %s\n  remedy: %s\n", kind, s.Check, s.Message, s.Remedy)
	}
}
