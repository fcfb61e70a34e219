package conformance

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"spokewright.dev/spokewright/conformance/documents"
	"spokewright.dev/spokewright/internal/manifest"
)

// planes are all overlays NAME/PLANE of the sample, the fleet at the root. Each has a golden file.
func planes(t *testing.T) []string {
	t.Helper()
	folders, err := filepath.Glob("../overlays/*/*")
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(folders), 10)
	var all []string
	for _, folder := range folders {
		plane := strings.TrimPrefix(filepath.ToSlash(folder), "../overlays/")
		require.FileExists(t, "../golden/"+plane+".yaml")
		all = append(all, plane)
	}
	return all
}

// copyOfSample copies the sample to where it can be changed.
func copyOfSample(t *testing.T) string {
	t.Helper()
	root := t.TempDir()
	for _, folder := range []string{"environments", "bases", "overlays", "golden"} {
		require.NoError(t, os.CopyFS(filepath.Join(root, folder), os.DirFS(filepath.Join("..", folder))))
	}
	return root
}

// objectsOf are the objects of a stream of YAML or JSON, in their order.
func objectsOf(t *testing.T, text []byte) []manifest.Object {
	t.Helper()
	file := filepath.Join(t.TempDir(), "objects.yaml")
	require.NoError(t, os.WriteFile(file, text, 0o644))
	all, err := documents.Read(file)
	require.NoError(t, err)
	var objects []manifest.Object
	for _, document := range all {
		objects = append(objects, document.Object)
	}
	return objects
}

// released is a folder that holds nothing but the static program that is released.
func released(ctx context.Context, t *testing.T) string {
	t.Helper()
	bin := t.TempDir()
	build := exec.CommandContext(ctx, "go", "build", "-trimpath", "-buildvcs=false", "-o", filepath.Join(bin, "spokewright"), "./cmd/spokewright")
	build.Dir, build.Env = "..", append(os.Environ(), "CGO_ENABLED=0")
	output, err := build.CombinedOutput()
	require.NoError(t, err, string(output))
	return bin
}
