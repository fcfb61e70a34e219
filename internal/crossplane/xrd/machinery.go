package xrd

// What Crossplane adds to every composite resource and claim. Source: internal/xcrd/schemas.go of Crossplane 2.2.0.

// compositeSpec are the fields in a composite resource's spec: directly there in the legacy scope, else all in crossplane.
func compositeSpec(scope, updatePolicy string) map[string]any {
	fields := compositionFields()
	choice := oneOfTexts("Automatic", "Manual")
	choice["default"] = updatePolicy
	fields["compositionUpdatePolicy"] = choice
	resource := map[string]any{"apiVersion": anyText(), "kind": anyText(), "name": anyText()}
	if scope != scopeNamespaced { // a namespaced one composes nothing in other namespaces
		resource["namespace"] = anyText()
	}
	fields["resourceRefs"] = map[string]any{
		"type": "array", "x-kubernetes-list-type": "atomic",
		"items": fieldsSchema(resource, "apiVersion", "kind"),
	}
	if scope == scopeLegacyCluster {
		fields["claimRef"] = texts("apiVersion", "kind", "namespace", "name")
		fields["writeConnectionSecretToRef"] = texts("name", "namespace")
		return fields
	}
	crossplane := fieldsSchema(fields)
	crossplane["description"] = "Configures how Crossplane will reconcile this composite resource"
	return map[string]any{"crossplane": crossplane}
}

// claimSpec are the fields in a claim's spec.
func claimSpec(deletePolicy string) map[string]any {
	fields := compositionFields()
	fields["compositionUpdatePolicy"] = oneOfTexts("Automatic", "Manual")
	choice := oneOfTexts("Background", "Foreground")
	choice["default"] = deletePolicy
	fields["compositeDeletePolicy"] = choice
	fields["resourceRef"] = texts("apiVersion", "kind", "name")
	fields["writeConnectionSecretToRef"] = texts("name")
	return fields
}

// compositionFields choose a composition or one of its revisions.
func compositionFields() map[string]any {
	labels := map[string]any{"type": "object", "additionalProperties": anyText()}
	return map[string]any{
		"compositionRef":              texts("name"),
		"compositionSelector":         fieldsSchema(map[string]any{"matchLabels": labels}, "matchLabels"),
		"compositionRevisionRef":      texts("name"),
		"compositionRevisionSelector": fieldsSchema(map[string]any{"matchLabels": labels}, "matchLabels"),
	}
}

// machineryStatus are the fields in the status. A claim has those of the legacy scope.
func machineryStatus(scope string) map[string]any {
	condition := map[string]any{
		"type": anyText(), "status": anyText(), "reason": anyText(), "message": anyText(),
		"lastTransitionTime": map[string]any{"type": "string", "format": "date-time"},
		"observedGeneration": map[string]any{"type": "integer", "format": "int64"},
	}
	fields := map[string]any{"conditions": map[string]any{
		"description": "Conditions of the resource.",
		"type":        "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": []any{"type"},
		"items": fieldsSchema(condition, "lastTransitionTime", "reason", "status", "type"),
	}}
	if scope == scopeLegacyCluster {
		fields["connectionDetails"] = fieldsSchema(map[string]any{
			"lastPublishedTime": map[string]any{"type": "string", "format": "date-time"},
		})
		fields["claimConditionTypes"] = map[string]any{
			"type": "array", "x-kubernetes-list-type": "set", "items": anyText(),
		}
	}
	return fields
}

func compositeColumns(scope string) []any {
	path := ".spec.crossplane"
	if scope == scopeLegacyCluster {
		path = ".spec"
	}
	revision := column("COMPOSITIONREVISION", "string", path+".compositionRevisionRef.name")
	revision["priority"] = int64(1)
	return []any{
		condition("SYNCED", "Synced"),
		condition("READY", "Ready"),
		column("COMPOSITION", "string", path+".compositionRef.name"),
		revision,
		column("AGE", "date", ".metadata.creationTimestamp"),
	}
}

func claimColumns() []any {
	return []any{
		condition("SYNCED", "Synced"),
		condition("READY", "Ready"),
		column("CONNECTION-SECRET", "string", ".spec.writeConnectionSecretToRef.name"),
		column("AGE", "date", ".metadata.creationTimestamp"),
	}
}

func condition(name, conditionType string) map[string]any {
	return column(name, "string", ".status.conditions[?(@.type=='"+conditionType+"')].status")
}

func column(name, valueType, path string) map[string]any {
	return map[string]any{"name": name, "type": valueType, "jsonPath": path}
}

// texts is the schema of an object with these fields, all of them texts and required.
func texts(names ...string) map[string]any {
	fields := map[string]any{}
	for _, name := range names {
		fields[name] = anyText()
	}
	return fieldsSchema(fields, names...)
}

func fieldsSchema(fields map[string]any, required ...string) map[string]any {
	schema := map[string]any{"type": "object", "properties": fields}
	if len(required) > 0 {
		names := make([]any, len(required))
		for i, name := range required {
			names[i] = name
		}
		schema["required"] = names
	}
	return schema
}

func oneOfTexts(values ...string) map[string]any {
	allowed := make([]any, len(values))
	for i, value := range values {
		allowed[i] = value
	}
	return map[string]any{"type": "string", "enum": allowed}
}

func anyText() map[string]any { return map[string]any{"type": "string"} }
