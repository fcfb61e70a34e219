package schema

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"sync"

	"spokewright.dev/spokewright/internal/constraint"
	"spokewright.dev/spokewright/internal/cuefile"
	"spokewright.dev/spokewright/internal/finding"
)

// Supposed is what the specs of a fleet say, as they stand or with one thing in them said otherwise: for asking what would
// follow. It is never written to; each supposition is a new one.
type Supposed struct {
	reader *Reader
	fleet  source
	specs  map[string]source // of environments
	config *FleetConfig      // what fleet comes to, judged or not
	legal  func() (*FleetConfig, error)
}

// source is a file that was read, with what is wrong with it.
type source struct {
	text, names []byte // names are those recorded beside a spec
	node        *cuefile.Node
	problems    finding.Findings
}

// Suppose reads the specs of some environments as they stand.
func (r *Reader) Suppose(tree fs.FS, names ...string) (Supposed, error) {
	s := Supposed{reader: r, specs: map[string]source{}}
	text, err := fs.ReadFile(tree, FleetFile)
	if err != nil {
		return s, fmt.Errorf("reading %s: %w", FleetFile, err)
	}
	for _, name := range names {
		spec, err := fs.ReadFile(tree, SpecFile(name))
		if err != nil {
			return s, fmt.Errorf("reading %s: %w", SpecFile(name), err)
		}
		recorded, err := fs.ReadFile(tree, NamesFile(name))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return s, fmt.Errorf("reading %s: %w", NamesFile(name), err)
		}
		s.specs[name] = readSpec(name, spec, recorded)
	}
	s.fleet = readFleet(text)
	s.config, s.legal, err = s.read()
	return s, err
}

func readFleet(text []byte) source {
	f := source{text: text}
	f.node, f.problems = cuefile.Read(FleetFile, text, fleetPlaces())
	return f
}

func readSpec(name string, text, names []byte) source {
	f := source{text: text, names: names}
	f.node, f.problems = cuefile.Read(SpecFile(name), text, environmentPlaces())
	if f.node != nil && names != nil {
		var found finding.Findings
		f.node, found = recorded(f.node, NamesFile(name), names)
		f.problems = append(f.problems, found...)
	}
	return f
}

// read is the fleet without its being judged, and the way to have it judged.
func (s Supposed) read() (*FleetConfig, func() (*FleetConfig, error), error) {
	if s.fleet.node == nil {
		return nil, nil, s.fleet.problems.Err()
	}
	config, _, err := s.reader.completeFleet(cuefile.Merge(everywhere(s.reader.defaults, s.fleet.node), s.fleet.node), s.fleet.node)
	return config, sync.OnceValues(func() (*FleetConfig, error) { return s.reader.fleetOf(s.fleet.node, s.fleet.problems) }), err
}

// Text is the text of a file of the fleet's specs; nil for one that was not read.
func (s Supposed) Text(file string) []byte {
	if file == FleetFile {
		return s.fleet.text
	}
	for name, spec := range s.specs {
		switch file {
		case SpecFile(name):
			return spec.text
		case NamesFile(name):
			return spec.names
		}
	}
	return nil
}

// WithText supposes that a file that was read holds another text; false where that cannot be read.
func (s Supposed) WithText(file string, text []byte) (Supposed, bool) {
	if file == FleetFile {
		s.fleet = readFleet(text)
		return s.again()
	}
	for name, spec := range s.specs {
		switch file {
		case SpecFile(name):
			return s.withSpec(name, readSpec(name, text, spec.names))
		case NamesFile(name):
			return s.withSpec(name, readSpec(name, spec.text, text))
		}
	}
	return s, false
}

func (s Supposed) withSpec(name string, spec source) (Supposed, bool) {
	s.specs = maps.Clone(s.specs)
	s.specs[name] = spec
	return s, spec.node != nil
}

func (s Supposed) again() (Supposed, bool) {
	var err error
	s.config, s.legal, err = s.read()
	return s, err == nil
}

// WithDefault supposes that Spokewright brought another value for a default.
func (s Supposed) WithDefault(path []string, value any) (Supposed, bool) {
	fresh := *s.reader
	fresh.defaults = replaced(s.reader.defaults, path, cuefile.Plain(ownDefaults, value))
	s.reader = &fresh
	return s.again()
}

func replaced(n *cuefile.Node, path []string, value *cuefile.Node) *cuefile.Node {
	below := n.Child(path[0])
	switch {
	case len(path) == 1 || below == nil:
	case n.Fields == nil:
		return n
	default:
		value = replaced(below, path[1:], value)
	}
	if n.Fields != nil {
		return n.With(path[0], value)
	}
	fresh := *n
	fresh.Items = slices.Clone(n.Items)
	for i := range fresh.Items {
		if fmt.Sprint(i) == path[0] {
			fresh.Items[i] = value
		}
	}
	return &fresh
}

// Judge says what is wrong with an environment and its fleet, each for itself.
func (s Supposed) Judge(name string) error {
	config, err := s.legal()
	if err != nil {
		return err
	}
	spec := s.specs[name]
	_, err = s.reader.environmentOf(config, name, spec.node, slices.Concat(spec.problems, s.reader.checkName(name, spec.node.Position)))
	return err
}

