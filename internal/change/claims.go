package change

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/manifest"
	"spokewright.dev/spokewright/internal/mutability"
	"spokewright.dev/spokewright/schema"
)

// claimed are the effects of a change of a claim or a workspace: what the cloud makes of it, in our words, and which
// protection goes. For other objects, is says false.
func (c *comparison) claimed(p *pair) (effects []effect, is bool) {
	kind, before, after := c.asked(p)
	if kind == "" {
		return nil, false
	}
	anew := false
	for _, d := range c.renaming(p).differences(before, after) {
		if e, told := c.askedOtherwise(p, kind, d, before, after); told {
			effects = append(effects, e)
			anew = anew || e.Class == Recreate && slices.Contains([]finding.Path{"id", "cloud", "region", "engine"}, e.field)
		}
	}
	for i := range effects { // what is made anew is made as it shall be
		if e := &effects[i]; anew && (e.Class == Refused || e.Class == Delayed) {
			e.Class, e.Reason, e.Remedy = InPlace, "", ""
		}
	}
	if kind != "Workspace" {
		effects = append(effects, c.madeBy(p)...)
	}
	return effects, true
}

// asked is what a claim asked for before and after, as Spokewright's own kind has it.
func (c *comparison) asked(p *pair) (kind string, before, after map[string]any) {
	if isWorkspace(p.head.id) && isWorkspace(p.base.id) {
		before, after = mutability.Workspace(p.base.Object.Object), mutability.Workspace(p.head.Object.Object)
		if before == nil || after == nil {
			return "", nil, nil
		}
		return "Workspace", before, after
	}
	was, theirs, is := c.base.claimOf(p.base.id)
	kind, ours, stays := c.head.claimOf(p.head.id)
	if !is || !stays || was != kind {
		return "", nil, nil
	}
	return kind, theirs.Ours(p.base.Object.Object), ours.Ours(p.head.Object.Object)
}

// askedOtherwise is the effect of one field of a claim. Fields that are Crossplane's own say nothing by themselves.
func (c *comparison) askedOtherwise(p *pair, kind string, d difference, before, after map[string]any) (effect, bool) {
	field := strings.Join(d.steps, ".")
	if machinery(d.steps[0]) {
		return effect{}, false
	}
	e := effect{field: d.path, Effect: Effect{Class: InPlace, Path: c.pathOf(p, kind, d), Old: d.old, New: d.new, HasOld: d.hasOld, HasNew: d.hasNew, Position: c.written(p.head, kind, d.steps)}}
	cloud, _ := before["cloud"].(string)
	if kind == "Workspace" {
		cloud = mutability.Clouds()[0] // it is the same on each
	}
	otherwise := d.hasOld || field == "account" // what was not asked for before is no other wish, but for an account: there was the first one
	for length := len(d.steps); length > 0 && otherwise; length-- {
		verdict, known := mutability.Judge(kind, cloud, strings.Join(d.steps[:length], "."), before, after)
		if !known {
			continue
		}
		e.Class, e.Reason, e.Remedy = Class(verdict.Effect), verdict.Why, verdict.Instead
		if step := nextStep(field, d.old, d.new); step != "" && e.Class == Refused {
			e.Remedy = step + ": " + e.Remedy
		}
		if e.Class == Recreate {
			e.Reason = join(e.Reason, c.fate(p.base, kind))
			e.Remedy = join(e.Remedy, c.removal(p.head.environment, p.head.subject, e.field))
		}
		break
	}
	if why, also := weaker(kind, field, d, after); why != "" && worse(Weaken, e.Class) && (field != "deletion" || !c.staysAfterAll(p.base) || c.lessProtected(p.head.environment, "protected") && !c.keepsClass(p)) {
		e.Class, e.Reason = Weaken, why
		if also && c.lessProtected(p.head.environment, "protected") {
			e.also = []string{"class.protected"}
		}
	}
	if field == "id" && e.Class == Recreate {
		c.anotherID(p, &e)
	}
	c.byClass(p, specPath(p.head.subject, kind, d.steps), &e)
	return e, true
}

// join puts two parts of a sentence together, where there are two.
func join(one, other string) string {
	return strings.Trim(one+"; "+other, "; ")
}

// nextStep is the nearest value that a cloud takes on the way from one to another, as advice; empty where there is none to say.
func nextStep(field string, old, new any) string {
	from, isNumber := manifest.Number(old)
	to, areNumbers := manifest.Number(new)
	if field == "storageGB" && isNumber && areNumbers && to > from && to < from*1.1 {
		return fmt.Sprintf("%.0f is the least", math.Ceil(from*1.1-1e-9))
	}
	version, _ := old.(string)
	wanted, _ := new.(string)
	major, minor, found := strings.Cut(version, ".")
	_, last, foundToo := strings.Cut(wanted, ".")
	is, err := strconv.Atoi(minor)
	be, errToo := strconv.Atoi(last)
	if field == "version" && found && foundToo && err == nil && errToo == nil && be > is+1 {
		return fmt.Sprintf(`first "%s.%d"`, major, is+1)
	}
	return ""
}

// machinery says whether a field is one that Crossplane reads and no composition.
func machinery(field string) bool {
	return slices.Contains([]string{"crossplane", "compositionSelector", "compositeDeletePolicy", "writeConnectionSecretToRef"}, field)
}

