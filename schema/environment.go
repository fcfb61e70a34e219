package schema

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"spokewright.dev/spokewright/internal/claim"
	"spokewright.dev/spokewright/internal/cuefile"
	"spokewright.dev/spokewright/internal/finding"
)

// Environment is one environment with every default filled in: legal, complete and linked to its fleet and class.
type Environment struct {
	Name         string               `json:"-"`
	Role         string               `json:"role"` // "spoke" or "hub"
	Hub          string               `json:"hub"`
	ID           string               `json:"id"` // what the cloud's objects are named after
	Owner        string               `json:"owner"`
	Description  string               `json:"description"`
	Labels       map[string]string    `json:"labels"`
	Compositions string               `json:"compositions"` // the set that makes what it asks for; nothing where labels choose
	Cluster      *Cluster             `json:"cluster"`      // nil for a hub that its bootstrap made
	Apps         map[string]App       `json:"apps"`
	Databases    map[string]Database  `json:"databases"`
	Workspaces   map[string]Workspace `json:"workspaces"`
	Flavours     []string             `json:"flavours"` // the fleet's, each once
	Addons       map[string]Addon     `json:"addons"`
	Namespaces   map[string]Namespace `json:"namespaces"`
	Waivers      map[string]Waiver    `json:"waivers"`
	Retiring     string               `json:"retiring"` // "release", "keep-databases", "delete" or nothing
	Lifetime     *Lifetime            `json:"lifetime"` // nil for one that stays
	Moved        []Moved              `json:"moved"`
	Removed      []Removed            `json:"removed"`
	Names        Names                `json:"names"`

	Class Class        `json:"-"`
	Fleet *FleetConfig `json:"-"`
	// Spokes are the environments that a hub runs, itself among them, in the order of their names. Empty for a spoke.
	Spokes []Member `json:"-"`
	// HubNetwork is the network that its own is joined with; nil for one that joins none.
	HubNetwork *HubNetwork `json:"-"`

	root   *cuefile.Node
	places []place // in the stead of root where nothing but an outline is known
}

// Member is what a hub knows of an environment that it runs.
type Member struct {
	Name      string
	Role      string
	Class     string
	Owner     string
	Protected bool
	Retiring  string
}

// Cluster is a Kubernetes cluster to ask a cloud for.
type Cluster struct {
	Cloud       string  `json:"cloud"`
	Account     string  `json:"account"` // one of the fleet's
	Region      string  `json:"region"`
	Version     string  `json:"version"`
	Nodes       Nodes   `json:"nodes"`
	Network     Network `json:"network"`
	Private     bool    `json:"private"`
	DNSEndpoint *bool   `json:"dnsEndpoint"` // nil where nothing is said of it
	Adopt       *Adopt  `json:"adopt"`       // nil for one to be made
}

// Nodes are the worker nodes of a cluster.
type Nodes struct {
	Min   int64           `json:"min"`
	Max   int64           `json:"max"`
	Size  string          `json:"size"`
	Pools map[string]Pool `json:"pools"` // beside these
}

// Pool is a pool of nodes beside those that every cluster has.
type Pool struct {
	ID     string            `json:"-"`    // what the objects that make it are named after
	Size   string            `json:"size"` // empty for one with GPUs
	GPU    *GPU              `json:"gpu"`  // nil for one without
	Min    int64             `json:"min"`
	Max    int64             `json:"max"`
	Zones  []string          `json:"zones"`  // what is behind the region; all of the cluster where there are none
	Labels map[string]string `json:"labels"` // PoolLabel is one of them
	Taints []Taint           `json:"taints"` // that of GPUs comes first
}

// GPU are the GPUs of a node.
type GPU struct {
	Kind  string `json:"kind"`
	Count int64  `json:"count"`
}

// Taint keeps Pods that do not tolerate it from a node.
type Taint struct {
	Key    string `json:"key"`
	Value  string `json:"value"`
	Effect string `json:"effect"`
}

// PoolLabel is on the nodes of a pool, with its name.
const PoolLabel = "spokewright.dev/pool"

// gpuTaint is on nodes with GPUs. Kubernetes lets Pods tolerate it that ask for the resource of its name
// (ExtendedResourceToleration, which all three clouds have on).
func gpuTaint() Taint { return Taint{"nvidia.com/gpu", "present", "NoSchedule"} }

// Network is the private network of a cluster.
type Network struct {
	CIDR    string   `json:"cidr"`
	Peers   []string `json:"peers"`   // other environments
	JoinHub bool     `json:"joinHub"` // peered with that of its hub, where it is a spoke
}

