package schema

import "strconv"

// Plane is where the objects of an environment are applied.
type Plane string

// The two planes: what controls the environment, and what runs in it.
const (
	Hub   Plane = "hub"
	Spoke Plane = "spoke"
)

// Planes are both, in the order in which they are rendered.
func Planes() []Plane { return []Plane{Hub, Spoke} }

// ArgoCDNamespace is where Argo CD and the objects that it reads live on a hub.
const ArgoCDNamespace = "argocd"

// ObjectLabels are on everything that is made for the environment.
func (e Environment) ObjectLabels() map[string]string {
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
func (e Environment) Destination() string {
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
// all while the cluster is unknown.
const (
	WaveNamespace    = -30
	WavePolicies     = -20
	WaveNetwork      = -5
	WaveCluster      = 0
	WaveDatabases    = 5
	WaveProtection   = 10
	WaveRegistration = 20
	WaveProject      = 30
	WaveAddons       = 35
	WaveSpokePlane   = 40
	WaveApps         = 50
)

// The sync waves of a spoke plane, after namespaces and policies. The plane itself comes after the addons, so that what
// reads these objects is there.
const (
	WaveSecretStore = 0
	WaveSecrets     = 5
)

// SyncOptions is the annotation with Argo CD's options for one object: what is protected is neither pruned nor
// deleted before somebody confirms it, and what needs a controller's CRD may come before it.
func (e Environment) SyncOptions(confirm, foreign bool) map[string]string {
	options := ""
	if confirm && e.Class.Protected {
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
