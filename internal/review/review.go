// Package review prints what a change does to a fleet: for people on a terminal, in a pull request and in a browser, and
// for programs. What looks like a secret is masked once, before any printer sees it; what is the same in many environments
// is folded. It compares and judges nothing, which is for package change, and opens no file.
package review

import (
	"cmp"
	"slices"

	"spokewright.dev/spokewright/internal/change"
	"spokewright.dev/spokewright/internal/finding"
)

// About is what a reader wants to know beside the changes.
type About struct {
	// Base and Head are what people call the two states: "origin/main (1a2b3c4)", "the working tree".
	Base, Head string
	// Environments are all of both states that were looked at, in the fleet's order, changed or not.
	Environments []string
	// Before and After are the two states. What a field lies beside tells whether it is a secret; where an object is
	// not there, a field that may be one is masked.
	Before, After change.State
}

// Report is a review ready to be printed: masked, folded, and the worst first.
type Report struct {
	base, head   string
	environments []environment // in the fleet's order
	groups       []group       // the worst first
	declarations []change.Declaration
	notes        finding.Findings
	total        count
}

// New makes a report of a review. It changes nothing in the review.
func New(r change.Review, about About) *Report {
	m := newMasker(about)
	report := &Report{base: clean(about.Base), head: clean(about.Head), notes: cleanFindings(r.Notes).Sorted()}
	for _, d := range r.Declarations {
		report.declarations = append(report.declarations, cleanDeclaration(d))
	}
	var changes []masked
	for _, c := range r.Changes {
		changes = append(changes, m.change(c))
	}
	report.groups = fold(changes)
	report.environments, report.total = tally(about.Environments, report.groups)
	return report
}

// ExitCode is that of the worst change: 2 where something is refused, 4 where something is destroyed undeclared, 3 where
// anything changes, 0 where nothing does.
func (r *Report) ExitCode() int {
	code := 0
	for _, g := range r.groups {
		if weight(g.exit) > weight(code) {
			code = g.exit
		}
	}
	return code
}

// weight orders exit codes from the harmless to the worst.
func weight(exit int) int {
	return slices.Index([]int{change.ExitNothing, change.ExitChanged, change.ExitDestructive, change.ExitRefused}, exit)
}

// rank orders classes from the harmless to the worst. One that is not known here is as bad as it can be.
func rank(class change.Class) int {
	at := slices.Index(change.Classes(), class)
	if at < 0 {
		return len(change.Classes())
	}
	return at
}

// count is how many objects change, and how.
type count struct {
	added, changed, removed, moved int
	// destroyed are changes of a destructive class, declared those of them that are declared.
	destroyed, declared, refused int
	worst                        change.Class // empty where nothing changes
	exit                         int
}

func (n *count) add(g *group) {
	switch g.action {
	case change.Added:
		n.added++
	case change.Removed:
		n.removed++
	case change.Moved:
		n.moved++
	default:
		n.changed++
	}
	switch {
	case g.exit == change.ExitRefused:
		n.refused++
	case g.dangerous():
		n.destroyed++
		if g.declared != nil {
			n.declared++
		}
	}
	if weight(g.exit) > weight(n.exit) || weight(g.exit) == weight(n.exit) && (n.worst == "" || rank(g.class) > rank(n.worst)) {
		n.worst, n.exit = g.class, g.exit
	}
}

// undeclared are the destructive changes that nobody has declared.
func (n *count) undeclared() int { return n.destroyed - n.declared }

func (n *count) all() int { return n.added + n.changed + n.removed + n.moved }

// environment is what a change does to one environment.
type environment struct {
	name string
	count
	groups []int // of the report
}

// tally counts for each environment and for the fleet. Environments that only a change names come behind the others.
func tally(names []string, groups []group) (list []environment, total count) {
	at := map[string]int{}
	place := func(name string) *environment {
		i, known := at[name]
		if !known {
			i = len(list)
			at[name], list = i, append(list, environment{name: name})
		}
		return &list[i]
	}
	for _, name := range names {
		place(name)
	}
	for i := range groups {
		for _, p := range groups[i].places {
			e := place(p.Environment)
			e.add(&groups[i])
			total.add(&groups[i])
			if len(e.groups) == 0 || e.groups[len(e.groups)-1] != i {
				e.groups = append(e.groups, i)
			}
		}
	}
	return list, total
}

// affected are the environments in which something changes, the worst first.
func (r *Report) affected() []environment {
	list := slices.DeleteFunc(slices.Clone(r.environments), func(e environment) bool { return e.all() == 0 })
	slices.SortStableFunc(list, func(a, b environment) int {
		return cmp.Or(cmp.Compare(weight(b.exit), weight(a.exit)), cmp.Compare(rank(b.worst), rank(a.worst)))
	})
	return list
}

// Levels are how the page colours the environments in which something changes, by name: "added", "changed", "careful",
// "declared", "danger" or "refused", each for the worst that happens there.
func (r *Report) Levels() map[string]string {
	levels := map[string]string{}
	for _, e := range r.affected() {
		levels[e.name] = level(e.worst, e.exit)
	}
	return levels
}
