package main

import (
	"cmp"
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/limitfs"
	"spokewright.dev/spokewright/internal/revision"
	"spokewright.dev/spokewright/internal/snapshot"
	"spokewright.dev/spokewright/schema"
)

// headMoment is the head: the commit that is wanted, or the working tree where none is. folder is where the fleet is in the
// repository, and tip the commit that the head is or stands on.
func headMoment(o *options, repository *revision.Repository, wanted string) (head snapshot.Moment, folder string, tip revision.Commit, err error) {
	if tip, err = repository.Resolve(cmp.Or(wanted, "HEAD")); err != nil {
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
	if err == nil && wanted == "" {
		var whole *os.Root
		if whole, err = os.OpenRoot(repository.Root); err == nil {
			head = snapshot.Moment{Name: "the working tree", Tree: f.tree, Repository: workingTree{limitfs.New(whole.FS(), fleetLimits())}}
			if timesTell() {
				head.Place = root
			}
		}
	}
	if err != nil || wanted == "" {
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
		if known, failed := repository.KnowsRemote(); failed == nil && !known { // nobody can bring it
			err = finding.Findings{{Code: finding.UnknownRevision, Message: "there is no branch " + finding.Quote(main) + " in this repository, which changes go to as fleet.cue says",
				Remedy: "git branch --move " + main + " gives this branch the name; or --base names a commit to compare with, such as HEAD"}}
		}
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

// onMain is the fleet as the main branch has it, and what that is called. Its tree is nil where the clone does not know the branch.
func onMain(repository *revision.Repository, reader *schema.Reader, f *tree) (m snapshot.Moment, main string, err error) {
	if main, err = mainBranch(repository, reader, f.tree); err != nil {
		return m, main, err
	}
	tip, err := repository.Resolve(main)
	if err != nil {
		return m, main, nil //nolint:nilerr // see above
	}
	folder, err := revision.Place(f.root)
	if err == nil {
		m, err = commitMoment(repository, tip, folder)
	}
	return m, main, err
}

// withoutYoung leaves out that nothing is recorded of environments that no hub can have made: of those that the main branch does
// not hold yet, and of all where there is no repository, or one that nothing was fetched into or pushed from.
func withoutYoung(found finding.Findings, f *tree, reader *schema.Reader, fleet *schema.Fleet) (finding.Findings, error) {
	unrecorded := func(f finding.Finding) (name string, none bool) {
		name = schema.EnvironmentOfFile(path.Base(f.File))
		e := fleet.Environments[name]
		return name, f.Code == finding.Unrecorded && f.Severity == finding.Warning && f.Path == "names" && len(e.Unrecorded()) == len(e.Parts())
	}
	if !slices.ContainsFunc(found, func(f finding.Finding) bool { _, none := unrecorded(f); return none }) {
		return found, nil
	}
	made, err := couldBeMade(f, reader, fleet)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(found, func(f finding.Finding) bool {
		name, none := unrecorded(f)
		return none && !made(name)
	}), nil
}

// couldBeMade says of an environment whether a hub may have read of it. Where nobody knows, it may.
func couldBeMade(f *tree, reader *schema.Reader, fleet *schema.Fleet) (func(name string) bool, error) {
	all, none := func(string) bool { return true }, func(string) bool { return false }
	repository, err := revision.Open(f.root)
	if err != nil {
		return none, nil //nolint:nilerr // there is none
	}
	defer repository.Close()
	if known, err := repository.KnowsRemote(); err != nil || !known {
		return none, err
	}
	main, _, err := onMain(repository, reader, f)
	if err != nil || main.Tree == nil {
		return all, err
	}
	names, err := schema.List(main.Tree)
	if errors.Is(err, fs.ErrNotExist) {
		return none, nil
	}
	if err != nil {
		return nil, err
	}
	gone := slices.DeleteFunc(slices.Clone(names), func(name string) bool { _, stays := fleet.Environments[name]; return stays })
	return func(name string) bool {
		return slices.Contains(names, name) || slices.ContainsFunc(gone, func(old string) bool { return calledOtherwise(reader, main.Tree, old, fleet, name) })
	}, nil
}

// calledOtherwise says whether an environment was another one of a tree under its old name: by a declaration, or by the id.
func calledOtherwise(reader *schema.Reader, tree fs.FS, old string, fleet *schema.Fleet, name string) bool {
	if slices.ContainsFunc(fleet.Config.Moved, func(m schema.Moved) bool {
		return m.From == schema.Folder+"/"+old && m.To == schema.Folder+"/"+name
	}) {
		return true
	}
	config, err := reader.FleetConfigOf(tree)
	if err != nil {
		return false
	}
	was, err := reader.EnvironmentOf(tree, config, old)
	return err == nil && was.ID == fleet.Environments[name].ID
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
