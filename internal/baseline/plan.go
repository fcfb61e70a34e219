package baseline

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"

	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/manifest"
	"spokewright.dev/spokewright/internal/merge"
	"spokewright.dev/spokewright/internal/textdiff"
)

// What a step is.
const (
	Added    = "added"    // new in the program
	Replaced = "replaced" // the team had left it alone
	Merged   = "merged"   // both changed it
	Guessed  = "merged as if it came from the release that is most like it, since the lock does not tell"
	Removed  = "removed" // gone from the program, and the team had left it alone
	Left     = "kept: the program does not bring it any more, and the team changed it"
	Missing  = "stays away: the team removed it"
	Restored = "brought back: a kustomization still lists it"
	Foreign  = "written by a Spokewright that this one does not know, such as a newer one"
)

// Step is what an upgrade makes of one file, or says of it.
type Step struct {
	File       string // from the fleet's root
	Kind       string
	Old, Fresh string
	Conflicts  []int // the lines at which conflicts begin in the fresh text
}

// Changes says whether the file becomes another one.
func (s Step) Changes() bool {
	return s.Old != s.Fresh || s.Kind == Added || s.Kind == Restored || s.Kind == Removed
}

// Plan is what an upgrade does.
type Plan struct {
	Steps  []Step // of files about which there is something to do or to say, sorted
	Locked bool   // that the fleet has a lock
	Lock   string // the lock afterwards
}

// Plan compares a fleet's bases with the program's. It refuses a lock that it cannot read, and files with the marks of a
// conflict that nobody has resolved.
func (p *Program) Plan(tree fs.FS) (Plan, error) {
	text, err := fs.ReadFile(tree, Lock)
	plan := Plan{Locked: err == nil}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return plan, err
	}
	old, err := parseLock(string(text))
	if err != nil {
		return plan, err
	}
	fresh := lock{}
	names := maps.Clone(p.files)
	maps.Copy(names, old)
	var unresolved finding.Findings
	for _, name := range slices.Sorted(maps.Keys(names)) {
		file := path.Join(Folder, name)
		text, err := fs.ReadFile(tree, file)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return plan, err
		}
		if _, _, line := merge.Unmerged(text); line > 0 {
			unresolved = append(unresolved, finding.Finding{Code: finding.Conflict, Position: finding.Position{File: file, Line: line, Column: 1},
				Message: "found a conflict that nobody has resolved: choose the lines that count, and take the marks out"})
		}
		step, err := p.step(present{name, string(text), err == nil, old[name], err != nil && listed(tree, file)}, fresh)
		if err != nil {
			return plan, fmt.Errorf("%s: %w", file, err)
		}
		if step.File = file; step.Kind != "" {
			plan.Steps = append(plan.Steps, step)
		}
	}
	plan.Lock = fresh.String()
	return plan, unresolved.Err()
}

// present is a file as it is in a fleet.
type present struct {
	name, text string
	exists     bool
	locked     string // what the lock says of it; empty where it says nothing
	wanted     bool   // it is not there, and a kustomization lists it
}

func (f present) is(kind, fresh string) Step { return Step{Kind: kind, Old: f.text, Fresh: fresh} }

// step says what becomes of a file, and writes what it is then into the fresh lock.
func (p *Program) step(f present, fresh lock) (Step, error) {
	theirs, brought := p.files[f.name]
	if !brought {
		return p.left(f, fresh), nil
	}
	fresh[f.name] = digest(theirs)
	switch {
	case !f.exists && f.locked == "":
		return f.is(Added, theirs), nil
	case f.wanted:
		return f.is(Restored, theirs), nil
	case !f.exists:
		fresh[f.name] = absent
		if f.locked == absent {
			return Step{}, nil
		}
		return f.is(Missing, ""), nil
	case f.text == theirs, f.locked == digest(theirs): // as the program has it, or as only the team changed it
		return Step{}, nil
	case f.locked == "", f.locked == absent:
		return p.unlocked(f, theirs)
	}
	ancestor, known, err := p.past.text(f.locked)
	switch {
	case err != nil || !known:
		fresh[f.name] = f.locked
		return f.is(Foreign, f.text), err
	case f.text == ancestor:
		return f.is(Replaced, theirs), nil
	}
	return f.merged(Merged, ancestor, theirs), nil
}

// left is a file that the program does not bring any more.
func (p *Program) left(f present, fresh lock) Step {
	_, known := p.past.texts[f.locked]
	switch {
	case !f.exists || f.locked == absent:
		return Step{}
	case !known:
		fresh[f.name] = f.locked
		return f.is(Foreign, f.text)
	case digest(f.text) == f.locked:
		return f.is(Removed, "")
	}
	return f.is(Left, f.text)
}

// unlocked is a file of which the lock does not tell what it came from: the release that is most like it is taken for that.
func (p *Program) unlocked(f present, theirs string) (Step, error) {
	if _, known := p.past.texts[digest(f.text)]; known {
		return f.is(Replaced, theirs), nil
	}
	ancestor, known, err := p.past.closest(f.name, f.text)
	if err != nil {
		return Step{}, err
	}
	if known {
		return f.merged(Guessed, ancestor, theirs), nil
	}
	step := f.is(Merged, "")
	step.Fresh, step.Conflicts = textdiff.Unrelated(f.text, theirs, ours, program)
	return step, nil
}

// The names of both sides in the marks of conflicts.
const (
	ours    = "this fleet"
	program = "spokewright"
)

func (f present) merged(kind, ancestor, theirs string) Step {
	step := f.is(kind, "")
	step.Fresh, step.Conflicts = textdiff.Merge(ancestor, f.text, theirs, ours, program)
	return step
}

// listed says whether a kustomization of the bases names a file: nothing can be rendered without it.
func listed(tree fs.FS, file string) bool {
	name := path.Base(file)
	for folder := path.Dir(file); folder != "."; name, folder = path.Join(path.Base(folder), name), path.Dir(folder) {
		text, err := fs.ReadFile(tree, path.Join(folder, "kustomization.yaml"))
		if err != nil {
			continue
		}
		if list, err := manifest.Objects(text); err == nil && len(list) == 1 && says(list[0], name) {
			return true
		}
	}
	return false
}

// says whether a text stands somewhere in data.
func says(data any, text string) bool {
	switch data := data.(type) {
	case string:
		return path.Clean(data) == text
	case []any:
		return slices.ContainsFunc(data, func(below any) bool { return says(below, text) })
	case map[string]any:
		return slices.ContainsFunc(slices.Collect(maps.Values(data)), func(below any) bool { return says(below, text) })
	}
	return false
}
