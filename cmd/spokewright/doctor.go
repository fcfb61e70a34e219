package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"

	"github.com/spf13/cobra"
	"spokewright.dev/spokewright/internal/doctor"
	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/policytest"
	"spokewright.dev/spokewright/schema"
)

func doctorCommand(o *options) *cobra.Command {
	var output string
	var spoke asked
	command := &cobra.Command{
		Use:   "doctor",
		Short: "Find what is wrong with this installation, and what helps",
		Long: `Looks at this binary, kustomize, kubectl, the plugin folder and, in a fleet, at minVersion, rendered files, Git's
settings and what editors need. It changes nothing, and asks no network. Exit code 2 where something is wrong.

With --spoke it looks at one cluster, and at nothing else: by kubectl it asks its API server, for each policy that refuses, to
take an object that breaks the rule, and to keep nothing of it (--dry-run=server). One that is taken is an open door.`,
		Example: `  spokewright doctor
  spokewright doctor --spoke prod-eu --context prod-eu`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			look := machine
			if spoke.environment != "" {
				look = spoke.policies
			} else if spoke.context != "" {
				return finding.Wrong(finding.CommandLine, "--context says how kubectl reaches a spoke: name it with --spoke ENVIRONMENT")
			}
			symptoms, where, err := look(o)
			if err != nil {
				return err
			}
			return diagnosed(o, symptoms, where, output, c.OutOrStdout(), c.ErrOrStderr())
		},
	}
	outputFlag(command, &output, "how findings are told", "text", "json")
	command.Flags().StringVar(&spoke.environment, "spoke", "", "the environment whose cluster is asked whether its policies refuse")
	command.Flags().StringVar(&spoke.context, "context", "", "kubectl's context for that cluster (its current one where nothing is said)")
	return command
}

// asked is a cluster, and the way to it.
type asked struct{ environment, context string }

// policies asks the cluster of a spoke about what breaks its policies.
func (a asked) policies(o *options) (symptoms []doctor.Symptom, where string, err error) {
	f, err := o.open()
	if err != nil {
		return nil, "", err
	}
	targets, err := chosen(f, []string{a.environment + "/" + string(schema.Spoke)})
	if err != nil {
		return nil, "", err
	}
	reader, err := schema.NewReader()
	if err != nil {
		return nil, "", err
	}
	fleet, rendered, err := renderTargets(f, reader, targets, io.Discard)
	if err != nil {
		return nil, "", err
	}
	subjects, _, err := policytest.Subjects(reader, fleet.Environments[a.environment], schema.Spoke, rendered[0].Objects)
	if err != nil {
		return nil, "", finding.Wrong(finding.RuleInvalid, "%v", err)
	}
	symptoms, number, err := doctor.LookAtPolicies(a.environment, subjects, a.try)
	return symptoms, "cluster of " + a.environment + ", " + finding.Count(number, "policy") + " tried", err
}

// try hands an object to kubectl.
func (a asked) try(object []byte) (taken bool, answer string, err error) {
	args := []string{"create", "--dry-run=server", "--request-timeout=20s", "-f", "-"}
	if a.context != "" {
		args = append(args, "--context="+a.context)
	}
	kubectl := exec.Command("kubectl", args...) //nolint:gosec // G204: the user says how their cluster is reached
	kubectl.Stdin = bytes.NewReader(object)
	said, err := kubectl.CombinedOutput()
	if errors.Is(err, exec.ErrNotFound) {
		return false, "", finding.Wrong(finding.CommandLine, "--spoke asks by kubectl, which is not on PATH")
	}
	if err != nil && !errors.As(err, new(*exec.ExitError)) {
		return false, "", err
	}
	return err == nil, strings.TrimSpace(string(said)), nil
}

// machine looks at the machine and at the fleet that it is run in. A machine can be looked at without a fleet, where none
// was named.
func machine(o *options) (symptoms []doctor.Symptom, where string, err error) {
	here, err := doctor.Here(version)
	if err != nil {
		return nil, "", err
	}
	where = "no fleet here: only the machine was looked at"
	f, err := o.open()
	if err != nil && (!finding.IsInput(err) || o.directory != ".") {
		return nil, "", err
	}
	if err == nil {
		here.Fleet = &doctor.Fleet{Root: f.root, Tree: f.tree}
		where = "fleet " + f.root
	}
	symptoms, err = here.Diagnose()
	return symptoms, where, err
}

// diagnosed tells what was found.
func diagnosed(o *options, symptoms []doctor.Symptom, where, output string, stdout, stderr io.Writer) (err error) {
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
