package schema

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"spokewright.dev/spokewright/internal/cloud"
	"spokewright.dev/spokewright/internal/constraint"
	"spokewright.dev/spokewright/internal/cuefile"
	"spokewright.dev/spokewright/internal/finding"
)

// standard are Spokewright's own addons, as its classes have them. What a fleet or a flavour says of one goes over it.
func standard(defaults *cuefile.Node) *cuefile.Node {
	return defaults.Find("classes", "production", "defaults", "addons")
}

// whole is what a fleet says of an addon over what there is of it already, or else over Spokewright's own. It is there to be had.
func whole(defaults, before *cuefile.Node, name string, said *cuefile.Node) *cuefile.Node {
	if before.Child(name) == nil {
		before = standard(defaults)
	}
	enabled := &cuefile.Node{Position: said.Position, Fields: map[string]*cuefile.Node{"enabled": {Position: said.Position, Scalar: true}}}
	return cuefile.Merge(enabled, cuefile.Merge(before.Child(name), said))
}

// over lays some addons over others.
func over(defaults, before, said *cuefile.Node) *cuefile.Node {
	if said == nil || said.Fields == nil {
		return before
	}
	merged := &cuefile.Node{Position: said.Position, Fields: map[string]*cuefile.Node{}}
	if before != nil {
		merged.Fields = maps.Clone(before.Fields)
	}
	for name, addon := range said.Fields {
		merged.Fields[name] = whole(defaults, before, name, addon)
	}
	return merged
}

// everywhere are the defaults of a fleet, with the addons that it has in all classes: Spokewright's classes, and its own.
func everywhere(defaults, user *cuefile.Node) *cuefile.Node {
	said := user.Child("addons")
	if said == nil || said.Fields == nil {
		return defaults
	}
	classes := maps.Clone(defaults.Child("classes").Fields)
	if own := user.Child("classes"); own != nil {
		for name := range own.Fields {
			if classes[name] == nil {
				classes[name] = &cuefile.Node{Position: said.Position, Fields: map[string]*cuefile.Node{}}
			}
		}
	}
	for name, class := range classes {
		given := class.Child("defaults")
		if given == nil {
			given = &cuefile.Node{Position: said.Position, Fields: map[string]*cuefile.Node{}}
		}
		classes[name] = class.With("defaults", given.With("addons", over(defaults, given.Child("addons"), said)))
	}
	return defaults.With("classes", &cuefile.Node{Position: defaults.Position, Fields: classes})
}

// flavoured are the addons of a class with those of some flavours over them. Flavours that there are not are told elsewhere.
func (f *FleetConfig) flavoured(class string, flavours *cuefile.Node) *cuefile.Node {
	addons := f.root.Find("classes", class, "defaults", "addons")
	if flavours == nil {
		return addons
	}
	for _, named := range flavours.Items {
		name, _ := named.Scalar.(string)
		flavour := f.root.Find("flavours", name)
		addons = over(f.reader.defaults, addons, flavour.Child("addons"))
		addons = over(f.reader.defaults, addons, flavour.Find("classes", class))
	}
	return addons
}

// gpuFlavour is the one that environments have by themselves whose pools of nodes have GPUs.
const gpuFlavour = "nvidia"

// chosen are the flavours that an environment names, over the one that its GPUs bring where its cloud does not.
func (f *FleetConfig) chosen(flavours, cluster *cuefile.Node) *cuefile.Node {
	name, _ := cluster.Child("cloud").Data().(string)
	pools := cluster.Find("nodes", "pools")
	if pools == nil || !slices.Contains(f.Flavours[gpuFlavour].Clouds, name) {
		return flavours
	}
	for _, name := range slices.Sorted(maps.Keys(pools.Fields)) {
		if gpu := pools.Fields[name].Child("gpu"); gpu != nil {
			all := &cuefile.Node{Position: gpu.Position, Items: []*cuefile.Node{{Position: gpu.Position, Scalar: gpuFlavour}}}
			if flavours != nil {
				all.Items = append(all.Items, flavours.Items...)
			}
			return all
		}
	}
	return flavours
}

// autoscalerAddon is the addon that lets nodes come and go on AWS, and AutoscalerNamespace where it runs: compositions give its
// account there, of the same name, the rights that this takes.
const (
	autoscalerAddon     = "autoscaler"
	AutoscalerNamespace = "cluster-autoscaler"
)

