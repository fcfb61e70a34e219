package schema

import (
	"maps"
	"regexp"
	"slices"
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

// Resource says how the API serves a kind.
type Resource struct {
	Group, Version, Plural string
	// Claim is true for clusters, databases and networks, which live on the hub; everything else lives on the spoke.
	Claim bool
}

// Resource finds the kind that a rule names: a claim, or a kind of Kubernetes that rules can judge on the spoke.
func (f *FleetConfig) Resource(kind string) (Resource, bool) {
	if slices.Contains(claim.ClaimNames(), kind) {
		k, _ := f.Claims.Of(kind)
		return Resource{Group: k.Group(), Version: k.Version(), Plural: k.Plural, Claim: true}, true
	}
	resource, known := workloads()[kind]
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
