package conformance

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"spokewright.dev/spokewright/cases"
	"spokewright.dev/spokewright/conformance/crds"
	"spokewright.dev/spokewright/conformance/documents"
	"spokewright.dev/spokewright/conformance/hub"
	"spokewright.dev/spokewright/conformance/kyverno"
	"spokewright.dev/spokewright/conformance/process"
	"spokewright.dev/spokewright/manifest"
	"spokewright.dev/spokewright/schema"
)

// The real API server with the real admission controller of Kyverno holds the policies of a production environment, those
// for its claims and those for its spoke: what breaks a rule is refused, on CREATE and on UPDATE, and what keeps all is
// accepted; in another namespace the rules for claims do not count.
func TestKyvernoAdmits(t *testing.T) {
	gate := newGate(t, "prod-eu")
	gate.sift(t)
	gate.admit(t)
	t.Run("policies are accepted without a warning", gate.policiesFitKyverno)
	gate.apply(t)
	for _, trial := range gate.trials {
		t.Run(trial.subject.Rule+"/"+trial.subject.Kind, func(t *testing.T) { gate.judges(t, trial) })
	}
	t.Run("other namespaces", gate.leavesOthersAlone)
	t.Run("namespaces of the platform", gate.sparesThePlatform)
	t.Run("deletion", gate.guardsDeletion)
}

// gate is a server with the policies of one environment.
type gate struct {
	ctx        context.Context
	server     *hub.Hub
	hub, spoke docket
	policies   []documents.Document
	trials     []trial
}

// trial is a subject with cases that fit their definitions: an API server refuses others before it asks Kyverno.
type trial struct {
	subject cases.Subject
	cases   []cases.Case
}

func newGate(t *testing.T, name string) gate {
	t.Helper()
	ctx := process.Context(t)
	reader, err := schema.NewReader()
	require.NoError(t, err)
	sample := estate(t, reader, "..")
	g := gate{ctx: ctx}
	for plane, docket := range map[schema.Plane]*docket{schema.Hub: &g.hub, schema.Spoke: &g.spoke} {
		*docket = docketOf(t, reader, sample.Environments[name], plane, objectsIn(t, "../golden/"+name+"/"+string(plane)+".yaml"))
	}
	golden := golden(t)
	for _, document := range golden {
		if file := document.Source; cases.IsPolicy(document.Object) && (strings.Contains(file, "/"+name+"/") || strings.Contains(file, "/hub/hub.yaml")) {
			g.policies = append(g.policies, document)
		}
	}
	g.server = hub.Start(t, cache(t))
	definitions := composites(t, golden)
	for _, project := range crds.Projects() {
		if project.Name == "Kyverno" {
			more, err := crds.Read(ctx, project)
			require.NoError(t, err)
			definitions = append(definitions, more...)
		}
	}
	require.NoError(t, g.server.Define(ctx, definitions))
	for _, namespaceName := range append(sample.Names(), "elsewhere") {
		require.NoError(t, g.server.Apply(ctx, namespace(t, namespaceName)))
	}
	return g
}

// sift asks the server, before there is any policy, which cases fit: some of each verdict are enough.
func (g *gate) sift(t *testing.T) {
	t.Helper()
	for _, subject := range slices.Concat(g.hub.subjects, g.spoke.subjects) {
		fitting, counted := []cases.Case{}, map[cases.Verdict]int{}
		for i, c := range subject.Cases(1) {
			if counted[c.Want] == 6 {
				continue
			}
			seen, err := g.server.Preview(g.ctx, document(t, c.Object))
			if i == 0 {
				require.NoError(t, err, "the good object does not fit its definition")
			}
			if err == nil {
				c.Want = subject.Verdict(numbers(seen).(manifest.Object)) // with defaults, without what is null: as Kyverno sees it
				counted[c.Want]++
				fitting = append(fitting, c)
			}
		}
		if subject.Operation == "CREATE" && action(subject.Policy) == "Deny" {
			g.trials = append(g.trials, trial{subject, fitting})
		}
	}
}

func (g gate) admit(t *testing.T) {
	t.Helper()
	program, err := cache(t).Program(g.ctx, "kyverno-admission")
	require.NoError(t, err)
	began := time.Now()
	kyverno.Admit(g.ctx, t, g.server, program)
	t.Logf("Kyverno answers after %.1f s", time.Since(began).Seconds())
}

// policiesFitKyverno puts the policies before the API server, strictly, and thereby before Kyverno's own webhook for them.
func (g gate) policiesFitKyverno(t *testing.T) {
	for _, policy := range g.policies {
		warnings, err := g.server.Judge(g.ctx, policy)
		assert.NoError(t, err)
		assert.Empty(t, warnings, policy.Source)
	}
	broken := manifest.Copy(g.policies[0].Object)
	broken["spec"].(map[string]any)["validations"] = []any{map[string]any{"expression": "object.spec.("}}
	_, err := g.server.Judge(g.ctx, document(t, broken))
	assert.Error(t, err, "Kyverno's webhook judges no policies")
}

func (g gate) apply(t *testing.T) {
	t.Helper()
	for _, policy := range g.policies {
		require.NoError(t, g.server.Apply(g.ctx, policy))
	}
}

func document(t *testing.T, object manifest.Object) documents.Document {
	t.Helper()
	document, err := documents.Of(manifest.Identify(object).String(), object)
	require.NoError(t, err)
	return document
}

