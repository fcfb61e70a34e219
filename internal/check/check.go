// Package check finds what a pull request must not hold: folders that belong to no environment, objects that no API
// accepts, rules that a rendered object breaks, rendered files that are out of date. It reads; it mends nothing.
package check

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"time"

	"spokewright.dev/spokewright/internal/crd"
	"spokewright.dev/spokewright/internal/cuefile"
	"spokewright.dev/spokewright/internal/judge"
	"spokewright.dev/spokewright/internal/render"
	"spokewright.dev/spokewright/schema"
)

// Finding is one thing that is wrong. File is relative to the fleet's root; line and column count from 1, and are 0
// where the file as a whole is meant.
type Finding struct {
	File    string `json:"file"`
	Line    int    `json:"line,omitempty"`
	Column  int    `json:"column,omitempty"`
	Object  string `json:"object,omitempty"`
	Field   string `json:"field,omitempty"`
	Message string `json:"message"`
	// Warning is a rule that only tells.
	Warning bool `json:"warning,omitempty"`
	// Old and New are the lines of a rendered file that is out of date.
	Old, New []byte `json:"-"`
}

func (f Finding) String() string {
	text := f.File
	if f.Line > 0 {
		text += fmt.Sprintf(":%d:%d", f.Line, f.Column)
	}
	for _, part := range []string{f.Object, f.Field, f.Message} {
		if part != "" {
			text += ": " + part
		}
	}
	return text
}

// Orphans finds folders of overlays and of rendered files whose environment does not exist.
func Orphans(tree fs.FS, names []string) ([]Finding, error) {
	var findings []Finding
	for _, folder := range []string{render.Overlays, render.Golden} {
		entries, err := fs.ReadDir(tree, folder)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		for _, entry := range entries {
			if entry.IsDir() && !slices.Contains(names, entry.Name()) {
				findings = append(findings, Finding{File: path.Join(folder, entry.Name()),
					Message: fmt.Sprintf("no environment has this name: there is no %s%s", schema.SpecFile(entry.Name()), cuefile.DidYouMean(entry.Name(), names))})
			}
		}
	}
	return findings, nil
}

// Shapes finds objects that their API would refuse.
func Shapes(set *crd.Set, rendered render.Rendered) []Finding {
	var findings []Finding
	for _, item := range rendered.Objects {
		for _, f := range set.Check(item) {
			if f.Problem == crd.UnknownKind && f.Allowed == "" && f.Nearest == "" {
				continue // a team's own kind: only its cluster can judge it
			}
			findings = append(findings, Finding{File: path.Join(render.Golden, rendered.File()),
				Object: f.Object.String(), Field: f.Path, Message: f.Message()})
		}
	}
	return findings
}

// Rules finds objects that break a rule of the environment's class. The guard refuses claims that break a rule that
// denies; here everything is told, workloads and mere warnings too.
func Rules(e schema.Environment, rendered render.Rendered) []Finding {
	var findings []Finding
	for _, item := range rendered.Objects {
		for _, v := range judge.Judge(e, item) {
			findings = append(findings, Finding{File: path.Join(render.Golden, rendered.File()), Object: v.Object.String(),
				Field: v.Field, Message: v.Message(), Warning: !v.Refuses()})
		}
	}
	return findings
}

// Waivers finds those of an environment and of its class that are over at a time, and warns of rules that still ask for
// less.
func Waivers(e schema.Environment, now time.Time) []Finding {
	var findings []Finding
	add := func(problems cuefile.Problems, warning bool) {
		for _, p := range problems {
			findings = append(findings, Finding{File: p.File, Line: p.Line, Column: p.Column, Field: p.Field, Message: p.Message, Warning: warning})
		}
	}
	over, held := e.Loosened(now)
	add(over, false)
	add(e.Expired(now), false)
	add(held, true)
	return findings
}

// UpToDate compares a rendered file with what stands in the tree.
func UpToDate(tree fs.FS, rendered render.Rendered) ([]Finding, error) {
	file := path.Join(render.Golden, rendered.File())
	old, err := fs.ReadFile(tree, file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return []Finding{{File: file, Message: "the file is missing: spokewright render writes it"}}, nil
	case err != nil:
		return nil, err
	case bytes.Equal(old, rendered.YAML):
		return nil, nil
	}
	return []Finding{{File: file, Message: "out of date: spokewright render brings it up to date", Old: old, New: rendered.YAML}}, nil
}
