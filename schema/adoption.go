package schema

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"cuelang.org/go/cue/ast"
	"cuelang.org/go/cue/format"
	"cuelang.org/go/cue/literal"
	"spokewright.dev/spokewright/internal/claim"
	"spokewright.dev/spokewright/internal/cuefile"
	"spokewright.dev/spokewright/internal/externalname"
	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/manifest"
)

// Adopt names something that exists in the cloud already.
type Adopt struct {
	ExternalName string `json:"externalName"`
	Manage       bool   `json:"manage"`
}

// Management says how far Crossplane manages what a claim asks for.
func (a *Adopt) Management() string {
	if a != nil && !a.Manage {
		return "Observe"
	}
	return "Full"
}

// adoption is what a claim says of something that exists in the cloud already.
type adoption struct{ externalName, management string }

// AdoptedNames lists the names, in the cloud, of what the environment takes over.
func (e Environment) AdoptedNames() []string {
	var names []string
	for _, p := range e.adoptables() {
		if p.adopt != nil {
			names = append(names, p.adopt.ExternalName)
		}
	}
	return names
}

// CheckAdoption finds steps that an adoption may not take, by the objects that were rendered before: from looking on to
// managing there is one way, and no way back. known is false where nothing is known of what was rendered; file is where
// it stands.
func (e Environment) CheckAdoption(before []manifest.Object, known bool, file string) error {
	rendered := map[manifest.ID]adoption{}
	for _, object := range before {
		id := manifest.Identify(object)
		for _, kind := range e.Fleet.Claims.Kinds() {
			if kind.Kind == id.Kind && kind.APIVersion == id.APIVersion {
				rendered[id] = adoption{kind.Text(object, "externalName"), kind.Text(object, "management")}
			}
		}
	}
	var problems finding.Findings
	for _, p := range e.adoptables() {
		was, there := rendered[p.id]
		field, message := p.step(was, there, known)
		if message == "" {
			continue
		}
		path := append(slices.Clip(p.path), field...)
		problems = append(problems, finding.Finding{Code: finding.Adoption, Position: e.root.At(path...).Position, Path: finding.Tokens(path...), Message: strings.ReplaceAll(message, "FILE", file)})
	}
	return problems.Err()
}

// adoptable is a part of an environment that can be adopted, with the claim for it.
type adoptable struct {
	path  []string
	id    manifest.ID
	adopt *Adopt
}

func (e Environment) adoptables() []adoptable {
	if e.Cluster == nil {
		return nil
	}
	claim := func(kind claim.Kind, name string) manifest.ID {
		return manifest.ID{APIVersion: kind.APIVersion, Kind: kind.Kind, Namespace: e.Name, Name: name}
	}
	parts := []adoptable{{[]string{"cluster"}, claim(e.Fleet.Claims.Cluster, e.Name), e.Cluster.Adopt}}
	for _, name := range slices.Sorted(maps.Keys(e.Databases)) {
		parts = append(parts, adoptable{[]string{"databases", name}, claim(e.Fleet.Claims.Database, name), e.Databases[name].Adopt})
	}
	return parts
}

// step says which field of a part takes a step that it may not take, and why; nothing where all is well.
func (p adoptable) step(was adoption, there, known bool) (field []string, message string) {
	wasAdopted := was.externalName != ""
	switch {
	case p.adopt == nil && there && wasAdopted:
		return nil, fmt.Sprintf("found no adopt, allowed is %s as in FILE: without it the claim would make another one", finding.Quote(was.externalName))
	case p.adopt == nil:
	case there && !wasAdopted:
		return []string{"adopt"}, "must not be set: in FILE the claim has made an object of its own"
	case there && was.externalName != p.adopt.ExternalName:
		return []string{"adopt", "externalName"}, fmt.Sprintf("found %s, allowed is %s as in FILE: a claim does not take hold of something else",
			finding.Quote(p.adopt.ExternalName), finding.Quote(was.externalName))
	case there && was.management == "Full" && !p.adopt.Manage:
		return []string{"adopt", "manage"}, "cannot change from true to false (FILE has true): what is managed cannot become observed only"
	case known && !there && p.adopt.Manage:
		return []string{"adopt", "manage"}, "found true, allowed is false at first: render and merge it so, and set it to true when the claim is ready"
	}
	return nil, ""
}

// Names are what the cloud calls the parts of an environment, where it made the name up itself: who does not know them
// makes the parts again. The parts are named as in the composition behind the claim.
type Names struct {
	Environment string                       `json:"environment"` // as it was called then
	Network     map[string]string            `json:"network"`
	Cluster     map[string]string            `json:"cluster"`
	Peering     map[string]string            `json:"peering"`
	Databases   map[string]map[string]string `json:"databases"`
}

