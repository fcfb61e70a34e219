package change

import "slices"

// Classes are all, from the harmless to the worst: what a change is called after, what is told first, in every form. The table
// of docs/diff.md has them in the other direction.
func Classes() []Class {
	return []Class{Create, InPlace, Move, Waive, Delayed, Loosen, Weaken, Regenerate, Rename, Recreate, Delete, Refused}
}

// worse says whether one class is worse than another.
func worse(a, b Class) bool { return slices.Index(Classes(), a) > slices.Index(Classes(), b) }

// Destructive says whether something of the class must be declared.
func (c Class) Destructive() bool {
	return slices.Contains([]Class{Regenerate, Rename, Recreate, Delete, Weaken, Loosen}, c)
}

// The exit codes of a review. 1 is for the tool's own failures.
const (
	ExitNothing     = 0
	ExitRefused     = 2
	ExitChanged     = 3
	ExitDestructive = 4
)

// Exit is the exit code of a change alone.
func (c Change) Exit() int {
	switch {
	case c.Class == Refused && c.Declared == nil:
		return ExitRefused
	case c.Class.Destructive() && c.Declared == nil:
		return ExitDestructive
	}
	return ExitChanged
}

// Exit is the exit code of a review, that of the worst in it: what is refused, then what is destroyed, then what changes.
func (r Review) Exit() int {
	code := ExitNothing
	for _, c := range r.Changes {
		for _, worse := range []int{ExitRefused, ExitDestructive, ExitChanged} {
			if code == worse {
				break
			}
			if c.Exit() == worse {
				code = worse
				break
			}
		}
	}
	return code
}
