package conformance

import (
	"cmp"
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"spokewright.dev/spokewright/conformance/documents"
	"spokewright.dev/spokewright/internal/manifest"
	"spokewright.dev/spokewright/internal/policytest"
)

// A waiver lets in what it covers, and that alone, until it ends: on the hub a claim, on the spoke an app, with what
// Kubernetes' own controllers make of it under names of their own.
func TestKyvernoHonoursWaivers(t *testing.T) {
	root := copyOfSample(t)
	day := func(days int) string { return time.Now().AddDate(0, 0, days).Format(time.DateOnly) }
	put(t, root, ">> environments/prod-eu.cue", `
waivers: {
	lease: {rule: "database-survives-failure", name: "orders", until: "`+day(30)+`", reason: "it moves to another region first"}
	vendor: {rule: "known-registries", namespace: "shop", name: "web", until: "`+day(30)+`", reason: "one vendor's image"}
	over: {rule: "known-registries", name: "old", until: "`+day(-2)+`", reason: "it was one vendor's image"}
}
`)
	render := exec.Command(filepath.Join(released(t.Context(), t), "spokewright"), "render", "prod-eu")
	render.Dir = root
	output, err := render.CombinedOutput()
	require.NoError(t, err, "%s", output)

	w := waived{newAdmissionServer(t, root, "prod-eu")}
	for _, document := range read(t, root+"/golden/prod-us") {
		if policytest.IsPolicy(document.Object) && document.ID().Namespace != "" {
			w.policies = append(w.policies, document)
		}
	}
	require.NoError(t, w.server.Apply(w.ctx, namespace(t, "shop")))
	w.server.Control(w.ctx, t, cache(t), "deployment-controller", "replicaset-controller")
	w.admit(t)
	t.Run("policies are accepted without a warning", w.fit)
	w.apply(t)
	t.Run("claims", w.claims)
	t.Run("apps", w.apps)
	t.Run("what controllers make", w.made)
	t.Run("Pods that run", w.running)
	t.Run("the end", w.end)
}

// waived is a admissionServer whose policies have waivers.
type waived struct{ admissionServer }

func (w waived) fit(t *testing.T) {
	found := 0
	for _, policy := range w.policies {
		warnings, err := w.server.Judge(w.ctx, policy)
		assert.NoError(t, err)
		assert.Empty(t, warnings)
		if strings.Contains(string(policy.Text), "waiver-") {
			found++
		}
	}
	assert.Equal(t, 3, found, "policies with waivers: one for claims, one for Pods, one for Pods that run")
}

// refused wants the server to refuse for the policy of that name, or to accept where there is none. A policy is in
// force some seconds after it was applied.
func (w waived) refused(t *testing.T, what string, document documents.Document, policy string) {
	t.Helper()
	if !assert.Eventually(t, func() bool {
		_, err := w.server.Judge(w.ctx, document)
		return policy == "" && err == nil || policy != "" && refusedInName(err, policy)
	}, 60*time.Second, 200*time.Millisecond, "%s: wanted to be refused by %q", what, policy) {
		_, err := w.server.Judge(w.ctx, document)
		t.Logf("%s: %v", what, err)
	}
}

func (w waived) claims(t *testing.T) {
	fragile := func(object manifest.Object) { object["spec"].(map[string]any)["highlyAvailable"] = false }
	open := func(object manifest.Object) { fragile(object); object["spec"].(map[string]any)["encrypted"] = false }
	const rule = "database-survives-failure"
	w.refused(t, "another name", w.good(t, "Database", "prod-eu", "reviews", fragile), rule)
	w.refused(t, "another environment", w.good(t, "Database", "prod-us", "orders", fragile), rule)
	w.refused(t, "what is waived", w.good(t, "Database", "prod-eu", "orders", fragile), "")
	w.refused(t, "another rule", w.good(t, "Database", "prod-eu", "orders", open), "database-stays-private")
	require.NoError(t, w.server.Apply(w.ctx, w.good(t, "Database", "prod-eu", "orders")))
	w.refused(t, "a change", w.good(t, "Database", "prod-eu", "orders", fragile), "")
}

func (w waived) apps(t *testing.T) {
	const rule = "known-registries"
	privileged := func(object manifest.Object) { first(object)["securityContext"] = map[string]any{"privileged": true} }
	w.refused(t, "another name", w.good(t, "Deployment", "shop", "web-admin", from(vendors)), rule)
	w.refused(t, "another namespace", w.good(t, "Deployment", "elsewhere", "web", from(vendors)), rule)
	w.refused(t, "a waiver that is over", w.good(t, "Deployment", "shop", "old", from(vendors)), rule)
	w.refused(t, "a Pod of nobody", w.good(t, "Pod", "shop", "web-7d4b9c6f5d-x8k2p", from(vendors)), rule)
	w.refused(t, "what is waived", w.good(t, "Deployment", "shop", "web", from(vendors)), "")
	_, err := w.server.Judge(w.ctx, w.good(t, "Deployment", "shop", "web", from(vendors), privileged))
	assert.ErrorContains(t, err, "Policy pod-security-", "other rules")

	web := w.good(t, "Deployment", "shop", "web", from(vendors))
	require.NoError(t, w.server.Apply(w.ctx, web))
	soon, cancel := context.WithTimeout(w.ctx, 90*time.Second)
	defer cancel()
	seen, err := w.server.Await(soon, web.ID(), func(object manifest.Object) bool {
		status, _ := object["status"].(map[string]any)
		replicas, _ := status["replicas"].(float64)
		return replicas >= 2
	})
	assert.NoError(t, err, "Kubernetes makes no Pods of what is waived: %v", seen["status"])
}