// anotherID is about a thing whose name in the cloud follows from a name that has changed: everything is made anew.
func (c *comparison) anotherID(p *pair, e *effect) {
	old, _ := e.Old.(string)
	e.Remedy = `keep the name in the cloud: ` + idField(p.head.subject) + ` "` + old + `"`
	if e.Position.File == "" {
		e.Position = c.written(p.head, "", []string{"id"})
	}
	e.Reason = "the cloud's objects are named after it: they would be made anew under the other name, and what is there would be left or deleted"
	if c.renamedFleet() && !p.renamed { // one that is renamed is made anew too, whatever is declared of its name
		e.Class = Rename
	}
}

// idField is where a spec says the id of a thing.
func idField(subject string) string {
	if name, is := strings.CutPrefix(subject, "databases/"); is {
		return "databases: " + quotedLabel(name) + ": id:"
	}
	if name, is := strings.CutPrefix(subject, "workspaces/"); is {
		return "workspaces: " + quotedLabel(name) + ": id:"
	}
	return "id:"
}

func quotedLabel(name string) string {
	if strings.Contains(name, "-") {
		return `"` + name + `"`
	}
	return name
}

// renamedFleet says whether the fleet has another name, from which all ids follow.
func (c *comparison) renamedFleet() bool {
	return c.base.Fleet != nil && c.head.Fleet != nil && c.base.Fleet.Config.Name != c.head.Fleet.Config.Name
}

// pathOf is where the object has a field of ours.
func (c *comparison) pathOf(p *pair, kind string, d difference) finding.Path {
	if kind == "Workspace" {
		return finding.Keys("spec", "forProvider", "module").Join(d.path)
	}
	_, theirs, _ := c.head.claimOf(p.head.id)
	if place := theirs.Fields[strings.Join(d.steps, ".")]; place != "" {
		return finding.Keys(strings.Split(place, ".")...)
	}
	return finding.Keys("spec").Join(d.path)
}

// weaker says which protection goes with a change of a field, empty where none does, and whether it may go with the class's.
func weaker(kind, field string, d difference, after map[string]any) (why string, also bool) {
	old, new := d.old, d.new
	if d.steps[0] == "names" && d.hasOld {
		if d.hasNew {
			return "another hub takes hold of something else in the cloud from now on", false
		}
		return "another hub does not find it any more: it makes it anew", false
	}
	switch field {
	case "highlyAvailable":
		if old == true && new != true {
			return "no second machine takes over any more", false
		}
	case "backups.retentionDays":
		if fewer(old, new) {
			return "backups are kept for fewer days", false
		}
	case "encrypted":
		if old == true && new != true {
			return "its disk and backups are not encrypted any more", false
		}
	case "public":
		if new == true {
			return "it can be reached from outside from now on", false
		}
	case "private":
		if old == true && new != true {
			return "its API can be reached from everywhere from now on", false
		}
	case "deletion":
		keeps := []any{schema.Deleted, schema.Snapshot, schema.Orphaned}
		if slices.Index(keeps, new) < slices.Index(keeps, old) {
			return "when the " + noun(kind) + " goes, the cloud's objects go with it", true
		}
	case "management":
		if old == "Full" && new != "Full" {
			return "it is only looked at from now on: nothing mends what drifts, or follows the spec", false
		}
	case "externalName":
		if d.hasOld && after["externalName"] != d.old {
			return "it stands for something else in the cloud from now on", false
		}
	}
	return "", false
}

// noun is what people call what a claim asks for.
func noun(kind string) string {
	switch kind {
	case "NodePool":
		return "pool of nodes"
	case "Peering":
		return "peering with the hub"
	}
	return strings.ToLower(kind)
}

func fewer(old, new any) bool {
	before, is := manifest.Number(old)
	after, isToo := manifest.Number(new)
	return is && isToo && after < before
}

// written is where the head's spec says what a field of a claim holds.
func (c *comparison) written(p *placed, kind string, field []string) finding.Position {
	e, known := c.head.environment(p.environment)
	if !known {
		return finding.Position{}
	}
	return e.Written(specPath(p.subject, kind, field)...)
}

// specPath is where a spec says a field of a claim.
func specPath(subject, kind string, field []string) []string {
	thing := strings.Split(subject, "/")
	switch kind {
	case "Network":
		thing = []string{"cluster"}
	case "Peering":
		if field[0] == "hub" {
			return []string{"cluster", "network", "joinHub"}
		}
	case "NodePool":
		thing = append([]string{"cluster", "nodes"}, thing...)
	}
	switch field[0] {
	case "id":
		if kind == "Database" || kind == "Workspace" {
			return append(thing, "id")
		}
		return []string{"id"}
	case "environment":
		return nil
	case "deletion":
		return []string{"class"}
	case "management", "externalName":
		return append(thing, "adopt")
	case "names":
		return append(append([]string{"names"}, thing...), field[1:]...)
	case "cloud", "region":
		return []string{"cluster", field[0]}
	case "version":
		if kind == "NodePool" {
			return []string{"cluster", "version"}
		}
	case "cidr", "subnets":
		return []string{"cluster", "network", "cidr"}
	}
	return append(thing, field...)
}
