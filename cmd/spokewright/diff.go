package main

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"

	"github.com/spf13/cobra"
	"spokewright.dev/spokewright/internal/cause"
	"spokewright.dev/spokewright/internal/change"
	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/render"
	"spokewright.dev/spokewright/internal/rendercache"
	"spokewright.dev/spokewright/internal/review"
	"spokewright.dev/spokewright/internal/revision"
	"spokewright.dev/spokewright/internal/snapshot"
	"spokewright.dev/spokewright/internal/terminal"
	"spokewright.dev/spokewright/internal/watchdog"
	"spokewright.dev/spokewright/schema"
)

func diffCommand(o *options) *cobra.Command {
	var d diff
	command := &cobra.Command{
		Use:   "diff [ENVIRONMENT[/PLANE]...]",
		Short: "Show what a change does to the fleet",
		Long: `Shows what the working tree, or the commit of --head, does to the fleet compared with a commit: which objects come, change
and go, and what that means where they run. The base is where the history parted from the main branch: from origin/HEAD, or
else from the revision that the fleet's own file names.

Nothing is written, no program started and no connection opened. Exit codes: 0 nothing changes, 3 something does, 4 something
is destroyed or weakened and nothing declares it, 2 the input is wrong or no cloud takes it.`,
		Example: `  spokewright diff
  spokewright diff prod-eu --base HEAD~1
  spokewright diff --base origin/main --head my-branch`,
		ValidArgsFunction: o.environments,
		RunE: func(c *cobra.Command, args []string) error {
			d.args, d.verbose, d.stdout, d.stderr = args, o.verbose, c.OutOrStdout(), c.ErrOrStderr()
			var err error
			o.outcome, err = d.run(o)
			return err
		},
	}
	revisionFlag(command, &d.base, "base", "the `revision` to compare with (default where the history parted from the main branch)")
	revisionFlag(command, &d.head, "head", "the `revision` that is looked at (default the working tree)")
	command.Flags().BoolVar(&d.anew, "no-cache", false, "render everything that is compared anew, whatever is known of files that are as they were")
	command.Flags().BoolVar(&d.noPager, "no-pager", false, "print, even where a person would page through it")
	outputFlag(command, &d.output, "how the change is told", "text", "markdown", "json", "html")
	return command
}

// revisionFlag gives a command a flag for a revision.
func revisionFlag(c *cobra.Command, to *string, name, what string) {
	c.Flags().StringVar(to, name, "", what)
	completes(c, name, cobra.NoFileCompletions)
}

// diff is a comparison that the command line asks for.
type diff struct {
	base, head     string
	output         string
	noPager        bool
	anew           bool
	verbose        bool
	args           []string
	stdout, stderr io.Writer
}

// run shows the change and gives the exit code.
func (d diff) run(o *options) (int, error) {
	report, _, err := d.report(o)
	if err != nil {
		return 0, err
	}
	return d.show(report)
}

// report compares both moments, and says what the base is called.
func (d diff) report(o *options) (report *review.Report, base string, err error) {
	repository, err := revision.Open(o.directory)
	if err != nil {
		return nil, "", err
	}
	defer repository.Close()
	var names [2]string
	report, err = watchdog.Watched(renderLimits(), func() (*review.Report, error) {
		s, err := d.take(o, repository)
		if err != nil {
			return nil, err
		}
		names = s.names
		return s.reviewed(), nil
	})
	if errors.Is(err, revision.ErrMissing) {
		err = finding.Findings{{Code: finding.UnknownRevision, Message: "this clone holds only a part of the repository", Detail: err.Error() + "\n", Remedy: "git fetch --refetch --no-filter origin brings the rest"}}
	}
	return report, names[0], err
}

// sides are two moments that were looked at.
type sides struct {
	*snapshot.Pair

	base, head fs.FS
	reader     *schema.Reader
	names      [2]string
}

// reviewed is what changes between two moments, with what was written that is behind it.
func (s sides) reviewed() *review.Report {
	changes := compared(s.Pair)
	cause.Behind(s.base, s.head, s.reader, &changes, s.Head.Fleet)
	return reported(changes, s.Pair, s.names)
}

// compared is what changes between two moments.
func compared(p *snapshot.Pair) change.Review {
	changes := change.Compare(p.Base, p.Head)
	changes.Notes = append(changes.Notes, p.Notes...)
	return changes
}

// reported is a review of two moments, which have these names.
func reported(changes change.Review, p *snapshot.Pair, names [2]string) *review.Report {
	return review.New(changes, review.About{Base: names[0], Head: names[1], Environments: p.Environments, Before: p.Base, After: p.Head})
}

