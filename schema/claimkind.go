package schema

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"spokewright.dev/spokewright/constraint"
)

// The API group of the claims that Spokewright itself defines.
const claimGroup = "platform.spokewright.dev"

// Version is the version part of the kind's apiVersion.
func (k ClaimKind) Version() string {
	_, version, _ := strings.Cut(k.APIVersion, "/")
	return version
}

// completeClaims fills in Spokewright's own kinds where the fleet names none.
func completeClaims(f *Fleet) Claims {
	claims := f.Claims
	if claims.Cluster.Kind == "" && claims.Network.Kind == "" {
		claims.Network = ClaimKind{APIVersion: claimGroup + "/v1alpha1", Kind: "Network", Plural: "networks", Composite: "XNetwork"}
	}
	if claims.Cluster.Kind == "" {
		claims.Cluster = ClaimKind{APIVersion: claimGroup + "/v1alpha1", Kind: "Cluster", Plural: "clusters", Composite: "XCluster"}
	}
	if claims.Database.Kind == "" {
		claims.Database = ClaimKind{APIVersion: claimGroup + "/v1alpha1", Kind: "Database", Plural: "databases", Composite: "XDatabase"}
	}
	return claims
}

// Network is the kind of the environment's network, where it has one to ask for: an adopted cluster has its own.
func (e Environment) Network() (ClaimKind, bool) {
	kind := e.Fleet.Claims.Network
	return kind, kind.Kind != "" && e.Cluster != nil && e.Cluster.Adopt == nil
}

// Kinds are the kinds that claims have in the fleet.
func (c Claims) Kinds() []ClaimKind {
	var kinds []ClaimKind
	for _, name := range claimNames() {
		if kind, there := c.Of(name); there {
			kinds = append(kinds, kind)
		}
	}
	return kinds
}

// Of is the fleet's kind for what Spokewright calls a Cluster, a Database or a Network. A fleet whose clusters bring
// their networks along has no kind for these.
func (c Claims) Of(name string) (kind ClaimKind, there bool) {
	switch name {
	case "Cluster":
		kind = c.Cluster
	case "Database":
		kind = c.Database
	case "Network":
		kind = c.Network
	}
	return kind, kind.Kind != ""
}

// claims reports a mapping to a fleet's own kind that would lose a field or that names one which is not ours.
func (c *fleetChecker) claims() {
	for _, claim := range []struct {
		field string
		kind  ClaimKind
		spec  *constraint.Constraint
	}{
		{"cluster", c.fleet.Claims.Cluster, c.reader.claims["Cluster"]},
		{"database", c.fleet.Claims.Database, c.reader.claims["Database"]},
		{"network", c.fleet.Claims.Network, c.reader.claims["Network"]},
	} {
		if claim.kind.Fields != nil && c.whole("claims", claim.field) {
			c.claim([]string{"claims", claim.field}, claim.kind, leaves(claim.spec, ""))
			c.translations([]string{"claims", claim.field}, claim.kind, claim.spec)
		}
	}
}

// claim reports what is wrong with one mapping of our fields, which are plain paths such as "nodes.min".
func (c *fleetChecker) claim(path []string, kind ClaimKind, ours []string) {
	fields := append(slices.Clip(path), "fields")
	for _, name := range slices.Sorted(maps.Keys(kind.Fields)) {
		if !slices.Contains(ours, name) {
			at := c.user.at(append(slices.Clip(fields), name)...)
			c.problems = append(c.problems, Problem{at.label, dotted(fields...), unknownOurs(name, ours)})
		}
	}
	for i, name := range kind.Without {
		_, mapped := kind.Fields[name]
		switch {
		case !slices.Contains(ours, name):
			c.report(unknownOurs(name, ours), append(slices.Clip(path), "without", strconv.Itoa(i))...)
		case mapped:
			c.report(fmt.Sprintf("found %q, which fields maps: allowed is one of them", name), append(slices.Clip(path), "without", strconv.Itoa(i))...)
		}
	}
	if lost := slices.DeleteFunc(slices.Clone(ours), func(name string) bool {
		_, mapped := kind.Fields[name]
		return mapped || slices.Contains(kind.Without, name)
	}); len(lost) > 0 {
		c.report("found no place for "+strings.Join(lost, ", ")+": map each, or list it in without", fields...)
	}
	if c.fleet.Targets.Crossplane.API == "claims" && kind.Composite == "" {
		c.report("missing: allowed is the kind of the composite behind the claim, which deletion protection names", append(slices.Clip(path), "composite")...)
	}
}

func unknownOurs(name string, ours []string) string {
	return fmt.Sprintf("found %s, which is no field of ours%s (allowed are %s)", quoted(name), DidYouMean(name, ours), strings.Join(ours, ", "))
}

// leaves are the paths of a claim's plain fields, such as "nodes.min", sorted.
func leaves(c *constraint.Constraint, prefix string) []string {
	var paths []string
	for _, field := range c.Fields {
		if len(field.Value.Fields) > 0 {
			paths = append(paths, leaves(field.Value, prefix+field.Name+".")...)
		} else {
			paths = append(paths, prefix+field.Name)
		}
	}
	slices.Sort(paths)
	return paths
}

// Spec puts the fields of a claim where the kind has them: ours is the spec as Spokewright's own kind has it.
func (k ClaimKind) Spec(ours map[string]any) map[string]any {
	if k.Fields == nil {
		return ours
	}
	object := map[string]any{"spec": copied(k.Set)}
	for _, name := range slices.Sorted(maps.Keys(k.Fields)) {
		if value, ok := get(ours, strings.Split(name, ".")); ok {
			put(object, strings.Split(k.Fields[name], "."), k.theirs(name, value))
		}
	}
	return object["spec"].(map[string]any)
}

func copied(value map[string]any) map[string]any {
	fresh := make(map[string]any, len(value))
	for name, v := range value {
		if inner, ok := v.(map[string]any); ok {
			v = copied(inner)
		}
		fresh[name] = v
	}
	return fresh
}

func get(object map[string]any, path []string) (any, bool) {
	value, ok := object[path[0]]
	if !ok || len(path) == 1 {
		return value, ok
	}
	inner, ok := value.(map[string]any)
	if !ok {
		return nil, false
	}
	return get(inner, path[1:])
}

func put(object map[string]any, path []string, value any) {
	if len(path) == 1 {
		object[path[0]] = value
		return
	}
	inner, ok := object[path[0]].(map[string]any)
	if !ok {
		inner = map[string]any{}
		object[path[0]] = inner
	}
	put(inner, path[1:], value)
}
