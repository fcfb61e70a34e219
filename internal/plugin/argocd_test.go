package plugin

import (
	"encoding/json"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"spokewright.dev/spokewright/internal/render"
	"spokewright.dev/spokewright/schema"
)

var dev = render.Target{Environment: "dev", Plane: schema.Hub}

func TestPlace(t *testing.T) {
	cases := map[string]struct {
		root   string
		target render.Target
		ok     bool
	}{
		"/checkout/overlays/dev/hub":              {"/checkout", dev, true},
		"/overlays/dev/hub":                       {"/", dev, true},
		"/checkout/overlays/overlays/dev/hub":     {"/checkout/overlays", dev, true},
		"/checkout/overlays/dev/spoke":            {"/checkout", render.Target{Environment: "dev", Plane: schema.Spoke}, true},
		"/checkout/overlays/dev":                  {},
		"/checkout/overlays/dev/other":            {},
		"/checkout/overlays/dev/hub/deeper":       {},
		"/checkout/golden/dev/hub":                {},
		"/checkout/environments":                  {},
		"/":                                       {},
		"/hub":                                    {},
		"/checkout/my-overlays/dev/hub":           {},
		"/checkout/overlays/dev/hub/../../../etc": {},
	}
	for dir, want := range cases {
		root, target, ok := Place(dir)
		assert.Equal(t, want.ok, ok, dir)
		if ok {
			assert.Equal(t, want.root, root, dir)
			assert.Equal(t, want.target, target, dir)
		}
	}
}

func TestServes(t *testing.T) {
	const fleet, spec, overlay = "environments/fleet.cue", "environments/dev.cue", "overlays/dev/hub/kustomization.yaml"
	file := &fstest.MapFile{}
	cases := map[string]struct {
		tree fstest.MapFS
		want string
	}{
		"a fleet":         {fstest.MapFS{fleet: file, spec: file, overlay: file}, ""},
		"no fleet":        {fstest.MapFS{spec: file, overlay: file}, `no environment "dev" here: environments/fleet.cue is missing`},
		"no environment":  {fstest.MapFS{fleet: file, overlay: file}, `no environment "dev" here: environments/dev.cue is missing`},
		"a folder":        {fstest.MapFS{fleet: file, spec + "/x": file, overlay: file}, `no environment "dev" here: environments/dev.cue is something else`},
		"no overlay":      {fstest.MapFS{fleet: file, spec: file}, "no overlay here: overlays/dev/hub is missing"},
		"overlay a file":  {fstest.MapFS{fleet: file, spec: file, "overlays/dev/hub": file}, "no overlay here: overlays/dev/hub is something else"},
		"somebody else's": {fstest.MapFS{overlay: file}, `no environment "dev" here: environments/fleet.cue is missing`},
	}
	for name, c := range cases {
		if err := Serves(c.tree, dev); c.want == "" {
			assert.NoError(t, err, name)
		} else {
			assert.EqualError(t, err, c.want, name)
		}
	}
	assert.Error(t, Serves(fstest.MapFS{fleet: file, "overlays/fleet/hub/x": file}, render.Target{Environment: "fleet", Plane: schema.Hub}))
}

// What is announced can be set as it is announced, and that is all that can be set.
func TestAnnouncedParametersAreAccepted(t *testing.T) {
	text, err := Announce(dev)
	require.NoError(t, err)
	var announced []map[string]any
	require.NoError(t, json.Unmarshal(text, &announced))
	require.Len(t, announced, 2)
	var set []map[string]any
	for _, parameter := range announced {
		set = append(set, map[string]any{"name": parameter["name"], "string": parameter["string"]})
	}
	text, err = json.Marshal(set)
	require.NoError(t, err)
	require.NoError(t, CheckParameters(dev, string(text)))
	for _, fine := range []string{"", "null", "[]"} {
		require.NoError(t, CheckParameters(dev, fine))
	}
	require.ErrorContains(t, CheckParameters(render.Target{Environment: "prod", Plane: schema.Hub}, string(text)), `allowed is "prod"`)
}

// Any JSON, and anything else, is read without a fault; nothing but the announced values passes.
func FuzzParameters(f *testing.F) {
	for _, seed := range []string{`[]`, `null`, `[{"name":"plane","string":"hub"}]`, `[{"name":"x","map":{}}]`, `[null]`, `[{"name":"plane","string":"h\u0000b"}]`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if CheckParameters(dev, text) != nil || text == "" {
			return
		}
		var set []struct{ Name, String string }
		require.NoError(t, json.Unmarshal([]byte(text), &set))
		for _, parameter := range set {
			require.Contains(t, []string{"dev", "hub"}, parameter.String)
		}
	})
}

func TestOutermost(t *testing.T) {
	paths := outermost(map[string]bool{"/bases/hub": true, "/bases/hub/controllers": true, "/bases/hubs": true, "/environments/dev.cue": true})
	assert.Equal(t, []string{"/bases/hub", "/bases/hubs", "/environments/dev.cue"}, paths)
	assert.Equal(t, []string{"/"}, outermost(map[string]bool{"/": true, "/x": true}))
	assert.Equal(t, []string{"/common"}, uncovered([]string{"/bases/plane", "/common", "/overlays/dev"}, "/bases;/overlays/dev"))
	assert.Equal(t, []string{"/bases2"}, uncovered([]string{"/bases2"}, "/bases"))
}
