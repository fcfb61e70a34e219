package schema

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"spokewright.dev/spokewright/constraint"
	"spokewright.dev/spokewright/manifest"
)

// Violation is a rule that an object breaks.
type Violation struct {
	Rule     Rule
	Object   manifest.ID
	Field    string
	Found    string
	Required string
}

// Message says what was found, what the rule requires and where the rule is written.
func (v Violation) Message() string {
	return fmt.Sprintf("%s, rule %q requires %s: %s (%s)", v.Found, v.Rule.Name, v.Required, v.Rule.Message, v.Rule.Position)
}

// Judge finds the rules of the environment's class that an object breaks; none where no rule judges its kind.
func (e Environment) Judge(object manifest.Object) []Violation {
	id := manifest.Identify(object)
	var violations []Violation
	for _, name := range slices.Sorted(maps.Keys(e.Class.Rules)) {
		rule := e.Class.Rules[name]
		require, judged := e.requirement(rule, id)
		if !judged {
			continue
		}
		for _, v := range require.Judge(map[string]any(object)) {
			violation := Violation{Rule: rule, Object: id, Field: strings.Join(v.Path, "."), Found: found(v.Found), Required: v.Want.String()}
			if v.Reason == constraint.Missing {
				violation.Found = "missing"
			}
			violations = append(violations, violation)
		}
	}
	return violations
}

// requirement is what a rule asks of an object of this identity, if it judges its kind at all.
func (e Environment) requirement(rule Rule, id manifest.ID) (*constraint.Constraint, bool) {
	for _, kind := range rule.Kinds {
		resource, _ := e.Fleet.Resource(kind)
		if resource.Claim {
			claim := e.Fleet.Claims.Database
			if kind == "Cluster" {
				claim = e.Fleet.Claims.Cluster
			}
			if claim.Kind == id.Kind && claim.APIVersion == id.APIVersion {
				return claim.Require(rule.Require), true
			}
			continue
		}
		if kind == id.Kind && resource.Group == id.Group() {
			return rule.Require, true
		}
	}
	return nil, false
}
