package main

import (
	"debug/buildinfo"
	"encoding/json"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// The bill of a program names every module that is linked into it, each once, and no other.
func TestBillNamesWhatIsLinked(t *testing.T) {
	self := filepath.Join(t.TempDir(), "program") // tests themselves do not say what is linked into them
	output, err := exec.CommandContext(t.Context(), "go", "build", "-o", self, "../parts").CombinedOutput()
	require.NoError(t, err, string(output))
	info, err := buildinfo.ReadFile(self)
	require.NoError(t, err)
	require.NotEmpty(t, info.Deps)

	made, err := read(self)
	require.NoError(t, err)
	text, err := made.json()
	require.NoError(t, err)
	var got bill
	require.NoError(t, json.Unmarshal(text, &got))

	want := map[string]string{}
	for _, dep := range info.Deps {
		want[dep.Path] = dep.Version
	}
	refs := map[string]bool{got.Metadata.Component.Ref: true}
	for _, c := range got.Components {
		require.False(t, refs[c.Ref], "%s is there twice", c.Ref)
		refs[c.Ref] = true
		require.Equal(t, "pkg:golang/"+c.Name+"@", c.PURL[:len("pkg:golang/"+c.Name+"@")])
		if c.Name == "std" {
			require.Equal(t, info.GoVersion, "go"+c.Version)
			continue
		}
		require.Equal(t, want[c.Name], c.Version)
		delete(want, c.Name)
	}
	require.Empty(t, want, "linked, but not in the bill")
	require.Len(t, got.Dependencies[0].DependsOn, len(got.Components))
	require.Len(t, got.Metadata.Component.Hashes[0].Content, 64)

	again, err := read(self)
	require.NoError(t, err)
	same, err := again.json()
	require.NoError(t, err)
	require.Equal(t, string(text), string(same))
}

func TestNoGoProgramHasNoBill(t *testing.T) {
	_, err := read("bill.go")
	require.Error(t, err)
}
