package argocd

import (
	"spokewright.dev/spokewright/internal/manifest"
	"spokewright.dev/spokewright/schema"
)

// Placement says how Argo CD applies an object.
type Placement struct {
	Wave    int
	Confirm bool // in a protected environment, its removal waits for a confirmation
	Foreign bool // a controller's CRD makes its kind known, perhaps only later
}

// Object is an object of the environment that holds its identity, the environment's labels and how Argo CD applies it.
func Object(e schema.Environment, id manifest.ID, placed Placement) manifest.Object {
	object := manifest.New(id.APIVersion, id.Kind, id.Namespace, id.Name)
	manifest.Label(object, ObjectLabels(e))
	manifest.Annotate(object, Wave(placed.Wave))
	manifest.Annotate(object, SyncOptions(e, placed.Confirm, placed.Foreign))
	return object
}

// Own is an object of a kind of Argo CD's own, in the namespace where Argo CD reads it.
func Own(e schema.Environment, kind, name string, wave int) manifest.Object {
	return Object(e, manifest.ID{APIVersion: "argoproj.io/v1alpha1", Kind: kind, Namespace: ArgoCDNamespace, Name: name}, Placement{Wave: wave, Confirm: true})
}

// Finalize makes the removal of an object of Argo CD's own remove first what that object brought.
func Finalize(object manifest.Object) {
	manifest.Set(object, []any{"resources-finalizer.argocd.argoproj.io"}, "metadata", "finalizers")
}

// Admit is the spec of a project that admits repositories and one cluster, by its name, and every kind there.
func Admit(description string, repositories []any, cluster string) map[string]any {
	spec := AdmitNamespaces(description, repositories, cluster, "*")
	spec["clusterResourceWhitelist"] = []any{map[string]any{"group": "*", "kind": "*"}}
	return spec
}

// AdmitNamespaces is the spec of a project that admits repositories and some namespaces of one cluster, and nothing that is in none.
func AdmitNamespaces(description string, repositories []any, cluster string, namespaces ...string) map[string]any {
	destinations := make([]any, len(namespaces))
	for i, namespace := range namespaces {
		destinations[i] = map[string]any{"name": cluster, "namespace": namespace}
	}
	return map[string]any{"description": description, "sourceRepos": repositories, "destinations": destinations}
}
