package main

import (
	"encoding/json"
	"errors"
	"io"

	"spokewright.dev/spokewright/internal/check"
	"spokewright.dev/spokewright/internal/cuefile"
	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/krm"
	"spokewright.dev/spokewright/internal/render"
	"spokewright.dev/spokewright/internal/textdiff"
)

// jsonFinding is a finding as JSON: a rendered file that is out of date has its difference, in the unified form.
type jsonFinding struct {
	check.Finding
	Difference string `json:"difference,omitempty"`
}

// tellJSON writes findings for programs.
func tellJSON(stdout io.Writer, findings []jsonFinding) error {
	encoder := json.NewEncoder(stdout)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(map[string]any{"schemaVersion": 1, "findings": findings})
}

func located(found []check.Finding) []jsonFinding {
	findings := make([]jsonFinding, len(found))
	for i, f := range found {
		findings[i] = jsonFinding{Finding: f}
		if f.New != nil {
			findings[i].Difference = textdiff.Difference(f.File, string(f.Old), string(f.New), textdiff.Painter(false))
		}
	}
	return findings
}

// mistakes are the findings in an error that says that the input is wrong.
func mistakes(err error) []jsonFinding {
	var findings []jsonFinding
	if all := (render.Errors)(nil); errors.As(err, &all) {
		for _, one := range all {
			findings = append(findings, mistakes(one)...)
		}
		return findings
	}
	if problems := (cuefile.Problems)(nil); errors.As(err, &problems) {
		for _, p := range problems {
			findings = append(findings, jsonFinding{
				Finding: check.Finding{File: p.File, Line: p.Line, Column: p.Column, Field: p.Field, Message: p.Message}})
		}
		return findings
	}
	if refusal := (krm.Refusal)(nil); errors.As(err, &refusal) {
		for _, r := range refusal {
			f := check.Finding{File: r.Dir, Field: r.Field, Message: r.Message}
			if r.Object.Kind != "" {
				f.Object = r.Object.String()
			}
			findings = append(findings, jsonFinding{Finding: f})
		}
		return findings
	}
	if found, failures := finding.Of(err); len(failures) == 0 {
		for _, f := range found {
			findings = append(findings, jsonFinding{Finding: check.Finding{File: f.File, Line: f.Line, Column: f.Column,
				Object: f.Object.String(), Field: string(f.Path), Message: f.Sentence()}})
		}
		return findings
	}
	return []jsonFinding{{Finding: check.Finding{Message: err.Error()}}}
}
