// Package fleetmap is the picture of a fleet: what runs where, in which network, at which version, under which rules, and
// until when; as a list, a page, a drawing, a diagram or data. It tells what the specs say. It is not for what a change does, which
// is the review's, nor for what is true on a hub.
package fleetmap

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"spokewright.dev/spokewright/internal/cloud"
	"spokewright.dev/spokewright/schema"
)

// Map is all that is told of a fleet. Lists are sorted by name unless they say otherwise.
type Map struct {
	Fleet        string        `json:"fleet"`
	Date         string        `json:"date"` // on which states and last days are judged, as 2006-01-02
	Delivery     string        `json:"delivery"`
	Hubs         []Hub         `json:"hubs"`
	Environments []Environment `json:"environments"`
	Apps         []App         `json:"apps"`
	Controllers  []Controller  `json:"controllers"`
	Kubernetes   []Version     `json:"kubernetes"`
	Charts       []Version     `json:"charts"`
	Classes      []Class       `json:"classes"`
	Waivers      []Waiver      `json:"waivers"`
	Databases    []Database    `json:"databases"`
	Base         string        `json:"base,omitempty"` // of which revision changes are told; empty where of none
}

// Hub is a hub with the environments that it runs, itself among them.
type Hub struct {
	Name         string   `json:"name"`
	Environments []string `json:"environments"`
}

// Environment is one environment. Cloud, account, region and network are empty for a hub that its bootstrap made.
type Environment struct {
	Row

	Hub         string   `json:"hub"`
	Owner       string   `json:"owner"`
	Description string   `json:"description"`
	Protected   bool     `json:"protected"`
	Network     string   `json:"network"` // its range
	Peers       []string `json:"peers"`
	Private     bool     `json:"private"`
	Pools       []Pool   `json:"pools,omitempty"` // of nodes, beside those that every cluster has
	File        string   `json:"file"`
	Change      string   `json:"change,omitempty"` // how the page of a review colours it; empty where nothing changes or none was asked for
}

// Pool is a pool of nodes; one without GPUs has a size.
type Pool struct {
	Name string `json:"name"`
	Size string `json:"size,omitempty"`
	GPU  string `json:"gpu,omitempty"`
	GPUs int64  `json:"gpus,omitempty"` // of each node
	Min  int64  `json:"min"`
	Max  int64  `json:"max"`
}

// App is what runs under one name, wherever it does.
type App struct {
	Name string `json:"name"`
	Uses []Use  `json:"uses"`
}

// Use is one way in which an app is run, and the environments that run it so.
type Use struct {
	Source       string   `json:"source"`
	Images       []string `json:"images"`
	Environments []string `json:"environments"`
}

// Controller is what a controller's API is written for.
type Controller struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	API     string `json:"api"`
}

// Version is one version of something, and the environments that have it.
type Version struct {
	Name         string   `json:"name"`
	Version      string   `json:"version"`
	Ends         string   `json:"ends,omitempty"` // the last day of support; empty where nobody says one
	Environments []string `json:"environments"`
}

// Class is a class with its rules.
type Class struct {
	Name        string `json:"name"`
	Description string `json:"description"`
	Protected   bool   `json:"protected"`
	Count       int    `json:"environments"`
	Rules       []Rule `json:"rules"`
}

// Rule is a rule of a class.
type Rule struct {
	Name    string   `json:"name"`
	Action  string   `json:"action"`
	Kinds   []string `json:"kinds"`
	Message string   `json:"message"`
}

// Waiver is a rule that does not hold somewhere for a while. The one that ends first comes first.
type Waiver struct {
	Environment string `json:"environment"`
	Name        string `json:"name"`
	Rule        string `json:"rule"`
	Until       string `json:"until"`
	Over        bool   `json:"over"`
	Reason      string `json:"reason"`
}

// Database is a database with what protects it.
type Database struct {
	Environment     string `json:"environment"`
	Name            string `json:"name"`
	Engine          string `json:"engine"`
	Version         string `json:"version"`
	StorageGB       int64  `json:"storageGB"`
	HighlyAvailable bool   `json:"highlyAvailable"`
	BackupDays      int64  `json:"backupDays"`
	Encrypted       bool   `json:"encrypted"`
	Public          bool   `json:"public"`
	Deletion        string `json:"deletion"` // what becomes of it when its claim goes
}

