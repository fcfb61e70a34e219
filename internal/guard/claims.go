package guard

import (
	"spokewright.dev/spokewright/internal/claim"
	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/manifest"
)

// clusterFields, poolFields and databaseFields are the fields of a claim that a patch may change, and how far. All other fields
// that a claim was made with stay as they are: they say what it is, and a cloud would make it anew.
func clusterFields() map[string]keeping {
	return map[string]keeping{"nodes.min": atLeast, "nodes.max": atLeast, "nodes.size": some}
}

func poolFields() map[string]keeping {
	return map[string]keeping{"min": atLeast, "max": atLeast, "size": some}
}

func databaseFields() map[string]keeping {
	return map[string]keeping{
		"size": some, "storageGB": atLeast, "backups.retentionDays": atLeast, "highlyAvailable": atLeast, "encrypted": atLeast,
	}
}

// claimed are the promises of a claim. Its kind may be the fleet's own, with its fields elsewhere.
func claimed(kind claim.Kind, fields map[string]keeping, want manifest.Object) []promise {
	loose := make(map[finding.Path]keeping, len(fields))
	for ours, keeps := range fields {
		if kind.Fields == nil {
			loose[finding.Path("spec."+ours)] = keeps
		} else if theirs, mapped := kind.Fields[ours]; mapped {
			loose[finding.Path(theirs)] = keeps
		}
	}
	// What Crossplane fills in by itself: written here, it takes hold of somebody else's objects.
	promises := []promise{
		{"spec.resourceRef", same}, {"spec.compositionRef", same}, {"spec.compositionRevisionRef", same}, {"spec.crossplane", same},
	}
	return append(promises, leaves(at(want, "spec"), "spec", loose)...)
}

// leaves are the promises of all plain fields below a path.
func leaves(v any, path finding.Path, loose map[finding.Path]keeping) []promise {
	fields, ok := v.(map[string]any)
	if keeps, isLoose := loose[path]; isLoose {
		return []promise{{path, keeps}}
	}
	if !ok {
		return []promise{{path, same}}
	}
	var promises []promise
	for _, name := range sorted(fields) {
		if path != "spec" || name != "crossplane" {
			promises = append(promises, leaves(fields[name], path.Keys(name), loose)...)
		}
	}
	return promises
}