// namesSuffix ends the name of a file with recorded names.
const namesSuffix = ".names.cue"

// NamesFile is the file with what the cloud calls the parts of an environment. It is part of the environment's spec.
func NamesFile(name string) string { return path.Join(Folder, name+namesSuffix) }

// EnvironmentOfFile is the environment that a file of the folder of specs belongs to, by its name below that folder; empty
// for no file of one.
func EnvironmentOfFile(name string) string {
	name, isSpec := strings.CutSuffix(name, ".cue")
	if !isSpec || name+".cue" == path.Base(FleetFile) {
		return ""
	}
	return strings.TrimSuffix(name, strings.TrimSuffix(namesSuffix, ".cue"))
}

// recorded is a spec with the names of the file beside it.
func recorded(user *cuefile.Node, file string, text []byte) (*cuefile.Node, finding.Findings) {
	beside, problems := cuefile.Read(file, text, cuefile.Places{})
	if beside == nil || user.Fields == nil {
		return user, problems
	}
	for _, field := range slices.Sorted(maps.Keys(beside.Fields)) {
		if field != "names" {
			problems = append(problems, finding.Finding{Code: finding.UnknownField, Position: beside.Fields[field].Label, Path: finding.Tokens(field),
				Message: "no such field here: all else stands in the environment's own file", Suggestion: finding.Suggest(field, []string{"names"}), Aside: "allowed is names"})
		}
	}
	names := beside.Child("names")
	switch own := user.Child("names"); {
	case names == nil && len(problems) == 0:
		problems = append(problems, finding.Finding{Code: finding.MissingField, Position: beside.Position, Message: "found no names, allowed is names: spokewright names writes them"})
	case names != nil && own != nil:
		problems = append(problems, finding.Finding{Code: finding.Conflict, Position: own.Position, Path: finding.Tokens("names"),
			Message: "found names, which stand in " + file + " too: allowed is one of the two places"})
	case names != nil:
		return user.With("names", names), problems
	}
	return user, problems
}

// CUE is the file that keeps the names. The error is Findings where a name is none that a spec may hold.
func (n Names) CUE(file string) ([]byte, error) {
	var text strings.Builder
	fmt.Fprintf(&text, "// What the cloud calls the parts of this environment. `spokewright names` writes it from the hub's objects.\nnames: {\nenvironment: %s\n", literal.String.Quote(n.Environment))
	var problems finding.Findings
	section := func(path string, names map[string]string) {
		if len(names) == 0 {
			return
		}
		fmt.Fprintf(&text, "%s: {\n", path)
		for _, part := range slices.Sorted(maps.Keys(names)) {
			name := names[part]
			if strings.ContainsAny(name, "\r\n") || strings.Contains(name, "{{") || strings.Contains(name, "}}") {
				problems = append(problems, finding.Finding{Code: finding.WrongValue, Position: finding.Position{File: file}, Path: finding.Tokens("names"), Message: fmt.Sprintf(
					"found %s as the name of %s, allowed is one line without {{ and }}", finding.Quote(name), part)})
			}
			fmt.Fprintf(&text, "%s: %s\n", label(part), literal.String.Quote(name))
		}
		text.WriteString("}\n")
	}
	section("network", n.Network)
	section("cluster", n.Cluster)
	section("peering", n.Peering)
	for _, name := range slices.Sorted(maps.Keys(n.Databases)) {
		section("databases: "+label(name), n.Databases[name])
	}
	text.WriteString("}\n")
	if err := problems.Err(); err != nil {
		return nil, err
	}
	return format.Source([]byte(text.String()))
}

// label is a name as CUE has it on the left.
func label(name string) string {
	if ast.StringLabelNeedsQuoting(name) {
		return literal.Label.Quote(name)
	}
	return name
}

// TakesOver says whether the environment was called otherwise when its names were recorded: then what runs in it still
// belongs to Applications of that name.
func (e Environment) TakesOver() bool {
	return e.Names.Environment != "" && e.Names.Environment != e.Name
}

// Part is a part of an environment with a name that the cloud made up: Claim and Name are those of the claim, by what
// Spokewright calls the kind.
type Part struct{ Claim, Name, Part string }

// Path is where the spec has the part's name.
func (p Part) Path() finding.Path {
	switch p.Claim {
	case "Network":
		return finding.Tokens("names", "network", p.Part)
	case "Cluster":
		return finding.Tokens("names", "cluster", p.Part)
	case "Peering":
		return finding.Tokens("names", "peering", p.Part)
	}
	return finding.Tokens("names", "databases", p.Name, p.Part)
}

