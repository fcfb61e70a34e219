package schema

import (
	"fmt"
	"maps"
	"slices"
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
	if claims.Cluster.Kind == "" {
		claims.Cluster = ClaimKind{APIVersion: claimGroup + "/v1alpha1", Kind: "Cluster", Plural: "clusters", Composite: "XCluster"}
	}
	if claims.Database.Kind == "" {
		claims.Database = ClaimKind{APIVersion: claimGroup + "/v1alpha1", Kind: "Database", Plural: "databases", Composite: "XDatabase"}
	}
	return claims
}

// checkClaims reports a mapping to a fleet's own kind that would lose a field or that names one which is not ours.
func (r *Reader) checkClaims(f *Fleet) Problems {
	var problems Problems
	for _, c := range []struct {
		field string
		kind  ClaimKind
		spec  *constraint.Constraint
	}{
		{"cluster", f.Claims.Cluster, r.claims["Cluster"]},
		{"database", f.Claims.Database, r.claims["Database"]},
	} {
		if c.kind.Fields == nil {
			continue
		}
		ours := leaves(c.spec, "")
		at := f.root.at("claims", c.field)
		report := func(n *node, field, message string) {
			problems = append(problems, Problem{n.position, "claims." + c.field + field, message})
		}
		for _, name := range slices.Sorted(maps.Keys(c.kind.Fields)) {
			if !slices.Contains(ours, name) {
				report(at.at("fields", name), ".fields", fmt.Sprintf("found %q, allowed is %s%s", name, oneOf(ours), DidYouMean(name, ours)))
			}
		}
		if lost := slices.DeleteFunc(slices.Clone(ours), func(name string) bool {
			_, mapped := c.kind.Fields[name]
			return mapped || slices.Contains(c.kind.Without, name)
		}); len(lost) > 0 {
			report(at.at("fields"), ".fields", "no place for "+strings.Join(lost, ", ")+": map each, or list it in without")
		}
		if f.Targets.Crossplane.API == "claims" && f.Targets.Crossplane.Before("2.0") && c.kind.Composite == "" {
			report(at, "", "missing: composite, the kind behind the claim, which deletion protection names")
		}
	}
	return problems
}

// leaves are the paths of a claim's plain fields, such as "nodes.min", sorted.
func leaves(c *constraint.Constraint, prefix string) []string {
	var paths []string
	for _, field := range c.Fields {
		if len(field.Constraint.Fields) > 0 {
			paths = append(paths, leaves(field.Constraint, prefix+field.Name+".")...)
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
			put(object, strings.Split(k.Fields[name], "."), value)
		}
	}
	return object["spec"].(map[string]any)
}

// Require is a rule on Spokewright's own kind said for this kind: each field at its place.
func (k ClaimKind) Require(rule *constraint.Constraint) *constraint.Constraint {
	if k.Fields == nil {
		return rule
	}
	places := make(map[string][]string, len(k.Fields))
	for ours, theirs := range k.Fields {
		places["spec."+ours] = strings.Split(theirs, ".")
	}
	return rule.Moved(places)
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
