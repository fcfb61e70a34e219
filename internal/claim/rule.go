package claim

import (
	"slices"
	"strings"

	"spokewright.dev/spokewright/internal/constraint"
)

// Require is a rule on Spokewright's own kind said for this kind: each field at its place.
func (k Kind) Require(rule *constraint.Constraint) *constraint.Constraint {
	if k.Fields == nil {
		return rule
	}
	moved := &constraint.Constraint{Pos: rule.Pos, Kinds: constraint.Map}
	k.conditions(moved, rule, nil)
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
func (k Kind) move(to *constraint.Constraint, field constraint.Field, path []string) {
	k.conditions(to, field.Value, append([]string{"spec"}, path...))
	for _, inner := range field.Value.Fields {
		at := append(slices.Clip(path), inner.Name)
		name := strings.Join(at, ".")
		if theirs, mapped := k.Fields[name]; mapped {
			inner.Value = k.related(k.translated(name, inner.Value), at)
			nest(to, strings.Split(theirs, "."), inner)
		} else if inner.Value != nil {
			k.move(to, inner, at)
		}
	}
}

// related has a number at a path of our spec compared with fields where the kind has them.
func (k Kind) related(c *constraint.Constraint, path []string) *constraint.Constraint {
	if c == nil || len(c.Relations) == 0 {
		return c
	}
	fresh := *c
	fresh.Relations = slices.Clone(c.Relations)
	here := append([]string{"spec"}, path...)
	for i, r := range fresh.Relations {
		fresh.Relations[i].Levels = len(strings.Split(k.Fields[strings.Join(path, ".")], "."))
		fresh.Relations[i].Path = k.place(append(slices.Clip(here[:len(here)-r.Levels]), r.Path...))
	}
	return &fresh
}

// conditions moves the conditions of what a rule says of our object at a path: they are asked of the whole object then.
func (k Kind) conditions(to, c *constraint.Constraint, path []string) {
	for _, conditional := range c.If {
		moved := constraint.Conditional{Then: k.Require(Nested(conditional.Then, path...))}
		for _, when := range conditional.When {
			moved.When = append(moved.When, when.Replace(func(asked constraint.Condition) constraint.Condition {
				return k.asked(asked, path)
			}))
		}
		to.If = append(to.If, moved)
	}
}

// asked is a question about a field of ours, seen from a path, as one about the whole object of the kind.
func (k Kind) asked(of constraint.Condition, path []string) constraint.Condition {
	ours := append(slices.Clip(path[:len(path)-of.Levels]), of.Path...)
	if len(ours) > 1 && ours[0] == "spec" && of.Test != nil {
		if name := strings.Join(ours[1:], "."); k.Values[name] != nil {
			of.Test, of.Kinds = k.translated(name, of.Test), constraint.Any
		}
	}
	of.Levels, of.Path = 0, k.place(ours)
	return of
}

// place is where the kind has a field of ours. One that it has no place for is nowhere: what asks for it fails.
func (k Kind) place(ours []string) []string {
	if ours[0] != "spec" {
		return ours
	}
	if theirs, mapped := k.Fields[strings.Join(ours[1:], ".")]; mapped {
		return strings.Split(theirs, ".")
	}
	return []string{"spec", "(no place for " + strings.Join(ours[1:], ".") + ")"}
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

// Nested is what a map must be that has a field, down a path.
func Nested(want *constraint.Constraint, path ...string) *constraint.Constraint {
	for _, name := range slices.Backward(path) {
		want = &constraint.Constraint{Kinds: constraint.Map, Fields: []constraint.Field{{Name: name, Presence: constraint.Required, Value: want}}}
	}
	return want
}
