package main

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"spokewright.dev/spokewright/internal/change"
	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/limitfs"
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
			d.args, d.stdout, d.stderr = args, c.OutOrStdout(), c.ErrOrStderr()
			var err error
			o.outcome, err = d.run(o)
			return err
		},
	}
	command.Flags().StringVar(&d.base, "base", "", "the `revision` to compare with (default where the history parted from the main branch)")
	command.Flags().StringVar(&d.head, "head", "", "the `revision` that is looked at (default the working tree)")
	command.Flags().BoolVar(&d.noPager, "no-pager", false, "print, even where a person would page through it")
	outputFlag(command, &d.output, "how the change is told", "text", "markdown", "json", "html")
	completes(command, "base", cobra.NoFileCompletions)
	completes(command, "head", cobra.NoFileCompletions)
	return command
}

// diff is a comparison that the command line asks for.
type diff struct {
	base, head     string
	output         string
	noPager        bool
	args           []string
	stdout, stderr io.Writer
}

// run shows the change and gives the exit code.
func (d diff) run(o *options) (int, error) {
	repository, err := revision.Open(o.directory)
	if err != nil {
		return 0, err
	}
	defer repository.Close()
	var names [2]string
	pair, err := watchdog.Watched(renderLimits(), func() (p *snapshot.Pair, err error) {
		p, names, err = d.take(o, repository)
		return p, err
	})
	if errors.Is(err, revision.ErrMissing) {
		err = finding.Findings{{Code: finding.UnknownRevision, Message: "this clone holds only a part of the repository", Detail: err.Error() + "\n", Remedy: "git fetch --refetch --no-filter origin brings the rest"}}
	}
	if err != nil {
		return 0, err
	}
	return d.show(pair, names)
}

// take reads both moments.
func (d diff) take(o *options, repository *revision.Repository) (p *snapshot.Pair, names [2]string, err error) {
	if repository.Root == "" && (d.base == "" || d.head == "") {
		return nil, names, finding.Wrong(finding.CommandLine, "a bare repository has no working tree and nothing is checked out: name both --base and --head")
	}
	if d.base != "" { // a slip there is told first
		if _, err := repository.Resolve(d.base); err != nil {
			return nil, names, err
		}
	}
	reader, err := schema.NewReader()
	if err != nil {
		return nil, names, err
	}
	head, folder, tip, err := d.moment(o, repository)
	if err == nil {
		err = schema.RefuseNewer(head.Tree, version)
	}
	if err != nil {
		return nil, names, err
	}
	base, named, err := d.baseCommit(repository, reader, head, tip)
	if err != nil {
		return nil, names, err
	}
	before, err := baseMoment(repository, base, folder, head)
	if err != nil {
		return nil, names, err
	}
	wanted, err := d.wanted(o, before, head)
	if err != nil {
		return nil, names, err
	}
	camera := &snapshot.Camera{Reader: reader, Blob: repository.Blob, Program: program()}
	if camera.Program != "" {
		camera.Store = renders()
		defer camera.Store.Close()
	}
	p, err = camera.Take(before, head, wanted)
	names = [2]string{fmt.Sprintf("%s (%s)", named, base.ID.Short()), head.Name}
	if d.head != "" {
		names[1] = fmt.Sprintf("%s (%s)", d.head, tip.ID.Short())
	}
	return p, names, err
}

// moment is the head: a commit, or the working tree. folder is where the fleet is in the repository, and tip the commit
// that the head is or stands on.
func (d diff) moment(o *options, repository *revision.Repository) (head snapshot.Moment, folder string, tip revision.Commit, err error) {
	name := d.head
	if name == "" {
		name = "HEAD"
	}
	if tip, err = repository.Resolve(name); err != nil {
		return head, "", tip, err
	}
	if repository.Root == "" {
		if folder, err = fleetFolder(repository, tip); err == nil {
			head, err = commitMoment(repository, tip, folder)
		}
		return head, folder, tip, err
	}
	f, err := o.open()
	if err != nil {
		return head, "", tip, err
	}
	root, err := filepath.EvalSymlinks(f.root)
	if err == nil {
		folder, err = filepath.Rel(repository.Root, root)
	}
	if folder = filepath.ToSlash(folder); err == nil && !fs.ValidPath(folder) {
		err = finding.Wrong(finding.NoFleet, "the fleet at %s is not in the Git repository of %s", root, repository.Root)
	}
	if err == nil && d.head == "" {
		var whole *os.Root
		if whole, err = os.OpenRoot(repository.Root); err == nil {
			head = snapshot.Moment{Name: "the working tree", Tree: f.tree, Repository: workingTree{limitfs.New(whole.FS(), fleetLimits())}}
		}
	}
	if err != nil || d.head == "" {
		return head, folder, tip, err
	}
	head, err = commitMoment(repository, tip, folder)
	return head, folder, tip, err
}

// commitMoment is the fleet of a commit, within the limits of one on disk.
func commitMoment(repository *revision.Repository, c revision.Commit, folder string) (snapshot.Moment, error) {
	m := snapshot.Moment{Name: "commit " + c.ID.Short(), Tree: nothing{}}
	whole, err := repository.Tree(c, ".")
	if err != nil {
		return m, err
	}
	m.Repository = limitfs.New(whole, fleetLimits())
	tree, err := repository.Tree(c, folder)
	if err == nil {
		m.Tree = limitfs.New(tree, fleetLimits())
	}
	if errors.Is(err, fs.ErrNotExist) { // the fleet was made since
		err = nil
	}
	return m, err
}

