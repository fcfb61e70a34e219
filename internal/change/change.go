// Package change says what one state of a fleet makes of another: which objects come, change and go, what the clouds and
// controllers do with that, and what a person must have declared for it. It compares what it is given and prints nothing;
// where the two states come from, and how a review looks, is for others.
package change

import (
	"slices"

	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/manifest"
	"spokewright.dev/spokewright/schema"
)

// State is a fleet at one moment, as objects: what runs, or what a commit would make of it.
type State struct {
	// Fleet is the specs behind the objects; nil where they cannot be read any more (an older program's).
	Fleet  *schema.Fleet
	Planes []Plane
}

// Plane is what one plane of an environment holds, ApplicationSets and the Applications that they make both; or else what an
// Application of it makes, which is told with the plane of the cluster where it runs.
type Plane struct {
	Environment string
	Plane       schema.Plane
	Application *Object // that makes the objects; nil for the plane itself
	Objects     []Object
	// Lost says that the file of a plane is empty or not there, though the specs render it.
	Lost bool
	// Files are what an Application is made of that cannot be rendered: what tells each file's content from another.
	Files map[string]string
}

// Object is an object of a plane.
type Object struct {
	manifest.Object
	Set string // for an Application that an ApplicationSet makes: the set's name; else empty
	// Refused is why the controller refuses a set, and empty where it does not: then it makes nothing new of it, and leaves
	// what it made.
	Refused string
}

// Class says what a change does to what runs, the worst thing that it does.
type Class string

// The classes, from the harmless to the worst, as Classes lists them. docs/diff.md tells each to people.
const (
	Create     Class = "create"     // something new
	InPlace    Class = "in place"   // changed where it stands
	Move       Class = "move"       // the same thing in another place; nothing is made anew
	Waive      Class = "waive"      // a rule does not hold for a while, with reason and last day
	Delayed    Class = "delayed"    // takes effect in a maintenance window
	Loosen     Class = "loosen"     // a rule asks for less, without a waiver
	Weaken     Class = "weaken"     // a protection goes, or something is opened
	Regenerate Class = "regenerate" // the same request in another generation of an API: another object
	Rename     Class = "rename"     // one goes and another comes, since a name changed
	Recreate   Class = "recreate"   // an immutable field changed: what runs is deleted and made again
	Delete     Class = "delete"     // something goes
	Refused    Class = "refused"    // no cloud or controller takes it
)

// Action says what becomes of an object in Git.
type Action string

// What becomes of an object.
const (
	Added   Action = "added"
	Changed Action = "changed"
	Removed Action = "removed"
	Moved   Action = "moved" // from From to its new place, declared or recognised
)

// Change is what happens to one object.
type Change struct {
	Environment string
	Plane       schema.Plane
	Application string // the name of the one that makes the object; empty for an object of the plane itself
	Object      finding.Object
	APIVersion  string // in the head; in the base where the object goes
	Action      Action
	Class       Class // the worst of Effects
	// Subject is the thing of the spec that the object stands for, as declarations name it: "databases/orders",
	// "apps/checkout", "cluster", "rules/known-regions"; else Kind/name or Kind/namespace/name.
	Subject string
	Effects []Effect // at least one
	// From is where a moved or renamed object was; nil for others.
	From *Place
	// Whole says that nothing else happens to the object than to its environment, with all that is in it: that is not there any
	// more, or is called otherwise.
	Whole bool
	// Declared is the declaration that lets a destructive change through; nil where there is none.
	Declared *Declaration
}

// Place is an object in an environment.
type Place struct {
	Environment string
	Plane       schema.Plane
	Application string
	Object      finding.Object
}

// Effect is one thing that a change does: of a field, or of the whole object where Path is empty.
type Effect struct {
	Class Class
	Path  finding.Path
	// Old and New are the field's values as JSON data; HasOld and HasNew tell a value that is not there from null.
	Old, New       any
	HasOld, HasNew bool
	// Reason says in a sentence what happens and who does it, with a source where a cloud's rule decides; often empty.
	Reason string
	// Remedy says what to do instead, or what to declare; empty where nothing needs to be done.
	Remedy string
	// Position is where the head's spec says it, where that is known.
	Position finding.Position
	// Because are the places in the head's files that make the difference, each by its line; lines that went are named by
	// where they stood, and files that came or went alone. Compare leaves it empty.
	Because []finding.Position
	// Unsure says that the specs of the base would have to tell, and are not known: this is the worst that it may be.
	Unsure bool
}

// Behind notes a place that makes the difference.
func (e *Effect) Behind(at finding.Position) {
	if !slices.Contains(e.Because, at) {
		e.Because = append(e.Because, at)
	}
}

// Because notes a place that has all effects of a change.
func (c *Change) Because(at finding.Position) {
	for i := range c.Effects {
		c.Effects[i].Behind(at)
	}
}

// Declaration is what a person declared in the head's specs.
type Declaration struct {
	Position finding.Position
	// Environment is empty for a declaration of the whole fleet.
	Environment string
	// From and To are of a move; What and Reason of a removal.
	From, To, What, Reason string
	Used                   bool // something of this change needed it
	// Meant is what a declaration that nothing needed may have been to name; empty where nothing is like it.
	Meant string

	implied bool // by what the specs say anyway: it is shown only where something needed it
	waiver  bool // it is the waiver of a rule
	spent   bool // the base says it already
}

// Review is what a change does to a fleet.
type Review struct {
	// Changes are in the order of environments, planes and objects as the head renders them, what goes at its old place.
	Changes      []Change
	Declarations []Declaration
	// Notes are what else a reader must know: golden files that are stale, sets that could not be expanded.
	Notes finding.Findings
}

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