// completed are addons with what follows from the rest of the spec.
func (f *FleetConfig) completed(environment string, merged, addons *cuefile.Node) *cuefile.Node {
	return dashboards(merged, f.scaling(environment, merged, addons))
}

// scaling tells our own autoscaler of the cluster whose nodes it looks after, and leaves it off where it could do nothing. Where the
// fleet says a chart for it, it is the fleet's, and stays as it is written.
func (f *FleetConfig) scaling(environment string, merged, addons *cuefile.Node) *cuefile.Node {
	addon := addons.Child(autoscalerAddon)
	if !ourAutoscaler(addon) {
		return addons
	}
	if f.unscaled(merged, addons) != "" {
		return addons.With(autoscalerAddon, addon.With("enabled", cuefile.Plain(ownDefaults, false)))
	}
	text := func(path ...string) string {
		value, _ := merged.Find(path...).Data().(string)
		return value
	}
	values := map[string]any{
		"fullnameOverride": AutoscalerNamespace,
		"awsRegion":        text("cluster", "region"),
		"autoDiscovery":    map[string]any{"clusterName": orElse(text("id"), f.Name+"-"+environment)},
		"rbac":             map[string]any{"serviceAccount": map[string]any{"name": AutoscalerNamespace}},
	}
	if image, known := cloud.Autoscaler(text("cluster", "version")); known {
		values["image"] = map[string]any{"tag": image}
	}
	return addons.With(autoscalerAddon, cuefile.Merge(cuefile.Plain(ownDefaults, map[string]any{"values": values}), addon))
}

// ourAutoscaler says whether an addon is the one that comes with Spokewright.
func ourAutoscaler(addon *cuefile.Node) bool {
	for _, field := range []string{"chart", "repository"} {
		if said := addon.Child(field); said == nil || said.Position.File != ownDefaults {
			return false
		}
	}
	return true
}

// Autoscaled says whether our autoscaler lets the nodes of the environment come and go.
func (e Environment) Autoscaled() bool {
	return e.Addons[autoscalerAddon].Enabled && ourAutoscaler(e.root.Find("addons", autoscalerAddon))
}

// SaidOfAutoscaler is what a fleet says of our autoscaler, beside what follows from the spec; false where it is the fleet's own.
func (e Environment) SaidOfAutoscaler() (said map[string]any, ours bool) {
	addon := e.root.Find("addons", autoscalerAddon)
	if !ourAutoscaler(addon) {
		return nil, false
	}
	var walk func(n *cuefile.Node) map[string]any
	walk = func(n *cuefile.Node) map[string]any {
		all := map[string]any{}
		for name, below := range n.Fields {
			if inside := walk(below); len(inside) > 0 {
				all[name] = inside
			} else if below.Fields == nil && below.Position.File != ownDefaults {
				all[name] = below.Data()
			}
		}
		return all
	}
	return walk(addon), true
}

// unscaled is why our autoscaler can do nothing for an environment; nothing where it can.
func (f *FleetConfig) unscaled(merged, addons *cuefile.Node) string {
	cluster := merged.Child("cluster")
	name, _ := cluster.Child("cloud").Data().(string)
	other := scaledBy(merged.Child("apps"), addons)
	switch {
	case merged.Child("role").Scalar == "hub":
		return "a hub has the nodes that spokewright bootstrap made"
	case name != "aws":
		return orElse(cloudNames()[name], "a cloud") + " lets nodes come and go itself"
	case f.Claims.Cluster.Fields != nil:
		return "the fleet's kind " + f.Claims.Cluster.Kind + " gives it no rights"
	case cluster.Child("adopt") != nil:
		return "a cluster that is adopted keeps its roles and its nodes, and gives it no rights"
	case other != "":
		return finding.Quote(other) + " does it already"
	}
	return ""
}

// scaledBy is an app or another addon that lets nodes come and go, as far as its name, its chart and its path tell, or that has the
// name of ours.
func scaledBy(apps, addons *cuefile.Node) string {
	for _, parts := range []*cuefile.Node{apps, addons} {
		if parts == nil {
			continue
		}
		for _, name := range slices.Sorted(maps.Keys(parts.Fields)) {
			part := parts.Fields[name]
			if enabled := part.Child("enabled"); parts == addons && (name == autoscalerAddon || enabled != nil && enabled.Scalar == false) {
				continue
			}
			told := name
			for _, field := range []string{"chart", "namespace", "path"} {
				text, _ := part.Child(field).Data().(string)
				told += " " + text
			}
			if name == autoscalerAddon || strings.Contains(told, "cluster-autoscaler") || strings.Contains(told, "karpenter") {
				return name
			}
		}
	}
	return ""
}

