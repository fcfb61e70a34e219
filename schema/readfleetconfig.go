package schema

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"sync"

	"spokewright.dev/spokewright/internal/claim"
	"spokewright.dev/spokewright/internal/cloud"
	"spokewright.dev/spokewright/internal/constraint"
	"spokewright.dev/spokewright/internal/constraint/cueparse"
	"spokewright.dev/spokewright/internal/cuefile"
	"spokewright.dev/spokewright/internal/finding"
)

// FleetConfig reads the text of a fleet.cue. file is its name in messages. The error is Problems, with every mistake in it.
func (r *Reader) FleetConfig(file string, text []byte) (*FleetConfig, error) {
	user, problems := cuefile.Read(file, text, fleetPlaces())
	if user == nil {
		return nil, problems.First(cuefile.MaxTold).Err()
	}
	return r.fleetOf(user, problems)
}

// fleetOf makes a fleet of what the user wrote over the defaults. problems are those found already.
func (r *Reader) fleetOf(user *cuefile.Node, problems finding.Findings) (*FleetConfig, error) {
	whole, found := begun(cuefile.Merge(everywhere(r.defaults, user), user))
	problems = append(problems, found...)
	merged, found := cuefile.Judge(r.fleet, whole, user)
	problems = append(problems, hinted(found, r.defaults)...)
	fleet, found, err := r.completeFleet(merged, user)
	if err != nil {
		return nil, err
	}
	problems = append(problems, found...)
	if len(problems) == 0 && !user.IsValid() { // never hand out what is not known
		problems = finding.Findings{{Code: finding.NotData, Position: user.Position, Message: "found a value that cannot be read"}}
	}
	if len(problems) > 0 {
		return nil, problems.First(cuefile.MaxTold).Err()
	}
	return fleet, nil
}

// completeFleet fills in what follows from other fields, and reports what no single field shows.
func (r *Reader) completeFleet(merged, user *cuefile.Node) (*FleetConfig, finding.Findings, error) {
	fleet := &FleetConfig{root: merged, reader: r, once: &sync.Map{}}
	if err := decode(merged, fleet); err != nil {
		return nil, nil, fmt.Errorf("reading the fleet: %w", err)
	}
	if fleet.AppRepository.URL == "" {
		fleet.AppRepository = fleet.Repository
		fleet.AppRepository.Path = "" // apps say where they are in the whole repository
	}
	for part, kind := range map[string]*claim.Kind{"cluster": &fleet.Claims.Cluster, "database": &fleet.Claims.Database, "network": &fleet.Claims.Network, "nodePool": &fleet.Claims.NodePool, "peering": &fleet.Claims.Peering} {
		exactly(kind, merged.Find("claims", part))
	}
	fleet.Claims = completeClaims(fleet)
	fleet.completeAccounts()
	fleet.Regions = completeRegions(cloud.Regions(), fleet.Regions)
	c := &fleetChecker{checker{user: user, merged: merged}, r, fleet}
	c.targets()
	c.credentials()
	c.signatures()
	c.accounts()
	c.claims()
	c.addons()
	c.flavours()
	c.declarations(fleet.Moved, fleet.Removed)
	for _, name := range slices.Sorted(maps.Keys(fleet.Classes)) {
		c.class(name)
	}
	return fleet, c.problems, nil
}

// fleetChecker reports what no single field of a fleet shows, and links its classes with their rules.
type fleetChecker struct {
	checker

	reader *Reader
	fleet  *FleetConfig
}

