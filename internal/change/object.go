package change

import (
	"maps"
	"slices"
	"strings"

	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/manifest"
	"spokewright.dev/spokewright/schema"
)

// created are the effects of an object that comes.
func (c *comparison) created(p *placed) []effect {
	e := effect{Effect: Effect{Class: Create}}
	if p.kind == "PolicyException" {
		e.Class, e.Reason, e.Remedy = Loosen, "what it names passes, whatever the rule asks for", `say it as a waiver, with a reason and a last day: waivers: {…}`
	}
	effects := append([]effect{e}, refusedSet(p, "")...)
	return c.advised(p, append(effects, c.openedAnew(p)...))
}

// removed are the effects of an object that goes.
func (c *comparison) removed(p *placed) []effect {
	if set := c.head.objects[p.set()]; p.Set != "" && set != nil && set.Refused != "" {
		return nil // what there is stays
	}
	e := effect{Effect: Effect{Class: Delete, Reason: lostWith(p.kind)}}
	if position := c.around(p); position.File != "" {
		e.Position = position
	}
	name, _, isClaim := c.base.claimOf(p.id)
	rule, isRule := strings.CutPrefix(p.subject, "rules/")
	switch {
	case c.goesWhole(p.environment):
		e.Reason = "environment " + p.environment + " is not there any more"
		e.Remedy = takingDown(p.environment)
		return []effect{e}
	case isRule && isPolicy(p.id):
		return c.ruleGone(p, rule)
	case p.kind == "Usage" || p.kind == "ClusterUsage":
		e.Class, e.Reason = Weaken, "nothing keeps what it protects from being deleted any more"
		if c.lessProtected(p.environment, "protected") {
			e.also = append(e.also, "class.protected")
		}
	case p.kind == "ImageUpdater" && c.otherTarget(func(t schema.Targets) string { return t.ImageUpdater.API }):
		e.Class, e.Reason = Regenerate, "the same is asked for by annotations"
	case isClaim:
		e.Reason = c.fate(p, name)
	case p.Set != "" && c.preserving(p):
		e.Reason = "what it made stays on the cluster, and nobody looks after it; what lies in a namespace that goes with it goes when that does"
	case isHook(p.Object.Object):
		return []effect{{Effect: Effect{Class: InPlace, Reason: "Argo CD does not run it any more"}}}
	}
	e.Remedy = c.removal(p.environment, p.subject, "")
	if owners := c.goneOwners(p); len(owners) > 0 {
		e.Remedy = "where that is meant, declare what it is there for: " + finding.AllOf(owners[0])
	}
	if environment, is := strings.CutPrefix(p.subject, "environments/"); is {
		if other, handed := c.handedOver(p, environment, e); handed {
			return []effect{other}
		}
		e.Remedy = takingDown(environment)
		if c.head.has(environment) { // and not it alone
			e.Remedy = c.removal(p.environment, p.itself(), "")
		}
	}
	return []effect{e}
}

// rendersAnew advises, for an object that goes with the file of its plane alone, what writes that.
func (c *comparison) rendersAnew(p *placed, effects []effect) {
	lost := slices.ContainsFunc(c.head.Planes, func(plane Plane) bool {
		return plane.Lost && plane.Environment == p.environment && plane.Plane == p.plane
	})
	for i := range effects {
		if lost && p.application == "" {
			effects[i].Remedy = "nothing is left in the file of its plane: spokewright render writes it anew"
		}
	}
}

// preserving says whether the set of an Application that goes, as it is now or was, leaves what its Applications made.
func (c *comparison) preserving(p *placed) bool {
	set := c.head.objects[p.set()]
	if set == nil {
		set = c.base.objects[p.set()]
	}
	return set != nil && preserves(set)
}

// goesWhole says whether an environment is not there any more, under any name.
func (c *comparison) goesWhole(environment string) bool {
	return !c.head.has(environment) && !slices.Contains(slices.Collect(maps.Values(c.was)), environment)
}

