package main

import (
	"io"
	"strings"

	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/terminal"
	"spokewright.dev/spokewright/internal/textdiff"
)

// formats are the ways in which findings are told: text on stderr for people, all others on stdout for programs.
func formats() []string { return []string{"text", "json", "sarif", "github", "gitlab"} }

// reporter tells findings as the command line asks for.
type reporter struct {
	output         string
	verbose        bool
	stdout, stderr io.Writer
}

// tell writes findings, and is an error where one of them refuses.
func (r reporter) tell(found finding.Findings) error {
	err := r.write(found)
	if err == nil && found.Refuse() {
		return errReported()
	}
	return err
}

func (r reporter) write(found finding.Findings) error {
	switch r.output {
	case "json":
		return finding.JSON(r.stdout, found)
	case "sarif":
		return finding.SARIF(r.stdout, finding.Tool{Name: "spokewright", Version: strings.TrimPrefix(version, "v")}, found)
	case "github":
		return finding.GitHub(r.stdout, found)
	case "gitlab":
		return finding.GitLab(r.stdout, found)
	}
	paint := textdiff.Painter(terminal.Colours(r.stderr))
	text := finding.Text{Verbose: r.verbose, Paint: func(line string) string { return paint((line + " ")[0], line) }}
	return text.Write(r.stderr, found)
}

// failed tells what an error says about the input in the format that was asked for. An error of the tool itself stays an
// error: programs would take half of the findings for all.
func (r reporter) failed(err error) error {
	if r.output == "text" || !finding.IsInput(err) {
		return err
	}
	found, _ := finding.Of(err)
	return r.tell(found)
}
