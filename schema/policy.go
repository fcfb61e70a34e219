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
		text, err := json.Marshal(name)
		if err != nil {
			panic(err) // strings always marshal
		}
		quoted[i] = string(text)
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}
