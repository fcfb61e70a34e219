// Package workspaces makes Workspaces of Crossplane's OpenTofu provider, each of which runs one module of OpenTofu or
// Terraform with the environment's variables. What the module makes is not its concern.
package workspaces

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"spokewright.dev/spokewright/internal/argocd"
	"spokewright.dev/spokewright/internal/manifest"
	"spokewright.dev/spokewright/schema"
)

// Make appends the workspaces of an environment and their protection to its hub plane.
func Make(e schema.Environment, plane schema.Plane, items []manifest.Object) []manifest.Object {
	if plane != schema.Hub {
		return items
	}
	names := slices.Sorted(maps.Keys(e.Workspaces))
	for _, name := range names {
		items = append(items, workspace(e, name))
	}
	if e.Protected() {
		for _, name := range names {
			items = append(items, usage(e, name))
		}
	}
	return items
}

// namespaced says whether managed resources live in the environment's namespace (Crossplane 2).
func namespaced(e schema.Environment) bool { return e.Fleet.Targets.Crossplane.API == "namespaced" }

func workspace(e schema.Environment, name string) manifest.Object {
	w := e.Workspaces[name]
	apiVersion, namespace := "opentofu.m.upbound.io/v1beta1", e.Name
	provider := map[string]any{"kind": "ClusterProviderConfig", "name": "default"}
	secret := map[string]any{"name": schema.ConnectionSecret(name)}
	spec := map[string]any{}
	if !namespaced(e) {
		apiVersion, namespace = "opentofu.upbound.io/v1beta1", ""
		provider = map[string]any{"name": "default"}
		secret["namespace"] = e.Name
	}
	if e.Deletion("Workspace", false) == schema.Orphaned {
		spec["managementPolicies"] = []any{"Observe", "Create", "Update", "LateInitialize"} // all but Delete
		if !namespaced(e) {
			spec["deletionPolicy"] = "Orphan"
		}
	}
	spec["providerConfigRef"] = provider
	spec["forProvider"] = map[string]any{"source": "Inline", "inlineFormat": "JSON", "module": root(w)}
	if len(w.Outputs) > 0 {
		spec["writeConnectionSecretToRef"] = secret
	}
	o := object(e, apiVersion, "Workspace", namespace, e.WorkspaceName(name), argocd.WaveDatabases)
	// The provider keeps the state under this name: one for the fleet's whole life.
	manifest.Annotate(o, map[string]string{"crossplane.io/external-name": w.ID})
	o["spec"] = spec
	return o
}

// root is a root module that calls the module with its variables and hands on the outputs that are asked for, as
// sensitive values, since they may be: the provider then writes them to the Secret alone.
func root(w schema.Workspace) string {
	call := map[string]any{"source": w.Source}
	if w.Version != "" {
		call["version"] = w.Version
	}
	for name, value := range w.Variables {
		call[name] = literal(value)
	}
	module := map[string]any{"module": map[string]any{"workspace": call}}
	outputs := map[string]any{}
	for _, name := range w.Outputs {
		outputs[name] = map[string]any{"value": "${module.workspace." + name + "}", "sensitive": true}
	}
	if len(outputs) > 0 {
		module["output"] = outputs
	}
	text, err := json.MarshalIndent(module, "", "  ")
	if err != nil {
		panic(err) // JSON data always marshals
	}
	return string(text) + "\n"
}

// literal is a value in which nothing is a template of OpenTofu's JSON syntax.
func literal(value any) any {
	switch value := value.(type) {
	case string:
		return strings.NewReplacer("${", "$${", "%{", "%%{").Replace(value)
	case []any:
		list := make([]any, len(value))
		for i, item := range value {
			list[i] = literal(item)
		}
		return list
	case map[string]any:
		object := make(map[string]any, len(value))
		for name, item := range value {
			object[literal(name).(string)] = literal(item)
		}
		return object
	}
	return value
}

// usage refuses the deletion of a workspace.
func usage(e schema.Environment, name string) manifest.Object {
	apiVersion, kind, namespace := "protection.crossplane.io/v1beta1", "Usage", e.Name
	of := map[string]any{"apiVersion": "opentofu.m.upbound.io/v1beta1", "kind": "Workspace", "resourceRef": map[string]any{"name": e.WorkspaceName(name)}}
	if !namespaced(e) {
		kind, namespace, of["apiVersion"] = "ClusterUsage", "", "opentofu.upbound.io/v1beta1"
		if e.Fleet.Targets.Crossplane.Before("2.0") {
			apiVersion, kind = "apiextensions.crossplane.io/v1beta1", "Usage"
		}
	}
	o := object(e, apiVersion, kind, namespace, e.UsageName("workspace", name), argocd.WaveProtection)
	o["spec"] = map[string]any{"of": of, "reason": "a workspace of a " + e.Class.Name + " environment"}
	return o
}

func object(e schema.Environment, apiVersion, kind, namespace, name string, wave int) manifest.Object {
	id := manifest.ID{APIVersion: apiVersion, Kind: kind, Namespace: namespace, Name: name}
	return argocd.Object(e, id, argocd.Placement{Wave: wave, Confirm: true, Foreign: true})
}
