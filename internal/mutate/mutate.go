// Package mutate makes mutants to try rules with: objects that keep them and, by one change at a time, objects near those that may
// not. What breaks a rule is for package constraint to say, and what refuses an object for the real Kyverno; here
// nothing is judged, read or written.
package mutate

import (
	"encoding/json"

	"spokewright.dev/spokewright/internal/constraint"
	"spokewright.dev/spokewright/internal/manifest"
)

// Mutant is an object with one thing changed.
type Mutant struct {
	Operator string   // what was done, such as "flip a boolean"
	Path     []string // where: field names and list indices
	Object   manifest.Object
}

// Mutants are changes of the object at every place that the rules speak of, each different from the object and from
// the others, in the same order every time. Some keep the rules.
func Mutants(object manifest.Object, rules ...*constraint.Constraint) []Mutant {
	c := collector{seen: map[string]bool{}}
	c.add(Mutant{Object: object})
	for _, start := range seeds(object, rules) {
		c.add(start)
		for _, rule := range rules {
			for _, place := range sites(rule, start.Object, true, nil) {
				c.sites(start, place)
			}
		}
	}
	for _, m := range c.mutants[1:] {
		for _, variant := range moved(object, m) {
			c.add(variant)
		}
	}
	c.labels(object)
	return c.mutants[1:]
}

// collector keeps mutants that differ.
type collector struct {
	seen    map[string]bool
	mutants []Mutant
}

func (c *collector) add(m Mutant) {
	text, err := json.Marshal(m.Object)
	if err != nil {
		panic(err) // JSON data always marshals
	}
	if !c.seen[string(text)] {
		c.seen[string(text)] = true
		c.mutants = append(c.mutants, m)
	}
}

// sites applies every operator to one place. Where the object is not the one that was given but a variation of it,
// such as one with a second container, only what varies is changed, and the mutant's name tells of both.
func (c *collector) sites(start Mutant, at site) {
	if start.Operator != "" && !below(at.path, start.Path) {
		return
	}
	for _, operator := range operators() {
		for _, change := range operator.changes(at) {
			name := operator.name
			if start.Operator != "" {
				name = start.Operator + ", " + name
			}
			if object, ok := manifest.With(start.Object, at.path, change).(manifest.Object); ok {
				c.add(Mutant{name, at.path, object})
			}
		}
	}
}

// labels strips labels, whether or not a rule speaks of them.
func (c *collector) labels(object manifest.Object) {
	metadata, _ := object["metadata"].(map[string]any)
	labels, _ := metadata["labels"].(map[string]any)
	for _, name := range sortedNames(labels) {
		path := []string{"metadata", "labels", name}
		c.add(Mutant{"strip a label", path, manifest.With(object, path, removed).(manifest.Object)})
	}
	if len(labels) > 0 {
		path := []string{"metadata", "labels"}
		c.add(Mutant{"strip all labels", path, manifest.With(object, path, removed).(manifest.Object)})
	}
}
