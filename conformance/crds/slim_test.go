package crds

import (
	"testing"

	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"

	"spokewright.dev/spokewright/conformance/documents"
)

func TestSlimKeepsEveryRule(t *testing.T) {
	text := `
spec:
  versions:
  - name: v1
    schema:
      openAPIV3Schema:
        description: told to people
        type: object
        required: [description]
        properties:
          description: {type: string, description: told to people, maxLength: 3}
          size: {type: object, default: {description: kept}}
`
	document := documents.Document{Text: []byte(text)}
	require.NoError(t, yaml.Unmarshal(document.Text, &document.Object))
	slim, err := Slim(document)
	require.NoError(t, err)
	require.NotContains(t, string(slim.Text), "told to people")
	require.YAMLEq(t, `
spec:
  versions:
  - name: v1
    schema:
      openAPIV3Schema:
        type: object
        required: [description]
        properties:
          description: {type: string, maxLength: 3}
          size: {type: object, default: {description: kept}}
`, string(slim.Text))
	require.Contains(t, string(document.Text), "told to people", "the other stays as it was")
}
