package schema

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/netip"
	"path"
	"slices"
	"strconv"
	"strings"

	"spokewright.dev/spokewright/internal/finding"
)

// Folder holds the specs of a fleet, one file an environment, and FleetFile what they share.
const (
	Folder    = "environments"
	FleetFile = Folder + "/fleet.cue"
)

// Fleet is a whole fleet with all its environments, checked against each other.
type Fleet struct {
	Config       *FleetConfig
	Environments map[string]Environment
}

// Names are the names of all environments, sorted.
func (s *Fleet) Names() []string { return slices.Sorted(maps.Keys(s.Environments)) }

// SpecFile is the file of an environment.
func SpecFile(name string) string { return path.Join(Folder, name+".cue") }

// List names the environments of a fleet's tree, sorted: every CUE file beside fleet.cue but those with recorded names.
func List(tree fs.FS) ([]string, error) {
	entries, err := fs.ReadDir(tree, Folder)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", Folder, err)
	}
	var names []string
	for _, entry := range entries {
		name, isSpec := strings.CutSuffix(entry.Name(), ".cue")
		if isSpec && !strings.HasSuffix(entry.Name(), namesSuffix) && entry.Name() != path.Base(FleetFile) && !entry.IsDir() {
			names = append(names, name)
		}
	}
	return names, nil
}

// strays are files and folders beside the specs that look like specs and are not read: their environments would seem to be
// gone, and a render would remove what it has written for them.
func strays(tree fs.FS, names []string) (finding.Findings, error) {
	entries, err := fs.ReadDir(tree, Folder)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", Folder, err)
	}
	var problems finding.Findings
	for _, entry := range entries {
		extension := path.Ext(entry.Name())
		name := strings.TrimSuffix(entry.Name(), extension)
		file, spec := path.Join(Folder, entry.Name()), SpecFile(strings.ToLower(name))
		add := func(code finding.Code, message string) {
			problems = append(problems, finding.Finding{Code: code, Position: finding.Position{File: file}, Message: message})
		}
		switch lower := strings.ToLower(extension); {
		case strings.HasPrefix(entry.Name(), "."):
		case entry.IsDir():
			if specs, err := fs.Glob(tree, path.Join(file, "*.cue")); err == nil && len(specs) > 0 {
				add(finding.Orphan, "found a folder with "+path.Base(specs[0])+" in it, which is not read: specs stand in "+Folder+"/ itself")
			}
		case lower == ".cue" && extension != lower:
			add(finding.Orphan, "found the ending "+extension+", which is not read: rename the file to "+spec)
		case language(lower) != "" && !slices.Contains(names, name):
			add(finding.Syntax, "found "+language(lower)+", which is not read: a spec is CUE, and stands in "+spec)
		}
	}
	return problems, nil
}

// language is what a file that looks like a spec is written in, by its ending in lower case; "" for others.
func language(extension string) string {
	return map[string]string{".yaml": "a YAML file", ".yml": "a YAML file", ".json": "a JSON file", ".toml": "a TOML file",
		".hcl": "an HCL file", ".tf": "a Terraform file", ".tfvars": "a Terraform file"}[extension]
}

// FleetConfigOf reads the fleet's own file from its tree.
func (r *Reader) FleetConfigOf(tree fs.FS) (*FleetConfig, error) {
	text, err := fs.ReadFile(tree, FleetFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, finding.Findings{{Code: finding.NoFleet, Position: finding.Position{File: FleetFile}, Message: "the file is missing: it holds what all environments share, the repository first"}}
	}
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", FleetFile, err)
	}
	return r.FleetConfig(FleetFile, text)
}

// EnvironmentOf reads one environment from a fleet's tree. Of the others a hub reads what it lists, and what joins its hub reads that; they
// judge none of them: that is for Fleet.
func (r *Reader) EnvironmentOf(tree fs.FS, config *FleetConfig, name string) (Environment, error) {
	e, err := r.alone(tree, config, name)
	if err != nil || e.Role != "hub" && !e.JoinsHub() {
		return e, err
	}
	fleet, err := r.listed(tree, config, e)
	if err != nil {
		return Environment{}, err
	}
	return r.withHub(tree, config, fleet.Environments[name])
}

