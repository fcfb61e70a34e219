package finding

import (
	"encoding/json"
	"io"
)

// JSON is every finding for programs: {"schemaVersion": 1, "findings": [...]}. Fields are added, never changed.
func JSON(w io.Writer, all Findings) error {
	list := make([]asJSON, 0, len(all))
	for _, f := range all.Sorted() {
		one := asJSON{
			File: f.File, Line: f.Line, Column: f.Column, Code: string(f.Code), Severity: f.Severity.String(),
			Object: f.Object.String(), Field: string(f.Path), Message: f.Sentence(), Warning: f.Severity != Error,
			Suggestion: f.Suggestion, Remedy: f.Remedy, Difference: f.Detail,
		}
		for _, r := range f.Related {
			one.Related = append(one.Related, relatedJSON{r.File, r.Line, r.Column, r.Message})
		}
		list = append(list, one)
	}
	return writeJSON(w, struct {
		Findings      []asJSON `json:"findings"`
		SchemaVersion int      `json:"schemaVersion"`
	}{list, 1})
}

type asJSON struct {
	File       string        `json:"file"`
	Line       int           `json:"line,omitempty"`
	Column     int           `json:"column,omitempty"`
	Code       string        `json:"code"`
	Severity   string        `json:"severity"`
	Object     string        `json:"object,omitempty"`
	Field      string        `json:"field,omitempty"`
	Message    string        `json:"message"`
	Warning    bool          `json:"warning,omitempty"` // it does not refuse
	Suggestion string        `json:"suggestion,omitempty"`
	Remedy     string        `json:"remedy,omitempty"`
	Related    []relatedJSON `json:"related,omitempty"`
	Difference string        `json:"difference,omitempty"`
}

type relatedJSON struct {
	File    string `json:"file"`
	Line    int    `json:"line,omitempty"`
	Column  int    `json:"column,omitempty"`
	Message string `json:"message"`
}

func writeJSON(w io.Writer, value any) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(value)
}
