package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"spokewright.dev/spokewright/internal/check"
	"spokewright.dev/spokewright/internal/cuefile"
	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/limitfs"
	"spokewright.dev/spokewright/internal/render"
	"spokewright.dev/spokewright/internal/terminal"
	"spokewright.dev/spokewright/internal/textdiff"
	"spokewright.dev/spokewright/schema"
)

func checkCommand(o *options) *cobra.Command {
	var output, class, date string
	command := &cobra.Command{
		Use:   "check [ENVIRONMENT[/PLANE]...]",
		Short: "Check all that a pull request must satisfy",
		Long: `Checks the fleet, or the environments named: specs and what they share, folders that belong to no environment,
guards, the shape of every object, the rules of every class, waivers that are over, and that golden/ holds what a render
gives.

With --class, it judges manifests instead, files or folders of them or "-" for stdin, by the rules of that class: what
Kyverno would say on a spoke, before it does.`,
		Example: `  spokewright check
  spokewright check prod-eu
  spokewright check --class production manifests/
  kustomize build . | spokewright check --class production -`,
		ValidArgsFunction: func(c *cobra.Command, args []string, word string) ([]string, cobra.ShellCompDirective) {
			if class != "" {
				return nil, cobra.ShellCompDirectiveDefault
			}
			return o.environments(c, args, word)
		},
		RunE: func(c *cobra.Command, args []string) error {
			now, err := moment(date)
			if err != nil {
				return err
			}
			if class != "" {
				return checkManifests(o, class, args, output, c.InOrStdin(), c.OutOrStdout(), c.ErrOrStderr())
			}
			return checkFleet(o, args, output, now, c.OutOrStdout(), c.ErrOrStderr())
		},
	}
	command.Flags().StringVar(&class, "class", "", "judge manifests by the rules of this class")
	command.Flags().StringVar(&date, "date", "", "the day on which waivers are judged, such as 2027-01-31 (default today)")
	outputFlag(command, &output, "how findings are told", "text", "json")
	completes(command, "class", o.classes)
	completes(command, "date", cobra.NoFileCompletions)
	return command
}

// moment is the first moment of a day; now where none is named.
func moment(day string) (time.Time, error) {
	if day == "" {
		return time.Now(), nil
	}
	at, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return at, &inputError{fmt.Errorf("--date: found %q, allowed is a day such as 2027-01-31", day)}
	}
	return at, nil
}

func checkFleet(o *options, args []string, output string, now time.Time, stdout, stderr io.Writer) error {
	f, err := o.open()
	if err != nil {
		return err
	}
	fleet, rendered, found, err := checked(f, args, now, stderr)
	if err = readable(err); err != nil {
		if output == "json" && exitCode(err) == exitWrong {
			return cmp.Or(tellJSON(stdout, mistakes(err)), errReported)
		}
		return err
	}
	if err := verdict(found, output, stdout, stderr); err != nil {
		return err
	}
	fmt.Fprintf(stderr, "checked %s of fleet %s: %s up to date\n", environments(rendered), fleet.Config.Name, finding.Count(len(rendered), "file"))
	return nil
}

// checked renders what the arguments name and runs every check on it. The error is what keeps the checks from being run.
func checked(f *tree, args []string, now time.Time, stderr io.Writer) (*schema.Fleet, []render.Rendered, []check.Finding, error) {
	targets, err := chosen(f, args)
	if err == nil {
		err = unlinked(f, render.Golden, targets)
	}
	if err != nil {
		return nil, nil, nil, err
	}
	reader, err := schema.NewReader()
	if err != nil {
		return nil, nil, nil, err
	}
	fleet, rendered, err := renderTargets(f, reader, targets, stderr)
	if err == nil {
		err = adoptions(f, fleet, rendered)
	}
	if err != nil {
		return nil, nil, nil, err
	}
	found, err := check.Fleet(f.tree, reader, fleet, rendered, now, len(targets) == 0)
	return fleet, rendered, found, err
}

// verdict tells what was found, and is an error where one of it is more than a warning.
func verdict(found []check.Finding, output string, stdout, stderr io.Writer) error {
	if output == "json" {
		if err := tellJSON(stdout, located(found)); err != nil {
			return err
		}
	} else {
		tell(stderr, found)
	}
	if slices.ContainsFunc(found, func(finding check.Finding) bool { return !finding.Warning }) {
		return errReported
	}
	return nil
}

