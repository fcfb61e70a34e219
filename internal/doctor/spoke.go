package doctor

import (
	"fmt"
	"slices"
	"strings"

	"spokewright.dev/spokewright/internal/manifest"
	"spokewright.dev/spokewright/internal/policytest"
)

// Try asks the API server of a spoke whether it would take an object, of which it keeps nothing: what it says, and whether
// it would.
type Try func(object []byte) (taken bool, answer string, err error)

// objectsForEach is how many objects are tried on a policy at most: of some nobody gets to ask it, since their definition
// refuses them first.
const objectsForEach = 12

// LookAtPolicies tries on each policy that refuses what breaks its rule. A policy for what runs on a spoke lets everything
// pass while its API server does not reach Kyverno, and nothing else shows that.
func LookAtPolicies(environment string, subjects []policytest.Subject, try Try) (symptoms []Symptom, asked int, err error) {
	open := 0
	for _, same := range policytest.Group(subjects) {
		subject := same[0]
		policy := manifest.Identify(subject.Policy)
		actions, _ := manifest.Get(subject.Policy, "spec", "validationActions")
		if denies, is := actions.([]any); !is || !slices.Contains(denies, any("Deny")) || policy.Namespace != "" || subject.Subresource != "" || subject.Operation != "CREATE" {
			continue
		}
		asked++
		taken, answer, err := refuses(subject, policy.Name, try)
		if err != nil {
			return nil, 0, err
		}
		switch {
		case taken != "":
			open++
			symptoms = append(symptoms, Symptom{Check: "policies", Message: fmt.Sprintf("%s refuses nothing: the cluster would take %s, which breaks it", policy.Name, taken),
				Remedy: fmt.Sprintf("kubectl get validatingpolicy %s: it must be there and ready; look for exceptions to it (policyexceptions)", policy.Name), Cause: "policy open"})
		case answer != "":
			symptoms = append(symptoms, Symptom{Check: "policies", Warning: true, Message: fmt.Sprintf("%s was not asked: the cluster says %q", policy.Name, answer),
				Remedy: "look whether something else refuses such objects first; where the cluster did not answer, reach it and try again"})
		}
	}
	if open > 0 && open == asked {
		return []Symptom{{Check: "policies", Message: fmt.Sprintf("no policy is enforced in %s: the cluster would take what breaks each of %d", environment, asked),
			Remedy: "look whether Kyverno's admission runs there, and whether the API server reaches it: on Google Cloud the firewall rule ID-webhooks opens port 9443 of the nodes to the control plane"}}, asked, nil
	}
	return symptoms, asked, nil
}

// refuses tries objects until one is taken, which it names, or refused by the policy. The answer is the last one of a cluster
// that refused them all for something else.
func refuses(subject policytest.Subject, policy string, try Try) (taken, answer string, err error) {
	tried := 0
	for _, c := range subject.Cases(2) {
		if c.Want != policytest.Fail || tried == objectsForEach {
			continue
		}
		tried++
		object := manifest.Copy(c.Object)
		if id := manifest.Identify(object); id.Namespace != "" {
			object["metadata"].(map[string]any)["namespace"] = "default" // it is there, whatever else is
		}
		id := manifest.Identify(object)
		is, said, err := try(manifest.Append(nil, object))
		switch {
		case err != nil:
			return "", "", err
		case is:
			return id.Kind + " " + id.Namespace + "/" + id.Name, "", nil
		case strings.Contains(said, "Policy "+policy+" failed: "):
			return "", "", nil
		case !unfit(said) && !strings.Contains(said, "denied the request: Policy "): // another policy of Kyverno may have been faster
			answer = said
		}
	}
	return "", answer, nil
}

// unfit says whether the cluster refused an object for its shape, which comes before any policy: nobody gets one in.
func unfit(said string) bool {
	return slices.ContainsFunc([]string{" is invalid: ", "strict decoding error", "(BadRequest)"}, func(part string) bool { return strings.Contains(said, part) })
}
