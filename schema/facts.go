package schema

import (
	"cmp"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"spokewright.dev/spokewright/internal/cuefile"
	"spokewright.dev/spokewright/internal/finding"
)

// Facts are what the rest of a fleet must know of an environment before it can be rendered.
type Facts struct {
	Member
	Hub     string // as its spec says it, which may be empty
	JoinHub bool   // it reads its hub too; known where its spec was read as a whole
}

// FactsOf are those of an environment that was read alone.
func FactsOf(e Environment) Facts {
	return Facts{Member{Name: e.Name, Role: e.Role, Class: e.Class.Name, Owner: e.Owner, Protected: e.Class.Protected, Retiring: e.Retiring}, e.Hub, e.JoinsHub()}
}

// listed is a fleet of which one environment was read, and of all others the facts. Where they do not fit together, all are read, so that the
// mistake is told where it is.
func (r *Reader) listed(tree fs.FS, config *FleetConfig, e Environment) (*Fleet, error) {
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
	return config.Fleet([]Environment{e}, facts)
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
	return Facts{Member{Name: name, Role: cmp.Or(said["role"], "spoke"), Class: class.Name, Owner: owner, Protected: class.Protected, Retiring: said["retiring"]}, said["hub"], false}, true
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

// HubNetwork is what a peering must know of the network of a hub.
type HubNetwork struct {
	Network    string // what the cloud calls it: its id on AWS, its name on Azure
	Group      string // the resource group that it is in, on Azure
	Region     string
	CIDR       string
	RouteTable string // of the hub's nodes, on AWS
}

// Joined is an environment that knows the network of its hub, where it asks to be joined with that; with what keeps it from that.
func (e Environment) Joined(hub Environment) (Environment, finding.Findings) {
	if !e.JoinsHub() {
		return e, nil
	}
	if code, message := e.unjoined(hub); message != "" {
		at := []string{"cluster", "network", "joinHub"}
		return e, finding.Findings{{Code: code, Position: e.Written(at...), Path: finding.Tokens(at...), Message: "found true, " + message}}
	}
	network := &HubNetwork{Region: hub.Cluster.Region, CIDR: hub.Cluster.Network.CIDR}
	if hub.Cluster.Cloud == "aws" {
		network.Network, network.RouteTable = hub.Names.Network["vpc"], hub.Names.Network["private"]
	} else { // whose names follow from the id, by the bootstrap as by the composition
		network.Network, network.Group = hub.ID+"-network", hub.ID+"-network"
	}
	e.HubNetwork = network
	return e, nil
}

// unjoined says why no peering joins the network of an environment with that of its hub; nothing where one does.
func (e Environment) unjoined(hub Environment) (finding.Code, string) {
	named := finding.Quote(hub.Name)
	switch {
	case hub.Cluster == nil:
		return finding.MissingField, fmt.Sprintf("and hub %s says no cluster, so that nobody knows its network: write cluster: {cloud, region, network: {cidr}} into %s", named, SpecFile(hub.Name))
	case hub.Cluster.Cloud != e.Cluster.Cloud:
		return finding.Inconsistent, fmt.Sprintf("and hub %s is on %s: a peering joins networks of one cloud; leave joinHub out, and left to do is a VPN between %s and %s, with routes in both networks",
			named, cloudNames()[hub.Cluster.Cloud], e.Cluster.Network.CIDR, hub.Cluster.Network.CIDR)
	case hub.Cluster.Account != e.Cluster.Account:
		return finding.Inconsistent, fmt.Sprintf("and hub %s is in account %s, this environment in %s: one account does not write into the other; leave joinHub out, and left to do is %s between %s and %s",
			named, finding.Quote(hub.Cluster.Account), finding.Quote(e.Cluster.Account), ByHand(e.Cluster.Cloud), e.Cluster.Network.CIDR, hub.Cluster.Network.CIDR)
	case overlap(e, hub):
		return finding.Inconsistent, fmt.Sprintf("and its network %s has addresses of the network of hub %s, %s: allowed are networks that share no address",
			e.Cluster.Network.CIDR, named, hub.Cluster.Network.CIDR)
	case e.Cluster.Cloud == "aws" && (hub.Names.Network["vpc"] == "" || hub.Names.Network["private"] == ""):
		return finding.MissingField, fmt.Sprintf("and nothing says what AWS calls the network of hub %s: spokewright names records it in %s, and where spokewright bootstrap made the hub, terragrunt output -raw names prints it",
			named, NamesFile(hub.Name))
	}
	return "", ""
}

// ByHand is what joins two networks of a cloud, and lets one reach a private cluster in the other, where nobody does it for people.
func ByHand(cloud string) string {
	if cloud == "aws" {
		return "a peering connection that both accounts agree to, with routes in the tables of both and a rule of the cluster's security group for port 443,"
	}
	return "a peering in both directions"
}

// joined gives all environments of a fleet that ask for it the network of their hub.
func joined(fleet *Fleet) finding.Findings {
	var problems finding.Findings
	for _, name := range fleet.Names() {
		e := fleet.Environments[name]
		hub, known := fleet.Environments[e.Hub]
		if !e.JoinsHub() || !known || hub.Role != "hub" { // told already
			continue
		}
		e, found := e.Joined(hub)
		fleet.Environments[name], problems = e, append(problems, found...)
	}
	return problems
}

// withHub is an environment, which knows who its hub is, with the hub's network where it asks for that.
func (r *Reader) withHub(tree fs.FS, config *FleetConfig, e Environment) (Environment, error) {
	if !e.JoinsHub() {
		return e, nil
	}
	hub, err := r.alone(tree, config, e.Hub)
	if err != nil {
		return Environment{}, err
	}
	e, found := e.Joined(hub)
	return e, found.Err()
}

// joinHub reports what is asked to be joined with its hub and can not be, whatever the hub is.
func (c *checker) joinHub(e *Environment) {
	at := []string{"cluster", "network", "joinHub"}
	report := func(code finding.Code, message string) { c.report(code, "found true, "+message, at...) }
	if e.Role == "hub" && c.known("role") && e.Cluster.Network.JoinHub && c.user.Find(at...) != nil {
		report(finding.Inconsistent, "allowed is none for a hub: its spokes join its network")
	}
	if !e.JoinsHub() || !c.known(at...) || !c.known("cluster", "cloud") {
		return
	}
	claims := e.Fleet.Claims
	switch {
	case e.Cluster.Cloud == "gcp":
		report(finding.Unsupported, "and a peering does not reach the control plane of GKE, which is in a network of Google's: leave joinHub out, and cluster: dnsEndpoint: true gives the hub a way")
	case e.Cluster.Adopt != nil:
		report(finding.Inconsistent, "and the cluster is adopted, with a network of its own that is not known here: leave joinHub out, and left to do is "+strings.TrimSuffix(ByHand(e.Cluster.Cloud), ","))
	case claims.Peering.Kind == "":
		own := claims.Network.Kind
		if claims.Cluster.Fields != nil {
			own = claims.Cluster.Kind
		}
		report(finding.Unsupported, fmt.Sprintf("for which the fleet has no kind beside its own %s: leave joinHub out, or map claims: peering in fleet.cue", own))
	}
}
