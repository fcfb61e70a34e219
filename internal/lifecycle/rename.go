package lifecycle

import (
	"fmt"
	"io/fs"
	"slices"

	"spokewright.dev/spokewright/internal/cueedit"
	"spokewright.dev/spokewright/internal/draft"
	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/schema"
)

// Rename takes the next step towards another name. The first releases the environment; the second, once people say that the
// hub is in sync with the first, lets the new name take it over. Its id stays, so that nothing is made anew.
func Rename(s Checkout, from, to string, inSync bool) (*Step, error) {
	e, err := s.known(from)
	if err == nil {
		err = s.free(to)
	}
	if err == nil {
		err = s.renamable(e)
	}
	if err != nil {
		return nil, err
	}
	second, err := s.takeOver(e, to) // what is wrong with the name is told before the first step
	switch {
	case err != nil:
		return nil, err
	case e.Retiring == "" && inSync:
		return nil, finding.At(finding.Position{File: schema.SpecFile(from)}, finding.CommandLine,
			"found --in-sync, and no retiring in the spec: the first step is spokewright env rename %s %s, to be merged on its own", from, to)
	case e.Retiring == "":
		keep := func(edit *editor) error { return edit.keepID(e) }
		return s.retire(e, schema.Release, keep, next(e, fmt.Sprintf("spokewright env rename %s %s --in-sync, to be merged too", from, to)))
	case !inSync:
		return nil, s.wait(e)
	}
	return second, nil
}

// renamable refuses what would be made anew, or is on its way to something else.
func (s Checkout) renamable(e schema.Environment) error {
	missing := e.Unrecorded()
	switch {
	case e.Role == "hub":
		return finding.Findings{{Code: finding.Inconsistent, Position: e.Written("role"), Path: "role", Message: "found a hub, whose environments name it: a second hub takes over from it, as docs/hub.md tells"}}
	case e.Retiring != "" && e.Retiring != schema.Release:
		return finding.Findings{{Code: finding.Inconsistent, Position: e.Written("retiring"), Path: "retiring", Message: fmt.Sprintf("found %q, allowed is %q for an environment that goes on under another name", e.Retiring, schema.Release)}}
	case len(missing) > 0:
		return finding.Findings{{Code: finding.Unrecorded, Position: finding.Position{File: schema.SpecFile(e.Name)}, Path: "names", Message: fmt.Sprintf(
			"found no record of %d of %d names that the cloud made up, %s the first: under another name these parts would be made again", len(missing), len(e.Parts()), missing[0].Path()),
			Remedy: "kubectl get managed --all-namespaces -o yaml | spokewright names " + e.Name}}
	}
	return nil
}

// keepID writes down what the cloud's objects are named after, where that follows from the name.
func (e *editor) keepID(of schema.Environment) error {
	if e.Has("id") || of.Cluster == nil && len(of.Workspaces) == 0 {
		return nil
	}
	return e.set(cueedit.Quote(of.ID), "which stays", "id")
}

// takeOver is the second step: the same environment under another name, in all that names it.
func (s Checkout) takeOver(e schema.Environment, to string) (*Step, error) {
	file, err := s.spec(e.Name)
	if err != nil {
		return nil, err
	}
	edit := &editor{File: file, name: schema.SpecFile(to), order: s.Reader.Fields}
	if err := edit.keepID(e); err != nil {
		return nil, err
	}
	if err := edit.drop("for "+to+" takes it over", "retiring"); err != nil {
		return nil, err
	}
	step := &Step{Tree: draft.New(s.Tree), Edits: edit.edits, Render: []string{to, e.Hub},
		Next: []string{"commit and merge this", "when all claims are ready: kubectl get managed --all-namespaces -o yaml | spokewright names " + to + ", and render"}}
	if err := s.repoint(step, e.Name, to); err != nil {
		return nil, err
	}
	names, err := fs.ReadFile(s.Tree, schema.NamesFile(e.Name))
	if err == nil {
		step.Tree.Write(schema.NamesFile(to), names)
	}
	step.Tree.Write(edit.name, edit.Text())
	s.clear(step.Tree, e.Name)
	fleet, err := s.Reader.Fleet(step.Tree)
	if err != nil {
		return nil, err
	}
	return step, s.copyOverlay(step.Tree, called(e, fleet.Environments[to], s.Fleet.Names()))
}

// repoint lets environments whose networks are joined with one know its new name.
func (s Checkout) repoint(step *Step, from, to string) error {
	for _, other := range s.peersOf(from) {
		file, err := s.spec(other)
		if err != nil {
			return err
		}
		edit := &editor{File: file, name: schema.SpecFile(other)}
		err = edit.ReplaceTexts(func(at []string, text string) string {
			if text != from || len(at) != 4 || !slices.Equal(at[:3], []string{"cluster", "network", "peers"}) {
				return text
			}
			edit.note(at, cueedit.Quote(from), cueedit.Quote(to), "")
			return to
		})
		if err != nil {
			return err
		}
		step.Tree.Write(edit.name, edit.Text())
		step.Edits, step.Render = append(step.Edits, edit.edits...), append(step.Render, other)
	}
	return nil
}
