// Package judge finds the rules of an environment's class that a rendered object breaks, and the waiver that covers it.
// It reads no rule, which is for package schema, and refuses nothing, which is for its callers and for Kyverno.
package judge

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"spokewright.dev/spokewright/internal/constraint"
	"spokewright.dev/spokewright/internal/cuefile"
	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/manifest"
	"spokewright.dev/spokewright/schema"
)

// Violation is a rule that an object breaks.
type Violation struct {
	Rule     schema.Rule
	Object   manifest.ID
	Path     []string // from the object down
	Found    string
	Required string
	// Waiver is the one that covers it; nil where it counts.
	Waiver *schema.Waiver
}

// Finding is the violation as a finding about the object, without a position: a rule that only warns gives a warning, and
// what a waiver covers is a note.
func (v Violation) Finding() finding.Finding {
	f := finding.Finding{
		Code: finding.RuleBroken, Object: finding.Object{Kind: v.Object.Kind, Namespace: v.Object.Namespace, Name: v.Object.Name}, Path: finding.Tokens(v.Path...),
		Message: fmt.Sprintf("%s, rule %q requires %s: %s (%s)", v.Found, v.Rule.Name, v.Required, v.Rule.Message, v.Rule.Position),
	}
	switch {
	case v.Waiver != nil:
		f.Severity, f.Code = finding.Note, finding.Waived
		f.Message += fmt.Sprintf("; waived until %s: %s", v.Waiver.Until, v.Waiver.Reason)
	case !v.Refuses():
		f.Severity = finding.Warning
	}
	if v.Rule.Position.Line > 0 {
		f.Related = []finding.Related{{Position: v.Rule.Position, Message: "the rule"}}
	}
	return f
}

// Demanding are the rules of the environment's class that say something of a field of an object, or of what is in it.
func Demanding(e schema.Environment, object manifest.Object, path ...string) []schema.Rule {
	id := manifest.Identify(object)
	var rules []schema.Rule
	for _, name := range slices.Sorted(maps.Keys(e.Class.Rules)) {
		require, within, judged := requirement(e, e.Class.Rules[name], id)
		if judged && len(path) > len(within) && slices.Equal(path[:len(within)], within) && require.Mentions(path[len(within):]...) {
			rules = append(rules, e.Class.Rules[name])
		}
	}
	return rules
}

// Judges says whether a rule of the environment's class is about objects such as this one.
func Judges(e schema.Environment, object manifest.Object) bool {
	id := manifest.Identify(object)
	for _, rule := range e.Class.Rules {
		if _, _, judged := requirement(e, rule, id); judged {
			return true
		}
	}
	return false
}

// Refuses says whether the object may not be: the rule denies, and no waiver covers it.
func (v Violation) Refuses() bool {
	return v.Rule.Action == "deny" && v.Waiver == nil
}

// Judge finds the rules of the environment's class that an object breaks; none where no rule judges its kind.
func Judge(e schema.Environment, object manifest.Object) []Violation {
	id := manifest.Identify(object)
	var violations []Violation
	for _, name := range slices.Sorted(maps.Keys(e.Class.Rules)) {
		rule := e.Class.Rules[name]
		require, within, judged := requirement(e, rule, id)
		if !judged {
			continue
		}
		inside, _ := manifest.Get(object, within...)
		for _, v := range require.Judge(inside) {
			violation := Violation{Rule: rule, Object: id, Path: append(slices.Clip(within), v.Path...), Found: cuefile.Found(v.Found), Required: v.Want.String(), Waiver: waiver(e, rule, id)}
			switch v.Reason {
			case constraint.Missing:
				violation.Found = "missing"
			case constraint.ForbiddenField:
				violation.Required = "that there is none"
			case constraint.UnknownField:
				violation.Required = "no field but " + strings.Join(v.Allowed, ", ")
			}
			violations = append(violations, violation)
		}
	}
	return violations
}

// requirement is what a rule asks of an object of this identity, if it judges its kind at all: of the object itself, or
// of the pods that it makes, which lie within it at a path.
func requirement(e schema.Environment, rule schema.Rule, id manifest.ID) (require *constraint.Constraint, within []string, judged bool) {
	for _, kind := range rule.Kinds {
		resource, _ := e.Fleet.Resource(kind)
		if resource.Claim {
			claim, there := e.Fleet.Claims.Of(kind)
			if there && claim.Kind == id.Kind && claim.APIVersion == id.APIVersion {
				return claim.Require(rule.Require), nil, true
			}
			continue
		}
		if kind == id.Kind && resource.Group == id.Group() {
			return rule.Require, nil, true
		}
		if id.Kind == "Scale" && id.Group() == "autoscaling" {
			if scale := rule.OfReplicas(); scale != nil {
				return scale, nil, true
			}
		}
		if template := PodTemplate(id); kind == "Pod" && template != nil {
			return rule.Require, template, true
		}
	}
	return nil, nil, false
}

// PodTemplate is where an object has the pods that it makes, for the kinds that Kyverno looks into too. It does not into
// a ReplicationController, whose Pods it refuses.
func PodTemplate(id manifest.ID) []string {
	switch id.Group() + "/" + id.Kind {
	case "apps/DaemonSet", "apps/Deployment", "apps/ReplicaSet", "apps/StatefulSet", "batch/Job", "/ReplicationController":
		return []string{"spec", "template"}
	case "batch/CronJob":
		return []string{"spec", "jobTemplate", "spec", "template"}
	}
	return nil
}

// covers says whether the waiver is about an object that breaks a rule.
func covers(w schema.Waiver, rule schema.Rule, id manifest.ID) bool {
	return w.Rule == rule.Name && (w.Object == "" || w.Object == id.Name) && (w.Namespace == "" || w.Namespace == id.Namespace)
}

// waiver finds the waiver that is about an object, and nil where there is none.
func waiver(e schema.Environment, rule schema.Rule, id manifest.ID) *schema.Waiver {
	for _, name := range slices.Sorted(maps.Keys(e.Waivers)) {
		if w := e.Waivers[name]; covers(w, rule, id) {
			return &w
		}
	}
	return nil
}
