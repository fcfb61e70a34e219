package review

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"strconv"
	"strings"

	"spokewright.dev/spokewright/internal/change"
	"spokewright.dev/spokewright/internal/webpage"
)

//go:embed page.html
var pageText string

//go:embed page.css
var pageStyle string

//go:embed page.js
var pageScript string

// HTML writes a report as one page that opens offline: it asks nobody for anything, which its own policy forbids, and reads
// without its script.
func HTML(w io.Writer, r *Report) error {
	return webpage.Write(w, pageText, nil, r.page())
}

// What the page's template is given. All text in it is visible.
type (
	pageHTML struct {
		webpage.Page

		Base, Head, Verdict, Legend, Level string

		Exit      int
		Declared  []declaredHTML
		Tiles     []tileHTML
		MoreTiles []tileHTML // folded
		Unchanged []string
		Names     []string
		Classes   []classHTML
		Sections  []sectionHTML
		Notes     []noteHTML
	}
	declaredHTML struct {
		Text, Where string
		Used        bool
	}
	tileHTML struct {
		Name, State, Counts, Level string

		Link template.URL
	}
	classHTML struct {
		Class, Level string
		Count        int
	}
	sectionHTML struct {
		ID, Title string
		Planes    []planeHTML
	}
	planeHTML struct {
		Plane   string
		Changes []changeHTML
	}
	changeHTML struct {
		ID, Label, Class, Level, Sign, Object, Subject, Origin, Declared, DeclaredAt, First, In string

		Link   template.URL
		Open   bool
		Fields []fieldHTML
		Places []placeHTML
	}
	fieldHTML struct {
		Path, Class, Level, Reason, Remedy, At, Because, More string

		Lines    []lineHTML
		Old, New valueHTML
	}
	lineHTML  struct{ Mark, Text string }
	valueHTML struct {
		Has                 bool
		Before, Mark, After string
	}
	placeHTML struct{ ID, Name string }
	noteHTML  struct{ Text, Remedy string }
)

// level is how a page colours a change.
func level(class change.Class, exit int) string {
	switch {
	case class == "":
		return "none"
	case class == change.Refused && exit == change.ExitRefused:
		return "refused"
	case dangerous(class) && exit == change.ExitChanged:
		return "declared"
	case dangerous(class):
		return "danger"
	case class == change.Create:
		return "added"
	case class == change.InPlace:
		return "changed"
	default:
		return "careful"
	}
}

// The changes that are unfolded when the page opens, and the environments from which on those without danger are folded.
const (
	unfolded = 30
	spread   = 60
)

func (r *Report) page() pageHTML {
	names := r.naming()
	p := pageHTML{Page: webpage.New(r.summary(), pageStyle, pageScript), Base: visible(r.base),
		Head: visible(r.head), Verdict: r.verdict(), Exit: r.ExitCode(), Legend: r.legend(), Level: level(r.total.worst, r.total.exit), Names: names.all}
	for _, d := range r.declared() {
		p.Declared = append(p.Declared, declaredHTML{sentence(&d.Declaration, names.brief(d.names, 6)), d.where(), d.Used})
	}
	affected := r.affected()
	for _, e := range affected {
		tile := tileHTML{visible(e.name), e.state(), e.String(), level(e.worst, e.exit), link(r.firstIn(&e))}
		if len(affected) > spread && !dangerous(e.worst) {
			p.MoreTiles = append(p.MoreTiles, tile)
		} else {
			p.Tiles = append(p.Tiles, tile)
		}
	}
	for _, e := range r.environments {
		if e.all() == 0 {
			p.Unchanged = append(p.Unchanged, visible(e.name))
		}
	}
	p.Classes = r.classCounts()
	open := unfolded
	for i, s := range r.sections() {
		section := sectionHTML{ID: "environments-" + strconv.Itoa(i+1), Title: names.brief(s.names, 12)}
		for _, plane := range s.planes {
			one := planeHTML{Plane: plane.title()}
			for _, g := range plane.groups {
				c := g.page(names)
				c.Open = g.dangerous() && !g.whole && open > 0
				if c.Open {
					open--
				}
				one.Changes = append(one.Changes, c)
			}
			section.Planes = append(section.Planes, one)
		}
		p.Sections = append(p.Sections, section)
	}
	for _, f := range r.notes.Fold() {
		p.Notes = append(p.Notes, noteHTML{visible(f.String()), visible(f.Remedy)})
	}
	return p
}

