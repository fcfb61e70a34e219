package schema

import (
	"errors"
	"fmt"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"

	"cuelang.org/go/cue"
	"spokewright.dev/spokewright/internal/constraint"
	"spokewright.dev/spokewright/internal/constraint/cueparse"
	"spokewright.dev/spokewright/internal/cuefile"
	"spokewright.dev/spokewright/internal/finding"
)

// Environment reads the text of an environment's file. file is its name in messages. The error is Problems, with
// every mistake in the file.
func (r *Reader) Environment(fleet *FleetConfig, name, file string, text []byte) (Environment, error) {
	return r.read(fleet, name, file, text, nil)
}

// read reads an environment's file and the one with its recorded names, which is nil where there is none.
func (r *Reader) read(fleet *FleetConfig, name, file string, text, names []byte) (Environment, error) {
	user, problems := cuefile.Read(file, text, environmentPlaces())
	problems = append(problems, r.checkName(name, finding.Position{File: file, Line: 1, Column: 1})...)
	if user == nil {
		return Environment{}, howToBegin(problems).First(cuefile.MaxTold).Err()
	}
	if names != nil {
		var found finding.Findings
		user, found = recorded(user, NamesFile(name), names)
		problems = append(problems, found...)
	}
	return r.environmentOf(fleet, name, user, problems)
}

// howToBegin says how a spec begins, of one that has nothing in it.
func howToBegin(problems finding.Findings) finding.Findings {
	for i, f := range problems {
		if f.Code == finding.Syntax && strings.HasPrefix(f.Message, "the file is empty") {
			problems[i].Remedy = `write class: "development", with cluster: {cloud: "aws", region: "eu-west-1"} where it has one; or remove the file, and spokewright env add NAME --from ENVIRONMENT writes it`
		}
	}
	return problems
}

// environmentOf fills in the defaults of class and fleet and judges the whole. problems are those found already.
func (r *Reader) environmentOf(fleet *FleetConfig, name string, user *cuefile.Node, problems finding.Findings) (Environment, error) {
	class, found := fleet.classOf(user)
	problems = append(problems, found...)
	if class.Name == "" && user.Fields != nil { // told already
		user = user.With("class", &cuefile.Node{Position: user.At("class").Position, Invalid: true})
	}
	whole := fleet.merge(name, class, user)
	merged, found := cuefile.Judge(r.environment, whole, user)
	problems = append(problems, misspeltAddons(found, user.Child("addons"), whole.Child("addons"))...)
	environment, err := fleet.environment(name, class, merged)
	if err != nil {
		return Environment{}, err
	}
	problems = append(problems, environment.check(user)...)
	if len(problems) == 0 && !user.IsValid() { // never hand out what is not known
		problems = finding.Findings{{Code: finding.NotData, Position: user.Position, Message: "found a value that cannot be read"}}
	}
	if len(problems) > 0 {
		return Environment{}, problems.First(cuefile.MaxTold).Err()
	}
	return environment, nil
}

// environment is what a merged value comes to.
func (f *FleetConfig) environment(name string, class Class, merged *cuefile.Node) (Environment, error) {
	e := Environment{Name: name, Class: class, Fleet: f, root: merged}
	if err := decode(merged, &e); err != nil {
		return Environment{}, fmt.Errorf("reading environment %s: %w", name, err)
	}
	e.complete()
	return e, nil
}

// classOf finds the class that the user names.
func (f *FleetConfig) classOf(user *cuefile.Node) (Class, finding.Findings) {
	names := slices.Sorted(maps.Keys(f.Classes))
	named := user.Child("class")
	switch {
	case user.Fields == nil:
		return Class{}, nil
	case named != nil && named.Invalid && named.Flaw == nil:
		return Class{}, nil
	case named != nil && named.Invalid:
		wrong := cuefile.Instead(anyOf(names), named.Flaw)
		wrong.Path = "class"
		return Class{}, finding.Findings{wrong}
	case named == nil && user.Incomplete:
		return Class{}, nil
	case named == nil:
		return Class{}, finding.Findings{{Code: finding.MissingField, Position: user.Position, Path: "class", Message: "missing: allowed is " + finding.OneOf(finding.Quoted(names))}}
	}
	name, _ := named.Scalar.(string)
	class, known := f.Classes[name]
	if !known {
		return Class{}, finding.Findings{{Code: finding.UnknownName, Position: named.Position, Path: "class", Message: cuefile.Found(named.Data()) + ", allowed is " + finding.OneOf(finding.Quoted(names)),
			Suggestion: finding.Suggest(name, names)}}
	}
	return class, nil
}

