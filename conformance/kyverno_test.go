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
	"spokewright.dev/spokewright/conformance/kyverno"
	"spokewright.dev/spokewright/conformance/process"
	"spokewright.dev/spokewright/internal/judge"
	"spokewright.dev/spokewright/internal/manifest"
	"spokewright.dev/spokewright/internal/policytest"
)

// Every shipped policy, and those of other fleets and targets, judges objects that keep its rule and objects that break
// it, each made by one change: the real Kyverno must say of each what CUE says. No skip, no error, nothing unmatched.
func TestKyvernoDeniesEveryMutant(t *testing.T) {
	t.Parallel() // the CLI uses one processor
	kyvernoCLI := newKyvernoCLI(t)
	mutantCount := newMutantCount()
	for _, policySet := range policySets(t) {
		t.Run(policySet.name, func(t *testing.T) {
			for _, subjects := range policySet.byPolicy() {
				kyvernoCLI.tryPolicy(t, policySet, subjects, mutantCount)
			}
			kyvernoCLI.tryGood(t, policySet)
		})
	}
	mutantCount.report(t)
	assert.GreaterOrEqual(t, mutantCount.killed, 500)
	assert.GreaterOrEqual(t, len(mutantCount.killedBy), 15)
}

// A policy that lets everything pass turns the harness red: each breaking mutant is missed, by every shipped policy.
func TestAnEmptyPolicyIsNoticed(t *testing.T) {
	t.Parallel()
	kyvernoCLI := newKyvernoCLI(t)
	for _, policySet := range policySets(t)[:1] {
		for _, subjects := range policySet.byPolicy() {
			empty := manifest.Copy(subjects[0].Policy)
			empty["spec"].(map[string]any)["validations"] = []any{map[string]any{"expression": "true"}}
			all := sampled(subjects[0], 1)
			wrong := kyvernoCLI.differences(t, empty, nil, all[0].Operation, all)
			breaking := 0
			for _, c := range all {
				if c.Want == policytest.Fail {
					breaking++
				}
			}
			require.Positive(t, breaking)
			assert.Len(t, wrong, breaking, "%s was emptied", subjects[0].Rule)
		}
	}
}

// kyvernoCLI asks the real CLI.
type kyvernoCLI struct {
	ctx  context.Context
	cli  kyverno.CLI
	seen map[string]bool // texts of policies that were tried in full
	runs *int
}

func newKyvernoCLI(t *testing.T) kyvernoCLI {
	t.Helper()
	ctx := process.Context(t)
	program, err := cache(t).Program(ctx, "kyverno")
	require.NoError(t, err)
	return kyvernoCLI{ctx, kyverno.CLI{Program: program}, map[string]bool{}, new(int)}
}

// tryPolicy puts everything before one policy: objects as they are made, as they are changed, and claims in another version
// that the API may serve. A policy with a specification that was tried already gets a few objects only, in a thorough run.
func (c kyvernoCLI) tryPolicy(t *testing.T, d policySet, subjects []policytest.Subject, mutantCount *mutantCount) {
	t.Helper()
	// Hubs and spokes differ in the platform's namespaces only.
	policy := disguised(subjects[0])
	spec := maps.Clone(policy["spec"].(map[string]any))
	delete(spec, "matchConditions")
	text, err := json.Marshal([]any{policy["kind"], policy["apiVersion"], spec})
	require.NoError(t, err)
	known := c.seen[string(text)]
	assert.True(t, known || subjects[0].Subresource == "" || subjects[0].Subresource == "scale", "%s judges what changes Pods otherwise than Pods", manifest.Identify(policy))
	c.seen[string(text)] = true
	if known && !thorough() {
		return // tryGood asks it too
	}

	var made, updated, versioned, exempt []policytest.Case
	for _, subject := range subjects {
		first := subject.Kind == subjects[0].Kind
		few := sampled(subject, map[bool]int{true: 2, false: 1}[first])
		switch {
		case known && first:
			made = append(made, askable(subject, sampled(subject, 1))...)
			continue
		case known:
			continue
		case first:
			made = append(made, askable(subject, spread(subject.Cases(1)))...)
		default: // what Kyverno derives for the kinds that make Pods
			made = append(made, askable(subject, few)...)
		}
		exempt = append(exempt, askable(subject, as(subject.Operation, "namespace of the platform", subject.Exempt()))...)
		if subject.Operation == "CREATE" && first {
			updated = append(updated, seenBy(policy, unchanged(few))...)
		}
		if subject.Operation == "CREATE" && manifest.Identify(subject.Policy).Namespace != "" {
			versioned = append(versioned, otherVersion(few)...)
		}
	}
	for _, group := range [][]policytest.Case{made, updated, versioned, exempt} {
		if len(group) == 0 {
			continue
		}
		wrong := c.differences(t, policy, nil, group[0].Operation, group)
		for _, difference := range wrong {
			assert.Fail(t, difference)
		}
		mutantCount.add(d.name+": "+manifest.Identify(subjects[0].Policy).Name, group)
	}
}

// askable are the cases as the CLI can be asked them: an update of the CLI changes nothing, so what changes Pods makes them here.
func askable(subject policytest.Subject, cases []policytest.Case) []policytest.Case {
	if subject.Subresource == "" {
		return cases
	}
	return as("CREATE", "", cases)
}

// disguised is the policy as the CLI can be asked. It knows no subresources (a TODO in its processor/policy_processor.go): one
// for what changes Pods is asked as if it were for Pods, as its rule's other policy is, and one for what scales a Deployment as if
// it were for that. By what they are changed TestKyvernoAdmits asks.
func disguised(subject policytest.Subject) manifest.Object {
	if subject.Subresource == "" {
		return subject.Policy
	}
	policy := manifest.Copy(subject.Policy)
	rules := policy["spec"].(map[string]any)["matchConstraints"].(map[string]any)["resourceRules"].([]any)
	rule := rules[0].(map[string]any)
	resource, _, _ := strings.Cut(rule["resources"].([]any)[0].(string), "/")
	rule["resources"], rule["operations"] = []any{resource}, []any{"CREATE", "UPDATE"}
	return policy
}

