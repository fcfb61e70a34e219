package policies

import (
	"strings"
	"time"

	"spokewright.dev/spokewright/manifest"
	"spokewright.dev/spokewright/schema"
)

// exceptionNamespace is where Kyverno on a spoke looks for exceptions; the values of its chart say so.
const exceptionNamespace = "kyverno"

// exceptions make a waiver known to Kyverno on one plane: the policies of its rule do not judge what it covers, until
// it ends.
func exceptions(e schema.Environment, plane schema.Plane, w schema.Waiver) []manifest.Object {
	rule := e.Class.Rules[w.Rule]
	kind, namespace := "NamespacedValidatingPolicy", e.Name
	if plane == schema.Spoke {
		kind, namespace = "ValidatingPolicy", exceptionNamespace
	}
	var refs []any
	for _, judged := range kinds(e, rule, plane == schema.Hub) {
		refs = append(refs, map[string]any{"kind": kind, "name": name(e, rule, judged)})
	}
	if refs == nil {
		return nil
	}
	object := manifest.New(e.Fleet.PolicyVersion(), "PolicyException", namespace, "waiver-"+w.Name)
	manifest.Label(object, e.ObjectLabels())
	manifest.Annotate(object, schema.Wave(schema.WavePolicies))
	manifest.Annotate(object, e.SyncOptions(false, true))
	manifest.Annotate(object, map[string]string{"policies.kyverno.io/description": w.Reason})
	spec := map[string]any{"policyRefs": refs, "expiresAt": w.Ends().Format(time.RFC3339)}
	if plane == schema.Hub { // Kyverno looks for exceptions by the policy's name alone, in all namespaces
		w.Namespace = e.Name
	}
	if conditions := covered(w); conditions != nil {
		spec["matchConditions"] = conditions
	}
	object["spec"] = spec
	return []manifest.Object{object}
}

// covered says which objects a waiver is about. The request is asked where it can be: see elsewhere.
func covered(w schema.Waiver) []any {
	var conditions []any
	add := func(name, field, value string) {
		if value != "" {
			conditions = append(conditions, map[string]any{"name": name, "expression": field + " == " + strings.Trim(schema.CELStrings([]any{value}), "[]")})
		}
	}
	add("the-object", "request.name", w.Object)
	add("the-namespace", "request.namespace", w.Namespace)
	return conditions
}