// baseMoment is the fleet of a base where the head has it, or where it was before it moved: in the one folder that held a
// fleet and holds none now.
func baseMoment(repository *revision.Repository, base revision.Commit, folder string, head snapshot.Moment) (snapshot.Moment, error) {
	m, err := commitMoment(repository, base, folder)
	if err != nil || holdsFleet(m.Tree, ".") || head.Repository == nil {
		return m, err
	}
	folders, err := fleetFolders(repository, base)
	if err != nil {
		return m, err
	}
	left := slices.DeleteFunc(folders, func(folder string) bool { return holdsFleet(head.Repository, folder) })
	if len(left) != 1 {
		return m, nil
	}
	return commitMoment(repository, base, left[0])
}

// holdsFleet says whether a folder of a tree holds a fleet.
func holdsFleet(tree fs.FS, folder string) bool {
	_, err := fs.Stat(tree, path.Join(folder, schema.FleetFile))
	return err == nil
}

// workingTree is one without Git's own folder.
type workingTree struct{ *limitfs.Tree }

// ReadDir lists a folder.
func (c workingTree) ReadDir(name string) ([]fs.DirEntry, error) {
	entries, err := c.Tree.ReadDir(name)
	return slices.DeleteFunc(entries, func(e fs.DirEntry) bool { return e.Name() == ".git" }), err
}

// nothing is a tree without files.
type nothing struct{}

func (nothing) Open(name string) (fs.File, error) {
	return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
}

// fleetFolder finds the fleet in a commit: nothing of it is checked out.
func fleetFolder(repository *revision.Repository, c revision.Commit) (string, error) {
	found, err := fleetFolders(repository, c)
	switch {
	case err != nil:
		return "", err
	case len(found) == 0:
		return "", finding.Wrong(finding.NoFleet, "no fleet in commit %s: no folder of it holds %s", c.ID.Short(), schema.FleetFile)
	case len(found) > 1:
		return "", finding.Wrong(finding.NoFleet, "commit %s has %d fleets, in %s: diff them in a clone with a working tree", c.ID.Short(), len(found), strings.Join(found, ", "))
	}
	return found[0], nil
}

// fleetFolders are the folders of a commit that hold a fleet, sorted, as far as they are not too deep.
func fleetFolders(repository *revision.Repository, c revision.Commit) (found []string, err error) {
	const deepest = 3
	tree, err := repository.Tree(c, ".")
	if err != nil {
		return nil, err
	}
	err = fs.WalkDir(tree, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.IsDir() {
			return err
		}
		if holdsFleet(tree, name) {
			found = append(found, name)
			return fs.SkipDir
		}
		if strings.Count(name, "/") >= deepest {
			return fs.SkipDir
		}
		return nil
	})
	return found, err
}

// baseCommit is what the head is compared with, and what people call it.
func (d diff) baseCommit(repository *revision.Repository, reader *schema.Reader, head snapshot.Moment, tip revision.Commit) (base revision.Commit, name string, err error) {
	if d.base != "" {
		base, err = repository.Resolve(d.base)
		return base, d.base, err
	}
	main, err := mainBranch(repository, reader, head.Tree)
	if err != nil {
		return base, "", err
	}
	branch, err := repository.Resolve(main)
	if err != nil {
		return base, "", err
	}
	base, found, err := repository.MergeBase(tip, branch)
	if err == nil && !found {
		remedy := "--base names a commit to compare with"
		if repository.Shallow() {
			remedy = "git fetch --deepen=100 origin brings more of it, git fetch --unshallow origin all; or --base names a commit"
		}
		err = finding.Findings{{Code: finding.UnknownRevision, Message: "this clone does not hold the commit at which the history parted from " + finding.Quote(main), Remedy: remedy}}
	}
	return base, "where " + main + " was left", err
}

// mainBranch is the branch that a change goes to.
func mainBranch(repository *revision.Repository, reader *schema.Reader, tree fs.FS) (string, error) {
	if repository.Has("refs/remotes/origin/HEAD") {
		return "origin/HEAD", nil
	}
	config, err := reader.FleetConfigOf(tree)
	if err != nil {
		return "", err
	}
	if remote := "refs/remotes/origin/" + config.Repository.Revision; repository.Has(remote) {
		return strings.TrimPrefix(remote, "refs/remotes/"), nil
	}
	return config.Repository.Revision, nil
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
	var wanted []render.Target
	for _, arg := range d.args {
		named, err := render.Named(names, filepath.ToSlash(arg))
		if err != nil {
			return nil, err
		}
		wanted = append(wanted, named...)
	}
	return wanted, nil
}

// show prints what changes.
func (d diff) show(p *snapshot.Pair, names [2]string) (int, error) {
	changes := change.Compare(p.Base, p.Head)
	changes.Notes = append(changes.Notes, p.Notes...)
	report := review.New(changes, review.About{Base: names[0], Head: names[1], Environments: p.Environments, Before: p.Base, After: p.Head})
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
		err = review.Text{Width: terminal.Width(d.stdout), Colour: terminal.Colours(d.stdout)}.Write(out, report)
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