// Of draws a fleet as it is on a day.
func Of(fleet *schema.Fleet, now time.Time) *Map {
	c := fleet.Config
	m := &Map{
		Fleet: c.Name, Date: now.UTC().Format(time.DateOnly), Delivery: c.Delivery, Waivers: []Waiver{}, Databases: []Database{},
		Controllers: []Controller{
			{"Argo CD", c.Targets.ArgoCD.Version, c.Targets.ArgoCD.API},
			{"Crossplane", c.Targets.Crossplane.Version, c.Targets.Crossplane.API},
			{"Image Updater", c.Targets.ImageUpdater.Version, c.Targets.ImageUpdater.API},
			{"Kyverno", c.Targets.Kyverno.Version, c.Targets.Kyverno.API},
		},
	}
	for _, row := range List(fleet, now) {
		e := fleet.Environments[row.Name]
		m.Environments = append(m.Environments, environment(row, e))
		m.Databases = append(m.Databases, databases(e)...)
		m.Waivers = append(m.Waivers, waivers(e, now)...)
	}
	slices.SortStableFunc(m.Waivers, func(a, b Waiver) int { return strings.Compare(a.Until, b.Until) })
	m.Hubs, m.Apps, m.Classes = hubs(m.Environments), apps(fleet), classes(fleet)
	m.Kubernetes, m.Charts = kubernetes(m.Environments), charts(fleet)
	return m
}

// Show tells since which base environments changed, and how: "added", "changed", "careful", "declared", "danger" or
// "refused", by name.
func (m *Map) Show(base string, changes map[string]string) {
	m.Base = base
	for i, e := range m.Environments {
		m.Environments[i].Change = changes[e.Name]
	}
}

func environment(row Row, e schema.Environment) Environment {
	told := Environment{Row: row, Hub: e.Hub, Owner: e.Owner, Description: e.Description, Protected: e.Protected(), File: schema.SpecFile(e.Name), Peers: []string{}}
	if e.Cluster != nil {
		told.Network, told.Private = e.Cluster.Network.CIDR, e.Cluster.Private
		told.Peers = append(told.Peers, e.Cluster.Network.Peers...)
		slices.Sort(told.Peers)
		for _, name := range slices.Sorted(maps.Keys(e.Cluster.Nodes.Pools)) {
			pool := e.Cluster.Nodes.Pools[name]
			one := Pool{Name: name, Size: pool.Size, Min: pool.Min, Max: pool.Max}
			if pool.GPU != nil {
				one.GPU, one.GPUs = pool.GPU.Kind, pool.GPU.Count
			}
			told.Pools = append(told.Pools, one)
		}
	}
	return told
}

func databases(e schema.Environment) []Database {
	var all []Database
	for _, name := range slices.Sorted(maps.Keys(e.Databases)) {
		d := e.Databases[name]
		all = append(all, Database{
			Environment: e.Name, Name: name, Engine: d.Engine, Version: d.Version, StorageGB: d.StorageGB, HighlyAvailable: d.HighlyAvailable,
			BackupDays: d.Backups.RetentionDays, Encrypted: d.Encrypted, Public: d.Public, Deletion: e.Deletion("Database", d.Adopt != nil),
		})
	}
	return all
}

func waivers(e schema.Environment, now time.Time) []Waiver {
	var all []Waiver
	for _, name := range slices.Sorted(maps.Keys(e.Waivers)) {
		w := e.Waivers[name]
		all = append(all, Waiver{Environment: e.Name, Name: name, Rule: w.Rule, Until: w.Until, Over: !now.Before(w.Ends()), Reason: w.Reason})
	}
	return all
}

func hubs(all []Environment) []Hub {
	run := map[string][]string{}
	for _, e := range all {
		run[e.Hub] = append(run[e.Hub], e.Name)
	}
	var told []Hub
	for _, name := range slices.Sorted(maps.Keys(run)) {
		told = append(told, Hub{name, run[name]})
	}
	return told
}

