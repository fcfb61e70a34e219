package crds

import (
	"sigs.k8s.io/yaml"

	"spokewright.dev/spokewright/conformance/documents"
	"spokewright.dev/spokewright/internal/manifest"
)

// Slim gives the same definition without what is only told to people. A hub with a hundred of them reads all their texts
// anew whenever one comes, and so does Argo CD.
func Slim(definition documents.Document) (documents.Document, error) {
	object := manifest.Copy(definition.Object)
	spec, _ := object["spec"].(map[string]any)
	versions, _ := spec["versions"].([]any)
	for _, each := range versions {
		version, _ := each.(map[string]any)
		schema, _ := version["schema"].(map[string]any)
		silence(schema["openAPIV3Schema"])
	}
	text, err := yaml.Marshal(object)
	return documents.Document{Source: definition.Source, Text: text, Object: object}, err
}

// silence takes descriptions out of a schema. A property that is called description is a schema itself, and stays.
func silence(value any) {
	switch value := value.(type) {
	case map[string]any:
		if _, told := value["description"].(string); told {
			delete(value, "description")
		}
		for key, each := range value {
			if key != "default" && key != "enum" && key != "example" {
				silence(each)
			}
		}
	case []any:
		for _, each := range value {
			silence(each)
		}
	}
}
