// Package argocd has the words that our objects say to Argo CD: sync waves, sync options, sources, the names of clusters.
// It makes no whole object, which is for functions, and it is not the protocol of the plugin, which is package plugin.
package argocd

import (
	"strconv"

	"spokewright.dev/spokewright/schema"
)

// ArgoCDNamespace is where Argo CD and the objects that it reads live on a hub.
const ArgoCDNamespace = "argocd"

// ObjectLabels are on everything that is made for the environment.
func ObjectLabels(e schema.Environment) map[string]string {
	labels := map[string]string{
		"app.kubernetes.io/managed-by": "spokewright",
		"spokewright.dev/class":        e.Class.Name,
		"spokewright.dev/environment":  e.Name,
		"spokewright.dev/owner":        e.Owner,
	}
	for name, value := range e.Labels {
		labels[name] = value
	}
	return labels
}

// Destination is the name under which Argo CD knows the environment's cluster.
func Destination(e schema.Environment) string {
	if e.Role == "hub" {
		return "in-cluster"
	}
	return e.Name
}

// Wave is the annotation that puts an object into a sync wave of Argo CD: lower waves first.
func Wave(number int) map[string]string {
	return map[string]string{"argocd.argoproj.io/sync-wave": strconv.Itoa(number)}
}

// The sync waves of a hub plane. Registration comes before what names the cluster: a set makes no Application at
// all while the cluster is unknown. Addons and the spoke plane come at once, for each needs a part of the other: addons
// live in its namespaces, and its policies are of kinds that addons bring. Nothing waits for the last wave, as the health
// check of sets in bases/hub knows.
const (
	WaveNamespace    = -30
	WavePolicies     = -20
	WaveNetwork      = -5
	WaveCluster      = 0
	WaveNodePools    = 5 // after their cluster, and gone before it
	WavePeering      = 5 // as well, for it opens the cluster's API; before the registration, by which the hub reaches that
	WaveDatabases    = 5
	WaveProtection   = 10
	WaveRegistration = 20
	WaveProject      = 30
	WaveAddons       = 35 // of the first order, and one more for each later one
	WaveSpokePlane   = 35
	WaveAppProject   = 45 // after what left it for the project of the platform
	WaveApps         = 50
)

// The sync waves of a hub's own hub plane. Its spoke plane brings what all others need, and so comes before them.
const (
	WaveHubProject    = -60
	WaveHubSpokePlane = -50
	WaveEnvironments  = 30
	WaveLeaving       = 31 // after the list, which has them no more
)

// The sync waves of a spoke plane beside WaveNamespace and WavePolicies. The namespaces of apps come after the policies: an
// app cannot start before what judges it. What reads secrets is an addon, and is waited for.
const (
	WaveAppNamespace = -10
	WaveSecretStore  = 0
	WaveSecrets      = 5
	WaveAddonObjects = 10 // last: a kind that is not there yet is in nobody's way
)

// The sync waves of a hub's own spoke plane, beside those of bases/hub, which they stand between: how providers run, the
// compositions, and what is read once the providers are there.
const (
	WaveRuntime      = -48
	WaveCompositions = -44
	WaveAccounts     = -43
)

// SyncOptions is the annotation with Argo CD's options for one object: what is protected is neither pruned nor
// deleted before somebody confirms it, and what needs a controller's CRD may come before it.
func SyncOptions(e schema.Environment, confirm, foreign bool) map[string]string {
	options := ""
	if confirm && e.Protected() {
		options = "Prune=confirm,Delete=confirm"
	}
	if foreign {
		if options != "" {
			options += ","
		}
		options += "SkipDryRunOnMissingResource=true"
	}
	if options == "" {
		return nil
	}
	return map[string]string{"argocd.argoproj.io/sync-options": options}
}