// refusedSet is the effect of a set that the controller refuses, where it did not refuse it for the same reason before.
func refusedSet(p *placed, before string) []effect {
	if p.Refused == "" || p.Refused == before {
		return nil
	}
	return []effect{{Effect: Effect{Class: Refused, Reason: "Argo CD refuses the set, makes nothing new of it and leaves what it made: " + p.Refused, Remedy: "mend the set"}}}
}

// takingDown is how an environment goes in an order.
func takingDown(environment string) string {
	return `take it down in two commits: retiring: "delete" in its spec first, its files when that has run (docs/life.md); or declare it in ` + schema.FleetFile +
		`: removed: [{what: "environments/` + environment + `", reason: "…"}]`
}

// around is where the head would say a thing that is not there any more: its spec, or a team's overlay.
func (c *comparison) around(p *placed) finding.Position {
	e, known := c.head.environment(p.environment)
	switch {
	case !known, p.application != "":
		return finding.Position{}
	case !p.ours():
		return finding.Position{File: "overlays/" + p.environment + "/" + string(p.plane) + "/kustomization.yaml"}
	}
	return e.Written(strings.Split(p.subject, "/")...)
}

// fate is what becomes of the cloud's objects when a claim goes.
func (c *comparison) fate(p *placed, kind string) string {
	_, theirs, _ := c.base.claimOf(p.id)
	deletion, _ := theirs.Ours(p.Object.Object)["deletion"].(string)
	switch deletion {
	case schema.Orphaned:
		return "what it made stays in the cloud, and nobody looks after it"
	case schema.Snapshot:
		return "the database is deleted in the cloud; a last snapshot stays"
	case schema.Deleted:
		return "the " + noun(kind) + " is deleted in the cloud"
	}
	return ""
}

// ruleGone are the effects of a policy that goes.
func (c *comparison) ruleGone(p *placed, rule string) []effect {
	e := effect{Effect: Effect{Class: Loosen, Reason: "what it refused passes from now on", Remedy: c.removal(p.environment, p.subject, "")}}
	change, known := c.rules[p.environment][rule]
	switch {
	case rule == "deletion-needs-approval":
		e.Class, e.Reason = Weaken, "claims can be deleted without an approval"
		if c.lessProtected(p.environment, "protected") {
			e.also = append(e.also, "class.protected")
		}
	case known && change.effect != nil:
		change.told = true
		c.rules[p.environment][rule] = change
		e.Path, e.Old, e.New, e.HasOld, e.HasNew = change.effect.Path, change.effect.Old, change.effect.New, change.effect.HasOld, change.effect.HasNew
		e.Position, e.Reason = change.effect.Position, change.effect.Reason
	case c.keptElsewhere(p):
		e.Class, e.Reason, e.Remedy = InPlace, "other policies of the rule judge what it judged", ""
	case known:
		e.Reason = "the rule is there still and its policy is not: what it refused passes from now on"
	}
	return []effect{e}
}

// otherTarget says whether the two fleets write for another generation of an API.
func (c *comparison) otherTarget(of func(schema.Targets) string) bool {
	return c.base.Fleet != nil && c.head.Fleet != nil && of(c.base.Fleet.Config.Targets) != of(c.head.Fleet.Config.Targets)
}

// changed are the effects of an object that is on both sides; none where it is the same.
func (c *comparison) changed(p *pair) []effect {
	var effects []effect
	switch {
	case p.successor:
		return c.succeeded(p)
	case p.renamed:
		effects = append(append(effects, c.renamed(p)), c.anewElsewhere(p)...)
	case p.again || c.otherGeneration(p):
		effects = append(effects, effect{field: "apiVersion", Effect: Effect{Class: Regenerate, Reason: "it is another object to the API: the old one goes, and with it what it made, unless that is kept"}})
	case p.base.Set != p.head.Set:
		effects = append(effects, c.anotherSet(p))
	}
	if isPolicy(p.head.id) {
		effects = append(effects, c.merged(p, c.loosened(p))...)
		for i := range effects { // a rule is declared as a whole
			effects[i].field = ""
		}
		return c.advised(p.head, effects)
	}
	effects = append(append(effects, refusedSet(p.head, p.base.Refused)...), c.changesFor(p)...)
	asked, isClaim := c.claimed(p)
	for _, d := range c.plain(p) {
		if isClaim && (d.steps[0] == "spec") {
			continue
		}
		effects = append(effects, d.inPlace())
	}
	effects = append(effects, asked...)
	return c.advised(p.head, c.merged(p, effects))
}

