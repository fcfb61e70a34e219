package schema

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"spokewright.dev/spokewright/internal/cuefile"
	"spokewright.dev/spokewright/internal/externalname"
	"spokewright.dev/spokewright/internal/finding"
)

// check reports what no single field shows: fields that do not fit each other, and names that would be too long. Parts
// that are wrong already are left alone.
func (e *Environment) check(user *cuefile.Node) finding.Findings {
	c := &checker{user: user, merged: e.root}
	c.cluster(e)
	c.ids(e)
	c.workspaces(e)
	c.labels()
	c.waivers(e)
	c.credentials(e)
	c.flavours(e)
	c.addons(e)
	c.autoscaler(e)
	c.recorded(e)
	c.retiring(e)
	c.lifetime(e)
	c.declarations(e.Moved, e.Removed)
	for _, name := range slices.Sorted(maps.Keys(e.Apps)) {
		if c.known("apps", name) {
			c.app(e, name)
		}
	}
	c.pruning(e)
	c.platform(e)
	c.names(e)
	return c.problems
}

// pruning reports what should be pruned once it is confirmed in a set whose other Applications prune by themselves, where
// Argo CD knows confirmations of single objects only: Application-wide ones are known since 3.4.
func (c *checker) pruning(e *Environment) {
	if !e.Fleet.Targets.ArgoCD.Before("3.4") {
		return
	}
	report := func(part, name string) {
		c.report(finding.Unsupported, fmt.Sprintf(`found "confirm", which Argo CD %s knows for single objects only: allowed is "last", or targets: argocd: version: "3.4" or later`, e.Fleet.Targets.ArgoCD.Version), part, name, "pruning")
	}
	for _, name := range slices.Sorted(maps.Keys(e.Apps)) {
		if e.Apps[name].Pruning == Confirm {
			report("apps", name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(e.Addons)) {
		if e.Addons[name].Pruning == Confirm && e.AddonPruning() != Confirm {
			report("addons", name)
		}
	}
}

type checker struct {
	user, merged *cuefile.Node
	problems     finding.Findings
}

// known says whether something stands at a path, and everything in it is known.
func (c *checker) known(path ...string) bool { return c.merged.Find(path...).IsValid() }

// sound says whether a path is known, or nothing stands there, for certain: a part that is misspelled, or missing although
// it must be there, is neither.
func (c *checker) sound(path ...string) bool {
	return c.known(path...) || c.merged.Find(path...) == nil && !c.merged.PartlyKnown(path)
}

func (c *checker) report(code finding.Code, message string, path ...string) {
	c.add(finding.Finding{Code: code, Message: message}, path...)
}

// add notes a finding about the value at a path.
func (c *checker) add(f finding.Finding, path ...string) {
	f.Position, f.Path = c.user.At(path...).Position, finding.Tokens(path...)
	c.problems = append(c.problems, f)
}

func (c *checker) cluster(e *Environment) {
	if e.Cluster == nil {
		if len(e.Databases) > 0 && c.sound("cluster") && c.known("role") {
			c.report(finding.Inconsistent, "found databases and no cluster, allowed is both: a cluster says in which cloud and region they are", "databases")
		}
		return
	}
	if n := e.Cluster.Nodes; c.known("cluster", "nodes") && n.Min > n.Max {
		c.report(finding.Inconsistent, fmt.Sprintf("found min %d and max %d, allowed is a min up to the max", n.Min, n.Max), "cluster", "nodes")
	}
	if c.known("cluster", "network") {
		c.cidr(e)
	}
	c.region(e)
	c.account(e)
	c.dnsEndpoint(e)
	c.adoptions(e)
	c.pools(e)
	c.joinHub(e)
	c.taken(e)
}

// adoptions reports what is adopted through a kind of the fleet's own that has no place for it; through ours, by a name that
// no cloud has, or managed and not described.
func (c *checker) adoptions(e *Environment) {
	for _, p := range e.adoptables() {
		kind, of := e.Fleet.Claims.Database, "Database"
		if p.path[0] == "cluster" {
			kind, of = e.Fleet.Claims.Cluster, "Cluster"
		}
		if p.adopt != nil && kind.Fields == nil && c.known("cluster", "cloud") {
			c.adopted(e, of, p)
		}
		for _, field := range []string{"externalName", "management"} {
			if _, mapped := kind.Fields[field]; p.adopt != nil && kind.Fields != nil && !mapped {
				c.report(finding.Inconsistent, fmt.Sprintf("must not be set: the fleet's kind %s has no place for %s", kind.Kind, field), append(slices.Clip(p.path), "adopt")...)
				break
			}
		}
	}
}

// adopted judges the name of what is adopted, and that it is described once it is managed: what a class has would be handed
// to something that nobody looked at.
func (c *checker) adopted(e *Environment, of string, p adoptable) {
	name := append(slices.Clip(p.path), "adopt", "externalName")
	if form := externalname.Adopted(e.Cluster.Cloud, of); c.known(name...) && !form.Match.MatchString(p.adopt.ExternalName) {
		c.report(finding.WrongValue, fmt.Sprintf("found %s, allowed is %s", finding.Quote(p.adopt.ExternalName), form.Says), name...)
	}
	if !p.adopt.Manage {
		return
	}
	for _, field := range Described(e.Cluster.Cloud, of) {
		at := append(slices.Clip(p.path), strings.Split(field, ".")...)
		if c.user.Find(at...) == nil && c.sound(at...) {
			c.report(finding.MissingField, "missing: what is adopted is described before it is managed; the class would make it "+shown(c.merged.Find(at...)), at...)
		}
	}
}

// Described are the fields by which a claim shapes what it adopted and manages.
func Described(cloud, of string) []string {
	if of == "Cluster" {
		return []string{"version"}
	}
	fields := []string{"backups.retentionDays", "highlyAvailable", "storageGB", "version"}
	if cloud == "azure" {
		fields = append(fields, "public")
	}
	return fields
}

// shown is a plain value in a message.
func shown(n *cuefile.Node) string {
	if n == nil {
		return "what it says"
	}
	if text, isText := n.Data().(string); isText {
		return finding.Quote(text)
	}
	return fmt.Sprint(n.Data())
}

// cidr reports an address range that is none, or that nobody could cut into subnets.
func (c *checker) cidr(e *Environment) {
	report := func(format string, args ...any) {
		c.report(finding.WrongValue, fmt.Sprintf(format, args...), "cluster", "network", "cidr")
	}
	text := e.Cluster.Network.CIDR
	cidr, err := netip.ParsePrefix(text)
	kind, asked := e.Network()
	switch {
	case err != nil:
		report(`found %s, allowed is an address range such as "10.0.0.0/16"`, finding.Quote(text))
	case cidr != cidr.Masked():
		report("found %q, allowed is a range from its first address on, such as %q", text, cidr.Masked())
	case (asked && kind.Fields == nil || e.Role == "hub") && (cidr.Bits() < largestNetwork || cidr.Bits() > smallestNetwork):
		report(`found %q, allowed is a range from "/%d" to "/%d": clouds take none that is larger, and a smaller one has no room for six subnets`,
			text, largestNetwork, smallestNetwork)
	case asked && kind.Fields == nil && e.Retiring == "" && c.known("cluster", "cloud") && c.known("cluster", "nodes"):
		c.room(e, cidr)
	}
}

// The sizes of networks, in bits: Amazon takes a network from 16 bits on and a subnet of up to 28.
const largestNetwork, smallestNetwork = 16, 24

// ids reports identifiers that follow from names which a cloud would not take.
func (c *checker) ids(e *Environment) {
	names := e.Fleet.reader
	if e.Cluster == nil && len(e.Workspaces) == 0 || !names.name.Holds(e.Name) {
		return
	}
	report := func(id string, path ...string) {
		c.report(finding.MissingField, fmt.Sprintf("missing: the cloud's objects would be named after %s, which clouds refuse: allowed are lower-case letters and digits with single dashes between them, a letter first", finding.Quote(id)), path...)
	}
	if c.user.Find("id") == nil && c.sound("id") && !names.id.Holds(e.ID) {
		report(e.ID, "id")
		return
	}
	parts := map[string]map[string]string{"databases": {}, "workspaces": {}}
	for name, database := range e.Databases {
		parts["databases"][name] = database.ID
	}
	for name, workspace := range e.Workspaces {
		parts["workspaces"][name] = workspace.ID
	}
	for _, part := range slices.Sorted(maps.Keys(parts)) {
		for _, name := range slices.Sorted(maps.Keys(parts[part])) {
			id := parts[part][name]
			if c.user.Find(part, name, "id") == nil && c.sound(part, name, "id") && c.sound("id") && names.name.Holds(name) && !names.id.Holds(id) {
				report(id, part, name, "id")
			}
		}
	}
}

// labels reports labels that Spokewright itself sets.
func (c *checker) labels() {
	labels := c.user.Child("labels")
	if labels == nil {
		return
	}
	for _, name := range slices.Sorted(maps.Keys(labels.Fields)) {
		if strings.HasPrefix(name, "spokewright.dev/") || name == "app.kubernetes.io/managed-by" {
			c.problems = append(c.problems, finding.Finding{Code: finding.WrongValue, Position: labels.Fields[name].Label, Path: finding.Tokens("labels", name), Message: "found a label that is Spokewright's own to set, allowed is any other"})
		}
	}
}

// app reports a source that is none, or two.
func (c *checker) app(e *Environment, name string) {
	app := e.Apps[name]
	report := func(code finding.Code, message string, field ...string) {
		c.report(code, message, append([]string{"apps", name}, field...)...)
	}
	switch {
	case app.Path == "" && app.Chart == "":
		report(finding.MissingField, "missing: path (a folder in a repository) or chart (of a chart repository)")
	case app.Path != "" && app.Chart != "":
		report(finding.Inconsistent, "found path and chart, allowed is one of them: a folder or a chart of a chart repository")
	case app.Chart != "":
		c.chart(app, report)
	default:
		if app.Version != "" {
			report(finding.Inconsistent, fmt.Sprintf("found %s, but a folder has no version: it has a revision; a version is for a chart of a chart repository", finding.Quote(app.Version)), "version")
		}
		if app.Recurse && app.Type != "directory" {
			report(finding.Inconsistent, fmt.Sprintf(`found true, allowed is false for type %q: recurse is for type "directory"`, app.Type), "recurse")
		}
	}
	if app.Values != nil && app.Type != "helm" {
		report(finding.Inconsistent, fmt.Sprintf(`found values with type %q: values are for type "helm"`, app.Type), "values")
	}
	if len(app.Images) > 0 {
		c.images(e, name, app)
	}
}

// chart reports what a chart of a chart repository lacks or has too much.
func (c *checker) chart(app App, report func(code finding.Code, message string, field ...string)) {
	if app.Type != "helm" {
		report(finding.Inconsistent, fmt.Sprintf(`found %q, allowed is "helm" for a chart`, app.Type), "type")
	}
	if app.Repository == "" {
		report(finding.MissingField, "missing: allowed is the address of the chart repository", "repository")
	}
	if app.Version == "" {
		report(finding.MissingField, "missing: allowed is the chart's version", "version")
	}
	if app.Revision != "" {
		report(finding.Inconsistent, fmt.Sprintf("found %s, but a chart has no revision: it has a version", finding.Quote(app.Revision)), "revision")
	}
	if app.Recurse {
		report(finding.Inconsistent, "found true, allowed is false for a chart", "recurse")
	}
}

// completeRegions adds the regions that the fleet names to those that everybody knows.
func completeRegions(known, own map[string][]string) map[string][]string {
	all := make(map[string][]string, len(known))
	for cloud, names := range known {
		all[cloud] = slices.Concat(names, own[cloud])
	}
	return all
}

// region reports a region that the cloud does not have.
func (c *checker) region(e *Environment) {
	cloud, region := e.Cluster.Cloud, e.Cluster.Region
	if !c.known("cluster", "cloud") || !c.known("cluster", "region") {
		return
	}
	names := e.Fleet.Regions[cloud]
	if slices.Contains(names, region) {
		c.zones(e)
		return
	}
	f := finding.Finding{Code: finding.UnknownName, Message: fmt.Sprintf("found %s, which is no region of %s", finding.Quote(region), cloud),
		Suggestion: finding.Suggest(region, names), Aside: fmt.Sprintf("one that is new goes into fleet.cue: regions: %s: [%s]", cloud, finding.Quote(region))}
	for _, other := range slices.Sorted(maps.Keys(e.Fleet.Regions)) {
		if slices.Contains(e.Fleet.Regions[other], region) {
			f.Message, f.Suggestion = fmt.Sprintf("found %s, which is a region of %s and not of %s", finding.Quote(region), other, cloud), ""
		}
	}
	c.add(f, "cluster", "region")
}

// unknownName is about a name that there is not among those of a sort: the nearest is enough to say, else all are.
func unknownName(name string, known []string, sort string) finding.Finding {
	f := finding.Finding{Code: finding.UnknownName, Message: fmt.Sprintf("found %s, which is no %s", finding.Quote(name), sort), Suggestion: finding.Suggest(name, known)}
	if f.Suggestion == "" {
		f.Aside = "it has " + finding.OneOf(finding.Quoted(known))
	}
	return f
}

// retiring reports a hub that is taken down: it runs others, itself among them.
func (c *checker) retiring(e *Environment) {
	if e.Retiring != "" && e.Role == "hub" && c.known("role") {
		c.report(finding.WrongValue, "found "+finding.Quote(e.Retiring)+", allowed is none for a hub: it is what takes environments down", "retiring")
	}
}

// declarations says where each is written, and reports what is moved to where it was, or becomes another sort of thing.
func (c *checker) declarations(moved []Moved, removed []Removed) {
	for i := range moved {
		m, at := &moved[i], strconv.Itoa(i)
		m.Position = c.merged.At("moved", at, "from").Position
		switch {
		case !c.known("moved", at):
		case m.From == m.To:
			c.report(finding.Inconsistent, "found "+finding.Quote(m.To)+", which it was before: allowed is another", "moved", at, "to")
		case sortOfThing(m.From) != sortOfThing(m.To):
			c.report(finding.Inconsistent, "found "+finding.Quote(m.To)+", which is another sort of thing than "+finding.Quote(m.From), "moved", at, "to")
		}
	}
	for i := range removed {
		removed[i].Position = c.merged.At("removed", strconv.Itoa(i), "what").Position
	}
}

// sortOfThing is the word for what a declaration names: "apps" of "apps/shop" and of "dev/apps/shop", "Service" of
// "Service/shop/web".
func sortOfThing(subject string) string {
	parts := strings.Split(subject, "/")
	things := []string{"apps", "databases", "pools", "workspaces", "addons", "namespaces", "sets", "environments"}
	if slices.Contains(things, parts[0]) || strings.ToLower(parts[0]) != parts[0] {
		return parts[0]
	}
	return parts[1]
}
