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

// Text writes a text as a CEL literal, whose escapes are those of JSON.
func Text(name any) string {
	text, err := json.Marshal(name)
	if err != nil {
		panic(err) // strings always marshal
	}
	return string(text)
}
