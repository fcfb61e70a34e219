package conformance

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"spokewright.dev/spokewright/conformance/crds"
	"spokewright.dev/spokewright/conformance/documents"
	"spokewright.dev/spokewright/conformance/hub"
	"spokewright.dev/spokewright/conformance/kyverno"
	"spokewright.dev/spokewright/conformance/process"
	"spokewright.dev/spokewright/internal/manifest"
	"spokewright.dev/spokewright/internal/policytest"
	"spokewright.dev/spokewright/schema"
)

// admissionServer is a server with the policies of one environment.
type admissionServer struct {
	ctx        context.Context
	server     *hub.Hub
	hub, spoke policySet
	policies   []documents.Document
	trials     []trial
}

// trial is a subject with cases that fit their definitions: an API server refuses others before it asks Kyverno.
type trial struct {
	subject policytest.Subject
	cases   []policytest.Case
	aged    manifest.Object // breaks the rule and is older than it; nil where nothing of the kind can be
}

// newAdmissionServer is a admissionServer for an environment of the fleet in a folder, as it is rendered there. The policies are not there yet.
func newAdmissionServer(t *testing.T, root, name string) admissionServer {
	t.Helper()
	ctx := process.Context(t)
	reader, err := schema.NewReader()
	require.NoError(t, err)
	fleet := fleetOf(t, reader, root)
	g := admissionServer{ctx: ctx}
	for plane, policySet := range map[schema.Plane]*policySet{schema.Hub: &g.hub, schema.Spoke: &g.spoke} {
		*policySet = policySetOf(t, reader, fleet.Environments[name], plane, objectsIn(t, root+"/golden/"+name+"/"+string(plane)+".yaml"))
	}
	golden := judgeable(t, read(t, root+"/golden"))
	for _, document := range golden {
		if file := document.Source; policytest.IsPolicy(document.Object) && (strings.Contains(file, "/"+name+"/") || strings.Contains(file, "/hub/hub.yaml")) {
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
	for _, namespaceName := range append(fleet.Names(), "elsewhere") {
		require.NoError(t, g.server.Apply(ctx, namespace(t, namespaceName)))
	}
	return g
}

// sift asks the server, before there is any policy, which cases fit: some of each verdict are enough.
func (g *admissionServer) sift(t *testing.T) {
	t.Helper()
	for _, subject := range slices.Concat(g.hub.subjects, g.spoke.subjects) {
		if subject.Subresource != "" {
			require.NoError(t, g.server.Apply(g.ctx, document(t, changeable(subject))))
		}
		fitting, counted := []policytest.Case{}, map[policytest.Verdict]int{}
		for i, c := range subject.Cases(1) {
			if counted[c.Want] == 6 {
				continue
			}
			seen, err := g.preview(t, subject, c.Object)
			if i == 0 {
				require.NoError(t, err, "the good object does not fit its definition")
			}
			if err == nil {
				c.Want = subject.Verdict(numbers(seen).(manifest.Object)) // with defaults, without what is null: as Kyverno sees it
				counted[c.Want]++
				fitting = append(fitting, c)
			}
		}
		if counted[policytest.Fail] == 0 && subject.Rule == "pods-keep-proc-masked" {
			continue // keepsProcMasked tries it: the API server itself refuses every mutant
		}
		if subject.Operation != "DELETE" && action(subject.Policy) == "Deny" {
			g.trials = append(g.trials, trial{subject, fitting, g.age(t, subject, fitting)})
		}
	}
}

// age makes an object that breaks the rule, as long as there is none.
func (g *admissionServer) age(t *testing.T, subject policytest.Subject, fitting []policytest.Case) manifest.Object {
	t.Helper()
	i := slices.IndexFunc(fitting, func(c policytest.Case) bool { return c.Want == policytest.Fail })
	if i < 0 || subject.Subresource != "" {
		return nil
	}
	aged := subject.Aged(fitting[i])
	require.NoError(t, g.server.Apply(g.ctx, namespace(t, manifest.Identify(aged).Namespace)))
	require.NoError(t, g.server.Apply(g.ctx, document(t, aged)))
	seen, err := g.server.Get(g.ctx, manifest.Identify(aged)) // with defaults: what the policies will see
	require.NoError(t, err)
	aged["spec"] = numbers(seen).(manifest.Object)["spec"]
	return aged
}

func (g admissionServer) admit(t *testing.T) {
	t.Helper()
	program, err := cache(t).Program(g.ctx, "kyverno-admission")
	require.NoError(t, err)
	began := time.Now()
	kyverno.Admit(g.ctx, t, g.server, program)
	t.Logf("Kyverno answers after %.1f s", time.Since(began).Seconds())
}

func (g admissionServer) apply(t *testing.T) {
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

// good is an object of a kind that keeps all rules, under another name, and with changes.
func (g admissionServer) good(t *testing.T, kind, namespace, name string, changes ...func(manifest.Object)) documents.Document {
	t.Helper()
	subjects := slices.Concat(g.hub.subjects, g.spoke.subjects)
	i := slices.IndexFunc(subjects, func(s policytest.Subject) bool {
		return s.Kind == kind && s.Subresource == "" && s.Operation == "CREATE"
	})
	require.GreaterOrEqual(t, i, 0)
	object := manifest.Copy(subjects[i].Cases(0)[0].Object)
	metadata := object["metadata"].(map[string]any)
	metadata["namespace"], metadata["name"] = namespace, name
	for _, change := range changes {
		change(object)
	}
	return document(t, object)
}

// from takes the image of the first container of a Pod, or of a Deployment's Pods, from somewhere else.
func from(image string) func(manifest.Object) {
	return func(object manifest.Object) { first(object)["image"] = image }
}

func first(object manifest.Object) map[string]any {
	return podSpec(object)["containers"].([]any)[0].(map[string]any)
}

// podSpec is that of a Pod, or of the Pods that an object makes.
func podSpec(object manifest.Object) map[string]any {
	spec := object["spec"].(map[string]any)
	if template, there := spec["template"].(map[string]any); there {
		spec = template["spec"].(map[string]any)
	}
	return spec
}

// vendors is an image from a registry that the fleet does not know.
const vendors = "docker.example.com/vendor/app:1.0.0"

// preview is what the server would make of an object, asked for as the subject has it: itself, or by a subresource of one
// that is there.
func (g admissionServer) preview(t *testing.T, subject policytest.Subject, object manifest.Object) (manifest.Object, error) {
	t.Helper()
	if subject.Subresource == "" {
		return g.server.Preview(g.ctx, document(t, object))
	}
	change := manifest.Copy(object)
	change["metadata"].(map[string]any)["name"] = manifest.Identify(changeable(subject)).Name
	id := manifest.Identify(change)
	if subject.Subresource == "scale" {
		change = scaledTo(change)
	}
	return g.server.MayChange(g.ctx, id, document(t, change), subject.Subresource)
}

// refuses asks whether the server refuses the object for what the subject's policy says.
func (g admissionServer) refuses(t *testing.T, subject policytest.Subject, object manifest.Object) (byPolicy bool, err error) {
	t.Helper()
	_, err = g.preview(t, subject, object)
	return refusedBy(err, subject.Policy), err
}

// refusedBy tells whether the server refused for what a policy says, in its name.
func refusedBy(err error, policy manifest.Object) bool {
	return refusedInName(err, manifest.Identify(policy).Name) && strings.Contains(said(err), refusalOf(policy))
}

func refusedInName(err error, policy string) bool {
	return errors.As(err, new(*hub.Refusal)) && strings.Contains(said(err), "Policy "+policy+" failed: ")
}

// byAnother tells whether an object that breaks several rules was refused for another one: the API server tells of the
// webhook that was fastest.
func byAnother(err error) bool {
	return errors.As(err, new(*hub.Refusal)) && strings.Contains(said(err), "denied the request: Policy ")
}

func refusalOf(policy manifest.Object) string {
	validations := policy["spec"].(map[string]any)["validations"].([]any)
	return validations[0].(map[string]any)["message"].(string)
}

// action is what becomes of what breaks the rule: "Deny", "Warn" or "Audit".
func action(policy manifest.Object) string {
	return policy["spec"].(map[string]any)["validationActions"].([]any)[0].(string)
}

// inForce waits until the subject's policy refuses what breaks it.
func (g admissionServer) inForce(t *testing.T, subject policytest.Subject, breaking manifest.Object) {
	t.Helper()
	require.Eventually(t, func() bool {
		refused, _ := g.refuses(t, subject, breaking)
		return refused
	}, 90*time.Second, 200*time.Millisecond, "%s never refused %s", manifest.Identify(subject.Policy), manifest.Identify(breaking))
}
