package policies

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"spokewright.dev/spokewright/internal/constraint/cel"
	"spokewright.dev/spokewright/internal/manifest"
	"spokewright.dev/spokewright/schema"
)

// waiverPrefix begins the names of what a waiver became in a policy: a condition, and an annotation for people.
const waiverPrefix = "waiver-"

// waive leaves what the waivers of a rule cover out of its policy, until they end. They stand in the policy and not in
// a PolicyException: Kyverno does not look at a namespaced policy again when an exception comes or goes, looks at
// expiresAt only when it looks at the policy, and knows no expiresAt before 1.19 (pkg/cel/policies/vpol/engine and
// pkg/cel/engine of Kyverno 1.19.1).
func waive(e schema.Environment, plane schema.Plane, rule schema.Rule, policy manifest.Object) manifest.Object {
	spec := policy["spec"].(map[string]any)
	for _, w := range waivers(e, plane, rule) {
		conditions, _ := spec["matchConditions"].([]any)
		spec["matchConditions"] = append(slices.Clip(conditions), map[string]any{
			"name": waiverPrefix + w.Name, "expression": "!(" + strings.Join(covered(e, plane, w), " && ") + ")",
		})
		manifest.Annotate(policy, map[string]string{"spokewright.dev/" + waiverPrefix + w.Name: "until " + w.Until + ": " + w.Reason})
	}
	return policy
}

// Unwaived is a policy without its waivers: what it says of an object whatever the day.
func Unwaived(policy manifest.Object) manifest.Object {
	policy = manifest.Copy(policy)
	spec, _ := policy["spec"].(map[string]any)
	conditions, _ := spec["matchConditions"].([]any)
	conditions = slices.DeleteFunc(slices.Clone(conditions), func(each any) bool {
		condition, _ := each.(map[string]any)
		name, _ := condition["name"].(string)
		return strings.HasPrefix(name, waiverPrefix)
	})
	if len(conditions) > 0 {
		spec["matchConditions"] = conditions
	} else {
		delete(spec, "matchConditions")
	}
	return policy
}

// waivers are those of a rule on one plane, by name. On the hub claims lie in one namespace: a waiver for another is about
// none of them.
func waivers(e schema.Environment, plane schema.Plane, rule schema.Rule) []schema.Waiver {
	var all []schema.Waiver
	for _, name := range slices.Sorted(maps.Keys(e.Waivers)) {
		w := e.Waivers[name]
		if w.Rule == rule.Name && (plane == schema.Spoke || w.Namespace == "" || w.Namespace == e.Name) {
			all = append(all, w)
		}
	}
	return all
}

// covered says what a waiver is about, in terms of CEL that must all hold. The request is asked where it can be: see
// elsewhere.
func covered(e schema.Environment, plane schema.Plane, w schema.Waiver) []string {
	terms := []string{fmt.Sprintf("time.now() < timestamp('%s')", w.Ends().Format(time.RFC3339))}
	if e.Fleet.Targets.Kyverno.Before("1.17") { // it has no clock: there a waiver ends when it is taken out, as check demands
		terms = []string{"true"}
	}
	if plane == schema.Spoke && w.Namespace != "" {
		terms = append(terms, "request.?namespace.orValue('') == "+cel.Text(w.Namespace))
	}
	switch {
	case w.Object == "":
	case plane == schema.Spoke:
		terms = append(terms, "("+named(w.Object)+")")
	default:
		terms = append(terms, "request.?name.orValue('') == "+cel.Text(w.Object))
	}
	return terms
}

// named is what has a name, and what a controller made for it under a name of its own: a Deployment's ReplicaSet and
// Pods, a CronJob's Jobs and Pods. The metadata stand in brackets, or Kyverno would read those of the template instead.
func named(name string) string {
	// The letters of k8s.io/apimachinery/pkg/util/rand, and the minutes of a CronJob.
	generated := "^" + regexp.QuoteMeta(name) + "-[bcdfghjklmnpqrstvwxz0-9]+$"
	return fmt.Sprintf("request.?name.orValue('') == %[1]s || object[?'metadata'].?ownerReferences.orValue([]).exists(o, o.?controller.orValue(false)"+
		" && (o.name == %[1]s || o.kind in ['ReplicaSet', 'Job'] && o.name.matches(%[2]s)))", cel.Text(name), cel.Text(generated))
}
