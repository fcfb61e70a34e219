package story

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"spokewright.dev/spokewright/conformance/documents"
	"spokewright.dev/spokewright/internal/manifest"
)

func TestPageGivesCommandsByHeading(t *testing.T) {
	file := filepath.Join(t.TempDir(), "page.md")
	text := "# A page\n\n## One\n\n```sh\na\nb\n```\n\n```yaml\nno\n```\n\n```sh\nc\n```\n\n## Two\n\nwords\n\n## Three\n\n```sh\nd\n```\n"
	require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
	page, err := ReadPage(file)
	require.NoError(t, err)
	blocks, err := page.Commands("One")
	require.NoError(t, err)
	require.Equal(t, []string{"a\nb\n", "c\n"}, blocks)
	_, err = page.Commands("Two")
	require.ErrorContains(t, err, `has no commands under "Two"`)
	require.Equal(t, []string{"Three"}, page.Unread())
	require.Empty(t, page.Unread("Three"))
}

// The story takes the commands of the page of rehearsals by their numbers: how the second hub starts, and what shows that nothing is new.
func TestThePageOfRehearsalsHasTheCommands(t *testing.T) {
	page, err := ReadPage("../../docs/rehearsal.md")
	require.NoError(t, err)
	blocks, err := page.Commands(losingTheHub)
	require.NoError(t, err)
	require.Len(t, blocks, 2)
	require.Contains(t, blocks[0], "kubectl apply -f golden/hub/root.yaml")
	require.Contains(t, blocks[1], "git diff --exit-code -- environments")
}

func TestPromisedAreApplicationsAndWhatSetsMake(t *testing.T) {
	set := manifest.New("argoproj.io/v1alpha1", "ApplicationSet", "argocd", "apps")
	element := func(name string) any { return map[string]any{"name": name} }
	set["spec"] = map[string]any{"generators": []any{map[string]any{"list": map[string]any{"elements": []any{element("b"), element("a")}}}}}
	one := manifest.New("argoproj.io/v1alpha1", "Application", "argocd", "c")
	other := manifest.New("v1", "Namespace", "", "d")
	require.Equal(t, []string{"a", "b", "c"}, promised([]documents.Document{{Object: set}, {Object: one}, {Object: other}}))
}
