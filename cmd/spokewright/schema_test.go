package main

import (
	"bytes"
	"os"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v5"
	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"
)

// The JSON Schemas take what stands in a functionConfig of a real fleet, and refuse a misspelt word in it.
func TestJSONSchemasTakeTheYAMLForm(t *testing.T) {
	for file, name := range map[string]string{"fleet": "fleet", "quay": "environment", "berlin": "environment"} {
		var printed bytes.Buffer
		require.NoError(t, printSchema(&printed, name, "json"))
		compiled, err := jsonschema.CompileString(name+".json", printed.String())
		require.NoError(t, err)
		text, err := os.ReadFile("testdata/foreign/inline/" + file + ".yaml")
		require.NoError(t, err)
		var data map[string]any
		require.NoError(t, yaml.Unmarshal(text, &data))
		require.NoError(t, compiled.Validate(data), file)
		data["ownre"] = "nobody"
		require.Error(t, compiled.Validate(data), file)
	}
}