// advised says of each effect that must be declared how, where nothing else is said.
func (c *comparison) advised(p *placed, effects []effect) []effect {
	for i := range effects {
		e := &effects[i]
		if e.Class.Destructive() && e.Remedy == "" {
			e.Remedy = c.removal(p.environment, p.subject, e.field)
		}
	}
	return effects
}

// plain are the differences of two objects as they stand. A set is compared without what only makes Applications: these are
// compared themselves.
func (c *comparison) plain(p *pair) []difference {
	var found []difference
	for _, d := range c.renaming(p).differences(c.bare(p.base), c.bare(p.head)) {
		if d.steps[0] == "metadata" && len(d.steps) > 1 && (d.steps[1] == "name" || d.steps[1] == "namespace") || (p.again || p.renamed) && (d.steps[0] == "kind" || d.steps[0] == "apiVersion") {
			continue
		}
		found = append(found, d)
	}
	return found
}

// bare is an object without what its Applications say.
func (c *comparison) bare(p *placed) manifest.Object {
	if p.kind != "ApplicationSet" || !c.expanded(p) {
		return p.Object.Object
	}
	spec, _ := p.Object.Object["spec"].(map[string]any)
	rest := map[string]any{}
	for name, value := range spec {
		if !slices.Contains([]string{"generators", "template", "templatePatch", "goTemplate", "goTemplateOptions"}, name) {
			rest[name] = value
		}
	}
	object := map[string]any{}
	for name, value := range p.Object.Object {
		object[name] = value
	}
	object["spec"] = rest
	return object
}

// expanded says whether the Applications of a set are among the objects, on any side.
func (c *comparison) expanded(set *placed) bool {
	return c.base.sets[set.key] || c.head.sets[set.key]
}

// merged puts what is known of protections and of fields that never change over the plain differences.
func (c *comparison) merged(p *pair, effects []effect) []effect {
	opened := slices.DeleteFunc(c.opened(p), func(e effect) bool { // by another name alone
		return p.renamed && len(c.renaming(p).differences(e.Old, e.New)) == 0
	})
	special := slices.Concat(c.unprotected(p), opened, c.fixed(p), c.anotherSource(p), controller(p))
	for _, s := range special {
		at := slices.IndexFunc(effects, func(e effect) bool { return e.field == s.field })
		if s.inside && at < 0 { // it came with what holds it
			at = slices.IndexFunc(effects, func(e effect) bool { return below(s.field, e.field) })
		}
		if s.inside && at >= 0 {
			s.Path, s.field, s.Old, s.New, s.HasOld, s.HasNew = effects[at].Path, effects[at].field, effects[at].Old, effects[at].New, effects[at].HasOld, effects[at].HasNew
		}
		switch {
		case at < 0:
			effects = append(effects, s)
		case worse(s.Class, effects[at].Class):
			effects[at] = s
		}
	}
	return slices.DeleteFunc(effects, func(e effect) bool { // told with what holds it
		return slices.ContainsFunc(special, func(s effect) bool {
			return below(e.field, s.field) && (e.Class == InPlace || e.Class == s.Class)
		})
	})
}

// below says whether a field is inside of another.
func below(field, other finding.Path) bool {
	rest, is := strings.CutPrefix(string(field), string(other))
	return is && other != "" && rest != "" && (rest[0] == '.' || rest[0] == '[')
}
