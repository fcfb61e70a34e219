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

	"spokewright.dev/spokewright/krm"
	"spokewright.dev/spokewright/manifest"
	"spokewright.dev/spokewright/overlay"
	"spokewright.dev/spokewright/render"
	"spokewright.dev/spokewright/schema"
	"spokewright.dev/spokewright/schema/objects"
)

// Finding is one thing that is wrong. File is relative to the fleet's root.
type Finding struct {
	File    string `json:"file"`
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
	for _, part := range []string{f.Object, f.Field, f.Message} {
		if part != "" {
			text += ": " + part
		}
	}
	return text
}

// Orphans finds folders of overlays and of rendered files whose environment does not exist.
func Orphans(tree fs.FS, golden string, names []string) ([]Finding, error) {
	var findings []Finding
	for _, folder := range []string{render.Overlays, golden} {
		entries, err := fs.ReadDir(tree, folder)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		for _, entry := range entries {
			if entry.IsDir() && !slices.Contains(names, entry.Name()) {
				findings = append(findings, Finding{File: path.Join(folder, entry.Name()),
					Message: fmt.Sprintf("no environment has this name: there is no %s%s", schema.SpecFile(entry.Name()), schema.DidYouMean(entry.Name(), names))})
			}
		}
	}
	return findings, nil
}

// Guarded finds overlays whose last transformer is not the guard of their environment and plane.
func Guarded(tree fs.FS, targets []render.Target) ([]Finding, error) {
	var findings []Finding
	for _, target := range targets {
		configs, err := overlay.Transformers(tree, target.Overlay())
		if err != nil {
			return nil, err
		}
		if len(configs) == 0 || manifest.Identify(configs[len(configs)-1]).Kind != krm.GuardKind {
			findings = append(findings, Finding{File: path.Join(target.Overlay(), "kustomization.yaml"),
				Message: "the last of transformers is not the Guard: nothing would notice what a patch takes away, or a build without --enable-exec"})
		}
	}
	return findings, nil
}

// Shapes finds objects that their API would refuse.
func Shapes(set *objects.Set, golden string, rendered render.Rendered) ([]Finding, error) {
	items, err := rendered.Objects()
	if err != nil {
		return nil, err
	}
	var findings []Finding
	for _, item := range items {
		for _, f := range set.Check(item) {
			if f.Unknown() {
				continue // a team's own kind: only its cluster can judge it
			}
			findings = append(findings, Finding{File: path.Join(golden, rendered.File()),
				Object: manifest.Identify(item).String(), Field: f.Field, Message: f.Message()})
		}
	}
	return findings, nil
}

// Rules finds objects that break a rule of the environment's class. The guard refuses claims that break a rule that
// denies; here everything is told, workloads and mere warnings too.
func Rules(e schema.Environment, golden string, rendered render.Rendered) ([]Finding, error) {
	items, err := rendered.Objects()
	if err != nil {
		return nil, err
	}
	var findings []Finding
	for _, item := range items {
		for _, v := range e.Judge(item) {
			findings = append(findings, Finding{File: path.Join(golden, rendered.File()), Object: v.Object.String(),
				Field: v.Field, Message: v.Message(), Warning: v.Rule.Action != "deny"})
		}
	}
	return findings, nil
}

// UpToDate compares a rendered file with what stands in the tree.
func UpToDate(tree fs.FS, golden string, rendered render.Rendered) ([]Finding, error) {
	file := path.Join(golden, rendered.File())
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
