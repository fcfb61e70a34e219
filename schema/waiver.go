package schema

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"spokewright.dev/spokewright/internal/finding"
)

// Waiver is a rule of the class that does not hold for a while.
type Waiver struct {
	Name      string `json:"-"`
	Rule      string `json:"rule"`
	Object    string `json:"name"`      // the object it does not hold for; empty for all
	Namespace string `json:"namespace"` // likewise
	Until     string `json:"until"`     // the last day, as 2006-01-02
	Reason    string `json:"reason"`

	// Position is where the last day is written.
	Position finding.Position `json:"-"`
}

// Ends is the first moment at which the rule holds again, in UTC.
func (w Waiver) Ends() time.Time {
	day, _ := time.Parse(time.DateOnly, w.Until) // checked when it was read
	return day.AddDate(0, 0, 1)
}

// Expired reports the waivers whose last day is over at a time: each is to be taken out, and what it covered mended.
func (e Environment) Expired(now time.Time) finding.Findings {
	var problems finding.Findings
	for _, name := range slices.Sorted(maps.Keys(e.Waivers)) {
		if w := e.Waivers[name]; !now.Before(w.Ends()) {
			problems = append(problems, finding.Finding{Code: finding.WaiverOver, Position: w.Position, Path: finding.Tokens("waivers", name, "until"), Message: fmt.Sprintf(
				"found %q, which is over: rule %q holds again, take the waiver out or give it a new day", w.Until, w.Rule)})
		}
	}
	return problems
}

// waivers reports waivers of rules that the class does not have, and days that no calendar has.
func (c *checker) waivers(e *Environment) {
	rules := sortedRules(e.Class.Rules)
	for _, name := range slices.Sorted(maps.Keys(e.Waivers)) {
		if !c.known("waivers", name) {
			continue
		}
		w := e.Waivers[name]
		if _, known := e.Class.Rules[w.Rule]; !known && e.Class.Name != "" {
			c.add(unknownName(w.Rule, rules, "rule of class "+e.Class.Name), "waivers", name, "rule")
		}
		if _, err := time.Parse(time.DateOnly, w.Until); err != nil {
			c.report(finding.WrongValue, noDay(w.Until), "waivers", name, "until")
		}
		w.Name, w.Position = name, e.root.At("waivers", name, "until").Position
		e.Waivers[name] = w
	}
}

func noDay(until string) string {
	return fmt.Sprintf(`found %q, which is no day, allowed is one such as "2027-01-31"`, until)
}

func sortedRules(rules map[string]Rule) []string { return slices.Sorted(maps.Keys(rules)) }
