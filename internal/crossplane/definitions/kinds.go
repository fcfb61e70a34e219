package definitions

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"spokewright.dev/spokewright/internal/cloud"
)

// Kind is a kind of claim.
type Kind struct {
	Name, Plural string
	Columns      []Column
	// ConnectionKeys are what the Secret with the way to it holds.
	ConnectionKeys []string
	// Defaults are what the API fills in where a claim does not say: for claims that people write themselves, by field.
	Defaults map[string]any
	Rules    []Rule
}

// Column is what `kubectl get` shows of a claim. Crossplane adds SYNCED, READY and the age.
type Column struct {
	Name, Type, Path string
	Wide             bool // only with -o wide
}

// Rule is a CEL rule of the API server on one field of the spec, or on all of it where Field is empty. With oldSelf it
// judges a change, which no other judge sees.
type Rule struct {
	Field, Expression, Message string
	// OfManaged is the field that a rule on all of the spec is about, which holds for what Crossplane manages.
	OfManaged string
	// OfNew says that the rule judges what is new, with oldSelf as something that may be there: what stands can be changed
	// in all else, and be taken down.
	OfNew bool
}

// Kinds are all kinds of claims.
func Kinds() []Kind {
	defaults := map[string]any{"deletion": "Orphan", "management": "Full"}
	return []Kind{
		{
			Name: "Cluster", Plural: "clusters",
			Columns: []Column{
				spec("cloud"), spec("region"), spec("version"), count("nodes.min"), count("nodes.max"), wide(spec("id")),
				wide(spec("management")), wide(Column{Name: "ENDPOINT", Type: "string", Path: ".status.endpoint"}),
			},
			ConnectionKeys: []string{"clusterCA", "clusterName", "dnsEndpoint", "endpoint"},
			Defaults:       map[string]any{"deletion": "Orphan", "management": "Full", "private": true},
			Rules: slices.Concat(identity(), []Rule{adoption(), settled("argocd", "what lets it in was given to one alone"), fixed("network.cidr"),
				{Field: "nodes", Expression: "self.min <= self.max", Message: "min is not more than max"},
				managed("version", minor("self")+" >= "+minor("oldSelf"), "no cloud takes a lower version of Kubernetes"),
				managed("version", minor("self")+" <= "+minor("oldSelf")+" + 1", "clouds take one minor version of Kubernetes at a time"),
			}, roomForNodes()),
		},
		{
			Name: "Database", Plural: "databases",
			Columns: []Column{
				spec("engine"), spec("version"), spec("size"), count("storageGB"), wide(spec("id")), wide(spec("management")),
				wide(Column{Name: "ENDPOINT", Type: "string", Path: ".status.endpoint"}),
			},
			ConnectionKeys: []string{"endpoint", "password", "port", "username"},
			Defaults:       map[string]any{"deletion": "Orphan", "management": "Full", "encrypted": true, "public": false},
			Rules: slices.Concat(identity(), []Rule{adoption(), fixed("engine"),
				managed("storageGB", "self.storageGB >= oldSelf.storageGB", "the disk of a database never shrinks"),
				{Field: "encrypted", Expression: "self || !oldSelf", Message: "encryption is not taken away: the cloud would make the database anew"},
				managed("version", notBelow("self.version", "oldSelf.version"), "no cloud takes a lower version of a database"),
			}, disks(), namedVersions()),
		},
		{
			Name: "Network", Plural: "networks",
			Columns:  []Column{spec("cloud"), spec("region"), spec("cidr"), wide(spec("id")), wide(spec("management"))},
			Defaults: defaults,
			Rules:    slices.Concat(identity(), []Rule{fixed("cidr"), fixed("subnets"), threeZones()}, roomForAnything()),
		},
		{
			Name: "NodePool", Plural: "nodepools",
			Columns: []Column{
				spec("cluster"), spec("size"), {Name: "GPU", Type: "string", Path: ".spec.gpu.kind"}, {Name: "GPUS", Type: "integer", Path: ".spec.gpu.count"}, count("min"), count("max"), wide(spec("id")), wide(spec("management")),
			},
			Defaults: defaults,
			Rules: slices.Concat(identity(), []Rule{fixed("cluster"), fixed("name"), fixed("gpu.kind"), fixed("gpu.count"),
				{Expression: "has(self.gpu) == has(oldSelf.gpu)", Message: "nodes neither get GPUs nor lose them: the cloud would make the pool anew"},
				{Expression: "has(self.gpu) != has(self.size)", Message: "nodes have a size, or GPUs"},
				{Expression: "self.min <= self.max", Message: "min is not more than max"},
			}, gpus()),
		},
		peering(defaults),
	}
}

