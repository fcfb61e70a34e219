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
	moved := &constraint.Constraint{Pos: rule.Pos, Kinds: constraint.Map}
	for _, field := range rule.Fields {
		if field.Name == "spec" && field.Value != nil {
			k.move(moved, field, nil)
		} else {
			moved.Fields = append(moved.Fields, field)
		}
	}
	return moved
}

// move puts what a rule says of our fields below a path to where the kind has them. Fields in between are followed,
// so that only what is mapped as a whole is moved as a whole.
func (k ClaimKind) move(to *constraint.Constraint, field constraint.Field, path []string) {
	for _, inner := range field.Value.Fields {
		at := append(slices.Clip(path), inner.Name)
		if theirs, mapped := k.Fields[strings.Join(at, ".")]; mapped {
			nest(to, strings.Split(theirs, "."), inner)
		} else if inner.Value != nil {
			k.move(to, inner, at)
		}
	}
}

// nest adds a field at a path, making what leads there.
func nest(to *constraint.Constraint, path []string, field constraint.Field) {
	if len(path) == 1 {
		field.Name = path[0]
		to.Fields = append(to.Fields, field)
		return
	}
	for _, present := range to.Fields {
		if present.Name == path[0] {
			nest(present.Value, path[1:], field)
			return
		}
	}
	inner := &constraint.Constraint{Pos: to.Pos, Kinds: constraint.Map}
	to.Fields = append(to.Fields, constraint.Field{Name: path[0], Presence: field.Presence, Value: inner})
	nest(inner, path[1:], field)
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
