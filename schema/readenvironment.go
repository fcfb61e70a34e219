package schema

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"spokewright.dev/spokewright/constraint"
)

// Environment reads the text of an environment's file. file is its name in messages. The error is Problems, with
// every mistake in the file.
func (r *Reader) Environment(fleet *Fleet, name, file string, text []byte) (Environment, error) {
	user, problems := read(file, text, nil)
	problems = append(problems, checkName(name, Position{file, 1, 1})...)
	if user == nil {
		return Environment{}, problems.ofFile()
	}
	return r.environmentOf(fleet, name, user, problems)
}

// environmentOf fills in the defaults of class and fleet and judges the whole. problems are those found already.
func (r *Reader) environmentOf(fleet *Fleet, name string, user *node, problems Problems) (Environment, error) {
	class, found := fleet.classOf(user)
	problems = append(problems, found...)
	if class.Name == "" && user.fields != nil { // told already
		user = user.with("class", &node{position: user.at("class").position, unsound: true})
	}
	merged, found := judge(r.environment, fleet.merge(class, user), user)
	problems = append(problems, found...)
	environment := Environment{Name: name, Class: class, Fleet: fleet, root: merged}
	if err := decode(merged, &environment); err != nil {
		return Environment{}, fmt.Errorf("reading environment %s: %w", name, err)
	}
	environment.complete()
	problems = append(problems, environment.check(user)...)
	if len(problems) == 0 && !user.whole() { // never hand out what is not known
		problems = Problems{{user.position, "", "found a value that cannot be read"}}
	}
	if len(problems) > 0 {
		return Environment{}, problems.ofFile()
	}
	return environment, nil
}

// classOf finds the class that the user names.
func (f *Fleet) classOf(user *node) (Class, Problems) {
	names := slices.Sorted(maps.Keys(f.Classes))
	named := user.child("class")
	switch {
	case user.fields == nil:
		return Class{}, nil
	case named != nil && named.unsound && named.flaw == nil:
		return Class{}, nil
	case named != nil && named.unsound:
		return Class{}, Problems{{named.position, "class", instead(anyOf(names), named.flaw)}}
	case named == nil && user.partial:
		return Class{}, nil
	case named == nil:
		return Class{}, Problems{{user.position, "class", "missing: allowed is " + oneOf(names)}}
	}
	name, _ := named.scalar.(string)
	class, known := f.Classes[name]
	if !known {
		return Class{}, Problems{{named.position, "class", found(named.data()) + ", allowed is " + oneOf(names) + DidYouMean(name, names)}}
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
func (f *Fleet) merge(class Class, user *node) *node {
	if user.fields == nil {
		return user
	}
	merged := &node{position: user.position, fields: map[string]*node{"role": {position: user.position, scalar: "spoke"}}}
	if f.Owner != "" {
		merged.fields["owner"] = f.root.child("owner")
	}
	merged = over(merged, user)
	name := class.Name
	if name == "" && len(f.Classes) > 0 { // any, so that only what no class brings is missing
		name = slices.Sorted(maps.Keys(f.Classes))[0]
	}
	defaults := f.root.find("classes", name, "defaults")
	if owner := defaults.child("owner"); owner != nil && user.child("owner") == nil {
		merged.fields["owner"] = owner
	}
	if user.child("cluster") != nil || merged.fields["role"].scalar == "spoke" {
		set(merged, "cluster", over(defaults.child("cluster"), user.child("cluster")))
	}
	set(merged, "addons", over(addons(defaults.child("addons"), merged.fields["role"]), user.child("addons")))
	each(merged, "databases", func(database *node) *node {
		return over(ofEngine(defaults.child("engines"), database.child("engine")), defaults.child("database"))
	})
	each(merged, "apps", func(*node) *node { return defaults.child("app") })
	return merged
}

// addons are the defaults for addons. A hub has External Secrets and Kyverno already, for all environments: a second one
// would take what the first one owns.
func addons(defaults, role *node) *node {
	if defaults == nil || role.scalar != "hub" {
		return defaults
	}
	without := &node{position: role.position, fields: map[string]*node{}}
	for _, name := range []string{policiesAddon, secretsAddon} {
		if defaults.child(name) != nil {
			without.fields[name] = &node{position: role.position, fields: map[string]*node{"enabled": {position: role.position, scalar: false}}}
		}
	}
	return over(defaults, without)
}

// policiesAddon is the addon that brings Kyverno to a spoke.
const policiesAddon = "policies"

// ofEngine are the defaults for databases of an engine; of any where the engine is wrong, so that only that is told.
func ofEngine(engines, engine *node) *node {
	if engines == nil {
		return nil
	}
	name, _ := engine.data().(string)
	if engines.fields[name] == nil && len(engines.fields) > 0 {
		name = slices.Sorted(maps.Keys(engines.fields))[0]
	}
	return engines.fields[name]
}

func set(n *node, name string, value *node) {
	if value != nil {
		n.fields[name] = value
	}
}

// each lays every entry of a map over its defaults.
func each(n *node, name string, defaults func(entry *node) *node) {
	entries := n.fields[name]
	if entries == nil || entries.fields == nil {
		return
	}
	merged := *entries
	merged.fields = make(map[string]*node, len(entries.fields))
	for key, value := range entries.fields {
		merged.fields[key] = over(defaults(value), value)
	}
	n.fields[name] = &merged
}

// checkName reports a file name that cannot be an environment's name.
func checkName(name string, at Position) Problems {
	if regexp.MustCompile(`^[a-z0-9]([-a-z0-9]*[a-z0-9])?$`).MatchString(name) {
		return nil
	}
	text := fmt.Sprintf("the file's name is the environment's name: found %s, allowed are lower-case letters, digits and dashes between them", quoted(name))
	return Problems{{at, "", text + DidYouMean(name, []string{strings.ToLower(name)})}}
}

// complete fills in what follows from other fields.
func (e *Environment) complete() {
	e.ID = orElse(e.ID, e.Fleet.Name+"-"+e.Name)
	for name, database := range e.Databases {
		database.ID = orElse(database.ID, e.ID+"-"+name)
		e.Databases[name] = database
	}
	e.completeWorkspaces()
	for name, app := range e.Apps {
		app.Namespace = orElse(app.Namespace, name)
		app.WriteTo = orElse(app.WriteTo, "parameters")
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
		app.Values, _ = e.root.at("apps", name).child("values").data().(map[string]any)
		e.Apps[name] = app
	}
	for name, addon := range e.Addons {
		addon.Values, _ = e.root.at("addons", name).child("values").data().(map[string]any)
		e.Addons[name] = addon
	}
}

func orElse(value, otherwise string) string {
	if value == "" {
		return otherwise
	}
	return value
}