// peering is the way from a hub into the network of an environment.
func peering(defaults map[string]any) Kind {
	return Kind{
		Name: "Peering", Plural: "peerings",
		Columns: []Column{
			spec("cloud"), spec("region"), spec("cidr"), {Name: "HUB", Type: "string", Path: ".spec.hub.cidr"}, {Name: "HUB-NETWORK", Type: "string", Path: ".spec.hub.network", Wide: true},
			wide(spec("id")), wide(spec("management")),
		},
		Defaults: defaults,
		Rules: slices.Concat(identity(), []Rule{fixed("cidr"), fixed("hub.network"), fixed("hub.group"), fixed("hub.region"), fixed("hub.cidr"), fixed("hub.routeTable"),
			{Expression: "self.cloud != 'gcp'", Message: "a peering does not reach the control plane of a cluster on gcp"},
			{Expression: "self.cloud != 'aws' || has(self.hub.routeTable)", Message: "a peering on aws says the route table of the hub"},
			{Expression: "self.cloud != 'azure' || has(self.hub.group)", Message: "a peering on azure says the resource group of the hub"},
		}),
	}
}

func spec(field string) Column {
	name := field[strings.LastIndex(field, ".")+1:]
	return Column{Name: strings.ToUpper(name), Type: "string", Path: ".spec." + field}
}

func count(field string) Column {
	column := spec(field)
	column.Type = "integer"
	return column
}

func wide(column Column) Column {
	column.Wide = true
	return column
}

// identity are the fields that say what a claim is: with another value the cloud would make it anew.
func identity() []Rule {
	return []Rule{fixed("id"), fixed("cloud"), fixed("region"), settled("account", "the cloud would make it anew")}
}

func fixed(field string) Rule {
	name := field[strings.LastIndex(field, ".")+1:]
	return Rule{Field: field, Expression: "self == oldSelf", Message: name + " never changes: the cloud would make it anew"}
}

// adoption keeps a claim from taking hold of something else than it was made with.
func adoption() Rule { return settled("externalName", "a claim does not take hold of something else") }

// settled is for a field that may be left out, and then is left out for ever.
func settled(field, why string) Rule {
	return Rule{Expression: strings.ReplaceAll("has(self.F) == has(oldSelf.F) && (!has(self.F) || self.F == oldSelf.F)", "F", field),
		Message: field + " never changes: " + why}
}

// managed is about a field of what Crossplane manages: what it only looks at may be as it is, and is described as it is when
// it is managed for the first time.
func managed(field, expression, message string) Rule {
	return Rule{Expression: "self.management == 'Observe' || oldSelf.management == 'Observe' || " + expression, Message: message, OfManaged: field}
}

// ofNew is a rule for what is made, or changed in what the rule is about: stands says that this is as it was.
func ofNew(stands, expression, message string) Rule {
	return Rule{Expression: stands + " || " + expression, Message: message, OfNew: true}
}

// there says of what never changes that it stands; asItWas of anything else.
const there = "oldSelf.hasValue()"

func asItWas(expression string) string { return there + " && " + expression }

// minor is the number behind the point of a Kubernetes version, which the definition holds to "1." and two digits.
func minor(of string) string { return "int(" + of + ".version.substring(2))" }

// notBelow compares two versions of an engine: its first number, and the second where both have one.
func notBelow(new, old string) string {
	number := func(version string, i int) string { return fmt.Sprintf("int(%s.split('.')[%d])", version, i) }
	return fmt.Sprintf("(%s > %s || %[1]s == %[2]s && (%[3]s.split('.').size() < 2 || %[4]s.split('.').size() < 2 || %[5]s >= %[6]s))",
		number(new, 0), number(old, 0), new, old, number(new, 1), number(old, 1))
}

