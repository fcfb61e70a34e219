package overlay_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"spokewright.dev/spokewright/internal/overlay"
	"spokewright.dev/spokewright/schema"
)

func TestEachPlaneBeginsWithItsBase(t *testing.T) {
	for _, tt := range []struct {
		role  string
		plane schema.Plane
		base  string
	}{
		{"spoke", schema.Hub, "plane"}, {"spoke", schema.Spoke, "spoke"}, {"hub", schema.Hub, "plane"}, {"hub", schema.Spoke, "hub"},
	} {
		assert.Contains(t, overlay.Plain("test", tt.role, tt.plane)["kustomization.yaml"], "resources: [../../../bases/"+tt.base+"]\n")
	}
}
