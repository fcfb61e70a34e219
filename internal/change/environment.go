package change

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/manifest"
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
		for i := range effects {
			effects[i].Remedy = c.removal(name, "class", "")
		}
		effects = append(effects, effect{Effect: Effect{Class: InPlace, Path: "class", Old: before.Class.Name, New: after.Class.Name, HasOld: true, HasNew: true, Position: after.Written("class")}})
	}
	if len(effects) > 0 {
		c.ofEnvironment(name, "class", effects)
	}
}

// otherClass says whether an environment has another class, and gives the specs on both sides.
func (c *comparison) otherClass(name string) (before, after schema.Environment, is bool) {
	before, had := c.before(name)
	after, has := c.head.environment(name)
	return before, after, had && has && before.Class.Name != after.Class.Name
}

// byClass finds out whether a field of a claim follows from another class: then that is where it is said, and the environment itself
// may say what the class said before.
func (c *comparison) byClass(p *pair, path []string, e *effect) {
	before, after, is := c.otherClass(p.head.environment)
	if !is || len(path) == 0 || saysItself(before, path) || saysItself(after, path) {
		return
	}
	e.class, e.Position = true, after.Written("class")
	if e.Class == Refused {
		e.Remedy = join(e.Remedy, "where the class alone shall change, say the old value in "+schema.SpecFile(p.head.environment))
	}
}

// saysItself says whether an environment's own file says a field, and not its class or a default. Its class it says always.
func saysItself(e schema.Environment, path []string) bool {
	return path[0] != "class" && e.Written(path...).File == schema.SpecFile(e.Name)
}

// followsClass says whether an effect is what another class brings, and nothing that the environment says itself: protections, rules,
// defaults, and the addons that the class has.
func (c *comparison) followsClass(f *found, e effect) bool {
	before, after, is := c.otherClass(f.Environment)
	if !is || f.Application != "" {
		return false
	}
	addon, isAddon := strings.CutPrefix(f.sides()[0].part, "addons/")
	switch {
	case e.class, f.Subject == "class":
		return e.Class == Weaken
	case e.Class == Loosen:
		return strings.HasPrefix(f.Subject, "rules/")
	case e.Class == Weaken:
		return len(e.also) > 0 || strings.HasPrefix(f.Subject, "rules/")
	case e.Class == Delete && isAddon:
		return !saysItself(before, []string{"addons", addon}) && !saysItself(after, []string{"addons", addon, "enabled"})
	}
	return false
}

// ofEnvironment tells what becomes of an environment itself, before its objects.
func (c *comparison) ofEnvironment(name, subject string, effects []effect) {
	position, _ := slices.BinarySearch(c.names, name)
	c.found = append(c.found, &found{c: c, effects: effects, before: &placed{key: key{environment: name, kind: "Environment", name: name}, standing: standsAs(subject)}, order: []int{position, 0, -2, strings.Compare(subject, "class"), len(c.found)},
		Change: Change{Environment: name, Plane: schema.Hub, Object: finding.Object{Kind: "Environment", Name: name}, Action: Changed, Subject: subject}})
}

// takesOver says whether an environment is the second step of another name: the one that had it was released, and nothing is made anew.
func (c *comparison) takesOver(from, to string) bool {
	before, had := c.base.environment(from)
	after, has := c.head.environment(to)
	return had && has && before.Retiring == schema.Release && before.ID == after.ID && len(after.Unrecorded()) == 0
}

// now is what an environment of the base is called in the head.
func (c *comparison) now(name string) string {
	for to, from := range c.was {
		if from == name {
			return to
		}
	}
	return name
}

// staysAfterAll says whether an object of the base is of an environment that is not being taken down any more, or that another takes
// over.
func (c *comparison) staysAfterAll(p *placed) bool {
	before, had := c.base.environment(environmentOf(p))
	after, has := c.head.environment(c.now(environmentOf(p)))
	went := had && before.Retiring != "" || c.base.Fleet == nil && c.base.leaves(environmentOf(p))
	return went && has && after.Retiring == ""
}

// keepsClass says whether an object's label names the class that it did, where the base's specs do not tell.
func (c *comparison) keepsClass(p *pair) bool {
	class := func(o manifest.Object) string {
		return manifest.TextAt(o, "metadata", "labels", "spokewright.dev/class")
	}
	return c.base.Fleet == nil && class(p.base.Object.Object) == class(p.head.Object.Object)
}

// environmentOf is the environment that an object is of, or that a hub has it for.
func environmentOf(p *placed) string {
	if of, is := strings.CutPrefix(p.part, "environments/"); is {
		return of
	}
	return p.environment
}

// handedOver is the effect of the Application of an environment's plane that goes from a hub, where the environment is on another
// one in the head. Both hubs apply the same file of golden/: the old one has to have let go before that says what is to stay.
func (c *comparison) handedOver(p *placed, environment string, e effect) (effect, bool) {
	after, there := c.head.environment(environment)
	if !there || after.Hub == p.environment || !c.head.has(p.environment) {
		return e, false
	}
	e.Position = after.Written("hub")
	hub, file := strconv.Quote(p.environment), schema.SpecFile(environment)
	switch listed := p.Set != ""; {
	case listed:
		e.Reason = fmt.Sprintf("hub %s keeps what its list made, so that two hubs work at the same objects", hub)
		e.Remedy = fmt.Sprintf(`write hub: %s and retiring: "release" in %s first, and merge that`, hub, file)
	case after.Retiring != schema.Release:
		e.Reason = fmt.Sprintf("hub %s deletes all of it, and by the same file learns that it is not released any more: what it has in the cloud may go", hub)
		e.Remedy = fmt.Sprintf(`keep retiring: "release" in %s until %s is gone from hub %s`, file, p.id.Name, hub)
	default:
		e.Class, e.Reason, e.Remedy = InPlace, fmt.Sprintf("hub %s lets go of what it has, and hub %q finds it released", hub, after.Hub), ""
	}
	return e, true
}