// gpus are the GPUs that clouds have for nodes, and how many a node can have. Each is compared by itself: texts that are put
// together would cost more than an API server lets a rule cost.
func gpus() []Rule {
	var rules []Rule
	for _, name := range clouds() {
		var known []string
		for _, kind := range cloud.GPUKinds(name) {
			gpu, _ := cloud.GPUOf(name, kind)
			var numbers []string
			for _, number := range gpu.Numbers() {
				numbers = append(numbers, strconv.FormatInt(number, 10))
			}
			known = append(known, fmt.Sprintf("self.gpu.kind == '%s' && self.gpu.count in [%s]", kind, strings.Join(numbers, ", ")))
		}
		rules = append(rules, ofNew(there, fmt.Sprintf("self.cloud != '%s' || !has(self.gpu) || %s", name, strings.Join(known, " || ")),
			fmt.Sprintf("%s has no machine with so many of these GPUs", name)))
	}
	return rules
}

// disks are the sizes of disks that clouds take; what exists already is as it is.
func disks() []Rule {
	var rules []Rule
	for _, name := range clouds() {
		for _, engine := range []string{"mysql", "postgres"} {
			least, most := cloud.Disk(name, engine)
			rules = append(rules, ofNew(asItWas("oldSelf.value().storageGB == self.storageGB"),
				fmt.Sprintf("self.cloud != '%s' || self.engine != '%s' || has(self.externalName) || (self.storageGB >= %d && self.storageGB <= %d)", name, engine, least, most),
				fmt.Sprintf("a disk of %s on %s has %d to %d GB", engine, name, least, most)))
		}
	}
	return rules
}

// namedVersions are the versions that compositions know by name alone.
func namedVersions() []Rule {
	var rules []Rule
	for _, name := range []string{"azure", "gcp"} {
		numbers := cloud.Offered(name, "mysql").Numbers()
		rules = append(rules, ofNew(asItWas("oldSelf.value().version == self.version"),
			fmt.Sprintf("self.cloud != '%s' || self.engine != 'mysql' || has(self.externalName) || self.version in ['%s']", name, strings.Join(numbers, "', '")),
			fmt.Sprintf("%s has MySQL %s", name, strings.Join(numbers, " and "))))
	}
	return rules
}

// threeZones: a network on AWS has subnets in three zones.
func threeZones() Rule {
	var few []string
	for _, region := range cloud.Regions()["aws"] {
		if cloud.Zones("aws", region) < 3 {
			few = append(few, region)
		}
	}
	return ofNew(there, fmt.Sprintf("self.cloud != 'aws' || !(self.region in ['%s'])", strings.Join(few, "', '")),
		"a network on aws has subnets in three zones, which "+strings.Join(few, " and ")+" does not have")
}

// roomForAnything are the smallest ranges of networks.
func roomForAnything() []Rule {
	var rules []Rule
	for _, name := range clouds() {
		smallest := cloud.Smallest(name, 1)
		rules = append(rules, ofNew(there, fmt.Sprintf("self.cloud != '%s' || %s <= %d", name, bits("self.cidr"), smallest),
			fmt.Sprintf("the range of a network on %s has up to %d bits", name, smallest)))
	}
	return rules
}

// roomForNodes are the most nodes that a range has room for; an adopted cluster has a network of its own.
func roomForNodes() []Rule {
	var rules []Rule
	for _, name := range clouds() {
		var alternatives []string
		for size := largestNetwork; size <= smallestNetwork; size++ {
			if nodes, _, limited := cloud.Nodes(name, size); limited && nodes < mostNodes {
				alternatives = append(alternatives, strconv.Itoa(size)+": "+strconv.FormatInt(max(nodes, 0), 10))
			}
		}
		if len(alternatives) > 0 {
			rules = append(rules, ofNew(asItWas("oldSelf.value().nodes.max >= self.nodes.max"),
				fmt.Sprintf("self.cloud != '%s' || has(self.externalName) || !(%s in {%[3]s}) || self.nodes.max <= {%[3]s}[%[2]s]", name, bits("self.network.cidr"), strings.Join(alternatives, ", ")),
				"the network has no room for so many nodes"))
		}
	}
	return rules
}

// mostNodes are the most that a claim may ask for; largestNetwork and smallestNetwork the sizes of networks, in bits.
const mostNodes, largestNetwork, smallestNetwork = 1000, 16, 24

// bits is the size of a range, which is the number behind its slash.
func bits(cidr string) string { return "int(" + cidr + ".split('/')[1])" }

func clouds() []string { return []string{"aws", "azure", "gcp"} }
