package policies

import (
	"spokewright.dev/spokewright/internal/manifest"
	"spokewright.dev/spokewright/schema"
)

// signatures let no Pod run an image that the fleet's key has not signed, where it names one and the class has no rule of
// that name itself. Three policies do it; what they take for granted of Kyverno is as 1.19.1 has it.
//
// The first puts the digest in the place of a tag, of Pods alone: what Argo CD applies must stay as it is in Git. Kyverno's
// own mutateDigest is no help, for it stops at Pods that have an image twice (see distinctImages). The second is the gate:
// it wants digests, and each of them signed. The third tells whoever applies what makes Pods, before there is one.
//
// No policy for Pods ever fails closed: a registry or a Kyverno that does not answer would keep every app from starting.
// Kyverno gives the conditions to the API server, which therefore asks about new images that must be signed and about
// nothing else.
func signatures(e schema.Environment) []manifest.Object {
	rule := schema.Rule{Name: "signed-images", Action: "deny", Message: "images are signed with the fleet's key"}
	if _, own := e.Class.Rules[rule.Name]; own || e.Fleet.Signatures.Key == "" {
		return nil
	}
	pods := match(resource(e, "Pod"), "v1", "CREATE", "UPDATE")
	ways := match(resource(e, "Pod"), "v1", "CREATE", "UPDATE")
	ways["resources"] = []any{"pods", "pods/ephemeralcontainers"} // and nothing derived for templates: autogen.CanAutoGen

	pin := about(ways, newImages(e))
	pin["mutations"] = []any{map[string]any{"patchType": "JSONPatch", "jsonPatch": map[string]any{"expression": digests(e.Fleet)}}}
	gate := verification(e.Fleet, rule, true, about(ways, newImages(e)))
	for _, spec := range []map[string]any{pin, gate} { // up to 15 requests to the registry for each image, one after the other
		spec["webhookConfiguration"] = map[string]any{"timeoutSeconds": 20} // both within the minute that the API server has
	}
	templates := verification(e.Fleet, rule, false, about(pods, append(newImages(e), condition("templates-only", "request.kind.kind != 'Pod'"))))
	templates["autogen"] = map[string]any{"podControllers": map[string]any{"controllers": []any{"cronjobs", "daemonsets", "deployments", "jobs", "statefulsets"}}}

	var policies []manifest.Object
	for _, part := range []struct {
		kind, suffix string
		spec         map[string]any
	}{{"MutatingPolicy", "-pinned", pin}, {"ImageValidatingPolicy", "", gate}, {"ImageValidatingPolicy", "-in-templates", templates}} {
		object := policy(e, part.kind, "", rule.Name+part.suffix, rule)
		object["spec"] = part.spec
		policies = append(policies, object)
	}
	return policies
}

// about begins a specification: what it is asked about.
func about(match map[string]any, conditions []any) map[string]any {
	return map[string]any{"failurePolicy": "Ignore", "matchConstraints": map[string]any{"resourceRules": []any{match}}, "matchConditions": conditions}
}

func condition(name, expression string) map[string]any {
	return map[string]any{"name": name, "expression": expression}
}

// verification completes the specification of a policy that wants each image that must be signed to be signed, and bound
// to a digest where it says so.
func verification(f *schema.FleetConfig, rule schema.Rule, bound bool, spec map[string]any) map[string]any {
	var references []any
	for _, pattern := range patterns(f) {
		references = append(references, map[string]any{"glob": pattern})
	}
	cosign := map[string]any{"key": map[string]any{"data": f.Signatures.Key}}
	if !f.Signatures.TransparencyLog { // then Kyverno asks nobody but the registry
		cosign["ctlog"] = map[string]any{"insecureIgnoreTlog": true}
	}
	spec["validationActions"] = []any{"Deny"}
	// Else what runs is scanned every hour, with requests to the registry for each image (pkg/controllers/report of Kyverno 1.19.1).
	spec["evaluation"] = map[string]any{"background": map[string]any{"enabled": false}}
	spec["matchImageReferences"] = references
	spec["images"] = distinctImages()
	spec["validationConfigurations"] = map[string]any{"mutateDigest": false, "verifyDigest": bound, "required": true}
	spec["attestors"] = []any{map[string]any{"name": "fleet", "cosign": cosign}}
	spec["validations"] = []any{map[string]any{
		"expression": "images.containers.all(image, verifyImageSignatures(image, [attestors.fleet]) > 0)",
		"message":    rule.Message,
	}}
	return spec
}

// distinctImages puts all images of a Pod into one of Kyverno's lists, each once: Kyverno never comes back from a Pod that
// has an image twice and then another (imageContext.Get of its SDK keeps the lock where it finds an image).
func distinctImages() []any {
	return []any{
		condition("containers", images("object")+".distinct()"),
		condition("initContainers", "[]"),
		condition("ephemeralContainers", "[]"),
	}
}
