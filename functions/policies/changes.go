package policies

import (
	"strings"

	"spokewright.dev/spokewright/internal/constraint"
	"spokewright.dev/spokewright/internal/constraint/cel"
)

// deleted says in CEL of what is changed that somebody has deleted it: controllers take their finalizers off, and nothing
// may stop them. The metadata stand in brackets, or Kyverno would read those of a template instead.
const deleted = "oldObject[?'metadata'].?deletionTimestamp.hasValue()"

// stays is the name of the condition that leaves out what is being deleted.
const stays = "not-being-deleted"

func staying() map[string]any {
	return condition(stays, "!(request.operation == 'UPDATE' && "+deleted+")")
}

// changed says in CEL that an object keeps a constraint; on UPDATE, that it keeps each part of it that hangs on something
// which is changed. An object that is older than its rule can so be labelled, approved and grown, and is never changed
// into something forbidden. Of a kind that is scaled, what nobody wrote is not there.
func changed(require *constraint.Constraint, kind string) string {
	var parts []string
	for _, part := range require.Parts() {
		if len(part.Reads()) > 0 {
			parts = append(parts, "request.operation == 'UPDATE' && "+cel.Same(part, "object", "oldObject")+" || "+leftOut(part, kind)+cel.Expression(part, "object"))
		}
	}
	switch len(parts) {
	case 0:
		return cel.Expression(require, "object")
	case 1:
		return parts[0]
	}
	return "(" + strings.Join(parts, ") && (") + ")"
}
