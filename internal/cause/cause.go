// Package cause says why a field of a rendered object is as it is, and what a line of a spec reaches. It asks what would be
// rendered if one thing were said otherwise: what changes a field is its cause. It reads fleets and writes nothing.
package cause

import (
	"reflect"
	"runtime"
	"slices"
	"strings"

	"spokewright.dev/spokewright/functions"
	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/judge"
	"spokewright.dev/spokewright/internal/manifest"
	"spokewright.dev/spokewright/schema"
)

// Sort is what a cause is.
type Sort string

// The sorts of causes, in the order in which they are told.
const (
	Spec     Sort = "spec"     // a value of an environment's spec
	Fleet    Sort = "fleet"    // a value that all environments share
	Default  Sort = "default"  // a value that Spokewright brings
	Name     Sort = "name"     // what the environment is called
	Rule     Sort = "rule"     // a rule that demands something of it, or that the object stands for
	Function Sort = "function" // the function that makes the object
	Set      Sort = "set"      // the ApplicationSet that makes the object
	File     Sort = "file"     // the file that holds the object
	Patch    Sort = "patch"    // what an overlay makes of it
)

// Cause is one thing that makes a field what it is.
type Cause struct {
	Sort     Sort
	Position finding.Position
	Path     finding.Path // of the spec's value
	Named    bool         // it is a name in the spec that counts, and no value
	Value    string       // as it is written; of others, who they are
	Instead  string       // another value
	Becomes  any          // what the field would be then
	Gone     bool         // it would not be there then
	Before   any          // of a patch: what the field was
}

// In is the text of the file that the cause stands in, with the other value in its place.
func (c Cause) In(text string) string {
	lines := strings.SplitAfter(text, "\n")
	start := len(strings.Join(lines[:c.Position.Line-1], "")) + c.Position.Column - 1
	return text[:start] + c.Instead + text[start+len(c.Value):]
}

// Explanation is why a field is what it is.
type Explanation struct {
	Environment string
	Plane       schema.Plane
	Object      finding.Object
	Path        finding.Path
	Value       any
	Causes      []Cause
}

// Explain gives the causes of a field of an object of the plane, in order.
func (p *Plane) Explain(object manifest.Object, path finding.Path) (Explanation, error) {
	x := Explanation{Environment: p.Target.Environment, Plane: p.Target.Plane, Object: named(object), Path: path}
	x.Value, _ = manifest.Get(object, path.Tokens()...)
	objects, err := p.base.built()
	if err != nil {
		return x, err
	}
	x.Causes = p.saying(object, path)
	if p.called(object, path) {
		x.Causes = append(x.Causes, Cause{Sort: Name, Position: finding.Position{File: schema.SpecFile(x.Environment)}, Value: x.Environment})
	}
	for _, rule := range p.rules(object, path) {
		x.Causes = append(x.Causes, Cause{Sort: Rule, Position: rule.Position, Path: finding.Keys("classes", p.base.environment.Class.Name, "rules", rule.Name), Value: rule.Message})
	}
	holder, field := object, path
	if set := p.setOf(object); set != nil {
		x.Causes = append(x.Causes, Cause{Sort: Set, Value: named(set).String()})
		holder, field = set, ""
	}
	folder := p.maker(holder)
	if folder != "" {
		x.Causes = append(x.Causes, Cause{Sort: Function, Value: folder})
	}
	if mine := find(p.base.made, identify(holder)); p.Target.Plane != Root && !manifest.Equal(mine, find(objects, identify(holder))) {
		patches, origin := p.history(holder, field)
		if folder == "" {
			x.Causes = append(x.Causes, Cause{Sort: File, Position: origin})
		}
		x.Causes = append(x.Causes, patches...)
	}
	return x, nil
}

// saying are the causes that stand in specs, and the defaults.
func (p *Plane) saying(object manifest.Object, path finding.Path) []Cause {
	var causes []Cause
	for _, l := range p.leaves {
		for _, s := range p.suppositions(l) {
			if becomes, gone, is := p.changed(object, path, s.state); is {
				c := l.cause()
				c.Instead, c.Becomes, c.Gone = s.words, becomes, gone
				causes = append(causes, c)
				break
			}
		}
	}
	return causes
}

// rules are those that demand something of a field, and the one that a policy stands for.
func (p *Plane) rules(object manifest.Object, path finding.Path) []schema.Rule {
	e := p.base.environment
	rules := judge.Demanding(e, object, path.Tokens()...)
	if rule, is := e.Class.Rules[manifest.TextAt(object, "metadata", "annotations", "policies.kyverno.io/title")]; is {
		rules = append(rules, rule)
	}
	return rules
}

// setOf is the ApplicationSet that makes an object; nil where none does.
func (p *Plane) setOf(object manifest.Object) manifest.Object {
	if identify(object).Kind != "Application" {
		return nil
	}
	if set, known := p.sets[identify(object)]; known {
		return set
	}
	objects, _ := p.base.built()
	var set manifest.Object
	if find(objects, identify(object)) == nil {
		for _, o := range objects {
			if identify(o).Kind == "ApplicationSet" && find(applications(o), identify(object)) != nil {
				set = o
			}
		}
	}
	p.sets[identify(object)] = set
	return set
}

// cause is the leaf as a cause.
func (l *leaf) cause() Cause {
	if l.brought != nil {
		return Cause{Sort: Default, Path: finding.Tokens(l.brought.Path...), Value: finding.Show(l.brought.Value)}
	}
	c := Cause{Sort: Spec, Position: l.literal.Position, Path: finding.Tokens(l.literal.Path...), Named: l.literal.Name, Value: l.literal.Text}
	if strings.HasSuffix(l.file, "/fleet.cue") {
		c.Sort = Fleet
	}
	return c
}

// maker is the folder of the function that makes an object; empty where none does.
func (p *Plane) maker(object manifest.Object) string {
	if p.Target.Plane == Root {
		return "functions/fleet"
	}
	var items []manifest.Object
	for _, function := range functions.List() {
		items = function.Make(p.base.environment, p.Target.Plane, items)
		if slices.ContainsFunc(items, func(o manifest.Object) bool { return identify(o) == identify(object) }) {
			return folder(function.Make)
		}
	}
	return ""
}

// folder is where a function stands.
func folder(function functions.Function) string {
	_, inside, _ := strings.Cut(runtime.FuncForPC(reflect.ValueOf(function).Pointer()).Name(), "/functions/")
	name, _, _ := strings.Cut(inside, ".")
	return "functions/" + name
}
