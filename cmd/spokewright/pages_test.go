package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"sigs.k8s.io/yaml"
	"spokewright.dev/spokewright/internal/cueedit"
	"spokewright.dev/spokewright/schema"
)

// elsewhere are the pages, or blocks of pages by their first lines, whose commands are not run here: what runs them instead, or
// why nothing does.
func elsewhere() map[string]string {
	return map[string]string{
		"docs/argocd.md":    "conformance/argocd_page_test.go follows it with the servers of Argo CD",
		"docs/hub.md":       "conformance/story/story_test.go follows it on a whole hub",
		"docs/takedown.md":  "conformance/story/story_test.go follows it on a whole hub",
		"docs/bootstrap.md": "conformance/bootstrap_test.go follows it with OpenTofu's own program",
		"docs/chart.md helm dependency update build/production": "conformance/chart_test.go installs it with Helm's own program as far as no cluster is needed",
		"docs/rehearsal.md":     "conformance/story/story_test.go follows what it tells of a hub that is lost, on a whole hub",
		"docs/rules.md":         "conformance/rules_test.go runs it with Kyverno's own program",
		"docs/account-aws.md":   "internal/rights/page_test.go holds its lists; its commands are for a person with an account",
		"docs/account-azure.md": "internal/rights/page_test.go holds its lists; its commands are for a person with an account",
		"docs/account-gcp.md":   "internal/rights/page_test.go holds its lists; its commands are for a person with an account",
		"docs/editor.md cue vet environment.schema.cue environments/prod-eu.cue": "it needs cue's own program; conformance has it",
		"README.md go install ./cmd/spokewright":                                 "it installs into the folder of whoever runs it",
	}
}

// scenes prepare what the commands of a page need beside the sample fleet, committed on main: a script each.
func scenes() map[string]string {
	const composition = `printf '%s' '{"apiVersion": "apiextensions.crossplane.io/v1", "kind": "Composition", "metadata": {"name": "aws-network", "labels": {"spokewright.dev/cloud": "aws"}}, "spec": {"compositeTypeRef": {"apiVersion": "platform.spokewright.dev/v1alpha1", "kind": "Network"}, "mode": "Pipeline", "pipeline": [{"step": "compose", "functionRef": {"name": "compose"}}]}}' >overlays/hub/spoke/made.yaml && sed -i 's|bases/spoke|bases/spoke, made.yaml|' overlays/hub/spoke/kustomization.yaml`
	return map[string]string{
		"docs/compositions.md": composition,
		"docs/upgrade.md":      composition,
		"README.md":            "mkdir \"$HOME/start\" && cd \"$HOME/start\"",
		"docs/init.md":         "mkdir \"$HOME/start\" && cd \"$HOME/start\"",
		"docs/diff.md":         "git tag v12 && git branch my-branch",
	}
}

