package conformance

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"spokewright.dev/spokewright/conformance/documents"
	"spokewright.dev/spokewright/conformance/hub"
	"spokewright.dev/spokewright/internal/manifest"
	"spokewright.dev/spokewright/internal/policytest"
)

// The real API server with the real admission controller of Kyverno holds the policies of a production environment, those
// for its claims and those for its spoke: what breaks a rule is refused, on CREATE and on UPDATE, and what keeps all is
// accepted; in another namespace the rules for claims do not count.
func TestKyvernoAdmits(t *testing.T) {
	admissionServer := newAdmissionServer(t, "..", "prod-eu")
	admissionServer.sift(t)
	admissionServer.admit(t)
	t.Run("policies are accepted without a warning", admissionServer.policiesFitKyverno)
	admissionServer.apply(t)
	for _, trial := range admissionServer.trials {
		subject := trial.subject
		if subject.Subresource == "" {
			t.Run(subject.Rule+"/"+subject.Kind, func(t *testing.T) { admissionServer.judges(t, trial) })
		} else {
			t.Run(subject.Rule+"/"+subject.Subresource, func(t *testing.T) { admissionServer.judgesChanges(t, trial) })
		}
	}
	t.Run("what is older than its rule", admissionServer.sparesTheOld)
	t.Run("kubectl debug", admissionServer.guardsRunning)
	t.Run("an unmasked /proc", admissionServer.keepsProcMasked)
	t.Run("other namespaces", admissionServer.leavesOthersAlone)
	t.Run("an id in two namespaces", admissionServer.keepsIDsApart)
	t.Run("namespaces of the platform", admissionServer.sparesThePlatform)
	t.Run("deletion", admissionServer.guardsDeletion)
	t.Run("namespaces of environments", admissionServer.guardsNamespaces)
}

// judges creates and changes objects: what breaks the rule is refused, what keeps it is not.
func (g admissionServer) judges(t *testing.T, trial trial) {
	policy, good := trial.subject.Policy, trial.cases[0].Object
	breaking := slices.IndexFunc(trial.cases, func(c policytest.Case) bool { return c.Want == policytest.Fail })
	require.Positive(t, breaking, "nothing that breaks the rule fits its definition")
	g.inForce(t, trial.subject, trial.cases[breaking].Object)
	require.NoError(t, g.server.Apply(g.ctx, document(t, good)))
	refused := 0
	for _, c := range trial.cases[1:] {
		changed := manifest.Copy(c.Object)
		changed["metadata"].(map[string]any)["name"] = manifest.Identify(good).Name
		for operation, object := range map[string]manifest.Object{"CREATE": c.Object, "UPDATE": changed} {
			byPolicy, err := g.refuses(t, trial.subject, object)
			if operation == "UPDATE" && unchangeable(err) {
				continue
			}
			if c.Want == policytest.Fail && !byPolicy && byAnother(err) {
				continue
			}
			assert.Equal(t, c.Want == policytest.Fail, byPolicy, "%s of %s: %s at %v: CUE says %s, the server says: %v",
				operation, manifest.Identify(object), c.Operator, c.Path, c.Want, err)
			if byPolicy {
				refused++
			}
		}
	}
	t.Logf("%d of %d requests refused by %s", refused, 2*len(trial.cases)-2, manifest.Identify(policy))
}

// unfit tells whether an object is of a shape that its schema does not have: no policy is asked about it.
func unfit(err error) bool {
	return errors.As(err, new(*hub.Refusal)) &&
		(strings.Contains(said(err), "failed to create typed patch object") || strings.Contains(said(err), "failed to convert new object"))
}

// unchangeable tells whether a field was changed that may not change, such as the template of a Job.
func unchangeable(err error) bool {
	var refusal *hub.Refusal
	return errors.As(err, &refusal) && refusal.Reason == "Invalid"
}

// sparesThePlatform: what runs in Kubernetes' own namespaces is nobody's app.
func (g admissionServer) sparesThePlatform(t *testing.T) {
	for _, trial := range g.trials {
		for _, c := range trial.subject.Exempt() {
			if c.Operator == "" {
				continue
			}
			byPolicy, err := g.refuses(t, trial.subject, c.Object)
			assert.False(t, byPolicy, "%s: %v", manifest.Identify(c.Object), err)
		}
	}
}