// App is something to run, with all that its source needs.
type App struct {
	Namespace  string           `json:"namespace"`
	Type       string           `json:"type"` // "kustomize", "helm" or "directory"
	Repository string           `json:"repository"`
	Revision   string           `json:"revision"`
	Path       string           `json:"path"`
	Chart      string           `json:"chart"`
	Version    string           `json:"version"`
	Values     map[string]any   `json:"values"`
	Recurse    bool             `json:"recurse"`
	Images     map[string]Image `json:"images"`
	WriteTo    string           `json:"writeTo"`   // "parameters", "kustomization" or a file of values
	Pruning    string           `json:"pruning"`   // Last or Confirm
	Databases  []string         `json:"databases"` // those of the environment that it uses
}

// ValuesFile is the file of values that new tags are written to, and that the chart reads: in its folder, or with a slash at its
// start in the repository; empty where they are written elsewhere.
func (a App) ValuesFile() string {
	if a.WriteTo == "parameters" || a.WriteTo == "kustomization" {
		return ""
	}
	return a.WriteTo
}

// Written is the file or folder of the repository that new tags are written to and that others may write to as well; empty where it
// is the app's own.
func (a App) Written() string {
	file := a.ValuesFile()
	switch {
	case a.WriteTo == "parameters":
		return ""
	case strings.HasPrefix(file, "/"):
		return path.Clean(strings.TrimPrefix(file, "/"))
	}
	return path.Join(a.Path, file)
}

// Image is an image that follows new versions.
type Image struct {
	Name      string   `json:"name"`
	Follow    string   `json:"follow"` // a version range, or "newest-build", "digest", "alphabetical"
	Tag       string   `json:"tag"`
	Allow     string   `json:"allow"`
	Ignore    []string `json:"ignore"`
	Platforms []string `json:"platforms"`
	Replaces  string   `json:"replaces"`
	// PullSecret is a Secret in Argo CD's namespace.
	PullSecret string    `json:"pullSecret"`
	Helm       HelmImage `json:"helm"`
}

// HelmImage names the chart's values that hold an image.
type HelmImage struct {
	Name string `json:"name"`
	Tag  string `json:"tag"`
}

// Strategy is Image Updater's word for how the image follows: "semver" for a version range.
func (i Image) Strategy() string {
	switch i.Follow {
	case "newest-build", "digest", "alphabetical":
		return i.Follow
	}
	return "semver"
}

// Reference is the image with what limits its tags: the version range, or the tag whose content is followed.
func (i Image) Reference() string {
	switch i.Strategy() {
	case "semver":
		return i.Name + ":" + i.versions()
	case "digest":
		return i.Name + ":" + i.Tag
	}
	return i.Name
}

// versions is the version range with spaces between its bounds, which say what commas say (Masterminds/semver, NewConstraint):
// at commas Image Updater takes its annotation with images apart.
func (i Image) versions() string {
	bounds := strings.Split(i.Follow, ",")
	for at, bound := range bounds {
		bounds[at] = strings.TrimSpace(bound)
	}
	return strings.Join(bounds, " ")
}

// Database is a database to ask a cloud for.
type Database struct {
	ID              string  `json:"id"` // what the cloud's objects are named after
	Adopt           *Adopt  `json:"adopt"`
	Engine          string  `json:"engine"`
	Version         string  `json:"version"`
	Size            string  `json:"size"`
	StorageGB       int64   `json:"storageGB"`
	HighlyAvailable bool    `json:"highlyAvailable"`
	Backups         Backups `json:"backups"`
	Encrypted       bool    `json:"encrypted"`
	Public          bool    `json:"public"`
}

// Backups are the backups of a database.
type Backups struct {
	RetentionDays int64 `json:"retentionDays"`
}

// Addon is a chart that the cluster gets beside its apps.
type Addon struct {
	Enabled    bool           `json:"enabled"`
	Namespace  string         `json:"namespace"`
	Repository string         `json:"repository"`
	Chart      string         `json:"chart"`
	Version    string         `json:"version"`
	Values     map[string]any `json:"values"`
	Pruning    string         `json:"pruning"` // Last, Confirm, or nothing for the environment's AddonPruning
	Order      int64          `json:"order"`   // from 0 to LastOrder: it waits for those with a smaller one
	// Objects are what it makes of its chart's kinds, by a name in the spec, as whole Kubernetes objects.
	Objects map[string]map[string]any `json:"objects"`
}

// LastOrder is the last order that addons can have.
const LastOrder = 9