// refuses asks whether the server refuses the object for what a policy says.
func (g gate) refuses(t *testing.T, policy, object manifest.Object) (byPolicy bool, err error) {
	t.Helper()
	_, err = g.server.Judge(g.ctx, document(t, object))
	return errors.As(err, new(*hub.Refusal)) && strings.Contains(said(err), refusalOf(policy)), err
}

func refusalOf(policy manifest.Object) string {
	validations := policy["spec"].(map[string]any)["validations"].([]any)
	return validations[0].(map[string]any)["message"].(string)
}

// action is what becomes of what breaks the rule: "Deny", "Warn" or "Audit".
func action(policy manifest.Object) string {
	return policy["spec"].(map[string]any)["validationActions"].([]any)[0].(string)
}

// inForce waits until the policy refuses what breaks it.
func (g gate) inForce(t *testing.T, policy, breaking manifest.Object) {
	t.Helper()
	require.Eventually(t, func() bool {
		refused, _ := g.refuses(t, policy, breaking)
		return refused
	}, 90*time.Second, 200*time.Millisecond, "%s never refused %s", manifest.Identify(policy), manifest.Identify(breaking))
}

// judges creates and changes objects: what breaks the rule is refused, what keeps it is not.
func (g gate) judges(t *testing.T, trial trial) {
	policy, good := trial.subject.Policy, trial.cases[0].Object
	breaking := slices.IndexFunc(trial.cases, func(c cases.Case) bool { return c.Want == cases.Fail })
	require.Positive(t, breaking, "nothing that breaks the rule fits its definition")
	g.inForce(t, policy, trial.cases[breaking].Object)
	require.NoError(t, g.server.Apply(g.ctx, document(t, good)))
	refused := 0
	for _, c := range trial.cases[1:] {
		changed := manifest.Copy(c.Object)
		changed["metadata"].(map[string]any)["name"] = manifest.Identify(good).Name
		for operation, object := range map[string]manifest.Object{"CREATE": c.Object, "UPDATE": changed} {
			byPolicy, err := g.refuses(t, policy, object)
			if operation == "UPDATE" && unchangeable(err) {
				continue
			}
			if c.Want == cases.Fail && !byPolicy && err != nil && strings.Contains(said(err), "denied the request: Policy ") {
				continue // it breaks another rule too, whose webhook was faster
			}
			assert.Equal(t, c.Want == cases.Fail, byPolicy, "%s of %s: %s at %v: CUE says %s, the server says: %v",
				operation, manifest.Identify(object), c.Operator, c.Path, c.Want, err)
			if byPolicy {
				refused++
			}
		}
	}
	t.Logf("%d of %d requests refused by %s", refused, 2*len(trial.cases)-2, manifest.Identify(policy))
}

// unchangeable tells whether a field was changed that may not change, such as the template of a Job.
func unchangeable(err error) bool {
	var refusal *hub.Refusal
	return errors.As(err, &refusal) && refusal.Reason == "Invalid"
}

// sparesThePlatform: what runs in Kubernetes' own namespaces is nobody's app.
func (g gate) sparesThePlatform(t *testing.T) {
	for _, trial := range g.trials {
		for _, c := range trial.subject.Exempt() {
			if c.Operator == "" {
				continue
			}
			byPolicy, err := g.refuses(t, trial.subject.Policy, c.Object)
			assert.False(t, byPolicy, "%s: %v", manifest.Identify(c.Object), err)
		}
	}
}

// leavesOthersAlone: an environment's rules for claims are not those of others, and nobody's claims live elsewhere.
func (g gate) leavesOthersAlone(t *testing.T) {
	for _, trial := range g.trials {
		i := slices.IndexFunc(trial.cases, func(c cases.Case) bool { return c.Want == cases.Fail })
		if manifest.Identify(trial.subject.Policy).Namespace == "" || i < 0 {
			continue
		}
		other := manifest.Copy(trial.cases[i].Object)
		other["metadata"].(map[string]any)["namespace"] = "dev"
		_, err := g.server.Judge(g.ctx, document(t, other))
		assert.NoError(t, err, "no policy is in that namespace")
		other["metadata"].(map[string]any)["namespace"] = "elsewhere"
		_, err = g.server.Judge(g.ctx, document(t, other))
		assert.ErrorContains(t, err, "claims live in the namespace of an environment")
	}
}

// guardsDeletion: a protected claim goes only with an approval.
func (g gate) guardsDeletion(t *testing.T) {
	tried := 0
	for _, subject := range g.hub.subjects {
		if subject.Operation != "DELETE" {
			continue
		}
		tried++
		claim := manifest.Copy(subject.Good)
		id := manifest.Identify(claim)
		metadata := claim["metadata"].(map[string]any)
		delete(metadata["annotations"].(map[string]any), cases.Approval)
		require.NoError(t, g.server.Apply(g.ctx, document(t, claim)))
		err := g.server.Delete(g.ctx, id)
		require.Error(t, err, "%s is gone without an approval", id)
		assert.Contains(t, said(err), refusalOf(subject.Policy))
		metadata["annotations"].(map[string]any)[cases.Approval] = "true"
		require.NoError(t, g.server.Apply(g.ctx, document(t, claim)))
		require.NoError(t, g.server.Delete(g.ctx, id))
	}
	assert.Equal(t, 2, tried)
}
