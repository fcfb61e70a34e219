package change

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"spokewright.dev/spokewright/internal/claim"
	"spokewright.dev/spokewright/internal/constraint"
	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/manifest"
	"spokewright.dev/spokewright/schema"
)

// ruleChange is what becomes of a rule of an environment, by the specs.
type ruleChange struct {
	effect  *Effect // that it asks for less; nil where it does not
	changed bool    // it says something else than before
	told    bool    // by an object
}

// isPolicy says whether an object tells the API server what to refuse.
func isPolicy(id manifest.ID) bool {
	switch id.Group() {
	case "policies.kyverno.io", "kyverno.io":
		return id.Kind != "PolicyException"
	case "admissionregistration.k8s.io":
		return true
	}
	return false
}

// ruleOf is the rule that a policy was made of; the policy itself where it was made of none.
func ruleOf(p *placed) string {
	if title := manifest.TextAt(p.Object.Object, "metadata", "annotations", "policies.kyverno.io/title"); title != "" && !strings.ContainsAny(title, " /") {
		return title
	}
	return p.name
}

// ruleChanges compares the rules of each environment that both sides have.
func (c *comparison) ruleChanges() map[string]map[string]ruleChange {
	changes := map[string]map[string]ruleChange{}
	for _, name := range c.names {
		before, had := c.before(name)
		after, has := c.head.environment(name)
		if !had || !has {
			continue
		}
		changes[name] = map[string]ruleChange{}
		for _, rule := range slices.Sorted(maps.Keys(before.Class.Rules)) {
			changes[name][rule] = compareRule(before, after, rule)
		}
	}
	return changes
}

// compareRule says whether a rule of an environment asks for less.
func compareRule(before, after schema.Environment, name string) ruleChange {
	was := before.Class.Rules[name]
	is, stays := after.Class.Rules[name]
	less := func(path finding.Path, old, new any, reason string) ruleChange {
		e := &Effect{Class: Loosen, Path: path, Old: old, New: new, HasOld: old != nil, HasNew: new != nil, Reason: reason, Position: is.Position}
		return ruleChange{effect: e, changed: true}
	}
	if !stays {
		return less("", nil, nil, "class "+after.Class.Name+" has no such rule")
	}
	for _, kind := range was.Kinds {
		if !slices.Contains(is.Kinds, kind) {
			return less("kinds", listOf(was.Kinds), listOf(is.Kinds), "it does not judge kind "+kind+" any more")
		}
	}
	if strength := []string{"audit", "warn", "deny"}; slices.Index(strength, is.Action) < slices.Index(strength, was.Action) {
		return less("action", was.Action, is.Action, "it only tells, and refuses nothing")
	}
	if name == "known-registries" && subset(after.Fleet.Registries, before.Fleet.Registries) || is.Require.Implies(was.Require) {
		return ruleChange{changed: !was.Require.Implies(is.Require) || was.Action != is.Action || len(was.Kinds) != len(is.Kinds)}
	}
	weak, _ := is.Require.FirstWeaker(was.Require)
	path := finding.Keys("require").Join(finding.Tokens(weak.Path...))
	return less(path, said(weak.Other), said(weak.One), "it may ask for less")
}

// said is what a rule says, in words; nil where it says nothing.
func said(want *constraint.Constraint) any {
	if want == nil {
		return nil
	}
	return want.String()
}

// subset says whether all of some names are among others. No names at all are a rule that is not there.
func subset(some, all []string) bool {
	return len(some) > 0 && !slices.ContainsFunc(some, func(one string) bool { return !slices.Contains(all, one) })
}

func listOf(texts []string) []any {
	list := make([]any, len(texts))
	for i, text := range texts {
		list[i] = text
	}
	return list
}

// loosened are the effects of a change of a policy: whether it asks for less, by the specs where both can be read.
func (c *comparison) loosened(p *pair) []effect {
	var effects []effect
	rule := strings.TrimPrefix(p.head.subject, "rules/")
	bySpec, known := c.rules[p.head.environment][rule]
	for _, d := range c.plain(p) {
		e := d.inPlace()
		e.Class, e.Reason = c.policyField(p, d, bySpec, known)
		e.Unsure = e.Class == Loosen && !known && c.base.Fleet == nil && slices.Contains([]string{"validations", "matchConditions", "variables"}, d.steps[min(1, len(d.steps)-1)])
		effects = append(effects, e)
	}
	if known && bySpec.effect != nil {
		bySpec.told = true
		c.rules[p.head.environment][rule] = bySpec
		worst := slices.IndexFunc(effects, func(e effect) bool { return e.Class == Loosen })
		if worst < 0 && len(effects) > 0 {
			worst = slices.IndexFunc(effects, func(e effect) bool { return strings.HasPrefix(string(e.field), "spec.") })
		}
		if worst >= 0 {
			effects[worst].Class, effects[worst].Position = Loosen, bySpec.effect.Position
			effects[worst].Reason = bySpec.effect.Reason
		}
	}
	return effects
}

