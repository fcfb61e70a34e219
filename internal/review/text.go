package review

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"spokewright.dev/spokewright/internal/change"
	"spokewright.dev/spokewright/internal/finding"
)

// Text is how a report is written for people on a terminal.
type Text struct {
	Width  int // columns; 0 for a hundred
	Colour bool
	// Verbose tells every object of an environment that goes, and not only its name.
	Verbose bool
}

// The lines of a difference that a terminal shows, the places of one change in files, and the lines of environments in the summary.
const (
	textLines        = 40
	textPlaces       = 4
	environmentLines = 16
)

// Write writes what was declared, a summary, then every change with the worst first.
func (t Text) Write(w io.Writer, r *Report) error {
	if t.Width <= 0 {
		t.Width = 100
	}
	t.Width = max(t.Width, 40)
	p := &textPrinter{Text: t, names: r.naming()}
	p.declarations(r)
	p.summary(r)
	var everywhere []*shared
	p.told, everywhere = r.sharedFields()
	p.everywhere(everywhere)
	for _, s := range r.sections() {
		p.section(p.untold(s))
	}
	p.notes(r.notes)
	_, err := io.WriteString(w, p.out.String())
	return err
}

type textPrinter struct {
	Text
	names naming
	told  map[string]*shared // changes of fields that many objects have
	out   strings.Builder
}

// Colours, as people know them from Git.
const (
	red    = "31"
	green  = "32"
	yellow = "33"
	cyan   = "36"
	bold   = "1"
	faint  = "2"
)

