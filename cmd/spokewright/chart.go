package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"spokewright.dev/spokewright/internal/baseline"
	"spokewright.dev/spokewright/internal/chart"
	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/guard"
	"spokewright.dev/spokewright/internal/kustomize"
	"spokewright.dev/spokewright/internal/manifest"
	"spokewright.dev/spokewright/internal/render"
	"spokewright.dev/spokewright/schema"
)

func chartCommand(o *options) *cobra.Command {
	var class string
	command := &cobra.Command{
		Use:   "chart DIR",
		Short: "Write the standard of a class of spokes as a Helm chart",
		Long: `Writes a Helm chart for teams that install what a spoke has without Spokewright: the policies and namespaces of a class as
templates, its addons as dependencies that can be switched off, and values/ENVIRONMENT.yaml for each spoke of the class: with
them, "helm template" gives the objects of its spoke plane. Prints the files. DIR is relative to where you are, and empty or not
there yet. docs/chart.md tells how it is installed.`,
		Example: `  spokewright chart --class production build/production
  helm dependency update build/production
  helm template prod-eu build/production --values build/production/values/prod-eu.yaml`,
		Args: cobra.ExactArgs(1),
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return nil, cobra.ShellCompDirectiveFilterDirs
		},
		RunE: func(c *cobra.Command, args []string) error {
			return writeChart(o, class, args[0], c.OutOrStdout(), c.ErrOrStderr())
		},
	}
	command.Flags().StringVar(&class, "class", "", "the `class` whose standard it is")
	cobra.CheckErr(command.MarkFlagRequired("class"))
	completes(command, "class", o.classes)
	return command
}

func writeChart(o *options, class, folder string, stdout, stderr io.Writer) error {
	if err := vacant(folder); err != nil {
		return err
	}
	f, err := o.open()
	if err == nil {
		err = outside(f, folder)
	}
	if err != nil {
		return err
	}
	reader, err := schema.NewReader()
	if err != nil {
		return err
	}
	standard, err := standardOf(f, reader, class, stderr)
	if err != nil {
		return err
	}
	written, err := chart.Write(standard)
	if err != nil {
		return err
	}
	if err := settle(folder, written.Files); err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(written.Files)) {
		fmt.Fprintln(stdout, path.Join(filepath.ToSlash(folder), name))
	}
	if err := (finding.Text{Verbose: o.verbose}).Write(stderr, written.Differ); err != nil {
		return err
	}
	fmt.Fprintf(stderr, "wrote the standard of class %s into %s, with values of %s: helm dependency update %s\n", class, folder, finding.Count(len(standard.Spokes), "environment"), folder)
	return nil
}

// standardOf reads what a class has, and renders its spokes.
func standardOf(f *tree, reader *schema.Reader, class string, stderr io.Writer) (s chart.Standard, err error) {
	config, err := reader.FleetConfigOf(f.tree)
	if err != nil {
		return s, err
	}
	if _, known := config.Classes[class]; !known {
		names := slices.Sorted(maps.Keys(config.Classes))
		return s, finding.Findings{{Code: finding.CommandLine, Message: fmt.Sprintf("--class: found %q, allowed is %s", class, finding.OneOf(finding.Quoted(names))), Suggestion: finding.Suggest(class, names)}}
	}
	if s.Class, err = config.Standard(class); err != nil {
		return s, err
	}
	if s.Base, err = baseOfSpokes(f.tree); err != nil {
		return s, err
	}
	fleet, err := reader.Fleet(f.tree)
	if err != nil {
		return s, err
	}
	var targets []render.Target
	for _, name := range fleet.Names() {
		if e := fleet.Environments[name]; e.Role == "spoke" && e.Class.Name == class {
			targets = append(targets, render.Target{Environment: name, Plane: schema.Spoke})
		}
	}
	if len(targets) == 0 {
		return s, nil
	}
	fleet, rendered, err := renderTargets(f, reader, targets, stderr)
	if err != nil {
		return s, err
	}
	for _, r := range rendered {
		s.Spokes = append(s.Spokes, chart.Spoke{Environment: fleet.Environments[r.Environment], Plane: r.Objects})
	}
	return s, nil
}

// baseOfSpokes are the objects of bases/spoke, which overlays of spokes begin with; none where a fleet has no such folder.
func baseOfSpokes(tree fs.FS) ([]manifest.Object, error) {
	const folder = "bases/spoke"
	if _, err := fs.Stat(tree, folder); errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	nothing := func(_ manifest.Object, _ string, items []manifest.Object) ([]manifest.Object, error) {
		return items, nil
	}
	built, err := kustomize.NewBuilder(tree, nothing).Build(folder)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(slices.Clone(built.Objects), func(object manifest.Object) bool {
		return manifest.Identify(object).Kind == guard.Sentinel // the tripwire, which the guard of an overlay takes away
	}), nil
}

// vacant refuses a folder that has something in it.
func vacant(folder string) error {
	entries, err := os.ReadDir(folder)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return finding.At(finding.Position{File: filepath.ToSlash(folder)}, finding.CommandLine, "this is a file, and must be a folder")
	case len(entries) > 0:
		return finding.Findings{{Code: finding.CommandLine, Position: finding.Position{File: filepath.ToSlash(folder)}, Message: "found a folder with " + finding.Count(len(entries), "thing") + " in it, allowed is an empty one, or none yet: nothing was written"}}
	}
	return nil
}

// outside refuses a folder that lies in what makes a fleet, where something else would be taken for a part of it.
func outside(f *tree, folder string) error {
	whole, err := filepath.Abs(folder)
	if err != nil {
		return err
	}
	inside, err := filepath.Rel(f.root, whole)
	if err != nil {
		return nil //nolint:nilerr // on another disk
	}
	first, _, _ := strings.Cut(filepath.ToSlash(inside), "/")
	own := []string{baseline.Folder, schema.Folder, render.Golden, render.Overlays}
	if !slices.Contains(own, first) {
		return nil
	}
	return finding.Findings{{Code: finding.CommandLine, Position: finding.Position{File: filepath.ToSlash(folder)},
		Message: fmt.Sprintf("found a folder in %s/, allowed is one that is in none of %s, which hold the fleet itself: nothing was written", first, finding.AllOf(own))}}
}

// settle writes files into a folder beside the one that they are for, which takes its place once it is whole.
func settle(folder string, files map[string][]byte) (err error) {
	folder = filepath.Clean(folder)
	if err := os.MkdirAll(filepath.Dir(folder), 0o755); err != nil {
		return err
	}
	staged, err := os.MkdirTemp(filepath.Dir(folder), ".spokewright-chart-*")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(staged)) }()
	for name, text := range files {
		file := filepath.Join(staged, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(file, text, 0o644); err != nil {
			return err
		}
	}
	if err := os.Chmod(staged, 0o755); err != nil {
		return err
	}
	if err := os.Remove(folder); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return os.Rename(staged, folder)
}
