// Package definitions makes the CompositeResourceDefinitions of Spokewright's own claims from their CUE definitions, so
// that what a claim may hold is written once. What composes a claim is not its concern.
package definitions

import (
	"spokewright.dev/spokewright/constraint"
	"spokewright.dev/spokewright/manifest"
)

// The group and version of Spokewright's own claims.
const (
	Group   = "platform.spokewright.dev"
	Version = "v1alpha1"
)

// Kind is a kind of claim. Columns are the fields of its spec that `kubectl get` shows.
type Kind struct {
	Name, Plural string
	Columns      []string
	// ConnectionKeys are what the Secret with the way to it holds.
	ConnectionKeys []string
}

// Kinds are all kinds of claims.
func Kinds() []Kind {
	return []Kind{
		{"Cluster", "clusters", []string{"cloud", "region", "version"}, []string{"clusterCA", "clusterName", "endpoint"}},
		{"Database", "databases", []string{"engine", "version", "size"}, []string{"endpoint", "password", "port", "username"}},
	}
}

// Namespaced is the definition of a composite that lives in the environment's namespace (Crossplane 2).
func (k Kind) Namespaced(spec *constraint.Constraint) manifest.Object {
	object := manifest.New("apiextensions.crossplane.io/v2", "CompositeResourceDefinition", "", k.Plural+"."+Group)
	annotate(object)
	object["spec"] = map[string]any{
		"group":    Group,
		"names":    map[string]any{"kind": k.Name, "plural": k.Plural},
		"scope":    "Namespaced",
		"versions": []any{k.version(spec)},
	}
	return object
}

// Claimed is the definition of a cluster-wide composite with a claim in the environment's namespace (Crossplane 1.20,
// and 2 as a legacy scope). The claim has the kind's own name, the composite an X before it.
func (k Kind) Claimed(spec *constraint.Constraint) manifest.Object {
	object := manifest.New("apiextensions.crossplane.io/v1", "CompositeResourceDefinition", "", "x"+k.Plural+"."+Group)
	annotate(object)
	keys := make([]any, len(k.ConnectionKeys))
	for i, key := range k.ConnectionKeys {
		keys[i] = key
	}
	object["spec"] = map[string]any{
		"group":                Group,
		"names":                map[string]any{"kind": "X" + k.Name, "plural": "x" + k.Plural},
		"claimNames":           map[string]any{"kind": k.Name, "plural": k.Plural},
		"connectionSecretKeys": keys,
		"versions":             []any{k.version(spec)},
	}
	return object
}

// annotate puts the definition after Crossplane and before everything that uses it.
func annotate(object manifest.Object) {
	manifest.Annotate(object, map[string]string{
		"argocd.argoproj.io/sync-wave":    "-45",
		"argocd.argoproj.io/sync-options": "Prune=confirm,Delete=confirm,SkipDryRunOnMissingResource=true",
	})
}

func (k Kind) version(spec *constraint.Constraint) map[string]any {
	columns := make([]any, len(k.Columns))
	for i, column := range k.Columns {
		columns[i] = map[string]any{"name": column, "type": "string", "jsonPath": ".spec." + column}
	}
	return map[string]any{
		"name":                     Version,
		"served":                   true,
		"referenceable":            true,
		"additionalPrinterColumns": columns,
		"schema": map[string]any{"openAPIV3Schema": map[string]any{
			"type":       "object",
			"properties": map[string]any{"spec": spec.OpenAPI()},
			"required":   []any{"spec"},
		}},
	}
}
