package argocd

import "spokewright.dev/spokewright/schema"

// Rest is what an Application of a chart needs to come to rest: what is said here of it differs for ever else, and Argo CD
// shows it as OutOfSync, or applies it again and again.
type Rest struct {
	Chart   string
	Version string // of the chart that it was read for
	Before  string // the version of Argo CD from which on it does so by itself
	Why     string
	Source  string
	Read    string // the day on which the source was read
}

// AtRest are the charts whose Applications Argo CD compares by asking the API server what a sync would change.
func AtRest() []Rest {
	return []Rest{
		{Chart: "kyverno", Version: "3.9.1", Before: "3.6", Why: "the API server fills in fields of its definitions, which Argo CD takes for changes of somebody else",
			Source: "https://github.com/kyverno/kyverno/issues/15116", Read: "2026-12-01"},
		{Chart: "loki", Version: "18.11.0", Before: "3.6", Why: "the API server fills in the kinds of volumeClaimTemplates, which Argo CD takes for a change under server-side apply",
			Source: "https://github.com/argoproj/argo-cd/issues/11143", Read: "2026-12-01"},
	}
}

// Comparing are the annotations by which Argo CD compares an Application of a chart so that it comes to rest. From 3.6 on
// server-side apply is compared so by itself (docs/operator-manual/upgrading/3.5-3.6.md of argoproj/argo-cd).
func Comparing(f *schema.FleetConfig, chart string) map[string]any {
	for _, rest := range AtRest() {
		if chart != "" && rest.Chart == chart && f.Targets.ArgoCD.Before(rest.Before) {
			return map[string]any{"argocd.argoproj.io/compare-options": "ServerSideDiff=true"}
		}
	}
	return map[string]any{}
}
