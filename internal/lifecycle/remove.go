package lifecycle

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strconv"

	"spokewright.dev/spokewright/internal/cueedit"
	"spokewright.dev/spokewright/internal/draft"
	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/render"
	"spokewright.dev/spokewright/schema"
)

// Remove takes the next step towards the end of an environment. The first says how it ends, one of the words of retiring;
// the second, once people say that the hub is in sync with the first, takes its files away.
func Remove(s Checkout, name, how string, inSync bool) (*Step, error) {
	e, err := s.known(name)
	if err == nil {
		err = s.mayGo(e)
	}
	switch {
	case err != nil:
		return nil, err
	case e.Retiring != "" && !inSync:
		return nil, s.wait(e)
	case e.Retiring == "" && inSync:
		return nil, finding.At(finding.Position{File: schema.SpecFile(name)}, finding.CommandLine,
			"found --in-sync, and no retiring in the spec: the first step is spokewright env rm %s, to be merged on its own", name)
	case e.Retiring == "":
		return s.retire(e, how, nil, next(e, "spokewright env rm "+name+" --in-sync, to be merged too: it deletes, as docs/takedown.md tells"))
	}
	tree := draft.New(s.Tree)
	s.clear(tree, name)
	return &Step{Tree: tree, Render: []string{e.Hub}}, nil
}

// mayGo refuses the end of what others need.
func (s Checkout) mayGo(e schema.Environment) error {
	var problems finding.Findings
	if e.Role == "hub" {
		f := finding.Finding{Code: finding.Inconsistent, Position: e.Written("role"), Path: "role", Message: "found a hub, which takes others down and not itself: docs/hub.md tells how it ends"}
		for _, spoke := range e.Spokes {
			if spoke.Name != e.Name {
				f.Message = "found a hub that runs other environments: they go first, or get another hub"
				f.Aside = fmt.Sprintf("%s is one of %d", spoke.Name, len(e.Spokes)-1)
			}
		}
		problems = append(problems, f)
	}
	for _, other := range s.peersOf(e.Name) {
		peer := s.Fleet.Environments[other]
		at := []string{"cluster", "network", "peers", strconv.Itoa(slices.Index(peer.Cluster.Network.Peers, e.Name))}
		problems = append(problems, finding.Finding{Code: finding.Inconsistent, Position: peer.Written(at...), Path: finding.Tokens(at...),
			Message: fmt.Sprintf("found %q, whose network this one's is joined with: take it out there first, and let the hub see that", e.Name)})
	}
	return problems.Err()
}

// wait is the finding of a second step that nobody said to be due.
func (s Checkout) wait(e schema.Environment) error {
	return finding.Findings{{Code: finding.CommandLine, Position: e.Written("retiring"), Path: "retiring",
		Message: fmt.Sprintf("found %q, so that the first step is made: once it is merged and Application %s-hub is in sync on hub %q, --in-sync takes the second", e.Retiring, e.Name, e.Hub)}}
}

// retire writes how an environment ends. more are edits that go with it.
func (s Checkout) retire(e schema.Environment, how string, more func(*editor) error, then []string) (*Step, error) {
	file, err := s.spec(e.Name)
	if err != nil {
		return nil, err
	}
	edit := &editor{File: file, name: schema.SpecFile(e.Name), order: s.Reader.Fields}
	if more != nil {
		if err := more(edit); err != nil {
			return nil, err
		}
	}
	if err := edit.set(cueedit.Quote(how), "", "retiring"); err != nil {
		return nil, err
	}
	tree := draft.New(s.Tree)
	tree.Write(edit.name, edit.Text())
	return &Step{Tree: tree, Edits: edit.edits, Render: []string{e.Name, e.Hub}, Next: then}, nil
}

// next says what people do between two steps.
func next(e schema.Environment, second string) []string {
	lines := []string{"commit and merge this, and nothing else with it"}
	if e.Class.Protected {
		lines = append(lines, fmt.Sprintf(`approve it once Argo CD asks, as class %[1]s wants (the message of Application %[2]s-hub's operation waits for a confirmation): kubectl annotate application %[2]s-hub --namespace argocd --overwrite argocd.argoproj.io/deletion-approved="$(date --utc +%%FT%%TZ)"`, e.Class.Name, e.Name))
	}
	wait := fmt.Sprintf("kubectl wait application %s-hub %s-hub --namespace argocd --timeout=15m --for=jsonpath=", e.Hub, e.Name)
	return append(lines, "wait until both have seen it: "+wait+`'{.status.sync.revision}'="$(git rev-parse HEAD)"`, "wait until both are in sync: "+wait+"'{.status.sync.status}'=Synced", second)
}

// clear takes the files of an environment away. What no render wrote stays where golden/ holds it.
func (s Checkout) clear(tree *draft.Tree, name string) {
	for _, file := range []string{schema.SpecFile(name), schema.NamesFile(name), path.Join(render.Overlays, name)} {
		tree.Remove(file)
	}
	folder := path.Join(render.Golden, name)
	for _, plane := range schema.Planes() {
		tree.Remove(path.Join(render.Golden, render.Target{Environment: name, Plane: plane}.File()))
	}
	if left, err := fs.ReadDir(tree, folder); err == nil && len(left) == 0 {
		tree.Remove(folder)
	}
}
