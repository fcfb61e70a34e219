package schema

import (
	"encoding/json"
	"strings"
)

// PolicyVersion is the apiVersion of Kyverno's policies: v1 is served since Kyverno 1.18, v1beta1 before.
func (f *Fleet) PolicyVersion() string {
	if f.Targets.Kyverno.Before("1.18") {
		return "policies.kyverno.io/v1beta1"
	}
	return "policies.kyverno.io/v1"
}

// CELStrings writes a list of plain names as a CEL list.
func CELStrings(names []any) string {
	quoted := make([]string, len(names))
	for i, name := range names {
		quoted[i] = CELString(name)
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}

// CELString writes a text as a CEL literal, whose escapes are those of JSON.
func CELString(name any) string {
	text, err := json.Marshal(name)
	if err != nil {
		panic(err) // strings always marshal
	}
	return string(text)
}
