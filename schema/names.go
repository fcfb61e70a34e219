package schema

import (
	"fmt"
	"maps"
	"slices"

	"spokewright.dev/spokewright/internal/finding"
)

// ReservedName is a name that follows from the names in a spec, with the limit that the API sets for it. Names are
// identity: they are never cut.
type ReservedName struct {
	// Kind and Scope say where the name must be unique: two environments of one hub never share one.
	Kind, Scope string
	Name        string
	Limit       int
	Path        []string // of the field that the name follows from; empty for the environment itself
	Cloud       bool     // in the cloud: unique in the whole fleet, and in all clouds
}

// LeadsToPlaces says whether what stands in a spec at a path, or below it, may name a folder, a file or a host of the
// environment's own.
func LeadsToPlaces(path ...string) bool {
	return len(path) > 2 && slices.Contains([]string{"apps path", "apps values", "addons values", "workspaces source", "workspaces variables"}, path[0]+" "+path[2])
}

// The longest names in the cloud. Google takes 40 characters for a cluster; Amazon and Azure take 63 for a database, of
// which its last snapshot adds six.
const (
	clusterIDLimit  = 40
	poolLimit       = 12
	databaseIDLimit = 57
	stateLimit      = 63 // a backend may make a label of it
)

// Application is the name of the Argo CD Application of a part of the environment: an app, an addon or a plane.
func (e *Environment) Application(part string) string { return e.Name + "-" + part }

// PlatformProject is the name of the project of the environment's addons and its spoke plane; that of its apps has its own name.
func (e *Environment) PlatformProject() string { return e.Name + "-platform" }

// ReservedNames lists every name that the environment's objects get on its hub.
func (e *Environment) ReservedNames() []ReservedName {
	names := []ReservedName{
		{Kind: "Namespace", Name: e.Name, Limit: 63},
		{Kind: "Application", Scope: "argocd", Name: e.Application("hub"), Limit: 63},
		{Kind: "Application", Scope: "argocd", Name: e.Application("spoke"), Limit: 63},
		{Kind: "ApplicationSet", Scope: "argocd", Name: e.Name + "-apps", Limit: 63},
		{Kind: "ApplicationSet", Scope: "argocd", Name: e.AddonSet(0), Limit: 63},
		{Kind: "AppProject", Scope: "argocd", Name: e.Name, Limit: 253},
		{Kind: "AppProject", Scope: "argocd", Name: e.PlatformProject(), Limit: 253},
		{Kind: "Secret", Scope: "argocd", Name: "cluster-" + e.Name, Limit: 253},
		{Kind: "Secret", Scope: e.Name, Name: ConnectionSecret(e.Name), Limit: 253},
	}
	names = append(names, e.claimNames()...)
	for _, name := range slices.Sorted(maps.Keys(e.Apps)) {
		path := []string{"apps", name}
		names = append(names, ReservedName{Kind: "Application", Scope: "argocd", Name: e.Application(name), Limit: 63, Path: path})
		if e.Apps[name].Namespace != name {
			path = []string{"apps", name, "namespace"}
		}
		names = append(names, ReservedName{Kind: "Namespace", Scope: e.Name, Name: e.Apps[name].Namespace, Limit: 63, Path: path})
	}
	for _, name := range slices.Sorted(maps.Keys(e.Addons)) {
		if e.Addons[name].Enabled {
			path := []string{"addons", name}
			names = append(names, ReservedName{Kind: "Application", Scope: "argocd", Name: e.Application(name), Limit: 63, Path: path})
			for _, namespace := range e.Addons[name].Namespaces() {
				names = append(names, ReservedName{Kind: "Namespace", Scope: e.Name, Name: namespace, Limit: 63, Path: path})
			}
		}
	}
	names = append(names, e.workspaceNames()...)
	names = append(names, e.credentialNames()...)
	for _, name := range slices.Sorted(maps.Keys(e.Namespaces)) {
		names = append(names, ReservedName{Kind: "Namespace", Scope: e.Name, Name: name, Limit: 63, Path: []string{"namespaces", name}})
	}
	return names
}

