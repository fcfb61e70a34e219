package schema

import (
	"maps"
	"slices"

	"spokewright.dev/spokewright/internal/claim"
)

// Resource says how the API serves a kind.
type Resource struct {
	Group, Version, Plural string
	// Claim is true for clusters, databases and networks, which live on the hub; everything else lives on the spoke.
	Claim bool
}

// Resource finds the kind that a rule names: a claim, or a kind of Kubernetes that rules can judge on the spoke.
func (f *FleetConfig) Resource(kind string) (Resource, bool) {
	if slices.Contains(claim.ClaimNames(), kind) {
		k, _ := f.Claims.Of(kind)
		return Resource{Group: k.Group(), Version: k.Version(), Plural: k.Plural, Claim: true}, true
	}
	resource, known := workloads()[kind]
	return resource, known
}

// KindNames are the kinds that rules can judge.
func (f *FleetConfig) KindNames() []string {
	return slices.Sorted(func(yield func(string) bool) {
		for _, kind := range claim.ClaimNames() {
			if !yield(kind) {
				return
			}
		}
		maps.Keys(workloads())(yield)
	})
}

// workloads are Kubernetes' own kinds that rules can judge.
func workloads() map[string]Resource {
	return map[string]Resource{
		"ConfigMap":               {Version: "v1", Plural: "configmaps"},
		"CronJob":                 {Group: "batch", Version: "v1", Plural: "cronjobs"},
		"DaemonSet":               {Group: "apps", Version: "v1", Plural: "daemonsets"},
		"Deployment":              {Group: "apps", Version: "v1", Plural: "deployments"},
		"HorizontalPodAutoscaler": {Group: "autoscaling", Version: "v2", Plural: "horizontalpodautoscalers"},
		"Ingress":                 {Group: "networking.k8s.io", Version: "v1", Plural: "ingresses"},
		"Job":                     {Group: "batch", Version: "v1", Plural: "jobs"},
		"Namespace":               {Version: "v1", Plural: "namespaces"},
		"NetworkPolicy":           {Group: "networking.k8s.io", Version: "v1", Plural: "networkpolicies"},
		"PersistentVolumeClaim":   {Version: "v1", Plural: "persistentvolumeclaims"},
		"Pod":                     {Version: "v1", Plural: "pods"},
		"PodDisruptionBudget":     {Group: "policy", Version: "v1", Plural: "poddisruptionbudgets"},
		"Secret":                  {Version: "v1", Plural: "secrets"},
		"Service":                 {Version: "v1", Plural: "services"},
		"ServiceAccount":          {Version: "v1", Plural: "serviceaccounts"},
		"StatefulSet":             {Group: "apps", Version: "v1", Plural: "statefulsets"},
	}
}
