package check

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"spokewright.dev/spokewright/internal/manifest"
	"spokewright.dev/spokewright/internal/render"
	"spokewright.dev/spokewright/schema"
)

// Line 7: processors and controllers of Argo CD by the number of Applications that its hub has.
func TestLine7ProcessorsFollowTheFleet(t *testing.T) {
	for _, c := range []struct {
		is           pace
		applications int
		write        string
	}{
		{pace{20, 10, 1}, 400, ""},
		{pace{20, 10, 1}, 401, "controller.status.processors: 50 and controller.operation.processors: 25 under configs: params"},
		{pace{50, 25, 1}, 1000, ""},
		{pace{50, 10, 1}, 401, "controller.status.processors: 50 and controller.operation.processors: 25 under configs: params"},
		{pace{50, 25, 1}, 2500, "controller: replicas: 3, and controller.status.processors: 50 and controller.operation.processors: 25 under configs: params"},
		{pace{50, 25, 3}, 2500, ""},
		{pace{20, 10, 3}, 1200, ""},
	} {
		assert.Equal(t, c.write, c.is.lacks(c.applications), "%v for %d", c.is, c.applications)
	}
	values := map[string]any{"configs": map[string]any{"params": map[string]any{"controller.status.processors": int64(50), "controller.operation.processors": "25"}}, "controller": map[string]any{"replicas": int64(2)}}
	application := manifest.Object{"spec": map[string]any{"source": map[string]any{"helm": map[string]any{"valuesObject": values}}}}
	assert.Equal(t, pace{50, 25, 2}, paceOf(application))
	assert.Equal(t, pace{20, 10, 1}, paceOf(manifest.Object{}))
}

// Line 7: the set of all environments is one object of etcd, which takes 1.5 MiB.
func TestLine7TheSetOfEnvironmentsFitsEtcd(t *testing.T) {
	plane := func(environments int) render.Rendered {
		var elements []any
		for i := range environments {
			elements = append(elements, map[string]any{"environment": fmt.Sprintf("environment-%04d", i), "name": fmt.Sprintf("environment-%04d-hub", i),
				"source": map[string]any{"repoURL": "https://git.example.com/shop/fleet.git", "path": fmt.Sprintf("golden/environment-%04d", i), "targetRevision": "main"}})
		}
		set := manifest.New("argoproj.io/v1alpha1", "ApplicationSet", "argocd", "environments")
		set["spec"] = map[string]any{"generators": []any{map[string]any{"list": map[string]any{"elements": elements}}}}
		return render.Rendered{Target: render.Target{Environment: "hub", Plane: schema.Hub}, Objects: []manifest.Object{set}, YAML: manifest.Stream([]manifest.Object{set})}
	}
	assert.Empty(t, sizes(plane(1000)))
	found := sizes(plane(3000))
	if assert.Len(t, found, 1) {
		assert.Equal(t, "golden/hub/hub.yaml", found[0].File)
		assert.Contains(t, found[0].Message, "the set of 3000 Applications takes about")
		assert.Contains(t, found[0].Message, "of the 1536 that etcd takes of one object")
	}
}