// TestThePagesRun types every command of README.md and docs/, page by page and in order, in a copy of the sample fleet, and
// compares what a page shows with what is said. SPOKEWRIGHT_UPDATE=1 writes it anew. A block of the language console has commands
// and what they say; sh has commands that must succeed; "cue > FILE" and "cue >> FILE" are written to a file.
func TestThePagesRun(t *testing.T) {
	needGit(t)
	fleet, unused := committedSample(t), elsewhere()
	here, there := 0, 0
	for _, page := range pages(t) {
		text, err := os.ReadFile(filepath.Join("../..", page))
		require.NoError(t, err)
		require.NotRegexp(t, "(?m)^[ \t]+```", string(text), "%s: a block that is indented is not found", page)
		blocks := blocksIn(string(text))
		ours := slices.DeleteFunc(slices.Clone(blocks), func(b block) bool {
			first, _, _ := strings.Cut(b.text, "\n")
			for _, key := range []string{page, page + " " + strings.TrimPrefix(first, "$ ")} {
				if reason, marked := elsewhere()[key]; marked && b.runs() {
					delete(unused, key)
					there++
					requireFollowed(t, page, reason)
					return true
				}
			}
			requireReadable(t, page, b)
			return !b.runs() && b.where == ""
		})
		here += len(ours)
		if slices.ContainsFunc(ours, block.runs) {
			t.Run(page, func(t *testing.T) {
				t.Parallel()
				newDesk(t, fleet, page).follow(t, string(text), ours)
			})
		}
	}
	assert.Empty(t, unused, "no page has such a block any more")
	t.Logf("%d blocks are run here, %d elsewhere or nowhere", here, there)
	t.Run("README.md of a new fleet", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, fleet, "docs/init.md")
		said, err := d.run("spokewright init shop && cd shop")
		require.NoError(t, err, said)
		text, err := os.ReadFile(filepath.Join(d.folder, "README.md"))
		require.NoError(t, err)
		blocks := blocksIn(string(text))
		require.Len(t, blocks, 6)
		d.follow(t, "", blocks)
		said, err = d.run("spokewright check && git status --porcelain")
		require.NoError(t, err, said)
		require.Regexp(t, `^environments/production.cue:\d+:\d+: note: cluster: the API of a private cluster [^\n]*\nchecked 3 environments of fleet shop: 6 files up to date\n$`, said)
	})
}

// requireReadable looks whether what stands for a file is one of its language.
func requireReadable(t *testing.T, page string, b block) {
	t.Helper()
	var err error
	switch b.language {
	case "cue":
		_, err = cueedit.Parse(page, []byte(b.text))
	case "yaml":
		err = yaml.Unmarshal([]byte(b.text), new(any))
	}
	require.NoError(t, err, "%s: %s", page, b.text)
}

// requireFollowed looks whether what is said to follow a page names it.
func requireFollowed(t *testing.T, page, reason string) {
	t.Helper()
	file, _, _ := strings.Cut(reason, " ")
	if !strings.HasSuffix(file, ".go") {
		return
	}
	text, err := os.ReadFile(filepath.Join("../..", file))
	require.NoError(t, err)
	require.Contains(t, string(text), path.Base(page))
}

// pages are the pages for users.
func pages(t *testing.T) []string {
	t.Helper()
	docs, err := filepath.Glob("../../docs/*.md")
	require.NoError(t, err)
	all := []string{"README.md"}
	for _, page := range docs {
		if name := "docs/" + filepath.Base(page); name != "docs/findings.md" { // TestFindingsPage runs and writes it
			all = append(all, name)
		}
	}
	return all
}

// block is a fenced block of a page: lines of it, from the first to before the last.
type block struct {
	language, where, text string // where is "> FILE" or ">> FILE"; empty where the block goes nowhere
}

func (b block) runs() bool { return b.language == "sh" || b.language == "console" }

func blocksIn(text string) (blocks []block) {
	for _, match := range regexp.MustCompile("(?ms)^```(\\w*)(?: (>>? \\S+))?\n(.*?)^```$").FindAllStringSubmatch(text, -1) {
		blocks = append(blocks, block{match[1], match[2], match[3]})
	}
	return blocks
}

// committedSample is the fleet at the root of this repository, in a repository of its own: without what a hub installs, which is most
// of the work and which no page speaks of.
func committedSample(t *testing.T) string {
	t.Helper()
	root := t.TempDir()
	for _, folder := range []string{"environments", "overlays", "bases/plane", "bases/spoke"} {
		require.NoError(t, os.MkdirAll(filepath.Join(root, filepath.Dir(folder)), 0o755))
		require.NoError(t, os.CopyFS(filepath.Join(root, folder), os.DirFS(filepath.Join("../..", folder))))
	}
	changedFile(t, root, "overlays/hub/spoke/kustomization.yaml", func(text string) string { return strings.ReplaceAll(text, "bases/hub", "bases/spoke") })
	requireFine(t, root, "render")
	committed(t, root)
	return root
}

