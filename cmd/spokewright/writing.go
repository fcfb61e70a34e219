package main

import (
	"errors"
	"io"

	"spokewright.dev/spokewright/internal/atomicdir"
	"spokewright.dev/spokewright/internal/check"
	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/render"
	"spokewright.dev/spokewright/internal/terminal"
	"spokewright.dev/spokewright/internal/watchdog"
	"spokewright.dev/spokewright/schema"
)

// writing is a render into a folder of the fleet: each environment is read, rendered, judged by what stands there, written beside
// that and forgotten; the files take their places when all is well.
type writing struct {
	tree    *tree
	reader  *schema.Reader
	output  string
	whole   bool // the fleet, and not some of its environments
	stderr  io.Writer
	targets []render.Target

	batch      *atomicdir.Batch
	comparison *check.Comparison // nil where what stands in golden/ stays
	adoptions  []finding.Findings
}

// write renders the targets, or everything where there are none.
func (w *writing) write(targets []render.Target) (fleet *schema.Fleet, report atomicdir.Written, err error) {
	if err := schema.RefuseNewer(w.tree.tree, version); err != nil {
		return nil, report, err
	}
	if w.batch, err = atomicdir.Begin(w.tree.os, w.output); err != nil {
		return nil, report, err
	}
	defer func() { err = errors.Join(err, w.batch.Close()) }()
	fleet, err = watchdog.Watched(renderLimits(), func() (*schema.Fleet, error) { return w.stream(targets) })
	if err == nil {
		err = w.judge(fleet)
	}
	if err != nil {
		return nil, report, err
	}
	report, err = w.batch.Commit(w.whole && w.output == render.Golden)
	return fleet, report, err
}

func (w *writing) stream(targets []render.Target) (*schema.Fleet, error) {
	finish := func() {}
	var done func()
	begin := func(all []render.Target) (err error) {
		w.targets, w.adoptions = all, make([]finding.Findings, len(all))
		done, finish = terminal.Progress(w.stderr, "rendering", len(all))
		if w.output == render.Golden { // what stands there is about to go
			w.comparison, err = check.Comparing(w.tree.tree, all)
		}
		return err
	}
	known, keep := outlines(w.tree)
	defer keep()
	fleet, err := render.Stream(w.tree.tree, w.reader, targets, known, begin, func(e schema.Environment, place int, r *render.Rendered) (bool, error) {
		defer done()
		return w.take(e, place, r)
	})
	finish()
	return fleet, traced(w.tree, w.reader, err)
}

// take takes a target. Its environment stays as a whole where something of it changes.
func (w *writing) take(e schema.Environment, place int, r *render.Rendered) (differs bool, err error) {
	if w.comparison != nil {
		if r.Plane == schema.Hub {
			err := check.Adoptions(w.tree.tree, e)
			if found := (finding.Findings)(nil); errors.As(err, &found) {
				w.adoptions[place] = found
			} else if err != nil {
				return false, err
			}
		}
		if differs, err = w.comparison.Add(place, r); err != nil {
			return false, err
		}
	}
	return differs, w.batch.Add(*r)
}

// judge finds what no cloud takes, and warns of what is destroyed and not declared.
func (w *writing) judge(fleet *schema.Fleet) error {
	if w.comparison == nil {
		return nil
	}
	var steps finding.Findings
	for _, found := range w.adoptions {
		steps = append(steps, found...)
	}
	if err := steps.Err(); err != nil {
		return err
	}
	found, err := w.comparison.Judge(fleet, w.whole)
	if err != nil {
		return err
	}
	var refused, warnings finding.Findings
	for _, one := range found {
		switch one.Code {
		case finding.Refused:
			refused = append(refused, one)
		case finding.Undeclared:
			one.Severity = finding.Warning
			warnings = append(warnings, one)
		}
	}
	if err := refused.Err(); err != nil {
		return err
	}
	return finding.Text{}.Write(w.stderr, warnings)
}

// targetsOf are those that were rendered.
func targetsOf(rendered []render.Rendered) []render.Target {
	targets := make([]render.Target, len(rendered))
	for i, r := range rendered {
		targets[i] = r.Target
	}
	return targets
}