// class gives a class its rules and judges its defaults.
func (c *fleetChecker) class(name string) {
	class := c.fleet.Classes[name]
	class.Name = name
	path := []string{"classes", name}
	if over := len(name) - 63; over > 0 {
		c.name(finding.NameTooLong, fmt.Sprintf("the label spokewright.dev/class would have %d characters: %d more than the 63 allowed", len(name), over), path)
	}
	if updater := c.fleet.Targets.ImageUpdater; class.PullRequests != "" && updater.API != "objects" {
		c.report(finding.Unsupported, fmt.Sprintf(`found %q, which Image Updater takes from objects of its own only: allowed is none, or targets: imageUpdater: {version: "1.2" or later, api: "objects"}`, class.PullRequests), append(slices.Clip(path), "pullRequests")...)
	}
	c.defaults(path)
	rules := map[string]Rule{}
	for _, ruleName := range slices.Sorted(maps.Keys(class.Rules)) {
		c.kinds(class.Rules[ruleName].Kinds, "classes", name, "rules", ruleName, "kinds")
		if c.known("classes", name, "rules", ruleName) {
			rules[ruleName] = c.rule(class, ruleName)
		}
	}
	for _, rule := range c.impliedRules(class) {
		if _, own := class.Rules[rule.Name]; !own {
			rules[rule.Name] = rule
		}
	}
	c.contradictions(name, rules)
	c.againstTemplates(name, rules)
	class.Rules = rules
	c.fleet.Classes[name] = class
}

// defaults judges what a class brings: each part by the definition of that part, but for what it leaves to environments.
func (c *fleetChecker) defaults(class []string) {
	environment := c.reader.environment
	database := cuefile.Inside(environment, "databases").Patterns[0].Value
	for _, part := range []struct {
		path []string
		want *constraint.Constraint
	}{
		{[]string{"cluster"}, cuefile.Inside(environment, "cluster")},
		{[]string{"database"}, database},
		{[]string{"engines", "mysql"}, database},
		{[]string{"engines", "postgres"}, database},
		{[]string{"app"}, cuefile.Inside(environment, "apps").Patterns[0].Value},
		{[]string{"addons"}, cuefile.Inside(environment, "addons")},
	} {
		path := slices.Concat(class, []string{"defaults"}, part.path)
		given, user := c.merged.Find(path...), c.user.Find(path...)
		if given == nil || user == nil || given.Invalid {
			continue
		}
		_, found := cuefile.Judge(part.want, given, user.AllowMissing(), path...)
		c.problems = append(c.problems, found...)
	}
}

// rule reads a rule: what it requires is compiled, once for all.
func (c *fleetChecker) rule(class Class, name string) Rule {
	rule := class.Rules[name]
	path := []string{"classes", class.Name, "rules", name}
	source := c.merged.At(append(slices.Clip(path), "require")...)
	rule.Name, rule.Position, rule.Action = name, source.Position, orElse(rule.Action, "deny")
	if over := len(name) - maxRuleName; over > 0 {
		c.name(finding.NameTooLong, fmt.Sprintf("the rule's name has %d characters, %d more than the %d allowed: policies are named after it", len(name), over, maxRuleName), path)
	}
	var found finding.Findings
	rule.Require, found = requirement(source, append(slices.Clip(path), "require"))
	c.problems = append(c.problems, found...)
	c.ends(class.Name, &rule)
	c.loosening(class, rule)
	return rule
}

// kinds reports kinds that no rule can judge; an empty one is told of already.
func (c *fleetChecker) kinds(kinds []string, path ...string) {
	for i, kind := range kinds {
		if _, known := c.fleet.Resource(kind); !known && kind != "" {
			names := c.fleet.KindNames()
			f := finding.Finding{Code: finding.UnknownName, Message: "found " + finding.Quote(kind) + ", which no rule can judge", Suggestion: finding.Suggest(kind, names)}
			if f.Suggestion == "" {
				f.Message = "found " + finding.Quote(kind) + ", allowed is " + finding.OneOf(names)
			}
			c.add(f, append(slices.Clip(path), strconv.Itoa(i))...)
		}
	}
}

// The longest name of a rule: with "-database" behind it, it names a policy, which a label must hold.
const maxRuleName = 63 - len("-database")