// desk is where a page is followed: a fleet, and a home of its own.
type desk struct{ folder, home string }

func newDesk(t *testing.T, fleet, page string) *desk {
	t.Helper()
	d := &desk{folder: filepath.Join(t.TempDir(), "fleet"), home: t.TempDir()}
	require.NoError(t, os.CopyFS(d.folder, os.DirFS(fleet)))
	writeText(t, d.home, ".gitconfig", "[user]\nname = you\nemail = you@example.com\n")
	writeText(t, d.home, "bin/kubectl", "#!/bin/sh\n# It agrees with everything, and knows the objects of all environments.\ncase \"$*\" in \"get managed\"*) cat \"$HOME/managed.json\" ;; esac\n")
	require.NoError(t, os.Chmod(filepath.Join(d.home, "bin/kubectl"), 0o755))
	if kustomize := os.Getenv("SPOKEWRIGHT_KUSTOMIZE"); kustomize != "" {
		require.NoError(t, os.Symlink(kustomize, filepath.Join(d.home, "bin/kustomize")))
	}
	if scene := scenes()[page]; scene != "" {
		said, err := d.run("set -e\n" + scene)
		require.NoError(t, err, said)
	}
	writeText(t, d.home, "managed.json", managedObjects(t, d.folder))
	return d
}

// managedObjects are what a hub has for all environments, as far as the clouds made names up.
func managedObjects(t *testing.T, root string) string {
	t.Helper()
	reader, err := schema.NewReader()
	require.NoError(t, err)
	var items []any
	fleet, err := reader.Fleet(os.DirFS(root))
	if err != nil { // a page that begins without one
		return ""
	}
	for _, name := range fleet.Names() {
		for _, part := range fleet.Environments[name].Unrecorded() {
			items = append(items, map[string]any{"apiVersion": "aws.m.upbound.io/v1beta1", "kind": "Thing", "metadata": map[string]any{
				"name": part.Part, "namespace": name,
				"annotations":     map[string]any{"crossplane.io/external-name": "made-up-" + part.Part, "crossplane.io/composition-resource-name": part.Part},
				"ownerReferences": []any{map[string]any{"apiVersion": "platform.spokewright.dev/v1alpha1", "kind": part.Claim, "name": cmp.Or(part.Name, name), "controller": true}},
			}})
		}
	}
	text, err := json.Marshal(map[string]any{"apiVersion": "v1", "kind": "List", "items": items})
	require.NoError(t, err)
	return string(text)
}

// run runs a script where the last one ended.
func (d *desk) run(script string) (said string, err error) {
	command := exec.Command("bash", "-c", "trap 'pwd >\"$HOME/where\"' EXIT\n"+script)
	command.Dir = d.folder
	command.Env = append(os.Environ(), "HOME="+d.home, "PATH="+filepath.Join(d.home, "bin")+string(os.PathListSeparator)+os.Getenv("PATH"),
		"XDG_CACHE_HOME="+filepath.Join(d.home, ".cache"), "GIT_CONFIG_NOSYSTEM=1", "NO_COLOR=1", "SPOKEWRIGHT_CACHE=")
	output, err := command.CombinedOutput()
	if where, readErr := os.ReadFile(filepath.Join(d.home, "where")); readErr == nil {
		d.folder = strings.TrimSpace(string(where))
	}
	return string(output), err
}

