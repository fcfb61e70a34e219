package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// harbour lays the foreign fleet with the overlays that Spokewright itself renders.
func harbour(t *testing.T) (root string) {
	root = t.TempDir()
	require.NoError(t, lay(filepath.Join(root, "environments"), "testdata/foreign/environments"))
	require.NoError(t, lay(filepath.Join(root, "bases"), "testdata/fleet/bases"))
	require.NoError(t, lay(root, "testdata/harbour"))
	for _, name := range []string{"berlin", "quay"} {
		for _, plane := range []string{"hub", "spoke"} {
			writeOlder(t, root, name, plane)
		}
	}
	return root
}

// writeOlder writes an overlay in the form that older fleets have, with a file for each functionConfig.
func writeOlder(t *testing.T, root, name, plane string) {
	t.Helper()
	for file, text := range map[string]string{
		"kustomization.yaml": "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [../../../bases/plane]\n" +
			"generators: [environment.yaml]\ntransformers: [guard.yaml]\nsortOptions: {order: fifo}\n",
		"environment.yaml": config("Environment", name, plane),
		"guard.yaml":       config("Guard", name, plane),
	} {
		writeText(t, root, "overlays/"+name+"/"+plane+"/"+file, text)
	}
}

// place is the overlay that a case is about, by the start of its name.
func place(name string) string {
	switch before, _, _ := strings.Cut(name, ":"); before {
	case "spoke":
		return "berlin/spoke"
	case "quay":
		return "quay/hub"
	}
	return "berlin/hub"
}

// patched is the overlay with what a case adds; a field that the case has stands instead of the overlay's own.
func patched(t *testing.T, root, target, addition string) (dir string) {
	t.Helper()
	file := "overlays/" + target + "/kustomization.yaml"
	old, err := os.ReadFile(filepath.Join(root, file))
	require.NoError(t, err)
	kustomization := ""
	for line := range strings.Lines(string(old)) {
		field, _, _ := strings.Cut(line, ":")
		if !strings.Contains("\n"+addition, "\n"+field+":") {
			kustomization += line
		}
	}
	writeText(t, root, file, kustomization+addition)
	return filepath.Join(root, filepath.Dir(file))
}

// parts divides a case into what is expected, the lines that begin with #, and the rest.
func parts(text string) (expected, addition string) {
	for line := range strings.Lines(text) {
		if words, isExpected := strings.CutPrefix(line, "# "); isExpected {
			expected += words
		} else {
			addition += line
		}
	}
	return expected, addition
}

// TestHostileOverlays builds overlays that each take a protection away. The guard says which, word for word the same in
// the real kustomize and in a render, and nothing comes out of either. SPOKEWRIGHT_THOROUGH=1 shows every one to kustomize.
func TestHostileOverlays(t *testing.T) {
	const file = "testdata/hostile.txtar"
	archive, err := txtar.ParseFile(file)
	require.NoError(t, err)
	require.Greater(t, len(archive.Files), 90)
	t.Run("all", func(t *testing.T) {
		for i, c := range archive.Files {
			t.Run(c.Name, func(t *testing.T) {
				t.Parallel()
				root, target := harbour(t), place(c.Name)
				expected, addition := parts(string(c.Data))
				dir := patched(t, root, target, addition)
				stdout, stderr, code := spokewright(root, "render", "-o", "-", target)
				assert.Equal(t, exitWrong, code)
				assert.Empty(t, stdout)
				found := strings.ReplaceAll(stderr, "overlays/"+target+": ", "")
				if os.Getenv("SPOKEWRIGHT_UPDATE") != "" {
					archive.Files[i].Data = []byte("# " + strings.ReplaceAll(strings.TrimSuffix(found, "\n"), "\n", "\n# ") + "\n" + addition)
				} else {
					assert.Equal(t, expected, found)
				}
				if i%3 > 0 && os.Getenv("SPOKEWRIGHT_THOROUGH") == "" {
					return // one in three with the real kustomize, which takes its time
				}
				stdout, real, ok := tryKustomize(t, dir, "--enable-alpha-plugins", "--enable-exec")
				assert.False(t, ok)
				assert.Empty(t, stdout)
				assert.Equal(t, stderr+"Error: couldn't execute function: exit status 2 \n", withoutWarnings(real))
			})
		}
	})
	if os.Getenv("SPOKEWRIGHT_UPDATE") != "" {
		require.NoError(t, os.WriteFile(file, txtar.Format(archive), 0o644))
	}
}

// withoutWarnings takes away kustomize's own advice.
func withoutWarnings(stderr string) (rest string) {
	for line := range strings.Lines(stderr) {
		if !strings.HasPrefix(line, "# Warning:") {
			rest += line
		}
	}
	return rest
}

// TestKindOverlays builds overlays that add what teams may add.
func TestKindOverlays(t *testing.T) {
	archive, err := txtar.ParseFile("testdata/kind.txtar")
	require.NoError(t, err)
	for _, c := range archive.Files {
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			root, target := harbour(t), place(c.Name)
			before := requireFine(t, root, "render", "-o", "-", target)
			expected, addition := parts(string(c.Data))
			dir := patched(t, root, target, addition)
			after := requireFine(t, root, "render", "-o", "-", target)
			assert.True(t, strings.Contains(after, strings.TrimSpace(expected)), "%s is not there", expected)
			assert.NotEqual(t, before, after)
			requireSame(t, []byte(after), runKustomize(t, dir, "--enable-alpha-plugins", "--enable-exec"))
		})
	}
}
