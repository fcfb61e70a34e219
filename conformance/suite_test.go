package conformance

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"spokewright.dev/spokewright/internal/manifest"
)

// What `spokewright policies` writes of the sample passes with the real `kyverno test`, which warns of nothing, and fails
// once any one policy lets everything pass.
func TestSuitesPassWithKyverno(t *testing.T) {
	t.Parallel()
	kyvernoCLI := newKyvernoCLI(t)
	folder := filepath.Join(t.TempDir(), "suites")
	spokewright(t, "policies", folder, "prod-eu", "hub/hub", "dev")
	output, ok := kyvernoCLI.test(t, folder)
	assert.True(t, ok, output)
	assert.NotContains(t, strings.ToLower(output), "warning")
	summary := regexp.MustCompile(`Test Summary: (\d+) tests passed and 0 tests failed`).FindStringSubmatch(output)
	if assert.NotNil(t, summary, output) {
		t.Logf("%s results as expected", summary[1])
	}

	files, err := filepath.Glob(filepath.Join(folder, "prod-eu/*/*/policy.yaml"))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		t.Run("weakened/"+filepath.Base(filepath.Dir(file)), func(t *testing.T) {
			weaken(t, file)
			output, ok := kyvernoCLI.test(t, filepath.Dir(file))
			assert.False(t, ok, "nobody notices that it lets everything pass")
			assert.Contains(t, output, "Want fail, got pass")
		})
	}
}

// weaken makes a policy let everything pass.
func weaken(t *testing.T, file string) {
	t.Helper()
	policy := objectsIn(t, file)[0]
	policy["spec"].(map[string]any)["validations"] = []any{map[string]any{"expression": "true"}}
	require.NoError(t, os.WriteFile(file, manifest.Stream([]manifest.Object{policy}), 0o600))
}

// test runs `kyverno test` and tells whether it is content.
func (c kyvernoCLI) test(t *testing.T, folder string) (string, bool) {
	t.Helper()
	output, err := exec.CommandContext(c.ctx, c.cli.Program, "test", folder, "--require-tests", "--warnings-as-errors", "--remove-color", "--detailed-results").CombinedOutput()
	if err != nil {
		require.ErrorContains(t, err, "exit status 1", "%s", output)
	}
	return string(output), err == nil
}

// spokewright runs this tree's own program on the sample.
func spokewright(t *testing.T, args ...string) {
	t.Helper()
	cmd := exec.Command(filepath.Join(released(t.Context(), t), "spokewright"), args...)
	cmd.Dir = ".."
	output, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", output)
}
