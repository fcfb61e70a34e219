package main

import (
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/stretchr/testify/require"
)

// TestHelp compares docs/commands.md with the help of every verb: what a user reads first is reviewed like code.
func TestHelp(t *testing.T) {
	var text strings.Builder
	text.WriteString("# Commands\n\nWhat `spokewright VERB --help` prints, for every verb. `make golden` writes this page from the program.\n")
	help(t, root(&options{}), &text)
	requirePinned(t, "../../docs/commands.md", []byte(text.String()))
}

// help collects the help of a command and of all below it, as a user gets it.
func help(t *testing.T, c *cobra.Command, text *strings.Builder) {
	t.Helper()
	if c.Hidden || c.Name() == "help" {
		return
	}
	args := append(strings.Fields(c.CommandPath())[1:], "--help")
	stdout, stderr, code := spokewright(".", args...)
	require.Zero(t, code, stderr)
	text.WriteString("\n## " + c.CommandPath() + "\n\n```text\n" + strings.TrimSpace(stdout) + "\n```\n")
	for _, below := range c.Commands() {
		if c.Name() != "completion" { // what is below it is cobra's own text
			help(t, below, text)
		}
	}
}
