package change

import (
	"maps"
	"slices"
	"strings"

	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/schema"
)

// lessProtected says whether a field of an environment's class protects it less than before, or may: where the base's specs
// are not known, it is not to be told.
func (c *comparison) lessProtected(environment, field string) bool {
	before, had := c.before(environment)
	after, has := c.head.environment(environment)
	switch {
	case !had && c.base.Fleet == nil:
		return true
	case !had || !has:
		return false
	}
	switch field {
	case "protected":
		return before.Class.Protected && !after.Class.Protected
	case "immutableImages":
		return before.Class.ImmutableImages && !after.Class.ImmutableImages
	case "podSecurity":
		return lower(before.Class.PodSecurity, after.Class.PodSecurity)
	}
	return false
}

// classes are what becomes of environments themselves: their class, and rules that no object of theirs shows.
func (c *comparison) classes() {
	for _, name := range c.names {
		before, had := c.before(name)
		after, has := c.head.environment(name)
		if !had || !has {
			continue
		}
		c.class(name, before, after)
		for _, rule := range slices.Sorted(maps.Keys(c.rules[name])) {
			if change := c.rules[name][rule]; change.effect != nil && !change.told {
				e := effect{Effect: *change.effect}
				e.Remedy = c.removal(name, "rules/"+rule, "")
				c.ofEnvironment(name, "rules/"+rule, []effect{e})
			}
		}
	}
}

// class is what becomes of the class of an environment.
func (c *comparison) class(name string, before, after schema.Environment) {
	var effects []effect
	values := map[string][2]any{
		"immutableImages": {before.Class.ImmutableImages, after.Class.ImmutableImages},
		"podSecurity":     {before.Class.PodSecurity, after.Class.PodSecurity},
		"protected":       {before.Class.Protected, after.Class.Protected},
	}
	reasons := map[string]string{
		"immutableImages": "images may follow tags that move", "podSecurity": "Pods may do more", "protected": "what is made for it can be deleted by accident",
	}
	for _, field := range slices.Sorted(maps.Keys(values)) {
		if c.lessProtected(name, field) {
			effects = append(effects, effect{field: finding.Keys(field), Effect: Effect{Class: Weaken, Path: finding.Keys("class", field), Old: values[field][0], New: values[field][1], HasOld: true, HasNew: true,
				Reason: reasons[field], Position: after.Written("class"), Remedy: c.removal(name, "class", finding.Keys(field))}})
		}
	}
	if before.Class.Name != after.Class.Name {
		effects = append(effects, effect{Effect: Effect{Class: InPlace, Path: "class", Old: before.Class.Name, New: after.Class.Name, HasOld: true, HasNew: true, Position: after.Written("class")}})
	}
	if len(effects) > 0 {
		c.ofEnvironment(name, "class", effects)
	}
}

// ofEnvironment tells what becomes of an environment itself, before its objects.
func (c *comparison) ofEnvironment(name, subject string, effects []effect) {
	position, _ := slices.BinarySearch(c.names, name)
	c.found = append(c.found, &found{c: c, effects: effects, before: &placed{key: key{environment: name, kind: "Environment", name: name}, standing: standsAs(subject)}, order: []int{position, 0, -2, strings.Compare(subject, "class"), len(c.found)},
		Change: Change{Environment: name, Plane: schema.Hub, Object: finding.Object{Kind: "Environment", Name: name}, Action: Changed, Subject: subject}})
}
