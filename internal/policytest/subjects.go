package policytest

import (
	"fmt"
	"maps"
	"slices"

	"spokewright.dev/spokewright/functions/fleet"
	"spokewright.dev/spokewright/functions/policies"
	"spokewright.dev/spokewright/internal/constraint"
	"spokewright.dev/spokewright/internal/manifest"
	"spokewright.dev/spokewright/internal/mutate"
	"spokewright.dev/spokewright/schema"
)

// Approval is the annotation without which a protected claim cannot be deleted.
const Approval = "spokewright.dev/deletion-approved"

// Subjects are the subjects of all policies of one plane of an environment, and the policies among the objects that none of
// them is about: those that nobody could try. rendered is what the plane renders to.
func Subjects(reader *schema.Reader, e schema.Environment, plane schema.Plane, rendered []manifest.Object) ([]Subject, []manifest.Object, error) {
	m := maker{reader: reader, e: e, plane: plane, policies: map[manifest.ID]manifest.Object{}}
	for _, object := range rendered {
		if IsPolicy(object) {
			m.policies[manifest.Identify(object)] = policies.Unwaived(object)
		}
	}
	var subjects []Subject
	for _, rule := range m.rules() {
		more, err := m.ofRule(rule)
		if err != nil {
			return nil, nil, err
		}
		subjects = append(subjects, more...)
	}
	deletions, err := m.deletions()
	if err != nil {
		return nil, nil, err
	}
	homes, err := m.homes()
	if err != nil {
		return nil, nil, err
	}
	subjects = append(append(subjects, deletions...), homes...)
	var untried []manifest.Object
	for _, id := range slices.SortedFunc(maps.Keys(m.policies), func(a, b manifest.ID) int { return slices.Compare([]string{a.Kind, a.Name}, []string{b.Kind, b.Name}) }) {
		// What looks at a whole hub can be tried on one alone.
		if id.Name != fleet.IDsPolicy && !slices.ContainsFunc(subjects, func(s Subject) bool { return manifest.Identify(s.Policy) == id }) {
			untried = append(untried, m.policies[id])
		}
	}
	return subjects, untried, nil
}

// Group groups subjects, in their order.
func Group(subjects []Subject) [][]Subject {
	var all [][]Subject
	at := map[manifest.ID]int{}
	for _, subject := range subjects {
		id := manifest.Identify(subject.Policy)
		if _, known := at[id]; !known {
			at[id] = len(all)
			all = append(all, nil)
		}
		all[at[id]] = append(all[at[id]], subject)
	}
	return all
}

// IsPolicy tells whether an object is a policy of Kyverno's that judges objects by expressions.
func IsPolicy(object manifest.Object) bool {
	id := manifest.Identify(object)
	return id.Group() == "policies.kyverno.io" && (id.Kind == "ValidatingPolicy" || id.Kind == "NamespacedValidatingPolicy")
}

// maker makes the subjects of one plane.
type maker struct {
	reader   *schema.Reader
	e        schema.Environment
	plane    schema.Plane
	policies map[manifest.ID]manifest.Object
}

func (m maker) rules() []schema.Rule {
	var rules []schema.Rule
	for _, name := range slices.Sorted(maps.Keys(m.e.Class.Rules)) {
		rules = append(rules, m.e.Class.Rules[name])
	}
	return rules
}

// made are the identities of the policies that an environment with these rules only would have.
func (m maker) made(rules map[string]schema.Rule) map[manifest.ID]bool {
	e := m.e
	e.Class.Rules = rules
	made := map[manifest.ID]bool{}
	for _, object := range policies.Make(e, m.plane, nil) {
		made[manifest.Identify(object)] = true
	}
	return made
}

// ofRule are the subjects of the policies that a rule became, one for each kind of object that they match.
func (m maker) ofRule(rule schema.Rule) ([]Subject, error) {
	always := m.made(nil)
	ids := m.made(map[string]schema.Rule{rule.Name: rule})
	var subjects []Subject
	for _, id := range slices.SortedFunc(maps.Keys(ids), func(a, b manifest.ID) int { return slices.Compare([]string{a.Name}, []string{b.Name}) }) {
		policy, rendered := m.policies[id]
		if always[id] || !rendered {
			continue
		}
		for _, kind := range rule.Kinds {
			resource, _ := m.e.Fleet.Resource(kind)
			changes, err := m.changes(policy, rule, kind)
			if err != nil {
				return nil, err
			}
			subjects = append(subjects, changes...)
			if !matches(policy, resource, "CREATE") {
				continue
			}
			good, err := m.good(kind)
			if err != nil {
				return nil, err
			}
			subject := Subject{Policy: policy, Rule: rule.Name, Kind: kind, Operation: "CREATE", Good: good, require: m.requirement(rule, kind)}
			subject.variants = varied(subject)
			more, err := m.derived(subject)
			if err != nil {
				return nil, err
			}
			subjects = append(append(subjects, subject), more...)
		}
	}
	return subjects, nil
}

