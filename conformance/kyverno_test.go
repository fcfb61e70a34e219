package conformance

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"spokewright.dev/spokewright/cases"
	"spokewright.dev/spokewright/conformance/kyverno"
	"spokewright.dev/spokewright/conformance/process"
	"spokewright.dev/spokewright/functions/policies"
	"spokewright.dev/spokewright/manifest"
	"spokewright.dev/spokewright/schema"
)

// Every shipped policy, and those of other fleets and targets, judges objects that keep its rule and objects that break
// it, each made by one change: the real Kyverno must say of each what CUE says. No skip, no error, nothing unmatched.
func TestKyvernoDeniesEveryMutant(t *testing.T) {
	court := newCourt(t)
	tally := newTally()
	for _, docket := range dockets(t) {
		t.Run(docket.name, func(t *testing.T) {
			for _, subjects := range docket.byPolicy() {
				court.tryPolicy(t, docket, subjects, tally)
			}
			court.tryGood(t, docket)
		})
	}
	tally.report(t)
	assert.GreaterOrEqual(t, tally.killed, 500)
	assert.GreaterOrEqual(t, len(tally.killedBy), 15)
}

// A policy that lets everything pass turns the harness red: each breaking mutant is missed, by every shipped policy.
func TestAnEmptyPolicyIsNoticed(t *testing.T) {
	court := newCourt(t)
	for _, docket := range dockets(t)[:1] {
		for _, subjects := range docket.byPolicy() {
			empty := manifest.Copy(subjects[0].Policy)
			empty["spec"].(map[string]any)["validations"] = []any{map[string]any{"expression": "true"}}
			all := sampled(subjects[0], 1)
			wrong := court.differences(t, empty, nil, all[0].Operation, all)
			breaking := 0
			for _, c := range all {
				if c.Want == cases.Fail {
					breaking++
				}
			}
			require.Positive(t, breaking)
			assert.Len(t, wrong, breaking, "%s was emptied", subjects[0].Rule)
		}
	}
}

// docket is a plane's worth of policies with what they are tried with.
type docket struct {
	name     string
	objects  []manifest.Object
	subjects []cases.Subject
}

// dockets are those of the sample as it is rendered, of the sample for Kyverno 1.17, and of a fleet with kinds of its own.
func dockets(t *testing.T) []docket {
	t.Helper()
	reader, err := schema.NewReader()
	require.NoError(t, err)
	var all []docket
	sample := estate(t, reader, "..")
	for _, name := range slices.Backward(sample.Names()) { // production first
		for _, plane := range schema.Planes() {
			rendered := objectsIn(t, filepath.Join("../golden", name, string(plane)+".yaml"))
			all = append(all, docketOf(t, reader, sample.Environments[name], plane, rendered))
		}
	}
	older := sample.Environments["prod-us"]
	fleet := *older.Fleet
	fleet.Targets.Kyverno.Version, older.Fleet = "1.17", &fleet
	rendered := objectsIn(t, "../cmd/spokewright/testdata/targets/kyverno-1.17.yaml")
	var planes []docket
	for _, plane := range schema.Planes() {
		planes = append(planes, docketOf(t, reader, older, plane, ofPlane(rendered, older.Name, plane)))
	}
	all = append(all, planes...)
	for _, folder := range fleets(t) {
		other := estate(t, reader, folder)
		for _, name := range other.Names() {
			for _, plane := range schema.Planes() {
				e := other.Environments[name]
				all = append(all, docketOf(t, reader, e, plane, policies.Make(e, plane, nil)))
			}
		}
	}
	return slices.DeleteFunc(all, func(d docket) bool { return len(d.subjects) == 0 })
}

// fleets are those in testdata: each shows what the sample does not.
func fleets(t *testing.T) []string {
	t.Helper()
	found, err := filepath.Glob("testdata/fleets/*")
	require.NoError(t, err)
	require.NotEmpty(t, found)
	return found
}

func estate(t *testing.T, reader *schema.Reader, folder string) *schema.Estate {
	t.Helper()
	estate, err := reader.Estate(os.DirFS(folder))
	require.NoError(t, err)
	return estate
}

// objectsIn are the objects of a file, in their order.
func objectsIn(t *testing.T, file string) []manifest.Object {
	t.Helper()
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	return objectsOf(t, text)
}

