package review

import (
	"fmt"
	"html"
	"io"
	"regexp"
	"slices"
	"strings"

	"spokewright.dev/spokewright/internal/finding"
)

// commentLimit is what a comment on GitHub may hold. Bytes are counted, which are never fewer than its characters.
const commentLimit = 65_536

// Markdown writes a report as a comment of a pull request: what is dangerous first, details folded, and no more than a
// comment may hold. Where not all fits, whole objects are left out, from the harmless end on.
func Markdown(w io.Writer, r *Report) error {
	m := &markdown{report: r, names: r.naming(), layout: layout{width: 160, lines: 24}}
	_, err := io.WriteString(w, m.comment(commentLimit-1))
	return err
}

// marker begins every comment, so that the next run finds it and writes it anew.
const marker = "<!-- spokewright diff -->"

type markdown struct {
	report *Report
	names  naming
	layout layout
}

// The room that is kept for the last line.
const tailRoom = 600

func (m *markdown) comment(limit int) string {
	head, notes := m.head(limit/4), m.notes(limit/16)
	room := limit - tailRoom - len(head) - len(notes)
	dangers := 0
	for dangers < len(m.report.groups) && m.report.groups[dangers].dangerous() {
		dangers++
	}
	order := m.order()
	blocks, size := make([]string, len(order)), 0
	bundled := m.bundled()
	for i, at := range order {
		if b, whole := bundled[&m.report.groups[at]]; whole {
			blocks[i] = m.bundle(b)
		} else {
			blocks[i] = m.block(&m.report.groups[at])
		}
		if m.report.groups[at].dangerous() {
			size += len(blocks[i])
		}
	}
	list := ""
	if size > room { // not each with its details: then each with its name
		list = m.list(room)
		room -= len(list)
	}
	var body strings.Builder
	left := count{}
	for i, at := range order {
		if len(blocks[i]) > room {
			told := bundled[&m.report.groups[at]]
			if told == nil {
				told = bundle{&m.report.groups[at]}
			}
			for _, g := range told {
				for range g.places {
					left.add(g)
				}
			}
			continue
		}
		body.WriteString(blocks[i])
		room -= len(blocks[i])
	}
	return head + list + body.String() + notes + m.tail(left)
}

// order is that of the groups: dangerous ones wherever they stand, then the others.
func (m *markdown) order() []int {
	var order []int
	for _, dangerous := range []bool{true, false} {
		for i := range m.report.groups {
			if m.report.groups[i].dangerous() == dangerous {
				order = append(order, i)
			}
		}
	}
	return order
}

func (m *markdown) head(limit int) string {
	r := m.report
	var text strings.Builder
	fmt.Fprintf(&text, "%s\n### %s\n\n", marker, prose(r.summary()))
	if r.base != "" || r.head != "" {
		fmt.Fprintf(&text, "From %s to %s.\n\n", code(fit(cells(r.base), 120)), code(fit(cells(r.head), 120)))
	}
	if verdict := r.verdict(); verdict != "" {
		fmt.Fprintf(&text, "**%s: exit code %d.**\n\n", verdict, r.ExitCode())
	}
	text.WriteString(m.declarations(limit))
	if len(r.groups) == 0 {
		return text.String()
	}
	text.WriteString("| environment | objects | |\n|---|---|---|\n")
	rows := r.rows()
	for i, row := range rows {
		if i == environmentLines && len(rows) > environmentLines+1 {
			rest := 0
			for _, other := range rows[i:] {
				rest += len(other.names)
			}
			fmt.Fprintf(&text, "| and %s more | | none of them worse |\n", finding.Count(rest, "environment"))
			break
		}
		fmt.Fprintf(&text, "| %s | %s | %s |\n", cell(fit(cells(m.names.brief(row.names, 3)), 80)), code(row.count.String()), prose(row.count.state()))
	}
	if rest := len(r.environments) - len(r.affected()); rest > 0 {
		fmt.Fprintf(&text, "| %s | | unchanged |\n", finding.Count(rest, "other environment"))
	}
	text.WriteString("\n")
	if legend := r.legend(); legend != "" {
		fmt.Fprintf(&text, "%s\n\n", prose(legend))
	}
	return text.String()
}

