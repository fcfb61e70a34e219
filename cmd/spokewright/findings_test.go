package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/tools/txtar"

	"spokewright.dev/spokewright/internal/finding"
)

// told is a finding as check -o json writes it.
type told struct {
	File, Code, Severity, Object, Field, Message string
	Line                                         int
}

// layArchive puts the files of an archive into a new fleet. A name "a -> b" is a link.
func layArchive(t *testing.T, archive *txtar.Archive) string {
	t.Helper()
	dir := t.TempDir()
	write(t, dir, archive)
	require.NoError(t, lay(dir, "testdata/fleet"))
	return dir
}

func write(t *testing.T, dir string, archive *txtar.Archive) {
	t.Helper()
	for _, file := range archive.Files {
		name, leadsTo, isLink := strings.Cut(file.Name, " -> ")
		target := filepath.Join(dir, filepath.FromSlash(name))
		require.NoError(t, os.MkdirAll(filepath.Dir(target), 0o755))
		if isLink {
			require.NoError(t, os.Symlink(leadsTo, target))
		} else {
			require.NoError(t, os.WriteFile(target, file.Data, 0o644))
		}
	}
}

// said is what the program writes in a folder, and checkedJSON what check finds there.
func said(dir string, args ...string) (stdout, stderr string) {
	var out, err bytes.Buffer
	run(append([]string{"-C", dir}, args...), strings.NewReader(""), &out, &err)
	return out.String(), err.String()
}

func checkedJSON(t *testing.T, dir string, args ...string) []told {
	t.Helper()
	stdout, _ := said(dir, append([]string{"check", "-o", "json"}, args...)...)
	var report struct{ Findings []told }
	if stdout != "" {
		require.NoError(t, json.Unmarshal([]byte(stdout), &report), stdout)
	}
	return report.Findings
}

// TestFault02EveryFindingHasAPlace: of the input of every bad_ script, each finding names a file or folder of the fleet,
// and a line wherever that is a file that a person writes.
func TestFault02EveryFindingHasAPlace(t *testing.T) {
	t.Parallel()
	scripts, err := filepath.Glob("testdata/script/bad_*.txtar")
	require.NoError(t, err)
	seen := 0
	for _, script := range scripts {
		archive, err := txtar.ParseFile(script)
		require.NoError(t, err)
		dir := layArchive(t, archive)
		for _, f := range checkedJSON(t, dir, "--date", "2026-12-01") {
			seen++
			assert.NotEmpty(t, f.Code, "%s: %s", script, f.Message)
			if !assert.NotEmpty(t, f.File, "%s: %s", script, f.Message) || f.Line > 0 {
				continue
			}
			info, err := os.Stat(filepath.Join(dir, filepath.FromSlash(f.File)))
			missing := err != nil || info.IsDir() // there is no line to show
			assert.True(t, missing || strings.HasPrefix(f.File, "golden/"), "%s: %s: %s has no line", script, f.File, f.Message)
		}
	}
	assert.Greater(t, seen, 400)
}

