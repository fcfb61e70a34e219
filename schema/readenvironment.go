package schema

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// Environment reads the text of an environment's file. file is its name in messages. The error is Problems.
func (r *Reader) Environment(fleet *Fleet, name, file string, text []byte) (Environment, error) {
	value, problems := compile(file, text)
	if len(problems) > 0 {
		return Environment{}, problems.orNil()
	}
	b := &builder{file: file}
	user := b.build(value, nil)
	user.position = Position{file, 1, 1}
	if len(b.problems) > 0 {
		return Environment{}, b.problems.orNil()
	}
	return r.environmentOf(fleet, name, user)
}

// environmentOf fills in the defaults of class and fleet and judges the whole.
func (r *Reader) environmentOf(fleet *Fleet, name string, user *node) (Environment, error) {
	class, problems := fleet.classOf(user)
	merged := fleet.merge(class, user)
	for _, problem := range judge(r.environment, merged, user) {
		// Without a class there are no defaults: what is missing then says nothing.
		if class.Name != "" || !strings.HasPrefix(problem.Message, "missing") {
			problems = append(problems, problem)
		}
	}
	problems = append(problems, checkName(name, user)...)
	if len(problems) > 0 {
		return Environment{}, problems.orNil()
	}
	environment := Environment{Name: name, Class: class, Fleet: fleet, root: merged}
	if err := decode(merged, &environment); err != nil {
		return Environment{}, fmt.Errorf("reading environment %s: %w", name, err)
	}
	environment.complete()
	return environment, environment.check(user).orNil()
}

// classOf finds the class that the user names.
func (f *Fleet) classOf(user *node) (Class, Problems) {
	named := user.child("class")
	if named == nil {
		return Class{}, Problems{{user.position, "class", "missing: allowed is " + oneOf(slices.Sorted(maps.Keys(f.Classes)))}}
	}
	name, _ := named.scalar.(string)
	class, known := f.Classes[name]
	if !known {
		names := slices.Sorted(maps.Keys(f.Classes))
		return Class{}, Problems{{named.position, "class",
			found(named.data()) + ", allowed is " + oneOf(names) + DidYouMean(name, names)}}
	}
	return class, nil
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
	defaults := f.root.find("classes", class.Name, "defaults")
	if owner := defaults.child("owner"); owner != nil && user.child("owner") == nil {
		merged.fields["owner"] = owner
	}
	if user.child("cluster") != nil || merged.fields["role"].scalar != "hub" {
		set(merged, "cluster", over(defaults.child("cluster"), user.child("cluster")))
	}
	set(merged, "addons", over(defaults.child("addons"), user.child("addons")))
	each(merged, "databases", defaults.child("database"))
	each(merged, "apps", defaults.child("app"))
	return merged
}

func set(n *node, name string, value *node) {
	if value != nil {
		n.fields[name] = value
	}
}

// each lays every entry of a map over the same defaults.
func each(n *node, name string, defaults *node) {
	entries := n.fields[name]
	if entries == nil || entries.fields == nil || defaults == nil {
		return
	}
	merged := &node{position: entries.position, fields: map[string]*node{}}
	for key, value := range entries.fields {
		merged.fields[key] = over(defaults, value)
	}
	n.fields[name] = merged
}

// checkName reports a file name that cannot be an environment's name.
func checkName(name string, user *node) Problems {
	if regexp.MustCompile(`^[a-z0-9]([-a-z0-9]*[a-z0-9])?$`).MatchString(name) {
		return nil
	}
	return Problems{{user.position, "", fmt.Sprintf(
		"the file's name is the environment's name: found %q, allowed are lower-case letters, digits and dashes between them", name)}}
}

// complete fills in what follows from other fields.
func (e *Environment) complete() {
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
