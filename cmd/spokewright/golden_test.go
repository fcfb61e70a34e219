package main

import (
	"bytes"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"spokewright.dev/spokewright/internal/crossplane/definitions"
	"spokewright.dev/spokewright/internal/manifest"
	"spokewright.dev/spokewright/internal/overlay"
	"spokewright.dev/spokewright/internal/render"
	"spokewright.dev/spokewright/internal/textdiff"
	"spokewright.dev/spokewright/schema"
)

// The root of this repository is a fleet: the sample.
const sample = "../.."

// TestGolden builds every overlay of the sample with the real kustomize, which starts this binary as its function, and
// finds exactly the golden file. So does a render in this process.
func TestGolden(t *testing.T) {
	names, err := schema.List(os.DirFS(sample))
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(names), 5, "the sample is a hub, a development, a staging and two production environments")
	for _, target := range render.Targets(names) {
		t.Run(target.File(), func(t *testing.T) {
			t.Parallel()
			want, err := os.ReadFile(filepath.Join(sample, render.Golden, target.File()))
			require.NoError(t, err, "make render writes it")
			requireSame(t, want, runKustomize(t, filepath.Join(sample, target.Overlay()), "--enable-alpha-plugins", "--enable-exec"))
			var stdout, stderr bytes.Buffer
			code := run([]string{"-C", sample, "render", "-o", "-", target.Environment + "/" + string(target.Plane)}, nil, &stdout, &stderr)
			require.Zero(t, code, stderr.String())
			requireSame(t, want, stdout.Bytes())
		})
	}
}

// TestOverlaysOfTheSampleArePlain finds in overlays/ what the product writes: one file a plane, but for what teams added.
func TestOverlaysOfTheSampleArePlain(t *testing.T) {
	added := []string{"dev/spoke", "prod-eu/hub"}
	names, err := schema.List(os.DirFS(sample))
	require.NoError(t, err)
	for _, target := range render.Targets(names) {
		role := "spoke"
		if target.Environment == "hub" {
			role = "hub"
		}
		plain := overlay.Plain(target.Environment, role, target.Plane)
		found := map[string]string{}
		require.NoError(t, fs.WalkDir(os.DirFS(filepath.Join(sample, target.Overlay())), ".", func(name string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			text, err := os.ReadFile(filepath.Join(sample, target.Overlay(), name))
			found[name] = string(text)
			return err
		}))
		if slices.Contains(added, target.Environment+"/"+string(target.Plane)) {
			require.NotEqual(t, plain, found, "%s: nothing is added", target.Overlay())
			continue
		}
		require.Equal(t, plain, found, "%s", target.Overlay())
	}
}

// kustomize runs the real binary, which must succeed.
func runKustomize(t *testing.T, dir string, flags ...string) []byte {
	t.Helper()
	stdout, stderr, ok := tryKustomize(t, dir, flags...)
	require.True(t, ok, stderr)
	return []byte(stdout)
}

// tryKustomize runs the real binary, which may fail.
func tryKustomize(t *testing.T, dir string, flags ...string) (stdout, stderr string, ok bool) {
	t.Helper()
	command := exec.Command(kustomizeProgram(t), append([]string{"build", dir}, flags...)...)
	var out, err strings.Builder
	command.Stdout, command.Stderr = &out, &err
	ok = command.Run() == nil
	return out.String(), err.String(), ok
}

// kustomizeProgram is the real kustomize.
func kustomizeProgram(t *testing.T) string {
	t.Helper()
	if program := os.Getenv("SPOKEWRIGHT_KUSTOMIZE"); program != "" {
		return program
	}
	program, err := exec.LookPath("kustomize")
	require.NoError(t, err, "make tools installs it; make test says where it is")
	return program
}

// requireSame shows where two texts differ, line by line.
func requireSame(t *testing.T, want, got []byte) {
	t.Helper()
	if !bytes.Equal(want, got) {
		t.Fatal(textdiff.Difference([2]string{"golden", "rendered"}, string(want), string(got), textdiff.Painter(false)))
	}
}

