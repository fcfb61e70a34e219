package change

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"spokewright.dev/spokewright/functions/claims"
	"spokewright.dev/spokewright/internal/claim"
	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/manifest"
	"spokewright.dev/spokewright/schema"
)

func isComposition(p *placed) bool {
	return p.kind == "Composition" && p.group == "apiextensions.crossplane.io"
}

// madeBy is the effect of another composition behind a claim: what it makes otherwise, where both are known.
func (c *comparison) madeBy(p *pair) []effect {
	old, new := claim.Chosen(p.base.Object.Object), claim.Chosen(p.head.Object.Object)
	if old == new {
		return nil
	}
	field := finding.Keys("spec", "compositionRef", "name")
	if _, namespaced := manifest.Get(p.head.Object.Object, "spec", "crossplane"); namespaced {
		field = finding.Keys("spec", "crossplane", "compositionRef", "name")
	}
	e := effect{field: field, Effect: Effect{Class: InPlace, Path: field, Old: old, New: new, HasOld: old != "", HasNew: new != "", Position: c.setWritten(p.head.environment)}}
	before, after := c.base.behind(p.base), c.head.behind(p.head)
	switch {
	case new == "":
		e.Reason = "it stays with the composition that makes it, until Crossplane is asked for another by name"
	case before == nil || after == nil:
		e.Reason = "another composition makes it: how it differs is seen where both are, on the hub"
	default:
		e.Reason = c.otherwise(before, after)
	}
	return []effect{e}
}

// otherwise says how the compositions of a claim on both sides differ, and that the old one must not change meanwhile.
func (c *comparison) otherwise(before, after *placed) string {
	parts := map[string]bool{}
	for _, d := range differences(before.Object.Object["spec"], after.Object.Object["spec"]) {
		parts[part(before, after, d)] = true
	}
	if len(parts) == 0 {
		stays := c.head.objects[before.key]
		if stays != nil && stays != after && len(differences(stays.Object.Object["spec"], before.Object.Object["spec"])) > 0 {
			return before.name + " changes in the same commit and may make it for some minutes: change it in a commit of its own, once this one runs"
		}
		return "another composition with the same content makes it: nothing changes in the cloud"
	}
	return "what makes it differs: " + strings.Join(slices.Sorted(maps.Keys(parts)), ", ")
}

// part is the composed resource that a difference of two compositions is about.
func part(before, after *placed, d difference) string {
	if at := slices.Index(d.steps, "resources"); at >= 0 && at+1 < len(d.steps) {
		return d.steps[at+1]
	}
	return d.path.Brief()
}

// behind is the composition that makes what a claim of a side asks for; nil where it is not known.
func (s side) behind(asked *placed) *placed {
	for _, p := range s.list {
		if isComposition(p) && p.application == "" && claim.Chooses(asked.Object.Object, p.Object.Object) {
			return p
		}
	}
	return nil
}

// setWritten is where the head says which set of compositions an environment has.
func (c *comparison) setWritten(environment string) finding.Position {
	e, known := c.head.environment(environment)
	if !known {
		return finding.Position{}
	}
	return e.Written("compositions")
}

// reached are the environments of the head for which a composition of a hub makes something, sorted.
func (c *comparison) reached(composition *placed) []schema.Environment {
	if c.head.Fleet == nil {
		return nil
	}
	var all []schema.Environment
	for _, name := range c.head.Fleet.Names() {
		e := c.head.Fleet.Environments[name]
		if e.Hub == composition.environment && slices.ContainsFunc(claims.Make(e, schema.Hub, nil), func(asked manifest.Object) bool { return claim.Chooses(asked, composition.Object.Object) }) {
			all = append(all, e)
		}
	}
	return all
}

// changesFor is the effect of a composition that changes: whom it reaches.
func (c *comparison) changesFor(p *pair) []effect {
	if !isComposition(p.head) || p.head.application != "" || len(differences(p.base.Object.Object["spec"], p.head.Object.Object["spec"])) == 0 {
		return nil
	}
	e := effect{Effect: Effect{Class: InPlace, Reason: "nothing is made by it"}}
	if c.unseen(p.head) {
		e.Reason = "changes within a minute what it makes; a diff of the whole fleet says for whom"
	}
	if reached := c.reached(p.head); len(reached) > 0 {
		var names []string
		classes := map[string]bool{}
		for _, environment := range reached {
			names = append(names, environment.Name)
			classes[environment.Class.Name] = true
			c.touched(p.head.environment, environment)
		}
		e.Reason = fmt.Sprintf("changes within a minute what it makes for %s of %s: %s", finding.Count(len(names), "environment"), classWords(slices.Sorted(maps.Keys(classes))), finding.AllOf(names))
	}
	return []effect{e}
}

// unseen says whether a hub runs environments that this comparison is not about.
func (c *comparison) unseen(composition *placed) bool {
	return c.head.Fleet != nil && slices.ContainsFunc(c.head.Fleet.Environments[composition.environment].Spokes, func(spoke schema.Member) bool {
		_, seen := c.head.Fleet.Environments[spoke.Name]
		return !seen
	})
}

func classWords(names []string) string {
	if len(names) == 1 {
		return "class " + names[0]
	}
	return "classes " + finding.AllOf(names)
}

// touched notes that a composition of a hub changes for an environment.
func (c *comparison) touched(hub string, e schema.Environment) {
	if c.atOnce == nil {
		c.atOnce = map[string]map[string]bool{}
	}
	if c.atOnce[hub] == nil {
		c.atOnce[hub] = map[string]bool{}
	}
	c.atOnce[hub][e.Class.Name] = c.atOnce[hub][e.Class.Name] || e.Class.Protected
}

// together notes, for each hub, compositions that change for a protected class and another one in the same minute.
func (c *comparison) together() finding.Findings {
	var notes finding.Findings
	for _, hub := range slices.Sorted(maps.Keys(c.atOnce)) {
		classes := c.atOnce[hub]
		protected := slices.DeleteFunc(slices.Sorted(maps.Keys(classes)), func(name string) bool { return !classes[name] })
		if len(protected) == 0 || len(classes) == 1 {
			continue
		}
		notes = append(notes, finding.Finding{Code: finding.AllAtOnce, Severity: finding.Warning, Position: finding.Position{File: schema.FleetFile},
			Message: fmt.Sprintf("compositions on hub %q change for %s within a minute: nothing shows first what they make", hub, classWords(slices.Sorted(maps.Keys(classes)))),
			Remedy:  fmt.Sprintf(`before that, in a commit of its own: spokewright compositions %s, and classes: %[1]s: compositions: "%[1]s" in %s (docs/upgrade.md)`, protected[0], schema.FleetFile)})
	}
	return notes
}
