package change

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"

	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/schema"
)

// declarations are all that the head declares, and that it or the base is taking an environment down. What the base declares
// already was of an earlier change, and lets nothing more through.
func (c *comparison) declarations() []*Declaration {
	if c.head.Fleet == nil {
		return nil
	}
	all := written(c.head.Fleet)
	if c.base.Fleet != nil {
		for _, old := range written(c.base.Fleet) {
			for _, d := range all {
				d.spent = d.spent || d.says(old)
			}
		}
	}
	return append(all, c.retiring()...)
}

// written are the declarations that stand in the specs of a fleet.
func written(fleet *schema.Fleet) []*Declaration {
	var all []*Declaration
	add := func(environment string, moved []schema.Moved, removed []schema.Removed) {
		for _, m := range moved {
			all = append(all, &Declaration{Position: m.Position, Environment: environment, From: m.From, To: m.To})
		}
		for _, r := range removed {
			all = append(all, &Declaration{Position: r.Position, Environment: environment, What: r.What, Reason: r.Reason})
		}
	}
	if config := fleet.Config; config != nil {
		add("", config.Moved, config.Removed)
	}
	for _, name := range fleet.Names() {
		e := fleet.Environments[name]
		add(name, e.Moved, e.Removed)
	}
	return all
}

// says whether two declarations say the same.
func (d *Declaration) says(other *Declaration) bool {
	return d.Environment == other.Environment && d.From == other.From && d.To == other.To && d.What == other.What && d.Reason == other.Reason
}

// retiring are the environments that are being taken down: by the head, or by the base where the head has them no more.
func (c *comparison) retiring() []*Declaration {
	var all []*Declaration
	for _, name := range c.names {
		e, there := c.head.environment(name)
		if !there {
			e, there = c.base.environment(name)
		}
		if !there && c.base.Fleet == nil && c.base.leaves(name) {
			all = append(all, &Declaration{Environment: name, What: "environments/" + name, Reason: "it was being taken down", implied: true})
		}
		if there && e.Retiring != "" {
			all = append(all, &Declaration{Position: e.Written("retiring"), Environment: name, What: "environments/" + name, Reason: `retiring: "` + e.Retiring + `"`, implied: true})
		}
	}
	return all
}

// leaves says whether an environment was being taken down by what its hub has of it: an Application that no set makes.
func (s side) leaves(name string) bool {
	return slices.ContainsFunc(s.list, func(p *placed) bool {
		return p.plane == schema.Hub && p.kind == "Application" && p.Set == "" && p.subject == "environments/"+name
	})
}

// told are the declarations to be shown: those that a person wrote as such, and what else let something through.
func (c *comparison) told() []Declaration {
	var all []Declaration
	for _, d := range c.declared {
		if d.Meant = c.meant(d); d.Used || !d.implied {
			all = append(all, *d)
		}
	}
	return all
}

// meant is the nearest to what a declaration names of all that nothing declares, where nothing needed it.
func (c *comparison) meant(d *Declaration) string {
	if d.Used || d.spent || d.implied {
		return ""
	}
	var names []string
	for _, f := range c.found {
		if f.Exit() == ExitChanged {
			continue
		}
		if f.From != nil && f.From.Environment != f.Environment {
			names = append(names, "environments/"+f.From.Environment)
		}
		for _, p := range f.sides() {
			prefix := ""
			switch d.Environment {
			case "":
				prefix = p.environment + "/"
			case p.environment:
			default:
				continue
			}
			names = append(names, prefix+p.subject, prefix+p.part)
			for _, e := range f.effects {
				names = append(names, prefix+whatOf(p.subject, e.field))
			}
		}
	}
	return finding.Suggest(cmp.Or(d.What, d.From), names)
}

// settle looks for what lets the destructive effects of a change through. Only where each is declared, the change is.
func (f *found) settle() {
	var by *Declaration
	all := true
	for i := range f.effects {
		e := &f.effects[i]
		d := f.c.letting(f, *e)
		if d == nil {
			all = all && !e.Class.Destructive() && e.Class != Refused
			continue
		}
		d.Used, e.Remedy = true, ""
		switch {
		case d.To != "":
			e.Class = Move
		case d.waiver:
			e.Class = Waive
		}
		if by == nil {
			by = d
		}
	}
	if all {
		f.Declared = by
	}
}

// letting is the declaration that lets an effect through; nil where none does or none is needed.
func (c *comparison) letting(f *found, e effect) *Declaration {
	if e.Class == Refused {
		return c.doneByHand(f, e)
	}
	if !e.Class.Destructive() {
		return nil
	}
	for _, d := range c.declared {
		if d.lets(f, e) {
			return d
		}
	}
	if e.Class == Loosen {
		return c.waived(f)
	}
	return nil
}

// doneByHand is the declaration of exactly the field that is refused: somebody has done it in the cloud, and says so.
func (c *comparison) doneByHand(f *found, e effect) *Declaration {
	for _, d := range c.declared {
		if d.spent {
			continue
		}
		p := f.after
		if p == nil || e.field == "" {
			continue
		}
		what := whatOf(p.subject, e.field)
		if d.Environment == p.environment && d.What == what || d.Environment == "" && d.What == p.environment+"/"+what {
			return d
		}
	}
	return nil
}

// sides are the object on the sides that have it.
func (f *found) sides() []*placed {
	return slices.DeleteFunc([]*placed{f.before, f.after}, func(p *placed) bool { return p == nil })
}

