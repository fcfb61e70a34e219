// Package lifecycle changes what environments there are: it writes down what adding, renaming or removing one does to the
// files of a fleet, as a draft that its caller renders, shows and applies. It asks no cluster: that a step is over in the
// cloud is for people to say. What becomes of the objects is not its concern.
package lifecycle

import (
	"io/fs"
	"path"
	"slices"
	"strings"

	"spokewright.dev/spokewright/internal/cueedit"
	"spokewright.dev/spokewright/internal/draft"
	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/render"
	"spokewright.dev/spokewright/schema"
)

// Checkout is a fleet with its files.
type Checkout struct {
	Tree   fs.FS
	Reader *schema.Reader
	Fleet  *schema.Fleet
}

// Step is a step in the life of an environment: what it does to files, and what is to be rendered then.
type Step struct {
	Tree   *draft.Tree
	Edits  []Edit
	Render []string // environments
	Next   []string // what people do then, a line each
}

// Edit is a field of a spec that a step writes otherwise.
type Edit struct {
	File     string
	Path     finding.Path
	Old, New string // as CUE; empty where there is nothing
	Why      string // what else is to be said of it; often empty
}

// spec is the text of an environment's file, to be edited.
func (s Checkout) spec(name string) (*cueedit.File, error) {
	text, err := fs.ReadFile(s.Tree, schema.SpecFile(name))
	if err != nil {
		return nil, err
	}
	return cueedit.Parse(schema.SpecFile(name), text)
}

// known finds an environment.
func (s Checkout) known(name string) (schema.Environment, error) {
	e, there := s.Fleet.Environments[name]
	if !there {
		return e, schema.NoEnvironment(name, s.Fleet.Names())
	}
	return e, nil
}

// free refuses a name that a new environment cannot have.
func (s Checkout) free(name string) error {
	if _, taken := s.Fleet.Environments[name]; taken {
		return finding.At(finding.Position{File: schema.SpecFile(name)}, finding.NameTaken, "environment %q exists already: choose another name", name)
	}
	if !s.Reader.IsName(name) {
		return finding.Wrong(finding.CommandLine, "found the name %s, allowed are lower-case letters, digits and dashes between them, such as %q; %q is taken by %s",
			finding.Quote(name), "prod-eu", "fleet", schema.FleetFile)
	}
	for _, left := range []string{schema.NamesFile(name), path.Join(render.Overlays, name), path.Join(render.Golden, name)} {
		if _, err := fs.Stat(s.Tree, left); err == nil {
			return finding.At(finding.Position{File: left}, finding.NameTaken, "found what belongs to an environment %q, which there is not: remove it, or choose another name", name)
		}
	}
	return nil
}

// files are all below a folder; none where it is not there.
func files(tree fs.FS, folder string) ([]string, error) {
	if _, err := fs.Stat(tree, folder); err != nil {
		return nil, nil //nolint:nilerr // a render tells what is missing
	}
	var all []string
	err := fs.WalkDir(tree, folder, func(name string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			all = append(all, name)
		}
		return err
	})
	return all, err
}

// editor changes a spec and notes what it did.
type editor struct {
	*cueedit.File
	name  string
	order cueedit.Order
	edits []Edit
}

func (e *editor) note(path []string, old, fresh, why string) {
	if old != fresh {
		e.edits = append(e.edits, Edit{e.name, finding.Tokens(path...), old, fresh, why})
	}
}

// set writes a value, which is CUE.
func (e *editor) set(value, why string, path ...string) error {
	old := e.Source(path...)
	if err := e.Set(path, value, e.order); err != nil {
		return err
	}
	e.note(path, old, value, why)
	return nil
}

// drop takes a field out.
func (e *editor) drop(why string, path ...string) error {
	old := e.Source(path...)
	if _, err := e.Remove(path...); err != nil {
		return err
	}
	e.note(path, old, "", why)
	return nil
}

// peersOf are the environments whose networks are joined with one.
func (s Checkout) peersOf(name string) []string {
	var all []string
	for _, other := range s.Fleet.Names() {
		if e := s.Fleet.Environments[other]; e.Cluster != nil && slices.Contains(e.Cluster.Network.Peers, name) {
			all = append(all, other)
		}
	}
	return all
}

// String tells the edit in a line.
func (e Edit) String() string {
	text := e.File + ": " + e.Path.Brief() + ": "
	switch {
	case e.New == "":
		text += finding.Shorten(e.Old, 60) + " is left out"
	case e.Old == e.New:
		text += finding.Shorten(e.Old, 60)
	case e.Old == "":
		text += finding.Shorten(e.New, 60)
	default:
		text += finding.Shorten(e.Old, 60) + " is now " + finding.Shorten(e.New, 60)
	}
	if e.Why != "" {
		text += ", " + e.Why
	}
	return strings.Join(strings.Fields(text), " ")
}
