package policytest

import (
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"spokewright.dev/spokewright/functions/policies"
	"spokewright.dev/spokewright/internal/manifest"
	"spokewright.dev/spokewright/schema"
)

// Every policy that a fleet's rules become is tried with objects that keep the rule and objects that break it.
func TestEveryPolicyIsTried(t *testing.T) {
	reader, err := schema.NewReader()
	require.NoError(t, err)
	fleet, err := reader.Fleet(os.DirFS("testdata/fleet"))
	require.NoError(t, err)
	for _, name := range fleet.Names() {
		for _, plane := range schema.Planes() {
			t.Run(name+"/"+string(plane), func(t *testing.T) {
				e := fleet.Environments[name]
				subjects, untried, err := Subjects(reader, e, plane, policies.Make(e, plane, nil))
				require.NoError(t, err)
				assert.Empty(t, untried)
				for _, subject := range subjects {
					requireBoth(t, subject)
				}
			})
		}
	}
}

func requireBoth(t *testing.T, s Subject) {
	t.Helper()
	names, tally := map[manifest.ID]bool{}, map[Verdict]int{}
	for _, c := range s.Cases(2) {
		id := manifest.Identify(c.Object)
		require.False(t, names[id], "%s occurs twice", id)
		names[id] = true
		tally[c.Want]++
	}
	assert.Positive(t, tally[Pass], "%s of %s: nothing keeps it", s.Rule, s.Kind)
	assert.Positive(t, tally[Fail], "%s of %s: nothing breaks it", s.Rule, s.Kind)
	assert.Equal(t, Pass, s.Cases(0)[0].Want, "%s of %s: the good object breaks it", s.Rule, s.Kind)
}

// A policy that no rule is known for is told: nobody would notice what it does.
func TestUntriedPolicies(t *testing.T) {
	reader, err := schema.NewReader()
	require.NoError(t, err)
	fleet, err := reader.Fleet(os.DirFS("testdata/fleet"))
	require.NoError(t, err)
	stranger := manifest.New("policies.kyverno.io/v1", "ValidatingPolicy", "", "stranger")
	_, untried, err := Subjects(reader, fleet.Environments["berlin"], schema.Hub, []manifest.Object{stranger})
	require.NoError(t, err)
	assert.Equal(t, []manifest.Object{stranger}, untried)
}

// Every kind that a rule can name has an example.
func TestExamples(t *testing.T) {
	var fleet schema.FleetConfig
	for _, kind := range fleet.KindNames() {
		if resource, _ := fleet.Resource(kind); !resource.Claim {
			assert.Contains(t, examples(), kind)
		}
	}
}
