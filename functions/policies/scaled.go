package policies

import (
	"maps"
	"slices"

	"spokewright.dev/spokewright/internal/constraint"
	"spokewright.dev/spokewright/internal/manifest"
	"spokewright.dev/spokewright/schema"
)

// Scaled says whether autoscalers and `kubectl scale` say how many Pods there are of an object of a kind.
func Scaled(kind string) bool { return kind == "Deployment" || kind == "StatefulSet" }

// scaled makes of a policy that judges the subresource scale one about what that shows, which is the number of Pods and nothing
// else of the object. What is as it was stays so: an autoscaler may write the same number again.
func scaled(e schema.Environment, rule schema.Rule, policy manifest.Object) []manifest.Object {
	says := expression(e, rule, "Scale", func() string {
		if require := rule.OfReplicas(); require != nil {
			return changed(require, "")
		}
		return ""
	})
	if says == "" {
		return nil
	}
	spec := policy["spec"].(map[string]any)
	validation := maps.Clone(spec["validations"].([]any)[0].(map[string]any))
	validation["expression"] = says
	spec["validations"] = []any{validation}
	return []manifest.Object{policy}
}

// leftOut says in CEL that a number of Pods which a part of a rule does not want to be there was left out: the API server
// writes 1 before it asks anybody, and nobody who applied the object has said so (managedFields, which who applies on the
// server's side has; to others the number counts as written). It ends with what joins it to the part.
func leftOut(part *constraint.Constraint, kind string) string {
	if !Scaled(kind) || !schema.AboutReplicas(part) || !part.Holds(map[string]any{"spec": map[string]any{}}) {
		return ""
	}
	return "object.metadata.?managedFields.orValue([]).size() > 0 && object.metadata.managedFields.all(m, !m.?fieldsV1[?'f:spec'][?'f:replicas'].hasValue()) || "
}

// Written is an object as somebody wrote it: without the number of Pods, where only the API server says that.
func Written(object manifest.Object) manifest.Object {
	managers := manifest.MapsAt(object, "metadata", "managedFields")
	says := func(manager map[string]any) bool {
		_, there := manifest.Get(manager, "fieldsV1", "f:spec", "f:replicas")
		return there
	}
	if !Scaled(manifest.Identify(object).Kind) || len(managers) == 0 || slices.ContainsFunc(managers, says) {
		return object
	}
	object = manifest.Copy(object)
	if spec, is := object["spec"].(map[string]any); is {
		delete(spec, "replicas")
	}
	return object
}
