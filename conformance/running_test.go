package conformance

import (
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"spokewright.dev/spokewright/internal/manifest"
	"spokewright.dev/spokewright/internal/policytest"
)

// changeable is the object that the cases of a subject change by its subresource. No Pod begins with what `kubectl debug`
// adds.
func changeable(subject policytest.Subject) manifest.Object {
	pod := manifest.Copy(subject.Cases(0)[0].Object)
	delete(pod["spec"].(map[string]any), "ephemeralContainers")
	return pod
}

// scaledTo is what the subresource scale reads of an object: how many Pods it is to have.
func scaledTo(object manifest.Object) manifest.Object {
	id := manifest.Identify(object)
	scale := manifest.New("autoscaling/v1", "Scale", id.Namespace, id.Name)
	spec, _ := object["spec"].(map[string]any)
	scale["spec"] = map[string]any{"replicas": spec["replicas"]}
	return scale
}

// judgesChanges changes an object that is there: what breaks the rule is refused, what keeps it is not.
func (g admissionServer) judgesChanges(t *testing.T, trial trial) {
	breaking := slices.IndexFunc(trial.cases, func(c policytest.Case) bool { return c.Want == policytest.Fail })
	require.Positive(t, breaking, "nothing that breaks the rule fits its definition")
	g.inForce(t, trial.subject, trial.cases[breaking].Object)
	refused := 0
	for _, c := range trial.cases {
		byPolicy, err := g.refuses(t, trial.subject, c.Object)
		if c.Want == policytest.Fail && !byPolicy && byAnother(err) {
			continue
		}
		assert.Equal(t, c.Want == policytest.Fail, byPolicy, "%s of %s: %s at %v: CUE says %s, the server says: %v",
			trial.subject.Subresource, manifest.Identify(c.Object), c.Operator, c.Path, c.Want, err)
		if byPolicy {
			refused++
		}
	}
	t.Logf("%d of %d changes refused by %s", refused, len(trial.cases), manifest.Identify(trial.subject.Policy))
}

// guardsRunning adds containers to a Pod that runs, as `kubectl debug` does, and changes the image of one: neither is a
// way around the rules.
func (g admissionServer) guardsRunning(t *testing.T) {
	pod := g.good(t, "Pod", "default", "web-7d4b9c6f5d-x8k2p")
	require.NoError(t, g.server.Apply(g.ctx, pod))

	for name, debug := range map[string]struct {
		change map[string]any // of a container that keeps all rules
		by     []string
	}{
		"what keeps the rules": {},
		"from somewhere else":  {map[string]any{"image": vendors}, []string{"known-registries-running"}},
		"without a version":    {map[string]any{"image": "registry.example.com/tools/shell:latest"}, []string{"no-latest-tag-running"}},
		"with all rights":      {map[string]any{"securityContext": map[string]any{"privileged": true}}, []string{"pod-security-baseline-running", "pod-security-restricted-running"}},
		"as root":              {map[string]any{"securityContext": map[string]any{"runAsUser": int64(0)}}, []string{"pod-security-restricted-running", "pods-run-as-non-root-running"}},
	} {
		debugging := document(t, debugged(pod.Object, debug.change))
		_, err := g.server.MayChange(g.ctx, debugging.ID(), debugging, "ephemeralcontainers")
		assert.Equal(t, debug.by != nil, err != nil, "a container %s: %v", name, err)
		if debug.by != nil {
			assert.True(t, slices.ContainsFunc(debug.by, func(policy string) bool { return refusedInName(err, policy) }), "a container %s: %v", name, err)
		}
	}

	_, err := g.server.Judge(g.ctx, g.good(t, "Pod", "default", pod.ID().Name, from(vendors)))
	assert.True(t, refusedInName(err, "known-registries"), "another image for a Pod that runs: %v", err)
	_, err = g.server.Judge(g.ctx, g.good(t, "Pod", "default", pod.ID().Name, from("registry.example.com/shop/app:1.0.1")))
	assert.NoError(t, err)
}

// debugged is a Pod with a container like its first one that somebody adds to look into it, but for a change.
func debugged(pod manifest.Object, change map[string]any) manifest.Object {
	pod = manifest.Copy(pod)
	container := maps.Clone(first(pod))
	delete(container, "resources") // such a container cannot have them
	container["name"] = "debug"
	maps.Copy(container, change)
	pod["spec"].(map[string]any)["ephemeralContainers"] = []any{container}
	return pod
}