// anyOf allows some words and nothing else.
func anyOf(words []string) *constraint.Constraint {
	want := &constraint.Constraint{Kinds: constraint.String}
	for _, word := range words {
		want.Enum = append(want.Enum, word)
	}
	return want
}

// merge lays what the user wrote over the defaults of the class and of the fleet.
func (f *FleetConfig) merge(environment string, class Class, user *cuefile.Node) *cuefile.Node {
	if user.Fields == nil {
		return user
	}
	merged := &cuefile.Node{Position: user.Position, Fields: map[string]*cuefile.Node{"role": {Position: user.Position, Scalar: "spoke"}}}
	if f.Owner != "" {
		merged.Fields["owner"] = f.root.Child("owner")
	}
	merged = cuefile.Merge(merged, user)
	name := class.Name
	if name == "" && len(f.Classes) > 0 { // any, so that only what no class brings is missing
		name = slices.Sorted(maps.Keys(f.Classes))[0]
	}
	defaults := f.root.Find("classes", name, "defaults")
	if owner := defaults.Child("owner"); owner != nil && user.Child("owner") == nil {
		merged.Fields["owner"] = owner
	}
	if set := f.root.Find("classes", name, "compositions"); set != nil && user.Child("compositions") == nil {
		merged.Fields["compositions"] = set
	}
	if user.Child("cluster") != nil || merged.Fields["role"].Scalar == "spoke" {
		set(merged, "cluster", cuefile.Merge(defaults.Child("cluster"), user.Child("cluster")))
	}
	given := addons(f.flavoured(name, f.chosen(user.Child("flavours"), merged.Child("cluster"))), merged.Fields["role"])
	set(merged, "addons", f.completed(environment, merged, f.shipping(environment, merged, cuefile.Merge(given, user.Child("addons")))))
	each(merged, "databases", func(database *cuefile.Node) *cuefile.Node {
		return cuefile.Merge(ofEngine(defaults.Child("engines"), database.Child("engine")), defaults.Child("database"))
	})
	each(merged, "apps", func(*cuefile.Node) *cuefile.Node { return defaults.Child("app") })
	return merged
}

// addons are the defaults for addons. A hub has External Secrets and Kyverno already, for all environments: a second one
// would take what the first one owns.
func addons(defaults, role *cuefile.Node) *cuefile.Node {
	if defaults == nil || role.Scalar != "hub" {
		return defaults
	}
	without := &cuefile.Node{Position: role.Position, Fields: map[string]*cuefile.Node{}}
	for _, name := range []string{policiesAddon, secretsAddon} {
		if defaults.Child(name) != nil {
			without.Fields[name] = &cuefile.Node{Position: role.Position, Fields: map[string]*cuefile.Node{"enabled": {Position: role.Position, Scalar: false}}}
		}
	}
	return cuefile.Merge(defaults, without)
}

// policiesAddon is the addon that brings Kyverno to a spoke.
const policiesAddon = "policies"

// ofEngine are the defaults for databases of an engine; of any where the engine is wrong, so that only that is told.
func ofEngine(engines, engine *cuefile.Node) *cuefile.Node {
	if engines == nil {
		return nil
	}
	name, _ := engine.Data().(string)
	if engines.Fields[name] == nil && len(engines.Fields) > 0 {
		name = slices.Sorted(maps.Keys(engines.Fields))[0]
	}
	return engines.Fields[name]
}

func set(n *cuefile.Node, name string, value *cuefile.Node) {
	if value != nil {
		n.Fields[name] = value
	}
}

