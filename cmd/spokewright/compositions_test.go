package main

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"spokewright.dev/spokewright/internal/crossplane/compositions"
	"spokewright.dev/spokewright/internal/manifest"
)

// TestCompositionsFollowTheirSource finds in bases/ exactly the Compositions that the CUE source gives.
func TestCompositionsFollowTheirSource(t *testing.T) {
	for _, generation := range []string{compositions.Namespaced, compositions.Claims} {
		files, err := compositions.Make(generation)
		require.NoError(t, err)
		folder := filepath.Join(sample, "bases/hub/compositions", generation)
		want := map[string][]byte{"kustomization.yaml": resourceList(slices.Sorted(maps.Keys(files)))}
		for file, all := range files {
			want[file+".yaml"] = manifest.Stream(all)
		}
		if os.Getenv("SPOKEWRIGHT_UPDATE") != "" {
			rewrite(t, folder, want)
		}
		found, err := filepath.Glob(filepath.Join(folder, "*"))
		require.NoError(t, err)
		require.Len(t, found, len(want), "make golden writes what is missing and removes what nobody makes")
		for name, text := range want {
			written, err := os.ReadFile(filepath.Join(folder, name))
			require.NoError(t, err, "make golden writes it")
			requireSame(t, text, written)
		}
	}
}

// TestActivationFollowsTheCompositions finds that the kinds which the hub activates are those that its Compositions use.
func TestActivationFollowsTheCompositions(t *testing.T) {
	for generation, folder := range map[string]string{compositions.Namespaced: "namespaced", compositions.Claims: "claims/active"} {
		files, err := compositions.Make(generation)
		require.NoError(t, err)
		file := filepath.Join(sample, "bases/hub/packages", folder, "activation.yaml")
		text := append([]byte("# Written by make golden from the CUE source of the compositions.\n"),
			manifest.Append(nil, compositions.Activation(files))...)
		if os.Getenv("SPOKEWRIGHT_UPDATE") != "" {
			require.NoError(t, os.WriteFile(file, text, 0o644))
		}
		written, err := os.ReadFile(file)
		require.NoError(t, err, "make golden writes it")
		requireSame(t, text, written)
	}
}

// TestPackagesFollowTheCompositions finds that the hub installs the providers whose kinds its Compositions use, the
// families that configure them, the functions that they call, and no others, each at a pinned version.
func TestPackagesFollowTheCompositions(t *testing.T) {
	wanted := map[string]bool{"provider-kubernetes": true} // the one of claims' own
	for _, generation := range []string{compositions.Namespaced, compositions.Claims} {
		files, err := compositions.Make(generation)
		require.NoError(t, err)
		for _, file := range files {
			for _, composition := range file {
				for _, kind := range compositions.Managed(composition) {
					wanted[providerOf(kind.Group())] = true
				}
				steps := composition["spec"].(map[string]any)["pipeline"].([]any)
				for _, step := range steps {
					wanted[step.(map[string]any)["functionRef"].(map[string]any)["name"].(string)] = true
				}
			}
		}
	}
	for _, cloud := range []string{"aws", "azure", "gcp"} {
		wanted["provider-family-"+cloud] = true
	}
	installed := map[string]bool{}
	for _, folder := range []string{"functions", "clouds", "claims"} {
		files, err := filepath.Glob(filepath.Join(sample, "bases/hub/packages", folder, "*.yaml"))
		require.NoError(t, err)
		require.NotEmpty(t, files, folder)
		for _, file := range files {
			text, err := os.ReadFile(file)
			require.NoError(t, err)
			for _, match := range pinned.FindAllStringSubmatch(string(text), -1) {
				installed[match[1]] = true
			}
			require.Len(t, pinned.FindAllString(string(text), -1), strings.Count(string(text), "package: "), "%s: a package without its registry or version", file)
		}
	}
	require.Equal(t, wanted, installed)
}

// pinned is a package with its registry and its version.
var pinned = regexp.MustCompile(`package: [a-z.]+\.[a-z]+/crossplane-contrib/([a-z-]+[a-z0-9]):v[0-9]+\.[0-9]+\.[0-9]+\n`)

// providerOf is the package that has an API group: GROUP.CLOUD[.m].upbound.io is in provider-CLOUD-GROUP, what has no group of its
// own in the family's.
func providerOf(group string) string {
	if strings.HasPrefix(group, "kubernetes.") {
		return "provider-kubernetes"
	}
	words := strings.Split(strings.TrimSuffix(strings.TrimSuffix(group, ".upbound.io"), ".m"), ".")
	if len(words) == 1 {
		return "provider-family-" + words[0]
	}
	return "provider-" + words[1] + "-" + words[0]
}

func resourceList(files []string) []byte {
	return []byte("# Written by make golden from the CUE source of the compositions.\n" +
		"apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n  - " +
		strings.Join(files, ".yaml\n  - ") + ".yaml\n")
}

// rewrite makes the files those of a folder.
func rewrite(t *testing.T, folder string, files map[string][]byte) {
	t.Helper()
	require.NoError(t, os.RemoveAll(folder))
	require.NoError(t, os.MkdirAll(folder, 0o755))
	for name, text := range files {
		require.NoError(t, os.WriteFile(filepath.Join(folder, name), text, 0o644))
	}
}
