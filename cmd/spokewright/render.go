package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"spokewright.dev/spokewright/internal/atomicdir"
	"spokewright.dev/spokewright/internal/cause"
	"spokewright.dev/spokewright/internal/check"
	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/manifest"
	"spokewright.dev/spokewright/internal/remember"
	"spokewright.dev/spokewright/internal/render"
	"spokewright.dev/spokewright/internal/terminal"
	"spokewright.dev/spokewright/internal/watchdog"
	"spokewright.dev/spokewright/schema"
)

func renderCommand(o *options) *cobra.Command {
	var output string
	command := &cobra.Command{
		Use:   "render [ENVIRONMENT[/PLANE]...]",
		Short: "Render the fleet, or some environments, into golden/",
		Long: `Renders every environment of the fleet, or those named, through its overlay into golden/NAME/{hub,spoke}.yaml;
for a hub, what starts it goes into golden/NAME/root.yaml.
Files are written only when everything could be rendered, each as a whole. Without names, rendered files in golden/ of
environments that are gone are removed.`,
		Example: `  spokewright render
  spokewright render prod-eu
  spokewright render prod-eu/hub -o -`,
		ValidArgsFunction: o.environments,
		RunE: func(c *cobra.Command, args []string) error {
			return renderFleet(o, args, output, c.OutOrStdout(), c.ErrOrStderr())
		},
	}
	command.Flags().StringVarP(&output, "output", "o", render.Golden, `the folder of the fleet to write to, or "-" to print`)
	completes(command, "output", func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return nil, cobra.ShellCompDirectiveFilterDirs
	})
	return command
}

func renderFleet(o *options, args []string, output string, stdout, stderr io.Writer) error {
	began := time.Now()
	output = path.Clean(filepath.ToSlash(output))
	if !fs.ValidPath(output) {
		return finding.Wrong(finding.CommandLine, "--output: found %q, allowed is a folder in the fleet, relative to its root, or \"-\" to print", output)
	}
	f, err := o.openUnfinished()
	if err != nil {
		return err
	}
	finished, err := atomicdir.Finish(f.os)
	if err != nil {
		return err
	}
	if finished {
		fmt.Fprintln(stderr, "finished a change that was interrupted halfway")
	}
	targets, err := chosen(f, args)
	if err != nil {
		return err
	}
	if output != "-" {
		if err := unlinked(f, output, targets); err != nil {
			return err
		}
	}
	reader, err := schema.NewReader()
	if err != nil {
		return err
	}
	if output == "-" {
		rendered, err := gathered(f, reader, targets, stderr)
		if err != nil {
			return err
		}
		_, err = stdout.Write(joined(rendered))
		return err
	}
	w := writing{tree: f, reader: reader, output: output, whole: len(targets) == 0, stderr: stderr}
	fleet, report, err := w.write(targets)
	if err != nil {
		return err
	}
	for _, stranger := range report.Strangers {
		fmt.Fprintf(stderr, "%s: no render wrote this; it stays\n", stranger)
	}
	fmt.Fprintf(stderr, "rendered %s of fleet %s into %s/ in %.1f s: %s\n",
		environments(w.targets), fleet.Config.Name, output, time.Since(began).Seconds(), report)
	return o.stop(report)
}

// renderLimits are what a render may take: ten times what one of a thousand environments does. A pull request may hold
// anything, and nothing can stop an evaluation or a build from inside.
func renderLimits() watchdog.Limits {
	return watchdog.Limits{Time: 15 * time.Minute, Processor: time.Hour, Memory: 4 << 30}
}

// renderTargets reads the fleet and renders the targets, or everything where there are none.
func renderTargets(f *tree, reader *schema.Reader, targets []render.Target, stderr io.Writer) (*schema.Fleet, []render.Rendered, error) {
	if err := schema.RefuseNewer(f.tree, version); err != nil {
		return nil, nil, err
	}
	type result struct {
		fleet    *schema.Fleet
		rendered []render.Rendered
	}
	r, err := watchdog.Watched(renderLimits(), func() (r result, err error) {
		r.fleet, r.rendered, err = renderUnwatched(f, reader, targets, stderr)
		return r, err
	})
	return r.fleet, r.rendered, err
}

func renderUnwatched(f *tree, reader *schema.Reader, targets []render.Target, stderr io.Writer) (*schema.Fleet, []render.Rendered, error) {
	fleet, err := reader.Fleet(f.tree)
	if err != nil {
		return nil, nil, err
	}
	if len(targets) == 0 {
		targets = render.Targets(fleet.Names())
	}
	done, finish := terminal.Progress(stderr, "rendering", len(targets))
	defer finish()
	rendered, err := render.All(f.tree, reader, fleet, targets, done)
	return fleet, rendered, traced(f, reader, err)
}

