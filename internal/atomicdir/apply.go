package atomicdir

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"

	"spokewright.dev/spokewright/internal/draft"
	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/render"
	"spokewright.dev/spokewright/schema"
)

// A change is staged in a folder of the fleet, with a journal that says where its files belong. A staging folder without a
// journal was never whole, and is nobody's.
const (
	staging = Unfinished
	journal = staging + "/journal.json"
)

// plan is a change as its journal has it.
type plan struct {
	Files []string `json:"files"` // the staged file of each number takes this place
	Gone  []string `json:"gone"`  // files and folders that are removed then
}

// Apply makes a change of several files. Until all texts and the journal are on the disk, what is there stays as it was, and an
// error leaves nothing new. From then on the change takes place: what is interrupted, Finish completes.
func Apply(root *os.Root, change *draft.Tree) (err error) {
	release, err := lockFleet(root)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, release()) }()
	if _, err := root.Lstat(journal); err == nil {
		return interrupted()
	}
	p, err := stageAll(root, change)
	if err == nil {
		err = p.makeFolders(root)
	}
	if err != nil {
		return errors.Join(err, root.RemoveAll(staging))
	}
	return p.carryOut(root)
}

// Interrupted is a finding where a change was ended halfway. One that is being made is waited for.
func Interrupted(root *os.Root) error {
	if _, err := root.Lstat(journal); err != nil {
		return nil //nolint:nilerr // there is none
	}
	release, err := lockFleet(root)
	if err != nil {
		return err
	}
	defer release() //nolint:errcheck // nothing was written
	if _, err := root.Lstat(journal); err != nil {
		return nil //nolint:nilerr // it is over
	}
	return interrupted()
}

func interrupted() error {
	return finding.Findings{{Code: finding.OutOfDate, Position: finding.Position{File: staging},
		Message: "a change of several files was interrupted halfway", Remedy: "spokewright render finishes it"}}
}

// Finish completes a change that was interrupted. It says whether there was one.
func Finish(root *os.Root) (was bool, err error) {
	if Interrupted(root) == nil {
		return false, nil
	}
	release, err := lockFleet(root)
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, release()) }()
	text, err := root.ReadFile(journal)
	if err != nil {
		return false, err
	}
	var p plan
	if err := json.Unmarshal(text, &p); err != nil || !p.ours() {
		return false, finding.At(finding.Position{File: journal}, finding.Unreadable, "no Spokewright wrote this: remove the folder %s", staging)
	}
	return true, p.carryOut(root)
}

// lockFleet waits until nobody else writes to the fleet.
func lockFleet(root *os.Root) (release func() error, err error) {
	if err := root.MkdirAll(render.Golden, 0o755); err != nil {
		return nil, err
	}
	return lock(root, render.Golden)
}

// ours says whether a plan touches nothing but the fleet's own folders: a journal may come from anybody who has a branch, and
// what it could do besides, such as writing Git's hooks, no file of a branch can.
func (p plan) ours() bool {
	return !slices.ContainsFunc(slices.Concat(p.Files, p.Gone), func(name string) bool {
		folder, _, inside := strings.Cut(name, "/")
		return !inside || !fs.ValidPath(name) || !slices.Contains([]string{schema.Folder, render.Overlays, render.Golden, "bases"}, folder) ||
			slices.ContainsFunc(strings.Split(name, "/"), func(part string) bool { return strings.EqualFold(part, ".git") })
	})
}

// staged is where a file lies until it takes its place.
func staged(number int) string { return fmt.Sprintf("%s/%d", staging, number) }

// stageAll writes a change down. One that reaches beyond the fleet's folders has no journal: that is the beginning of a fleet,
// which the same command goes on with.
func stageAll(root *os.Root, change *draft.Tree) (plan, error) {
	p := plan{Gone: change.Removed()}
	if err := root.RemoveAll(staging); err != nil {
		return p, err
	}
	if err := root.Mkdir(staging, 0o755); err != nil {
		return p, err
	}
	for number, file := range change.Written() {
		p.Files = append(p.Files, file.Name)
		if err := writeSynced(root, staged(number), file.Text); err != nil {
			return p, err
		}
	}
	if err := syncFile(root, staging); err != nil || !p.ours() {
		return p, err
	}
	text, err := json.Marshal(p)
	if err != nil {
		return p, err
	}
	if err := writeSynced(root, journal+".fresh", text); err != nil {
		return p, err
	}
	if err := root.Rename(journal+".fresh", journal); err != nil {
		return p, err
	}
	return p, syncFile(root, staging)
}

func writeSynced(root *os.Root, name string, text []byte) error {
	if err := root.WriteFile(name, text, 0o644); err != nil {
		return err
	}
	return syncFile(root, name)
}

// folders are those of the files, each once.
func (p plan) folders() []string {
	var all []string
	for _, name := range p.Files {
		all = append(all, path.Dir(name))
	}
	return slices.Compact(slices.Sorted(slices.Values(all)))
}

// makeFolders makes what the files are to lie in. Where one cannot be made, or a file's place is a folder's, none is.
func (p plan) makeFolders(root *os.Root) (err error) {
	var made []string
	defer func() {
		slices.SortFunc(made, func(a, b string) int { return len(b) - len(a) })
		for _, dir := range made {
			if err != nil {
				root.Remove(dir) //nolint:errcheck // it stays where somebody else has put something
			}
		}
	}()
	for _, dir := range p.folders() {
		for above := dir; above != "."; above = path.Dir(above) {
			if _, err := root.Lstat(above); errors.Is(err, fs.ErrNotExist) {
				made = append(made, above)
			}
		}
		if err := root.MkdirAll(dir, 0o755); err != nil {
			return err
		}
	}
	for _, name := range p.Files {
		if info, err := root.Lstat(name); err == nil && info.IsDir() {
			return &fs.PathError{Op: "write", Path: name, Err: errors.New("is a folder")}
		}
	}
	return nil
}

// carryOut gives the staged files their places, those aside that have theirs already, and removes what goes.
func (p plan) carryOut(root *os.Root) error {
	for number, name := range p.Files {
		if err := root.MkdirAll(path.Dir(name), 0o755); err != nil {
			return err
		}
		if err := root.Rename(staged(number), name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	for _, dir := range p.folders() {
		if err := syncFile(root, dir); err != nil {
			return err
		}
	}
	for _, name := range p.Gone {
		if err := root.RemoveAll(name); err != nil {
			return err
		}
	}
	return root.RemoveAll(staging)
}