// apps tells of every app the ways in which it is run, those of most environments first.
func apps(fleet *schema.Fleet) []App {
	type way struct{ source, images string }
	run := map[string]map[way]*Use{}
	for _, name := range fleet.Names() {
		for app, a := range fleet.Environments[name].Apps {
			images := follows(a)
			key := way{source(a, name), strings.Join(images, "\n")}
			if run[app] == nil {
				run[app] = map[way]*Use{}
			}
			if run[app][key] == nil {
				run[app][key] = &Use{Source: key.source, Images: images}
			}
			run[app][key].Environments = append(run[app][key].Environments, name)
		}
	}
	told := []App{}
	for _, name := range slices.Sorted(maps.Keys(run)) {
		app := App{Name: name}
		for _, use := range run[name] {
			app.Uses = append(app.Uses, *use)
		}
		slices.SortFunc(app.Uses, func(a, b Use) int {
			return cmp.Or(cmp.Compare(len(b.Environments), len(a.Environments)), strings.Compare(a.Environments[0], b.Environments[0]))
		})
		told = append(told, app)
	}
	return told
}

// source is where an app comes from, at which revision or version. A folder that is called as the environment is told as
// NAME, so that environments are alike that differ in nothing else.
func source(a schema.App, environment string) string {
	if a.Chart != "" {
		return a.Repository + " " + a.Chart + " " + a.Version
	}
	folders := strings.Split(a.Path, "/")
	for i, folder := range folders {
		if folder == environment {
			folders[i] = "NAME"
		}
	}
	return a.Repository + " " + strings.Join(folders, "/") + " at " + a.Revision
}

// follows tells of each image what it follows.
func follows(a schema.App) []string {
	all := []string{}
	for _, name := range slices.Sorted(maps.Keys(a.Images)) {
		image := a.Images[name]
		text := image.Name + " follows " + image.Follow
		if image.Allow != "" {
			text += " of " + image.Allow
		}
		if image.Tag != "" {
			text += " of tag " + image.Tag
		}
		all = append(all, text)
	}
	return all
}

func kubernetes(all []Environment) []Version {
	run := map[[2]string][]string{}
	for _, e := range all {
		if e.Kubernetes != "" {
			key := [2]string{e.Cloud, e.Kubernetes}
			run[key] = append(run[key], e.Name)
		}
	}
	found := versions(run)
	for i, v := range found {
		if version, known := cloud.Offered(v.Name, cloud.Kubernetes).Find(v.Version); known {
			found[i].Ends = version.Ends
		}
	}
	return found
}

func charts(fleet *schema.Fleet) []Version {
	run := map[[2]string][]string{}
	for _, name := range fleet.Names() {
		for _, addon := range fleet.Environments[name].Addons {
			if addon.Enabled {
				key := [2]string{addon.Chart, addon.Version}
				run[key] = append(run[key], name)
			}
		}
	}
	return versions(run)
}

func versions(run map[[2]string][]string) []Version {
	told := []Version{}
	for key, names := range run {
		told = append(told, Version{Name: key[0], Version: key[1], Environments: slices.Compact(names)})
	}
	slices.SortFunc(told, func(a, b Version) int {
		return cmp.Or(strings.Compare(a.Name, b.Name), older(a.Version, b.Version), strings.Compare(a.Version, b.Version))
	})
	return told
}

func older(a, b string) int {
	switch {
	case schema.Older(a, b):
		return -1
	case schema.Older(b, a):
		return 1
	}
	return 0
}

func classes(fleet *schema.Fleet) []Class {
	count := map[string]int{}
	for _, e := range fleet.Environments {
		count[e.Class.Name]++
	}
	var told []Class
	for _, name := range slices.Sorted(maps.Keys(fleet.Config.Classes)) {
		c := fleet.Config.Classes[name]
		class := Class{Name: name, Description: c.Description, Protected: c.Protected, Count: count[name], Rules: []Rule{}}
		for _, rule := range slices.Sorted(maps.Keys(c.Rules)) {
			r := c.Rules[rule]
			class.Rules = append(class.Rules, Rule{Name: rule, Action: r.Action, Kinds: r.Kinds, Message: r.Message})
		}
		told = append(told, class)
	}
	return told
}

// Where is where an environment runs, in words; "" where nobody says.
func (e Environment) Where() string {
	if e.Cloud == "" {
		return ""
	}
	if e.Account == "" || e.Account == e.Cloud {
		return e.Cloud + " " + e.Region
	}
	return fmt.Sprintf("%s %s, account %s", e.Cloud, e.Region, e.Account)
}
