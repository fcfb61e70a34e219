package change

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/manifest"
	"spokewright.dev/spokewright/internal/word"
	"spokewright.dev/spokewright/schema"
)

// renames finds what went and came as one thing: environments first, then what is the same in one environment, then apps that
// went to another environment, each with what belongs to it.
func (c *comparison) renames() {
	successor, renamed, again := func(p *pair) { p.successor = true }, func(p *pair) { p.renamed = true }, func(p *pair) { p.again = true }
	c.match(successor, func(p *placed, _ bool) any { return stemOf(p) }, func(gone, came *placed) bool { return isHashed(gone.name) || isHashed(came.name) })
	called := map[named]named{} // what a thing is called now
	names := map[string]string{}
	for to, from := range c.was {
		names[from] = to
		called[named{"", "environments/" + from}] = named{"", "environments/" + to}
	}
	c.match(renamed, func(p *placed, went bool) any {
		to, is := names[p.environment]
		switch {
		case went && is:
			return p.calledIn(to)
		case !went && c.was[p.environment] != "":
			return p.key
		}
		return nil
	}, always)
	type belonging struct {
		key     // without names
		subject named
	}
	belongs := func(of func(p *placed) named) func(p *placed, went bool) any {
		return func(p *placed, went bool) any {
			subject := of(p)
			if went {
				subject = called[subject]
			}
			if subject.subject == "" {
				return nil
			}
			return belonging{key{plane: p.plane, group: p.group, kind: p.kind}, subject}
		}
	}
	c.match(renamed, belongs(func(p *placed) named { return named{"", p.part} }), func(gone, came *placed) bool { // what hubs have of them
		return gone.environment == came.environment
	})
	c.match(again, func(p *placed, _ bool) any { return belonging{key{plane: p.plane}, named{p.environment, p.part}} }, sameRequest)
	same := func(one func(gone, came *placed) bool) func(gone, came *placed) bool {
		return func(gone, came *placed) bool {
			if !one(gone, came) {
				return false
			}
			called[named{gone.environment, gone.part}] = named{came.environment, came.part}
			return true
		}
	}
	c.match(renamed, func(p *placed, _ bool) any {
		return key{environment: p.environment, plane: p.plane, application: p.application, group: p.group, kind: p.kind}
	}, same(c.sameThing))
	c.match(renamed, func(p *placed, _ bool) any {
		return belonging{key{plane: p.plane, application: p.application, group: p.group, kind: p.kind}, named{subject: p.part}}
	}, same(movedApp))
	c.match(renamed, belongs(func(p *placed) named { return named{p.environment, p.part} }), always)
}

func always(*placed, *placed) bool { return true }

// calledIn is the key of an object in an environment that has another name.
func (p *placed) calledIn(to string) key {
	k, from := p.key, p.environment
	k.environment, k.application, k.name, k.namespace = to, word.Replace(k.application, from, to), word.Replace(k.name, from, to), word.Replace(k.namespace, from, to)
	return k
}

// match makes pairs of what went and what came, where a test says that they are one. Only those are tried that have something
// in common; nil is nothing.
func (c *comparison) match(mark func(*pair), common func(p *placed, went bool) any, one func(gone, came *placed) bool) {
	came := map[any][]*pair{}
	for _, p := range c.came() {
		if what := common(p.head, false); what != nil {
			came[what] = append(came[what], p)
		}
	}
	if len(came) == 0 {
		return
	}
	joined := map[*pair]bool{}
	for _, gone := range c.gone() {
		what := common(gone.base, true)
		if what == nil {
			continue
		}
		candidates := came[what]
		at := slices.IndexFunc(candidates, func(p *pair) bool { return one(gone.base, p.head) })
		if at < 0 {
			continue
		}
		p := candidates[at]
		came[what] = slices.Delete(candidates, at, at+1)
		p.base = gone.base
		mark(p)
		joined[gone] = true
	}
	c.pairs = slices.DeleteFunc(c.pairs, func(p *pair) bool { return joined[p] })
}

