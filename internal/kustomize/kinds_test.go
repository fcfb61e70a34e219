package kustomize

import (
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

// The kinds in which kustomize looks for names are those of the version that we build with.
func TestKindsThatReferByName(t *testing.T) {
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "sigs.k8s.io/kustomize/api").Output()
	require.NoError(t, err)
	source, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(dir)), "internal/konfig/builtinpluginconsts/namereference.go"))
	require.NoError(t, err)
	text := regexp.MustCompile("(?s)nameReferenceFieldSpecs = `(.*?)`").FindSubmatch(source)
	require.Len(t, text, 2)
	var defaults struct {
		NameReference []struct {
			FieldSpecs []struct{ Kind string } `yaml:"fieldSpecs"`
		} `yaml:"nameReference"`
	}
	require.NoError(t, yaml.Unmarshal(text[1], &defaults))
	kinds := map[string]bool{}
	for _, target := range defaults.NameReference {
		for _, referrer := range target.FieldSpecs {
			kinds[referrer.Kind] = true
		}
	}
	require.Equal(t, slices.Sorted(maps.Keys(kinds)), slices.Sorted(maps.Keys(refersByName)))
}
