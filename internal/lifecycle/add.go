package lifecycle

import (
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"spokewright.dev/spokewright/internal/cueedit"
	"spokewright.dev/spokewright/internal/draft"
	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/render"
	"spokewright.dev/spokewright/schema"
)

// Birth is an environment to be made after another.
type Birth struct {
	Name, From         string
	Class, Description string // empty for that of the other, and for none
	Expires            string // the last day; empty for one that stays
	Set                []Setting
}

// Setting is a field and its value, as a person writes it.
type Setting struct {
	Path  []string
	Value string
}

// sets tells whether somebody said what a field is to be, or all of what it belongs to.
func (b Birth) sets(at []string) bool {
	return slices.ContainsFunc(b.Set, func(w Setting) bool { return len(w.Path) <= len(at) && slices.Equal(w.Path, at[:len(w.Path)]) })
}

// ParseSetting reads FIELD=VALUE.
func ParseSetting(text string) (Setting, error) {
	field, value, is := strings.Cut(text, "=")
	at, err := finding.ParsePath(field)
	if !is || err != nil || field == "" || value == "" {
		return Setting{}, finding.Wrong(finding.CommandLine, "--set: found %s, allowed is a field and its value, such as cluster.region=eu-west-1", finding.Quote(text))
	}
	return Setting{at.Tokens(), value}, nil
}

// Add makes an environment as an edit of another one's text. What must differ does, and is told.
func Add(s Checkout, b Birth) (*Step, error) {
	from, err := s.known(b.From)
	if err == nil {
		err = s.free(b.Name)
	}
	if err != nil {
		return nil, err
	}
	file, err := s.spec(b.From)
	if err != nil {
		return nil, err
	}
	e := &editor{File: file, name: schema.SpecFile(b.Name), order: s.Reader.Fields}
	for _, edit := range []func(*editor, schema.Environment, Birth) error{s.ownThings, s.ownNetwork, s.ownPaths, s.wishes} {
		if err := edit(e, from, b); err != nil {
			return nil, err
		}
	}
	tree := draft.New(s.Tree)
	tree.Write(e.name, e.Text())
	fleet, err := s.Reader.Fleet(tree) // with every mistake in what the new one says
	if err != nil {
		return nil, err
	}
	fresh := fleet.Environments[b.Name]
	tree = draft.New(s.Tree)
	if err := s.copyOverlay(tree, called(from, fresh, s.Fleet.Names())); err != nil {
		return nil, err
	}
	tree.Write(e.name, e.Text())
	return &Step{Tree: tree, Edits: e.edits, Render: slices.Compact(slices.Sorted(slices.Values([]string{b.Name, fresh.Hub})))}, nil
}

// copyOverlay writes the overlays of one environment for the other.
func (s Checkout) copyOverlay(tree *draft.Tree, c calling) error {
	old := path.Join(render.Overlays, c.from)
	names, err := files(s.Tree, old)
	if err != nil {
		return err
	}
	for _, name := range names {
		text, err := fs.ReadFile(s.Tree, name)
		if err != nil {
			return err
		}
		tree.Write(path.Join(render.Overlays, c.to, strings.TrimPrefix(name, old+"/")), []byte(c.overlay(string(text))))
	}
	return nil
}

// ownThings leaves out what is the other environment's alone.
func (s Checkout) ownThings(e *editor, from schema.Environment, _ Birth) error {
	paths := [][]string{{"id"}, {"description"}, {"lifetime"}, {"retiring"}, {"moved"}, {"removed"}, {"waivers"}, {"names"}, {"cluster", "adopt"}}
	for _, name := range slices.Sorted(maps.Keys(from.Databases)) {
		paths = append(paths, []string{"databases", name, "id"}, []string{"databases", name, "adopt"})
	}
	for _, name := range slices.Sorted(maps.Keys(from.Workspaces)) {
		paths = append(paths, []string{"workspaces", name, "id"})
	}
	for _, at := range paths {
		if err := e.drop("it is of "+from.Name+" alone", at...); err != nil {
			return err
		}
	}
	return nil
}

// ownNetwork proposes a range for a network, where nobody wishes one.
func (s Checkout) ownNetwork(e *editor, from schema.Environment, b Birth) error {
	cidr := []string{"cluster", "network", "cidr"}
	if from.Cluster == nil || b.sets(cidr) {
		return nil
	}
	free, err := s.freeRange(from)
	if err != nil {
		return err
	}
	return e.set(cueedit.Quote(free.String()), "the next range that is free", cidr...)
}

// ownPaths renames the environment in paths and values, and tells where else it is named.
func (s Checkout) ownPaths(e *editor, from schema.Environment, b Birth) error {
	c := calling{from: from.Name, to: b.Name, others: s.Fleet.Names()}
	return e.ReplaceTexts(func(at []string, text string) string {
		if b.sets(at) {
			return text
		}
		fresh, why := text, ""
		if schema.LeadsToPlaces(at...) {
			fresh = c.path(text)
		}
		if at[0] == "apps" && at[len(at)-1] == "path" {
			why = "is it there?"
		}
		if fresh == text && len(at) > 1 && c.mentions(text) {
			e.edits = append(e.edits, Edit{e.name, finding.Tokens(at...), cueedit.Quote(text), cueedit.Quote(text), "it stays, and names " + from.Name})
		}
		e.note(at, cueedit.Quote(text), cueedit.Quote(fresh), why)
		return fresh
	})
}

// wishes writes what the new environment is to have otherwise.
func (s Checkout) wishes(e *editor, _ schema.Environment, b Birth) error {
	for _, w := range []struct{ value, field string }{{b.Class, "class"}, {b.Description, "description"}} {
		if w.value == "" {
			continue
		}
		if err := e.set(cueedit.Quote(w.value), "", w.field); err != nil {
			return err
		}
	}
	if b.Expires != "" {
		if err := e.set(cueedit.Quote(b.Expires), "its last day", "lifetime", "expires"); err != nil {
			return err
		}
	}
	for _, w := range b.Set {
		if err := e.set(s.value(w), "", w.Path...); err != nil {
			return err
		}
	}
	return nil
}

// value is what a person wrote, as CUE: a word where the field takes texts, or where it is nothing else.
func (s Checkout) value(w Setting) string {
	if cueedit.IsText(w.Value) || cueedit.IsData(w.Value) && !s.Reader.TakesText(w.Path) {
		return w.Value
	}
	return cueedit.Quote(w.Value)
}