// hashed is a name that ends with a digest of what it holds, as kustomize writes it.
var hashed = regexp.MustCompile(`^(.+)-[2456789bcdfghkmt]{10}$`)

func isHashed(name string) bool { return hashed.MatchString(name) }

// stemOf is what a ConfigMap or a Secret has in common with one that takes its place under a name with another digest; nil
// for other objects.
func stemOf(p *placed) any {
	if p.group != "" || p.kind != "ConfigMap" && p.kind != "Secret" {
		return nil
	}
	k := p.key
	if found := hashed.FindStringSubmatch(p.name); found != nil {
		k.name = found[1]
	}
	return k
}

// sameRequest says whether two objects ask for one thing in two generations of an API.
func sameRequest(gone, came *placed) bool {
	if gone.environment != came.environment || gone.plane != came.plane || gone.part != came.part || gone.kind == came.kind && gone.group == came.group {
		return false
	}
	role := func(p *placed) string {
		switch {
		case p.kind == "Usage" || p.kind == "ClusterUsage":
			return "protection"
		case isPolicy(p.id):
			return "policy " + p.name
		case strings.HasPrefix(p.subject, p.kind+"/"):
			return ""
		case p.kind == "Application" || p.kind == "Namespace" || p.kind == "Role" || p.kind == "RoleBinding" || p.group == "external-secrets.io":
			return ""
		}
		return "request"
	}
	return role(gone) != "" && role(gone) == role(came)
}

// sameThing says whether two objects of one kind and plane are the same but for their name.
func (c *comparison) sameThing(gone, came *placed) bool {
	if name, theirs, is := c.base.claimOf(gone.id); is {
		_, ours, _ := c.head.claimOf(came.id)
		before, after := theirs.Ours(gone.Object.Object), ours.Ours(came.Object.Object)
		return name == "Database" && (before["id"] == after["id"] || sameBut(before, after, "id"))
	}
	switch {
	case gone.kind == "Application":
		return sameSource(gone, came)
	case isWorkspace(gone.id):
		return manifest.Equal(gone.Object.Object["spec"], came.Object.Object["spec"])
	case gone.kind == "Namespace" || isPolicy(gone.id) || gone.kind == "Usage" || gone.kind == "ClusterUsage" || gone.group == "external-secrets.io":
		return false
	}
	return gone.namespace == came.namespace && substantial(gone.Object.Object) && sameBut(gone.Object.Object, came.Object.Object, "metadata")
}

// sameBut compares two objects but for one field.
func sameBut(a, b map[string]any, field string) bool {
	if len(a) != len(b) {
		return false
	}
	for name, value := range a {
		if other, there := b[name]; name != field && (!there || !manifest.Equal(value, other)) {
			return false
		}
	}
	return true
}

// substantial says whether an object has enough in it to be known again.
func substantial(object manifest.Object) bool {
	for _, field := range []string{"spec", "data", "stringData", "rules"} {
		switch value := object[field].(type) {
		case map[string]any:
			if len(value) > 0 {
				return true
			}
		case []any:
			if len(value) > 0 {
				return true
			}
		}
	}
	return false
}

// sameSource says whether two Applications read the same folder or chart.
func sameSource(a, b *placed) bool {
	for _, field := range []string{"repoURL", "path", "chart"} {
		if manifest.TextAt(a.Object.Object, "spec", "source", field) != manifest.TextAt(b.Object.Object, "spec", "source", field) {
			return false
		}
	}
	return manifest.TextAt(a.Object.Object, "spec", "source", "repoURL") != ""
}

// movedApp says whether an Application went from one environment to another: the same app, by its name and its source.
func movedApp(gone, came *placed) bool {
	return gone.environment != came.environment && gone.kind == "Application" && gone.subject == came.subject && strings.HasPrefix(gone.subject, "apps/") && sameSource(gone, came)
}

// renamedEnvironments are those that came under another name, each with the one that it had.
func (c *comparison) renamedEnvironments() map[string]string {
	was := map[string]string{}
	for _, from := range c.base.names() {
		e, known := c.base.environment(from)
		if c.head.has(from) {
			continue
		}
		for _, to := range c.head.names() {
			if known && e.Retiring != "" && !c.takesOver(from, to) {
				continue
			}
			if !c.base.has(to) && c.head.has(to) && was[to] == "" && c.sameEnvironment(from, to) {
				was[to] = from
				break
			}
		}
	}
	return was
}