// ownedBy says which controller made an object.
func ownedBy(kind, name string, controller bool) func(manifest.Object) {
	return func(object manifest.Object) {
		version := map[string]string{"Job": "batch/v1"}[kind]
		object["metadata"].(map[string]any)["ownerReferences"] = []any{map[string]any{
			"apiVersion": cmp.Or(version, "apps/v1"), "kind": kind, "name": name, "controller": controller, "uid": "d9607e19-f88f-11e6-a518-42010a800195",
		}}
	}
}

func (w waived) made(t *testing.T) {
	for _, c := range []struct {
		kind, name string
		controller bool
		policy     string
	}{
		{"ReplicaSet", "web-7d4b9c6f5d", true, ""},
		{"StatefulSet", "web", true, ""},
		{"Job", "web-29384958", true, ""}, // a CronJob's
		{"ReplicaSet", "web-7d4b9c6f5d", false, "known-registries"},
		{"ReplicaSet", "web-admin-7d4b9c6f5d", true, "known-registries"},
		{"StatefulSet", "web-0", true, "known-registries"},
		{"StatefulSet", "webb", true, "known-registries"},
	} {
		what := fmt.Sprintf("a Pod of %s %s, its controller: %t", c.kind, c.name, c.controller)
		w.refused(t, what, w.good(t, "Pod", "shop", "some-x8k2p", from(vendors), ownedBy(c.kind, c.name, c.controller)), c.policy)
	}
}

// running looks into Pods, one of which a waiver covers.
func (w waived) running(t *testing.T) {
	require.NoError(t, w.server.Apply(w.ctx, w.good(t, "Pod", "shop", "web-7d4b9c6f5d-x8k2p", ownedBy("ReplicaSet", "web-7d4b9c6f5d", true))))
	require.NoError(t, w.server.Apply(w.ctx, w.good(t, "Pod", "shop", "other")))
	debug := func(name, image string) error {
		pod, err := w.server.Get(w.ctx, w.good(t, "Pod", "shop", name).ID())
		require.NoError(t, err)
		debugging := document(t, debugged(pod, map[string]any{"image": image}))
		_, err = w.server.MayChange(w.ctx, debugging.ID(), debugging, "ephemeralcontainers")
		return err
	}
	assert.True(t, refusedInName(debug("other", vendors), "known-registries-running"))
	assert.NoError(t, debug("web-7d4b9c6f5d-x8k2p", vendors))
	assert.True(t, refusedInName(debug("web-7d4b9c6f5d-x8k2p", "docker.example.com/vendor/app:latest"), "no-latest-tag-running"))
}

// end lets waivers end by the clock alone: nothing changes but the time. How long a policy takes to be in force differs, so
// the end lies further ahead each time.
func (w waived) end(t *testing.T) {
	const rule = "database-survives-failure"
	i := slices.IndexFunc(w.policies, func(policy documents.Document) bool {
		return policy.ID().Name == rule && policy.ID().Namespace == "prod-eu"
	})
	require.GreaterOrEqual(t, i, 0)
	moment := regexp.MustCompile(`timestamp\('[^']*'\)`)
	claim := w.good(t, "Database", "prod-eu", "later", func(object manifest.Object) { object["spec"].(map[string]any)["highlyAvailable"] = false })
	accepted := false
	for ahead := 15 * time.Second; !accepted && ahead < 2*time.Minute; ahead *= 2 {
		ends := time.Now().Add(ahead)
		policy := manifest.Copy(w.policies[i].Object)
		condition := policy["spec"].(map[string]any)["matchConditions"].([]any)[0].(map[string]any)
		text := moment.ReplaceAllString(condition["expression"].(string), "timestamp('"+ends.UTC().Format(time.RFC3339)+"')")
		condition["expression"] = strings.ReplaceAll(text, `"orders"`, `"later"`)
		require.NotEqual(t, text, condition["expression"])
		require.NoError(t, w.server.Apply(w.ctx, document(t, policy)))
		for !accepted && time.Now().Before(ends) {
			_, err := w.server.Judge(w.ctx, claim)
			accepted = err == nil
		}
	}
	require.True(t, accepted, "what is waived was never accepted")
	w.refused(t, "what was waived", claim, rule)
}
