package snapshot

import (
	"spokewright.dev/spokewright/internal/change"
	"spokewright.dev/spokewright/internal/claim"
	"spokewright.dev/spokewright/internal/manifest"
	"spokewright.dev/spokewright/internal/render"
	"spokewright.dev/spokewright/schema"
)

// both gives the objects that are in a plane on both sides.
func (p *Pair) both(give func(plane change.Plane, base, head manifest.Object)) {
	type key struct {
		environment string
		plane       schema.Plane
		id          manifest.ID
	}
	known := map[key]manifest.Object{}
	for _, plane := range p.Base.Planes {
		for _, object := range plane.Objects {
			known[key{plane.Environment, plane.Plane, manifest.Identify(object.Object)}] = object.Object
		}
	}
	for _, plane := range p.Head.Planes {
		for _, object := range plane.Objects {
			if base := known[key{plane.Environment, plane.Plane, manifest.Identify(object.Object)}]; base != nil {
				give(plane, base, object.Object)
			}
		}
	}
}

// remade says whether another composition makes what some claim asks for.
func (p *Pair) remade() bool {
	found := false
	p.both(func(plane change.Plane, base, head manifest.Object) {
		found = found || plane.Plane == schema.Hub && claim.Chosen(base) != claim.Chosen(head)
	})
	return found
}

// recomposed says whether a composition changes, which reaches environments whose planes stay as they are.
func (p *Pair) recomposed() bool {
	found := false
	p.both(func(_ change.Plane, base, head manifest.Object) {
		found = found || manifest.Identify(head).Kind == "Composition" && !manifest.Equal(base["spec"], head["spec"])
	})
	return found
}

// hubs adds the planes with the compositions of hubs, where they stay as they are.
func (p *Pair) hubs(after *side, running, rendered map[render.Target]*plane, still map[render.Target]*local) error {
	facts, err := after.facts()
	if err != nil {
		return err
	}
	for _, f := range facts {
		target := render.Target{Environment: f.Name, Plane: schema.Spoke}
		if _, same := still[target]; !same || f.Role != "hub" {
			continue
		}
		if err := add(&p.Base, target, running[target]); err != nil {
			return err
		}
		if err := add(&p.Head, target, rendered[target]); err != nil {
			return err
		}
	}
	return nil
}
