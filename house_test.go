// Package spokewright holds no code: the rooms are below. This test holds the arrows between them.
package spokewright

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// module is this module's path.
const module = "spokewright.dev/spokewright/"

// floors are the rooms from the bottom up: a room imports only from floors below its own, and functions never meet.
func floors() [][]string {
	return [][]string{
		{"internal/finding"},
		{"internal/constraint", "internal/externalname", "internal/limitfs", "internal/manifest", "internal/terminal",
			"internal/textdiff", "internal/watchdog"},
		{"internal/claim", "internal/constraint/cel", "internal/constraint/cueparse", "internal/crossplane/compositions",
			"internal/crossplane/xrd", "internal/manifest/manifesttest", "internal/mutate"},
		{"internal/constraint/openapi", "internal/crd", "internal/cuefile"},
		{"internal/crossplane/definitions", "schema"},
		{"internal/argocd", "internal/editor", "internal/judge"},
		{"functions/applications", "functions/claims", "functions/credentials", "functions/fleet", "functions/images",
			"functions/namespaces", "functions/policies", "functions/registration", "functions/workspaces"},
		{"functions", "internal/guard", "internal/policytest"},
		{"internal/krm", "internal/kustomize"},
		{"internal/render"},
		{"internal/atomicdir", "internal/check", "internal/doctor", "internal/plugin"},
		{"bench", "cmd/spokewright"},
	}
}

func TestArrowsGoOneWay(t *testing.T) {
	floor := map[string]int{}
	for number, rooms := range floors() {
		for _, room := range rooms {
			floor[room] = number
		}
	}
	out, err := exec.Command("go", "list", "-f", `{{.ImportPath}}{{range .Imports}} {{.}}{{end}}`, "./...").Output()
	require.NoError(t, err)
	seen := 0
	for line := range strings.Lines(string(out)) {
		words := strings.Fields(line)
		room, ours := strings.CutPrefix(words[0], module)
		if !ours {
			continue
		}
		seen++
		require.Contains(t, floor, room, "a new room needs its floor here")
		for _, imported := range words[1:] {
			if other, ours := strings.CutPrefix(imported, module); ours {
				assert.Less(t, floor[other], floor[room], "%s imports %s", room, other)
			}
			for _, heavy := range []string{"github.com/argoproj/", "github.com/kyverno/", "github.com/crossplane/", "k8s.io/kubernetes"} {
				assert.False(t, strings.HasPrefix(imported, heavy), "%s imports %s: only the conformance module may", room, imported)
			}
		}
	}
	assert.Equal(t, len(floor), seen, "a room of the list is gone")
}
