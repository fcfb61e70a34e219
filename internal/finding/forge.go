package finding

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"strings"
)

// GitHub is every finding as a workflow command, which GitHub Actions shows at the line:
// ::error file=environments/dev.cue,line=3,col=18,title=wrong-value::apps.web.path: found ...
func GitHub(w io.Writer, all Findings) error {
	level := map[Severity]string{Error: "error", Warning: "warning", Note: "notice"}
	data := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	property := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
	var text strings.Builder
	for _, f := range all.Sorted() {
		var properties []string
		if f.File != "" {
			properties = append(properties, "file="+property.Replace(f.File))
		}
		if f.Line > 0 {
			properties = append(properties, fmt.Sprintf("line=%d", f.Line))
		}
		if f.Column > 0 {
			properties = append(properties, fmt.Sprintf("col=%d", f.Column))
		}
		properties = append(properties, "title="+property.Replace(string(f.Code)))
		fmt.Fprintf(&text, "::%s %s::%s\n", level[f.Severity], strings.Join(properties, ","), data.Replace(f.explained()))
	}
	_, err := io.WriteString(w, text.String())
	return err
}

type (
	gitLabIssue struct {
		Description string         `json:"description"`
		CheckName   string         `json:"check_name"`
		Fingerprint string         `json:"fingerprint"`
		Severity    string         `json:"severity"`
		Location    gitLabLocation `json:"location"`
	}
	gitLabLocation struct {
		Path  string `json:"path"`
		Lines struct {
			Begin int `json:"begin"`
		} `json:"lines"`
	}
)

// GitLab is every finding as a code quality report of GitLab, which shows it in the merge request. Where no file is
// meant, the report needs one nevertheless: it is the fleet's folder.
func GitLab(w io.Writer, all Findings) error {
	level := map[Severity]string{Error: "major", Warning: "minor", Note: "info"}
	issues := make([]gitLabIssue, 0, len(all))
	marks := newFingerprints()
	for _, f := range all.Sorted() {
		issue := gitLabIssue{Description: f.explained(), CheckName: string(f.Code), Fingerprint: marks.of(f), Severity: level[f.Severity]}
		issue.Location.Path, issue.Location.Lines.Begin = f.File, max(f.Line, 1)
		if f.File == "" {
			issue.Location.Path = "."
		}
		issues = append(issues, issue)
	}
	return writeJSON(w, issues)
}

// explained is the finding without its place, and behind it what other places say of it.
func (f Finding) explained() string {
	return strings.Join(append([]string{f.about()}, f.elsewhere()...), "; ")
}

// fingerprints tell findings apart from run to run, wherever their lines have moved to.
type fingerprints map[string]int

func newFingerprints() fingerprints { return fingerprints{} }

func (known fingerprints) of(f Finding) string {
	what := strings.Join([]string{string(f.Code), f.File, f.Object.String(), string(f.Path), f.Message}, "\x00")
	known[what]++
	if n := known[what]; n > 1 {
		what += fmt.Sprintf("\x00%d", n)
	}
	sum := sha256.Sum256([]byte(what))
	return hex.EncodeToString(sum[:16])
}
