package schema

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"cuelang.org/go/cue/cuecontext"
	"spokewright.dev/spokewright/internal/claim"
	"spokewright.dev/spokewright/internal/constraint"
	"spokewright.dev/spokewright/internal/constraint/cueparse"
	"spokewright.dev/spokewright/internal/cuefile"
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

// parseImpliedRules reads the embedded rules that follow from fields, by field and name.
func parseImpliedRules(from *cuefile.Node) (map[string][]Rule, error) {
	rules := map[string][]Rule{}
	for field, named := range from.Fields {
		for _, name := range slices.Sorted(maps.Keys(named.Fields)) {
			var rule Rule
			source := named.Fields[name]
			if err := decode(source, &rule); err != nil {
				return nil, err
			}
			require, problems := requirement(source.At("require"), []string{field, name})
			if err := problems.OrNil(); err != nil {
				return nil, err
			}
			rule.Name, rule.Require, rule.Action, rule.Position = name, require, "deny", source.At("require").Position
			rules[field] = append(rules[field], rule)
		}
	}
	return rules, nil
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
	image := fmt.Sprintf("[...{image: =~%q}]", "^("+strings.Join(quoted, "|")+")/")
	value := cuecontext.New().CompileString("spec: {containers: " + image + ", initContainers?: " + image + ", ephemeralContainers?: " + image + "}")
	require, err := cueparse.Parse(value)
	if err != nil {
		panic(fmt.Sprintf("the rule of registries does not compile: %v", err)) // a fault of this program
	}
	return Rule{
		Name:     "known-registries",
		Kinds:    []string{"Pod"},
		Message:  "images come from " + strings.Join(f.Registries, " or "),
		Action:   "deny",
		Require:  require,
		Position: f.root.At("registries").Position,
	}
}