// keepsProcMasked asks for an unmasked /proc with users of its own: without these the API server refuses it before Kyverno.
func (g admissionServer) keepsProcMasked(t *testing.T) {
	pod := func(kind, procMount string) documents.Document {
		return g.good(t, kind, "elsewhere", "masked", func(object manifest.Object) {
			first(object)["securityContext"].(map[string]any)["procMount"] = procMount
			podSpec(object)["hostUsers"] = false
		})
	}
	for _, kind := range []string{"Pod", "Deployment", "ReplicaSet", "StatefulSet", "DaemonSet"} {
		require.Eventually(t, func() bool {
			_, err := g.server.Judge(g.ctx, pod(kind, "Unmasked"))
			return refusedInName(err, "pods-keep-proc-masked")
		}, 60*time.Second, 200*time.Millisecond, "%s was never refused", kind)
		_, err := g.server.Judge(g.ctx, pod(kind, "Default"))
		assert.NoError(t, err, kind)
	}
}

// What would go round a rule is judged by it, by the real admission: a port that looks like a tag, sidecars without resources, a
// Service that nodes answer for, and scaling.
func TestKyvernoJudgesWhatGoesRoundRules(t *testing.T) {
	admissionServer := newAdmissionServer(t, "..", "prod-eu")
	admissionServer.admit(t)
	admissionServer.apply(t)
	t.Run("an autoscaler's replicas", admissionServer.leavesReplicasToAutoscalers)
	t.Run("a port and a sidecar", admissionServer.looksTwice)
}

// looksTwice: what looks like a tag may be a port, and what runs before the app runs beside it.
func (g admissionServer) looksTwice(t *testing.T) {
	pod := func(change func(manifest.Object)) error {
		_, err := g.server.Judge(g.ctx, g.good(t, "Pod", "elsewhere", "twice", change))
		return err
	}
	require.NoError(t, pod(func(manifest.Object) {}))
	// It is of no known registry either, and the API server tells of the webhook that was fastest.
	require.Eventually(t, func() bool { return refusedInName(pod(from("registry.example.com:5000/web")), "no-latest-tag") }, 60*time.Second, 50*time.Millisecond)
	assert.True(t, refusedInName(pod(func(object manifest.Object) {
		sidecar := maps.Clone(first(object))
		delete(sidecar, "resources")
		sidecar["name"], sidecar["restartPolicy"] = "proxy", "Always"
		podSpec(object)["initContainers"] = []any{sidecar}
	}), "pods-have-resources"))
}

// leavesReplicasToAutoscalers: a Deployment that is applied without a number of Pods is let in, though the API server makes it one;
// who says one is refused, when it is applied and when it is scaled.
func (g admissionServer) leavesReplicasToAutoscalers(t *testing.T) {
	deployment := func(replicas any) documents.Document {
		return g.good(t, "Deployment", "elsewhere", "autoscaled", func(object manifest.Object) {
			spec := object["spec"].(map[string]any)
			delete(spec, "replicas")
			if replicas != nil {
				spec["replicas"] = replicas
			}
		})
	}
	require.Eventually(t, func() bool {
		_, err := g.server.Judge(g.ctx, deployment(int64(1)))
		return refusedInName(err, "two-replicas")
	}, 60*time.Second, 200*time.Millisecond, "one is never refused")
	require.NoError(t, g.server.Apply(g.ctx, deployment(nil)))
	scale := func(replicas int64) error {
		id := deployment(nil).ID()
		to := scaledTo(manifest.Object{"apiVersion": id.APIVersion, "kind": id.Kind, "metadata": map[string]any{"name": id.Name, "namespace": id.Namespace},
			"spec": map[string]any{"replicas": replicas}})
		_, err := g.server.MayChange(g.ctx, id, document(t, to), "scale")
		return err
	}
	assert.NoError(t, scale(3))
	require.Eventually(t, func() bool { return refusedInName(scale(0), "two-replicas-scaled") }, 60*time.Second, 200*time.Millisecond, "none is never refused")
	assert.NoError(t, scale(1), "it stays as it is")
}

