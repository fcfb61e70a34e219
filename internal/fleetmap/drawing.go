package fleetmap

import (
	"cmp"
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"maps"
	"slices"
	"strings"

	"spokewright.dev/spokewright/internal/finding"
)

//go:embed drawing.svg
var drawingText string

//go:embed drawing.css
var drawingStyle string

// drawing is the fleet laid out: a column for every hub's name, and beside it its environments by cloud and region. Units
// are pixels.
type drawing struct {
	Width, Height int
	Title         string
	Style         template.CSS // empty where the page around it has it
	Lanes         []lane
	Lines         []line
}

// lane is a hub with what it runs.
type lane struct {
	Y, Height, Middle int
	Hub               string
	Groups            []group
}

// group is what runs in one region of one cloud.
type group struct {
	X, Y, Width, Height int
	Label               string
	Cells               []cell
}

// cell is an environment. Label is empty where there is no room for one.
type cell struct {
	X, Y, Width, Height int
	Name, Label, Title  string
	Tone                string // how it is coloured
}

// line joins two networks.
type line struct {
	X1, Y1, X2, Y2 int
	Title          string
}

// sizes of what is drawn.
const (
	margin   = 12
	hubWidth = 120
	width    = 1000
	head     = 24 // of a group: its label
	many     = 60 // environments, of which each gets a square instead of its name
)

// SVG writes the drawing by itself.
func SVG(w io.Writer, m *Map) error {
	d := m.draw()
	d.Style = template.CSS(drawingStyle) //nolint:gosec // our own
	return d.write(w)
}

func (d drawing) write(w io.Writer) error {
	page, err := template.New("drawing").Parse(drawingText)
	if err != nil {
		return fmt.Errorf("reading the drawing of a map: %w", err)
	}
	if err := page.Execute(w, d); err != nil {
		return fmt.Errorf("writing the drawing of a map: %w", err)
	}
	return nil
}

// draw lays the fleet out.
func (m *Map) draw() drawing {
	d := drawing{Width: width, Title: m.Sentence()}
	size := cell{Width: 168, Height: 28}
	if len(m.Environments) > many {
		size = cell{Width: 18, Height: 18}
	}
	y := margin
	for _, hub := range m.Hubs {
		l := lane{Y: y, Hub: hub.Name}
		x, below := hubWidth+2*margin, y
		for _, g := range m.groups(hub) {
			placed := place(g, size)
			if x > hubWidth+2*margin && x+placed.Width > width-margin {
				x, y = hubWidth+2*margin, below+margin
			}
			placed.move(x, y)
			x += placed.Width + margin
			below = max(below, y+placed.Height)
			l.Groups = append(l.Groups, placed)
		}
		l.Height = below - l.Y
		l.Middle = l.Y + l.Height/2
		y = below + 2*margin
		d.Lanes = append(d.Lanes, l)
	}
	d.Height = y
	d.Lines = m.joined(d)
	return d
}

// groups are a hub's environments by cloud and region; those that nobody says it of come first.
func (m *Map) groups(hub Hub) []group {
	of := map[string][]cell{}
	for _, e := range m.Environments {
		if e.Hub == hub.Name {
			key := strings.TrimSpace(e.Cloud + " " + e.Region)
			of[key] = append(of[key], cell{Name: e.Name, Title: e.title(), Tone: e.tone()})
		}
	}
	var groups []group
	for _, label := range slices.Sorted(maps.Keys(of)) {
		groups = append(groups, group{Label: orBootstrap(label), Cells: of[label]})
	}
	return groups
}

// place lays the cells of a group out in a grid that is about as wide as it is high.
func place(g group, size cell) group {
	const gap = 4
	columns := max(1, (width-hubWidth-4*margin)/(size.Width+gap))
	square := 1
	for square*square*size.Width < len(g.Cells)*size.Height*2 {
		square++
	}
	columns = min(columns, square, len(g.Cells))
	for i := range g.Cells {
		c := &g.Cells[i]
		c.Width, c.Height = size.Width, size.Height
		c.X, c.Y = margin+i%columns*(size.Width+gap), head+i/columns*(size.Height+gap)
		if size.Width > 2*size.Height {
			c.Label = finding.Shorten(c.Name, 20)
		}
	}
	rows := (len(g.Cells) + columns - 1) / columns
	g.Width = max(columns*(size.Width+gap)-gap+2*margin, 8*len(g.Label)+2*margin)
	g.Height = head + rows*(size.Height+gap) - gap + margin
	return g
}

func (g *group) move(x, y int) {
	g.X, g.Y = x, y
	for i := range g.Cells {
		g.Cells[i].X += x
		g.Cells[i].Y += y
	}
}

// joined are the lines between networks that are peers.
func (m *Map) joined(d drawing) []line {
	at := map[string]cell{}
	for _, l := range d.Lanes {
		for _, g := range l.Groups {
			for _, c := range g.Cells {
				at[c.Name] = c
			}
		}
	}
	var lines []line
	for _, pair := range m.pairs() {
		a, b := at[pair[0]], at[pair[1]]
		lines = append(lines, line{a.X + a.Width/2, a.Y + a.Height, b.X + b.Width/2, b.Y + b.Height, pair[0] + " and " + pair[1] + " are peers"})
	}
	return lines
}

// pairs are the environments whose networks are peers, each pair once.
func (m *Map) pairs() [][2]string {
	told := map[[2]string]bool{}
	for _, e := range m.Environments {
		for _, peer := range e.Peers {
			told[[2]string{min(e.Name, peer), max(e.Name, peer)}] = true
		}
	}
	return slices.SortedFunc(maps.Keys(told), func(a, b [2]string) int { return slices.Compare(a[:], b[:]) })
}

// tone is how an environment is coloured: by what a change does to it where one is told, else by its state and protection.
func (e Environment) tone() string {
	switch {
	case e.Change != "":
		return "change-" + e.Change
	case e.State != "alive":
		return "ends"
	case e.Protected:
		return "protected"
	}
	return "open"
}

func (e Environment) title() string {
	parts := []string{e.Name, e.Class, cmp.Or(e.Where(), "made by its bootstrap"), e.Network, e.State, e.Change}
	return strings.Join(slices.DeleteFunc(parts, func(part string) bool { return part == "" }), " · ")
}
