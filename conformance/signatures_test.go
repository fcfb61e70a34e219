package conformance

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"spokewright.dev/spokewright/conformance/kyverno"
	"spokewright.dev/spokewright/conformance/registry"
	"spokewright.dev/spokewright/internal/manifest"
)

const (
	gatePolicy     = "signed-images"
	templatePolicy = "signed-images-in-templates"
)

// signing is an object and what the real Kyverno must say of it: which policy judges it, if one does, and how.
type signing struct {
	object          manifest.Object
	policy, verdict string
}

// The policies for signed images judge real images with real signatures: what is signed passes, each way to run something
// else is denied, and what need not be signed is not judged.
func TestKyvernoVerifiesSignatures(t *testing.T) {
	t.Parallel()
	kyvernoCLI, imageRegistry := newKyvernoCLI(t), newImageRegistry(t)
	t.Run("as shipped", func(t *testing.T) { kyvernoCLI.tryShipped(t, imageRegistry) })
	t.Run("emptied", func(t *testing.T) { kyvernoCLI.tryEmptied(t, imageRegistry) })
	t.Run("as fleets say", func(t *testing.T) { kyvernoCLI.tryFleets(t, imageRegistry) })
}

func (c kyvernoCLI) tryShipped(t *testing.T, imageRegistry imageRegistry) {
	signings := slices.Concat(imageRegistry.pods(), imageRegistry.workloads())
	policies := judging(imageRegistry.withKey(t))
	assert.Empty(t, c.misjudged(t, policies, signings))

	counted := map[string]map[string]int{}
	for _, s := range signings {
		if counted[s.policy] == nil {
			counted[s.policy] = map[string]int{}
		}
		counted[s.policy][s.verdict]++
	}
	for _, policy := range policies {
		name := manifest.Identify(policy).Name
		t.Logf("%s: %v", name, counted[name])
		assert.GreaterOrEqual(t, counted[name]["fail"], 8, name)
		assert.Positive(t, counted[name]["pass"], name)
	}
}

// tryEmptied: policies that verify nothing are noticed, and while they require a verification they let nothing pass.
func (c kyvernoCLI) tryEmptied(t *testing.T, imageRegistry imageRegistry) {
	signings := slices.Concat(imageRegistry.pods(), imageRegistry.workloads())
	breaking := 0
	for _, s := range signings {
		if s.verdict == "fail" && manifest.Identify(s.object).Name != "tag" { // a tag is no digest, whoever signed it
			breaking++
		}
	}
	empty := func(required bool) []manifest.Object {
		policies := judging(imageRegistry.withKey(t))
		for _, policy := range policies {
			spec := policy["spec"].(map[string]any)
			spec["validations"] = []any{map[string]any{"expression": "true"}}
			spec["validationConfigurations"].(map[string]any)["required"] = required
		}
		return policies
	}
	assert.Len(t, c.misjudged(t, empty(false), signings), breaking)

	for i := range signings {
		if signings[i].verdict == "pass" {
			signings[i].verdict = "fail"
		}
	}
	assert.Empty(t, c.misjudged(t, empty(true), signings), "nothing was verified")
}

// tryFleets: what a fleet says of signatures decides what is judged.
func (c kyvernoCLI) tryFleets(t *testing.T, imageRegistry imageRegistry) {
	key := fmt.Sprintf("key: %q", imageRegistry.ours.Public)
	for name, fleet := range map[string]struct {
		signatures       string
		unsigned, signed string // verdicts
	}{
		"a key":                   {key, "fail", "pass"},
		"some images":             {key + fmt.Sprintf(`, images: ["%s/shop/un*", "%[1]s/shop/other/*"]`, imageRegistry.Host), "fail", ""},
		"images with a name only": {key + `, images: ["*/signed-*"]`, "", "pass"},
		"all images":              {key + `, images: ["*"]`, "fail", "pass"},
		"no log":                  {key + ", transparencyLog: false", "fail", "pass"},
		"the public log":          {key + ", transparencyLog: true", "fail", "fail"}, // no signature here stands in it
	} {
		t.Run(name, func(t *testing.T) {
			assert.Empty(t, c.misjudged(t, judging(imageRegistry.policies(t, "signatures: {"+fleet.signatures+"}")), []signing{
				{pod("unsigned", imageRegistry.images["unsigned"]), gatePolicy, fleet.unsigned},
				{pod("signed", imageRegistry.images["signed-attached"]), gatePolicy, fleet.signed},
			}))
		})
	}
	t.Run("no key", func(t *testing.T) { assert.Empty(t, imageRegistry.policies(t, "")) })
	t.Run("a class with a rule of its own", func(t *testing.T) {
		assert.Empty(t, imageRegistry.policies(t, "signatures: {"+key+"}\nclasses: production: rules: "+
			`"signed-images": {kinds: ["Pod"], require: metadata: labels?: signed?: "yes", message: "what is labelled so"}`))
	})
}

