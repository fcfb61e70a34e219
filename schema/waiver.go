package schema

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"spokewright.dev/spokewright/internal/constraint"
	"spokewright.dev/spokewright/internal/finding"
)

// Waiver is a rule of the class that does not hold for a while.
type Waiver struct {
	Name      string `json:"-"`
	Rule      string `json:"rule"`
	Object    string `json:"name"`      // the object it does not hold for; empty for all
	Namespace string `json:"namespace"` // likewise
	Until     string `json:"until"`     // the last day, as 2006-01-02
	Reason    string `json:"reason"`

	// Position is where the last day is written.
	Position finding.Position `json:"-"`
}

// Ends is the first moment at which the rule holds again, in UTC.
func (w Waiver) Ends() time.Time { return dayAfter(w.Until) }

// WaiversOver reports the waivers whose last day is over at a time: each is to be taken out, and what it covered mended.
func (e Environment) WaiversOver(now time.Time) finding.Findings {
	var problems finding.Findings
	for _, name := range slices.Sorted(maps.Keys(e.Waivers)) {
		if w := e.Waivers[name]; !now.Before(w.Ends()) {
			problems = append(problems, finding.Finding{Code: finding.WaiverOver, Position: w.Position, Path: finding.Tokens("waivers", name, "until"), Message: fmt.Sprintf(
				"found %q, which is over: rule %q holds again, take the waiver out or give it a new day", w.Until, w.Rule)})
		}
	}
	return problems
}

// waivers reports waivers of rules that the class does not have, and days that no calendar has.
func (c *checker) waivers(e *Environment) {
	rules := sortedRules(e.Class.Rules)
	for _, name := range slices.Sorted(maps.Keys(e.Waivers)) {
		if !c.known("waivers", name) {
			continue
		}
		w := e.Waivers[name]
		if _, known := e.Class.Rules[w.Rule]; !known && e.Class.Name != "" {
			c.add(unknownName(w.Rule, rules, "rule of class "+e.Class.Name), "waivers", name, "rule")
		}
		if _, err := time.Parse(time.DateOnly, w.Until); err != nil {
			c.report(finding.WrongValue, noDay(w.Until), "waivers", name, "until")
		}
		w.Name, w.Position = name, e.root.At("waivers", name, "until").Position
		e.Waivers[name] = w
	}
}

func noDay(until string) string {
	return fmt.Sprintf(`found %q, which is no day, allowed is one such as "2027-01-31"`, until)
}

func sortedRules(rules map[string]Rule) []string { return slices.Sorted(maps.Keys(rules)) }

// loosening reports a user's rule that overrides a built-in rule of the same name, asks for less, and has no waiver that says
// why and until when.
func (c *fleetChecker) loosening(class Class, rule Rule) {
	path := []string{"classes", class.Name, "rules", rule.Name}
	if c.user.Find(path...) == nil {
		return
	}
	shipped, known := c.builtinRule(class, rule.Name)
	switch {
	case !known && rule.Waiver != nil:
		c.report(finding.RuleLoosened, "found a waiver, and Spokewright brings no rule of this name", append(path, "waiver")...)
		return
	case !known, rule.Waiver != nil, rule.Require == nil:
		return
	}
	const advice = `: ask for as much, or say until when and why it may be so, as in waiver: {until: "2027-01-31", reason: "..."}`
	kinds := slices.DeleteFunc(slices.Clone(shipped.Kinds), func(kind string) bool { return c.cannotKeep(kind, shipped) })
	if len(kinds) == 0 {
		return
	}
	for _, kind := range kinds {
		if !slices.Contains(rule.Kinds, kind) {
			c.report(finding.RuleLoosened, "found no "+kind+", which Spokewright's own rule of this name judges"+advice, append(path, "kinds")...)
			return
		}
	}
	if rule.Action != "deny" {
		c.report(finding.RuleLoosened, "found "+finding.Quote(rule.Action)+", where Spokewright's own rule of this name denies"+advice, append(path, "action")...)
		return
	}
	if weak, found := rule.Require.FirstWeaker(shipped.Require); found {
		at := rule.Position
		if weak.One != nil && weak.One.Pos.IsValid() && at.Line > 0 {
			at.Line, at.Column = weak.One.Pos.Line(), weak.One.Pos.Column()
		}
		c.problems = append(c.problems, finding.Finding{Code: finding.RuleLoosened, Position: at, Path: finding.Tokens(append(append(path, "require"), weak.Path...)...), Message: fmt.Sprintf(
			"found %s, which may be less than %s, as Spokewright's own rule of this name asks for%s", said(weak.One), said(weak.Other), advice)})
	}
}

