package main

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// targetCases are fleets that write for other controllers than the sample does: what goes to the end of fleet.cue.
func targetCases() map[string]string {
	return map[string]string{
		"crossplane-1.20-claims": `targets: crossplane: {version: "1.20", api: "claims"}`,
		"crossplane-2.2-claims":  `targets: crossplane: {version: "2.2", api: "claims"}`,
		"image-updater-objects":  `targets: imageUpdater: {version: "1.3", api: "objects"}`,
		"image-updater-0.18":     `targets: imageUpdater: {version: "0.18", api: "annotations"}`,
		"kyverno-1.17":           `targets: kyverno: version: "1.17"`,
		"signatures":             `signatures: key: "-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEbzgSEgjJD/j/e5c9suav9d9LZoK7\nnwGM04xyBIhr/14YF/2ejG18ID9rM/NtAWnmZqbvKlUcsEFL6yjtOXe21g==\n-----END PUBLIC KEY-----"`,
		"argocd-3.2-plugin":      "delivery: \"plugin\"\ntargets: argocd: version: \"3.2\"",
	}
}

// TestTargets renders the sample for other targets and finds the pinned objects, those of one environment and the hub.
func TestTargets(t *testing.T) {
	for name, change := range targetCases() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			root := t.TempDir()
			for _, folder := range []string{"environments", "bases", "overlays"} {
				require.NoError(t, lay(filepath.Join(root, folder), filepath.Join(sample, folder)))
			}
			appendTo(t, filepath.Join(root, "environments/fleet.cue"), change)
			if strings.HasSuffix(name, "claims") {
				replaceIn(t, filepath.Join(root, "bases/hub/kustomization.yaml"), "/namespaced", "/claims")
			}
			if strings.HasSuffix(name, "2.2-claims") {
				replaceIn(t, filepath.Join(root, "bases/hub/kustomization.yaml"), "packages/claims", "packages/claims, packages/claims/active")
			}
			var stdout, stderr bytes.Buffer
			code := run([]string{"-C", root, "render", "-o", "-", "prod-us/hub", "prod-us/spoke", "hub/hub", "hub/spoke"}, nil, &stdout, &stderr)
			require.Zero(t, code, stderr.String())
			requirePinned(t, filepath.Join("testdata/targets", name+".yaml"), withoutCompositions(stdout.Bytes()))
		})
	}
}

// withoutCompositions leaves out what no target changes and TestCompositionsFollowTheirSource holds: thousands of lines. So
// it does with the rules for what runs on the hub, which are those of the other environment.
func withoutCompositions(stream []byte) []byte {
	separator := []byte("---\n")
	return bytes.Join(slices.DeleteFunc(bytes.Split(stream, separator), func(document []byte) bool {
		return bytes.Contains(document, []byte("\nkind: Composition\n")) ||
			bytes.Contains(document, []byte("spokewright.dev/environment: hub\n")) && bytes.Contains(document, []byte("not-the-platform"))
	}), separator)
}

// requirePinned compares with an expected file; SPOKEWRIGHT_UPDATE=1 writes it anew.
func requirePinned(t *testing.T, file string, got []byte) {
	t.Helper()
	if os.Getenv("SPOKEWRIGHT_UPDATE") != "" {
		require.NoError(t, os.WriteFile(file, got, 0o644))
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err, "make golden writes it")
	requireSame(t, want, got)
}

func appendTo(t *testing.T, file, text string) {
	t.Helper()
	old, err := os.ReadFile(file)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(file, append(old, text+"\n"...), 0o644))
}

func replaceIn(t *testing.T, file, old, fresh string) {
	t.Helper()
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Contains(t, string(text), old)
	require.NoError(t, os.WriteFile(file, []byte(strings.ReplaceAll(string(text), old, fresh)), 0o644))
}
