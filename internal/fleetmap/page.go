package fleetmap

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"maps"
	"slices"
	"strings"

	"spokewright.dev/spokewright/internal/webpage"
)

//go:embed page.html
var pageText string

//go:embed page.css
var pageStyle string

//go:embed page.js
var pageScript string

// What the page's template is given.
type (
	page struct {
		*Map
		webpage.Page

		Drawing template.HTML
		Choices []choice
		Changed int // environments that a change touches
		Heads   []string
		Rows    []row
		Stores  []store
		Ends    []end
	}
	// choice is something to filter by, with what can be chosen.
	choice struct {
		Name, Label string
		Options     []string
	}
	// row is environments that run the same apps in the same ways: a letter for each app, "" where it does not run.
	row struct {
		Environments []string
		Ways         []string
	}
	// store is databases that are alike.
	store struct {
		Database

		Environments []string
	}
	// end is a day on which something ends.
	end struct {
		Day, What string
		Over      bool
	}
)

// HTML writes the map as one page that opens offline: it asks nobody for anything, which its own policy forbids, and reads
// without its script.
func HTML(w io.Writer, m *Map) error {
	var drawn strings.Builder
	if err := m.draw().write(&drawn); err != nil {
		return err
	}
	p := page{
		Map: m, Page: webpage.New(m.Sentence(), pageStyle+drawingStyle, pageScript),
		Drawing: template.HTML(drawn.String()), //nolint:gosec // written by a template that escapes
		Choices: m.choices(), Stores: m.stores(), Ends: m.ends(),
	}
	p.Heads, p.Rows = m.matrix()
	for _, e := range m.Environments {
		if e.Change != "" {
			p.Changed++
		}
	}
	return webpage.Write(w, pageText, template.FuncMap{"few": few, "letter": letter}, p)
}

// Sentence is the map in one sentence.
func (m *Map) Sentence() string {
	clouds := map[string]bool{}
	spokes := 0
	for _, e := range m.Environments {
		if e.Cloud != "" {
			clouds[e.Cloud] = true
		}
		if e.Role != "hub" {
			spokes++
		}
	}
	return fmt.Sprintf("Fleet %s: %s and %s on %s", m.Fleet, counted(len(m.Hubs), "hub"), counted(spokes, "spoke"), counted(len(clouds), "cloud"))
}

func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// few names a dozen, and counts the rest.
func few(names []string) string {
	const most = 12
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
}

// letter names the ways of an app: A, B, and so on, AA after Z.
func letter(i int) string {
	if i >= 26 {
		return letter(i/26-1) + letter(i%26)
	}
	return string(rune('A' + i))
}

func (m *Map) choices() []choice {
	all := []choice{{Name: "cloud", Label: "Cloud"}, {Name: "class", Label: "Class"}, {Name: "owner", Label: "Owner"}, {Name: "state", Label: "State"}}
	for i, of := range []func(Environment) string{
		func(e Environment) string { return e.Cloud }, func(e Environment) string { return e.Class },
		func(e Environment) string { return e.Owner }, func(e Environment) string { return e.State },
	} {
		seen := map[string]bool{}
		for _, e := range m.Environments {
			if value := of(e); value != "" {
				seen[value] = true
			}
		}
		all[i].Options = slices.Sorted(maps.Keys(seen))
	}
	return slices.DeleteFunc(all, func(c choice) bool { return len(c.Options) < 2 })
}

// matrix has a column for every app and a row for all environments that run the same.
func (m *Map) matrix() (heads []string, rows []row) {
	ways := map[string][]string{}
	for i, app := range m.Apps {
		heads = append(heads, app.Name)
		for j, use := range app.Uses {
			for _, name := range use.Environments {
				if ways[name] == nil {
					ways[name] = make([]string, len(m.Apps))
				}
				ways[name][i] = letter(j)
			}
		}
	}
	at := map[string]int{}
	for _, e := range m.Environments {
		if ways[e.Name] == nil {
			continue
		}
		key := strings.Join(ways[e.Name], " ")
		if _, known := at[key]; !known {
			at[key] = len(rows)
			rows = append(rows, row{Ways: ways[e.Name]})
		}
		rows[at[key]].Environments = append(rows[at[key]].Environments, e.Name)
	}
	return heads, rows
}

func (m *Map) stores() []store {
	at := map[Database]int{}
	var all []store
	for _, d := range m.Databases {
		key := d
		key.Environment = ""
		if _, known := at[key]; !known {
			at[key] = len(all)
			all = append(all, store{Database: key})
		}
		all[at[key]].Environments = append(all[at[key]].Environments, d.Environment)
	}
	return all
}

// ends are the days on which something ends, the first one first.
func (m *Map) ends() []end {
	var all []end
	for _, w := range m.Waivers {
		all = append(all, end{w.Until, fmt.Sprintf("waiver %s of %s: rule %s holds again", w.Name, w.Environment, w.Rule), w.Over})
	}
	for _, e := range m.Environments {
		if e.Expires != "" {
			all = append(all, end{e.Expires, "environment " + e.Name, e.Expires < m.Date})
		}
	}
	for _, v := range m.Kubernetes {
		if v.Ends != "" {
			all = append(all, end{v.Ends, fmt.Sprintf("support of Kubernetes %s on %s: %s", v.Version, v.Name, few(v.Environments)), v.Ends < m.Date})
		}
	}
	slices.SortStableFunc(all, func(a, b end) int { return strings.Compare(a.Day, b.Day) })
	return all
}
