package crd

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"spokewright.dev/spokewright/internal/manifest"
)

// Problem is the sort of a finding.
type Problem string

const (
	UnknownKind  Problem = "unknown kind"  // nothing is known of this apiVersion and kind
	UnknownField Problem = "unknown field" // the API server would refuse or drop it
	MissingField Problem = "missing field" // required, and it has no default
	WrongValue   Problem = "wrong value"
)

// Finding is one thing wrong with one object.
type Finding struct {
	Object  manifest.ID
	Path    string // of the field, as in spec.generators[0].list or metadata.labels["example.com/tier"]; empty for the whole object
	Problem Problem
	Found   string // the value there as short JSON; for UnknownKind, apiVersion and kind; empty if there is none
	Allowed string // in words what may be there; for UnknownField the fields known there, for UnknownKind the apiVersions that have the kind
	Nearest string // the known name most like the unknown field or kind, if one is like it
}

// String is one line without an end: object, path, message.
func (f Finding) String() string {
	where := strings.TrimSpace(f.Object.String())
	if f.Path != "" {
		where += ": " + f.Path
	}
	return where + ": " + f.Message()
}

// Message says what is wrong and what is allowed.
func (f Finding) Message() string {
	switch {
	case f.Problem == UnknownKind && f.Found == "":
		return "apiVersion and kind are missing"
	case f.Problem == UnknownKind:
		return f.Found + " is not known" + f.hint("the kind is known in ")
	case f.Problem == UnknownField:
		return "unknown field" + f.hint("known here: ")
	case f.Problem == MissingField:
		return "required, but missing"
	default:
		return fmt.Sprintf("found %s, allowed: %s", f.Found, f.Allowed)
	}
}

func (f Finding) hint(allowed string) string {
	switch {
	case f.Nearest != "":
		return fmt.Sprintf(", did you mean %q?", f.Nearest)
	case f.Allowed != "":
		return "; " + allowed + f.Allowed
	default:
		return ""
	}
}

// show writes a value as JSON on one line, cut at 80 bytes.
func show(value any) string {
	var line bytes.Buffer
	encoder := json.NewEncoder(&line)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return fmt.Sprintf("%v (%T)", value, value)
	}
	text := strings.TrimSuffix(line.String(), "\n")
	if len(text) > 80 {
		return strings.ToValidUTF8(text[:80], "") + "…"
	}
	return text
}

// nearest is the name most like an unknown one: at most a third of its letters, and at least one, may differ.
func nearest(unknown string, known []string) string {
	best, bound := "", max(1, len(unknown)/3)+1
	for _, name := range known {
		distance := edits(strings.ToLower(unknown), strings.ToLower(name))
		if distance < bound || distance == bound && best != "" && name < best {
			best, bound = name, distance
		}
	}
	return best
}

// edits is the number of letters to insert, delete or replace to get from one word to another (Levenshtein).
func edits(from, to string) int {
	row := make([]int, len(to)+1)
	for i := range row {
		row[i] = i
	}
	for i := range len(from) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(to) {
			replaced := diagonal
			if from[i] != to[j] {
				replaced++
			}
			diagonal = row[j+1]
			row[j+1] = min(replaced, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(to)]
}
