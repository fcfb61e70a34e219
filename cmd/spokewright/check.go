package main

import (
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
	"spokewright.dev/spokewright/internal/cause"
	"spokewright.dev/spokewright/internal/check"
	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/limitfs"
	"spokewright.dev/spokewright/internal/remember"
	"spokewright.dev/spokewright/internal/render"
	"spokewright.dev/spokewright/internal/rendercache"
	"spokewright.dev/spokewright/internal/revision"
	"spokewright.dev/spokewright/internal/terminal"
	"spokewright.dev/spokewright/internal/watchdog"
	"spokewright.dev/spokewright/schema"
)

func checkCommand(o *options) *cobra.Command {
	var output, class, date string
	var anew bool
	command := &cobra.Command{
		Use:   "check [ENVIRONMENT[/PLANE]...]",
		Short: "Check all that a pull request must satisfy",
		Long: `Checks the fleet, or the environments named: specs and what they share, folders that belong to no environment,
guards, the shape of every object, the rules of every class, waivers that are over, that golden/ holds what a render gives,
and that bases/ is not older than the program.

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
			r := reporter{output, o.verbose, c.OutOrStdout(), c.ErrOrStderr()}
			now, err := moment(date)
			if err != nil {
				return err
			}
			if class != "" {
				return checkManifests(o, class, args, c.InOrStdin(), r)
			}
			return checkFleet(o, args, now, date != "", !anew, r)
		},
	}
	command.Flags().StringVar(&class, "class", "", "judge manifests by the rules of this class")
	command.Flags().BoolVar(&anew, "no-cache", false, "judge everything anew, whatever is known of files that are as they were")
	command.Flags().StringVar(&date, "date", "", "the day on which waivers are judged, such as 2027-01-31 (default today); versions whose support ends within 90 days of it are told")
	outputFlag(command, &output, "how findings are told", formats()...)
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
		return at, finding.Wrong(finding.CommandLine, "--date: found %q, allowed is a day such as 2027-01-31", day)
	}
	return at, nil
}

// checkFleet checks the fleet or parts of it. What comes with time alone is told where a day is named: a check without one
// says the same tomorrow.
func checkFleet(o *options, args []string, now time.Time, named, cached bool, r reporter) error {
	f, err := o.open()
	if err != nil {
		return err
	}
	v, err := judgement{options: o, tree: f, args: args, now: now, named: named, stderr: r.stderr}.verdict(cached)
	if err = readable(err); err != nil {
		return r.failed(err)
	}
	if err := r.tell(halfMerged(f, v.Found)); err != nil {
		return err
	}
	fmt.Fprintf(r.stderr, "checked %s of fleet %s: %s up to date\n", v.Environments, v.Fleet, finding.Count(v.Files, "file"))
	return nil
}

// judgement is a check that the command line asks for.
type judgement struct {
	*options

	tree   *tree
	args   []string
	now    time.Time
	named  bool // the day, so that what comes with it is told
	stderr io.Writer
}

// verdict is what a check comes to.
type verdict struct {
	Fleet        string
	Environments string // how many were checked, in words
	Files        int
	Found        finding.Findings
}

// verdict is the one that is known, as long as every file that it follows from is as it was, and else is found anew. It follows
// from the program, the day, what the command line names, the references of the repository, and files.
func (j judgement) verdict(cached bool) (verdict, error) {
	j.tree.forgetful = !cached
	key, is := j.key()
	if !cached || !is {
		return j.anew()
	}
	store := remembered()
	defer store.Cache.Close()
	plain := j.tree.tree
	defer func() { j.tree.tree = plain }()
	return remember.Found(store, key, plain, j.tree.root, func(traced fs.FS) (verdict, error) {
		j.tree.tree = traced
		return j.anew()
	})
}

// remembered is where what was found of a fleet is kept.
func remembered() remember.Store {
	return remember.Store{Cache: renders(), Content: !timesTell()}
}

// timesTell says whether the times of files tell that nobody wrote to them. In CI they do not: a tree was just unpacked there.
func timesTell() bool { return os.Getenv("CI") == "" }

// key is of all that a verdict follows from beside files; there is none where that cannot be told.
func (j judgement) key() (key rendercache.Key, is bool) {
	program := program()
	targets, err := chosen(j.tree, j.args)
	if program == "" || err != nil || j.bases != nil {
		return key, false
	}
	parts := []string{program, "check", j.tree.root, j.now.UTC().Format(time.DateOnly)}
	for _, target := range targets {
		parts = append(parts, target.Environment+"/"+string(target.Plane))
	}
	state := "none"
	if repository, err := revision.Open(j.tree.root); err == nil {
		defer repository.Close()
		place, err := revision.Place(j.tree.root)
		if state = repository.State(); state == "" || err != nil {
			return key, false
		}
		state += place
	}
	named := "today"
	if j.named {
		named = "a day"
	}
	return rendercache.KeyOf(append(parts, state, named)...), true
}

// anew checks.
func (j judgement) anew() (v verdict, err error) {
	targets, err := chosen(j.tree, j.args)
	if err == nil {
		err = unlinked(j.tree, render.Golden, targets)
	}
	if err == nil {
		err = schema.RefuseNewer(j.tree.tree, version)
	}
	if err != nil {
		return v, err
	}
	reader, err := schema.NewReader()
	if err != nil {
		return v, err
	}
	c := checking{judgement: j, reader: reader, whole: len(targets) == 0}
	fleet, err := watchdog.Watched(renderLimits(), func() (*schema.Fleet, error) { return c.stream(targets) })
	if err != nil {
		return v, err
	}
	found, err := c.end(fleet)
	if err == nil && c.whole {
		var bases finding.Findings
		bases, err = j.basesFound(j.tree)
		found = append(found, bases...)
	}
	return verdict{fleet.Config.Name, environments(c.targets), len(c.targets), append(found, slices.Concat(c.support...)...)}, err
}

// checking is a check under way.
type checking struct {
	judgement

	reader  *schema.Reader
	whole   bool // the fleet, and not some of its environments
	targets []render.Target
	judging *check.Judging

	adoptions, secrets, support []finding.Findings // by the place of the target
}

// stream renders what is checked, and takes all that shows by itself.
func (c *checking) stream(targets []render.Target) (*schema.Fleet, error) {
	known, keep := outlines(c.tree)
	defer keep()
	finish := func() {}
	var done func()
	begin := func(all []render.Target) (err error) {
		c.targets = all
		c.adoptions, c.secrets, c.support = make([]finding.Findings, len(all)), make([]finding.Findings, len(all)), make([]finding.Findings, len(all))
		c.judging, err = check.NewJudging(c.tree.tree, c.reader, all, c.now)
		done, finish = terminal.Progress(c.stderr, "rendering", len(all))
		return err
	}
	fleet, err := render.Stream(c.tree.tree, c.reader, targets, known, begin, func(e schema.Environment, place int, r *render.Rendered) (bool, error) {
		defer done()
		if r.Plane == schema.Hub {
			if err := c.alone(e, place); err != nil {
				return false, err
			}
		}
		return c.judging.Add(e, place, r)
	})
	finish()
	if err = traced(c.tree, c.reader, err); err == nil {
		err = slices.Concat(c.adoptions...).Err()
	}
	return fleet, err
}

// alone takes what a spec shows by itself.
func (c *checking) alone(e schema.Environment, place int) error {
	secrets, err := check.SecretsInSpec(c.tree.tree, e)
	if err != nil {
		return err
	}
	c.secrets[place] = secrets
	if c.named {
		c.support[place] = check.Support(e, c.now)
	}
	err = check.Adoptions(c.tree.tree, e)
	if errors.As(err, &c.adoptions[place]) {
		return nil
	}
	return err
}

// end finds all else.
func (c *checking) end(fleet *schema.Fleet) (finding.Findings, error) {
	found, err := c.judging.End(fleet, c.whole)
	found = cause.Traced(c.tree.tree, c.reader, found)
	if err == nil {
		found, err = withoutYoung(found, c.tree, c.reader, fleet)
	}
	found = append(found, slices.Concat(c.secrets...)...)
	return append(found, misplaced(c.tree, fleet)...), err
}

// misplaced finds a fleet that lies elsewhere in its Git repository than it says. Where there is no repository that can be
// read, such as in an archive, nothing is known.
func misplaced(f *tree, fleet *schema.Fleet) finding.Findings {
	folder, err := revision.Place(f.root)
	if err != nil {
		return nil
	}
	return fleet.Config.Place(folder)
}

// checkManifests judges manifests by the rules of a class, wherever they lie.
func checkManifests(o *options, class string, args []string, stdin io.Reader, r reporter) error {
	if len(args) == 0 {
		return finding.Wrong(finding.CommandLine, "--class: found no manifests, allowed are files and folders of them: spokewright check --class production manifests/")
	}
	e, err := classAlone(o, class)
	if err != nil {
		return err
	}
	files, err := manifestFiles(args)
	if err != nil {
		return err
	}
	var found finding.Findings
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
			return r.failed(err)
		}
		found, judged = append(found, findings...), judged+n
	}
	if judged == 0 {
		return finding.Wrong(finding.CommandLine, "no rule of class %s is about an object in %s: nothing was judged", class, strings.Join(args, ", "))
	}
	if err := r.tell(found); err != nil {
		return err
	}
	fmt.Fprintf(r.stderr, "judged %s in %s by the %s of class %s\n", finding.Count(judged, "object"), finding.Count(len(files), "file"), finding.Count(len(e.Class.Rules), "rule"), class)
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
		return schema.Environment{}, finding.Findings{{Code: finding.CommandLine, Message: fmt.Sprintf("--class: found %q, allowed is %s", class, finding.OneOf(names)), Suggestion: finding.Suggest(class, names)}}
	}
	return schema.Environment{Class: known, Fleet: fleet}, nil
}

// manifestText reads a file, which may be a pipe, or stdin where its name is "-", up to the size that is read of any file.
func manifestText(name string, stdin io.Reader) ([]byte, error) {
	from, limit := stdin, fleetLimits().FileBytes
	if name != "-" {
		file, err := os.Open(name)
		if err != nil {
			return nil, asInput(err)
		}
		defer file.Close()
		from = file
	}
	text, err := io.ReadAll(io.LimitReader(from, limit+1))
	if err != nil {
		return nil, asInput(err)
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
			return nil, asInput(err)
		}
		if len(files) == known {
			return nil, finding.At(finding.Position{File: arg}, finding.CommandLine, "found no manifests in it, allowed are .yaml, .yml and .json files")
		}
	}
	return files, nil
}
