package render

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAffected(t *testing.T) {
	names, hubs := []string{"dev", "hub", "hub-dr", "prod"}, []string{"hub", "hub-dr"}
	cases := map[string]struct {
		reason string
		files  []string
		want   []string
		whole  bool
	}{
		"nothing":           {"no file, no environment", nil, nil, false},
		"spec":              {"every hub lists the environment", []string{"environments/dev.cue"}, []string{"dev", "hub", "hub-dr"}, false},
		"hub's spec":        {"a hub may stand in another's list", []string{"environments/hub.cue"}, []string{"hub", "hub-dr"}, false},
		"overlay":           {"an overlay is the environment's own", []string{"overlays/dev/hub/kustomization.yaml"}, []string{"dev"}, false},
		"golden":            {"so is what was rendered", []string{"golden/prod/spoke.yaml"}, []string{"prod"}, false},
		"several":           {"each once, sorted", []string{"golden/prod/hub.yaml", "overlays/dev/hub/patch.yaml", "golden/dev/hub.yaml"}, []string{"dev", "prod"}, false},
		"fleet":             {"all environments share it", []string{"overlays/dev/hub/patch.yaml", "environments/fleet.cue"}, nil, true},
		"base":              {"any overlay may build on it", []string{"bases/plane/kustomization.yaml"}, nil, true},
		"gone":              {"an environment that is gone leaves the hubs' lists, and orphans", []string{"environments/gone.cue"}, nil, true},
		"orphan":            {"nobody owns the folder", []string{"overlays/gone/hub/kustomization.yaml"}, nil, true},
		"beside":            {"a file beside the folders may be read by any overlay", []string{"overlays/shared.yaml"}, nil, true},
		"below":             {"specs have no folders", []string{"environments/dev/dev.cue"}, nil, true},
		"other spec":        {"only CUE is a spec", []string{"environments/dev.yaml"}, nil, true},
		"elsewhere":         {"in doubt, everything", []string{"README.md"}, nil, true},
		"outside":           {"outside of the fleet it is in doubt", []string{"../overlays/dev/hub/patch.yaml"}, nil, true},
		"disguised":         {"a path is what it leads to", []string{"overlays/dev/../../bases/x.yaml"}, nil, true},
		"folder of a fleet": {"a folder's name is no environment", []string{"overlays"}, nil, true},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			got, whole := Affected(c.files, names, hubs)
			require.Equal(t, c.whole, whole, c.reason)
			require.Equal(t, c.want, got, c.reason)
		})
	}
}