// take reads both moments.
func (d diff) take(o *options, repository *revision.Repository) (s sides, err error) {
	if repository.Root == "" && (d.base == "" || d.head == "") {
		return s, finding.Wrong(finding.CommandLine, "a bare repository has no working tree and nothing is checked out: name both --base and --head")
	}
	if d.base != "" { // a slip there is told first
		if _, err := repository.Resolve(d.base); err != nil {
			return s, err
		}
	}
	reader, err := schema.NewReader()
	if err != nil {
		return s, err
	}
	head, folder, tip, err := headMoment(o, repository, d.head)
	if err == nil {
		err = schema.RefuseNewer(head.Tree, version)
	}
	if err != nil {
		return s, err
	}
	base, named, err := d.baseCommit(repository, reader, head, tip)
	if err != nil {
		return s, err
	}
	before, err := baseMoment(repository, base, folder, head)
	if err != nil {
		return s, err
	}
	wanted, err := d.wanted(o, before, head)
	if err != nil {
		return s, err
	}
	camera := &snapshot.Camera{Reader: reader, Blob: repository.Blob, Folder: repository.Folder, Program: program()}
	if camera.Program != "" && !d.anew {
		camera.Store = renders()
		defer camera.Store.Close()
	}
	s = sides{base: before.Tree, head: head.Tree, reader: reader, names: [2]string{fmt.Sprintf("%s (%s)", named, base.ID.Short()), head.Name}}
	if d.head != "" {
		s.names[1] = fmt.Sprintf("%s (%s)", d.head, tip.ID.Short())
	}
	s.Pair, err = camera.Take(before, head, wanted)
	return s, cause.TracedError(head.Tree, reader, err)
}

// wanted are the planes that the arguments name, of environments that either side has; nil where there are none.
func (d diff) wanted(o *options, base, head snapshot.Moment) ([]render.Target, error) {
	if len(d.args) == 0 {
		return nil, nil
	}
	names, err := schema.List(head.Tree)
	if err != nil {
		return nil, err
	}
	old, err := schema.List(base.Tree)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	names = slices.Compact(slices.Sorted(slices.Values(append(names, old...))))
	tree, err := o.open()
	if err != nil { // in a bare repository there is no file to name
		tree = nil
	}
	var wanted []render.Target
	for _, arg := range d.args {
		word := filepath.ToSlash(arg)
		if tree != nil {
			word = tree.word(names, arg)
		}
		named, err := render.Named(names, word)
		if err != nil {
			return nil, err
		}
		wanted = append(wanted, named...)
	}
	return wanted, nil
}

// show prints what changes.
func (d diff) show(report *review.Report) (int, error) {
	out, finish, err := d.stdout, func() error { return nil }, error(nil)
	if d.output == "text" && !d.noPager {
		out, finish, err = terminal.Pager(d.stdout, d.stderr)
	}
	if err != nil {
		return 0, err
	}
	switch d.output {
	case "json":
		err = review.JSON(out, report)
	case "markdown":
		err = review.Markdown(out, report)
	case "html":
		err = review.HTML(out, report)
	default:
		err = review.Text{Width: terminal.Width(d.stdout), Colour: terminal.Colours(d.stdout), Verbose: d.verbose}.Write(out, report)
	}
	return report.ExitCode(), errors.Join(err, finish())
}

// The most that the cache of renders takes, in bytes.
const cacheSize = 1 << 30

// renders is the cache of renders; nil where this machine has no place for one.
func renders() *rendercache.Store {
	dir := os.Getenv("SPOKEWRIGHT_CACHE")
	if dir == "" {
		home, err := os.UserCacheDir()
		if err != nil {
			return nil
		}
		dir = filepath.Join(home, "spokewright")
	}
	return rendercache.Open(filepath.Join(dir, "renders"), cacheSize)
}

// program tells this program from any other, which may render otherwise: by the ID that its build gave it from what is in
// it, or else by its digest. It is empty where the system does not say.
func program() string {
	name, err := os.Executable()
	if err != nil {
		return ""
	}
	file, err := os.Open(name)
	if err != nil {
		return ""
	}
	defer file.Close()
	begin := make([]byte, 64<<10) // where every format has it
	n, err := io.ReadFull(file, begin)
	if err != nil {
		return ""
	}
	if id := regexp.MustCompile(`[\w-]{20}/[\w-]{20}/[\w-]{20}/[\w-]{20}`).Find(begin[:n]); id != nil {
		return string(id)
	}
	digest := sha256.New()
	digest.Write(begin[:n])
	if _, err := io.Copy(digest, file); err != nil {
		return ""
	}
	return string(digest.Sum(nil))
}
