package change

import (
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
	return append([]effect{e}, refusedSet(p, "")...)
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
	case !c.head.has(p.environment): // all of it goes
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
	case isHook(p.Object.Object):
		return []effect{{Effect: Effect{Class: InPlace, Reason: "Argo CD does not run it any more"}}}
	}
	e.Remedy = removal(p, "")
	if environment, is := strings.CutPrefix(p.subject, "environments/"); is {
		e.Remedy = takingDown(environment)
	}
	return []effect{e}
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

// around is where the head's spec would say a thing that is not there any more.
func (c *comparison) around(p *placed) finding.Position {
	e, known := c.head.environment(p.environment)
	if !known {
		return finding.Position{}
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
		return "the " + strings.ToLower(kind) + " is deleted in the cloud"
	}
	return ""
}

// ruleGone are the effects of a policy that goes.
func (c *comparison) ruleGone(p *placed, rule string) []effect {
	e := effect{Effect: Effect{Class: Loosen, Reason: "what it refused passes from now on", Remedy: removal(p, "")}}
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
		effects = append(effects, c.renamed(p))
	case p.again || c.otherGeneration(p):
		effects = append(effects, effect{Effect: Effect{Class: Regenerate, Reason: "it is another object to the API: the old one goes, and with it what it made, unless that is kept", Remedy: removal(p.head, "")}})
	case p.base.Set != p.head.Set:
		effects = append(effects, c.anotherSet(p))
	}
	if isPolicy(p.head.id) {
		if p.renamed {
			return effects
		}
		effects = append(effects, c.merged(p, c.loosened(p))...)
		for i := range effects { // a rule is declared as a whole
			effects[i].field = ""
		}
		return advised(p, effects)
	}
	effects = append(effects, refusedSet(p.head, p.base.Refused)...)
	asked, isClaim := c.claimed(p)
	for _, d := range c.plain(p) {
		if isClaim && (d.steps[0] == "spec") {
			continue
		}
		effects = append(effects, effect{field: strings.Join(d.steps, "."), Effect: Effect{Class: InPlace, Path: d.path, Old: d.old, New: d.new, HasOld: d.hasOld, HasNew: d.hasNew}})
	}
	effects = append(effects, asked...)
	return advised(p, c.merged(p, effects))
}

// advised says of each effect that must be declared how, where nothing else is said.
func advised(p *pair, effects []effect) []effect {
	for i := range effects {
		e := &effects[i]
		if e.Class.Destructive() && e.Remedy == "" {
			e.Remedy = removal(p.head, e.field)
		}
	}
	return effects
}

// plain are the differences of two objects as they stand. A set is compared without what only makes Applications: these are
// compared themselves.
func (c *comparison) plain(p *pair) []difference {
	base, head := c.bare(c.base, p.base), c.bare(c.head, p.head)
	if p.renamed {
		base = c.calledOtherwise(p, base)
	}
	var found []difference
	for _, d := range differences(base, head) {
		if d.steps[0] == "metadata" && len(d.steps) > 1 && (d.steps[1] == "name" || d.steps[1] == "namespace") || (p.again || p.renamed) && (d.steps[0] == "kind" || d.steps[0] == "apiVersion") {
			continue
		}
		found = append(found, d)
	}
	return found
}

// bare is an object without what its Applications say.
func (c *comparison) bare(s side, p *placed) manifest.Object {
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
	special := c.unprotected(p)
	if !p.renamed {
		special = append(special, c.fixed(p)...)
	}
	for _, s := range special {
		at := slices.IndexFunc(effects, func(e effect) bool { return e.field == s.field })
		switch {
		case at < 0:
			effects = slices.DeleteFunc(effects, func(e effect) bool {
				return e.Class == InPlace && strings.HasPrefix(e.field, s.field+".")
			})
			effects = append(effects, s)
		case worse(s.Class, effects[at].Class):
			effects[at] = s
		}
	}
	return effects
}

// fixed are changes of what says where or what a thing is: Kubernetes takes none of them in place.
func (c *comparison) fixed(p *pair) []effect {
	var effects []effect
	for _, f := range fixedFields() {
		if !slices.Contains(f.kinds, p.head.kind) || p.head.kind == "Job" && madeAnew(p.head.Object.Object) {
			continue
		}
		old, hasOld := manifest.Get(p.base.Object.Object, f.path...)
		new, hasNew := manifest.Get(p.head.Object.Object, f.path...)
		if !hasOld || manifest.Equal(old, new) && hasOld == hasNew || f.unless != nil && f.unless(old, new) {
			continue
		}
		e := effect{field: strings.Join(f.path, "."), Effect: Effect{Class: f.class, Path: finding.Keys(f.path...), Old: old, New: new, HasOld: hasOld, HasNew: hasNew, Reason: f.reason}}
		if f.class == Refused {
			e.Remedy = "give the new one another name, and take this one away when nothing needs it"
		}
		effects = append(effects, e)
	}
	return effects
}

// fixedField is one that a thing keeps for its life.
type fixedField struct {
	kinds  []string
	path   []string
	class  Class
	reason string
	unless func(old, new any) bool // the change is one that is taken; nil where none is
}

func fixedFields() []fixedField {
	workloads := []string{"Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job"}
	const never = "the API server takes no other value in an object that is there"
	const elsewhere = "what it runs is made anew there, without its volumes, and goes here"
	return []fixedField{
		{[]string{"Application"}, []string{"spec", "destination"}, Recreate, elsewhere, nil},
		{workloads, []string{"spec", "selector"}, Refused, never, nil},
		{[]string{"StatefulSet"}, []string{"spec", "volumeClaimTemplates"}, Refused, never, nil},
		{[]string{"StatefulSet"}, []string{"spec", "serviceName"}, Refused, never, nil},
		{[]string{"RoleBinding", "ClusterRoleBinding"}, []string{"roleRef"}, Refused, never, nil},
		{[]string{"StorageClass"}, []string{"provisioner"}, Refused, never, nil},
		{[]string{"PriorityClass"}, []string{"value"}, Refused, never, nil},
		{[]string{"PersistentVolumeClaim"}, []string{"spec", "storageClassName"}, Refused, never, nil},
		{[]string{"PersistentVolumeClaim"}, []string{"spec", "accessModes"}, Refused, never, nil},
		{[]string{"Secret"}, []string{"type"}, Refused, never, nil},
		{[]string{"PersistentVolumeClaim"}, []string{"spec", "volumeName"}, Refused, never, nil},
		{[]string{"PersistentVolumeClaim"}, []string{"spec", "resources", "requests", "storage"}, Refused, "no volume shrinks", grows},
		{[]string{"Job"}, []string{"spec", "template"}, Refused, never, nil},
	}
}
