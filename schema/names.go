package schema

import (
	"fmt"
	"maps"
	"slices"
)

// Derived is a name that follows from the names in a spec, with the limit that the API sets for it. Names are
// identity: they are never cut.
type Derived struct {
	// Kind and Scope say where the name must be unique: two environments of one hub never share one.
	Kind, Scope string
	Name        string
	Limit       int
	Path        []string // of the field that the name follows from; empty for the environment itself
}

// Application is the name of the Argo CD Application of a part of the environment: an app, an addon or a plane.
func (e *Environment) Application(part string) string { return e.Name + "-" + part }

// Derived lists every name that the environment's objects get on its hub.
func (e *Environment) Derived() []Derived {
	names := []Derived{
		{Kind: "Namespace", Name: e.Name, Limit: 63},
		// The API refuses a longer name of a composite or a claim; a claim's composite gets six characters more.
		{Kind: e.Fleet.Claims.Cluster.Kind, Scope: e.Name, Name: e.Name, Limit: e.claimLimit()},
		{Kind: "Application", Scope: "argocd", Name: e.Application("hub"), Limit: 63},
		{Kind: "Application", Scope: "argocd", Name: e.Application("spoke"), Limit: 63},
		{Kind: "ApplicationSet", Scope: "argocd", Name: e.Name + "-apps", Limit: 63},
		{Kind: "ApplicationSet", Scope: "argocd", Name: e.Name + "-addons", Limit: 63},
		{Kind: "Secret", Scope: "argocd", Name: "cluster-" + e.Name, Limit: 253},
	}
	for _, name := range slices.Sorted(maps.Keys(e.Apps)) {
		names = append(names,
			Derived{Kind: "Application", Scope: "argocd", Name: e.Application(name), Limit: 63, Path: []string{"apps", name}},
			Derived{Kind: "Namespace", Scope: e.Name, Name: e.Apps[name].Namespace, Limit: 63, Path: []string{"apps", name, "namespace"}})
	}
	for _, name := range slices.Sorted(maps.Keys(e.Addons)) {
		if e.Addons[name].Enabled {
			names = append(names, Derived{Kind: "Application", Scope: "argocd", Name: e.Application(name), Limit: 63, Path: []string{"addons", name}})
		}
	}
	for _, name := range slices.Sorted(maps.Keys(e.Databases)) {
		names = append(names, Derived{Kind: e.Fleet.Claims.Database.Kind, Scope: e.Name, Name: name, Limit: e.claimLimit(), Path: []string{"databases", name}})
		if e.Class.Protected {
			names = append(names, Derived{Kind: "Usage", Scope: e.usageScope(), Name: e.UsageName("database", name), Limit: 253, Path: []string{"databases", name}})
		}
	}
	for _, name := range slices.Sorted(maps.Keys(e.Namespaces)) {
		names = append(names, Derived{Kind: "Namespace", Scope: e.Name, Name: name, Limit: 63, Path: []string{"namespaces", name}})
	}
	return names
}

func (e *Environment) claimLimit() int {
	if e.Fleet.Targets.Crossplane.API == "claims" {
		return 57
	}
	return 63
}

// UsageName is the name of the object that protects a claim. For claims it is unique in the whole hub.
func (e *Environment) UsageName(kind, name string) string {
	if e.Fleet.Targets.Crossplane.API == "claims" {
		return e.Name + "." + kind + "." + name
	}
	return kind + "-" + name
}

func (e *Environment) usageScope() string {
	if e.Fleet.Targets.Crossplane.API == "claims" {
		return ""
	}
	return e.Name
}

// names reports names that are too long, or that two parts of the environment share.
func (c *checker) names(e *Environment) {
	seen := map[[3]string]Derived{}
	for _, d := range e.Derived() {
		if over := len(d.Name) - d.Limit; over > 0 {
			c.report(fmt.Sprintf("the %s would be named %q, which has %d characters: %d more than the %d allowed",
				d.Kind, d.Name, len(d.Name), over, d.Limit), d.Path...)
		}
		key := [3]string{d.Kind, d.Scope, d.Name}
		if first, taken := seen[key]; taken && d.Kind != "Namespace" {
			c.report(fmt.Sprintf("the %s would be named %q, which %s has already", d.Kind, d.Name, first.owner()), d.Path...)
		}
		seen[key] = d
	}
}

// owner says which part of an environment a name follows from.
func (d Derived) owner() string {
	if len(d.Path) == 0 {
		return "the environment itself"
	}
	return d.Path[0] + "." + d.Path[1]
}

// ConnectionSecret is the name of the Secret, in the environment's namespace, with the way to what a claim asked for.
func ConnectionSecret(claim string) string { return claim + "-connection" }
