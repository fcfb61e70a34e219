package change

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"spokewright.dev/spokewright/internal/manifest"
	"spokewright.dev/spokewright/schema"
)

// TestManyRenames renames one thing of many environments, and the environments: each is found as one that was renamed.
func TestManyRenames(t *testing.T) {
	const environments, objects = 300, 10
	state := func(environment, name string) State {
		var s State
		for e := range environments {
			plane := Plane{Environment: fmt.Sprintf("%s-%d", environment, e), Plane: schema.Hub}
			for i := range objects {
				o := manifest.New("v1", "ConfigMap", plane.Environment, fmt.Sprintf("%s-%d", name, i))
				o["data"] = map[string]any{"number": fmt.Sprint(i), "environment": plane.Environment}
				plane.Objects = append(plane.Objects, Object{Object: o})
			}
			s.Planes = append(s.Planes, plane)
		}
		return s
	}
	for _, head := range []State{state("a", "new"), state("b", "old")} {
		review := Compare(state("a", "old"), head)
		require.Len(t, review.Changes, environments*objects)
		for _, c := range review.Changes {
			require.Equal(t, Rename, c.Class)
			require.Equal(t, Moved, c.Action)
		}
	}
}