// tryGood puts the objects that keep every rule before all policies of the plane at once.
func (c kyvernoCLI) tryGood(t *testing.T, d policySet) {
	t.Helper()
	var all []manifest.Object
	good := map[manifest.ID]policytest.Case{}
	for _, subject := range d.subjects {
		// What keeps one rule may break another by having no template metadata.
		if first := subject.Cases(0)[0]; first.Operation == "CREATE" && len(judge.Judge(d.environment, first.Object)) == 0 {
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
	require.NotEmpty(t, request.Objects)
	answers := c.judge(t, request)
	judged := 0
	for pair, answer := range answers {
		assert.Equal(t, "pass", answer.Verdict, "%s finds the good %s: %s", pair.Policy, pair.Object, answer.Message)
		judged++
	}
	assert.GreaterOrEqual(t, judged, len(request.Objects))
}

// unmatched is what a policy says of an object that it does not look at.
const unmatched policytest.Verdict = "unmatched"

// differences are the cases of which Kyverno says something else than the rule.
func (c kyvernoCLI) differences(t *testing.T, policy manifest.Object, definitions []manifest.Object, operation string, all []policytest.Case) []string {
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
			answer = kyverno.Answer{Verdict: string(unmatched)}
		}
		if answer.Verdict != string(each.Want) {
			text, _ := json.Marshal(each.Object)
			wrong = append(wrong, fmt.Sprintf("%s %s by %s: %s at %s: CUE says %s, Kyverno says %s (%s): %s", operation, manifest.Identify(each.Object),
				manifest.Identify(policy), each.Operator, strings.Join(each.Path, "."), each.Want, answer.Verdict, answer.Message, text))
		}
	}
	return wrong
}

func (c kyvernoCLI) judge(t *testing.T, request kyverno.Request) map[kyverno.Pair]kyverno.Answer {
	t.Helper()
	*c.runs++
	folder := filepath.Join(t.TempDir(), fmt.Sprint(*c.runs))
	answers, err := c.cli.Judge(c.ctx, folder, request)
	require.NoError(t, err)
	return answers
}

// sampled are the good object and a few breaking and keeping mutants by different operators.
func sampled(s policytest.Subject, most int) []policytest.Case {
	counted := map[policytest.Verdict]int{}
	var few []policytest.Case
	for i, c := range s.Cases(1) {
		if i == 0 || counted[c.Want] < most {
			counted[c.Want]++
			few = append(few, c)
		}
	}
	return few
}

// spread takes enough of many cases, evenly: the CLI needs up to half a second for one. SPOKEWRIGHT_THOROUGH=1 takes
// four times as many.
func spread(all []policytest.Case) []policytest.Case {
	kept := []policytest.Case{all[0]} // the good object
	most := map[policytest.Verdict]int{policytest.Fail: 8, policytest.Pass: 3}
	if thorough() {
		most = map[policytest.Verdict]int{policytest.Fail: 36, policytest.Pass: 16}
	}
	for _, verdict := range []policytest.Verdict{policytest.Fail, policytest.Pass} {
		var some []policytest.Case
		for _, c := range all[1:] {
			if c.Want == verdict {
				some = append(some, c)
			}
		}
		enough := min(most[verdict], len(some))
		for i := range enough {
			kept = append(kept, some[i*len(some)/enough])
		}
	}
	return kept
}

// thorough says whether somebody wants all of it, however long it takes.
func thorough() bool { return os.Getenv("SPOKEWRIGHT_THOROUGH") != "" }

// unchanged are objects that break a rule and are older than it, in an update that changes nothing: the CLI knows no other.
// What no schema would let in is left out.
func unchanged(all []policytest.Case) []policytest.Case {
	var old []policytest.Case
	for _, c := range as("UPDATE", "", all) {
		if strings.Contains(c.Operator, " as ") || strings.Contains(c.Operator, "null") || strings.Contains(c.Operator, "wrong type") {
			continue
		}
		if _, there := c.Object["spec"].(map[string]any); !there {
			continue
		}
		c.Want = policytest.Pass
		old = append(old, c)
	}
	return old
}

// seenBy are updates as a policy judges them: one of creations alone never sees any.
func seenBy(policy manifest.Object, updates []policytest.Case) []policytest.Case {
	for _, rule := range policy["spec"].(map[string]any)["matchConstraints"].(map[string]any)["resourceRules"].([]any) {
		if slices.Contains(rule.(map[string]any)["operations"].([]any), any("UPDATE")) {
			return updates
		}
	}
	for i := range updates {
		updates[i].Want = unmatched
	}
	return updates
}

// as are the same cases in another operation, under the name of another operator where one is given.
func as(operation, operator string, all []policytest.Case) []policytest.Case {
	var changed []policytest.Case
	for _, c := range all {
		c.Operation = operation
		if c.Operator != "" && operator != "" {
			c.Operator = operator
		}
		changed = append(changed, c)
	}
	return changed
}

// otherVersion are the same cases in a version that the kind may get one day.
func otherVersion(all []policytest.Case) []policytest.Case {
	var changed []policytest.Case
	for _, c := range as("CREATE", "other served version", all) {
		c.Object = manifest.Copy(c.Object)
		c.Object["apiVersion"] = manifest.Identify(c.Object).Group() + "/v1beta7"
		changed = append(changed, c)
	}
	return changed
}
