package finding_test

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"spokewright.dev/spokewright/internal/finding"
)

func TestInputIsAPropertyOfTheError(t *testing.T) {
	wrong := finding.Wrong(finding.CommandLine, "--date: found %q", "x")
	broken := fs.ErrPermission
	for name, c := range map[string]struct {
		err  error
		want bool
	}{
		"nil":                       {nil, false},
		"a failure":                 {broken, false},
		"a finding":                 {wrong, true},
		"a finding in words":        {fmt.Errorf("render: %w", wrong), true},
		"findings joined":           {errors.Join(wrong, wrong), true},
		"a finding and a failure":   {errors.Join(wrong, broken), false},
		"a failure that ends it":    {fmt.Errorf("%w: %w", broken, wrong), false},
		"joined in words":           {fmt.Errorf("all: %w", errors.Join(wrong, wrong)), true},
		"an error that joins none":  {nothing{}, false},
		"findings that only inform": {finding.Findings{{Severity: finding.Note}}, true},
	} {
		assert.Equal(t, c.want, finding.IsInput(c.err), name)
	}
}

type nothing struct{ error }

func (nothing) Unwrap() []error { return nil }

func TestOf(t *testing.T) {
	wrong := finding.Wrong(finding.CommandLine, "wrong")
	broken := fmt.Errorf("writing: %w", fs.ErrPermission)
	found, failures := finding.Of(fmt.Errorf("all: %w", errors.Join(wrong, broken, nil, fmt.Errorf("x: %w", wrong))))
	assert.Len(t, found, 2)
	require.Len(t, failures, 1)
	assert.EqualError(t, failures[0], "writing: permission denied")
	found, failures = finding.Of(nil)
	assert.Empty(t, found)
	assert.Empty(t, failures)
}

func TestErrIsNilWhereThereIsNothing(t *testing.T) {
	require.NoError(t, finding.Findings(nil).Err())
	err := finding.Findings{{Message: "b", Position: finding.Position{File: "x"}}, {Message: "a", Position: finding.Position{File: "w"}}, {Message: "b", Position: finding.Position{File: "x"}}}.Err()
	assert.EqualError(t, err, "w: a\nx: b")
}

func objects(n int, of finding.Finding) (all finding.Findings) {
	for i := range n {
		of.Object = finding.Object{Kind: "Pod", Name: fmt.Sprint("p", i)}
		of.File = fmt.Sprintf("golden/e%d/spoke.yaml", i/2)
		all = append(all, of)
	}
	return all
}

// TestTwelveFindingsOfOneCauseAreOneLine: fault 9.
func TestTwelveFindingsOfOneCauseAreOneLine(t *testing.T) {
	latest := finding.Finding{Code: finding.RuleBroken, Path: "spec.containers[0].image", Message: "found latest"}
	twelve := objects(12, latest)
	twelve[3].Path = "spec.containers[7].image" // elements of a list are many objects, too
	assert.EqualError(t, twelve, "golden/e0/spoke.yaml: Pod p0: spec.containers[0].image: found latest (and 11 more: 12 objects and 6 files)")
	assert.Equal(t, 12, strings.Count(printed(t, finding.Text{Verbose: true}.Write, twelve), "\n"))

	for name, other := range map[string]func(*finding.Finding){
		"severity":   func(f *finding.Finding) { f.Severity = finding.Warning },
		"code":       func(f *finding.Finding) { f.Code = finding.WrongValue },
		"field":      func(f *finding.Finding) { f.Path = "spec.initContainers[0].image" },
		"message":    func(f *finding.Finding) { f.Message = "found 1" },
		"suggestion": func(f *finding.Finding) { f.Suggestion = "1.2" },
		"detail":     func(f *finding.Finding) { f.Detail = "+ a\n" },
	} {
		all := objects(12, latest)
		other(&all[5])
		assert.Len(t, all.Fold(), 2, "another %s is another finding", name)
	}
	assert.Len(t, objects(2, latest).Fold(), 2, "two lines say more than a count")
	one := finding.Finding{Position: finding.Position{File: "a.cue"}, Message: "x"}
	var lines finding.Findings
	for line := range 3 {
		one.Line = line + 1
		lines = append(lines, one)
	}
	assert.EqualError(t, lines, "a.cue:1: x (and 2 more: a.cue:2, a.cue:3)")
}

func TestFirst(t *testing.T) {
	var all finding.Findings
	for line := range 9 {
		all = append(all, finding.Finding{Position: finding.Position{File: "a.cue", Line: 9 - line}, Message: fmt.Sprint("m", line)})
	}
	assert.Len(t, all.First(9), 9)
	few := all.First(2)
	assert.Len(t, few, 3)
	assert.Equal(t, "a.cue:3: and 7 more mistakes from here on", few[2].String())
	assert.EqualError(t, all.First(8)[8:], "a.cue:9: and 1 more mistake from here on")
	assert.Equal(t, 9, all[0].Line, "what is cut is a copy")
}

func TestStringsOfFindings(t *testing.T) {
	at := finding.Position{File: "environments/dev.cue", Line: 3, Column: 18}
	for want, f := range map[string]finding.Finding{
		"no fleet": {Message: "no fleet"},
		`clas: no such field; did you mean "class"? (allowed are class, hub)`:        {Path: "clas", Message: "no such field", Suggestion: "class", Aside: "allowed are class, hub"},
		`environments/dev.cue:3:18: cluster.cloud: found "awz"; did you mean "aws"?`: {Position: at, Path: "cluster.cloud", Message: `found "awz"`, Suggestion: "aws"},
		"environments/dev.cue:3:18: warning: Pod x: m":                               {Position: at, Severity: finding.Warning, Object: finding.Object{Kind: "Pod", Name: "x"}, Message: "m"},
		`m\x1b and line\nbreak`:          {Message: "m\x1b and line\nbreak"},
		`"dev\n.cue": m`:                 {Position: finding.Position{File: "dev\n.cue"}, Message: "m"},
		strings.Repeat("x", 71) + "…: m": {Path: finding.Keys(strings.Repeat("x", 1000)), Message: "m"},
		`a["` + strings.Repeat("/", 71) + `…"].` + strings.Repeat("y", 71) + "…[0].z[]: m": {Path: finding.Keys("a", strings.Repeat("/", 99), strings.Repeat("y", 99)).Index(0).Keys("z").Index(finding.Any), Message: "m"},
		`Role dev/x: metadata.annotations["example.com/a"]: found "x", promised "y"`:       {Object: finding.Object{Kind: "Role", Namespace: "dev", Name: "x"}, Path: finding.Keys("metadata", "annotations", "example.com/a"), Message: `found "x", promised "y"`},
	} {
		assert.Equal(t, want, f.String())
	}
}

// TestCatalogue: every code is explained once, and in words that a page can show.
func TestCatalogue(t *testing.T) {
	seen := map[finding.Code]bool{}
	for _, entry := range finding.Catalogue() {
		assert.False(t, seen[entry.Code], "%s stands twice", entry.Code)
		seen[entry.Code] = true
		assert.Regexp(t, `^[a-z]+(-[a-z]+)*$`, entry.Code)
		assert.NotEmpty(t, entry.Title, entry.Code)
		assert.Regexp(t, `\.$`, entry.Explanation, entry.Code)
		assert.NotRegexp(t, `\.$`, entry.Title, entry.Code)
	}
	for _, f := range sample() {
		assert.True(t, seen[f.Code], f.Code)
	}
}