// policyField says whether one difference of a policy lets more pass.
func (c *comparison) policyField(p *pair, d difference, bySpec ruleChange, known bool) (Class, string) {
	if d.steps[0] != "spec" || len(d.steps) == 1 && d.hasOld && d.hasNew {
		return InPlace, ""
	}
	const maybe = "it may let more pass"
	switch field := d.steps[1]; {
	case field == "validationActions" || field == "validationFailureAction":
		if slices.Contains(texts(d.old), "Deny") && !slices.Contains(texts(d.new), "Deny") || d.old == "Enforce" && d.new != "Enforce" {
			return Loosen, "it only tells, and refuses nothing"
		}
		return InPlace, ""
	case field == "failurePolicy":
		if d.new == "Ignore" {
			return Loosen, "everything passes while Kyverno does not answer"
		}
		return InPlace, ""
	case field == "matchConstraints" || field == "matchImageReferences":
		return c.matched(p, d)
	case field == "matchConditions":
		return c.conditions(p, d, bySpec, known)
	case field == "validations" && len(d.steps) > 3 && (d.steps[3] == "message" || d.steps[3] == "messageExpression" || d.steps[3] == "reason"):
		return InPlace, ""
	case field == "auditAnnotations" || field == "webhookConfiguration" || field == "background":
		return InPlace, ""
	case d.hasNew && !d.hasOld && field == "validations":
		return InPlace, "" // it asks for more
	}
	return c.expression(p, d, bySpec, known, maybe)
}

// expression is about a term that changed: the specs say whether the rule did.
func (c *comparison) expression(p *pair, d difference, bySpec ruleChange, known bool, maybe string) (Class, string) {
	switch {
	case known && bySpec.effect != nil:
		return Loosen, bySpec.effect.Reason
	case c.explained(p, d.old, d.new):
		return InPlace, ""
	case known && bySpec.changed:
		return InPlace, "the rule asks for as much or more"
	case known:
		return Loosen, "the rule is the same and its policy is not: " + maybe
	}
	return Loosen, maybe
}

// matched compares what a policy is asked about: everything that it was must be there still.
func (c *comparison) matched(p *pair, d difference) (Class, string) {
	if len(d.steps) > 2 && d.steps[2] == "resourceRules" && c.unasked(p) {
		return InPlace, "nothing that it judged is there any more"
	}
	name := d.steps[len(d.steps)-1]
	excludes := slices.ContainsFunc(d.steps, func(step string) bool {
		return strings.HasPrefix(step, "exclude") || strings.HasSuffix(step, "Selector")
	})
	before, after := texts(d.old), texts(d.new)
	switch {
	case excludes:
		return Loosen, "it judges fewer objects"
	case !d.hasOld:
		return InPlace, "" // it judges more
	case !d.hasNew || before == nil && after == nil:
		return Loosen, "it judges fewer objects"
	case subset(before, after) || contains(after, "*") && name != "operations" || contains(after, "*"):
		return InPlace, ""
	}
	return Loosen, "it judges fewer objects"
}

// waiverCondition begins the name of a condition that a waiver became.
const waiverCondition = "waiver-"

// conditions are the terms under which a policy judges at all: one more is an exception.
func (c *comparison) conditions(p *pair, d difference, bySpec ruleChange, known bool) (Class, string) {
	if list, is := d.new.([]any); is && !d.hasOld { // the first ones
		worst, why := InPlace, ""
		for _, condition := range list {
			name, _ := manifest.Get(condition, "name")
			text, _ := name.(string)
			class, reason := c.conditions(p, difference{steps: []string{"spec", "matchConditions", text}, new: condition, hasNew: true}, bySpec, known)
			if worse(class, worst) {
				worst, why = class, reason
			}
		}
		return worst, why
	}
	name := ""
	if len(d.steps) > 2 {
		name = d.steps[2]
	}
	if waiver, is := strings.CutPrefix(name, waiverCondition); is {
		e, readable := c.head.environment(p.head.environment)
		_, there := e.Waivers[waiver]
		switch {
		case !d.hasNew:
			return InPlace, "the waiver is over, and the rule holds again"
		case there || !readable:
			return Waive, "the rule does not hold for it for a while"
		}
	}
	if !d.hasNew {
		return InPlace, "" // it judges more
	}
	return c.expression(p, d, bySpec, known, "it may judge fewer objects")
}