// goesWith are what a removal may name to let an object go: itself, what it is, and what it is there for where that is gone.
func (c *comparison) goesWith(p *placed) []string {
	names := []string{p.itself(), p.subject}
	if environment, is := strings.CutPrefix(p.subject, "environments/"); is && c.head.has(environment) {
		names = names[:1] // the environment stays
	}
	return append(names, slices.Concat(c.goneOwners(p)...)...)
}

// goneOwners are the things that an object is there for and that are gone, of each list of which nothing stays.
func (c *comparison) goneOwners(p *placed) [][]string {
	return slices.DeleteFunc(slices.Clone(p.owners), func(owners []string) bool {
		return len(owners) == 0 || slices.ContainsFunc(owners, func(owner string) bool { return c.head.asksFor(p.environment, owner) })
	})
}

// lets says whether a declaration lets an effect of a change through.
func (d *Declaration) lets(f *found, e effect) bool {
	switch {
	case d.spent:
		return false
	case d.implied:
		return slices.Contains([]Class{Delete, Weaken}, e.Class) && slices.ContainsFunc(f.sides(), func(p *placed) bool {
			return p.environment == d.Environment || p.subject == d.What
		})
	case d.To != "":
		return e.Class == Rename && d.moves(f)
	}
	if d.names(f.Environment, "class", "") && f.c.followsClass(f, e) {
		return true
	}
	return slices.ContainsFunc(f.sides(), func(p *placed) bool {
		return slices.ContainsFunc(f.c.goesWith(p), func(subject string) bool { return d.names(p.environment, subject, e.field) }) ||
			slices.ContainsFunc(e.also, func(subject string) bool { return d.names(p.environment, subject, "") })
	})
}

// names says whether a removal names a thing, or a field of it that holds this one.
func (d *Declaration) names(environment, subject string, field finding.Path) bool {
	ofFleet := strings.HasPrefix(subject, "rules/") || strings.HasPrefix(subject, "environments/")
	switch inside, is := strings.CutPrefix(d.What, environment+"/"); {
	case d.Environment != "":
		return d.Environment == environment && covers(d.What, subject, field)
	case d.What == "environments/"+environment, is && covers(inside, subject, field):
		return true
	}
	return ofFleet && covers(d.What, subject, field)
}

// covers says whether what is named is a thing as a whole, or a field of it that holds another.
func covers(named, subject string, field finding.Path) bool {
	rest, is := strings.CutPrefix(named, subject)
	if !is || rest == "" {
		return is
	}
	held, is := strings.CutPrefix(whatOf("", field), rest)
	return is && (held == "" || held[0] == '.' || held[0] == '[')
}

// whatOf is how a declaration names a thing, or a field of it.
func whatOf(subject string, field finding.Path) string {
	if field == "" || field[0] == '[' {
		return subject + string(field)
	}
	return subject + "." + string(field)
}

// removal is how to declare that a thing goes, or a field of it, in the head's file of the environment, or in the fleet's where
// there is none. CUE reads a text in quotes as it is quoted here.
func (c *comparison) removal(environment, subject string, field finding.Path) string {
	file, what := schema.SpecFile(environment), whatOf(subject, field)
	if !c.head.has(environment) {
		file, what = schema.FleetFile, environment+"/"+what
	}
	return "where that is meant, declare it in " + file + ": removed: [{what: " + strconv.QuoteToASCII(what) + `, reason: "…"}]`
}

// moves says whether a declaration is about the two places of a change.
func (d *Declaration) moves(f *found) bool {
	if f.From == nil {
		return false
	}
	if d.Environment == "" && d.From == "environments/"+f.From.Environment && d.To == "environments/"+f.Environment && f.From.Environment != f.Environment {
		return true
	}
	means := func(declared string, p *placed) bool {
		return slices.ContainsFunc(slices.Concat([]string{p.itself(), p.subject, p.part}, slices.Concat(p.owners...)), func(subject string) bool {
			if d.Environment == "" {
				return declared == p.environment+"/"+subject || declared == subject && strings.HasPrefix(declared, "environments/")
			}
			return d.Environment == p.environment && declared == subject
		})
	}
	return means(d.From, f.before) && means(d.To, f.after)
}

// waived is the waiver that lets a rule of an environment ask for less: the environment's, or the rule's own.
func (c *comparison) waived(f *found) *Declaration {
	e, known := c.head.environment(f.Environment)
	rule, isRule := strings.CutPrefix(f.Subject, "rules/")
	if !known || !isRule {
		return nil
	}
	for _, name := range slices.Sorted(maps.Keys(e.Waivers)) {
		if w := e.Waivers[name]; w.Rule == rule {
			return c.waiver(f.Environment, "waivers/"+name, w)
		}
	}
	if own := e.Class.Rules[rule].Waiver; own != nil {
		return c.waiver("", "rules/"+rule, *own)
	}
	return nil
}

// waiver is the declaration that a waiver is, each once.
func (c *comparison) waiver(environment, what string, w schema.Waiver) *Declaration {
	for _, d := range c.declared {
		if d.waiver && d.Environment == environment && d.What == what {
			return d
		}
	}
	d := &Declaration{Position: w.Position, Environment: environment, What: what, Reason: "until " + w.Until + ": " + w.Reason, implied: true, waiver: true}
	c.declared = append(c.declared, d)
	return d
}