// requirement compiles what a rule requires.
func requirement(source *cuefile.Node, path []string) (*constraint.Constraint, finding.Findings) {
	if source.Require != nil {
		return source.Require, nil
	}
	require, err := source.Marks.Parse(source.Rule)
	if err == nil {
		return require, nil
	}
	var problems finding.Findings
	var unsupported cueparse.Errors
	if !errors.As(err, &unsupported) {
		return nil, finding.Findings{{Code: finding.RuleInvalid, Position: source.Position, Path: finding.Tokens(path...), Message: finding.Shorten(err.Error(), 200)}}
	}
	for _, e := range unsupported {
		where := source.Position
		if e.Pos.IsValid() && e.Pos.Filename() != "" && where.Line > 0 {
			where.Line, where.Column = e.Pos.Line(), e.Pos.Column()
		}
		problems = append(problems, finding.Finding{Code: finding.RuleInvalid, Position: where, Path: finding.Tokens(append(slices.Clip(path), e.Path...)...), Message: "found " + finding.Shorten(e.Text, 72) + ", which no policy can say: " + finding.Shorten(e.Advice, 140)})
	}
	return nil, problems
}

// targets reports an API that the chosen version of a controller does not serve.
func (c *fleetChecker) targets() {
	t := c.fleet.Targets
	for _, p := range []struct {
		field              string
		target             Target
		api, since, advice string
	}{
		{"crossplane", t.Crossplane, "namespaced", "2.0", `came with Crossplane 2.0: allowed is a version from "2.0" on, or api: "claims"`},
		{"imageUpdater", t.ImageUpdater, "objects", "1.2", `came with Image Updater 1.2: allowed is a version from "1.2" on, or api: "annotations"`},
	} {
		path := []string{"targets", p.field}
		if !c.known(path...) || p.target.API != p.api || !p.target.Before(p.since) {
			continue
		}
		field := "version"
		if c.user.Find("targets", p.field, field) == nil {
			field = "api"
		}
		c.report(finding.Unsupported, fmt.Sprintf("found version %q with api %q, which %s", p.target.Version, p.target.API, p.advice), append(path, field)...)
	}
}

// begun lays every class over the one that it begins with.
func begun(fleet *cuefile.Node) (*cuefile.Node, finding.Findings) {
	classes := fleet.Child("classes")
	if classes == nil || classes.Fields == nil {
		return fleet, nil
	}
	b := beginning{classes: classes.Fields}
	whole := map[string]*cuefile.Node{}
	for _, name := range slices.Sorted(maps.Keys(classes.Fields)) {
		whole[name] = b.class(name, nil)
	}
	fresh := *classes
	fresh.Fields = whole
	return fleet.With("classes", &fresh), b.problems
}

// beginning knows what each class says itself.
type beginning struct {
	classes  map[string]*cuefile.Node
	problems finding.Findings
}

// class is a class over those that it begins with. above are the classes that begin with it.
func (b *beginning) class(name string, above []string) *cuefile.Node {
	class := b.classes[name]
	from := class.Child("from")
	base, is := textOf(from)
	if !is {
		return class
	}
	path := finding.Tokens("classes", name, "from")
	above = append(above, name)
	switch names := slices.Sorted(maps.Keys(b.classes)); {
	case b.classes[base] == nil:
		b.problems = append(b.problems, finding.Finding{Code: finding.UnknownName, Position: from.Position, Path: path,
			Message: cuefile.Found(base) + ", allowed is " + finding.OneOf(finding.Quoted(names)), Suggestion: finding.Suggest(base, names)})
	case slices.Contains(above, base):
		if above[0] == name { // told of each class once, where that is what it begins with
			b.problems = append(b.problems, finding.Finding{Code: finding.Inconsistent, Position: from.Position, Path: path,
				Message: cuefile.Found(base) + ", which begins with this class, or is it: allowed is a class that does not"})
		}
	default:
		return cuefile.Merge(b.class(base, above), class)
	}
	return class
}

func textOf(node *cuefile.Node) (string, bool) {
	if node == nil || node.Invalid {
		return "", false
	}
	text, is := node.Scalar.(string)
	return text, is
}

// hinted adds to what is missing in a class of the fleet's own that it can begin with another.
func hinted(found finding.Findings, defaults *cuefile.Node) finding.Findings {
	for i, f := range found {
		steps := f.Path.Steps()
		if f.Code == finding.MissingField && len(steps) == 3 && steps[0].Name == "classes" && defaults.Find("classes", steps[1].Name) == nil {
			found[i].Remedy = `write it, or from: "development" to begin with what that class has`
		}
	}
	return found
}
