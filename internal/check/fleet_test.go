package check

import (
	"fmt"
	"math/rand/v2"
	"path"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"

	"spokewright.dev/spokewright/internal/argocd"
	"spokewright.dev/spokewright/internal/crd"
	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/kustomize"
	"spokewright.dev/spokewright/internal/manifest"
	"spokewright.dev/spokewright/internal/render"
	"spokewright.dev/spokewright/schema"
)

// The shapes of our own kinds compile: a check compiles them only when one has to be explained.
func TestOwnKindsCompile(t *testing.T) {
	reader, err := schema.NewReader()
	require.NoError(t, err)
	for _, api := range []string{"claims", "namespaced"} {
		schemas, err := crd.Declared(ownKinds(reader, api))
		require.NoError(t, err)
		require.NotZero(t, len(schemas))
	}
}

// What is kept of planes, written down and looked at where something is suspected, tells what all of their objects tell: on drawn fleets
// of two hubs, with collisions of every kind.
func TestWhatIsKeptTellsWhatAllObjectsTell(t *testing.T) {
	config := fleetOf(t, nil).Config
	told, spared := "", 0
	for seed := range uint64(500) {
		fleet, rendered := drawnFleet(rand.New(rand.NewPCG(seed, 483)), config)
		targets := make([]render.Target, len(rendered))
		for place, r := range rendered {
			targets[place] = r.Target
		}
		j, err := NewJudging(fstest.MapFS{}, nil, targets, time.Time{})
		require.NoError(t, err)
		for place, r := range rendered {
			e := fleet.Environments[r.Environment]
			if j.keep(e, place, r); e.Role == "hub" {
				continue
			}
			rendered[place].Objects = outlines(config.Claims, r.Objects)
			j.planes[place].remnant.freeze()
			require.Nil(t, j.planes[place].remnant.Objects)
			if !suspected(fleet, j.noted)(place) {
				spared++
			}
		}
		var want finding.Findings
		where := func(overlay string, f finding.Finding) finding.Position { return kustomize.Where(j.tree, overlay, f) }
		for _, f := range Planes(fleet, slices.Values(rendered), where) {
			f.Position = where(path.Dir(f.File), f)
			want = append(want, f)
		}
		want = slices.Concat(want, Accounts(fleet, slices.Values(rendered)), Compositions(fleet, slices.Values(rendered)))
		got, err := j.between(fleet)
		require.NoError(t, err)
		require.Equal(t, want, got, "seed %d", seed)
		require.Equal(t, applicationsOf(fleet, rendered), j.applications(fleet), "seed %d", seed)
		told += strings.Join(lines(got), "\n") + "\n"
	}
	require.Greater(t, spared, 200, "planes of which nothing is looked at again")
	for _, words := range []string{"/hub has it too", "/spoke has it too", "is also that of", "namespace of another environment", "is in the list of hub", "nothing says how hub", "and hub \"hub\" has no", "reads nowhere"} {
		require.Contains(t, told, words)
	}
}

// What was written down and cannot be read again is an error, and no plane without objects.
func TestWhatIsKeptAndTornIsAnError(t *testing.T) {
	fleet, rendered := drawnFleet(rand.New(rand.NewPCG(1, 483)), fleetOf(t, nil).Config)
	j := &Judging{tree: fstest.MapFS{}}
	for _, r := range rendered {
		j.targets = append(j.targets, r.Target)
	}
	j.planes, j.noted = make([]judgedPlane, len(rendered)), make([]noted, len(rendered))
	for place, r := range rendered {
		j.keep(fleet.Environments[r.Environment], place, r)
	}
	_, err := j.between(fleet)
	require.NoError(t, err)
	hub := slices.Index(j.targets, render.Target{Environment: "hub", Plane: schema.Hub})
	j.planes[hub].remnant.frozen = []byte("[{")
	_, err = j.between(fleet)
	require.ErrorContains(t, err, "what was written down of hub/hub.yaml: ")
}