// leavesOthersAlone: an environment's rules for claims are not those of others, and nobody's claims live elsewhere.
func (g admissionServer) leavesOthersAlone(t *testing.T) {
	for _, trial := range g.trials {
		i := slices.IndexFunc(trial.cases, func(c policytest.Case) bool { return c.Want == policytest.Fail })
		if manifest.Identify(trial.subject.Policy).Namespace == "" || i < 0 {
			continue
		}
		other := manifest.Copy(trial.cases[i].Object)
		other["metadata"].(map[string]any)["namespace"] = "dev"
		other["spec"].(map[string]any)["id"] = "dev-of-its-own"
		_, err := g.server.Judge(g.ctx, document(t, other))
		assert.NoError(t, err, "no policy is in that namespace")
		other["metadata"].(map[string]any)["namespace"] = "elsewhere"
		_, err = g.server.Judge(g.ctx, document(t, other))
		assert.ErrorContains(t, err, "claims live in the namespace of an environment")
	}
}

// guardsDeletion: a protected claim goes only with an approval.
func (g admissionServer) guardsDeletion(t *testing.T) {
	tried := 0
	for _, subject := range g.hub.subjects {
		if subject.Operation != "DELETE" {
			continue
		}
		tried++
		claim := manifest.Copy(subject.Good)
		id := manifest.Identify(claim)
		metadata := claim["metadata"].(map[string]any)
		delete(metadata["annotations"].(map[string]any), policytest.Approval)
		require.NoError(t, g.server.Apply(g.ctx, document(t, claim)))
		err := g.server.Delete(g.ctx, id)
		require.Error(t, err, "%s is gone without an approval", id)
		assert.Contains(t, said(err), refusalOf(subject.Policy))
		metadata["annotations"].(map[string]any)[policytest.Approval] = "true"
		require.NoError(t, g.server.Apply(g.ctx, document(t, claim)))
		require.NoError(t, g.server.Delete(g.ctx, id))
	}
	assert.Equal(t, 2, tried)
}

// sparesTheOld changes objects that break a rule and are older than it: they can be labelled, approved and finished, whatever
// the rule says, but not be changed into something else that it forbids, unless they are being deleted.
func (g admissionServer) sparesTheOld(t *testing.T) {
	policies := map[string]*agedCount{}
	for _, trial := range g.trials {
		if trial.aged == nil {
			continue
		}
		name := manifest.Identify(trial.subject.Policy).String()
		if policies[name] == nil {
			policies[name] = &agedCount{}
		}
		g.changes(t, trial, policies[name], false)
		g.letGo(t, trial, policies[name])
	}
	for name, count := range policies {
		assert.Positive(t, count.passed, "%s", name)
		assert.Positive(t, count.denied+count.unchangeable, "%s denies no change of what is older", name)
	}
	t.Logf("%d policies", len(policies))
}

// agedCount counts changes of what is older than a rule. Some fields may never change, whatever the rule says.
type agedCount struct{ passed, denied, unchangeable int }

// changes asks for every change of an aged object; once it is deleted, for those that the policy would have denied.
func (g admissionServer) changes(t *testing.T, trial trial, count *agedCount, deleted bool) {
	t.Helper()
	for _, change := range trial.subject.Changes(trial.aged, trial.cases) {
		if deleted && change.Want == policytest.Pass {
			continue
		}
		seen, err := g.preview(t, trial.subject, change.Object)
		if unfit(err) {
			continue
		}
		if unchangeable(err) {
			count.unchangeable++
			continue
		}
		if err == nil {
			change.Want = trial.subject.Change(trial.aged, numbers(seen).(manifest.Object)) // with defaults
		}
		byPolicy := refusedBy(err, trial.subject.Policy)
		want := change.Want == policytest.Fail && !deleted
		if want && !byPolicy && byAnother(err) {
			continue
		}
		assert.Equal(t, want, byPolicy, "%s of %s (deleted: %t): %v", change.Operator, manifest.Identify(change.Object), deleted, err)
		if byPolicy {
			count.denied++
		} else {
			count.passed++
		}
	}
}