// ofPlane picks the policies of an environment's plane where a file holds several: those on the hub are namespaced.
func ofPlane(objects []manifest.Object, environment string, plane schema.Plane) []manifest.Object {
	var picked []manifest.Object
	for _, object := range objects {
		labels, _ := object["metadata"].(map[string]any)["labels"].(map[string]any)
		if labels["spokewright.dev/environment"] == environment && (manifest.Identify(object).Namespace != "") == (plane == schema.Hub) {
			picked = append(picked, object)
		}
	}
	return picked
}

// docketOf wants every policy to be tried: one that no rule is known for could do anything.
func docketOf(t *testing.T, reader *schema.Reader, e schema.Environment, plane schema.Plane, rendered []manifest.Object) docket {
	t.Helper()
	subjects, untried, err := cases.Of(reader, e, plane, rendered)
	require.NoError(t, err)
	for _, policy := range untried {
		assert.Fail(t, "a policy that nothing tries", "%s/%s: %s", e.Name, plane, manifest.Identify(policy))
	}
	name := e.Name + "/" + string(plane)
	if version := e.Fleet.PolicyVersion(); !strings.HasSuffix(version, "/v1") {
		name += "/" + filepath.Base(version)
	}
	if e.Fleet.Name != "lighthouse" {
		name = e.Fleet.Name + "/" + name
	}
	return docket{name, rendered, subjects}
}

// byPolicy groups the subjects.
func (d docket) byPolicy() [][]cases.Subject {
	grouped := map[manifest.ID][]cases.Subject{}
	var order []manifest.ID
	for _, subject := range d.subjects {
		id := manifest.Identify(subject.Policy)
		if grouped[id] == nil {
			order = append(order, id)
		}
		grouped[id] = append(grouped[id], subject)
	}
	var all [][]cases.Subject
	for _, id := range order {
		all = append(all, grouped[id])
	}
	return all
}

// court asks the real CLI.
type court struct {
	ctx  context.Context
	cli  kyverno.CLI
	seen map[string]bool // texts of policies that were tried in full
	runs *int
}

func newCourt(t *testing.T) court {
	t.Helper()
	ctx := process.Context(t)
	program, err := cache(t).Program(ctx, "kyverno")
	require.NoError(t, err)
	return court{ctx, kyverno.CLI{Program: program}, map[string]bool{}, new(int)}
}

// tryPolicy puts everything before one policy: objects as they are made, as they are changed, and claims in another version
// that the API may serve. A policy with a specification that was tried already gets a few objects only.
func (c court) tryPolicy(t *testing.T, d docket, subjects []cases.Subject, tally *tally) {
	t.Helper()
	text, err := json.Marshal([]any{subjects[0].Policy["kind"], subjects[0].Policy["apiVersion"], subjects[0].Policy["spec"]})
	require.NoError(t, err)
	known := c.seen[string(text)]
	c.seen[string(text)] = true

	var made, updated, versioned, exempt []cases.Case
	for _, subject := range subjects {
		first := subject.Kind == subjects[0].Kind
		few := sampled(subject, map[bool]int{true: 4, false: 2}[first])
		switch {
		case known && first:
			made = append(made, sampled(subject, 1)...)
			continue
		case known:
			continue
		case first:
			made = append(made, subject.Cases(1)...)
		default: // what Kyverno derives for the kinds that make Pods
			made = append(made, few...)
		}
		exempt = append(exempt, as("CREATE", "namespace of the platform", subject.Exempt())...)
		if subject.Operation == "CREATE" && first {
			updated = append(updated, as("UPDATE", "update instead of create", few)...)
		}
		if subject.Operation == "CREATE" && manifest.Identify(subject.Policy).Namespace != "" {
			versioned = append(versioned, otherVersion(few)...)
		}
	}
	for _, group := range [][]cases.Case{made, updated, versioned, exempt} {
		if len(group) == 0 {
			continue
		}
		wrong := c.differences(t, subjects[0].Policy, nil, group[0].Operation, group)
		for _, difference := range wrong {
			assert.Fail(t, difference)
		}
		tally.add(d.name+": "+manifest.Identify(subjects[0].Policy).Name, group)
	}
}

// tryGood puts the objects that keep every rule before all policies of the plane at once.
func (c court) tryGood(t *testing.T, d docket) {
	t.Helper()
	var all []manifest.Object
	good := map[manifest.ID]cases.Case{}
	for _, subject := range d.subjects {
		if first := subject.Cases(0)[0]; first.Operation == "CREATE" {
			good[manifest.Identify(first.Object)] = first
		}
	}
	for _, subjects := range d.byPolicy() {
		all = append(all, subjects[0].Policy)
	}
	request := kyverno.Request{Policies: all}
	for _, id := range slices.SortedFunc(maps.Keys(good), func(a, b manifest.ID) int { return strings.Compare(a.Name, b.Name) }) {
		request.Objects = append(request.Objects, good[id].Object)
	}
	answers := c.judge(t, request)
	judged := 0
	for pair, answer := range answers {
		assert.Equal(t, "pass", answer.Verdict, "%s finds the good %s: %s", pair.Policy, pair.Object, answer.Message)
		judged++
	}
	assert.GreaterOrEqual(t, judged, len(request.Objects))
}

