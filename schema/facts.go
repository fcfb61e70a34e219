package schema

import (
	"cmp"
	"fmt"
	"io/fs"
	"slices"

	"spokewright.dev/spokewright/internal/cuefile"
	"spokewright.dev/spokewright/internal/finding"
)

// Facts are what the rest of a fleet must know of an environment before it can be rendered.
type Facts struct {
	Member
	Hub string // as its spec says it, which may be empty
}

// FactsOf are those of an environment that was read alone.
func FactsOf(e Environment) Facts {
	return Facts{Member{Name: e.Name, Role: e.Role, Class: e.Class.Name, Owner: e.Owner, Protected: e.Class.Protected, Retiring: e.Retiring}, e.Hub}
}

// listed is a fleet of which one hub was read, and of all others the facts. Where they do not fit together, all are read, so that the
// mistake is told where it is.
func (r *Reader) listed(tree fs.FS, config *FleetConfig, hub Environment) (*Fleet, error) {
	names, unread, err := listing(tree)
	if err != nil {
		return nil, err
	}
	if err := unread.Err(); err != nil {
		return nil, err
	}
	facts, err := r.facts(tree, config, names)
	if err != nil || !consistent(facts) {
		fleet, found := r.Fleet(tree)
		return fleet, cmp.Or(found, err)
	}
	return config.Fleet([]Environment{hub}, facts)
}

// facts are those of all environments.
func (r *Reader) facts(tree fs.FS, config *FleetConfig, names []string) ([]Facts, error) {
	facts := make([]Facts, len(names))
	err := atOnce(len(names), func(i int) (err error) {
		facts[i], err = r.factsIn(tree, config, names[i])
		return err
	})
	return facts, err
}

// consistent says whether every environment has a hub.
func consistent(facts []Facts) bool {
	hubs := 0
	for _, f := range facts {
		if f.Role == "hub" {
			hubs++
		}
	}
	return !slices.ContainsFunc(facts, func(f Facts) bool {
		if f.Role == "hub" {
			return f.Hub != "" && f.Hub != f.Name
		}
		return f.Hub == "" && hubs != 1 || f.Hub != "" && !slices.ContainsFunc(facts, func(other Facts) bool { return other.Role == "hub" && other.Name == f.Hub })
	})
}

// factsIn reads the facts of an environment from its file, which is read as a whole where they do not stand there as plain texts.
func (r *Reader) factsIn(tree fs.FS, config *FleetConfig, name string) (Facts, error) {
	text, err := fs.ReadFile(tree, SpecFile(name))
	if err != nil {
		return Facts{}, fmt.Errorf("reading %s: %w", SpecFile(name), err)
	}
	if facts, known := r.plainFacts(config, name, text); known {
		return facts, nil
	}
	e, err := r.alone(tree, config, name)
	return FactsOf(e), err
}

// plainFacts are those of a spec that says them as plain texts, each of them allowed.
func (r *Reader) plainFacts(config *FleetConfig, name string, text []byte) (Facts, bool) {
	said, known := cuefile.Topmost(text, "class", "hub", "owner", "retiring", "role")
	class, there := config.Classes[said["class"]]
	if !known || !there || !r.name.Holds(name) {
		return Facts{}, false
	}
	for field, value := range said {
		if want := r.field([]string{field}); field != "class" && (want == nil || !want.Holds(value)) {
			return Facts{}, false
		}
	}
	owner := said["owner"]
	if _, own := said["owner"]; !own {
		owner = config.ownerIn(class.Name)
	}
	return Facts{Member{Name: name, Role: cmp.Or(said["role"], "spoke"), Class: class.Name, Owner: owner, Protected: class.Protected, Retiring: said["retiring"]}, said["hub"]}, true
}

// ownerIn is who answers for an environment of a class that names nobody.
func (f *FleetConfig) ownerIn(class string) string {
	if node := f.root.Find("classes", class, "defaults", "owner"); node != nil {
		owner, _ := node.Scalar.(string)
		return owner
	}
	return f.Owner
}

// Alone reads one environment and nothing of the others: it does not know its hub nor, as a hub, whom it serves.
func (r *Reader) Alone(tree fs.FS, config *FleetConfig, name string) (Environment, error) {
	return r.alone(tree, config, name)
}

// Fleet is one of which some environments were read, each alone, and of all the facts are known. Each gets its hub, and a
// hub its environments. What environments must not share is for Reader.Fleet to check, which reads them all.
func (f *FleetConfig) Fleet(read []Environment, facts []Facts) (*Fleet, error) {
	fleet, problems := join(f, read, facts)
	return fleet, problems.Err()
}

func join(config *FleetConfig, read []Environment, facts []Facts) (*Fleet, finding.Findings) {
	m, problems := membersOf(facts)
	if problems != nil {
		return nil, problems
	}
	fleet := &Fleet{Config: config, Environments: map[string]Environment{}}
	for _, e := range read {
		problems = append(problems, m.place(&e)...)
		fleet.Environments[e.Name] = e
	}
	return fleet, problems
}

// members say which environments every hub runs.
type members struct {
	hubs []string
	of   map[string][]Member // by hub
}

func membersOf(facts []Facts) (members, finding.Findings) {
	m := members{of: map[string][]Member{}}
	for _, f := range facts {
		if f.Role == "hub" {
			m.hubs = append(m.hubs, f.Name)
		}
	}
	if len(m.hubs) == 0 {
		return m, finding.Findings{{Code: finding.MissingField, Position: finding.Position{File: Folder}, Message: `found no hub: one environment needs role: "hub"`}}
	}
	for _, f := range facts {
		switch {
		case f.Role == "hub":
			f.Hub = f.Name
		case f.Hub == "" && len(m.hubs) == 1:
			f.Hub = m.hubs[0]
		}
		m.of[f.Hub] = append(m.of[f.Hub], f.Member)
	}
	return m, nil
}

// place gives an environment its hub, and a hub its environments.
func (m members) place(e *Environment) finding.Findings {
	problems := e.chooseHub(m.hubs)
	if e.Role == "hub" {
		e.Spokes = m.of[e.Name]
	}
	return problems
}
