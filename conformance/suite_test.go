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
	"sigs.k8s.io/yaml"

	"spokewright.dev/spokewright/conformance/documents"
	"spokewright.dev/spokewright/manifest"
)

// What `spokewright policies` writes of the sample passes with the real `kyverno test`, which warns of nothing, and fails
// once any one policy lets everything pass.
func TestSuitesPassWithKyverno(t *testing.T) {
	court := newCourt(t)
	folder := filepath.Join(t.TempDir(), "suites")
	spokewright(t, "policies", folder, "prod-eu", "hub/hub", "dev")
	output, ok := court.test(t, folder)
	assert.True(t, ok, output)
	assert.NotContains(t, strings.ToLower(output), "warning")
	summary := regexp.MustCompile(`Test Summary: (\d+) tests passed and 0 tests failed`).FindStringSubmatch(output)
	require.NotNil(t, summary, output)
	t.Logf("%s results as expected", summary[1])

	files, err := filepath.Glob(filepath.Join(folder, "prod-eu/*/policies.yaml"))
	require.NoError(t, err)
	require.Len(t, files, 2)
	for _, file := range files {
		all, err := documents.Read(file)
		require.NoError(t, err)
		for i, document := range all {
			t.Run("weakened/"+document.ID().Name, func(t *testing.T) {
				weaken(t, file, all, i)
				output, ok := court.test(t, filepath.Dir(file))
				assert.False(t, ok, "nobody notices that %s lets everything pass", document.ID())
				assert.Contains(t, output, "Want fail, got pass")
			})
		}
	}
}

// weaken writes the policies with one that lets everything pass.
func weaken(t *testing.T, file string, all []documents.Document, which int) {
	t.Helper()
	before, err := os.ReadFile(file)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, os.WriteFile(file, before, 0o600)) })
	var texts []string
	for i, document := range all {
		policy := manifest.Copy(document.Object)
		if i == which {
			policy["spec"].(map[string]any)["validations"] = []any{map[string]any{"expression": "true"}}
		}
		text, err := yaml.Marshal(policy)
		require.NoError(t, err)
		texts = append(texts, string(text))
	}
	require.NoError(t, os.WriteFile(file, []byte(strings.Join(texts, "---\n")), 0o600))
}

// test runs `kyverno test` and tells whether it is content.
func (c court) test(t *testing.T, folder string) (string, bool) {
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