// Namespaces are those that the addon fills: its own, and those of its objects.
func (a Addon) Namespaces() []string {
	names := []string{a.Namespace}
	for _, object := range a.Objects {
		metadata, _ := object["metadata"].(map[string]any)
		if name, has := metadata["namespace"].(string); has {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// AddonSet is the name of the set of the addons of an order.
func (e Environment) AddonSet(order int64) string {
	if order == 0 {
		return e.Name + "-addons"
	}
	return fmt.Sprintf("%s-addons-%d", e.Name, order)
}

// AddonPruning is when objects of addons are removed that say nothing of it: an addon brings kinds, and with a kind go all its
// objects.
func (e Environment) AddonPruning() string {
	if e.Class.Protected {
		return Confirm
	}
	return Last
}

// When an Application's objects that are in its source no more are removed.
const (
	Last    = "last"    // when all else is there
	Confirm = "confirm" // when a person has confirmed it
)

// Namespace is a namespace on the spoke.
type Namespace struct {
	Labels map[string]string `json:"labels"`
}

// Moved declares that a thing has another name or place from now on, and is the same.
type Moved struct {
	From string `json:"from"` // "apps/shop"; in fleet.cue "dev/apps/shop" or "environments/dev"
	To   string `json:"to"`

	// Position is where the declaration is written.
	Position finding.Position `json:"-"`
}

// Removed declares that a thing goes for good, or that a field of it may promise less.
type Removed struct {
	What   string `json:"what"` // "databases/orders", "databases/orders.encrypted"; in fleet.cue "environments/dev" or "dev/databases/orders"
	Reason string `json:"reason"`

	// Position is where the declaration is written.
	Position finding.Position `json:"-"`
}

// Plane is where the objects of an environment are applied.
type Plane string

// The two planes: what controls the environment, and what runs in it.
const (
	Hub   Plane = "hub"
	Spoke Plane = "spoke"
)

// Planes are both, in the order in which they are rendered.
func Planes() []Plane { return []Plane{Hub, Spoke} }

// Written is where the spec says what stands at a path, or the nearest thing above it.
func (e Environment) Written(path ...string) finding.Position {
	switch {
	case e.root != nil:
		return e.root.At(path...).Position
	case e.places != nil:
		return at(e.places, e.Name, path)
	}
	return finding.Position{}
}

// Values are what the spec hands to others as it stands: values of charts, variables of modules. Path is where it is written.
type Values struct {
	Path []string
	Data map[string]any
}

// Values are all of them, in a fixed order.
func (e Environment) Values() []Values {
	var all []Values
	for _, name := range slices.Sorted(maps.Keys(e.Apps)) {
		all = append(all, Values{[]string{"apps", name, "values"}, e.Apps[name].Values})
	}
	for _, name := range slices.Sorted(maps.Keys(e.Addons)) {
		all = append(all, Values{[]string{"addons", name, "values"}, e.Addons[name].Values})
	}
	for _, name := range slices.Sorted(maps.Keys(e.Workspaces)) {
		all = append(all, Values{[]string{"workspaces", name, "variables"}, e.Workspaces[name].Variables})
	}
	return all
}

// How an environment is taken down.
const (
	Release       = "release"
	KeepDatabases = "keep-databases"
	Delete        = "delete"
)

// What becomes of the cloud's objects when their claim goes, as a claim says it.
const (
	Orphaned = "Orphan"
	Deleted  = "Delete"
	// Snapshot deletes a database and keeps a last snapshot of it.
	Snapshot = "Snapshot"
)

// Protected says whether what is made for the environment is protected from deletion: where its class asks for it, until
// the environment is taken down.
func (e Environment) Protected() bool { return e.Class.Protected && e.Retiring == "" }

// Deletion says what becomes of the cloud's objects when a claim goes: claim is "Cluster", "Database", "Network",
// "NodePool", "Peering" or "Workspace". What a protected environment adopted was somebody else's, and stays.
func (e Environment) Deletion(claim string, adopted bool) string {
	switch {
	case e.Role == "hub" && (claim == "Cluster" || claim == "Network"): // it runs the hub itself
		return Orphaned
	case e.Protected(), e.Retiring == Release, e.Retiring == KeepDatabases && claim != "Cluster" && claim != "NodePool", e.Class.Protected && adopted:
		return Orphaned
	case e.Class.Protected && claim == "Database" && snapshots(e.Fleet.Claims.Database):
		return Snapshot
	}
	return Deleted
}

// snapshots says whether a kind of database knows a last snapshot: ours does, another one where the fleet has a word for it.
func snapshots(k claim.Kind) bool {
	_, told := k.Values["deletion"][Snapshot]
	return k.Fields == nil || told
}

// Approval is the annotation by which policies let a deletion pass: in a protected class, the merge of retiring is it.
func (e Environment) Approval() map[string]string {
	if !e.Class.Protected || e.Retiring == "" {
		return nil
	}
	return map[string]string{"spokewright.dev/deletion-approved": "true"}
}
