package review

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"spokewright.dev/spokewright/internal/change"
	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/schema"
)

// forms is a report in every form for people.
type forms struct{ text, verbose, markdown, page string }

func inEachForm(t *testing.T, changes ...change.Change) forms {
	t.Helper()
	r := New(change.Review{Changes: changes}, About{})
	var out [4]strings.Builder
	require.NoError(t, Text{}.Write(&out[0], r))
	require.NoError(t, Text{Verbose: true}.Write(&out[1], r))
	require.NoError(t, Markdown(&out[2], r))
	require.NoError(t, HTML(&out[3], r))
	return forms{out[0].String(), out[1].String(), out[2].String(), out[3].String()}
}

// What goes with an environment is one entry that names all of it, and is told one by one where somebody asks.
func TestAnEnvironmentThatGoesIsOneEntry(t *testing.T) {
	t.Parallel()
	var changes []change.Change
	names := []string{"orders", "stock", "reviews"}
	for _, name := range names {
		changes = append(changes, change.Change{Environment: "dev", Plane: schema.Hub, Object: finding.Object{Kind: "Database", Namespace: "dev", Name: name}, Action: change.Removed, Class: change.Delete, Whole: true,
			Subject: "databases/" + name, Effects: []change.Effect{{Class: change.Delete, Reason: "dev is not there any more", Remedy: "take it down"}}})
	}
	out := inEachForm(t, changes...)
	for _, form := range []string{out.text, out.markdown} {
		assert.Equal(t, 1, strings.Count(form, "take it down"), form)
		assert.Contains(t, form, "all of it, 3 objects")
		for _, name := range names {
			assert.Contains(t, form, "dev/"+name)
		}
	}
	assert.Equal(t, 3, strings.Count(out.verbose, "take it down"))
	assert.NotContains(t, out.verbose, "all of it")
}

// A change that several environments have names the file of each; of many, the first and how many more.
func TestAdviceNamesEachFile(t *testing.T) {
	t.Parallel()
	of := func(environments int) (all []change.Change) {
		for i := range environments {
			name := fmt.Sprintf("dev-%d", i)
			at := finding.Position{File: schema.SpecFile(name), Line: 3 + i, Column: 2}
			all = append(all, change.Change{Environment: name, Plane: schema.Hub, Object: finding.Object{Kind: "Database", Namespace: name, Name: "orders"}, Action: change.Removed, Class: change.Delete,
				Effects: []change.Effect{{Class: change.Delete, Remedy: "declare it in " + schema.SpecFile(name), Position: at}}})
		}
		return all
	}
	two := inEachForm(t, of(2)...)
	for _, form := range []string{two.text, two.markdown, two.page} {
		words := strings.Join(strings.Fields(form), " ")
		assert.Contains(t, words, "environments/dev-0.cue:3:2, environments/dev-1.cue:4:2")
	}
	assert.Contains(t, two.text, "declare it in environments/<ENV>.cue")
	words := strings.Join(strings.Fields(inEachForm(t, of(9)...).text), " ")
	assert.Contains(t, words, "[environments/dev-0.cue:3:2, environments/dev-1.cue:4:2, environments/dev-2.cue:5:2, environments/dev-3.cue:6:2 and 5 more]")

	// So does what a declaration lets through.
	declared := of(2)
	for i := range declared {
		declared[i].Declared = &change.Declaration{Position: declared[i].Effects[0].Position, Environment: declared[i].Environment, What: "databases/orders", Used: true}
		declared[i].Effects[0].Remedy, declared[i].Effects[0].Position = "", finding.Position{}
	}
	assert.Contains(t, strings.Join(strings.Fields(inEachForm(t, declared...).text), " "), "[environments/dev-0.cue:3:2, environments/dev-1.cue:4:2]")
}
