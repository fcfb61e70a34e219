package finding

import (
	"io"
	"net/url"
	"strings"
)

// Tool names who found it, for formats that ask.
type Tool struct {
	Name, Version, URI string
}

// The types below are the part of SARIF 2.1.0 (OASIS, errata 01) that findings need.
type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool       sarifTool     `json:"tool"`
		ColumnKind string        `json:"columnKind"`
		Results    []sarifResult `json:"results"`
	}
	sarifTool struct {
		Driver sarifDriver `json:"driver"`
	}
	sarifDriver struct {
		Name    string      `json:"name"`
		Version string      `json:"version,omitempty"`
		URI     string      `json:"informationUri,omitempty"`
		Rules   []sarifRule `json:"rules"`
	}
	sarifRule struct {
		ID      string       `json:"id"`
		Short   sarifMessage `json:"shortDescription"`
		Full    sarifMessage `json:"fullDescription"`
		Default struct {
			Level string `json:"level"`
		} `json:"defaultConfiguration"`
	}
	sarifMessage struct {
		Text string `json:"text"`
	}
	sarifResult struct {
		RuleID       string             `json:"ruleId"`
		RuleIndex    int                `json:"ruleIndex"`
		Level        string             `json:"level"`
		Message      sarifMessage       `json:"message"`
		Locations    []sarifLocation    `json:"locations,omitempty"`
		Related      []sarifLocation    `json:"relatedLocations,omitempty"`
		Fingerprints map[string]string  `json:"partialFingerprints"`
		Suppressions []sarifSuppression `json:"suppressions,omitempty"`
	}
	sarifLocation struct {
		Physical *sarifPhysical `json:"physicalLocation,omitempty"`
		Logical  []sarifLogical `json:"logicalLocations,omitempty"`
		Message  *sarifMessage  `json:"message,omitempty"`
	}
	sarifPhysical struct {
		Artifact struct {
			URI    string `json:"uri"`
			BaseID string `json:"uriBaseId"`
		} `json:"artifactLocation"`
		Region *sarifRegion `json:"region,omitempty"`
	}
	sarifRegion struct {
		Line   int `json:"startLine"`
		Column int `json:"startColumn,omitempty"`
	}
	sarifLogical struct {
		Name string `json:"fullyQualifiedName"`
		Kind string `json:"kind"`
	}
	sarifSuppression struct {
		Kind string `json:"kind"`
	}
)

// SARIF is every finding as a SARIF 2.1.0 log of one run; the rules are the codes that were found. What is waived is a
// result that is suppressed.
func SARIF(w io.Writer, tool Tool, all Findings) error {
	sorted := all.Sorted()
	run := sarifRun{ColumnKind: "unicodeCodePoints", Results: make([]sarifResult, 0, len(sorted))}
	run.Tool.Driver = sarifDriver{Name: tool.Name, Version: tool.Version, URI: tool.URI, Rules: []sarifRule{}}
	index := make(map[Code]int)
	for _, entry := range Catalogue() {
		for _, f := range sorted {
			if f.Code == entry.Code {
				index[f.Code] = len(run.Tool.Driver.Rules)
				run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, sarifRuleOf(entry))
				break
			}
		}
	}
	marks := newFingerprints()
	for _, f := range sorted {
		run.Results = append(run.Results, sarifResultOf(f, index[f.Code], marks.of(f)))
	}
	return writeJSON(w, sarifLog{"https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json", "2.1.0", []sarifRun{run}})
}

func sarifRuleOf(entry Entry) sarifRule {
	rule := sarifRule{ID: string(entry.Code), Short: sarifMessage{entry.Title}, Full: sarifMessage{entry.Explanation}}
	rule.Default.Level = entry.Severity.String()
	return rule
}

func sarifResultOf(f Finding, rule int, fingerprint string) sarifResult {
	result := sarifResult{RuleID: string(f.Code), RuleIndex: rule, Level: f.Severity.String(), Message: sarifMessage{f.about()},
		Fingerprints: map[string]string{"spokewright/v1": fingerprint}}
	at := sarifLocation{Physical: sarifPlace(f.Position)}
	if f.Object != (Object{}) {
		at.Logical = append(at.Logical, sarifLogical{f.Object.String(), "object"})
	}
	if f.Path != "" {
		at.Logical = append(at.Logical, sarifLogical{string(f.Path), "member"})
	}
	if at.Physical != nil || at.Logical != nil {
		result.Locations = []sarifLocation{at}
	}
	for _, r := range f.Related {
		result.Related = append(result.Related, sarifLocation{Physical: sarifPlace(r.Position), Message: &sarifMessage{r.Message}})
	}
	if f.Severity == Note {
		result.Suppressions = []sarifSuppression{{"external"}}
	}
	return result
}

func sarifPlace(at Position) *sarifPhysical {
	if at.File == "" {
		return nil
	}
	place := new(sarifPhysical)
	parts := strings.Split(at.File, "/")
	for i, part := range parts {
		parts[i] = url.PathEscape(part)
	}
	place.Artifact.URI, place.Artifact.BaseID = strings.Join(parts, "/"), "%SRCROOT%"
	if at.Line > 0 {
		place.Region = &sarifRegion{at.Line, at.Column}
	}
	return place
}

// about is the finding without its position, which the format has a field for.
func (f Finding) about() string {
	f.Position, f.Severity = Position{}, Error
	if f.Remedy != "" {
		return f.String() + "; " + oneLine(f.Remedy)
	}
	return f.String()
}
