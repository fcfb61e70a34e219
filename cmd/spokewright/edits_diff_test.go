package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"spokewright.dev/spokewright/internal/applicationset"
	"spokewright.dev/spokewright/internal/change"
	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/render"
	"spokewright.dev/spokewright/internal/review"
	"spokewright.dev/spokewright/schema"
)

// TestEditsAreClassed applies each edit to the fleet, renders what it touches, and holds what is said of the difference to
// what the edit's author said: every dangerous one has its exit code, names what it hits and tells what to do; of the safe
// ones two in a hundred may raise an alarm. What changes the whole fleet is rendered where the edit says that it hits, and for a
// few environments; SPOKEWRIGHT_THOROUGH=1 renders all.
func TestEditsAreClassed(t *testing.T) {
	t.Parallel()
	base := orchard(t)
	reader, err := schema.NewReader()
	require.NoError(t, err)
	fleet, err := reader.Fleet(base.fs())
	require.NoError(t, err)
	known := map[render.Target]taken{}
	safe, alarms := 0, 0
	for _, e := range readEdits(t) {
		t.Run(e.topic+"/"+e.name, func(t *testing.T) {
			tree, touched, err := e.apply(base)
			require.NoError(t, err)
			some, after := e.hit(fleet, touched), taken{}
			specs := fleet
			if slices.ContainsFunc(touched, func(file string) bool { return strings.HasPrefix(file, schema.Folder+"/") }) {
				specs, err = reader.Fleet(tree.fs())
			}
			if err == nil {
				after, err = takeOf(specs, tree, reader, some)
			}
			if e.told != "" {
				require.Error(t, err)
				assert.Equal(t, exitWrong, e.exit)
				assert.Empty(t, e.unsaid(err.Error()))
				return
			}
			require.NoError(t, err)
			before := takeOnce(t, known, fleet, base, reader, some)
			if !e.isAbout("targets") { // of which objects may tell, or not
				assert.Equal(t, e.exit != 0 && !e.isAbout("class"), !maps.Equal(before.texts, after.texts), "whether another fleet is rendered")
			}
			r := change.Compare(before.State, after.State)
			if exit := r.Exit(); !e.dangerous() {
				safe++
				if exit != 0 && exit != 3 {
					alarms++
					t.Logf("a false alarm: %s", listed(r))
					return
				}
			}
			assert.Empty(t, e.misses(t, r, before.State, after.State), "%s", listed(r))
		})
	}
	t.Logf("safe edits: %d, false alarms: %d", safe, alarms)
	assert.LessOrEqual(t, alarms*50, safe, "false alarms")
}

// misses are what a review does not say as the edit's author did.
func (e edit) misses(t *testing.T, r change.Review, before, after change.State) (wrong []string) {
	if exit := r.Exit(); exit != e.exit {
		wrong = append(wrong, fmt.Sprintf("exit code %d, and %d is right", exit, e.exit))
	}
	if !e.dangerous() {
		return wrong
	}
	for _, n := range e.names {
		hits := slices.DeleteFunc(slices.Clone(r.Changes), func(c change.Change) bool { return !n.is(c) })
		if len(hits) == 0 {
			wrong = append(wrong, fmt.Sprintf("does not name %s of %s", n.subject, n.environment))
		} else if !slices.ContainsFunc(hits, e.advised) {
			wrong = append(wrong, fmt.Sprintf("%s of %s is not said to be %s, with what to do", n.subject, n.environment, strings.Join(e.classes, " or ")))
		}
	}
	var text strings.Builder
	require.NoError(t, review.Text{}.Write(&text, review.New(r, review.About{Base: "base", Head: "head", Before: before, After: after})))
	return append(wrong, e.unsaid(text.String())...)
}

// is says whether a change is of what was named.
func (n named) is(c change.Change) bool {
	place, from := c.Environment, ""
	if c.From != nil {
		from = c.From.Environment
	}
	if n.environment != place && n.environment != from {
		return false
	}
	for subject := range strings.SplitSeq(n.subject, "|") {
		if subject == "*" || subject == c.Subject || subject == objectOf(c.Object) {
			return true
		}
	}
	return false
}