// tell writes findings for people.
func tell(stderr io.Writer, findings []check.Finding) {
	paint := textdiff.Painter(terminal.Colours(stderr))
	for _, finding := range findings {
		fmt.Fprintln(stderr, finding)
		if finding.New != nil {
			fmt.Fprint(stderr, textdiff.Difference(finding.File, string(finding.Old), string(finding.New), paint))
		}
	}
}

// checkManifests judges manifests by the rules of a class, wherever they lie.
func checkManifests(o *options, class string, args []string, output string, stdin io.Reader, stdout, stderr io.Writer) error {
	if len(args) == 0 {
		return &inputError{errors.New("--class: found no manifests, allowed are files and folders of them: spokewright check --class production manifests/")}
	}
	e, err := classAlone(o, class)
	if err != nil {
		return err
	}
	files, err := manifestFiles(args)
	if err != nil {
		return err
	}
	var found []check.Finding
	judged := 0
	for _, file := range files {
		text, err := manifestText(file, stdin)
		if err != nil {
			return err
		}
		if file == "-" {
			file = "stdin"
		}
		findings, n, err := check.Manifests(e, filepath.ToSlash(file), text)
		if err != nil {
			return &inputError{err}
		}
		found, judged = append(found, findings...), judged+n
	}
	if judged == 0 {
		return &inputError{fmt.Errorf("no rule of class %s is about an object in %s: nothing was judged", class, strings.Join(args, ", "))}
	}
	if err := verdict(found, output, stdout, stderr); err != nil {
		return err
	}
	fmt.Fprintf(stderr, "judged %s in %s by the %s of class %s\n", finding.Count(judged, "object"), finding.Count(len(files), "file"), finding.Count(len(e.Class.Rules), "rule"), class)
	return nil
}

// classAlone is an environment of a class with nothing in it.
func classAlone(o *options, class string) (schema.Environment, error) {
	f, err := o.open()
	if err != nil {
		return schema.Environment{}, err
	}
	reader, err := schema.NewReader()
	if err != nil {
		return schema.Environment{}, err
	}
	fleet, err := reader.FleetConfigOf(f.tree)
	if err != nil {
		return schema.Environment{}, err
	}
	known, ok := fleet.Classes[class]
	if !ok {
		names := slices.Sorted(maps.Keys(fleet.Classes))
		return schema.Environment{}, &inputError{fmt.Errorf("--class: found %q, allowed is one of %s%s", class, strings.Join(names, ", "), cuefile.DidYouMean(class, names))}
	}
	return schema.Environment{Class: known, Fleet: fleet}, nil
}

// manifestText reads a file, which may be a pipe, or stdin where its name is "-", up to the size that is read of any file.
func manifestText(name string, stdin io.Reader) ([]byte, error) {
	from, limit := stdin, fleetLimits().FileBytes
	if name != "-" {
		file, err := os.Open(name)
		if err != nil {
			return nil, &inputError{err}
		}
		defer file.Close()
		from = file
	}
	text, err := io.ReadAll(io.LimitReader(from, limit+1))
	if err != nil {
		return nil, &inputError{err}
	}
	if int64(len(text)) > limit {
		return nil, finding.At(finding.Position{File: filepath.ToSlash(name)}, finding.TooLarge, "larger than the %d MB that are read of a file", limit>>20)
	}
	return text, nil
}

// manifestFiles are the files that are named, "-" for stdin, and all manifests in the folders that are.
func manifestFiles(args []string) ([]string, error) {
	var files []string
	for _, arg := range args {
		if arg == "-" {
			files = append(files, arg)
			continue
		}
		known := len(files)
		err := filepath.WalkDir(arg, func(file string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			switch isManifest := slices.Contains([]string{".yaml", ".yml", ".json"}, filepath.Ext(file)); {
			case file == arg || isManifest && entry.Type()&fs.ModeSymlink == 0:
				files = append(files, file)
			case isManifest: // nobody named what it leads to
				return finding.Findings{limitfs.Linked(filepath.ToSlash(file))}
			}
			return nil
		})
		if err != nil {
			return nil, &inputError{err}
		}
		if len(files) == known {
			return nil, &inputError{fmt.Errorf("%s: found no manifests in it, allowed are .yaml, .yml and .json files", arg)}
		}
	}
	return files, nil
}
