package conformance

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The page about rules tells what happens: its blocks are run in a copy of the sample, in order, and what its commands say
// is what stands there. SPOKEWRIGHT_UPDATE=1 writes the page anew.
func TestRulesPage(t *testing.T) {
	t.Parallel()
	kyvernoCLI := newKyvernoCLI(t)
	const page = "../docs/rules.md"
	text, err := os.ReadFile(page)
	require.NoError(t, err)
	root := copyOfSample(t)
	path := strings.Join([]string{released(t.Context(), t), filepath.Dir(kyvernoCLI.cli.Program), os.Getenv("PATH")}, string(os.PathListSeparator))

	var run strings.Builder
	ran := 0
	for i, part := range strings.SplitAfter(string(text), "```") {
		head, body, _ := strings.Cut(part, "\n")
		body = strings.TrimSuffix(body, "```")
		switch language, file, redirected := strings.Cut(head, " "); {
		case i%2 == 0: // prose
		case redirected:
			put(t, root, file, body)
		case language == "console":
			part = "console\n" + console(t, root, path, body) + "```"
			ran++
		default:
			t.Fatalf("a block that is neither a file nor run: %s", head)
		}
		run.WriteString(part)
	}
	require.GreaterOrEqual(t, ran, 4)
	if os.Getenv("SPOKEWRIGHT_UPDATE") != "" {
		require.NoError(t, os.WriteFile(page, []byte(run.String()), 0o644))
		return
	}
	assert.Equal(t, string(text), run.String())
}

// put writes a block to a file: "> FILE", or ">> FILE" to its end.
func put(t *testing.T, root, where, text string) {
	t.Helper()
	sign, name, found := strings.Cut(where, " ")
	require.True(t, found, where)
	name = filepath.Join(root, filepath.FromSlash(name))
	if sign == ">>" {
		before, err := os.ReadFile(name)
		require.NoError(t, err)
		text = string(before) + text
	}
	require.NoError(t, os.WriteFile(name, []byte(text), 0o600))
}

// console runs the commands of a block and gives the block with what they say now.
func console(t *testing.T, root, path, block string) string {
	t.Helper()
	var now strings.Builder
	for line := range strings.Lines(block) {
		command, is := strings.CutPrefix(line, "$ ")
		if !is {
			continue
		}
		cmd := exec.CommandContext(t.Context(), "sh", "-c", command)
		cmd.Dir, cmd.Env = root, append(os.Environ(), "PATH="+path, "NO_COLOR=1")
		output, err := cmd.CombinedOutput()
		if _, failed := err.(*exec.ExitError); err != nil && !failed {
			t.Fatal(err)
		}
		now.WriteString(line)
		for said := range strings.Lines(strings.Trim(string(output), "\n")) {
			if said = strings.TrimRight(said, " \n"); said != "" {
				fmt.Fprintln(&now, said)
			}
		}
	}
	return now.String()
}