func objectOf(o finding.Object) string {
	if o.Namespace == "" {
		return o.Kind + "/" + o.Name
	}
	return o.Kind + "/" + o.Namespace + "/" + o.Name
}

// advised says whether a change is what the author said, and tells what to do where something must be done.
func (e edit) advised(c change.Change) bool {
	return slices.ContainsFunc(c.Effects, func(effect change.Effect) bool {
		advice := effect.Remedy != "" || e.exit == 2 && effect.Reason != "" || e.exit == 3
		return advice && (slices.Contains(e.classes, string(effect.Class)) || slices.Contains(e.classes, string(c.Class)))
	})
}

// unsaid are the words that a text for people must have and has not.
func (e edit) unsaid(text string) (words []string) {
	for _, word := range []string{e.says, e.told} {
		if !strings.Contains(text, word) {
			words = append(words, "does not say "+word)
		}
	}
	for _, n := range e.names {
		if !strings.Contains(text, n.environment) && (e.told == "" || !strings.Contains(text, schema.FleetFile)) {
			words = append(words, "does not say "+n.environment)
		}
	}
	return words
}

// listed is the worst of a review in short, for whoever reads a failed test.
func listed(r change.Review) string {
	var lines strings.Builder
	fmt.Fprintf(&lines, "exit code %d, %d changes\n", r.Exit(), len(r.Changes))
	for _, c := range r.Changes {
		if c.Exit() != r.Exit() || lines.Len() > 4000 {
			continue
		}
		fmt.Fprintf(&lines, "%s: %s (%s): %s, %s, declared: %t\n", c.Environment, objectOf(c.Object), c.Subject, c.Action, c.Class, c.Declared != nil)
		for _, effect := range c.Effects {
			fmt.Fprintf(&lines, "  %s %s: %.60v -> %.60v; %s; %s\n", effect.Class, effect.Path, effect.Old, effect.New, effect.Reason, effect.Remedy)
		}
	}
	return lines.String()
}

// taken is a fleet with the planes of some environments, and their texts with objects in whatever order.
type taken struct {
	change.State
	texts map[string]string
}

// takeOf renders planes of a fleet, of those that it has.
func takeOf(fleet *schema.Fleet, tree trees, reader *schema.Reader, some []render.Target) (s taken, err error) {
	s.Fleet = fleet
	targets := slices.DeleteFunc(render.Targets(fleet.Names()), func(t render.Target) bool { return !slices.Contains(some, t) })
	rendered, err := render.All(tree.fs(), reader, s.Fleet, targets, func() {})
	s.texts = map[string]string{}
	for _, r := range rendered {
		documents := strings.Split(string(r.YAML), "\n---\n")
		slices.Sort(documents)
		s.texts[r.File()] = strings.Join(documents, "\n---\n")
		p := change.Plane{Environment: r.Environment, Plane: r.Plane}
		for _, o := range r.Objects {
			p.Objects = append(p.Objects, change.Object{Object: o})
		}
		var problems finding.Findings
		if p.Objects, problems = applicationset.Expanded(p.Objects, applicationset.World{}); len(problems) > 0 {
			return s, problems
		}
		s.Planes = append(s.Planes, p)
	}
	return s, err
}

// takeOnce takes planes of a fleet as they were taken before.
func takeOnce(t *testing.T, known map[render.Target]taken, fleet *schema.Fleet, tree trees, reader *schema.Reader, some []render.Target) (all taken) {
	all.Fleet, all.texts = fleet, map[string]string{}
	for _, target := range render.Targets(fleet.Names()) {
		if !slices.Contains(some, target) {
			continue
		}
		if _, taken := known[target]; !taken {
			var err error
			known[target], err = takeOf(fleet, tree, reader, []render.Target{target})
			require.NoError(t, err)
		}
		all.Planes = append(all.Planes, known[target].Planes...)
		maps.Copy(all.texts, known[target].texts)
	}
	return all
}
