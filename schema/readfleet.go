package schema

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"cuelang.org/go/cue"
	"cuelang.org/go/cue/cuecontext"

	"spokewright.dev/spokewright/constraint"
)

// Fleet reads the text of a fleet.cue. file is its name in messages. The error is Problems.
func (r *Reader) Fleet(file string, text []byte) (*Fleet, error) {
	value, problems := compile(file, text)
	if len(problems) > 0 {
		return nil, problems.orNil()
	}
	b := &builder{file: file, opaque: isRequirement}
	user := b.build(value, nil)
	if len(b.problems) > 0 {
		return nil, b.problems.orNil()
	}
	return r.fleetOf(user)
}

// fleetOf makes a fleet of what the user wrote over the defaults.
func (r *Reader) fleetOf(user *node) (*Fleet, error) {
	merged := over(r.defaults, user)
	if problems := judge(r.fleet, merged, user); len(problems) > 0 {
		return nil, problems.orNil()
	}
	fleet := &Fleet{root: merged}
	if err := decode(merged, fleet); err != nil {
		return nil, fmt.Errorf("reading the fleet: %w", err)
	}
	if fleet.AppRepository.URL == "" {
		fleet.AppRepository = fleet.Repository
	}
	fleet.Claims = completeClaims(fleet)
	problems := append(fleet.readRules(), fleet.checkTargets()...)
	return fleet, append(problems, r.checkClaims(fleet)...).orNil()
}

// readRules links every class with its rules and compiles what they require.
func (f *Fleet) readRules() Problems {
	var problems Problems
	for _, name := range slices.Sorted(maps.Keys(f.Classes)) {
		class := f.Classes[name]
		class.Name = name
		if class.Rules == nil {
			class.Rules = map[string]Rule{}
		}
		for _, ruleName := range slices.Sorted(maps.Keys(class.Rules)) {
			rule := class.Rules[ruleName]
			source := f.root.at("classes", name, "rules", ruleName, "require")
			rule.Name, rule.Position = ruleName, source.position
			var found Problems
			rule.Require, found = requirement(source.rule, source.position, "classes."+name+".rules."+ruleName+".require")
			problems = append(append(problems, found...), checkKinds(f, name, rule)...)
			class.Rules[ruleName] = rule
		}
		if rule, ok := f.registryRule(); ok {
			if _, own := class.Rules[rule.Name]; !own {
				class.Rules[rule.Name] = rule
			}
		}
		f.Classes[name] = class
	}
	return problems
}

// requirement compiles what a rule requires.
func requirement(value cue.Value, at Position, field string) (*constraint.Constraint, Problems) {
	require, err := constraint.Parse(value)
	if err == nil {
		return require, nil
	}
	var problems Problems
	var unsupported constraint.Errors
	if !errors.As(err, &unsupported) {
		return nil, Problems{{at, field, err.Error()}}
	}
	for _, e := range unsupported {
		where := at
		if e.Pos.IsValid() && e.Pos.Filename() != "" {
			where = position(at.File, e.Pos)
		}
		problems = append(problems, Problem{where, strings.Join(append([]string{field}, e.Path...), "."), e.Text + ": " + e.Advice})
	}
	return nil, problems
}

// checkKinds reports kinds that no rule can judge.
func checkKinds(f *Fleet, class string, rule Rule) Problems {
	var problems Problems
	for i, kind := range rule.Kinds {
		if _, known := f.Resource(kind); known {
			continue
		}
		path := []string{"classes", class, "rules", rule.Name, "kinds"}
		at := f.root.at(append(slices.Clip(path), fmt.Sprint(i))...).position
		problems = append(problems, Problem{at, strings.Join(path, "."),
			fmt.Sprintf("found %q, allowed is %s%s", kind, oneOf(f.KindNames()), DidYouMean(kind, f.KindNames()))})
	}
	return problems
}

// registryRule is the rule that follows from the fleet's list of registries.
func (f *Fleet) registryRule() (Rule, bool) {
	if len(f.Registries) == 0 {
		return Rule{}, false
	}
	quoted := make([]string, len(f.Registries))
	for i, registry := range f.Registries {
		quoted[i] = regexp.QuoteMeta(registry)
	}
	image := fmt.Sprintf("[...{image: =~%q}]", "^("+strings.Join(quoted, "|")+")/")
	value := cuecontext.New().CompileString("spec: {containers: " + image + ", initContainers?: " + image + "}")
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
	}, true
}

// pair is an API of a controller and the first version that serves it.
type pair struct {
	field              string
	target             Target
	api, since, advice string
}

// checkTargets reports an API that the chosen version of a controller does not serve.
func (f *Fleet) checkTargets() Problems {
	var problems Problems
	for _, p := range []pair{
		{"crossplane", f.Targets.Crossplane, "namespaced", "2.0", `namespaced composite resources came with Crossplane 2.0: write version: "2.0" or later, or api: "claims"`},
		{"imageUpdater", f.Targets.ImageUpdater, "objects", "1.2", `objects without spec.namespace came with Image Updater 1.2: write version: "1.2" or later, or api: "annotations"`},
	} {
		if p.target.API == p.api && p.target.Before(p.since) {
			at := f.root.at("targets", p.field, "version").position
			problems = append(problems, Problem{at, "targets." + p.field,
				fmt.Sprintf("found version %q with api %q: %s", p.target.Version, p.target.API, p.advice)})
		}
	}
	return problems
}