// autoscaler reports one that is asked for where it can do nothing, and one whose account gets no rights where it runs.
func (c *checker) autoscaler(e *Environment) {
	addon, said := e.Addons[autoscalerAddon], c.user.Find("addons", autoscalerAddon, "enabled")
	if !c.known("addons") || !c.known("cluster") || !ourAutoscaler(c.merged.Find("addons", autoscalerAddon)) {
		return
	}
	switch {
	case !addon.Enabled && said != nil && said.Scalar == true:
		c.report(finding.Unsupported, "found true, allowed is false: "+e.Fleet.unscaled(c.merged, c.merged.Child("addons")), "addons", autoscalerAddon, "enabled")
	case addon.Enabled && addon.Namespace != AutoscalerNamespace:
		c.report(finding.Inconsistent, fmt.Sprintf("found %s, allowed is %q: AWS gives its rights to the account there", finding.Quote(addon.Namespace), AutoscalerNamespace),
			"addons", autoscalerAddon, "namespace")
	}
}

// addons judges what a fleet says of addons in all classes.
func (c *fleetChecker) addons() {
	c.judged(nil, "addons")
}

// flavours judges the fleet's own flavours: an addon is whole, or a class has the rest of it.
func (c *fleetChecker) flavours() {
	there := c.ofClasses()
	for _, name := range slices.Sorted(maps.Keys(c.fleet.Flavours)) {
		c.judged(there, "flavours", name, "addons")
		classes := c.user.Find("flavours", name, "classes")
		if classes == nil || classes.Fields == nil {
			continue
		}
		known := over(c.reader.defaults, there, c.merged.Find("flavours", name, "addons"))
		for _, class := range slices.Sorted(maps.Keys(classes.Fields)) {
			if _, is := c.fleet.Classes[class]; !is {
				c.label(unknownName(class, slices.Sorted(maps.Keys(c.fleet.Classes)), "class of this fleet"), "flavours", name, "classes", class)
				continue
			}
			c.partly(known, "flavours", name, "classes", class)
		}
	}
}

// partly judges what a flavour says of its addons in a class: a part of each is enough.
func (c *fleetChecker) partly(known *cuefile.Node, path ...string) {
	user := c.user.Find(path...)
	if user.Fields == nil || user.Invalid {
		return
	}
	for _, name := range slices.Sorted(maps.Keys(user.Fields)) {
		at := append(slices.Clip(path), name)
		if known.Child(name) == nil {
			c.label(unknownName(name, slices.Sorted(maps.Keys(known.Fields)), "addon of this flavour or of a class"), at...)
			continue
		}
		_, found := cuefile.Judge(c.addon(), user.Fields[name], user.Fields[name].AllowMissing(), at...)
		c.problems = append(c.problems, found...)
	}
}

// addon is what an addon may be.
func (c *fleetChecker) addon() *constraint.Constraint {
	return cuefile.Inside(c.reader.environment, "addons").Patterns[0].Value
}

// ofClasses are the addons that any class of the fleet has.
func (c *fleetChecker) ofClasses() *cuefile.Node {
	all := &cuefile.Node{Fields: map[string]*cuefile.Node{}}
	for _, class := range slices.Sorted(maps.Keys(c.fleet.Classes)) {
		if addons := c.merged.Find("classes", class, "defaults", "addons"); addons != nil {
			all = cuefile.Merge(all, addons)
		}
	}
	return all
}

// judged judges each of the addons that the user wrote at a path, over what there is of it beside.
func (c *fleetChecker) judged(before *cuefile.Node, path ...string) {
	user := c.user.Find(path...)
	if user == nil || user.Fields == nil || user.Invalid {
		return
	}
	for _, name := range slices.Sorted(maps.Keys(user.Fields)) {
		if user.Fields[name].Fields == nil { // told already
			continue
		}
		_, found := cuefile.Judge(c.addon(), whole(c.reader.defaults, before, name, user.Fields[name]), user.Fields[name], append(slices.Clip(path), name)...)
		c.problems = append(c.problems, found...)
	}
}

