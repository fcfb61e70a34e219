package check

import (
	"fmt"
	"slices"

	"spokewright.dev/spokewright/internal/claim"
	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/manifest"
	"spokewright.dev/spokewright/internal/render"
	"spokewright.dev/spokewright/internal/rollout"
	"spokewright.dev/spokewright/schema"
)

// Compositions finds environments whose set of compositions is not on their hub, by what was rendered of that: Crossplane
// would make nothing of their claims.
func Compositions(fleet *schema.Fleet, rendered []render.Rendered) finding.Findings {
	hubs := map[string][]manifest.Object{}
	for _, r := range rendered {
		if fleet.Environments[r.Environment].Role == "hub" && r.Plane == schema.Spoke {
			hubs[r.Environment] = r.Objects
		}
	}
	type asked struct {
		at       finding.Position
		set, hub string
	}
	var order []asked // one word of a class is one cause, however many environments it is for
	lacks := map[asked][]string{}
	for _, r := range rendered {
		e := fleet.Environments[r.Environment]
		hub, known := hubs[e.Hub]
		if r.Plane != schema.Hub || e.Compositions == "" || !known {
			continue
		}
		names := lacking(r.Objects, hub)
		if len(names) == 0 {
			continue
		}
		a := asked{e.Written("compositions"), e.Compositions, e.Hub}
		if lacks[a] == nil {
			order = append(order, a)
		}
		lacks[a] = append(lacks[a], names...)
	}
	var all finding.Findings
	for _, a := range order {
		slices.Sort(lacks[a])
		names, sets := finding.OneOf(slices.Compact(lacks[a])), rollout.Sets(hubs[a.hub])
		f := finding.Finding{Code: finding.HubLacks, Position: a.at, Path: "compositions", Suggestion: finding.Suggest(a.set, sets),
			Message: fmt.Sprintf("found %q, and hub %q has no %s: spokewright compositions %s keeps there what makes environments now", a.set, a.hub, names, a.set)}
		if a.set == claim.Bases {
			f.Message = fmt.Sprintf("found %q, and hub %q has no %s: leave it out where the hub's own compositions have other names, allowed is %s", a.set, a.hub, names, finding.OneOf(finding.Quoted(sets[1:])))
		}
		all = append(all, f)
	}
	return all
}

// lacking are the compositions that claims of a plane ask for by name and that a hub does not have.
func lacking(plane, hub []manifest.Object) []string {
	var names []string
	for _, object := range plane {
		name := claim.Chosen(object)
		if name != "" && !slices.ContainsFunc(hub, func(composition manifest.Object) bool {
			return manifest.Identify(composition).Kind == "Composition" && claim.Chooses(object, composition)
		}) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}