// traced is an error of a render with the places that it comes from.
func traced(f *tree, reader *schema.Reader, err error) error {
	if found, failures := finding.Of(err); len(found) > 0 && len(failures) == 0 {
		return halfMerged(f, cause.Traced(f.tree, reader, found)).Err()
	}
	return err
}

// unlinked refuses links in a folder of rendered files, before anything is read or written through them.
func unlinked(f *tree, folder string, targets []render.Target) error {
	var names []string
	for _, target := range targets {
		names = append(names, target.Environment)
	}
	links, err := check.Links(f.tree, folder, slices.Compact(names))
	return cmp.Or(err, links.Err())
}

// adoptions finds steps that an adoption may not take, in the environments whose hub planes were rendered.
func adoptions(f *tree, fleet *schema.Fleet, rendered []render.Rendered) error {
	var all finding.Findings
	for _, r := range rendered {
		if r.Plane != schema.Hub {
			continue
		}
		err := check.Adoptions(f.tree, fleet.Environments[r.Environment])
		if problems := (finding.Findings)(nil); errors.As(err, &problems) {
			all = append(all, problems...)
		} else if err != nil {
			return err
		}
	}
	return all.Err()
}

// chosen are the targets that the arguments name; nil where there are none, which means the whole fleet. A path is relative
// to the working folder, as a shell completes it, or else to the fleet's root.
func chosen(f *tree, args []string) ([]render.Target, error) {
	if len(args) == 0 {
		return nil, nil
	}
	names, err := schema.List(f.tree)
	if err != nil {
		return nil, err
	}
	var targets []render.Target
	for _, arg := range args {
		named, err := render.Named(names, f.word(names, arg))
		if err != nil {
			return nil, err
		}
		for _, target := range named {
			if !slices.Contains(targets, target) {
				targets = append(targets, target)
			}
		}
	}
	return targets, nil
}

// word is an argument as a path in the fleet where it is one of a file and no environment's name.
func (f *tree) word(names []string, arg string) string {
	if name, _, _ := strings.Cut(arg, "/"); slices.Contains(names, name) {
		return arg
	}
	if _, err := os.Lstat(arg); err != nil {
		return filepath.ToSlash(arg)
	}
	inside, err := f.within(arg)
	if err != nil || strings.HasPrefix(inside, "..") {
		return filepath.ToSlash(arg)
	}
	return inside
}

func joined(rendered []render.Rendered) []byte {
	texts := make([][]byte, len(rendered))
	for i, r := range rendered {
		texts[i] = r.YAML
	}
	return manifest.Join(texts)
}

// environments counts what was rendered: planes where not each environment has both.
func environments(targets []render.Target) string {
	names := map[string]bool{}
	for _, t := range targets {
		names[t.Environment] = true
	}
	if len(targets) < len(names)*len(schema.Planes()) {
		return finding.Count(len(targets), "plane")
	}
	return finding.Count(len(names), "environment")
}

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

// outlines are what is known of the fleet's environments, of which keep keeps what is new.
func outlines(f *tree) (known *render.Known, keep func()) {
	program := program()
	if program == "" || f.forgetful {
		return &render.Known{Known: schema.Known{Outlines: schema.Outlines{}}}, func() {}
	}
	store := remembered()
	known, write := remember.Outlines(store, program, f.tree, f.root)
	return known, func() {
		write()
		store.Cache.Close()
	}
}

// gathered renders the targets, or everything where there are none, to be printed. Of all other environments it reads what nobody has
// read of them before.
func gathered(f *tree, reader *schema.Reader, targets []render.Target, stderr io.Writer) ([]render.Rendered, error) {
	if err := schema.RefuseNewer(f.tree, version); err != nil {
		return nil, err
	}
	return watchdog.Watched(renderLimits(), func() (rendered []render.Rendered, err error) {
		known, keep := outlines(f)
		defer keep()
		finish := func() {}
		var done func()
		begin := func(all []render.Target) error {
			rendered = make([]render.Rendered, len(all))
			done, finish = terminal.Progress(stderr, "rendering", len(all))
			return nil
		}
		_, err = render.Stream(f.tree, reader, targets, known, begin, func(_ schema.Environment, place int, r *render.Rendered) (bool, error) {
			defer done()
			rendered[place] = *r
			return false, nil
		})
		finish()
		return rendered, traced(f, reader, err)
	})
}
