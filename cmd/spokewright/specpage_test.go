package main

import (
	"bytes"
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestSpecPageHasEveryField counts the fields of docs/spec.md beside those of the JSON Schemas.
func TestSpecPageHasEveryField(t *testing.T) {
	page, err := os.ReadFile("../../docs/spec.md")
	require.NoError(t, err)
	for definition, heading := range map[string]string{"environment": "## environments/NAME.cue\n", "fleet": "## environments/fleet.cue\n"} {
		_, section, found := strings.Cut(string(page), heading)
		require.True(t, found, heading)
		section, _, _ = strings.Cut(section, "\n## ")
		var schema bytes.Buffer
		require.NoError(t, printSchema(&schema, definition, "json"))
		var document any
		require.NoError(t, json.Unmarshal(schema.Bytes(), &document))
		assert.Len(t, regexp.MustCompile("(?m)^\\| `").FindAllString(section, -1), propertiesIn(document), heading)
	}
}

// propertiesIn counts the properties that a JSON Schema names, at any depth.
func propertiesIn(document any) (n int) {
	switch node := document.(type) {
	case map[string]any:
		for key, value := range node {
			properties, is := value.(map[string]any)
			if key == "properties" && is {
				n += len(properties)
				for _, property := range properties {
					n += propertiesIn(property)
				}
			} else {
				n += propertiesIn(value)
			}
		}
	case []any:
		for _, value := range node {
			n += propertiesIn(value)
		}
	}
	return n
}