func (p *textPrinter) paint(code, text string) string {
	if !p.Colour || text == "" {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

// colourOf is the colour of a class.
func colourOf(class change.Class) string {
	switch {
	case dangerous(class):
		return red
	case class == change.Create:
		return green
	default:
		return yellow
	}
}

func (p *textPrinter) line(indent int, text string) {
	p.out.WriteString(strings.Repeat(" ", indent) + text + "\n")
}

// prose writes words on as many lines as they take; those behind the first stand a little to the right.
func (p *textPrinter) prose(indent, hanging int, text string) {
	room, line := p.Width-indent, ""
	for word := range strings.FieldsSeq(text) {
		if line != "" && columns(line)+1+columns(word) > room {
			p.line(indent, line)
			indent, room, line = indent+hanging, room-hanging, ""
			hanging = 0
		}
		line = strings.TrimPrefix(line+" "+word, " ")
	}
	if line != "" {
		p.line(indent, line)
	}
}

func (p *textPrinter) declarations(r *Report) {
	if len(r.declarations) == 0 {
		return
	}
	p.line(0, p.paint(bold, "Declared:"))
	for _, d := range r.declared() {
		p.prose(2, 2, sentence(&d.Declaration, p.names.brief(d.names, 6))+" ["+d.where()+"]")
	}
	p.line(0, "")
}

func (p *textPrinter) summary(r *Report) {
	p.line(0, p.paint(bold, r.summary()))
	if r.base != "" || r.head != "" {
		p.line(0, p.paint(faint, visible("from "+r.base+" to "+r.head)))
	}
	if verdict := r.verdict(); verdict != "" {
		p.line(0, p.paint(red, fmt.Sprintf("%s: exit code %d", verdict, r.ExitCode())))
	}
	if len(r.groups) == 0 {
		return
	}
	p.line(0, "")
	rows := r.rows()
	wideName, wideCount := 0, 0
	for _, row := range rows {
		wideName, wideCount = max(wideName, columns(p.rowName(row))), max(wideCount, columns(row.count.String()))
	}
	for i, row := range rows {
		if i == environmentLines && len(rows) > environmentLines+1 {
			rest := 0
			for _, other := range rows[i:] {
				rest += len(other.names)
			}
			p.line(2, p.paint(faint, fmt.Sprintf("and %s more, none of them worse", finding.Count(rest, "environment"))))
			break
		}
		name, counts := p.rowName(row), row.count.String()
		text := p.paint(colourOf(row.count.worst), row.count.state())
		p.line(2, name+strings.Repeat(" ", wideName-columns(name)+2)+counts+strings.Repeat(" ", wideCount-columns(counts)+2)+text)
	}
	if rest := len(r.environments) - len(r.affected()); rest > 0 {
		p.line(2, p.paint(faint, finding.Count(rest, "environment")+" without a change"))
	}
	if legend := r.legend(); legend != "" {
		p.line(0, "")
		p.line(0, p.paint(faint, legend))
	}
}

func (p *textPrinter) rowName(row row) string {
	return fit(cells(p.names.brief(row.names, 3)), p.Width/2)
}

// row is a line of the summary: an environment, or several of which the same can be said.
type row struct {
	names []string
	count count
}

func (r *Report) rows() []row {
	var rows []row
	at := map[count]int{}
	for _, e := range r.affected() {
		i, known := at[e.count]
		if !known {
			i = len(rows)
			at[e.count], rows = i, append(rows, row{count: e.count})
		}
		rows[i].names = append(rows[i].names, e.name)
	}
	return rows
}

// everywhere tells once what many objects have.
func (p *textPrinter) everywhere(all []*shared) {
	for _, s := range all {
		p.line(0, "")
		of := finding.Count(s.objects, "object") + " of " + p.names.brief(s.names, 6)
		for i, line := range p.wrapped(of, p.Width) {
			p.line(2*min(i, 1), p.paint(bold, line))
		}
		p.field(&s.field, &group{class: s.field.Class})
		p.because(8, s.field.behind)
		var kinds []string
		for _, kind := range s.kinds {
			kinds = append(kinds, visible(kind))
		}
		p.prose(8, 2, strings.Join(kinds, ", "))
	}
}

// untold is a section without the objects of which all is told.
func (p *textPrinter) untold(s section) section {
	rest := section{names: s.names}
	for _, plane := range s.planes {
		groups := slices.DeleteFunc(slices.Clone(plane.groups), func(g *group) bool {
			return len(g.fields) > 0 && len(p.own(g)) == 0
		})
		if len(groups) > 0 {
			rest.planes = append(rest.planes, planeSection{plane.plane, plane.maker, groups})
		}
	}
	return rest
}

// own are the fields of a group that are not told yet.
func (p *textPrinter) own(g *group) []field {
	return slices.DeleteFunc(slices.Clone(g.fields), func(f field) bool { return p.told[sharedKey(g, f)] != nil })
}

func (p *textPrinter) section(s section) {
	whole, s := p.folded(s)
	if len(whole)+len(s.planes) == 0 {
		return
	}
	limit := 12
	if len(whole) > 0 {
		limit = 0
	}
	for _, plane := range s.planes {
		for _, g := range plane.groups {
			if g.dangerous() {
				limit = 0 // they are all named
			}
		}
	}
	p.line(0, "")
	heading := p.names.brief(s.names, limit)
	if len(s.names) > 1 && !strings.HasPrefix(heading, "all ") {
		heading += fmt.Sprintf(" (%s)", finding.Count(len(s.names), "environment"))
	}
	for i, line := range p.wrapped(heading, p.Width) {
		p.line(2*min(i, 1), p.paint(bold, line))
	}
	for _, b := range whole {
		p.bundle(b)
	}
	for _, plane := range s.planes {
		p.line(2, p.paint(cyan, plane.title()))
		for _, g := range plane.groups {
			p.group(g)
		}
	}
}

// folded are what goes with environments, and the section without it.
func (p *textPrinter) folded(s section) (whole []bundle, rest section) {
	if p.Verbose {
		return nil, s
	}
	var all []*group
	for _, plane := range s.planes {
		all = append(all, plane.groups...)
	}
	whole, _ = bundles(all)
	rest.names = s.names
	for _, plane := range s.planes {
		if _, plane.groups = bundles(plane.groups); len(plane.groups) > 0 {
			rest.planes = append(rest.planes, plane)
		}
	}
	return whole, rest
}

// bundle tells what goes with environments: how to declare it once, and each name.
func (p *textPrinter) bundle(b bundle) {
	first := b[0]
	p.line(2, p.paint(colourOf(first.class), sign(first.action)+" "+b.title())+"  "+p.paint(colourOf(first.class), first.label()))
	if first.declared != nil {
		p.prose(6, 2, "declared: "+sentence(first.declared, "")+" ["+visible(placesOf(first.allowed, textPlaces))+"]")
	}
	for i := range first.fields {
		p.advice(&first.fields[i])
	}
	p.because(6, first.because())
	p.prose(8, 2, b.objects())
	p.prose(8, 2, p.paint(faint, "-v tells each"))
}

func (p *textPrinter) wrapped(text string, width int) []string {
	inner := &textPrinter{Text: Text{Width: width - 2}}
	inner.prose(0, 0, text)
	return strings.Split(strings.TrimSuffix(inner.out.String(), "\n"), "\n")
}

func (p *textPrinter) group(g *group) {
	head := p.paint(colourOf(g.class), sign(g.action)+" "+title(g.object)) + "  " + p.paint(colourOf(g.class), g.label())
	if g.subject != "" && g.subject != strings.ReplaceAll(g.object.String(), " ", "/") {
		head += p.paint(faint, "  ["+visible(g.subject)+"]")
	}
	p.line(4, head)
	if origin := g.origin(); origin != "" {
		p.line(8, origin)
	}
	if g.declared != nil {
		p.prose(8, 2, "declared: "+sentence(g.declared, "")+" ["+visible(placesOf(g.allowed, textPlaces))+"]")
	}
	fields := p.own(g)
	for i := range fields {
		p.field(&fields[i], g)
		p.because(8, g.own(&fields[i]))
	}
	if len(fields) > 0 {
		p.because(6, g.because())
	}
}

// because names the places that are behind something.
func (p *textPrinter) because(indent int, behind []finding.Position) {
	if len(behind) > 0 {
		p.prose(indent, 2, p.paint(faint, "because "+visible(placesOf(behind, textPlaces))))
	}
}

func (p *textPrinter) field(f *field, g *group) {
	const indent = 6
	s := layout{width: p.Width - indent - 4, lines: textLines}.show(f)
	class := ""
	if f.Class != g.class {
		class = "  " + p.paint(colourOf(f.Class), visible(string(f.Class)))
	}
	switch {
	case len(s.lines) > 0:
		p.line(indent, s.path+":"+class)
		for _, one := range s.lines {
			p.difference(one.mark, one.text)
		}
		if s.more > 0 {
			p.line(indent+2, p.paint(faint, fmt.Sprintf("… %s more", finding.Count(s.more, "line"))))
		}
	case s.old != "" && s.new != "":
		text := s.path + ": " + s.old + " → " + s.new
		if columns(text) <= p.Width-indent-columns(string(f.Class))-2 {
			p.line(indent, s.path+": "+p.paint(red, s.old)+" → "+p.paint(green, s.new)+class)
			break
		}
		p.line(indent, s.path+":"+class)
		p.difference('-', s.old)
		p.difference('+', s.new)
	case s.old != "":
		p.line(indent, p.paint(red, "- "+strings.TrimPrefix(s.path+": ", ": ")+s.old)+class)
	case s.new != "":
		p.line(indent, p.paint(green, "+ "+strings.TrimPrefix(s.path+": ", ": ")+s.new)+class)
	case s.path != "":
		p.line(indent, s.path+class)
	}
	p.advice(f)
}

func (p *textPrinter) difference(mark byte, text string) {
	code := map[byte]string{'-': red, '+': green, '@': faint}[mark]
	shown := string(mark)
	if mark == '@' {
		shown = " "
	}
	line := strings.TrimRight(shown+" "+text, " ")
	if code != "" {
		line = p.paint(code, line)
	}
	p.line(8, line)
}

// advice says why, and what to do.
func (p *textPrinter) advice(f *field) {
	if f.Reason != "" {
		p.prose(8, 2, visible(f.Reason))
	}
	if f.Remedy != "" {
		text := "to do: " + visible(f.Remedy)
		if len(f.written) > 0 {
			text += " [" + visible(placesOf(f.written, textPlaces)) + "]"
		}
		p.prose(8, 2, text)
	} else if len(f.written) > 0 && dangerous(f.Class) {
		p.prose(8, 2, "at "+visible(placesOf(f.written, textPlaces)))
	}
}

func (p *textPrinter) notes(notes finding.Findings) {
	if len(notes) == 0 {
		return
	}
	p.line(0, "")
	p.line(0, p.paint(bold, "Notes:"))
	for _, f := range notes.Fold() {
		p.prose(2, 2, visible(f.String()))
		if f.Remedy != "" {
			p.prose(4, 2, "to do: "+visible(f.Remedy))
		}
	}
}
