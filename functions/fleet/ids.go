package fleet

import (
	"fmt"
	"strings"

	"spokewright.dev/spokewright/internal/argocd"
	"spokewright.dev/spokewright/internal/constraint/cel"
	"spokewright.dev/spokewright/internal/manifest"
	"spokewright.dev/spokewright/schema"
)

// IDsPolicy is the name of the policy by which an id lives in one namespace. What it says depends on what lives on the hub.
const IDsPolicy = "ids-live-once"

// idsPolicy denies a claim whose id one in another namespace has: both would manage the same objects of the cloud. It
// looks at what lives on the hub, so that an environment with a new name waits until the old one has let go.
func idsPolicy(e schema.Environment) manifest.Object {
	var rules, validations []any
	for _, kind := range e.Fleet.Claims.Kinds() {
		path := []string{"spec", "id"}
		if kind.Fields != nil {
			path = strings.Split(kind.Fields["id"], ".")
		}
		if len(path) < 2 {
			continue
		}
		rules = append(rules, map[string]any{
			"apiGroups": []any{kind.Group()}, "apiVersions": []any{"*"}, "operations": []any{"CREATE"}, "resources": []any{kind.Plural},
		})
		validations = append(validations, map[string]any{
			"expression": fmt.Sprintf("object.kind != %s || !dyn(resource.List(%s, %s, '').items).exists(other, other.metadata.namespace != object.metadata.namespace && other%s.orValue(null) == object%s.orValue(''))",
				cel.Text(kind.Kind), cel.Text(kind.APIVersion), cel.Text(kind.Plural), optional(path), optional(path)),
			"message": "another namespace has a claim with this id: two would manage the same objects in the cloud",
		})
	}
	id := manifest.ID{APIVersion: e.Fleet.PolicyVersion(), Kind: "ValidatingPolicy", Name: IDsPolicy}
	o := argocd.Object(e, id, argocd.Placement{Wave: argocd.WavePolicies, Confirm: true, Foreign: true})
	o["spec"] = map[string]any{
		"validationActions": []any{"Deny"},
		"failurePolicy":     "Fail",
		"matchConstraints":  map[string]any{"resourceRules": rules},
		"validations":       validations,
	}
	return o
}

// optional is a path in CEL of which any part may be missing.
func optional(path []string) string {
	var text strings.Builder
	for _, name := range path {
		text.WriteString("[?" + cel.Text(name) + "]")
	}
	return text.String()
}
