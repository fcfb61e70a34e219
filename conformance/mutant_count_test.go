package conformance

import (
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"spokewright.dev/spokewright/internal/policytest"
)

// mutantCount counts what was tried.
type mutantCount struct {
	cases, killed, passed int
	killedBy, passedBy    map[string]int // by operator
	policies              map[string][2]int
}

func newMutantCount() *mutantCount {
	return &mutantCount{killedBy: map[string]int{}, passedBy: map[string]int{}, policies: map[string][2]int{}}
}

func (y *mutantCount) add(policy string, all []policytest.Case) {
	counts := y.policies[policy]
	for _, c := range all {
		y.cases++
		if c.Want == policytest.Fail {
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
func (y *mutantCount) report(t *testing.T) {
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
