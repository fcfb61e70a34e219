package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"spokewright.dev/spokewright/internal/atomicdir"
	"spokewright.dev/spokewright/internal/check"
	"spokewright.dev/spokewright/internal/cuefile"
	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/manifest"
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
		Long: `Renders every environment of the fleet, or those named, through its overlay into golden/NAME/{hub,spoke}.yaml.
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
	return command
}

func renderFleet(o *options, args []string, output string, stdout, stderr io.Writer) error {
	began := time.Now()
	output = path.Clean(filepath.ToSlash(output))
	if !fs.ValidPath(output) {
		return &inputError{fmt.Errorf("--output: found %q, allowed is a folder in the fleet, relative to its root, or \"-\" to print", output)}
	}
	f, err := o.open()
	if err != nil {
		return err
	}
	if output != "-" {
		if err := unlinked(f, output, args); err != nil {
			return err
		}
	}
	reader, err := schema.NewReader()
	if err != nil {
		return err
	}
	fleet, rendered, err := renderTargets(f, reader, args, stderr)
	if err != nil {
		return err
	}
	if output == "-" {
		_, err := stdout.Write(joined(rendered))
		return err
	}
	if output == render.Golden { // what stands there is about to go
		if err := adoptions(f, fleet, rendered); err != nil {
			return err
		}
	}
	report, err := atomicdir.Write(f.os, output, rendered, len(args) == 0 && output == render.Golden)
	if err != nil {
		return err
	}
	for _, stranger := range report.Strangers {
		fmt.Fprintf(stderr, "%s: no render wrote this; it stays\n", stranger)
	}
	fmt.Fprintf(stderr, "rendered %s of fleet %s into %s/ in %.1f s: %s\n",
		environments(rendered), fleet.Config.Name, output, time.Since(began).Seconds(), report)
	return o.stop(report)
}

// renderLimits are what a render may take: ten times what one of a thousand environments does. A pull request may hold
// anything, and nothing can stop an evaluation or a build from inside.
func renderLimits() watchdog.Limits {
	return watchdog.Limits{Time: 15 * time.Minute, Processor: time.Hour, Memory: 4 << 30}
}

// renderTargets reads the fleet and renders what the arguments name; everything where they name nothing.
func renderTargets(f *tree, reader *schema.Reader, args []string, stderr io.Writer) (*schema.Fleet, []render.Rendered, error) {
	if err := schema.RefuseNewer(f.tree, version); err != nil {
		return nil, nil, err
	}
	type result struct {
		fleet    *schema.Fleet
		rendered []render.Rendered
	}
	r, err := watchdog.Watched(renderLimits(), func() (r result, err error) {
		r.fleet, r.rendered, err = renderUnwatched(f, reader, args, stderr)
		return r, err
	})
	return r.fleet, r.rendered, err
}

func renderUnwatched(f *tree, reader *schema.Reader, args []string, stderr io.Writer) (*schema.Fleet, []render.Rendered, error) {
	fleet, err := reader.Fleet(f.tree)
	if err != nil {
		return nil, nil, err
	}
	targets, err := chosen(fleet, args)
	if err != nil {
		return nil, nil, err
	}
	done, finish := terminal.Progress(stderr, "rendering", len(targets))
	defer finish()
	rendered, err := render.All(f.tree, reader, fleet, targets, done)
	return fleet, rendered, err
}

// unlinked refuses links in a folder of rendered files, before anything is read or written through them. The arguments
// are ENVIRONMENT or ENVIRONMENT/PLANE; what is neither is for others to tell.
func unlinked(f *tree, folder string, args []string) error {
	var names []string
	for _, arg := range args {
		if name, _, _ := strings.Cut(arg, "/"); fs.ValidPath(name) {
			names = append(names, name)
		}
	}
	links, err := check.Links(f.tree, folder, names)
	return cmp.Or(err, links.Err())
}

// adoptions finds steps that an adoption may not take, in the environments whose hub planes were rendered.
func adoptions(f *tree, fleet *schema.Fleet, rendered []render.Rendered) error {
	var all cuefile.Problems
	for _, r := range rendered {
		if r.Plane != schema.Hub {
			continue
		}
		err := check.Adoptions(f.tree, fleet.Environments[r.Environment])
		if problems := (cuefile.Problems)(nil); errors.As(err, &problems) {
			all = append(all, problems...)
		} else if err != nil {
			return err
		}
	}
	if len(all) == 0 {
		return nil
	}
	return all
}

// chosen are the targets that the arguments name, each ENVIRONMENT or ENVIRONMENT/PLANE.
func chosen(fleet *schema.Fleet, args []string) ([]render.Target, error) {
	if len(args) == 0 {
		return render.Targets(fleet.Names()), nil
	}
	var targets []render.Target
	for _, arg := range args {
		name, plane, onePlane := strings.Cut(arg, "/")
		if _, known := fleet.Environments[name]; !known {
			return nil, schema.NoEnvironment(name, fleet.Names())
		}
		if onePlane && !slices.Contains(schema.Planes(), schema.Plane(plane)) {
			return nil, &inputError{fmt.Errorf("%s: found plane %q, allowed is \"hub\" or \"spoke\"", arg, plane)}
		}
		for _, target := range render.Targets([]string{name}) {
			if (!onePlane || string(target.Plane) == plane) && !slices.Contains(targets, target) {
				targets = append(targets, target)
			}
		}
	}
	return targets, nil
}

func joined(rendered []render.Rendered) []byte {
	texts := make([][]byte, len(rendered))
	for i, r := range rendered {
		texts[i] = r.YAML
	}
	return manifest.Join(texts)
}

// environments counts what was rendered: planes where not each environment has both.
func environments(rendered []render.Rendered) string {
	names := map[string]bool{}
	for _, r := range rendered {
		names[r.Environment] = true
	}
	if len(rendered) < len(names)*len(schema.Planes()) {
		return finding.Count(len(rendered), "plane")
	}
	return finding.Count(len(names), "environment")
}
