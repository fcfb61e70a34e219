package node

import (
	"context"
	"time"

	"spokewright.dev/spokewright/conformance/hub"
	"spokewright.dev/spokewright/internal/manifest"
)

// Operator plays Knative's operator in one cluster: what it is to install is said to be installed and ready as soon as it is asked
// for. Nothing is installed.
type Operator struct {
	Client hub.Client
	Log    func(format string, args ...any)
}

// Play plays until the context ends.
func (o Operator) Play(ctx context.Context) {
	o.Client.Watch(ctx, "operator.knative.dev/v1beta1", "KnativeServing", func(event hub.Event) {
		if event.Type == "DELETED" || hub.Holds(event.Object, "Ready") {
			return
		}
		id := manifest.Identify(event.Object)
		if err := o.Client.Tell(ctx, id, installed(event.Object)); err != nil && ctx.Err() == nil && !hub.Is(err, 404) {
			o.Log("operator: %v", err)
		}
	})
}

// installed are the conditions that the operator reports (pkg/apis/operator/v1beta1 of knative.dev/operator), all of which Argo CD's
// health check counts.
func installed(object manifest.Object) map[string]any {
	now := time.Now().UTC().Format(time.RFC3339)
	var conditions []any
	for _, kind := range []string{"DependenciesInstalled", "DeploymentsAvailable", "InstallSucceeded", "Ready", "VersionMigrationEligible"} {
		conditions = append(conditions, map[string]any{"type": kind, "status": "True", "lastTransitionTime": now})
	}
	return map[string]any{"conditions": conditions, "observedGeneration": hub.Fields(object, "metadata")["generation"]}
}
