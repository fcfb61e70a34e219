package change

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"spokewright.dev/spokewright/internal/manifest"
	"spokewright.dev/spokewright/internal/property"
	"spokewright.dev/spokewright/schema"
)

// object is one of YAML.
func object(t require.TestingT, text string) Object {
	all, err := manifest.Objects([]byte(text))
	require.NoError(t, err)
	require.Len(t, all, 1, text)
	return Object{Object: all[0]}
}

// dev is a state with objects in the hub plane of environment dev.
func dev(t require.TestingT, texts ...string) State {
	plane := Plane{Environment: "dev", Plane: schema.Hub}
	for _, text := range texts {
		plane.Objects = append(plane.Objects, object(t, text))
	}
	return State{Planes: []Plane{plane}}
}

// told is a review in short: a line a change, with its effects of a class other than "in place".
func told(r Review) []string {
	var lines []string
	for _, c := range r.Changes {
		line := fmt.Sprintf("%s %s: %s", c.Environment, c.Subject, c.Class)
		for _, e := range c.Effects {
			if e.Path != "" && e.Class == c.Class {
				line += " " + string(e.Path)
			}
		}
		lines = append(lines, line)
	}
	return lines
}

func someState() *rapid.Generator[State] {
	names := rapid.SampledFrom([]string{"a", "b", "c"})
	return rapid.Custom(func(t *rapid.T) State {
		var state State
		for _, environment := range rapid.SliceOfNDistinct(names, 0, 3, rapid.ID).Draw(t, "environments") {
			for _, plane := range schema.Planes() {
				p := Plane{Environment: environment, Plane: plane}
				seen := map[manifest.ID]bool{}
				for range rapid.IntRange(0, 6).Draw(t, "objects") {
					kind := rapid.SampledFrom([]string{"v1 ConfigMap", "v1 Namespace", "argoproj.io/v1alpha1 Application", "platform.spokewright.dev/v1alpha1 Database",
						"policies.kyverno.io/v1 ValidatingPolicy", "protection.crossplane.io/v1beta1 Usage"}).Draw(t, "kind")
					apiVersion, name, _ := strings.Cut(kind, " ")
					o := manifest.New(apiVersion, name, rapid.SampledFrom([]string{"", "a", "b"}).Draw(t, "namespace"), names.Draw(t, "name"))
					o["spec"] = map[string]any{
						"id": names.Draw(t, "id"), "cloud": "aws", "storageGB": int64(rapid.IntRange(10, 12).Draw(t, "size")),
						"of":   map[string]any{"kind": "Database", "resourceRef": map[string]any{"name": names.Draw(t, "of")}},
						"list": []any{map[string]any{"name": names.Draw(t, "element"), "value": names.Draw(t, "value")}},
					}
					if id := manifest.Identify(o); !seen[id] {
						seen[id] = true
						p.Objects = append(p.Objects, Object{Object: o})
					}
				}
				state.Planes = append(state.Planes, p)
			}
		}
		return state
	})
}

// A fleet does nothing to itself.
func TestNothingChangesNothing(t *testing.T) {
	property.Check(t, func(t *rapid.T) {
		state := someState().Draw(t, "state")
		assert.Empty(t, Compare(state, state).Changes)
	})
}

// places are all objects of a state.
func places(state State) map[Place]bool {
	all := map[Place]bool{}
	for _, p := range newSide(state).list {
		all[*p.place()] = true
	}
	return all
}

// Whatever is gone is told, at its old place or as what a thing was before; whatever came is told too, and nothing else
// comes or goes.
func TestWhatIsGoneIsTold(t *testing.T) {
	property.Check(t, func(t *rapid.T) {
		base, head := someState().Draw(t, "base"), someState().Draw(t, "head")
		before, after := places(base), places(head)
		gone, came := map[Place]bool{}, map[Place]bool{}
		for _, c := range Compare(base, head).Changes {
			at := Place{c.Environment, c.Plane, c.Application, c.Object}
			require.NotEmpty(t, c.Effects)
			require.True(t, slices.ContainsFunc(c.Effects, func(e Effect) bool { return e.Class == c.Class }), "a class that no effect has")
			switch c.Action {
			case Added:
				came[at] = true
			case Removed:
				gone[at] = true
				require.True(t, c.Class.Destructive(), "%s", c.Object)
			case Moved:
				came[at], gone[*c.From] = true, true
			case Changed:
				require.True(t, before[at] && after[at])
			}
		}
		for place := range before {
			require.Equal(t, !after[place], gone[place], "%v", place)
		}
		for place := range after {
			require.Equal(t, !before[place], came[place], "%v", place)
		}
	})
}

// The other way round, what came goes.
func TestTheOtherWayRound(t *testing.T) {
	property.Check(t, func(t *rapid.T) {
		base, head := someState().Draw(t, "base"), someState().Draw(t, "head")
		there, back := map[Action]int{}, map[Action]int{}
		for _, c := range Compare(base, head).Changes {
			there[c.Action]++
		}
		for _, c := range Compare(head, base).Changes {
			back[c.Action]++
		}
		assert.Equal(t, there[Added]-there[Removed], back[Removed]-back[Added])
		assert.Equal(t, there[Changed], back[Changed])
	})
}

// The order in which planes and objects are given does not count.
func TestTheOrderDoesNotCount(t *testing.T) {
	property.Check(t, func(t *rapid.T) {
		base, head := someState().Draw(t, "base"), someState().Draw(t, "head")
		want := Compare(base, head)
		shuffled := State{Planes: rapid.Permutation(base.Planes).Draw(t, "planes")}
		assert.Equal(t, want, Compare(shuffled, head))
		again := Compare(base, head)
		assert.Equal(t, want, again)
	})
}

// TestARefusedSetDeletesNothing: the controller leaves what a set made that it refuses from now on.
func TestARefusedSetDeletesNothing(t *testing.T) {
	set := "{apiVersion: argoproj.io/v1alpha1, kind: ApplicationSet, metadata: {name: web, namespace: argocd}, spec: {goTemplate: %t}}"
	application := object(t, "{apiVersion: argoproj.io/v1alpha1, kind: Application, metadata: {name: web-a, namespace: argocd}, spec: {project: a}}")
	application.Set = "web"
	base, head := dev(t, fmt.Sprintf(set, true)), dev(t, fmt.Sprintf(set, false))
	base.Planes[0].Objects = append(base.Planes[0].Objects, application)
	require.Equal(t, ExitDestructive, Compare(base, head).Exit(), "a set that is not refused deletes it")

	head.Planes[0].Objects[0].Refused = "no template"
	review := Compare(base, head)
	require.Equal(t, ExitRefused, review.Exit())
	require.Len(t, review.Changes, 1)
	assert.Equal(t, "ApplicationSet", review.Changes[0].Object.Kind)
	assert.Contains(t, review.Changes[0].Effects[0].Reason, "no template")
	assert.Empty(t, Compare(head, head).Changes, "it was refused before")
}
