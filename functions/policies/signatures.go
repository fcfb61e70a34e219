package policies

import (
	"spokewright.dev/spokewright/manifest"
	"spokewright.dev/spokewright/schema"
)

// signatures lets no image run that the fleet's key has not signed.
func signatures(e schema.Environment) manifest.Object {
	rule := schema.Rule{Name: "signed-images", Action: "deny", Message: "images are signed with the fleet's key"}
	var references []any
	for _, glob := range signed(e.Fleet) {
		references = append(references, map[string]any{"glob": glob})
	}
	match := match(resource(e, "Pod"), "v1", "CREATE", "UPDATE")
	object := policy(e, "ImageValidatingPolicy", "", rule.Name, rule)
	object["spec"] = map[string]any{
		"validationActions":        []any{"Deny"},
		"failurePolicy":            "Ignore",
		"matchConstraints":         map[string]any{"resourceRules": []any{match}},
		"matchConditions":          elsewhere(e),
		"matchImageReferences":     references,
		"validationConfigurations": map[string]any{"mutateDigest": true, "verifyDigest": true, "required": true},
		"attestors":                []any{map[string]any{"name": "fleet", "cosign": map[string]any{"key": map[string]any{"data": e.Fleet.Signatures.Key}}}},
		"validations": []any{map[string]any{
			"expression": "(images.containers + images.?initContainers.orValue([]) + images.?ephemeralContainers.orValue([])).all(image, verifyImageSignatures(image, [attestors.fleet]) > 0)",
			"message":    rule.Message,
		}},
	}
	return object
}

// signed are the images that must be signed.
func signed(f *schema.Fleet) []string {
	if len(f.Signatures.Images) > 0 {
		return f.Signatures.Images
	}
	var globs []string
	for _, registry := range f.Registries {
		globs = append(globs, registry+"/*")
	}
	if globs == nil {
		globs = []string{"*"}
	}
	return globs
}
