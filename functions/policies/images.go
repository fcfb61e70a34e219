package policies

import (
	"regexp"
	"strings"

	"spokewright.dev/spokewright/internal/constraint/cel"
	"spokewright.dev/spokewright/schema"
)

// patterns are the images that must be signed, as references in which * is any text.
func patterns(f *schema.FleetConfig) []string {
	if len(f.Signatures.Images) > 0 {
		return f.Signatures.Images
	}
	var all []string
	for _, registry := range f.Registries {
		all = append(all, registry+"/*")
	}
	if all == nil {
		return []string{"*"}
	}
	return all
}

// mustBeSigned says in CEL that an image is one of them.
func mustBeSigned(f *schema.FleetConfig, image string) string {
	var expressions []string
	for _, pattern := range patterns(f) {
		expressions = append(expressions, strings.ReplaceAll(regexp.QuoteMeta(pattern), `\*`, ".*"))
	}
	return image + ".matches(" + strings.Trim(cel.Texts([]any{"^(" + strings.Join(expressions, "|") + ")$"}), "[]") + ")"
}

// newImages are conditions that hold where a request brings an image that must be signed to a namespace that is not the
// platform's. What an object ran before is no news: a key that was changed and a registry that is down keep nobody from
// labelling a Pod or letting it end.
func newImages(e schema.Environment) []any {
	return append(elsewhere(e), condition("new-images", images("object")+".exists(image, "+mustBeSigned(e.Fleet, "image")+
		" && (request.operation == 'CREATE' || !(image in "+images("oldObject")+")))"))
}

// images are those of all containers of a Pod, in CEL.
func images(object string) string {
	return "(" + object + ".spec.containers + " + object + ".spec.?initContainers.orValue([]) + " + object + ".spec.?ephemeralContainers.orValue([])).map(container, container.image)"
}

// digests is a patch in CEL that binds every image of a Pod that must be signed and has no digest to the one it has now.
func digests(f *schema.FleetConfig) string {
	const container = "object.spec[field][index].image"
	return "['containers', 'initContainers', 'ephemeralContainers'].map(field, lists.range(object.spec[?field].orValue([]).size())" +
		".filter(index, " + mustBeSigned(f, container) + " && !" + container + ".contains('@'))" +
		".map(index, JSONPatch{op: 'replace', path: '/spec/' + field + '/' + string(index) + '/image', value: " + container + " + '@' + image.GetMetadata(" + container + ").digest})).flatten()"
}
