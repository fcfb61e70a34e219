package cel

import (
	"encoding/json"
	"strings"
)

// Texts writes a list of plain names as a CEL list.
func Texts(names []any) string {
	quoted := make([]string, len(names))
	for i, name := range names {
		quoted[i] = Text(name)
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}

// Column writes a list of plain names as a CEL list with one of them a line: who adds one changes no other's line.
func Column(names []any) string {
	var list strings.Builder
	for _, name := range names {
		list.WriteString("  " + Text(name) + ",\n")
	}
	if list.Len() == 0 {
		return "[]"
	}
	return "[\n" + list.String() + "]"
}

// Text writes a text as a CEL literal, whose escapes are those of JSON.
func Text(name any) string {
	text, err := json.Marshal(name)
	if err != nil {
		panic(err) // strings always marshal
	}
	return string(text)
}