// claimNames lists the names of claims and of what they stand for.
func (e *Environment) claimNames() []ReservedName {
	// The API refuses a longer name of a composite or a claim; a claim's composite gets six characters more.
	names := []ReservedName{{Kind: e.Fleet.Claims.Cluster.Kind, Scope: e.Name, Name: e.Name, Limit: e.claimLimit()}}
	if kind, has := e.Network(); has {
		names = append(names, ReservedName{Kind: kind.Kind, Scope: e.Name, Name: e.Name, Limit: e.claimLimit()})
	}
	if e.JoinsHub() && e.Fleet.Claims.Peering.Kind != "" {
		names = append(names, ReservedName{Kind: e.Fleet.Claims.Peering.Kind, Scope: e.Name, Name: e.Name, Limit: e.claimLimit()})
	}
	if e.Cluster != nil {
		names = append(names, ReservedName{Kind: "cluster in the cloud", Name: e.ID, Limit: clusterIDLimit, Path: []string{"id"}, Cloud: true})
	}
	names = append(names, e.poolNames()...)
	for _, name := range slices.Sorted(maps.Keys(e.Databases)) {
		path := []string{"databases", name}
		id := ReservedName{Kind: "database in the cloud", Name: e.Databases[name].ID, Limit: databaseIDLimit, Path: path, Cloud: true}
		if e.root.Find("databases", name, "id") != nil {
			id.Path = []string{"databases", name, "id"}
		}
		names = append(names, id,
			ReservedName{Kind: e.Fleet.Claims.Database.Kind, Scope: e.Name, Name: name, Limit: e.claimLimit(), Path: path},
			ReservedName{Kind: "Secret", Scope: e.Name, Name: ConnectionSecret(name), Limit: 253, Path: path})
		if e.Protected() {
			names = append(names, ReservedName{Kind: "Usage", Scope: e.usageScope(), Name: e.UsageName("database", name), Limit: 253, Path: path})
		}
	}
	return names
}

// poolNames lists the names of pools of nodes.
func (e *Environment) poolNames() []ReservedName {
	kind, has := e.NodePool()
	if !has {
		return nil
	}
	var names []ReservedName
	for _, name := range slices.Sorted(maps.Keys(e.Cluster.Nodes.Pools)) {
		path := []string{"cluster", "nodes", "pools", name}
		names = append(names,
			ReservedName{Kind: "pool of nodes in the cloud", Name: e.Cluster.Nodes.Pools[name].ID, Limit: clusterIDLimit + len("-") + poolLimit, Path: path, Cloud: true},
			ReservedName{Kind: kind.Kind, Scope: e.Name, Name: name, Limit: e.claimLimit(), Path: path})
		if e.Protected() {
			names = append(names, ReservedName{Kind: "Usage", Scope: e.usageScope(), Name: e.UsageName("pool", name), Limit: 253, Path: path})
		}
	}
	return names
}