// Recorded is the recorded name of a part, or nothing.
func (n Names) Recorded(p Part) string {
	switch p.Claim {
	case "Network":
		return n.Network[p.Part]
	case "Cluster":
		return n.Cluster[p.Part]
	case "Peering":
		return n.Peering[p.Part]
	}
	return n.Databases[p.Name][p.Part]
}

// Parts lists what gets a name from the cloud, in the order of the claims, through Spokewright's own compositions: what
// others make of a claim is not known here.
func (e Environment) Parts() []Part {
	if e.Cluster == nil {
		return nil
	}
	var parts []Part
	add := func(of string, kind claim.Kind, name string, adopt *Adopt) {
		if adopt != nil || kind.Fields != nil {
			return
		}
		for _, part := range externalname.Parts(e.Cluster.Cloud, of) {
			parts = append(parts, Part{of, name, part})
		}
	}
	if kind, has := e.Network(); has {
		add("Network", kind, e.Name, nil)
	}
	if e.Role != "hub" { // which has none until it is adopted
		add("Cluster", e.Fleet.Claims.Cluster, e.Name, e.Cluster.Adopt)
	}
	if kind, has := e.Peering(); has {
		add("Peering", kind, e.Name, nil)
	}
	for _, name := range slices.Sorted(maps.Keys(e.Databases)) {
		add("Database", e.Fleet.Claims.Database, name, e.Databases[name].Adopt)
	}
	return parts
}

// Unrecorded are the parts whose names are not recorded.
func (e Environment) Unrecorded() []Part {
	return slices.DeleteFunc(e.Parts(), func(p Part) bool { return e.Names.Recorded(p) != "" })
}

// recorded reports names of what the environment does not have.
func (c *checker) recorded(e *Environment) {
	if c.merged.Child("names") == nil || !c.sound("cluster") || !c.sound("databases") {
		return
	}
	if e.Cluster == nil {
		c.label(finding.Finding{Code: finding.Inconsistent, Message: "found names and no cluster: allowed are names of what the cloud made for it"}, "names")
		return
	}
	adopt := e.Cluster.Adopt
	if e.Role == "hub" { // the network that its bootstrap made is not the cluster's
		adopt = nil
	}
	c.parts(e, "Network", e.Fleet.Claims.Network, adopt, e.Names.Network, "names", "network")
	c.parts(e, "Cluster", e.Fleet.Claims.Cluster, e.Cluster.Adopt, e.Names.Cluster, "names", "cluster")
	c.parts(e, "Peering", e.Fleet.Claims.Peering, nil, e.Names.Peering, "names", "peering")
	known := slices.Sorted(maps.Keys(e.Databases))
	for _, name := range slices.Sorted(maps.Keys(e.Names.Databases)) {
		if database, has := e.Databases[name]; has {
			c.parts(e, "Database", e.Fleet.Claims.Database, database.Adopt, e.Names.Databases[name], "names", "databases", name)
		} else {
			c.label(finding.Finding{Code: finding.UnknownName, Message: "there is no such database: take its names out", Suggestion: finding.Suggest(name, known)}, "names", "databases", name)
		}
	}
}

// parts reports names of parts that a claim does not have.
func (c *checker) parts(e *Environment, of string, kind claim.Kind, adopt *Adopt, names map[string]string, path ...string) {
	_, mapped := kind.Fields["names"]
	none := func(why string) {
		c.label(finding.Finding{Code: finding.Inconsistent, Message: "found names, allowed are none: " + why}, path...)
	}
	switch {
	case len(names) == 0, !c.known(path...):
	case adopt != nil && (of != "Network" || kind.Kind != ""):
		none("what is adopted has the name that adopt says")
	case kind.Kind == "":
		none("the fleet has no kind of its own for " + strings.ToLower(of) + "s")
	case kind.Fields != nil && !mapped:
		none("the fleet's kind " + kind.Kind + " has no place for names")
	case kind.Fields == nil:
		known := externalname.Parts(e.Cluster.Cloud, of)
		for _, part := range slices.Sorted(maps.Keys(names)) {
			if !slices.Contains(known, part) {
				c.label(finding.Finding{Code: finding.UnknownName, Message: fmt.Sprintf("no such part of a %s on %s", strings.ToLower(of), e.Cluster.Cloud),
					Suggestion: finding.Suggest(part, known), Aside: "allowed are " + orElse(strings.Join(known, ", "), "none")}, append(slices.Clip(path), part)...)
			}
		}
	}
}

// label notes a finding about the name of a field.
func (c *checker) label(f finding.Finding, path ...string) {
	at := c.user.At(path...)
	f.Position, f.Path = at.Label, finding.Tokens(path...)
	if f.File == "" {
		f.Position = at.Position
	}
	c.problems = append(c.problems, f)
}
