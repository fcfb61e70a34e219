package finding_test

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"spokewright.dev/spokewright/internal/finding"
)

// sample has one of each: places with and without lines, objects, paths that need quotes, related positions, a
// warning, something waived, a detail, and text that a format must escape.
func sample() finding.Findings {
	at := func(file string, line, column int) finding.Position {
		return finding.Position{File: file, Line: line, Column: column}
	}
	all := finding.Findings{
		{Code: finding.WrongValue, Position: at("environments/dev.cue", 3, 18), Path: "cluster.cloud",
			Message: `found "awz", allowed is "aws", "azure" or "gcp"`, Suggestion: "aws"},
		{Code: finding.Conflict, Position: at("environments/dev.cue", 11, 26), Path: finding.Keys("labels", "example.com/team"),
			Message: `found both "a" and "b"`, Related: []finding.Related{{at("environments/dev.cue", 10, 26), `"b" stands here`}}},
		{Code: finding.Orphan, Position: at("overlays/100%, new: a", 0, 0), Message: "no environment has this name"},
		{Code: finding.CommandLine, Message: `--output: found "xml", allowed is "text"`},
		{Code: finding.RuleBroken, Severity: finding.Warning, Position: at("golden/dev/spoke.yaml", 7, 0), Path: "spec.containers[0].image",
			Object: finding.Object{Kind: "Deployment", Namespace: "web", Name: "shop"}, Message: "found \"a:latest\"\nand more"},
		{Code: finding.Waived, Severity: finding.Note, Position: at("environments/fleet.cue", 9, 2), Path: "classes.development.waivers[0]",
			Message: `the rule "tags" is waived until 2027-01-31`},
		{Code: finding.OutOfDate, Position: at("golden/dev/hub.yaml", 0, 0), Message: "out of date", Remedy: "spokewright render",
			Detail: "--- golden/dev/hub.yaml\n+++ golden/dev/hub.yaml (rendered)\n"},
	}
	for _, name := range []string{"one", "two", "three"} {
		all = append(all, finding.Finding{Code: finding.PromiseBroken, Position: at("overlays/dev/hub/kustomization.yaml", 6, 1),
			Object: finding.Object{Kind: "Role", Namespace: "dev", Name: name}, Message: "missing"})
	}
	return append(all, all[0])
}

func printers() map[string]func(io.Writer, finding.Findings) error {
	return map[string]func(io.Writer, finding.Findings) error{
		"text.txt":    finding.Text{}.Write,
		"verbose.txt": finding.Text{Verbose: true}.Write,
		"json.json":   finding.JSON,
		"sarif.json": func(w io.Writer, all finding.Findings) error {
			return finding.SARIF(w, finding.Tool{Name: "spokewright", Version: "0.1.0", URI: "https://spokewright.dev"}, all)
		},
		"github.txt":  finding.GitHub,
		"gitlab.json": finding.GitLab,
	}
}

func printed(t *testing.T, print func(io.Writer, finding.Findings) error, all finding.Findings) string {
	t.Helper()
	var out bytes.Buffer
	require.NoError(t, print(&out, all))
	return out.String()
}

// TestPrinters compares what is printed with testdata/printed; SPOKEWRIGHT_UPDATE=1 writes it anew. The order in which
// findings are met does not show.
func TestPrinters(t *testing.T) {
	for name, print := range printers() {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join("testdata", "printed", name)
			got := printed(t, print, sample())
			if os.Getenv("SPOKEWRIGHT_UPDATE") != "" {
				require.NoError(t, os.WriteFile(file, []byte(got), 0o644))
			}
			want, err := os.ReadFile(file)
			require.NoError(t, err)
			assert.Equal(t, string(want), got)

			turned := sample()
			slices.Reverse(turned)
			assert.Equal(t, got, printed(t, print, turned))
		})
	}
}

func TestNothingIsPrintedAsNothing(t *testing.T) {
	assert.Empty(t, printed(t, finding.Text{}.Write, nil))
	assert.Empty(t, printed(t, finding.GitHub, nil))
	assert.Equal(t, "[]\n", printed(t, finding.GitLab, nil))
	assert.JSONEq(t, `{"findings": [], "schemaVersion": 1}`, printed(t, finding.JSON, nil))
}

// TestSARIFSchema holds the log to the JSON Schema of SARIF 2.1.0 itself.
func TestSARIFSchema(t *testing.T) {
	text, err := os.ReadFile("testdata/sarif-schema-2.1.0.json")
	require.NoError(t, err)
	schema, err := jsonschema.CompileString("sarif-schema-2.1.0.json", string(text))
	require.NoError(t, err)
	validate := func(text string) error {
		var log any
		require.NoError(t, json.Unmarshal([]byte(text), &log))
		return schema.Validate(log)
	}
	for name, all := range map[string]finding.Findings{"nothing": nil, "sample": sample()} {
		require.NoError(t, validate(printed(t, printers()["sarif.json"], all)), name)
	}
	require.Error(t, validate(strings.Replace(printed(t, printers()["sarif.json"], sample()), `"warning"`, `"loud"`, 1)))
}

// TestAWaivedFindingIsNoError: fault 9.
func TestAWaivedFindingIsNoError(t *testing.T) {
	waived := finding.Findings{{Code: finding.Waived, Severity: finding.Note, Position: finding.Position{File: "a.cue", Line: 1, Column: 2}, Message: "held"}}
	assert.False(t, waived.Refuse())
	assert.Equal(t, "a.cue:1:2: note: held\n", printed(t, finding.Text{}.Write, waived))
	assert.Contains(t, printed(t, finding.GitHub, waived), "::notice ")
	assert.Contains(t, printed(t, finding.GitLab, waived), `"severity": "info"`)
	assert.Contains(t, printed(t, printers()["sarif.json"], waived), `"suppressions"`)
	assert.Contains(t, printed(t, finding.JSON, waived), `"severity": "note"`)
}

// TestTextSpeaksToNoTerminal: what stands in hostile files and names is shown, not obeyed.
func TestTextSpeaksToNoTerminal(t *testing.T) {
	hostile := finding.Findings{{Code: finding.Orphan, Position: finding.Position{File: "golden/a\n::error::b"}, Message: "\x1b[2Jgone\nand \xff", Suggestion: "\x1b"}}
	for _, print := range []func(io.Writer, finding.Findings) error{finding.Text{}.Write, finding.GitHub} {
		text := printed(t, print, hostile)
		assert.Equal(t, 1, strings.Count(text, "\n"), text)
		assert.NotContains(t, text, "\x1b")
	}
}

// TestFingerprintsStay: GitLab compares findings of two commits by them, so moved lines must not change them, and two
// findings never share one.
func TestFingerprintsStay(t *testing.T) {
	marks := func(all finding.Findings) (found []string) {
		var issues []struct{ Fingerprint string }
		require.NoError(t, json.Unmarshal([]byte(printed(t, finding.GitLab, all)), &issues))
		for _, issue := range issues {
			found = append(found, issue.Fingerprint)
		}
		return found
	}
	at := func(line int) finding.Finding {
		return finding.Finding{Code: finding.WrongValue, Position: finding.Position{File: "a.cue", Line: line, Column: 1}, Message: "wrong"}
	}
	assert.Equal(t, marks(finding.Findings{at(1)}), marks(finding.Findings{at(5)}))
	two := marks(finding.Findings{at(1), at(2)})
	assert.NotEqual(t, two[0], two[1])
	assert.Equal(t, two, marks(finding.Findings{at(3), at(9)}))
}