// flavours reports flavours that there are not, that the cloud cannot have, or that are named twice, and a spoke that would keep
// telemetry which nobody sends there.
func (c *checker) flavours(e *Environment) {
	known := slices.Sorted(maps.Keys(e.Fleet.Flavours))
	for i, name := range e.Flavours {
		path := []string{"flavours", strconv.Itoa(i)}
		if !c.known(path...) {
			continue
		}
		flavour, there := e.Fleet.Flavours[name]
		switch {
		case !there:
			c.add(unknownName(name, known, "flavour of this fleet"), path...)
		case slices.Contains(e.Flavours[:i], name):
			c.report(finding.Inconsistent, fmt.Sprintf("found %s for a second time", finding.Quote(name)), path...)
		case name == telemetryFlavour && e.Fleet.Telemetry != nil && finding.Suggest(e.Fleet.Telemetry.Environment, []string{e.Name}) != "":
			at := []string{"telemetry", "environment"} // said wrong there, and right here
			c.problems = append(c.problems, finding.Finding{Code: finding.UnknownName, Position: e.Fleet.Written(at...), Path: finding.Tokens(at...), Suggestion: e.Name,
				Message: fmt.Sprintf("found %s, and the environment with flavours: [%q] is %s", finding.Quote(e.Fleet.Telemetry.Environment), telemetryFlavour, finding.Quote(e.Name))})
		case name == telemetryFlavour && (e.Fleet.Telemetry == nil || e.Fleet.Telemetry.Environment != e.Name):
			c.report(finding.Inconsistent, fmt.Sprintf("found %s, but fleet.cue sends nothing here, and says no credential for it: add telemetry: environment: %s, with logs, metrics and credential",
				finding.Quote(name), finding.Quote(e.Name)), path...)
		case e.Cluster != nil && c.known("cluster", "cloud") && len(flavour.Clouds) > 0 && !slices.Contains(flavour.Clouds, e.Cluster.Cloud):
			c.report(finding.Unsupported, fmt.Sprintf("found %s, which %s cannot have: its clouds are %s", finding.Quote(name), cloudNames()[e.Cluster.Cloud], finding.AllOf(finding.Quoted(flavour.Clouds))), path...)
		}
	}
}

// addons reports objects of an addon that comes later than they do.
func (c *checker) addons(e *Environment) {
	for _, name := range slices.Sorted(maps.Keys(e.Addons)) {
		addon := e.Addons[name]
		if addon.Enabled && addon.Order > 0 && len(addon.Objects) > 0 && c.known("addons", name) {
			c.report(finding.Inconsistent, fmt.Sprintf("found %d and objects: they come with the spoke plane, which addons of a later order wait for; allowed is 0", addon.Order), "addons", name, "order")
		}
	}
}

// Standard is an environment that has what its class has and nothing of its own: no name, no cluster, no apps, and nowhere to
// send its logs and metrics.
func (f *FleetConfig) Standard(class string) (Environment, error) {
	merged := &cuefile.Node{Fields: map[string]*cuefile.Node{"role": {Scalar: "spoke"}}}
	set(merged, "owner", f.root.Child("owner"))
	set(merged, "owner", f.root.Find("classes", class, "defaults", "owner"))
	set(merged, "addons", f.completed("", merged, f.flavoured(class, nil)))
	return f.environment("", f.Classes[class], merged)
}

// misspeltAddons tells of an addon that has not what every addon of a fleet's own must have, and that is called almost as one
// that there is, by that alone.
func misspeltAddons(found finding.Findings, user, all *cuefile.Node) finding.Findings {
	if user == nil || all == nil {
		return found
	}
	for _, name := range slices.Sorted(maps.Keys(user.Fields)) {
		var others []string
		for other := range all.Fields {
			if user.Fields[other] == nil {
				others = append(others, other)
			}
		}
		slices.Sort(others)
		near := finding.Suggest(name, others)
		below := string(finding.Keys("addons", name)) + "."
		missing := func(f finding.Finding) bool {
			return f.Code == finding.MissingField && strings.HasPrefix(string(f.Path), below)
		}
		if near == "" || !slices.ContainsFunc(found, missing) {
			continue
		}
		found = append(slices.DeleteFunc(found, missing), finding.Finding{Code: finding.UnknownName, Position: user.Fields[name].Position, Path: finding.Keys("addons", name), Suggestion: near,
			Message: fmt.Sprintf("found %s, which is no addon of this class or its flavours; one of the fleet's own says repository, chart, version and namespace", finding.Quote(name))})
	}
	return found
}
