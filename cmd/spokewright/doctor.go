package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"
	"spokewright.dev/spokewright/internal/finding"
)

// symptom is one thing that is wrong with an installation, and what helps.
type symptom struct {
	Check   string `json:"check"` // what was looked at, such as "kustomize"
	Message string `json:"message"`
	Remedy  string `json:"remedy"`
	// Warning is what does no harm yet.
	Warning bool `json:"warning,omitempty"`
}

// patient is what the doctor looks at: the programs of this machine and, where there is one, a fleet.
type patient struct {
	binary string              // this program's file
	getenv func(string) string // the environment
	find   func(program string) (string, error)
	ask    func(program string, args ...string) (string, error) // stdout of a program
	fleet  *tree                                                // nil outside of a fleet
}

func doctorCommand(o *options) *cobra.Command {
	var output string
	command := &cobra.Command{
		Use:   "doctor",
		Short: "Find what is wrong with this installation, and what helps",
		Long: `Looks at this binary, kustomize, kubectl, the plugin folder and, in a fleet, at minVersion, rendered files, Git's
settings and what editors need. It changes nothing, and asks no network. Exit code 2 where something is wrong.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if output != "text" && output != "json" {
				return &inputError{fmt.Errorf("--output: found %q, allowed is \"text\" or \"json\"", output)}
			}
			p, err := newPatient(o)
			if err != nil {
				return err
			}
			return diagnose(p, output, c.OutOrStdout(), c.ErrOrStderr())
		},
	}
	command.Flags().StringVarP(&output, "output", "o", "text", `how findings are told: "text" or "json"`)
	return command
}

func newPatient(o *options) (*patient, error) {
	binary, err := os.Executable()
	if err != nil {
		return nil, err
	}
	p := &patient{binary: binary, getenv: os.Getenv, find: findProgram, ask: askProgram}
	p.fleet, err = o.open()
	if wrong := (*inputError)(nil); errors.As(err, &wrong) && o.directory == "." { // a machine can be looked at without a fleet
		return p, nil
	}
	return p, err
}

// diagnose looks at everything and tells what it found.
func diagnose(p *patient, output string, stdout, stderr io.Writer) error {
	symptoms := []symptom{} // empty, not null, in JSON
	looks := []func(*patient) ([]symptom, error){lookAtBinary, lookAtKustomize, lookAtKubectl, lookAtPlugins}
	if p.fleet != nil {
		looks = append(looks, lookAtVersion, lookAtGolden, lookAtGit, lookAtEditor)
	}
	for _, look := range looks {
		found, err := look(p)
		if err != nil {
			return err
		}
		symptoms = append(symptoms, found...)
	}
	wrong := 0
	for _, s := range symptoms {
		if !s.Warning {
			wrong++
		}
	}
	if err := report(p, symptoms, wrong, output, stdout, stderr); err != nil {
		return err
	}
	if wrong > 0 {
		return errReported
	}
	return nil
}

func report(p *patient, symptoms []symptom, wrong int, output string, stdout, stderr io.Writer) error {
	if output == "json" {
		encoder := json.NewEncoder(stdout)
		encoder.SetEscapeHTML(false)
		encoder.SetIndent("", "  ")
		return encoder.Encode(map[string]any{"schemaVersion": 1, "findings": symptoms})
	}
	for _, s := range symptoms {
		kind := ""
		if s.Warning {
			kind = "note: "
		}
		fmt.Fprintf(stderr, "%s%s: %s\n  remedy: %s\n", kind, s.Check, s.Message, s.Remedy)
	}
	where := "no fleet here: only the machine was looked at"
	if p.fleet != nil {
		where = "fleet " + p.fleet.root
	}
	fmt.Fprintf(stderr, "%s wrong, %s (%s)\n", finding.Count(wrong, "thing"), finding.Count(len(symptoms)-wrong, "note"), where)
	return nil
}