func (m *markdown) declarations(limit int) string {
	list := m.report.declared()
	if len(list) == 0 {
		return ""
	}
	text := "**Declared**\n\n"
	for i, d := range list {
		line := "- " + prose(fit(cells(sentence(&d.Declaration, m.names.brief(d.names, 6))), 300)) + " (" + code(fit(cells(d.where()), 120)) + ")\n"
		if len(text)+len(line) > limit {
			text += fmt.Sprintf("- and %s more\n", finding.Count(len(list)-i, "declaration"))
			break
		}
		text += line
	}
	return text + "\n"
}

func (m *markdown) notes(limit int) string {
	if len(m.report.notes) == 0 {
		return ""
	}
	text := "**Notes**\n\n"
	folded := m.report.notes.Fold()
	for i, f := range folded {
		line := "- " + prose(fit(cells(f.String()), 300))
		if f.Remedy != "" {
			line += ". To do: " + prose(fit(cells(f.Remedy), 200))
		}
		line += "\n"
		if len(text)+len(line) > limit {
			text += fmt.Sprintf("- and %s more\n", finding.Count(len(folded)-i, "note"))
			break
		}
		text += line
	}
	return text + "\n"
}

func (m *markdown) tail(left count) string {
	if left.all() == 0 {
		return ""
	}
	return fmt.Sprintf("This comment cannot hold the details of all: those of %s of objects are left out. `spokewright diff` shows them, and `spokewright diff -o html` as a page.\n",
		finding.Count(left.all(), "change"))
}

// block is a change with its details, folded.
func (m *markdown) block(g *group) string {
	var text strings.Builder
	names := g.environments()
	fmt.Fprintf(&text, "<details><summary><b>%s</b> <code>%s %s</code> in <code>%s</code>, %s</summary>\n\n",
		html.EscapeString(g.label()), html.EscapeString(sign(g.action)), html.EscapeString(fit(cells(g.object.String()), 120)),
		html.EscapeString(fit(cells(m.names.brief(names, 3)), 120)), html.EscapeString(fit(cells(placeTitle(g.plane, g.maker)), 120)))
	if len(names) > 4 {
		fmt.Fprintf(&text, "In %s.\n\n", code(m.names.brief(names, 0)))
	}
	if origin := g.origin(); origin != "" {
		fmt.Fprintf(&text, "It comes %s.\n\n", code(fit(cells(origin), 160)))
	}
	if g.declared != nil {
		fmt.Fprintf(&text, "Declared: %s (%s).\n\n", prose(fit(cells(sentence(g.declared, "")), 300)), code(fit(cells(placesOf(g.allowed, textPlaces)), 240)))
	}
	var lines []string
	flush := func() {
		if len(lines) > 0 {
			text.WriteString(fence(lines))
		}
		lines = nil
	}
	for i := range g.fields {
		f := &g.fields[i]
		lines = append(lines, m.field(f, g)...)
		if advice := m.advice(f) + because(g.own(f)); advice != "" {
			flush()
			text.WriteString(advice)
		}
	}
	flush()
	text.WriteString(because(g.because()))
	text.WriteString("</details>\n\n")
	return text.String()
}

// field is the lines of a diff.
func (m *markdown) field(f *field, g *group) []string {
	s := m.layout.show(f)
	var lines []string
	if s.path != "" {
		heading := "@@ " + fit(cells(string(f.Path)), 140) + " @@"
		if f.Class != g.class {
			heading += " " + visible(string(f.Class))
		}
		lines = append(lines, heading)
	}
	if s.old != "" {
		lines = append(lines, "- "+s.old)
	}
	if s.new != "" {
		lines = append(lines, "+ "+s.new)
	}
	for _, one := range s.lines {
		mark := string(one.mark)
		if one.mark == '@' {
			mark = " "
		}
		lines = append(lines, strings.TrimRight(mark+" "+one.text, " "))
	}
	if s.more > 0 {
		lines = append(lines, fmt.Sprintf("  %s %s more", gap, finding.Count(s.more, "line")))
	}
	return lines
}

func (m *markdown) advice(f *field) string {
	var text string
	if f.Reason != "" {
		text += "Why: " + prose(fit(cells(f.Reason), 600)) + "\n\n"
	}
	if f.Remedy != "" {
		text += "To do: " + prose(fit(cells(f.Remedy), 600))
		if len(f.written) > 0 {
			text += " (" + code(fit(cells(placesOf(f.written, textPlaces)), 240)) + ")"
		}
		text += "\n\n"
	}
	return text
}