// each lays every entry of a map over its defaults.
func each(n *cuefile.Node, name string, defaults func(entry *cuefile.Node) *cuefile.Node) {
	entries := n.Fields[name]
	if entries == nil || entries.Fields == nil {
		return
	}
	merged := *entries
	merged.Fields = make(map[string]*cuefile.Node, len(entries.Fields))
	for key, value := range entries.Fields {
		merged.Fields[key] = cuefile.Merge(defaults(value), value)
	}
	n.Fields[name] = &merged
}

// checkName reports a file name that cannot be an environment's name.
func (r *Reader) checkName(name string, at finding.Position) finding.Findings {
	if r.name.Holds(name) {
		return nil
	}
	text := fmt.Sprintf("the file's name is the environment's name: found %s, allowed are lower-case letters, digits and dashes between them", finding.Quote(name))
	return finding.Findings{{Code: finding.WrongValue, Position: at, Message: text, Suggestion: finding.Suggest(name, []string{strings.ToLower(name)})}}
}

// complete fills in what follows from other fields.
func (e *Environment) complete() {
	e.ID = orElse(e.ID, e.Fleet.Name+"-"+e.Name)
	for name, database := range e.Databases {
		database.ID = orElse(database.ID, e.ID+"-"+name)
		e.Databases[name] = database
	}
	if e.Cluster != nil {
		e.Cluster.Account = orElse(e.Cluster.Account, e.Cluster.Cloud)
		e.completePools()
	}
	e.completeWorkspaces()
	for name, app := range e.Apps {
		app.Namespace = orElse(app.Namespace, name)
		app.WriteTo = orElse(app.WriteTo, "parameters")
		if app.Path != "" {
			app.Path = path.Clean(app.Path)
		}
		app.Pruning = orElse(app.Pruning, Last)
		if app.Type == "" {
			app.Type = "kustomize"
			if app.Chart != "" {
				app.Type = "helm"
			}
		}
		if app.Chart == "" {
			app.Revision = orElse(app.Revision, e.Fleet.AppRepository.Revision)
			app.Repository = orElse(app.Repository, e.Fleet.AppRepository.URL)
		}
		app.Values, _ = e.root.At("apps", name).Child("values").Data().(map[string]any)
		e.Apps[name] = app
	}
	for name, addon := range e.Addons {
		addon.Values, _ = e.root.At("addons", name).Child("values").Data().(map[string]any)
		for object := range addon.Objects {
			addon.Objects[object], _ = e.root.Find("addons", name, "objects", object).Data().(map[string]any)
		}
		e.Addons[name] = addon
	}
}

func orElse(value, otherwise string) string {
	if value == "" {
		return otherwise
	}
	return value
}

// Inline reads an environment whose spec and fleet are plain data, as in a functionConfig. others are the other
// environments of the fleet by name, which a hub lists, and of which what joins its hub needs that. Messages name the field, since there is no line.
func (r *Reader) Inline(name string, environment, fleet, others map[string]any) (Environment, error) {
	f, err := r.inlineFleet(fleet)
	if err != nil {
		return Environment{}, err
	}
	var problems finding.Findings
	all := map[string]any{name: environment}
	maps.Copy(all, others)
	var read []Environment
	for _, key := range slices.Sorted(maps.Keys(all)) {
		file := "spec.environment"
		if key != name {
			file = string(finding.Keys("spec", "environments", key))
		}
		data, ok := all[key].(map[string]any)
		if !ok {
			problems = append(problems, finding.Finding{Code: finding.WrongValue, Position: finding.Position{File: file}, Message: cuefile.Found(all[key]) + ", allowed is an environment"})
			continue
		}
		var own finding.Findings
		user := inlineNode(file, data, environmentPlaces(), &own)
		e, err := r.environmentOf(f, key, user, append(own, r.checkName(key, finding.Position{File: file})...))
		if found := (finding.Findings)(nil); errors.As(err, &found) {
			problems = append(problems, found...)
		} else if err != nil {
			return Environment{}, err
		}
		read = append(read, e)
	}
	if err := problems.Err(); err != nil {
		return Environment{}, err
	}
	if len(read) == 1 && read[0].Role != "hub" && !read[0].JoinsHub() {
		return read[0], nil
	}
	linked, err := link(f, read)
	if err != nil {
		return Environment{}, err
	}
	return linked.Environments[name], nil
}

