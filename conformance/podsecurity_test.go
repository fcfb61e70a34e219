package conformance

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"spokewright.dev/spokewright/internal/constraint"
	"spokewright.dev/spokewright/internal/manifest"
	"spokewright.dev/spokewright/internal/mutate"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/pod-security-admission/api"
	"pgregory.net/rapid"
	"spokewright.dev/spokewright/internal/property"
	"spokewright.dev/spokewright/schema"
)

// What Kubernetes' own library refuses at a level of the Pod Security Standards, the rules of a class at that level refuse,
// and nothing else but what stands in the table of what is stricter by choice.
func TestRulesKeepThePodSecurityStandards(t *testing.T) {
	t.Parallel()
	kyvernoCLI := newStandardJudges(t)
	kyvernoCLI.tryMutants(t)
	kyvernoCLI.tryRandom(t)
	kyvernoCLI.report(t)
}

// choice is a sort of Pods that our rules refuse at a level and Kubernetes' library does not.
type choice struct {
	level api.Level
	what  string
	why   string
	is    func(corev1.PodSpec) bool
}

// choices are all that our rules are stricter about.
func choices() []choice {
	const refused = "no API server lets such a Pod in"
	return []choice{
		{api.LevelBaseline, "no containers", refused, func(spec corev1.PodSpec) bool { return spec.Containers == nil }},
		{api.LevelRestricted, "no containers", refused, func(spec corev1.PodSpec) bool { return spec.Containers == nil }},
		{api.LevelRestricted, "a volume of two kinds", refused, hasMixedVolume},
		{api.LevelRestricted, "ALL dropped, but not first", "a rule has no words for one element among others, and [ALL] alone says the same", dropsAllLater},
		{
			api.LevelRestricted, "for Windows", "an exception would be an alternative, and of alternatives the judge names the nearest: who forgets " +
				"capabilities would be told that os is missing. Claims ask for no nodes with Windows; a class that has some has its own rules by these names",
			func(spec corev1.PodSpec) bool { return spec.OS != nil && spec.OS.Name == corev1.Windows },
		},
	}
}

func hasMixedVolume(spec corev1.PodSpec) bool {
	return slices.ContainsFunc(spec.Volumes, func(volume corev1.Volume) bool {
		kinds, source := 0, reflect.ValueOf(volume.VolumeSource)
		for i := range source.NumField() {
			if !source.Field(i).IsNil() {
				kinds++
			}
		}
		return kinds > 1
	})
}

func dropsAllLater(spec corev1.PodSpec) bool {
	later := func(context *corev1.SecurityContext) bool {
		return context != nil && context.Capabilities != nil && slices.Index(context.Capabilities.Drop, "ALL") > 0
	}
	return slices.ContainsFunc(slices.Concat(spec.InitContainers, spec.Containers), func(c corev1.Container) bool { return later(c.SecurityContext) }) ||
		slices.ContainsFunc(spec.EphemeralContainers, func(c corev1.EphemeralContainer) bool { return later(c.SecurityContext) })
}

// byChoice tells by which choice our rules may refuse a Pod that Kubernetes lets in.
func byChoice(level api.Level, spec corev1.PodSpec) (string, bool) {
	for _, choice := range choices() {
		if choice.level == level && choice.is(spec) {
			return choice.what, true
		}
	}
	return "", false
}

// standardJudges asks two judges about Pods at both levels.
type standardJudges struct {
	decoder   runtime.Decoder
	standards []*standard
	left      int // Pods that no API server would hand on
}

func newStandardJudges(t *testing.T) *standardJudges {
	t.Helper()
	scheme := runtime.NewScheme()
	require.NoError(t, corev1.AddToScheme(scheme))
	reader, err := schema.NewReader()
	require.NoError(t, err)
	classes := fleetOf(t, reader, "..").Config.Classes
	return &standardJudges{
		decoder: serializer.NewCodecFactory(scheme, serializer.EnableStrict).UniversalDeserializer(),
		standards: []*standard{
			newStandard(t, api.LevelBaseline, classes["development"], "pod-security-baseline", "pods-keep-proc-masked"),
			newStandard(t, api.LevelRestricted, classes["production"], "pod-security-baseline", "pods-keep-proc-masked",
				"pod-security-restricted", "pods-run-as-non-root", "pods-have-a-seccomp-profile"),
		},
	}
}

// tryMutants tries what one change makes of Pods that keep all rules.
func (c *standardJudges) tryMutants(t *testing.T) {
	for _, s := range c.standards {
		var rules []*constraint.Constraint
		for _, name := range slices.Sorted(maps.Keys(s.rules)) {
			rules = append(rules, s.rules[name])
		}
		for _, pod := range compliant() {
			require.Empty(t, s.broken(pod))
			c.try(t, pod)
			for _, mutant := range mutate.Mutants(pod, rules...) {
				c.try(t, mutant.Object)
			}
		}
	}
}

// tryRandom tries Pods that are drawn. A failure is a small Pod; -rapid.seed draws the same again.
func (c *standardJudges) tryRandom(t *testing.T) {
	pods := randomPods()
	property.Check(t, func(t *rapid.T) {
		for range 160 {
			c.try(t, pods.Draw(t, "pod"))
		}
	})
}

// try puts a Pod before the judges, in the shape that an API server gives it.
func (c *standardJudges) try(t require.TestingT, object manifest.Object) {
	text, err := json.Marshal(object)
	require.NoError(t, err)
	pod := &corev1.Pod{}
	if _, _, err := c.decoder.Decode(text, nil, pod); err != nil {
		c.left++
		return
	}
	complete(pod)
	object, err = runtime.DefaultUnstructuredConverter.ToUnstructured(pod)
	require.NoError(t, err)
	for _, s := range c.standards {
		s.try(t, pod, object)
	}
}

// complete does to a Pod what an API server does that the judges can tell: a volume that says nothing of its kind is an
// empty directory (SetDefaults_Volume in pkg/apis/core/v1 of Kubernetes 1.36).
func complete(pod *corev1.Pod) {
	for i, volume := range pod.Spec.Volumes {
		if volume.VolumeSource == (corev1.VolumeSource{}) {
			pod.Spec.Volumes[i].EmptyDir = &corev1.EmptyDirVolumeSource{}
		}
	}
}

// report wants both verdicts to be frequent, and every check, every rule and every choice to matter.
func (c *standardJudges) report(t *testing.T) {
	t.Logf("%d Pods left out that do not decode", c.left)
	for _, s := range c.standards {
		t.Logf("%s: %d Pods; both refuse %d and let %d in, ours alone refuses %d by choice", s.level, s.tried, s.refused, s.admitted, s.tried-s.refused-s.admitted)
		t.Logf("%s: refused by one check alone: %v; by one rule alone: %v", s.level, s.byCheck, s.byRule)
		assert.GreaterOrEqual(t, s.tried, 20_000)
		assert.Greater(t, s.refused, s.tried/5)
		assert.Greater(t, s.admitted, s.tried/5)
		for id := range s.checks {
			assert.Positive(t, s.byCheck[id], "%s: no Pod is refused by check %s alone", s.level, id)
		}
		for name := range s.rules {
			assert.Positive(t, s.byRule[name], "%s: no Pod is refused by rule %s alone", s.level, name)
		}
		for _, choice := range choices() {
			if choice.level == s.level {
				t.Logf("%s: stricter, by choice: %s: %d Pods: %s", s.level, choice.what, s.chosen[choice.what], choice.why)
				assert.Positive(t, s.chosen[choice.what], "%s: nothing that Kubernetes lets in is %s", s.level, choice.what)
			}
		}
	}
}
