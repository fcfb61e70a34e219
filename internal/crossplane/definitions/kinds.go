package definitions

import "strings"

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
type Rule struct{ Field, Expression, Message string }

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
			ConnectionKeys: []string{"clusterCA", "clusterName", "endpoint"},
			Defaults:       map[string]any{"deletion": "Orphan", "management": "Full", "private": true},
			Rules: append(identity(), adoption(), settled("argocd", "what lets it in was given to one alone"), fixed("network.cidr"),
				Rule{"nodes", "self.min <= self.max", "min is not more than max"}),
		},
		{
			Name: "Database", Plural: "databases",
			Columns: []Column{
				spec("engine"), spec("version"), spec("size"), count("storageGB"), wide(spec("id")), wide(spec("management")),
				wide(Column{Name: "ENDPOINT", Type: "string", Path: ".status.endpoint"}),
			},
			ConnectionKeys: []string{"endpoint", "password", "port", "username"},
			Defaults:       map[string]any{"deletion": "Orphan", "management": "Full", "encrypted": true, "public": false},
			Rules: append(identity(), adoption(), fixed("engine"),
				Rule{"storageGB", "self >= oldSelf", "the disk of a database never shrinks"},
				Rule{"encrypted", "self || !oldSelf", "encryption is not taken away: the cloud would make the database anew"}),
		},
		{
			Name: "Network", Plural: "networks",
			Columns:  []Column{spec("cloud"), spec("region"), spec("cidr"), wide(spec("id")), wide(spec("management"))},
			Defaults: defaults,
			Rules:    append(identity(), fixed("cidr"), fixed("subnets")),
		},
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
	return Rule{field, "self == oldSelf", name + " never changes: the cloud would make it anew"}
}

// adoption keeps a claim from taking hold of something else than it was made with.
func adoption() Rule { return settled("externalName", "a claim does not take hold of something else") }

// settled is for a field that may be left out, and then is left out for ever.
func settled(field, why string) Rule {
	return Rule{"", strings.ReplaceAll("has(self.F) == has(oldSelf.F) && (!has(self.F) || self.F == oldSelf.F)", "F", field), field + " never changes: " + why}
}
