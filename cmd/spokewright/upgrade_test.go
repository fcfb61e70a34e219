package main

import (
	"archive/zip"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	ownbases "spokewright.dev/spokewright/bases"
	"spokewright.dev/spokewright/internal/baseline"
	"spokewright.dev/spokewright/schema"
)

// TestUpgradeFromAnEarlierVersion takes a fleet from bases that once were Spokewright's own, those before accounts became fields of the
// fleet, to those of today. The team has put its account's number and a provider's version into them, and a folder of its own.
func TestUpgradeFromAnEarlierVersion(t *testing.T) {
	t.Parallel()
	const list, ours = "bases/hub/kustomization.yaml", "bases/hub/packages/namespaced/configs.yaml"
	earlier, today := twoVersions(t)
	root := filepath.Join(t.TempDir(), "fleet")
	fine := func(program *baseline.Program, args ...string) string {
		said, code := saidBy(program, root, args...)
		require.Zero(t, code, said)
		return said
	}
	fine(today, "init", root, "--yes")
	accounts := regexp.MustCompile(`(?m)^accounts: .*$`)
	var named string
	changedFile(t, root, schema.FleetFile, func(text string) string {
		named = accounts.FindString(text)
		return accounts.ReplaceAllString(text, "") // there was no such field
	})
	require.NoError(t, os.RemoveAll(filepath.Join(root, "bases")))
	fine(earlier, "upgrade")
	changedFile(t, root, ours, func(text string) string { return strings.ReplaceAll(text, "111122223333", "210987654321") })
	changedFile(t, root, "bases/hub/packages/clouds/gcp.yaml", func(text string) string {
		return strings.Replace(text, "provider-gcp-sql:v3.0.0", "provider-gcp-sql:v3.0.1", 1)
	})
	changedFile(t, root, list, func(text string) string { return strings.Replace(text, "access.yaml]", "access.yaml, ours.yaml]", 1) })
	writeText(t, root, "bases/hub/ours.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ours, namespace: argocd}\n")
	fine(earlier, "render")
	require.Regexp(t, `(?m)^bases: warning: older than the program: [0-9]+ files would change$`, fine(today, "check"))

	said, code := saidBy(today, root, "upgrade")
	require.Equal(t, exitWrong, code, said)
	for _, line := range []string{
		"bases/hub/packages/clouds/gcp.yaml: merged\n",
		"bases/hub/packages/namespaced/kustomization.yaml: replaced\n",
		"bases/hub/packages/secrets/stores.yaml: removed\n",
		ours + ": kept: the program does not bring it any more, and the team changed it\n",
		list + ":5:1: the team and the program changed the same lines: choose those that count, and take the marks out\n",
	} {
		require.Contains(t, said, line)
	}
	text, err := os.ReadFile(filepath.Join(root, list))
	require.NoError(t, err)
	require.Regexp(t, `(?s)<<<<<<< this fleet\nresources: .*packages/secrets, access.yaml, ours.yaml\]\n=======\nresources: .*packages/namespaced, access.yaml\]\n>>>>>>> `, string(text))
	changedFile(t, root, list, func(string) string {
		_, resolved, _ := strings.Cut(string(text), "=======\n")
		resolved, _, _ = strings.Cut(resolved, ">>>>>>> ")
		return "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n" + strings.Replace(resolved, "access.yaml]", "access.yaml, ours.yaml]", 1)
	})

	changedFile(t, root, schema.FleetFile, func(text string) string { return text + named + "\n" })

	before := readTree(t, root)
	require.Contains(t, fine(today, "upgrade"), "bases/ is as this program brings it, with what the team changed\n")
	require.Equal(t, before, readTree(t, root), "a second run changes nothing")
	require.Contains(t, before["bases/hub/packages/clouds/gcp.yaml"], "provider-gcp-sql:v3.0.1")
	require.Contains(t, before["bases/hub/packages/clouds/gcp.yaml"], "comes from fleet.cue")
	require.Contains(t, before[ours], "210987654321")
	fine(today, "render")
	require.NotContains(t, fine(today, "check"), "bases")
}

// twoVersions are a program that had earlier bases, and this one, which was released after it.
func twoVersions(t *testing.T) (earlier, today *baseline.Program) {
	t.Helper()
	files, err := zip.OpenReader("testdata/earlier.zip")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, files.Close()) })
	released, err := baseline.Release(nil, "0.0.1", files)
	require.NoError(t, err)
	earlier, err = baseline.New(files, nil)
	require.NoError(t, err)
	today, err = baseline.New(ownbases.Files, released)
	require.NoError(t, err)
	return earlier, today
}

// saidBy is what a program that brings certain bases says in a fleet, on either way out.
func saidBy(program *baseline.Program, root string, args ...string) (said string, code int) {
	var out strings.Builder
	if args[0] != "init" {
		args = append([]string{"-C", root}, args...)
	}
	code = runWith(&options{bases: program}, args, strings.NewReader(""), &out, &out)
	return out.String(), code
}