// TestFindingsPage runs the example of every code and compares docs/findings.md with what comes of them;
// SPOKEWRIGHT_UPDATE=1 writes it anew.
func TestFindingsPage(t *testing.T) {
	var page strings.Builder
	page.WriteString("# Findings\n\nWhat Spokewright finds wrong has a code that stays when words change: `check -o json`, `sarif`, `github` and `gitlab`\n" +
		"give it with each finding. `make golden` writes this page; a test runs every example on a small fleet. Where something stops\n" +
		"and no finding says why: [troubleshooting](troubleshooting.md).\n\n| code | |\n|---|---|\n")
	for _, entry := range finding.Catalogue() {
		fmt.Fprintf(&page, "| [%s](#%s) | %s |\n", entry.Code, entry.Code, entry.Title)
	}
	for _, entry := range finding.Catalogue() {
		archive, err := txtar.ParseFile(filepath.Join("testdata", "findings", string(entry.Code)+".txtar"))
		require.NoError(t, err, "every code needs an example")
		fmt.Fprintf(&page, "\n## %s\n\n%s. %s\n", entry.Code, entry.Title, entry.Explanation)
		page.WriteString(example(t, entry.Code, archive))
	}
	const file = "../../docs/findings.md"
	if os.Getenv("SPOKEWRIGHT_UPDATE") != "" {
		require.NoError(t, os.WriteFile(file, []byte(page.String()), 0o644))
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.Equal(t, string(want), page.String())
}

// former are the files that an archive has twice, as they are first, with all that stands between.
func former(archive *txtar.Archive) *txtar.Archive {
	for i, file := range slices.Backward(archive.Files) {
		before := &txtar.Archive{Files: archive.Files[:i]}
		if slices.ContainsFunc(before.Files, func(other txtar.File) bool { return other.Name == file.Name }) {
			return before
		}
	}
	return &txtar.Archive{}
}

// example is an example with what a command says of it, as text of the page. The comment of the archive is the command;
// where there is none it is check.
func example(t *testing.T, code finding.Code, archive *txtar.Archive) string {
	t.Helper()
	command := strings.TrimSpace(string(archive.Comment))
	if command == "" {
		command = "spokewright check"
	}
	dir := layArchive(t, archive)
	if code == finding.NoFleet {
		require.NoError(t, os.RemoveAll(filepath.Join(dir, "environments")))
	}
	said(dir, "render")
	switch {
	case slices.Contains([]finding.Code{finding.OutOfDate, finding.Refused, finding.Undeclared, finding.Unjudged}, code):
		write(t, dir, archive)
	case code == finding.Unrecorded: // of what the main branch has
		needGit(t)
		committed(t, dir)
		ran(t, dir, "git", "update-ref", "refs/remotes/origin/main", "HEAD")
	case strings.HasPrefix(command, "spokewright diff --no-pager"): // of what the archive has more than the fleet
		dir = t.TempDir()
		write(t, dir, former(archive))
		require.NoError(t, lay(dir, "testdata/fleet"))
		said(dir, "render")
		needGit(t)
		committed(t, dir)
		write(t, dir, archive)
	}
	t.Setenv("KUSTOMIZE_PLUGIN_HOME", filepath.Join(dir, "plugins"))
	t.Setenv("PWD", dir)
	args := strings.Fields(command)[1:]
	for i, arg := range args {
		if strings.HasPrefix(arg, "manifests") {
			args[i] = filepath.Join(dir, arg)
		}
	}
	stdout, stderr := said(dir, args...)
	if _, notes, found := strings.Cut(stdout, "\nNotes:\n"); args[0] == "diff" && found {
		stderr = "…\nNotes:\n" + notes
		stdout, _ = said(dir, append(args, "-o", "json")...)
		assert.Contains(t, stdout, fmt.Sprintf(`"code": %q`, code))
	}
	stderr = strings.ReplaceAll(strings.ReplaceAll(stderr, dir+"/", ""), dir, "here")
	if args[0] == "check" && !slices.Contains([]finding.Code{finding.NoFleet, finding.CommandLine}, code) {
		var codes []string
		for _, f := range checkedJSON(t, dir, args[1:]...) {
			codes = append(codes, f.Code)
		}
		assert.Contains(t, codes, string(code), stderr)
	}
	require.NotEmpty(t, stderr, code)
	var text strings.Builder
	for _, file := range archive.Files {
		if len(file.Data) == 0 {
			fmt.Fprintf(&text, "\n`%s`\n", file.Name)
			continue
		}
		fmt.Fprintf(&text, "\n`%s`:\n\n```%s\n%s```\n", file.Name, strings.TrimPrefix(filepath.Ext(file.Name), "."), cut(string(file.Data)))
	}
	fmt.Fprintf(&text, "\n```console\n$ %s\n%s```\n", command, cut(stderr))
	return text.String()
}

// cut leaves the first lines of a long text, and the beginning of long lines.
func cut(text string) string {
	const most = 12
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	for i, line := range lines {
		lines[i] = finding.Shorten(line, 400)
	}
	if len(lines) > most {
		lines = append(lines[:most:most], fmt.Sprintf("… and %s", finding.Count(len(lines)-most, "line")))
	}
	return strings.Join(lines, "\n") + "\n"
}