// firstIn is the id of the worst change of an environment.
func (r *Report) firstIn(e *environment) string {
	g := &r.groups[e.groups[0]]
	for i, p := range g.places {
		if p.Environment == e.name {
			return g.ids[i]
		}
	}
	return g.id
}

// link leads to an id, which is made of letters that a link may have.
func link(id string) template.URL { return template.URL("#" + id) }

func (r *Report) classCounts() []classHTML {
	var list []classHTML
	for i := range r.groups {
		g := &r.groups[i]
		at := -1
		for k := range list {
			if list[k].Class == visible(string(g.class)) {
				at = k
			}
		}
		if at < 0 {
			at, list = len(list), append(list, classHTML{Class: visible(string(g.class)), Level: level(g.class, g.exit)})
		}
		list[at].Count++
	}
	return list
}

func (g *group) page(names naming) changeHTML {
	c := changeHTML{ID: g.id, Link: link(g.id), Label: g.label(), Class: visible(string(g.class)), Level: level(g.class, g.exit), Sign: sign(g.action), Object: title(g.object),
		Origin: g.origin(), First: visible(g.places[0].Environment)}
	if g.subject != strings.ReplaceAll(g.object.String(), " ", "/") {
		c.Subject = visible(g.subject)
	}
	if g.declared != nil {
		c.Declared, c.DeclaredAt = sentence(g.declared, ""), visible(placesOf(g.allowed, 20))
	}
	room := layout{width: 400, lines: 200}
	for i := range g.fields {
		f := &g.fields[i]
		s := room.show(f)
		one := fieldHTML{Path: s.path, Reason: visible(f.Reason), Remedy: visible(f.Remedy)}
		if f.Class != g.class {
			one.Class, one.Level = visible(string(f.Class)), level(f.Class, g.exit)
		}
		one.At = visible(placesOf(f.written, 20))
		if len(f.behind) > 0 {
			one.Because = visible(placesOf(f.behind, 20))
		}
		for _, l := range s.lines {
			one.Lines = append(one.Lines, lineHTML{string(l.mark), l.text})
		}
		if s.more > 0 {
			one.More = fmt.Sprintf("%s %d more", gap, s.more)
		}
		one.Old, one.New = marked(s.old, s.new)
		c.Fields = append(c.Fields, one)
	}
	var in []string
	for i, p := range g.places {
		if index := strconv.Itoa(names.at[p.Environment]); len(in) == 0 || in[len(in)-1] != index {
			in = append(in, index)
		}
		if len(g.places) > 1 {
			name := visible(p.Environment)
			if withPlaceholder(p.Object.String(), p.Environment) != g.object.String() {
				name += ": " + title(p.Object)
			}
			id := g.ids[i]
			if i == 0 {
				id = "" // the change itself has it
			}
			c.Places = append(c.Places, placeHTML{id, name})
		}
	}
	c.In = strings.Join(in, " ")
	if len(in) == len(names.all) {
		c.In = "*"
	}
	return c
}

// marked are two values with what differs between them.
func marked(old, fresh string) (a, b valueHTML) {
	a, b = valueHTML{Has: old != "", Before: old}, valueHTML{Has: fresh != "", Before: fresh}
	if !a.Has || !b.Has || strings.HasPrefix(old, hidden) {
		return a, b
	}
	x, y := []rune(old), []rune(fresh)
	prefix, suffix := 0, 0
	for prefix < len(x) && prefix < len(y) && x[prefix] == y[prefix] {
		prefix++
	}
	for suffix < len(x)-prefix && suffix < len(y)-prefix && x[len(x)-1-suffix] == y[len(y)-1-suffix] {
		suffix++
	}
	if prefix+suffix < 3 { // nothing in common but quotes
		return a, b
	}
	part := func(text []rune) valueHTML {
		return valueHTML{true, string(text[:prefix]), string(text[prefix : len(text)-suffix]), string(text[len(text)-suffix:])}
	}
	return part(x), part(y)
}
