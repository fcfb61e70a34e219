package conformance

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"spokewright.dev/spokewright/internal/constraint"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"
	"spokewright.dev/spokewright/schema"
)

// standard is a level of the Pod Security Standards, as our rules say it and as Kubernetes' library does.
type standard struct {
	level     api.Level
	rules     map[string]*constraint.Constraint
	evaluator policy.Evaluator
	checks    map[policy.CheckID]policy.CheckPodFn // what the evaluator is made of

	tried, refused, admitted int
	chosen                   map[string]int         // refused by ours alone, by choice
	byRule                   map[string]int         // refused by one rule and no other
	byCheck                  map[policy.CheckID]int // refused by one check and no other
}

func newStandard(t *testing.T, level api.Level, class schema.Class, names ...string) *standard {
	t.Helper()
	require.Equal(t, string(level), class.PodSecurity)
	evaluator, err := policy.NewEvaluator(policy.DefaultChecks(), nil)
	require.NoError(t, err)
	s := &standard{
		level: level, rules: map[string]*constraint.Constraint{}, evaluator: evaluator, checks: checksOf(level),
		chosen: map[string]int{}, byRule: map[string]int{}, byCheck: map[policy.CheckID]int{},
	}
	for _, name := range names {
		rule, there := class.Rules[name]
		require.True(t, there, name)
		require.Equal(t, "deny", rule.Action)
		s.rules[name] = rule.Require
	}
	return s
}

// checksOf are the library's checks at a level in its newest version, without those that others take the place of.
func checksOf(level api.Level) map[policy.CheckID]policy.CheckPodFn {
	checks := map[policy.CheckID]policy.CheckPodFn{}
	var replaced []policy.CheckID
	for _, check := range policy.DefaultChecks() {
		if check.Level == level || check.Level == api.LevelBaseline {
			newest := check.Versions[len(check.Versions)-1]
			checks[check.ID] = newest.CheckPod
			replaced = append(replaced, newest.OverrideCheckIDs...)
		}
	}
	maps.DeleteFunc(checks, func(id policy.CheckID, _ policy.CheckPodFn) bool { return slices.Contains(replaced, id) })
	return checks
}

// try wants both judges to say the same of a Pod, which each sees in its own shape, or ours to be stricter by choice.
func (s *standard) try(t require.TestingT, pod *corev1.Pod, object map[string]any) {
	s.tried++
	ours, theirs := s.broken(object), s.failed(t, pod)
	alone(s.byRule, ours)
	alone(s.byCheck, theirs)
	switch {
	case len(theirs) > 0 && len(ours) > 0:
		s.refused++
	case len(theirs) > 0:
		require.Fail(t, "weaker", "%s: Kubernetes refuses what our rules let in: %s\n%s", s.level, shown(object), s.said(pod, api.LatestVersion()).ForbiddenDetail())
	case len(ours) > 0:
		what, is := byChoice(s.level, pod.Spec)
		if !is {
			require.Fail(t, "stricter", "%s: Kubernetes lets in what our rules refuse: %s\n%s", s.level, shown(object), s.why(object))
		}
		s.chosen[what]++
	default:
		s.admitted++
	}
}

// broken are the rules that a Pod breaks.
func (s *standard) broken(pod map[string]any) []string {
	var names []string
	for name, rule := range s.rules {
		if len(rule.Judge(pod)) > 0 {
			names = append(names, name)
		}
	}
	return names
}

// failed are the checks that a Pod does not pass. The evaluator must find as many, in its newest version and in the one that
// our rules name.
func (s *standard) failed(t require.TestingT, pod *corev1.Pod) []policy.CheckID {
	var ids []policy.CheckID
	for id, check := range s.checks {
		if !check(&pod.ObjectMeta, &pod.Spec).Allowed {
			ids = append(ids, id)
		}
	}
	for _, version := range []api.Version{api.LatestVersion(), api.MajorMinorVersion(1, 36)} {
		reasons := s.said(pod, version).ForbiddenReasons
		require.Len(t, reasons, len(ids), "%s, %s: %v", s.level, version, ids)
	}
	return ids
}

// said is what the evaluator says of a Pod.
func (s *standard) said(pod *corev1.Pod, version api.Version) *policy.AggregateCheckResult {
	level := api.LevelVersion{Level: s.level, Version: version}
	result := policy.AggregateCheckResults(s.evaluator.EvaluatePod(level, &pod.ObjectMeta, &pod.Spec))
	return &result
}

// alone counts what is the only one.
func alone[K comparable](counts map[K]int, all []K) {
	if len(all) == 1 {
		counts[all[0]]++
	}
}

// why says what our rules find wrong with a Pod.
func (s *standard) why(pod map[string]any) string {
	var lines []string
	for name, rule := range s.rules {
		for _, violation := range rule.Judge(pod) {
			lines = append(lines, name+": "+violation.String())
		}
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

func shown(object map[string]any) string {
	text, err := json.Marshal(object)
	if err != nil {
		return fmt.Sprint(object)
	}
	return string(text)
}
