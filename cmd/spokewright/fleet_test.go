package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// writeText writes a file of a fleet, and the folders that it needs.
func writeText(t *testing.T, root, name, text string) {
	t.Helper()
	file := filepath.Join(root, filepath.FromSlash(name))
	require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o755))
	require.NoError(t, os.WriteFile(file, []byte(text), 0o644))
}

// addEnvironment adds a spec with its overlays to a fleet.
func addEnvironment(t *testing.T, root, name, spec string) {
	t.Helper()
	writeText(t, root, "environments/"+name+".cue", spec)
	for _, plane := range []string{"hub", "spoke"} {
		require.NoError(t, writeOverlay(root, name, plane))
	}
}

// readTree reads all files below a folder, by their slash paths in it.
func readTree(t *testing.T, folder string) map[string]string {
	t.Helper()
	files := map[string]string{}
	require.NoError(t, fs.WalkDir(os.DirFS(folder), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := fs.ReadFile(os.DirFS(folder), name)
		files[name] = string(text)
		return err
	}))
	return files
}

// spokewright runs a command line in this process on the fleet at root.
func spokewright(root string, args ...string) (stdout, stderr string, code int) {
	var out, err strings.Builder
	code = run(append([]string{"-C", root}, args...), strings.NewReader(""), &out, &err)
	return out.String(), err.String(), code
}

// requireFine runs a command line that must succeed.
func requireFine(t *testing.T, root string, args ...string) (stdout string) {
	t.Helper()
	stdout, stderr, code := spokewright(root, args...)
	require.Zero(t, code, stderr)
	return stdout
}
