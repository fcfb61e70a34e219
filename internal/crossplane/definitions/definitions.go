// Package definitions makes the CompositeResourceDefinitions of Spokewright's own claims from their CUE definitions, so
// that what a claim may hold is written once. What composes a claim is not its concern.
package definitions

import (
	"fmt"
	"strings"

	"spokewright.dev/spokewright/internal/constraint"
	"spokewright.dev/spokewright/internal/constraint/openapi"
	"spokewright.dev/spokewright/internal/manifest"
)

// The group and version of Spokewright's own claims.
const (
	Group   = "platform.spokewright.dev"
	Version = "v1alpha1"
)

// Namespaced is the definition of a composite that lives in the environment's namespace (Crossplane 2). status is nil
// for a kind that tells nothing of its own.
func (k Kind) Namespaced(spec, status *constraint.Constraint) manifest.Object {
	object := manifest.New("apiextensions.crossplane.io/v2", "CompositeResourceDefinition", "", k.Plural+"."+Group)
	annotate(object)
	object["spec"] = map[string]any{
		"group":    Group,
		"names":    map[string]any{"kind": k.Name, "plural": k.Plural},
		"scope":    "Namespaced",
		"versions": []any{k.version(spec, status)},
	}
	return object
}

// Claimed is the definition of a cluster-wide composite with a claim in the environment's namespace (Crossplane 1.20,
// and 2 as a legacy scope). The claim has the kind's own name, the composite an X before it.
func (k Kind) Claimed(spec, status *constraint.Constraint) manifest.Object {
	object := manifest.New("apiextensions.crossplane.io/v1", "CompositeResourceDefinition", "", "x"+k.Plural+"."+Group)
	annotate(object)
	body := map[string]any{
		"group":      Group,
		"names":      map[string]any{"kind": "X" + k.Name, "plural": "x" + k.Plural},
		"claimNames": map[string]any{"kind": k.Name, "plural": k.Plural},
		"versions":   []any{k.version(spec, status)},
	}
	if len(k.ConnectionKeys) > 0 {
		keys := make([]any, len(k.ConnectionKeys))
		for i, key := range k.ConnectionKeys {
			keys[i] = key
		}
		body["connectionSecretKeys"] = keys
	}
	object["spec"] = body
	return object
}

// annotate puts the definition after Crossplane and before everything that uses it.
func annotate(object manifest.Object) {
	manifest.Annotate(object, map[string]string{
		"argocd.argoproj.io/sync-wave":    "-45",
		"argocd.argoproj.io/sync-options": "Prune=confirm,Delete=confirm,SkipDryRunOnMissingResource=true",
	})
}

func (k Kind) version(spec, status *constraint.Constraint) map[string]any {
	properties := map[string]any{"spec": k.schema(spec)}
	if status != nil {
		properties["status"] = openapi.Schema(status)
	}
	return map[string]any{
		"name":                     Version,
		"served":                   true,
		"referenceable":            true,
		"additionalPrinterColumns": k.columns(),
		"schema": map[string]any{"openAPIV3Schema": map[string]any{
			"type":       "object",
			"properties": properties,
			"required":   []any{"spec"},
		}},
	}
}

// schema is what the CUE definition says, with what only an API server can do: fill in, and judge a change.
func (k Kind) schema(spec *constraint.Constraint) map[string]any {
	schema := openapi.Schema(spec)
	for field, value := range k.Defaults {
		at(schema, field)["default"] = value
	}
	for _, rule := range k.Rules {
		place := at(schema, rule.Field)
		rules, _ := place["x-kubernetes-validations"].([]any)
		said := map[string]any{"rule": rule.Expression, "message": rule.Message}
		if rule.OfNew {
			said["optionalOldSelf"] = true
		}
		place["x-kubernetes-validations"] = append(rules, said)
	}
	return schema
}

// at is the schema of a field, such as "nodes.min"; of the whole where there is none.
func at(schema map[string]any, field string) map[string]any {
	if field == "" {
		return schema
	}
	for name := range strings.SplitSeq(field, ".") {
		properties, _ := schema["properties"].(map[string]any)
		inner, known := properties[name].(map[string]any)
		if !known {
			panic(fmt.Sprintf("the definitions of claims have no field %s", field)) // a fault of this program
		}
		schema = inner
	}
	return schema
}

func (k Kind) columns() []any {
	columns := make([]any, len(k.Columns))
	for i, column := range k.Columns {
		shown := map[string]any{"name": column.Name, "type": column.Type, "jsonPath": column.Path}
		if column.Wide {
			shown["priority"] = 1
		}
		columns[i] = shown
	}
	return columns
}