// list names every dangerous change, in as many words as there is room for: objects, else subjects, else the environments
// alone.
func (m *markdown) list(room int) string {
	const heading = "**Cannot be applied, or destroys**\n\n"
	var text string
	for _, name := range []func(*group) string{m.byObject, m.bySubject, func(*group) string { return "" }} {
		text = heading + strings.Join(m.named(name), "") + "\n"
		if len(text) <= room*9/10 {
			return text
		}
	}
	lines, text := m.named(func(*group) string { return "" }), heading
	for i, line := range lines {
		if len(text)+len(line) > room*9/10 {
			return text + fmt.Sprintf("- and %s of this list more\n\n", finding.Count(len(lines)-i, "line"))
		}
		text += line
	}
	return text + "\n"
}

func (m *markdown) byObject(g *group) string {
	o := g.object
	if len(g.places) == 1 && o.Namespace == g.places[0].Environment || o.Namespace == placeholder {
		o.Namespace = "" // the line says it
	}
	return code(fit(cells(o.String()), 80))
}

func (m *markdown) bySubject(g *group) string { return code(fit(cells(g.subject), 60)) }

// named are lines for all dangerous changes, those of the same environments on one line.
func (m *markdown) named(name func(*group) string) []string {
	type entry struct {
		names []string
		words []string
	}
	var list []entry
	at := map[string]int{}
	for _, i := range m.order() {
		g := &m.report.groups[i]
		if !g.dangerous() {
			break
		}
		names := g.environments()
		key := strings.Join(names, "\x00")
		k, known := at[key]
		if !known {
			k = len(list)
			at[key], list = k, append(list, entry{names: names})
		}
		label, words := visible(string(g.class)), &list[k].words
		if g.declared != nil {
			label += " (declared)"
		}
		if word := strings.TrimSpace(label + " " + name(g)); !slices.Contains(*words, word) {
			*words = append(*words, word)
		}
	}
	var lines []string
	for _, e := range list {
		lines = append(lines, "- "+code(m.names.brief(e.names, 0))+": "+strings.Join(e.words, ", ")+"\n")
	}
	return lines
}

// code is a text as a code span. In one, nothing is a link, a name that is called or a sign of Markdown.
func code(text string) string {
	if text == "" {
		return ""
	}
	ticks := strings.Repeat("`", longest(text)+1)
	if strings.HasPrefix(text, "`") || strings.HasSuffix(text, "`") || strings.TrimSpace(text) != text {
		text = " " + text + " "
	}
	return ticks + text + ticks
}

// cell is a code span in a table.
func cell(text string) string { return code(strings.ReplaceAll(text, "|", `\u007c`)) }

// fence is lines as a block of code.
func fence(lines []string) string {
	ticks := strings.Repeat("`", max(longest(strings.Join(lines, "\n"))+1, 3))
	return ticks + "diff\n" + strings.Join(lines, "\n") + "\n" + ticks + "\n\n"
}

// longest is the longest row of backticks in a text.
func longest(text string) int {
	most, run := 0, 0
	for _, c := range []byte(text) {
		if c != '`' {
			run = 0
			continue
		}
		run++
		most = max(most, run)
	}
	return most
}

// harmless is a word that Markdown, and what reads comments for names and numbers, leaves alone.
var harmless = regexp.MustCompile(`^[("]*[A-Za-z0-9'][A-Za-z0-9'-]*(?:[.,][A-Za-z0-9'-]+)*[)",.;:?]*$`)

// reference is a word that a forge makes a link of.
var reference = regexp.MustCompile(`(?i)^[("]*(?:www\.|gh-|[a-z]+-[0-9]|[0-9a-f]{7,}\b)`)

// isNumber is a word that begins a list: 1. or 1).
func isNumber(word string) bool {
	digits := strings.TrimRight(word, ".)")
	return digits != word && strings.Trim(digits, "0123456789") == ""
}

// prose is a sentence with the words in code spans that are more than words.
func prose(text string) string {
	words := strings.Fields(visible(text))
	risky := make([]bool, len(words))
	for i, word := range words {
		risky[i] = !harmless.MatchString(word) || reference.MatchString(word) || i == 0 && isNumber(word)
	}
	var parts []string
	for i := 0; i < len(words); i++ {
		if !risky[i] {
			parts = append(parts, words[i])
			continue
		}
		j := i
		for j+1 < len(words) && risky[j+1] || j+2 < len(words) && risky[j+2] {
			j++
		}
		parts = append(parts, code(strings.Join(words[i:j+1], " ")))
		i = j
	}
	return strings.Join(parts, " ")
}