// cannotKeep says whether a rule asks of a claim what the fleet's own kind has no place for.
func (c *fleetChecker) cannotKeep(kind string, rule Rule) bool {
	claim, _ := c.fleet.Claims.Of(kind)
	return slices.ContainsFunc(claim.Without, func(field string) bool {
		return rule.Require.Mentions(append([]string{"spec"}, strings.Split(field, ".")...)...)
	})
}

func said(want *constraint.Constraint) string {
	if want == nil {
		return "nothing"
	}
	return want.String()
}

// builtinRule is the rule of a name that Spokewright brings. Those that follow from a list of the user's are his own.
func (c *fleetChecker) builtinRule(class Class, name string) (Rule, bool) {
	for _, rule := range c.impliedRules(class) {
		if rule.Name == name && rule.Position.File == ownDefaults {
			return rule, true
		}
	}
	path := []string{"classes", c.origin(class), "rules", name}
	source := c.reader.defaults.Find(path...)
	if source == nil {
		return Rule{}, false
	}
	var rule Rule
	if err := decode(source, &rule); err != nil {
		return Rule{}, false // it was read when the program started
	}
	var problems finding.Findings
	rule.Require, problems = requirement(source.At("require"), path)
	return rule, len(problems) == 0
}

// origin is the class of Spokewright's own that a class is, or begins with.
func (c *fleetChecker) origin(class Class) string {
	name := class.Name
	for range c.fleet.Classes { // no longer: a class that begins with itself was told
		if c.reader.defaults.Find("classes", name) != nil || c.fleet.Classes[name].From == "" {
			break
		}
		name = c.fleet.Classes[name].From
	}
	return name
}

// ends sets where and until when a rule may ask for less.
func (c *fleetChecker) ends(class string, rule *Rule) {
	if rule.Waiver == nil {
		return
	}
	path := []string{"classes", class, "rules", rule.Name, "waiver"}
	rule.Waiver.Rule, rule.Waiver.Position = rule.Name, c.merged.At(append(path, "until")...).Position
	if _, err := time.Parse(time.DateOnly, rule.Waiver.Until); err != nil {
		c.report(finding.WrongValue, noDay(rule.Waiver.Until), append(path, "until")...)
	}
}

// Loosened are the rules of the environment's class that may ask for less than Spokewright's own: those whose day is
// over at a time, and those that still hold.
func (e Environment) Loosened(now time.Time) (over, held finding.Findings) {
	for _, name := range sortedRules(e.Class.Rules) {
		w := e.Class.Rules[name].Waiver
		if w == nil {
			continue
		}
		field := finding.Tokens("classes", e.Class.Name, "rules", name, "waiver", "until")
		if now.Before(w.Ends()) {
			held = append(held, finding.Finding{Severity: finding.Note, Code: finding.Waived, Position: w.Position, Path: field, Message: fmt.Sprintf("rule %q may ask for less than Spokewright's own until %s: %s", name, w.Until, w.Reason)})
		} else {
			over = append(over, finding.Finding{Code: finding.WaiverOver, Position: w.Position, Path: field, Message: fmt.Sprintf("found %q, which is over: let rule %q ask for as much as Spokewright's own, or give it a new day", w.Until, name)})
		}
	}
	return over, held
}

// Lifetime says how long an environment lives.
type Lifetime struct {
	Expires string `json:"expires"` // the last day, as 2006-01-02
}

// Expired says whether the last day of the environment is over at a time, in UTC.
func (e Environment) Expired(now time.Time) bool {
	return e.Lifetime != nil && !now.Before(dayAfter(e.Lifetime.Expires))
}

// dayAfter is the first moment after a day, which is known to be one.
func dayAfter(day string) time.Time {
	at, _ := time.Parse(time.DateOnly, day)
	return at.AddDate(0, 0, 1)
}

// lifetime reports an end of what people depend on, and a day that no calendar has.
func (c *checker) lifetime(e *Environment) {
	if e.Lifetime == nil || !c.known("lifetime") {
		return
	}
	if _, err := time.Parse(time.DateOnly, e.Lifetime.Expires); err != nil {
		c.report(finding.WrongValue, noDay(e.Lifetime.Expires), "lifetime", "expires")
	}
	if e.Class.Protected || e.Role == "hub" {
		what := "in class " + finding.Quote(e.Class.Name) + ", which is protected"
		if !e.Class.Protected {
			what = "for a hub, which runs others"
		}
		c.report(finding.Inconsistent, fmt.Sprintf("found a last day, allowed is none %s: its end is decided by people, when it comes", what), "lifetime")
	}
}