// TestDefinitionsFollowTheSchema finds in bases/ exactly the XRDs that the CUE definitions give.
func TestDefinitionsFollowTheSchema(t *testing.T) {
	reader, err := schema.NewReader()
	require.NoError(t, err)
	for _, kind := range definitions.Kinds() {
		spec, status := reader.ClaimSpec(kind.Name), reader.ClaimStatus(kind.Name)
		for folder, object := range map[string]manifest.Object{"namespaced": kind.Namespaced(spec, status), "claims": kind.Claimed(spec, status)} {
			file := filepath.Join(sample, "bases/hub/definitions", folder, strings.ToLower(kind.Name)+".yaml")
			text := manifest.Append(nil, object)
			if os.Getenv("SPOKEWRIGHT_UPDATE") != "" {
				require.NoError(t, os.WriteFile(file, text, 0o644))
			}
			written, err := os.ReadFile(file)
			require.NoError(t, err, "make golden writes it")
			requireSame(t, text, written)
		}
	}
}

// The rules for apps do not judge what a hub is made of: a denied controller could not come back.
func TestHubsLetTheirControllersBe(t *testing.T) {
	files, err := filepath.Glob("../../bases/hub/controllers/*.yaml")
	require.NoError(t, err)
	policies, err := os.ReadFile("../../golden/hub/spoke.yaml")
	require.NoError(t, err)
	found := 0
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		for _, match := range regexp.MustCompile(`destination: \{name: in-cluster, namespace: ([a-z-]+)\}`).FindAllSubmatch(text, -1) {
			found++
			exempt := regexp.MustCompile(`(?s)request\.\?namespace.*? in \[(.*?)\]`).FindAllSubmatch(policies, -1)
			require.NotEmpty(t, exempt)
			for _, names := range exempt {
				require.Contains(t, string(names[1]), `"`+string(match[1])+`"`, file)
			}
		}
	}
	require.GreaterOrEqual(t, found, 5)
}

// A hub starts from nothing but Argo CD: whatever is of a kind that Kubernetes and Argo CD do not have says that it may come
// before its kind. Otherwise the first sync fails before it has begun.
func TestNothingIsAskedForBeforeItsKind(t *testing.T) {
	files, err := filepath.Glob("../../golden/*/*.yaml")
	require.NoError(t, err)
	there := regexp.MustCompile(`(?m)^apiVersion: (v1|argoproj\.io/v1alpha1|(apps|networking\.k8s\.io|rbac\.authorization\.k8s\.io|scheduling\.k8s\.io)/v1)$`)
	foreign := 0
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		for _, object := range strings.Split(string(text), "\n---\n") {
			if !there.MatchString(object) {
				foreign++
				require.Contains(t, object, "SkipDryRunOnMissingResource=true", "%s", file)
			}
		}
	}
	require.Greater(t, foreign, 100)
}

// No app starts before what judges it: the namespaces of apps come after the policies of their spoke, those of addons before
// these, since addons bring the policies' kinds; and no app makes a namespace.
func TestAppsComeAfterTheirPolicies(t *testing.T) {
	files, err := filepath.Glob("../../golden/*/spoke.yaml")
	require.NoError(t, err)
	wave := regexp.MustCompile(`(?m)^    argocd\.argoproj\.io/sync-wave: "(-?[0-9]+)"$`)
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		of := map[string]map[int]bool{}
		for _, object := range strings.Split(string(text), "\n---\n") {
			kind := ""
			switch {
			case strings.Contains(object, "\nkind: ValidatingPolicy\n"):
				kind = "policy"
			case strings.Contains(object, "kind: Namespace\n") && strings.Contains(object, "pod-security.kubernetes.io/enforce: privileged"):
				kind = "addon"
			case strings.Contains(object, "kind: Namespace\n"):
				kind = "app"
			default:
				continue
			}
			number, err := strconv.Atoi(wave.FindStringSubmatch(object)[1])
			require.NoError(t, err)
			if of[kind] == nil {
				of[kind] = map[int]bool{}
			}
			of[kind][number] = true
		}
		require.Len(t, of["policy"], 1, file)
		for policy := range of["policy"] {
			for app := range of["app"] {
				require.Greater(t, app, policy, file)
			}
			for addon := range of["addon"] {
				require.Less(t, addon, policy, file)
			}
		}
	}
	for _, file := range []string{"../../golden/prod-eu/hub.yaml", "../../golden/dev/hub.yaml"} {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		require.NotContains(t, string(text), "CreateNamespace")
	}
}
