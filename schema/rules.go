package schema

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"spokewright.dev/spokewright/internal/claim"
	"spokewright.dev/spokewright/internal/constraint"
	"spokewright.dev/spokewright/internal/finding"
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

// OfReplicas is what the rule asks of an object that says how many Pods there are and nothing else, such as a Scale; nil where
// it does not ask, or only together with other fields. A Scale to none leaves the number out (omitempty in its Go type,
// k8s.io/api/autoscaling/v1), so that none is asked for where none is there.
func (r Rule) OfReplicas() *constraint.Constraint {
	parts := r.Require.Parts()
	i := slices.IndexFunc(parts, AboutReplicas)
	if i < 0 {
		return nil
	}
	none := map[string]any{"spec": map[string]any{"replicas": int64(0)}}
	presence := constraint.Required
	if parts[i].Holds(none) {
		presence = constraint.Optional
	}
	return alone(parts[i], presence)
}

// alone is a part about spec.replicas that says itself whether the number must be there. One of another form stays as it is.
func alone(part *constraint.Constraint, presence constraint.Presence) *constraint.Constraint {
	if len(part.Fields) != 1 || part.Fields[0].Value == nil || len(part.Fields[0].Value.Fields) != 1 {
		return part
	}
	whole, spec := *part, *part.Fields[0].Value
	replicas := spec.Fields[0]
	if replicas.Presence == constraint.Forbidden || len(whole.AnyOf)+len(spec.AnyOf) > 0 {
		return part
	}
	replicas.Presence = presence
	spec.Fields = []constraint.Field{replicas}
	whole.Fields = []constraint.Field{{Name: part.Fields[0].Name, Presence: constraint.Required, Value: &spec}}
	return &whole
}

// AboutReplicas says whether a part of a rule hangs on how many Pods there are, and on nothing else.
func AboutReplicas(part *constraint.Constraint) bool {
	replicas := []string{"spec", "replicas"}
	return part.Mentions(replicas...) && !slices.ContainsFunc(part.Reads(), func(path []string) bool {
		return !slices.Equal(path[:min(len(path), 2)], replicas) && !slices.Equal(path, []string{"spec", constraint.StepThere})
	})
}

// Resource says how the API serves a kind.
type Resource struct {
	Group, Version, Plural string
	// Claim is true for clusters, databases, networks and pools of nodes, which live on the hub; all else lives on the spoke.
	Claim bool
}

// Resource finds the kind that a rule names: a claim, or a kind of Kubernetes that rules can judge on the spoke.
func (f *FleetConfig) Resource(kind string) (Resource, bool) {
	if slices.Contains(claim.ClaimNames(), kind) {
		k, _ := f.Claims.Of(kind)
		return Resource{Group: k.Group(), Version: k.Version(), Plural: k.Plural, Claim: true}, true
	}
	type key struct{}
	resource, known := f.Once(key{}, func() any { return workloads() }).(map[string]Resource)[kind]
	return resource, known
}

// KindNames are the kinds that rules can judge.
func (f *FleetConfig) KindNames() []string {
	return slices.Sorted(func(yield func(string) bool) {
		for _, kind := range claim.ClaimNames() {
			if !yield(kind) {
				return
			}
		}
		maps.Keys(workloads())(yield)
	})
}

// workloads are Kubernetes' own kinds that rules can judge.
func workloads() map[string]Resource {
	return map[string]Resource{
		"ConfigMap":               {Version: "v1", Plural: "configmaps"},
		"CronJob":                 {Group: "batch", Version: "v1", Plural: "cronjobs"},
		"DaemonSet":               {Group: "apps", Version: "v1", Plural: "daemonsets"},
		"Deployment":              {Group: "apps", Version: "v1", Plural: "deployments"},
		"HorizontalPodAutoscaler": {Group: "autoscaling", Version: "v2", Plural: "horizontalpodautoscalers"},
		"Ingress":                 {Group: "networking.k8s.io", Version: "v1", Plural: "ingresses"},
		"Job":                     {Group: "batch", Version: "v1", Plural: "jobs"},
		"Namespace":               {Version: "v1", Plural: "namespaces"},
		"NetworkPolicy":           {Group: "networking.k8s.io", Version: "v1", Plural: "networkpolicies"},
		"PersistentVolumeClaim":   {Version: "v1", Plural: "persistentvolumeclaims"},
		"Pod":                     {Version: "v1", Plural: "pods"},
		"PodDisruptionBudget":     {Group: "policy", Version: "v1", Plural: "poddisruptionbudgets"},
		"Secret":                  {Version: "v1", Plural: "secrets"},
		"Service":                 {Version: "v1", Plural: "services"},
		"ServiceAccount":          {Version: "v1", Plural: "serviceaccounts"},
		"StatefulSet":             {Group: "apps", Version: "v1", Plural: "statefulsets"},
	}
}

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

// againstTemplates reports what a rule asks of Pods that the templates of Deployments and the like never have: Kyverno puts the
// rule before them too, and every one would be refused.
func (c *fleetChecker) againstTemplates(class string, rules map[string]Rule) {
	for _, name := range slices.Sorted(maps.Keys(rules)) {
		rule := rules[name]
		if rule.Require == nil || !slices.Contains(rule.Kinds, "Pod") {
			continue
		}
		for _, v := range rule.Require.Judge(map[string]any{"metadata": map[string]any{}}) {
			if v.Reason != constraint.Missing || len(v.Path) != 2 || v.Path[0] != "metadata" || slices.Contains(templateMetadata(), v.Path[1]) {
				continue
			}
			at := rule.Position
			if v.Want != nil && v.Want.Pos.IsValid() && at.Line > 0 {
				at.Line, at.Column = v.Want.Pos.Line(), v.Want.Pos.Column()
			}
			field := v.Path[1]
			c.problems = append(c.problems, finding.Finding{Code: finding.RuleInvalid, Position: at, Path: finding.Tokens(append([]string{"classes", class, "rules", name, "require"}, v.Path...)...),
				Message: fmt.Sprintf("found metadata: %[1]s, which the template in a Deployment does not have, so that every one would be refused: write metadata: %[1]s?, which judges Pods alone", field)})
		}
	}
}

// templateMetadata are the fields of metadata that the template of Pods may have.
func templateMetadata() []string { return []string{"annotations", "finalizers", "labels"} }

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