func (r *Reader) alone(tree fs.FS, config *FleetConfig, name string) (Environment, error) {
	file := SpecFile(name)
	text, err := fs.ReadFile(tree, file)
	if errors.Is(err, fs.ErrNotExist) {
		names, _ := List(tree)
		return Environment{}, NoEnvironment(name, names)
	}
	if err != nil {
		return Environment{}, fmt.Errorf("reading %s: %w", file, err)
	}
	names, err := fs.ReadFile(tree, NamesFile(name))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return Environment{}, fmt.Errorf("reading %s: %w", NamesFile(name), err)
	}
	return r.read(config, name, file, text, names)
}

// Fleet reads the fleet and every environment, in parallel, and checks them against each other.
func (r *Reader) Fleet(tree fs.FS) (*Fleet, error) {
	config, names, unread, err := r.opened(tree)
	if err != nil {
		return nil, err
	}
	read, problems := make([]Environment, len(names)), make([]finding.Findings, len(names))
	err = atOnce(len(names), func(i int) (err error) {
		if read[i], err = r.alone(tree, config, names[i]); errors.As(err, &problems[i]) {
			return nil
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	if err := slices.Concat(unread, slices.Concat(problems...)).Err(); err != nil {
		return nil, err
	}
	return link(config, read)
}

// link gives every environment its hub and every hub its environments, and checks what they share.
func link(config *FleetConfig, environments []Environment) (*Fleet, error) {
	facts := make([]Facts, len(environments))
	for i, e := range environments {
		facts[i] = FactsOf(e)
	}
	fleet, problems := join(config, environments, facts)
	if fleet == nil {
		return nil, problems
	}
	return fleet, slices.Concat(problems, joined(fleet), shared(fleet), peers(fleet), adoptedTwice(fleet), keeper(fleet)).Err()
}

// chooseHub fills in the hub of an environment that names none.
func (e *Environment) chooseHub(hubs []string) finding.Findings {
	at := e.Written("hub")
	switch {
	case e.Role == "hub" && e.Hub != "" && e.Hub != e.Name:
		return finding.Findings{{Code: finding.Inconsistent, Position: at, Path: "hub", Message: fmt.Sprintf("found %s, but a hub runs itself: leave hub out", finding.Quote(e.Hub))}}
	case e.Role == "hub":
		e.Hub = e.Name
	case e.Hub != "" && !slices.Contains(hubs, e.Hub):
		return finding.Findings{{Code: finding.UnknownName, Position: at, Path: "hub", Message: fmt.Sprintf("found %s, allowed is %s", finding.Quote(e.Hub), finding.OneOf(finding.Quoted(hubs))),
			Suggestion: finding.Suggest(e.Hub, hubs)}}
	case e.Hub == "" && len(hubs) == 1:
		e.Hub = hubs[0]
	case e.Hub == "":
		return finding.Findings{{Code: finding.MissingField, Position: at, Path: "hub", Message: "missing: the fleet has more than one hub, allowed is " + finding.OneOf(finding.Quoted(hubs))}}
	}
	return nil
}

// labelled is where the name of a part of the environment was written; the start of its file for what is a default.
func (e *Environment) labelled(path []string) finding.Position {
	if part := e.root.Find(path...); len(path) > 0 && part != nil && part.Label.Line > 0 {
		return part.Label
	}
	return e.Written()
}

// owner is the part of an environment that a name follows from.
type owner struct {
	environment string
	derived     ReservedName
}

func (o owner) String() string {
	if len(o.derived.Path) == 0 {
		return "environment " + finding.Quote(o.environment) + " itself"
	}
	return o.derived.owner() + " of environment " + finding.Quote(o.environment)
}

// shared reports names and files that two environments would both own.
func shared(fleet *Fleet) finding.Findings {
	var problems finding.Findings
	taken, written := map[[4]string]owner{}, map[[3]string]string{}
	for _, name := range fleet.Names() {
		e := fleet.Environments[name]
		for _, d := range e.ReservedNames() {
			key, counts := e.unique(d)
			if !counts {
				continue
			}
			if first, collides := taken[key]; collides && first.environment != name {
				problems = append(problems, finding.Finding{Code: finding.NameTaken, Position: e.labelled(d.Path), Path: finding.Tokens(d.Path...), Message: fmt.Sprintf(
					"the %s would be named %s, which is the name for %s: choose another", d.Kind, finding.Quote(d.Name), first)})
			}
			if _, collides := taken[key]; !collides {
				taken[key] = owner{name, d}
			}
		}
		problems = append(problems, e.writers(written)...)
	}
	return problems
}

// unique is where a reserved name must be the only one; it does not count where it is on the environment's own cluster.
func (e *Environment) unique(d ReservedName) (key [4]string, counts bool) {
	if d.Kind == "Namespace" && d.Scope != "" {
		if e.Role != "hub" {
			return key, false
		}
		d.Scope = ""
	}
	key = [4]string{e.Hub, d.Kind, d.Scope, d.Name}
	if d.Cloud {
		key[0] = ""
	}
	return key, true
}

// writers reports a file that two Image Updater policies would write to.
func (e *Environment) writers(written map[[3]string]string) finding.Findings {
	var problems finding.Findings
	for _, name := range slices.Sorted(maps.Keys(e.Apps)) {
		app := e.Apps[name]
		key, writes := app.writes()
		if !writes {
			continue
		}
		if first, twice := written[key]; twice {
			problems = append(problems, finding.Finding{Code: finding.Inconsistent, Position: e.root.At("apps", name, "writeTo").Position, Path: finding.Tokens("apps", name, "writeTo"), Message: fmt.Sprintf(
				`found %s for %s, which %s has too: two writers overwrite each other, allowed is a path of its own or "parameters"`, finding.Quote(app.WriteTo), finding.Quote(key[2]), first)})
		}
		if _, twice := written[key]; !twice {
			written[key] = string(finding.Tokens("apps", name)) + " of environment " + finding.Quote(e.Name)
		}
	}
	return problems
}

// writes is the file that Image Updater writes for an app: repository, revision and path.
func (a App) writes() (key [3]string, is bool) {
	key = [3]string{a.Repository, a.Revision, a.Written()}
	return key, len(a.Images) > 0 && key[2] != ""
}

// NoEnvironment is the problem of a name that no environment has.
func NoEnvironment(name string, names []string) finding.Findings {
	const few = 12 // as many as one reads
	problem := finding.Finding{Code: finding.UnknownName, Position: finding.Position{File: SpecFile(name)}, Message: "there is no environment " + finding.Quote(name), Suggestion: finding.Suggest(name, names)}
	switch {
	case problem.Suggestion != "" || len(names) == 0:
	case len(names) <= few:
		problem.Message += ": there are " + finding.AllOf(finding.Quoted(names))
	default:
		problem.Remedy = "spokewright env list tells which there are"
	}
	return finding.Findings{problem}
}

// peers reports networks that are joined and overlap, and peers that are none.
func peers(fleet *Fleet) finding.Findings {
	var problems finding.Findings
	for _, name := range fleet.Names() {
		e := fleet.Environments[name]
		if e.Cluster == nil {
			continue
		}
		joined := []Environment{e}
		for i, peer := range e.Cluster.Network.Peers {
			path := []string{"cluster", "network", "peers", strconv.Itoa(i)}
			if wrong := fleet.peer(joined, e.Cluster.Network.Peers[:i], peer); wrong.Message != "" {
				wrong.Position, wrong.Path = e.Written(path...), finding.Tokens(path...)
				problems = append(problems, wrong)
			} else {
				joined = append(joined, fleet.Environments[peer])
			}
		}
	}
	return problems
}

// peer says what is wrong with one more peer of the first of the joined environments; without a message nothing is.
func (s *Fleet) peer(joined []Environment, before []string, name string) finding.Finding {
	inconsistent := func(format string, args ...any) finding.Finding {
		return finding.Finding{Code: finding.Inconsistent, Message: fmt.Sprintf(format, args...)}
	}
	self := joined[0].Name
	other, known := s.Environments[name]
	switch {
	case !known:
		others := slices.DeleteFunc(s.Names(), func(n string) bool { return n == self })
		return finding.Finding{Code: finding.UnknownName, Message: fmt.Sprintf("found %s, which is no environment of this fleet", finding.Quote(name)),
			Suggestion: finding.Suggest(name, others), Aside: "allowed is " + finding.OneOf(finding.Quoted(others))}
	case name == self:
		return inconsistent("found %s, the environment itself: allowed is another one", finding.Quote(name))
	case slices.Contains(before, name):
		return inconsistent("found %s for a second time", finding.Quote(name))
	}
	for i, present := range joined {
		if overlap(present, other) {
			whose := "this environment's own"
			if i > 0 {
				whose = "that of the peer " + finding.Quote(present.Name)
			}
			return inconsistent("found %s, whose network %s overlaps %s, %s: allowed are networks that share no address",
				finding.Quote(name), other.Cluster.Network.CIDR, whose, present.Cluster.Network.CIDR)
		}
	}
	return finding.Finding{}
}

// overlap says whether two environments have networks with an address in common.
func overlap(a, b Environment) bool {
	if a.Cluster == nil || b.Cluster == nil {
		return false
	}
	first, second := netip.MustParsePrefix(a.Cluster.Network.CIDR), netip.MustParsePrefix(b.Cluster.Network.CIDR) // legal already
	return first.Overlaps(second)
}

// adoptedTwice reports what two claims would take hold of.
func adoptedTwice(fleet *Fleet) finding.Findings {
	var problems finding.Findings
	taken := map[[4]string]string{}
	for _, name := range fleet.Names() {
		e := fleet.Environments[name]
		for _, p := range e.adoptables() {
			if p.adopt == nil {
				continue
			}
			key := e.adopted(p)
			path := append(slices.Clip(p.path), "adopt", "externalName")
			if first, twice := taken[key]; twice {
				problems = append(problems, finding.Finding{Code: finding.NameTaken, Position: e.root.At(path...).Position, Path: finding.Tokens(path...), Message: fmt.Sprintf("found %s, which %s adopts: allowed is another one", finding.Quote(p.adopt.ExternalName), first)})
				continue
			}
			taken[key] = string(finding.Tokens(p.path...)) + " of environment " + finding.Quote(name)
		}
	}
	return problems
}

// adopted is what an adoption takes hold of.
func (e Environment) adopted(p adoptable) [4]string {
	return [4]string{e.Cluster.Cloud, e.Cluster.Region, p.path[0], p.adopt.ExternalName}
}

// keeper reports an environment that is to keep the telemetry of the fleet and does not.
func keeper(fleet *Fleet) finding.Findings {
	if fleet.Config.Telemetry == nil || fleet.Config.Telemetry.Environment == "" {
		return nil
	}
	name := fleet.Config.Telemetry.Environment
	f := finding.Finding{Position: fleet.Config.root.At("telemetry", "environment").Position, Path: finding.Tokens("telemetry", "environment")}
	switch e, known := fleet.Environments[name]; {
	case !known:
		f.Code, f.Message, f.Suggestion = finding.UnknownName, fmt.Sprintf("found %s, which is no environment of this fleet", finding.Quote(name)), finding.Suggest(name, fleet.Names())
	case e.Role == "hub" || !slices.Contains(e.Flavours, telemetryFlavour):
		f.Code, f.Message = finding.Inconsistent, fmt.Sprintf("found %s, allowed is a spoke with flavours: [%q]: only that keeps what others send", finding.Quote(name), telemetryFlavour)
	default:
		return nil
	}
	return finding.Findings{f}
}
