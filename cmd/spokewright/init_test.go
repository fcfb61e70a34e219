package main

import (
	"bufio"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"spokewright.dev/spokewright/internal/scaffold"
)

// TestTheStartOfTheReadme types the first commands of README.md, word for word.
func TestTheStartOfTheReadme(t *testing.T) {
	page, err := os.ReadFile("../../README.md")
	require.NoError(t, err)
	_, commands, found := strings.Cut(string(page), "```sh\n")
	require.True(t, found)
	commands, _, _ = strings.Cut(commands, "```")
	require.Contains(t, commands, "spokewright init fleet")
	assert.LessOrEqual(t, strings.Count(commands, "\n"), 5, "a start has five commands at most")
	shell := exec.Command("sh", "-ec", commands)
	shell.Dir = t.TempDir()
	out, err := shell.CombinedOutput()
	require.NoError(t, err, string(out))
	assert.Contains(t, string(out), "checked 4 environments of fleet fleet")
}

// TestInitAsks answers as a person does: what a flag said is not asked, an empty line takes what is proposed, and what is
// proposed follows from the answers before.
func TestInitAsks(t *testing.T) {
	var asked strings.Builder
	got := ask(scaffold.Answers{Owner: "team-a"}, "shop", bufio.NewScanner(strings.NewReader("\n\ngcp\nshop-prod\n")), &asked)
	assert.Equal(t, scaffold.Answers{Owner: "team-a", Cloud: "gcp", Account: "shop-prod"}, got)
	assert.Equal(t, "name of the fleet [shop]: address of its Git repository [https://git.example.com/shop/fleet.git]: cloud (aws, azure, gcp) [aws]: "+
		"account, subscription or project []: region [europe-west1]: ", asked.String())
}
