package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"spokewright.dev/spokewright/internal/cause"
	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/render"
	"spokewright.dev/spokewright/internal/watchdog"
	"spokewright.dev/spokewright/schema"
)

func explainCommand(o *options) *cobra.Command {
	var output, field string
	command := &cobra.Command{
		Use:   "explain {GOLDEN-FILE:LINE | ENVIRONMENT[/PLANE] KIND/NAME [FIELD] | SPEC-FILE:LINE | --field FIELD}",
		Short: "Tell where a rendered field comes from, and what a line of a spec reaches",
		Long: `Of a field that is rendered, names in order what makes it so: the values of the spec and of fleet.cue, Spokewright's own
defaults, the rules that demand it, the function that makes the object, and the patches of the overlay with what it was
before them. The field may be one of an Application that an ApplicationSet will make.

Of a line of a spec, or a field of fleet.cue, names every object that it reaches.

A cause is what changes the field: each value is supposed to be another one, and the environment is rendered again, in
memory. Where nothing legal could stand in the place of a value, something illegal does.`,
		Example: `  spokewright explain golden/prod-eu/hub.yaml:655
  spokewright explain prod-eu Database/orders spec.storageGB
  spokewright explain environments/fleet.cue:12
  spokewright explain --field classes.production.defaults.cluster.nodes.size`,
		Args:              cobra.MaximumNArgs(3),
		ValidArgsFunction: o.explained,
		RunE: func(c *cobra.Command, args []string) error {
			f, err := o.open()
			if err != nil {
				return err
			}
			if err := schema.RefuseNewer(f.tree, version); err != nil {
				return err
			}
			reader, err := schema.NewReader()
			if err != nil {
				return err
			}
			q := question{f.tree, reader, output == "json"}
			answer, err := watchdog.Watched(renderLimits(), func() (func(io.Writer) error, error) { return q.ask(c, o.inFleet(f, args), field) })
			if err != nil {
				return err
			}
			return answer(c.OutOrStdout())
		},
	}
	command.Flags().StringVar(&field, "field", "", "a `FIELD` of fleet.cue, or of the spec of the environment that is named")
	completes(command, "field", cobra.NoFileCompletions)
	outputFlag(command, &output, "how causes are told", "text", "json")
	return command
}

// explained completes what can be asked about: an environment, or a file.
func (o *options) explained(c *cobra.Command, args []string, word string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	names, _ := o.environments(c, args, word)
	return names, cobra.ShellCompDirectiveDefault
}

// inFleet makes a file that the first word names relative to the fleet's root, where it is one below the working folder.
func (o *options) inFleet(f *tree, args []string) []string {
	if len(args) != 1 {
		return args
	}
	file, line, is := cutLine(args[0])
	if !is {
		return args
	}
	if _, err := fs.Stat(f.tree, file); err == nil {
		return args
	}
	start, err := filepath.Abs(filepath.Join(o.directory, filepath.FromSlash(file)))
	if err != nil {
		return args
	}
	if below, err := filepath.Rel(f.root, start); err == nil && fs.ValidPath(filepath.ToSlash(below)) {
		return []string{fmt.Sprintf("%s:%d", filepath.ToSlash(below), line)}
	}
	return args
}

// cutLine takes FILE:LINE apart; a column behind it is not looked at.
func cutLine(word string) (file string, line int, is bool) {
	parts := strings.Split(word, ":")
	if len(parts) < 2 || len(parts) > 3 {
		return "", 0, false
	}
	line, err := strconv.Atoi(parts[1])
	return path.Clean(filepath.ToSlash(parts[0])), line, err == nil
}

// question is what is asked of a fleet.
type question struct {
	tree   fs.FS
	reader *schema.Reader
	json   bool
}