// before is the spec that an environment of the head had, under whatever name.
func (c *comparison) before(name string) (schema.Environment, bool) {
	return c.base.environment(cmp.Or(c.was[name], name))
}

// sameEnvironment says whether two environments are one: by a declaration, by what the cloud's objects are named after, or
// since most of their objects are the same but for the name.
func (c *comparison) sameEnvironment(from, to string) bool {
	if slices.ContainsFunc(c.declared, func(d *Declaration) bool {
		return d.From == "environments/"+from && d.To == "environments/"+to
	}) {
		return true
	}
	before, had := c.base.environment(from)
	after, has := c.head.environment(to)
	if had && has && before.ID == after.ID {
		return true
	}
	names := comparer{func(text string) string { return word.Replace(text, from, to) }, map[string]bool{}}
	objects, others := c.base.of[from], 0
	for _, p := range objects {
		known := c.head.objects[p.calledIn(to)]
		if known == nil || len(names.differences(p.Object.Object, known.Object.Object)) > 0 {
			if others++; others*3 > len(objects) {
				return false
			}
		}
	}
	return len(objects) > 0
}

// renamed is the effect of another name or place.
func (c *comparison) renamed(p *pair) effect {
	e := effect{Effect: Effect{Class: Rename, Reason: "one goes and another comes: what runs under the old name is deleted"}}
	from, to := p.base.part, p.head.part // a part follows the thing that it is of
	if from == to && p.base.environment == p.head.environment {
		from, to = p.base.subject, p.head.subject
	}
	switch {
	case c.was[environmentOf(p.head)] == environmentOf(p.base) && c.takesOver(environmentOf(p.base), environmentOf(p.head)):
		e.Class = Move
		e.Reason = environmentOf(p.head) + " takes over what " + environmentOf(p.base) + " has released: nothing in the cloud is made or deleted"
		return e
	case p.base.environment != p.head.environment && !c.head.has(p.base.environment):
		from, to := p.base.environment, p.head.environment
		e.Reason = "environment " + from + " is called " + to + " from now on: what runs under the old name goes"
		e.Remedy = "spokewright env rename " + from + " " + to + " does it in two commits, so that nothing is made anew (docs/takedown.md). What lives on without that, declare in " +
			schema.FleetFile + ": " + move("environments/"+from, "environments/"+to)
	case p.base.environment != p.head.environment:
		e.Reason = "it runs in environment " + p.head.environment + " instead of " + p.base.environment + ": what runs in the old place is deleted"
		e.Remedy = "do it in two commits, the new place first and the old one out when it runs; or declare it in environments/fleet.cue: " +
			move(p.base.environment+"/"+from, p.head.environment+"/"+to)
	default:
		e.Remedy = "do it in two commits, the new one first and the old one out when it runs; or declare it in " + schema.SpecFile(p.head.environment) + ": " + move(from, to)
	}
	if at, known := c.head.environment(p.head.environment); known {
		e.Position = at.Written(strings.Split(to, "/")...)
	}
	return e
}

// anewElsewhere are the effects on a claim or a workspace whose environment has another name, of what the cloud does not take over:
// no declaration of the name says that these are lost.
func (c *comparison) anewElsewhere(p *pair) []effect {
	from, to := p.base.environment, p.head.environment
	if from == to || c.was[to] != from {
		return nil
	}
	var effects []effect
	anew := func(field finding.Path, reason, remedy string) {
		effects = append(effects, effect{field: field, Effect: Effect{Class: Recreate, Reason: reason, Remedy: remedy}})
	}
	if c.deletedWith(p.base) {
		anew("deletion", "the one of the old name is deleted, and with it what it made in the cloud: under the new name that is made anew, and empty",
			"release it first, in a commit of its own, so that what is in the cloud stays: spokewright env rename "+from+" "+to)
	}
	if missing := c.unrecorded(p.head); len(missing) > 0 {
		anew("names", fmt.Sprintf("nothing records %s that the cloud made up, %s the first: under the new name these parts are made anew, beside the old ones or in their place",
			finding.Count(len(missing), "name"), missing[0].Path()), "record them first, under the old name: kubectl get managed --all-namespaces -o yaml | spokewright names "+from)
	}
	return effects
}