// differences are the cases of which Kyverno says something else than the rule.
func (c court) differences(t *testing.T, policy manifest.Object, definitions []manifest.Object, operation string, all []cases.Case) []string {
	t.Helper()
	request := kyverno.Request{Policies: []manifest.Object{policy}, Definitions: definitions, Operation: operation}
	for _, each := range all {
		request.Objects = append(request.Objects, each.Object)
	}
	answers := c.judge(t, request)
	var wrong []string
	for _, each := range all {
		answer, matched := answers[kyverno.PairOf(policy, each.Object)]
		if !matched {
			answer = kyverno.Answer{Verdict: "unmatched"}
		}
		if answer.Verdict != string(each.Want) {
			text, _ := json.Marshal(each.Object)
			wrong = append(wrong, fmt.Sprintf("%s %s by %s: %s at %s: CUE says %s, Kyverno says %s (%s): %s", operation, manifest.Identify(each.Object),
				manifest.Identify(policy), each.Operator, strings.Join(each.Path, "."), each.Want, answer.Verdict, answer.Message, text))
		}
	}
	return wrong
}

func (c court) judge(t *testing.T, request kyverno.Request) map[kyverno.Pair]kyverno.Answer {
	t.Helper()
	*c.runs++
	folder := filepath.Join(t.TempDir(), fmt.Sprint(*c.runs))
	answers, err := c.cli.Judge(c.ctx, folder, request)
	require.NoError(t, err)
	return answers
}

// sampled are the good object and a few breaking and keeping mutants by different operators.
func sampled(s cases.Subject, most int) []cases.Case {
	counted := map[cases.Verdict]int{}
	var few []cases.Case
	for i, c := range s.Cases(1) {
		if i == 0 || counted[c.Want] < most {
			counted[c.Want]++
			few = append(few, c)
		}
	}
	return few
}

// as are the same cases in another operation.
func as(operation, operator string, all []cases.Case) []cases.Case {
	var changed []cases.Case
	for _, c := range all {
		c.Operation = operation
		if c.Operator != "" {
			c.Operator = operator
		}
		changed = append(changed, c)
	}
	return changed
}

// otherVersion are the same cases in a version that the kind may get one day.
func otherVersion(all []cases.Case) []cases.Case {
	var changed []cases.Case
	for _, c := range as("CREATE", "other served version", all) {
		c.Object = manifest.Copy(c.Object)
		c.Object["apiVersion"] = manifest.Identify(c.Object).Group() + "/v1beta7"
		changed = append(changed, c)
	}
	return changed
}

// tally counts what was tried.
type tally struct {
	cases, killed, passed int
	killedBy, passedBy    map[string]int // by operator
	policies              map[string][2]int
}

func newTally() *tally {
	return &tally{killedBy: map[string]int{}, passedBy: map[string]int{}, policies: map[string][2]int{}}
}

func (y *tally) add(policy string, all []cases.Case) {
	counts := y.policies[policy]
	for _, c := range all {
		y.cases++
		if c.Want == cases.Fail {
			y.killed++
			y.killedBy[c.Operator]++
			counts[0]++
		} else {
			y.passed++
			y.passedBy[c.Operator]++
			counts[1]++
		}
	}
	y.policies[policy] = counts
}

// report also wants every policy to have denied something and to have let something pass.
func (y *tally) report(t *testing.T) {
	t.Helper()
	t.Logf("%d cases of %d policies: %d mutants break a rule, %d objects keep it", y.cases, len(y.policies), y.killed, y.passed)
	for _, policy := range slices.Sorted(maps.Keys(y.policies)) {
		counts := y.policies[policy]
		t.Logf("%s: %d denied, %d passed", policy, counts[0], counts[1])
		assert.Positive(t, counts[0], "%s denies nothing", policy)
		assert.Positive(t, counts[1], "%s lets nothing pass", policy)
	}
	for _, operator := range slices.Sorted(maps.Keys(y.killedBy)) {
		t.Logf("%s: %d break a rule, %d keep it", operator, y.killedBy[operator], y.passedBy[operator])
	}
}
