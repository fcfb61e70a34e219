package main

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"spokewright.dev/spokewright/compositions"
	"spokewright.dev/spokewright/manifest"
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