// applicationsOf counts Applications, by hub.
func applicationsOf(fleet *schema.Fleet, rendered []render.Rendered) map[string]int {
	count := map[string]int{}
	for _, r := range rendered {
		e := fleet.Environments[r.Environment]
		if r.Plane == schema.Spoke && e.Role != "hub" {
			continue
		}
		count[e.Hub] += 0
		for _, object := range r.Objects {
			switch manifest.Identify(object).Kind {
			case "Application":
				count[e.Hub]++
			case "ApplicationSet":
				count[e.Hub] += len(argocd.Elements(object))
			}
		}
	}
	return count
}

// drawnFleet is a fleet of two hubs and four environments, with objects of which some are where others are.
func drawnFleet(random *rand.Rand, config *schema.FleetConfig) (*schema.Fleet, []render.Rendered) {
	pick := func(from ...string) string { return from[random.IntN(len(from))] }
	fleet := &schema.Fleet{Config: config, Environments: map[string]schema.Environment{}}
	for _, name := range []string{"hub", "quay", "a", "b", "c", "d"} {
		e := schema.Environment{Name: name, Role: "spoke", Hub: pick("hub", "quay"), ID: "acme-" + name, Fleet: config, Compositions: pick("", "", "next")}
		e.Cluster = &schema.Cluster{Cloud: "aws", Account: pick("aws", "aws", "other")}
		if name == "hub" || name == "quay" {
			e.Role, e.Hub, e.Compositions, e.Cluster = "hub", name, "", nil
		}
		fleet.Environments[name] = e
	}
	var rendered []render.Rendered
	for _, target := range render.Targets(fleet.Names()) {
		r := render.Rendered{Target: target}
		for range random.IntN(5) {
			r.Objects = append(r.Objects, drawnObject(random, pick, fleet.Environments[target.Environment]))
		}
		rendered = append(rendered, r)
	}
	return fleet, rendered
}

func drawnObject(random *rand.Rand, pick func(...string) string, e schema.Environment) manifest.Object {
	name := fmt.Sprintf("n%d", random.IntN(12))
	claims := e.Fleet.Claims
	switch random.IntN(9) {
	case 0:
		return manifest.New("v1", "Namespace", "", pick("a", "b", "shop", "stock"))
	case 1:
		return manifest.New(pick("apps/v1", "apps/v1beta1"), "Deployment", "shop", pick("x", "y"))
	case 2, 3:
		set := manifest.New("argoproj.io/v1alpha1", "ApplicationSet", "argocd", name)
		element := map[string]any{"name": fmt.Sprintf("m%d", random.IntN(12)), "environment": pick("a", "b", "c", "d"), "path": "apps"}
		set["spec"] = map[string]any{"generators": []any{map[string]any{"list": map[string]any{"elements": []any{element}}}}}
		return set
	case 4:
		return manifest.New("argoproj.io/v1alpha1", "Application", "argocd", fmt.Sprintf("m%d", random.IntN(12)))
	case 5, 6:
		database := manifest.New(claims.Database.APIVersion, claims.Database.Kind, e.Name, pick("main", "other"))
		database["spec"] = map[string]any{"cloud": pick("aws", "gcp"), "id": name, "account": pick("other", ""), "storageGB": int64(20),
			"crossplane": map[string]any{"compositionRef": map[string]any{"name": pick("aws-database", "aws-database.next")}}}
		database["metadata"].(map[string]any)["labels"] = map[string]any{"spokewright.dev/environment": pick(e.Name, "a")}
		return database
	case 7:
		composition := manifest.New("apiextensions.crossplane.io/v1", "Composition", "", pick("aws-database", "aws-database.next"))
		composition["metadata"].(map[string]any)["labels"] = map[string]any{"spokewright.dev/cloud": "aws"}
		composition["spec"] = map[string]any{"compositeTypeRef": map[string]any{"apiVersion": claims.Database.APIVersion, "kind": claims.Database.Kind}}
		return composition
	}
	return manifest.New("v1", "ConfigMap", pick("argocd", "a", "b", "shop"), name)
}
