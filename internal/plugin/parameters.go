package plugin

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/render"
)

// announcement is a parameter as Argo CD's user interface shows it (argo-cd, reposerver/repository/repository.proto,
// ParameterAnnouncement).
type announcement struct {
	Name    string `json:"name"`
	Title   string `json:"title"`
	Tooltip string `json:"tooltip"`
	String  string `json:"string"`
}

// parameters are all there are. They follow from the Application's path: one that is set says the same or is refused.
func parameters(target render.Target) []announcement {
	const tooltip = "follows from the Application's path; another value is refused"
	return []announcement{
		{"environment", "Environment", tooltip, target.Environment},
		{"plane", "Plane", tooltip, string(target.Plane)},
	}
}

// Announce is what the plugin says about its parameters, as JSON.
func Announce(target render.Target) ([]byte, error) {
	text, err := json.Marshal(parameters(target))
	return append(text, '\n'), err
}

// CheckParameters reads the parameters of an Application, the JSON of ARGOCD_APP_PARAMETERS. Messages name parameters and
// never show values: Argo CD shows messages to everybody who may see the Application.
func CheckParameters(target render.Target, text string) error {
	if text == "" {
		return nil
	}
	var given []map[string]json.RawMessage
	decoder := json.NewDecoder(bytes.NewReader([]byte(text)))
	if err := decoder.Decode(&given); err != nil {
		return errors.New("parameters: not a JSON list of objects")
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return errors.New("parameters: more than one JSON value")
	}
	known, seen := parameters(target), map[string]bool{}
	for i, fields := range given {
		name, value, err := parameter(fields)
		if err != nil {
			return fmt.Errorf("parameters[%d]: %w", i, err)
		}
		at := slices.IndexFunc(known, func(a announcement) bool { return a.Name == name })
		switch {
		case at < 0:
			return fmt.Errorf("parameters[%d]: no such parameter: %.80q%s (allowed are environment, plane)", i, name,
				finding.DidYouMean(name, []string{"environment", "plane"}))
		case seen[name]:
			return fmt.Errorf("parameters[%d]: %s is set twice", i, name)
		case value != known[at].String:
			return fmt.Errorf("parameters[%d]: %s: allowed is %q: it follows from the Application's path", i, name, known[at].String)
		}
		seen[name] = true
	}
	return nil
}

// parameter takes one apart: a name and a text.
func parameter(fields map[string]json.RawMessage) (name, value string, err error) {
	for field, into := range map[string]*string{"name": &name, "string": &value} {
		raw, given := fields[field]
		if !given || len(raw) == 0 || raw[0] != '"' {
			return "", "", fmt.Errorf("allowed is a name with a string: %s is missing or no text", field)
		}
		if err := json.Unmarshal(raw, into); err != nil {
			return "", "", fmt.Errorf("%s is no text", field)
		}
	}
	if len(fields) != 2 {
		return "", "", errors.New("allowed is a name with a string, and nothing else")
	}
	return name, value, nil
}
