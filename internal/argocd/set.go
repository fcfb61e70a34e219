package argocd

import (
	"slices"
	"strings"

	"spokewright.dev/spokewright/internal/manifest"
)

// FailOnShared is the sync option that stops an Application from taking what another one has.
const FailOnShared = "FailOnSharedResource=true"

// patch puts the objects of an element into its Application. It is merged into the template, so the template's
// source holds nothing but what every element has. Of the sync policy an element has what differs from the template's.
const patch = `metadata:
  annotations: {{ toJson .annotations }}
  labels: {{ toJson .labels }}
spec:
  source: {{ toJson .source }}
{{- with index . "` + OwnSyncPolicy + `" }}
  syncPolicy: {{ toJson . }}
{{- end }}
`

// OwnSyncPolicy is the key of an element under which it has a sync policy that differs from its set's.
const OwnSyncPolicy = "syncPolicy"

// Merges says whether data arrives as it is when it is merged into an Application, as a set's patch is: a null would take its key
// away, and a key that directs the merge would itself be gone (apimachinery, strategicpatch.StrategicMergePatch).
func Merges(data any) bool {
	switch data := data.(type) {
	case nil:
		return false
	case map[string]any:
		for key, value := range data {
			if directs(key) || !Merges(value) {
				return false
			}
		}
	case []any:
		return !slices.ContainsFunc(data, func(item any) bool { return !Merges(item) })
	}
	return true
}

// directs says whether a key directs a strategic merge.
func directs(key string) bool {
	return key == "$patch" || key == "$retainKeys" || strings.HasPrefix(key, "$deleteFromPrimitiveList/") || strings.HasPrefix(key, "$setElementOrder/")
}

// approved is the annotation by which Argo CD deletes what waits for a confirmation. The controller of sets takes away what it
// does not know, so that it must be told: else an approval is gone before Argo CD has acted on it.
const approved = "argocd.argoproj.io/deletion-approved"

// LiteralSet is the spec of an ApplicationSet of literal elements: nothing is looked up, so nothing can be found empty.
// Each element holds name, namespace (under the key given), labels, annotations and source, and where it has one a sync policy
// of its own: whole objects that the set's patch puts in place. labels are those of every Application, nil where an element brings all of them.
func LiteralSet(elements []any, labels map[string]any, project, cluster, namespace string, syncPolicy map[string]any) map[string]any {
	metadata := map[string]any{"name": "{{ .name }}"}
	if labels != nil {
		metadata["labels"] = labels
	}
	return map[string]any{
		"goTemplate":        true,
		"goTemplateOptions": []any{"missingkey=error"},
		"generators":        []any{map[string]any{"list": map[string]any{"elements": elements}}},
		"template": map[string]any{
			"metadata": metadata,
			"spec": map[string]any{
				"project":     project,
				"destination": map[string]any{"name": cluster, "namespace": "{{ ." + namespace + " }}"},
				"source":      map[string]any{"repoURL": "{{ .source.repoURL }}"},
				"syncPolicy":  syncPolicy,
			},
		},
		"templatePatch":   patch,
		"preservedFields": map[string]any{"annotations": []any{approved}},
	}
}

// KeepApplications is the policy of a set that deletes no Application, neither when an element leaves it nor when it is
// deleted itself.
func KeepApplications() map[string]any {
	return map[string]any{"applicationsSync": "create-update", "preserveResourcesOnDeletion": true}
}

// KeepResources is the policy of a set that deletes an Application whose element leaves it, and all of them when it is deleted
// itself, and nothing of what they made: no Application of it has a finalizer.
func KeepResources() map[string]any {
	return map[string]any{"applicationsSync": "sync", "preserveResourcesOnDeletion": true}
}

// ForEver is how often what an environment is made of is tried again: one part may have to wait for another.
const ForEver = -1

// SyncPolicy syncs by itself, with these options. A sync that fails is tried again so many times, with what stands in Git by
// then: else a mistake would be in the way of its own repair. What is false is left out, as Argo CD leaves it out when it
// begins to sync: said all the same, the object would differ from Git from then on.
func SyncPolicy(retries int, prune bool, options ...any) map[string]any {
	automated := map[string]any{"selfHeal": true}
	if prune {
		automated["prune"] = true
	}
	return map[string]any{
		"automated":   automated,
		"syncOptions": append([]any{FailOnShared, "ServerSideApply=true"}, options...),
		"retry":       map[string]any{"limit": retries, "refresh": true, "backoff": map[string]any{"duration": "10s", "factor": 2, "maxDuration": "5m"}},
	}
}

// Elements are the literal elements of a set, all its lists together.
func Elements(set manifest.Object) []map[string]any {
	var found []map[string]any
	for _, generator := range manifest.MapsAt(set, "spec", "generators") {
		found = append(found, manifest.MapsAt(generator, "list", "elements")...)
	}
	return found
}
