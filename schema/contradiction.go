package schema

import (
	"fmt"
	"maps"
	"slices"

	"spokewright.dev/spokewright/internal/constraint"
	"spokewright.dev/spokewright/internal/finding"
)

// contradictions reports rules that no object can satisfy: those that ask of a claim what claims do not have, and two
// that ask for different things in one field. Rules that only tell are left alone.
func (c *fleetChecker) contradictions(class string, rules map[string]Rule) {
	names := slices.Sorted(maps.Keys(rules))
	for i, name := range names {
		rule := rules[name]
		if rule.Require == nil {
			continue
		}
		if c.againstClaims(class, rule) {
			continue
		}
		for _, other := range names[:i] {
			first := rules[other]
			if first.Require == nil || !first.meets(rule) {
				continue
			}
			if found, conflict := first.Require.ConflictWith(rule.Require); conflict {
				c.contradiction(class, first, rule, found)
				break
			}
		}
	}
}

// meets says whether two rules that refuse judge the same kind.
func (r Rule) meets(other Rule) bool {
	return r.Action == "deny" && other.Action == "deny" && slices.ContainsFunc(r.Kinds, func(kind string) bool { return slices.Contains(other.Kinds, kind) })
}

// contradiction is told at the rule that the user wrote; where both are his, at the later one.
func (c *fleetChecker) contradiction(class string, first, second Rule, found constraint.Conflict) {
	if !c.written(class, second.Name) {
		first, second = second, first
		found.One, found.Other = found.Other, found.One
	}
	message := fmt.Sprintf("%s is to be %s, and rule %q asks for %s (%s): no object can be both", finding.Tokens(found.Path...), asked(found.Other), first.Name, asked(found.One), first.Position)
	c.problems = append(c.problems, finding.Finding{Code: finding.RuleContradicts, Position: second.Position, Path: finding.Tokens("classes", class, "rules", second.Name, "require"), Message: message})
}

func asked(want *constraint.Constraint) string {
	if want == nil {
		return "missing"
	}
	return want.String()
}

// written says whether the user wrote a rule.
func (c *fleetChecker) written(class, rule string) bool {
	return c.user.Find("classes", class, "rules", rule, "require") != nil
}

// againstClaims reports what a rule asks of a claim that no claim can have.
func (c *fleetChecker) againstClaims(class string, rule Rule) bool {
	for _, kind := range rule.Kinds {
		spec := c.reader.claims[kind]
		if spec == nil {
			continue
		}
		claim := &constraint.Constraint{Kinds: constraint.Map, Fields: []constraint.Field{{Name: "spec", Presence: constraint.Required, Value: spec}}}
		found, conflict := rule.Require.ConflictWith(claim)
		if !conflict {
			continue
		}
		var message, suggestion string
		if found.Other == nil {
			last := found.Path[len(found.Path)-1]
			message = fmt.Sprintf("found %s, which no %s has", finding.Quote(last), kind)
			suggestion = finding.Suggest(last, fieldsAt(spec, found.Path[1:len(found.Path)-1]))
		} else {
			message = fmt.Sprintf("%s is to be %s, and of a %s it is %s: no object can be both", finding.Tokens(found.Path...), asked(found.One), kind, asked(found.Other))
		}
		at := rule.Position
		if found.One != nil && found.One.Pos.IsValid() && at.Line > 0 {
			at.Line, at.Column = found.One.Pos.Line(), found.One.Pos.Column()
		}
		c.problems = append(c.problems, finding.Finding{Code: finding.RuleContradicts, Position: at, Path: finding.Tokens(append([]string{"classes", class, "rules", rule.Name, "require"}, found.Path...)...), Message: message, Suggestion: suggestion})
		return true
	}
	return false
}

// fieldsAt are the names of the fields that a claim's spec has at a path.
func fieldsAt(spec *constraint.Constraint, path []string) []string {
	for _, name := range path {
		for _, field := range spec.Fields {
			if field.Name == name {
				spec = field.Value
				break
			}
		}
	}
	var names []string
	for _, field := range spec.Fields {
		names = append(names, field.Name)
	}
	return names
}