// pods are Pods as the API server has them after Kyverno put digests into them, which its CLI does not.
func (q imageRegistry) pods() []signing {
	var all []signing
	add := func(verdict, name string, images ...string) {
		policy := gatePolicy
		if verdict == "" {
			policy = ""
		}
		all = append(all, signing{pod(strings.ReplaceAll(name, " ", "-"), images...), policy, verdict})
	}
	unsigned := q.images["unsigned"]
	for _, form := range []registry.Form{registry.Attached, registry.Bundle} {
		image := func(name string) string { return q.images[name+"-"+string(form)] }
		signed := image("signed")
		add("pass", string(form), signed)
		add("pass", string(form)+" by two keys", image("both"))
		add("pass", string(form)+" everywhere", signed, image("both"), "init:"+signed, "ephemeral:"+signed)
		add("pass", string(form)+" beside one from elsewhere", signed, q.elsewhere)
		add("pass", string(form)+" of many platforms", image("index"))
		add("pass", string(form)+" twice and another", signed, signed, image("both"))
		add("fail", string(form)+" twice and an unsigned one", signed, signed, unsigned)
		add("fail", string(form)+" by another key", image("strange"))
		add("fail", string(form)+" of another image", image("borrowed"))
		add("fail", string(form)+" of what the tag was", image("moved"))
		add("fail", string(form)+" of the first only", signed, unsigned)
		add("fail", string(form)+" but not to begin with", signed, "init:"+unsigned)
		add("fail", string(form)+" but not to debug with", signed, "ephemeral:"+unsigned)
		add("fail", string(form)+" beside a stranger", signed, image("strange"))
	}
	add("fail", "attached by us but a bundle by another key", q.images["mixed"]) // Kyverno looks at nothing but bundles where there is one
	add("pass", "attested", q.images["attested"])                                // for Kyverno a bundle is a bundle
	add("fail", "unsigned", unsigned)
	add("fail", "unsigned beside one from elsewhere", q.elsewhere, unsigned)
	add("fail", "unsigned to begin with", q.elsewhere, "init:"+unsigned)
	add("fail", "unsigned to debug with", q.elsewhere, "ephemeral:"+unsigned)
	add("fail", "tag", q.tagged("signed-attached"))
	add("error", "nowhere", q.Host+"/shop/nowhere@sha256:"+strings.Repeat("0", 64))
	add("", "elsewhere", q.elsewhere)
	add("", "elsewhere to begin with", q.elsewhere, "init:"+q.elsewhere)
	for _, namespace := range []string{"kube-system", "kyverno", "monitoring"} {
		system := pod("unsigned-in-"+namespace, unsigned)
		system["metadata"].(map[string]any)["namespace"] = namespace
		all = append(all, signing{system, "", ""})
	}
	return all
}

// workloads are what makes Pods, with images as people write them.
func (q imageRegistry) workloads() []signing {
	var all []signing
	for kind, apiVersion := range map[string]string{"DaemonSet": "apps/v1", "Deployment": "apps/v1", "StatefulSet": "apps/v1", "Job": "batch/v1", "CronJob": "batch/v1"} {
		add := func(verdict, name string, images ...string) {
			policy := templatePolicy
			if verdict == "" {
				policy = ""
			}
			all = append(all, signing{workload(apiVersion, kind, pod(name, images...)), policy, verdict})
		}
		signed := q.tagged("signed-bundle")
		add("pass", "signed", signed)
		add("pass", "by-digest", q.images["signed-attached"], "init:"+signed)
		add("fail", "unsigned", q.tagged("unsigned"))
		add("fail", "by-another-key", q.tagged("strange-attached"))
		add("fail", "whose-tag-moved", q.tagged("moved-bundle"))
		add("fail", "unsigned-to-begin-with", signed, "init:"+q.tagged("unsigned"))
		add("", "elsewhere", q.elsewhere)
	}
	// A Deployment keeps its ReplicaSets, and must be able to scale an old one down whatever became of its key.
	return append(all, signing{workload("apps/v1", "ReplicaSet", pod("unsigned", q.tagged("unsigned"))), "", ""})
}

// misjudged are the objects of which Kyverno says something else than it must.
func (c kyvernoCLI) misjudged(t *testing.T, policies []manifest.Object, signings []signing) []string {
	t.Helper()
	request := kyverno.Request{Policies: policies}
	for _, s := range signings {
		request.Objects = append(request.Objects, s.object)
	}
	answers := c.judge(t, request)
	byName := map[string]manifest.Object{}
	for _, policy := range policies {
		byName[manifest.Identify(policy).Name] = policy
	}
	var wrong []string
	for _, s := range signings {
		if s.verdict == "" {
			continue
		}
		pair := kyverno.PairOf(byName[s.policy], s.object)
		if answer := answers[pair]; answer.Verdict != s.verdict {
			wrong = append(wrong, fmt.Sprintf("%s of %s: must be %s, is %q (%s)", pair.Policy, pair.Object, s.verdict, answer.Verdict, answer.Message))
		}
		delete(answers, pair)
	}
	for _, pair := range slices.SortedFunc(maps.Keys(answers), func(a, b kyverno.Pair) int { return strings.Compare(a.Object, b.Object) }) {
		wrong = append(wrong, fmt.Sprintf("%s judges %s, and must not: %s", pair.Policy, pair.Object, answers[pair].Verdict))
	}
	return wrong
}