// ask gives what writes the answer.
func (q question) ask(c *cobra.Command, args []string, field string) (func(io.Writer) error, error) {
	if field != "" {
		return q.field(c, args, field)
	}
	switch len(args) {
	case 0:
		return nil, misused(c, errors.New("found nothing to explain, allowed are a line of a file, an object of an environment, or --field"))
	case 1:
		return q.line(args[0])
	}
	return q.object(args)
}

// field is about a field of fleet.cue, or of the spec of one environment.
func (q question) field(c *cobra.Command, args []string, field string) (func(io.Writer) error, error) {
	if len(args) > 1 {
		return nil, misused(c, errors.New("--field: found it beside an object, allowed is it alone, or beside an environment"))
	}
	wanted, err := finding.ParsePath(field)
	if err != nil {
		return nil, finding.Wrong(finding.CommandLine, "--field: %v", err)
	}
	asked := cause.Asked{File: schema.FleetFile, Field: wanted}
	if len(args) == 1 {
		names, err := schema.List(q.tree)
		if err != nil {
			return nil, err
		}
		if !slices.Contains(names, args[0]) {
			return nil, schema.NoEnvironment(args[0], names)
		}
		asked.File = schema.SpecFile(args[0])
	}
	return q.reach(asked)
}

// line is about a line of a rendered file, or of a spec.
func (q question) line(word string) (func(io.Writer) error, error) {
	file, line, is := cutLine(word)
	folder, rest, _ := strings.Cut(file, "/")
	if !is || !slices.Contains([]string{render.Golden, schema.Folder}, folder) {
		return nil, finding.Wrong(finding.CommandLine, "found %s, allowed is a line of a file, such as %s/prod-eu/hub.yaml:12 or %s:12, or an environment with an object, such as prod-eu Database/orders",
			finding.Quote(word), render.Golden, schema.FleetFile)
	}
	text, err := fs.ReadFile(q.tree, file)
	if err != nil {
		return nil, q.noFile(folder, file, err)
	}
	if folder == render.Golden {
		name, plane, _ := strings.Cut(strings.TrimSuffix(rest, ".yaml"), "/")
		p, err := cause.Open(q.tree, q.reader, render.Target{Environment: name, Plane: schema.Plane(plane)})
		if err != nil {
			return nil, err
		}
		return q.told(p.AtLine(file, line))
	}
	asked := cause.Asked{File: file, Line: line}
	if err := asked.Holds(text); err != nil {
		return nil, err
	}
	return q.reach(asked.Widened(text))
}

// noFile is about a file that is not there.
func (q question) noFile(folder, file string, err error) error {
	if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	var known []string
	_ = fs.WalkDir(q.tree, folder, func(name string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			known = append(known, name)
		}
		return nil
	})
	return finding.Findings{{Code: finding.UnknownName, Position: finding.Position{File: file}, Message: "there is no such file", Suggestion: finding.Suggest(file, known)}}
}

func (q question) told(x cause.Explanation, err error) (func(io.Writer) error, error) {
	if q.json {
		return x.WriteJSON, err
	}
	return x.Write, err
}

// object is about a field of an object: its name, where nothing is said.
func (q question) object(args []string) (func(io.Writer) error, error) {
	names, err := schema.List(q.tree)
	if err != nil {
		return nil, err
	}
	targets, err := render.Named(names, args[0])
	if err != nil {
		return nil, err
	}
	field := finding.Keys("metadata", "name")
	if len(args) == 3 {
		if field, err = finding.ParsePath(args[2]); err != nil {
			return nil, finding.Wrong(finding.CommandLine, "%v", err)
		}
	}
	return q.told(cause.Field(q.tree, q.reader, targets, args[1], field))
}

// reach is what something in a spec reaches.
func (q question) reach(asked cause.Asked) (func(io.Writer) error, error) {
	causes, reached, err := cause.Reach(q.tree, q.reader, asked)
	if q.json {
		return func(out io.Writer) error { return cause.WriteReachJSON(out, causes, reached) }, err
	}
	return func(out io.Writer) error { return cause.WriteReach(out, causes, reached) }, err
}