// letGo approves and deletes an aged object, and takes off its finalizer.
func (g admissionServer) letGo(t *testing.T, trial trial, count *agedCount) {
	t.Helper()
	object := manifest.Copy(trial.aged)
	metadata := object["metadata"].(map[string]any)
	annotations, _ := metadata["annotations"].(map[string]any)
	if annotations == nil {
		annotations = map[string]any{}
	}
	annotations[policytest.Approval] = "true"
	metadata["annotations"] = annotations
	id := manifest.Identify(object)
	for _, step := range []func() error{
		func() error { return g.server.Apply(g.ctx, document(t, object)) },
		func() error { return g.server.Delete(g.ctx, id) },
		func() error { g.changes(t, trial, count, true); return nil },
		func() error {
			metadata["finalizers"] = []any{}
			return g.server.Apply(g.ctx, document(t, object))
		},
	} {
		if !assert.NoError(t, step(), "%s by %s", id, manifest.Identify(trial.subject.Policy)) {
			return
		}
	}
	_, err := g.server.Get(g.ctx, id)
	assert.Error(t, err, "%s is still there", id)
}

// guardsNamespaces: a protected environment's namespace goes only with an approval, and takes its guards along; nobody else's
// is anybody's business.
func (g admissionServer) guardsNamespaces(t *testing.T) {
	const policy = "environments-need-approval-to-go"
	of := func(name, class string, annotations map[string]any) documents.Document {
		object := manifest.New("v1", "Namespace", "", name)
		manifest.Label(object, map[string]string{"spokewright.dev/environment": name, "spokewright.dev/class": class})
		object["metadata"].(map[string]any)["annotations"] = annotations
		return document(t, object)
	}
	for name, class := range map[string]string{"old-prod": "production", "old-staging": "staging", "old-dev": "development", "of-a-class-that-is-gone": "gone"} {
		require.NoError(t, g.server.Apply(g.ctx, of(name, class, nil)))
	}
	require.NoError(t, g.server.Apply(g.ctx, namespace(t, "somebodys")))
	may := func(name string) error {
		return g.server.MayDelete(g.ctx, manifest.ID{APIVersion: "v1", Kind: "Namespace", Name: name})
	}
	require.Eventually(t, func() bool { return refusedInName(may("old-prod"), policy) }, 60*time.Second, 200*time.Millisecond)
	assert.True(t, refusedInName(may("of-a-class-that-is-gone"), policy))
	for _, name := range []string{"old-dev", "somebodys"} {
		assert.NoError(t, may(name))
	}
	require.NoError(t, g.server.Apply(g.ctx, of("old-prod", "production", map[string]any{policytest.Approval: "true"})))
	assert.NoError(t, may("old-prod"))
}

// keepsIDsApart: a claim whose id lives in another namespace waits until that is gone, whoever asks; others pass, and a change
// of the one that has it.
func (g admissionServer) keepsIDsApart(t *testing.T) {
	for _, kind := range []string{"Cluster", "Database"} {
		with := func(namespace, name, id string) documents.Document {
			return g.good(t, kind, namespace, name, func(object manifest.Object) {
				object["spec"].(map[string]any)["id"] = id
				manifest.Annotate(object, map[string]string{policytest.Approval: "true"})
			})
		}
		first := with("prod-eu", "first", "shared-"+strings.ToLower(kind))
		require.NoError(t, g.server.Apply(g.ctx, first))
		require.NoError(t, g.server.Apply(g.ctx, first), "its own id stands in no one's way")
		_, err := g.server.Judge(g.ctx, with("dev", "second", "shared-"+strings.ToLower(kind)))
		require.ErrorContains(t, err, "another namespace has a claim with this id")
		_, err = g.server.Judge(g.ctx, with("dev", "second", "another"))
		require.NoError(t, err, "an id that nobody has")
		_, err = g.server.Judge(g.ctx, with("prod-eu", "second", "shared-"+strings.ToLower(kind)))
		require.NoError(t, err, "what one namespace has twice is for check to find")
		require.NoError(t, g.server.Delete(g.ctx, first.ID()))
		require.Eventually(t, func() bool {
			_, err := g.server.Judge(g.ctx, with("dev", "second", "shared-"+strings.ToLower(kind)))
			return err == nil
		}, 30*time.Second, 200*time.Millisecond, "the id is free again")
	}
}
