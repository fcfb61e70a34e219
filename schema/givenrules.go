package schema

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"cuelang.org/go/cue/cuecontext"

	"spokewright.dev/spokewright/constraint"
)

// given are the rules that follow from the other fields of a class and of the fleet. A class that has a rule of the same
// name keeps its own.
func (c *fleetChecker) given(class Class) []Rule {
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

// givenRules reads the embedded rules that follow from fields, by field and name.
func givenRules(from *node) (map[string][]Rule, error) {
	rules := map[string][]Rule{}
	for field, named := range from.fields {
		for _, name := range slices.Sorted(maps.Keys(named.fields)) {
			var rule Rule
			source := named.fields[name]
			if err := decode(source, &rule); err != nil {
				return nil, err
			}
			require, problems := requirement(source.at("require"), []string{field, name})
			if err := problems.orNil(); err != nil {
				return nil, err
			}
			rule.Name, rule.Require, rule.Action, rule.Position = name, require, "deny", source.at("require").position
			rules[field] = append(rules[field], rule)
		}
	}
	return rules, nil
}

// regionRule is the rule that follows from the regions of a class.
func (f *Fleet) regionRule(class Class) Rule {
	want := &constraint.Constraint{Kinds: constraint.String}
	for _, region := range class.Regions {
		want.Enum = append(want.Enum, region)
	}
	return Rule{
		Name:     "known-regions",
		Kinds:    claimNames(),
		Message:  class.Name + " environments are in " + strings.Join(class.Regions, " or "),
		Action:   "deny",
		Require:  nested(want, "spec", "region"),
		Position: f.root.at("classes", class.Name, "regions").position,
	}
}

// nested is what a map must be that has a field, down a path.
func nested(want *constraint.Constraint, path ...string) *constraint.Constraint {
	for _, name := range slices.Backward(path) {
		want = &constraint.Constraint{Kinds: constraint.Map, Fields: []constraint.Field{{Name: name, Presence: constraint.Required, Value: want}}}
	}
	return want
}

// registryRule is the rule that follows from the fleet's list of registries.
func (f *Fleet) registryRule() Rule {
	quoted := make([]string, len(f.Registries))
	for i, registry := range f.Registries {
		quoted[i] = regexp.QuoteMeta(registry)
	}
	image := fmt.Sprintf("[...{image: =~%q}]", "^("+strings.Join(quoted, "|")+")/")
	value := cuecontext.New().CompileString("spec: {containers: " + image + ", initContainers?: " + image + ", ephemeralContainers?: " + image + "}")
	require, err := constraint.Parse(value)
	if err != nil {
		panic(fmt.Sprintf("the rule of registries does not compile: %v", err)) // a fault of this program
	}
	return Rule{
		Name:     "known-registries",
		Kinds:    []string{"Pod"},
		Message:  "images come from " + strings.Join(f.Registries, " or "),
		Action:   "deny",
		Require:  require,
		Position: f.root.at("registries").position,
	}
}
