package schema

import (
	"regexp"
	"strings"

	"spokewright.dev/spokewright/internal/claim"
	"spokewright.dev/spokewright/internal/constraint"
)

// impliedRules are the rules that follow from the other fields of a class and of the fleet. A class that has a rule of the same
// name keeps its own.
func (c *fleetChecker) impliedRules(class Class) []Rule {
	var rules []Rule
	switch class.PodSecurity {
	case "restricted":
		rules = append(rules, c.reader.given["baseline"]...)
		rules = append(rules, c.reader.given["restricted"]...)
	case "baseline":
		rules = append(rules, c.reader.given["baseline"]...)
	}
	if !class.LoadBalancers {
		rules = append(rules, c.reader.given["loadBalancers"]...)
	}
	if len(class.Regions) > 0 {
		rules = append(rules, c.fleet.regionRule(class))
	}
	if len(c.fleet.Registries) > 0 {
		rules = append(rules, c.fleet.registryRule())
	}
	return rules
}

// regionRule is the rule that follows from the regions of a class.
func (f *FleetConfig) regionRule(class Class) Rule {
	want := &constraint.Constraint{Kinds: constraint.String}
	for _, region := range class.Regions {
		want.Enum = append(want.Enum, region)
	}
	return Rule{
		Name:     "known-regions",
		Kinds:    claim.ClaimNames(),
		Message:  class.Name + " environments are in " + strings.Join(class.Regions, " or "),
		Action:   "deny",
		Require:  claim.Nested(want, "spec", "region"),
		Position: f.root.At("classes", class.Name, "regions").Position,
	}
}

// registryRule is the rule that follows from the fleet's list of registries.
func (f *FleetConfig) registryRule() Rule {
	quoted := make([]string, len(f.Registries))
	for i, registry := range f.Registries {
		quoted[i] = regexp.QuoteMeta(registry)
	}
	known := regexp.MustCompile("^(" + strings.Join(quoted, "|") + ")/")
	image := claim.Nested(&constraint.Constraint{Kinds: constraint.String, Match: []*regexp.Regexp{known}}, "image")
	containers := &constraint.Constraint{Kinds: constraint.List, Elements: image}
	require := claim.Nested(&constraint.Constraint{Kinds: constraint.Map, Fields: []constraint.Field{
		{Name: "containers", Presence: constraint.Required, Value: containers},
		{Name: "initContainers", Value: containers},
		{Name: "ephemeralContainers", Value: containers},
	}}, "spec")
	return Rule{
		Name:     "known-registries",
		Kinds:    []string{"Pod"},
		Message:  "images come from " + strings.Join(f.Registries, " or "),
		Action:   "deny",
		Require:  require,
		Position: f.root.At("registries").Position,
	}
}
