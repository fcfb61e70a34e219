package review

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"spokewright.dev/spokewright/internal/change"
	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/schema"
)

// sign is how a summary writes what becomes of an object.
func sign(action change.Action) string {
	switch action {
	case change.Added:
		return "+"
	case change.Removed:
		return "-"
	case change.Moved:
		return ">"
	default:
		return "~"
	}
}

// String is "+2 ~5 -1 >1", without what there is none of.
func (n *count) String() string {
	var parts []string
	for _, part := range []struct {
		sign string
		n    int
	}{{"+", n.added}, {"~", n.changed}, {"-", n.removed}, {">", n.moved}} {
		if part.n > 0 {
			parts = append(parts, part.sign+strconv.Itoa(part.n))
		}
	}
	return strings.Join(parts, " ")
}

// dangers is "1 refused, 2 destructive (1 of them declared)"; empty where there are none.
func (n *count) dangers() string {
	var parts []string
	if n.refused > 0 {
		parts = append(parts, fmt.Sprintf("%d refused", n.refused))
	}
	switch {
	case n.destroyed == 0:
	case n.declared == 0:
		parts = append(parts, fmt.Sprintf("%d destructive", n.destroyed))
	case n.declared == n.destroyed:
		parts = append(parts, fmt.Sprintf("%d destructive, declared", n.destroyed))
	default:
		parts = append(parts, fmt.Sprintf("%d destructive (%d of them declared)", n.destroyed, n.declared))
	}
	return strings.Join(parts, ", ")
}

// state is what a summary says of an environment, or of a fleet.
func (n *count) state() string {
	dangers := n.dangers()
	switch {
	case n.worst == "":
		return "unchanged"
	case dangers == "":
		return visible(string(n.worst))
	case n.worst == change.Refused:
		return dangers
	default:
		return visible(string(n.worst)) + ", " + dangers
	}
}

// summary is the whole review in a line: "3 environments: +2 ~5 -1, 1 destructive".
func (r *Report) summary() string {
	changed := len(r.affected())
	if changed == 0 {
		return finding.Count(len(r.environments), "environment") + ": nothing changes"
	}
	text := finding.Count(changed, "environment") + ": " + r.total.String()
	if dangers := r.total.dangers(); dangers != "" {
		text += ", " + dangers
	}
	return text
}

// verdict says what the exit code means here; empty where nothing stands in the way.
func (r *Report) verdict() string {
	switch r.ExitCode() {
	case 2:
		return finding.Count(r.total.refused, "change") + " cannot be applied"
	case 4:
		if n := r.total.undeclared(); n != 1 {
			return fmt.Sprintf("%d destructive changes are not declared", n)
		}
		return "1 destructive change is not declared"
	}
	return ""
}

// legend explains the placeholder where a change has it; else empty.
func (r *Report) legend() string {
	for i := range r.groups {
		if len(r.groups[i].places) > 1 && strings.Contains(r.groups[i].key(), escapedPlaceholder) {
			return placeholder + " stands for each environment's name"
		}
	}
	return ""
}

// title is how an object is called: Database prod-eu/orders.
func title(o finding.Object) string { return visible(o.String()) }

// label is the class as a reader sees it, and whether it is declared.
func (g *group) label() string {
	label := visible(string(g.class))
	switch {
	case g.declared != nil:
		label += ", declared"
	case g.class.Destructive():
		label += ", not declared"
	}
	return label
}

// origin is where a moved or renamed object was; empty for others.
func (g *group) origin() string {
	if g.from == nil {
		return ""
	}
	text := title(g.from.Object)
	if g.from.Environment != "" && g.from.Environment != g.places[0].Environment && g.from.Environment != placeholder {
		text += " in " + visible(g.from.Environment)
	}
	if g.from.Plane != "" && g.from.Plane != g.plane {
		text += " (" + visible(string(g.from.Plane)) + ")"
	}
	return "from " + text
}

// sentence is what a declaration lets through. Of one that many environments have, names are those.
func sentence(d *change.Declaration, names string) string {
	text := "removed " + visible(d.What)
	if d.From != "" || d.To != "" {
		text = "moved " + visible(d.From) + " to " + visible(d.To)
	}
	if names != "" {
		text += " in " + names
	}
	if d.Reason != "" {
		text += ": " + visible(d.Reason)
	}
	if !d.Used {
		text += " (nothing of this change needs it"
		if d.Meant != "" {
			text += "; did you mean " + visible(d.Meant) + "?"
		}
		text += ")"
	}
	return text
}

// placesOf names positions: "a.cue:1:2, b.cue:1:2 and 8 more".
func placesOf(all []finding.Position, most int) string {
	var texts []string
	for i, position := range all {
		if i == most && len(all) > most+1 {
			return strings.Join(texts, ", ") + fmt.Sprintf(" and %d more", len(all)-i)
		}
		texts = append(texts, position.String())
	}
	return strings.Join(texts, ", ")
}

