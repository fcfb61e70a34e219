package check

import (
	"fmt"
	"iter"
	"slices"

	"spokewright.dev/spokewright/internal/claim"
	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/manifest"
	"spokewright.dev/spokewright/internal/render"
	"spokewright.dev/spokewright/internal/rollout"
	"spokewright.dev/spokewright/schema"
)

// Compositions finds environments whose set of compositions is not on their hub, by what was rendered of that: Crossplane
// would make nothing of their claims; and those in another account than the first one, where compositions do not read which.
func Compositions(fleet *schema.Fleet, rendered iter.Seq[render.Rendered]) finding.Findings {
	hubs := map[string][]manifest.Object{}
	for r := range rendered {
		if fleet.Environments[r.Environment].Role == "hub" && r.Plane == schema.Spoke {
			hubs[r.Environment] = r.Objects
		}
	}
	var all finding.Findings
	var order []asked // one word of a class is one cause, however many environments it is for
	lacks := map[asked][]string{}
	for r := range rendered {
		e := fleet.Environments[r.Environment]
		hub, known := hubs[e.Hub]
		if r.Plane != schema.Hub || !known {
			continue
		}
		all = append(all, unread(e, r.Objects, hub)...)
		if e.Compositions == "" {
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
	for _, a := range order {
		slices.Sort(lacks[a])
		all = append(all, a.unmade(slices.Compact(lacks[a]), rollout.Sets(hubs[a.hub])))
	}
	return all
}

// asked is a set of compositions that is asked for.
type asked struct {
	at       finding.Position
	set, hub string
}

// unmade is the finding that a hub has some compositions of a set not, and which sets it has.
func (a asked) unmade(lacks, sets []string) finding.Finding {
	f := finding.Finding{Code: finding.HubLacks, Position: a.at, Path: "compositions", Suggestion: finding.Suggest(a.set, sets),
		Message: fmt.Sprintf("found %q, and hub %q has no %s: spokewright compositions %s keeps there what makes environments now", a.set, a.hub, finding.OneOf(lacks), a.set)}
	if a.set == claim.Bases {
		f.Message = fmt.Sprintf("found %q, and hub %q has no %s: leave it out where the hub's own compositions have other names, allowed is %s", a.set, a.hub, finding.OneOf(lacks), finding.OneOf(finding.Quoted(sets[1:])))
	}
	return f
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

// word is one of a cluster's spec that compositions must read: older ones than the word itself, sets that were kept then, and others
// do not, and would make what claims ask for as if nothing were said.
type word struct {
	field   string // in the spec and in the claim
	said    bool
	found   string
	instead string // what comes of it
}

// unread finds words that compositions of an environment's hub do not read.
func unread(e schema.Environment, plane, hub []manifest.Object) finding.Findings {
	if e.Cluster == nil {
		return nil
	}
	var all finding.Findings
	for _, w := range []word{
		{"account", e.OtherAccount() != "", finding.Quote(e.OtherAccount()), fmt.Sprintf("all would be made in account %q", e.Cluster.Cloud)},
		{"dnsEndpoint", e.Cluster.DNSEndpoint != nil, fmt.Sprint(e.ReachedByName()), "nothing would come in by that name"},
	} {
		if w.said {
			all = append(all, w.unread(e, plane, hub)...)
		}
	}
	return all
}

func (w word) unread(e schema.Environment, plane, hub []manifest.Object) finding.Findings {
	var names []string
	for _, composition := range hub {
		if manifest.Identify(composition).Kind != "Composition" || says(composition, "spec."+w.field) {
			continue
		}
		if slices.ContainsFunc(plane, func(object manifest.Object) bool {
			_, asked := manifest.Get(object, "spec", w.field)
			return asked && claim.Chooses(object, composition)
		}) {
			names = append(names, manifest.Identify(composition).Name)
		}
	}
	if len(names) == 0 {
		return nil
	}
	slices.Sort(names)
	instead := "spokewright upgrade brings compositions that read it"
	if e.Compositions != "" && e.Compositions != claim.Bases {
		instead += ", spokewright compositions " + e.Compositions + " writes the set anew"
	}
	return finding.Findings{{Code: finding.HubLacks, Position: e.Written("cluster", w.field), Path: finding.Tokens("cluster", w.field),
		Message: fmt.Sprintf("found %s, which %s of hub %q reads nowhere, so that %s: %s", w.found, finding.AllOf(slices.Compact(names)), e.Hub, w.instead, instead)}}
}

// says finds a text in any value below.
func says(value any, text string) bool {
	switch value := value.(type) {
	case string:
		return value == text
	case []any:
		return slices.ContainsFunc(value, func(one any) bool { return says(one, text) })
	case map[string]any:
		for _, one := range value {
			if says(one, text) {
				return true
			}
		}
	}
	return false
}