// follow does what a page says, and compares the page with what it would be now.
func (d *desk) follow(t *testing.T, page string, blocks []block) {
	now := page
	for _, b := range blocks {
		switch {
		case b.where != "":
			sign, name, _ := strings.Cut(b.where, " ")
			name = filepath.Join(d.folder, filepath.FromSlash(name))
			if before, err := os.ReadFile(name); err == nil && sign == ">>" {
				b.text = string(before) + b.text
			}
			require.NoError(t, os.WriteFile(name, []byte(b.text), 0o600))
		case b.language == "sh":
			said, err := d.run("set -euo pipefail\n" + b.text)
			if failed := (*exec.ExitError)(nil); strings.HasSuffix(b.text, "spokewright diff\n") && errors.As(err, &failed) && failed.ExitCode() == 3 {
				err = nil // something changes: that is what the page shows
			}
			require.NoError(t, err, "%s\n%s", b.text, said)
		default:
			now = strings.Replace(now, "```console\n"+b.text+"```", "```console\n"+d.console(t, b.text)+"```", 1)
		}
	}
	if now != "" {
		requirePinned(t, filepath.Join("../..", strings.TrimPrefix(t.Name(), "TestThePagesRun/")), []byte(now))
	}
}

// console runs the commands of a block, whatever their exit codes, and gives the block with what they say now.
func (d *desk) console(t *testing.T, text string) string {
	t.Helper()
	var now strings.Builder
	for line := range strings.Lines(text) {
		command, is := strings.CutPrefix(line, "$ ")
		if !is {
			continue
		}
		said, err := d.run(command)
		if failed := (*exec.ExitError)(nil); err != nil {
			require.ErrorAs(t, err, &failed)
		}
		now.WriteString(line)
		for line := range strings.Lines(settled(said)) {
			fmt.Fprintln(&now, strings.TrimRight(line, " \n"))
		}
	}
	return now.String()
}

// settled is what is said, without what is another each time: commits and times.
func settled(said string) string {
	said = regexp.MustCompile(`\b[0-9a-f]{12}\b`).ReplaceAllString(said, "089499504700")
	return regexp.MustCompile(`\bin [0-9]+\.[0-9] s\b`).ReplaceAllString(said, "in 0.2 s")
}

// TestLinksLead follows the links of all pages to the files and headings that they name, and finds a way to every page.
func TestLinksLead(t *testing.T) {
	all := append(pages(t), "docs/findings.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md")
	linked := map[string]bool{"docs/README.md": true}
	for _, page := range all {
		text, err := os.ReadFile(filepath.Join("../..", page))
		require.NoError(t, err)
		for _, match := range regexp.MustCompile(`\]\(([^)\s]+)\)`).FindAllStringSubmatch(prose(string(text)), -1) {
			if regexp.MustCompile(`^[a-z]+:`).MatchString(match[1]) {
				continue
			}
			name, anchor, _ := strings.Cut(match[1], "#")
			target := path.Join(path.Dir(page), name)
			if name == "" {
				target = page
			}
			led, err := os.ReadFile(filepath.Join("../..", target))
			if !assert.NoError(t, err, "%s: %s leads nowhere", page, match[1]) {
				continue
			}
			if page == "docs/README.md" {
				linked[target] = true
			}
			assert.True(t, anchor == "" || slices.Contains(anchors(string(led)), anchor), "%s: %s has no such heading", page, match[1])
		}
	}
	for _, page := range append(pages(t), "docs/findings.md") {
		assert.True(t, linked[page] || page == "README.md", "docs/README.md does not lead to %s", page)
	}
}

// prose is a page without its blocks and what is written as code.
func prose(text string) string {
	return regexp.MustCompile("(?ms)^```.*?^```$|`[^`\n]+`").ReplaceAllString(text, "")
}

// anchors are what the headings of a page are called in links.
func anchors(text string) (all []string) {
	text = regexp.MustCompile("(?ms)^```.*?^```$").ReplaceAllString(text, "")
	for _, match := range regexp.MustCompile(`(?m)^#+ (.+)$`).FindAllStringSubmatch(text, -1) {
		name := regexp.MustCompile(`[^\p{L}\p{N} _-]`).ReplaceAllString(strings.ToLower(match[1]), "")
		all = append(all, strings.ReplaceAll(name, " ", "-"))
	}
	return all
}