// deletions are the subjects of the policies that want an approval.
func (m maker) deletions() ([]Subject, error) {
	require := within([]string{"metadata", "annotations", Approval}, &constraint.Constraint{Kinds: constraint.String, Enum: []any{"true"}})
	var subjects []Subject
	for _, policy := range m.policies {
		for _, kind := range []string{"Cluster", "Database", "NodePool", "Peering", "Namespace"} {
			if resource, _ := m.e.Fleet.Resource(kind); !matches(policy, resource, "DELETE") {
				continue
			}
			good, err := m.good(kind)
			if err != nil {
				return nil, err
			}
			if kind == "Namespace" {
				manifest.Label(good, map[string]string{"spokewright.dev/environment": m.e.Name, "spokewright.dev/class": m.e.Class.Name})
			}
			good, _ = mutate.Repair(good, require)
			name := manifest.Identify(policy).Name
			subject := Subject{Policy: policy, Rule: name, Kind: kind, Operation: "DELETE", Good: good, require: require, labelled: kind == "Namespace"}
			subject.variants = varied(subject)
			subjects = append(subjects, subject)
		}
	}
	return subjects, nil
}

// homes are the subjects of the policy of a hub that claims live in the namespaces of environments.
func (m maker) homes() ([]Subject, error) {
	if m.plane != schema.Hub || m.e.Role != "hub" || len(m.e.Spokes) == 0 {
		return nil, nil
	}
	names := &constraint.Constraint{Kinds: constraint.String}
	for _, member := range m.e.Spokes {
		names.Enum = append(names.Enum, member.Name)
	}
	require := within([]string{"metadata", "namespace"}, names)
	var subjects []Subject
	for _, policy := range m.policies {
		if id := manifest.Identify(policy); id.Namespace != "" || id.Name == fleet.IDsPolicy { // that one looks at other claims
			continue
		}
		for _, kind := range []string{"Cluster", "Database", "NodePool", "Peering"} {
			if resource, _ := m.e.Fleet.Resource(kind); !matches(policy, resource, "CREATE") {
				continue
			}
			some := m
			some.e.Cluster = &schema.Cluster{Cloud: "aws", Region: "eu-west-1", Version: "1.34", Nodes: schema.Nodes{Min: 3, Max: 6, Size: "small"}, Network: schema.Network{CIDR: "10.0.0.0/16"}}
			good, err := some.claim(kind)
			if err != nil {
				return nil, err
			}
			name := manifest.Identify(policy).Name
			subject := Subject{Policy: policy, Rule: name, Kind: kind, Operation: "CREATE", Good: good, require: require, anywhere: true}
			subject.variants = varied(subject)
			subjects = append(subjects, subject)
		}
	}
	return subjects, nil
}

// within is the constraint that a field at a path must be there and satisfy another one.
func within(path []string, want *constraint.Constraint) *constraint.Constraint {
	for _, name := range slices.Backward(path) {
		want = &constraint.Constraint{Kinds: constraint.Map, Fields: []constraint.Field{{Name: name, Presence: constraint.Required, Value: want}}}
	}
	return want
}

// matches tells whether a policy is about a resource and an operation.
func matches(policy manifest.Object, resource schema.Resource, operation string) bool {
	for _, rule := range manifest.MapsAt(policy, "spec", "matchConstraints", "resourceRules") {
		if has(rule["apiGroups"], resource.Group) && has(rule["resources"], resource.Plural) && has(rule["operations"], operation) {
			return true
		}
	}
	return false
}

func has(list any, wanted string) bool {
	values, _ := list.([]any)
	return slices.Contains(values, any(wanted)) || slices.Contains(values, any("*"))
}

// requirement is what a rule asks of an object of a kind, where that has its fields.
func (m maker) requirement(rule schema.Rule, kind string) *constraint.Constraint {
	switch kind {
	case "Cluster":
		return m.e.Fleet.Claims.Cluster.Require(rule.Require)
	case "Database":
		return m.e.Fleet.Claims.Database.Require(rule.Require)
	case "NodePool":
		return m.e.Fleet.Claims.NodePool.Require(rule.Require)
	case "Peering":
		return m.e.Fleet.Claims.Peering.Require(rule.Require)
	}
	return rule.Require
}

// good is an object of the kind that keeps all rules for it.
func (m maker) good(kind string) (manifest.Object, error) {
	seed, err := m.seed(kind)
	if err != nil {
		return nil, err
	}
	return m.mended(kind, seed)
}

// mended is an object of the kind, changed until it keeps all rules.
func (m maker) mended(kind string, seed manifest.Object) (manifest.Object, error) {
	var requirements []*constraint.Constraint
	for _, rule := range m.rules() {
		if slices.Contains(rule.Kinds, kind) {
			requirements = append(requirements, m.requirement(rule, kind))
		}
	}
	good, broken := mutate.Repair(seed, requirements...)
	if len(broken) > 0 {
		return nil, fmt.Errorf("environment %s: no %s was found that keeps all its rules: %s", m.e.Name, kind, broken[0])
	}
	return good, nil
}