// deletedWith says whether what an object made in the cloud is deleted with it.
func (c *comparison) deletedWith(p *placed) bool {
	if isWorkspace(p.id) {
		policies, _ := manifest.Get(p.Object.Object, "spec", "managementPolicies")
		return mayDelete([]any{"Observe"}, policies)
	}
	_, theirs, is := c.base.claimOf(p.id)
	if !is {
		return false
	}
	deletion := theirs.Ours(p.Object.Object)["deletion"]
	return deletion == schema.Deleted || deletion == schema.Snapshot
}

// unrecorded are the parts of a claim whose names in the cloud nothing records.
func (c *comparison) unrecorded(p *placed) []schema.Part {
	kind, _, is := c.head.claimOf(p.id)
	e, known := c.head.environment(p.environment)
	if !is || !known {
		return nil
	}
	return slices.DeleteFunc(e.Unrecorded(), func(part schema.Part) bool {
		return part.Claim != kind || kind == "Database" && part.Name != p.name
	})
}

func move(from, to string) string {
	return `moved: [{from: "` + from + `", to: "` + to + `"}]`
}

// anotherSet is the effect on an Application that another set makes from now on, or a person.
func (c *comparison) anotherSet(p *pair) effect {
	e := effect{field: "set", Effect: Effect{Class: Rename, Path: "set", Old: p.base.Set, New: p.head.Set, HasOld: p.base.Set != "", HasNew: p.head.Set != "",
		Reason: "the set that made it may delete it before the other one makes it again"}}
	environment, isEnvironment := strings.CutPrefix(p.head.subject, "environments/")
	after, _ := c.head.environment(environment)
	before, _ := c.base.environment(environment)
	if isEnvironment && (after.Retiring != before.Retiring || c.staysAfterAll(p.base)) {
		e.Class, e.Reason = InPlace, "the hub has it itself while the environment is taken down"
		return e
	}
	if thing, name, is := strings.Cut(p.head.subject, "/"); is && thing == "addons" && p.base.subject == p.head.subject && p.head.environment == p.base.environment {
		now, was := c.head.addon(p.head.environment, name), c.base.addon(p.head.environment, name)
		if at, known := c.head.environment(p.head.environment); known && now.Order != was.Order {
			e.Position = at.Written("addons", name, "order")
			e.Reason = fmt.Sprintf("the addon's order is %d and was %d: its set changes with it, which may take the addon away before the other set installs it again", now.Order, was.Order)
			e.Remedy = fmt.Sprintf("keep order: %d; or, ", was.Order) + c.removal(p.head.environment, p.head.subject, e.field)
			return e
		}
	}
	e.Remedy = "do it in two commits, out of a set that keeps its Applications first; or, " + c.removal(p.head.environment, p.head.subject, e.field)
	if p.base.subject != p.head.subject {
		e.Remedy = "do it in two commits, out of a set that keeps its Applications first; or declare it in " + schema.SpecFile(p.head.environment) + ": " + move(p.base.subject, p.head.subject)
	}
	return e
}

// otherGeneration says whether one claim is a request in another generation of Crossplane's API: a claim on a composite for
// the whole cluster, or a composite in its namespace.
func (c *comparison) otherGeneration(p *pair) bool {
	if _, _, is := c.head.claimOf(p.head.id); !is {
		return false
	}
	if c.base.Fleet != nil && c.head.Fleet != nil {
		return c.otherTarget(func(t schema.Targets) string { return t.Crossplane.API })
	}
	_, before := manifest.Get(p.base.Object.Object, "spec", "crossplane")
	_, after := manifest.Get(p.head.Object.Object, "spec", "crossplane")
	return before != after
}