// textList is a list of names in an expression.
var textList = regexp.MustCompile(`\[\s*(?:(?:'[^']*'|"[^"]*")\s*,?\s*)*\]`)

// explained says whether two expressions differ in nothing but lists of names, and those in environments or namespaces of
// the platform that have come or gone.
func (c *comparison) explained(p *pair, old, new any) bool {
	before, is := old.(string)
	after, isToo := new.(string)
	if !is || !isToo || textList.ReplaceAllString(before, "[]") != textList.ReplaceAllString(after, "[]") {
		return false
	}
	mayCome, mayGo := c.explaining(p.head.environment)
	was, now := textList.FindAllString(before, -1), textList.FindAllString(after, -1)
	for i := range was {
		a, b := elements(was[i]), elements(now[i])
		unexplained := func(some, others []string, known map[string]bool) bool {
			return slices.ContainsFunc(some, func(name string) bool { return !slices.Contains(others, name) && !known[name] })
		}
		if unexplained(b, a, mayCome) || unexplained(a, b, mayGo) {
			return false
		}
	}
	return true
}

// explaining are the names by which lists in our policies differ when environments, addons or classes come and go. In each a
// name lets something pass, so that one may come with what it names alone, and go at any time.
func (c *comparison) explaining(environment string) (mayCome, mayGo map[string]bool) {
	mayCome, mayGo = map[string]bool{}, map[string]bool{}
	for _, name := range c.names {
		after, _ := c.head.environment(name)
		mayCome[name], mayGo[name] = !c.base.has(name) || after.Hub == environment, true // handed over, the second
	}
	for name, sides := range c.classNames() {
		mayCome[name], mayGo[name] = mayCome[name] || sides == 1, true
	}
	for _, s := range []side{c.base, c.head} {
		e, _ := s.environment(environment)
		for _, addon := range e.Addons {
			for _, name := range addon.Namespaces() {
				mayCome[name], mayGo[name] = true, true
			}
		}
	}
	return mayCome, mayGo
}

// classNames are the classes of both sides, each with the number of sides that have it.
func (c *comparison) classNames() map[string]int {
	sides := map[string]int{}
	for _, s := range []side{c.base, c.head} {
		if s.Fleet != nil && s.Fleet.Config != nil {
			for name := range s.Fleet.Config.Classes {
				sides[name]++
			}
		}
	}
	return sides
}

// elements are the names in the text of a list.
func elements(list string) []string {
	names := strings.FieldsFunc(strings.Trim(list, "[]"), func(r rune) bool { return r == ',' || r == ' ' || r == '\n' })
	for i, name := range names {
		names[i] = strings.Trim(name, `'"`)
	}
	return names
}

// keptElsewhere says whether all that a policy judged is judged by other policies of the same rule.
func (c *comparison) keptElsewhere(p *placed) bool {
	for _, asked := range questions(p.Object.Object) {
		if !slices.ContainsFunc(c.head.list, func(other *placed) bool {
			return other.environment == p.environment && other.plane == p.plane && other.kind == p.kind && other.subject == p.subject && slices.Contains(questions(other.Object.Object), asked)
		}) {
			return false
		}
	}
	return len(questions(p.Object.Object)) > 0
}

// unasked says whether all that a policy judges no more are kinds of claims of which its environment has none any more.
func (c *comparison) unasked(p *pair) bool {
	if c.head.Fleet == nil {
		return false
	}
	kept := questions(p.head.Object.Object)
	return !slices.ContainsFunc(questions(p.base.Object.Object), func(asked string) bool {
		resource, _, _ := strings.Cut(asked, " ")
		return !slices.Contains(kept, asked) && !c.without(p.head, resource)
	})
}

// without says whether there is no claim of a kind, GROUP/PLURAL, in the environment of a policy.
func (c *comparison) without(policy *placed, resource string) bool {
	kinds := c.head.Fleet.Config.Claims.Kinds()
	of := slices.IndexFunc(kinds, func(kind claim.Kind) bool { return kind.Group()+"/"+kind.Plural == resource })
	return of >= 0 && !slices.ContainsFunc(c.head.list, func(other *placed) bool {
		return other.environment == policy.environment && other.id.Kind == kinds[of].Kind && other.id.Group() == kinds[of].Group()
	})
}

// questions are what a policy is asked about: group, resource and operation.
func questions(policy manifest.Object) []string {
	var all []string
	for _, rule := range manifest.MapsAt(policy, "spec", "matchConstraints", "resourceRules") {
		for _, group := range texts(rule["apiGroups"]) {
			for _, resource := range texts(rule["resources"]) {
				for _, operation := range texts(rule["operations"]) {
					all = append(all, group+"/"+resource+" "+operation)
				}
			}
		}
	}
	return all
}