// workspaceNames lists the names of workspaces.
func (e *Environment) workspaceNames() []ReservedName {
	var names []ReservedName
	for _, name := range slices.Sorted(maps.Keys(e.Workspaces)) {
		path := []string{"workspaces", name}
		state := ReservedName{Kind: "state of a workspace", Name: e.Workspaces[name].ID, Limit: stateLimit, Path: path, Cloud: true}
		if e.root.Find("workspaces", name, "id") != nil {
			state.Path = []string{"workspaces", name, "id"}
		}
		names = append(names, state,
			ReservedName{Kind: "Workspace", Scope: e.usageScope(), Name: e.WorkspaceName(name), Limit: 253, Path: path},
			ReservedName{Kind: "Secret", Scope: e.Name, Name: ConnectionSecret(name), Limit: 253, Path: path})
		if e.Protected() {
			names = append(names, ReservedName{Kind: "Usage", Scope: e.usageScope(), Name: e.UsageName("workspace", name), Limit: 253, Path: path})
		}
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
	longest := map[string]ReservedName{} // by what it follows from: the name that is over its limit the most
	seen := map[[3]string]ReservedName{}
	for _, d := range e.ReservedNames() {
		if c.merged.HasInvalid(d.Path...) { // what the name follows from is not known
			continue
		}
		if d.over() > 0 {
			owner := d.owner()
			if c.user.Find(d.Path...) == nil { // a default: the environment's name is too long for it
				owner = ""
			}
			if other, too := longest[owner]; !too || d.over() > other.over() {
				longest[owner] = d
			}
		}
		key := [3]string{d.Kind, d.Scope, d.Name}
		if first, taken := seen[key]; taken && d.Kind != "Namespace" {
			if c.user.Find(d.Path...) == nil { // a default
				d, first = first, d
			}
			c.name(finding.NameTaken, fmt.Sprintf("the %s would be named %s, which is the name for %s: choose another", d.Kind, finding.Quote(d.Name), first.owner()), d.Path)
			continue
		}
		seen[key] = d
	}
	for _, owner := range slices.Sorted(maps.Keys(longest)) {
		d := longest[owner]
		c.name(finding.NameTooLong, fmt.Sprintf("the %s would be named %s: %d characters, %d more than the %d allowed", d.Kind, finding.Quote(d.Name), len(d.Name), d.over(), d.Limit), d.Path)
	}
}

// name reports a problem at the name that another one follows from: the label of a part, the start of the file.
func (c *checker) name(code finding.Code, message string, path []string) {
	where := c.user.At(path...).Position
	if part := c.user.Find(path...); len(path) == 2 && part != nil {
		where = part.Label
	}
	c.problems = append(c.problems, finding.Finding{Code: code, Position: where, Path: finding.Tokens(path...), Message: message})
}

// over is how many characters a name has too many.
func (d ReservedName) over() int { return len(d.Name) - d.Limit }

// owner says what a name follows from.
func (d ReservedName) owner() string {
	if len(d.Path) == 0 {
		return "the environment itself"
	}
	return string(finding.Tokens(d.Path...))
}

// ConnectionSecret is the name of the Secret, in the environment's namespace, with the way to what a claim asked for.
func ConnectionSecret(claim string) string { return claim + "-connection" }

// KubernetesNamespace says whether Kubernetes makes a namespace by itself: nobody else owns or labels it.
func KubernetesNamespace(name string) bool {
	return slices.Contains([]string{"default", "kube-node-lease", "kube-public", "kube-system"}, name)
}

// HubNamespaces are those of the controllers that bases/hub/controllers installs on a hub.
func HubNamespaces() []string {
	return []string{"argocd", "crossplane-system", "external-secrets", "kyverno"}
}

// taken says whose a name is that no environment may have, on whatever hub; empty where it is free. An environment's name is that
// of a namespace and a project on its hub, and of a cluster to Argo CD.
func taken(name string) string {
	switch {
	case KubernetesNamespace(name):
		return "Kubernetes' own namespace"
	case slices.Contains(HubNamespaces(), name):
		return "the namespace of a controller of hubs"
	case name == "in-cluster":
		return "Argo CD's own name for a hub's cluster"
	}
	return ""
}

// platform reports an environment, an app or labels in a place that Kubernetes or a hub's controllers own.
func (c *checker) platform(e *Environment) {
	if owner := taken(e.Name); owner != "" {
		c.report(finding.NameTaken, fmt.Sprintf("the environment is named %s, which is %s: choose another name for the file", finding.Quote(e.Name), owner))
	}
	for _, name := range slices.Sorted(maps.Keys(e.Namespaces)) {
		if KubernetesNamespace(name) {
			c.name(finding.NameTaken, fmt.Sprintf("found %s, which is Kubernetes' own: allowed is a namespace that this environment has for itself", finding.Quote(name)), []string{"namespaces", name})
		}
	}
	if e.Role != "hub" {
		return
	}
	for _, name := range slices.Sorted(maps.Keys(e.Apps)) {
		namespace := e.Apps[name].Namespace
		if KubernetesNamespace(namespace) || slices.Contains(HubNamespaces(), namespace) {
			c.report(finding.NameTaken, fmt.Sprintf("found %s, which is the hub's own: what an app may make there rules the whole fleet; allowed is a namespace of the app's", finding.Quote(namespace)), "apps", name, "namespace")
		}
	}
}
