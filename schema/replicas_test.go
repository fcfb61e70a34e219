package schema

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"spokewright.dev/spokewright/internal/constraint"
)

// A Scale to none leaves the number out: a rule that asks for some refuses it, and one that does not lets it pass.
func TestNoneIsANumberOfReplicas(t *testing.T) {
	for _, each := range []struct {
		least    int64
		presence constraint.Presence
		passes   bool
	}{{2, constraint.Optional, false}, {2, constraint.Required, false}, {0, constraint.Optional, true}, {0, constraint.Required, true}} {
		replicas := &constraint.Constraint{Kinds: constraint.Int, Min: &constraint.Bound{Value: each.least}}
		spec := &constraint.Constraint{Kinds: constraint.Map, Fields: []constraint.Field{{Name: "replicas", Presence: each.presence, Value: replicas}}}
		rule := Rule{Require: &constraint.Constraint{Kinds: constraint.Map, Fields: []constraint.Field{{Name: "spec", Presence: constraint.Required, Value: spec}}}}
		scale := rule.OfReplicas()
		require.NotNil(t, scale)
		assert.Equal(t, each.passes, scale.Holds(map[string]any{"spec": map[string]any{}}), "%+v", each)
		assert.True(t, scale.Holds(map[string]any{"spec": map[string]any{"replicas": int64(2)}}))
	}
}
