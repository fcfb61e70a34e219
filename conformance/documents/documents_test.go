package documents

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func file(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file.yaml")
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

func TestReadKeepsTextAndFindsObjects(t *testing.T) {
	path := file(t, `# a comment alone
---
kind: A # stays
metadata: {name: a, namespace: quay}
script: |
  ---
  inside
--- # b
kind: B
---
`)
	all, err := Read(path)
	require.NoError(t, err)
	require.Len(t, all, 2)
	require.Equal(t, path+"[1]", all[0].Source)
	require.Equal(t, "\nkind: A # stays\nmetadata: {name: a, namespace: quay}\nscript: |\n  ---\n  inside\n", string(all[0].Text))
	require.Equal(t, "A quay/a", all[0].ID().String())
	require.Equal(t, "B", all[1].ID().Kind)
}

func TestReadRefusesKeysThatOccurTwice(t *testing.T) {
	_, err := Read(file(t, "kind: A\nspec: {a: 1, a: 2}\n"))
	require.ErrorContains(t, err, `"a" already set in map`)
}

func TestReadFolderGoesDown(t *testing.T) {
	folder := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(folder, "below"), 0o755))
	for _, name := range []string{"b.yaml", "below/a.yaml", "c.txt"} {
		require.NoError(t, os.WriteFile(filepath.Join(folder, name), []byte("kind: "+name), 0o600))
	}
	all, err := ReadFolder(folder)
	require.NoError(t, err)
	require.Len(t, all, 2)
	require.Equal(t, "b.yaml", all[0].ID().Kind)
	require.Equal(t, "below/a.yaml", all[1].ID().Kind)
	_, err = ReadFolder(filepath.Join(folder, "missing"))
	require.Error(t, err)
}