// inlineFleet reads a fleet of plain data. Rules are written as CUE text there: require: "spec: replicas: >=2".
func (r *Reader) inlineFleet(data map[string]any) (*FleetConfig, error) {
	var problems finding.Findings
	user := inlineNode("spec.fleet", data, fleetPlaces(), &problems)
	return r.fleetOf(user, problems)
}

// inlineNode turns plain data into a node. Rules become CUE.
func inlineNode(file string, value any, places cuefile.Places, problems *finding.Findings, path ...string) *cuefile.Node {
	n := &cuefile.Node{Position: finding.Position{File: file}, Label: finding.Position{File: file}}
	if places.Constraint != nil && places.Constraint(path) {
		known := len(*problems)
		n.Fields = map[string]*cuefile.Node{}
		n.Rule, n.Marks = inlineRule(n.Position, value, problems, path)
		n.Incomplete = len(*problems) > known
		return n
	}
	switch value := value.(type) {
	case map[string]any:
		n.Fields = make(map[string]*cuefile.Node, len(value))
		for _, name := range slices.Sorted(maps.Keys(value)) {
			below := append(slices.Clip(path), name)
			inlineBraces(n.Position, places, name, problems, below)
			n.Fields[name] = inlineNode(file, value[name], places, problems, below...)
			n.Fields[name].Invalid = unkept(n.Position, cuefile.UnkeptName(name), problems, below) || n.Fields[name].Invalid
		}
	case []any:
		n.Items = make([]*cuefile.Node, len(value))
		for i, item := range value {
			n.Items[i] = inlineNode(file, item, places, problems, append(slices.Clip(path), strconv.Itoa(i))...)
		}
	case int:
		n.Scalar = int64(value)
	case string:
		n.Scalar = value
		inlineBraces(n.Position, places, value, problems, path)
		n.Invalid = unkept(n.Position, cuefile.Unkept(value), problems, path)
	case float64:
		n.Scalar = value
		if !cuefile.HoldsFloat(value) {
			n.Invalid = unkept(n.Position, cuefile.Found(value)+", a number that does not fit 64 bits", problems, path)
		}
	default:
		n.Scalar = value
	}
	return n
}

// inlineRule evaluates a rule that is written as a text.
func inlineRule(at finding.Position, value any, problems *finding.Findings, path []string) (cue.Value, *cueparse.Extraction) {
	text, ok := value.(string)
	if !ok {
		*problems = append(*problems, finding.Finding{Code: finding.WrongValue, Position: at, Path: finding.Tokens(path...), Message: cuefile.Found(value) + `, allowed is a text in CUE such as "spec: replicas: >=2"`})
		return cue.Value{}, nil
	}
	require, extraction, wrong := cuefile.Rule(at.File, text)
	for _, p := range wrong {
		*problems = append(*problems, finding.Finding{Code: p.Code, Position: at, Path: finding.Tokens(path...), Message: fmt.Sprintf("%s (line %d, column %d of the rule)", p.Sentence(), p.Line, p.Column)})
	}
	return require, extraction
}

func inlineBraces(at finding.Position, places cuefile.Places, text string, problems *finding.Findings, path []string) {
	if cuefile.HasTemplateMark(text) && !places.Marked(path) {
		*problems = append(*problems, finding.Finding{Code: finding.WrongValue, Position: at, Path: finding.Tokens(path...), Message: cuefile.TemplateMark(text)})
	}
}

// unkept reports what would not arrive as it is written, and says whether there is something to report.
func unkept(at finding.Position, message string, problems *finding.Findings, path []string) bool {
	if message != "" {
		*problems = append(*problems, finding.Finding{Code: finding.WrongValue, Position: at, Path: finding.Tokens(path...), Message: message})
	}
	return message != ""
}