// Environment is what the files come to, whether or not that is legal. A hub has the environments that were read.
func (s Supposed) Environment(name string) (Environment, error) {
	e, err := s.alone(name)
	if err != nil || e.Role != "hub" && !e.JoinsHub() {
		return e, err
	}
	var facts []Facts
	for _, other := range slices.Sorted(maps.Keys(s.specs)) {
		facts = append(facts, s.facts(other))
	}
	fleet, _ := join(s.config, []Environment{e}, facts)
	if fleet == nil {
		return e, nil
	}
	e = fleet.Environments[name]
	if hub, err := s.alone(e.Hub); err == nil && e.JoinsHub() {
		e, _ = e.Joined(hub)
	}
	return e, nil
}

// Called is the environment as it would be under another name.
func (s Supposed) Called(name, other string) (Environment, error) {
	s.specs = maps.Clone(s.specs)
	s.specs[other] = s.specs[name]
	delete(s.specs, name)
	return s.Environment(other)
}

func (s Supposed) alone(name string) (Environment, error) {
	node := s.specs[name].node
	if node == nil {
		return Environment{}, s.specs[name].problems.Err()
	}
	class, _ := s.config.classOf(node)
	return s.config.environment(name, class, s.config.merge(name, class, node))
}

// facts are what a hub knows of an environment, by as little of its spec as they follow from.
func (s Supposed) facts(name string) Facts {
	node := s.specs[name].node
	class, _ := s.config.classOf(node)
	text := func(n *cuefile.Node, otherwise string) string {
		value, _ := n.Data().(string)
		return orElse(value, otherwise)
	}
	defaults := s.config.root.Find("classes", class.Name, "defaults")
	return Facts{Member{Name: name, Role: text(node.Child("role"), "spoke"), Class: class.Name,
		Owner:     text(node.Child("owner"), text(defaults.Child("owner"), s.config.Owner)),
		Protected: class.Protected, Retiring: text(node.Child("retiring"), "")}, text(node.Child("hub"), ""), false}
}

// Default is a value that Spokewright brings where nobody says otherwise. A rule counts as one.
type Default struct {
	Path  []string
	Value any
	Rule  bool
}

// Defaults are those that can say something to environments of a class; of all where the class is empty.
func (s Supposed) Defaults(class string) []Default {
	var all []Default
	var walk func(n *cuefile.Node, path []string)
	walk = func(n *cuefile.Node, path []string) {
		switch {
		case len(path) == 2 && path[0] == "classes" && class != "" && path[1] != class:
		case len(path) == 4 && path[0] == "classes" && path[2] == "rules":
			all = append(all, Default{path, ruleData(n), true})
		case n.Fields != nil:
			for _, name := range slices.Sorted(maps.Keys(n.Fields)) {
				walk(n.Fields[name], append(slices.Clip(path), name))
			}
		case n.Items != nil:
			for i, item := range n.Items {
				walk(item, append(slices.Clip(path), fmt.Sprint(i)))
			}
		default:
			all = append(all, Default{path, n.Scalar, false})
		}
	}
	walk(s.reader.defaults, nil)
	return all
}

// ruleData is a rule with what it requires as a constraint.
func ruleData(n *cuefile.Node) map[string]any {
	data := map[string]any{}
	for name, value := range n.Fields {
		data[name] = value.Data()
		if value.Require != nil {
			data[name] = value.Require
		}
	}
	return data
}

// Allowed is what may stand at a path of a file of specs; nil where that is not known.
func (r *Reader) Allowed(file string, path []string) *constraint.Constraint {
	want := r.environment
	if file == FleetFile {
		switch want = r.fleet; {
		case len(path) > 3 && path[0] == "classes" && path[2] == "defaults":
			want, path = r.allowedDefault(path[3:])
		case len(path) > 2 && path[0] == "flavours" && path[2] == "addons":
			want, path = r.environment, path[2:]
		case len(path) > 3 && path[0] == "flavours" && path[2] == "classes":
			want, path = cuefile.Inside(r.environment, "addons"), path[4:]
		}
	}
	for _, name := range path {
		want = cuefile.Inside(want, name)
	}
	return want
}

// allowedDefault is what may stand at a path of a class's defaults: where in an environment it ends up, and the rest of the path.
func (r *Reader) allowedDefault(path []string) (*constraint.Constraint, []string) {
	database := cuefile.Inside(r.environment, "databases").Patterns[0].Value
	switch {
	case path[0] == "database":
		return database, path[1:]
	case path[0] == "engines" && len(path) > 1:
		return database, path[2:]
	case path[0] == "app":
		return cuefile.Inside(r.environment, "apps").Patterns[0].Value, path[1:]
	}
	return r.environment, path
}

// Words are names that may stand at a path of a spec since something of the fleet is called so: classes, flavours, accounts, hubs,
// databases and regions.
func (s Supposed) Words(path []string) []string {
	last := strings.TrimRight(path[len(path)-1], "0123456789")
	if last == "" && len(path) > 1 {
		last = path[len(path)-2]
	}
	switch last {
	case "flavours":
		return slices.Sorted(maps.Keys(s.config.Flavours))
	case "class":
		return slices.Sorted(maps.Keys(s.config.Classes))
	case "account":
		return slices.Sorted(maps.Keys(s.config.Accounts))
	case "hub", "peers":
		return slices.Sorted(maps.Keys(s.specs))
	case "region", "regions":
		return slices.Concat(slices.Collect(maps.Values(s.config.Regions))...)
	}
	return nil
}

// Owner is the environment that a file of specs is of; empty for what all share.
func (s Supposed) Owner(file string) string {
	for name := range s.specs {
		if file == SpecFile(name) || file == NamesFile(name) {
			return name
		}
	}
	return ""
}

// Hubs are the environments that list others, sorted.
func (s Supposed) Hubs() []string {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(s.specs)), func(name string) bool { return s.facts(name).Role != "hub" })
}