// because names in Markdown the places that are behind something; empty where there are none.
func because(behind []finding.Position) string {
	if len(behind) == 0 {
		return ""
	}
	return "Because " + code(fit(cells(placesOf(behind, textPlaces)), 240)) + "\n\n"
}

// declared is one declaration, of one environment or of many.
type declared struct {
	change.Declaration
	names []string // empty for one of the whole fleet
}

// where is its place, and of how many more.
func (d *declared) where() string {
	text := visible(d.Position.String())
	if n := len(d.names); n > 1 {
		text += fmt.Sprintf(" and %d more", n-1)
	}
	return text
}

// declared are the declarations, the same one of many environments once; those that nothing needs come last.
func (r *Report) declared() []declared {
	var list []declared
	at := map[change.Declaration]int{}
	for _, d := range r.declarations {
		key := d
		key.Position, key.Environment = finding.Position{}, ""
		i, known := at[key]
		if !known || d.Environment == "" || len(list[i].names) == 0 {
			i = len(list)
			at[key], list = i, append(list, declared{Declaration: d})
		}
		if d.Environment != "" {
			list[i].names = append(list[i].names, d.Environment)
		}
	}
	slices.SortStableFunc(list, func(a, b declared) int {
		if a.Used == b.Used {
			return 0
		}
		if a.Used {
			return -1
		}
		return 1
	})
	return list
}

// naming names sets of environments.
type naming struct {
	all []string
	at  map[string]int
}

func (r *Report) naming() naming {
	n := naming{at: map[string]int{}}
	for i, e := range r.environments {
		n.all = append(n.all, visible(e.name))
		n.at[e.name] = i
	}
	return n
}

// The environments from which on a set is called by those that are not in it.
const nearlyAll = 6

// brief names a set: "all 40 environments", "all 40 environments but dev and test", "a, b and 8 more". A limit of 0 names
// all.
func (n naming) brief(names []string, limit int) string {
	if missing := len(n.all) - len(names); len(n.all) >= nearlyAll && missing <= 3 {
		text := fmt.Sprintf("all %d environments", len(n.all))
		if missing == 0 {
			return text
		}
		in := map[int]bool{}
		for _, name := range names {
			in[n.at[name]] = true
		}
		var out []string
		for i, name := range n.all {
			if !in[i] {
				out = append(out, name)
			}
		}
		return text + " but " + finding.AllOf(out)
	}
	parts, left := n.runs(names), len(names)
	if limit == 0 || len(parts) <= limit+1 {
		limit = len(parts)
	}
	var texts []string
	for _, part := range parts[:limit] {
		texts, left = append(texts, part.text), left-part.names
	}
	text := strings.Join(texts, ", ")
	if left > 0 {
		text += fmt.Sprintf(" and %d more", left)
	}
	return text
}

// run is one name for neighbours.
type run struct {
	text  string
	names int
}

// The neighbours from which on a run has one name: eu-001 to eu-040.
const longRun = 5

// runs are the names of a set, neighbours of the fleet that differ in a number at their end as one.
func (n naming) runs(names []string) []run {
	var parts []run
	for i := 0; i < len(names); {
		j := i
		for j+1 < len(names) && n.at[names[j+1]] == n.at[names[j]]+1 && stem(names[j+1]) == stem(names[i]) && stem(names[i]) != names[i] {
			j++
		}
		if many := j - i + 1; many >= longRun {
			parts = append(parts, run{fmt.Sprintf("%s to %s (%d)", visible(names[i]), visible(names[j]), many), many})
		} else {
			for _, name := range names[i : j+1] {
				parts = append(parts, run{visible(name), 1})
			}
		}
		i = j + 1
	}
	return parts
}

func stem(name string) string { return strings.TrimRight(name, "0123456789") }

// section is what changes in one set of environments, the worst first.
type section struct {
	names  []string
	planes []planeSection
}

// planeSection is what changes in a plane, or in what one Application makes there.
type planeSection struct {
	plane  schema.Plane
	maker  string
	groups []*group
}

func (p planeSection) title() string { return placeTitle(p.plane, p.maker) }

func placeTitle(plane schema.Plane, maker string) string {
	if maker == "" {
		return visible(string(plane))
	}
	return visible(string(plane)) + ", made by Application " + visible(maker)
}

// sections are the groups by environments and planes.
func (r *Report) sections() []section {
	var list []section
	at := map[string]int{}
	for i := range r.groups {
		g := &r.groups[i]
		names := g.environments()
		key := strings.Join(names, "\x00")
		k, known := at[key]
		if !known {
			k = len(list)
			at[key], list = k, append(list, section{names: names})
		}
		s := &list[k]
		p := slices.IndexFunc(s.planes, func(p planeSection) bool { return p.plane == g.plane && p.maker == g.maker })
		if p < 0 {
			p, s.planes = len(s.planes), append(s.planes, planeSection{plane: g.plane, maker: g.maker})
		}
		s.planes[p].groups = append(s.planes[p].groups, g)
	}
	return list
}
