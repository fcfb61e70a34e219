package review

import (
	"bytes"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"spokewright.dev/spokewright/internal/change"
)

// documented is the schema of docs, which here knows every field or refuses it.
func documented(t *testing.T) *jsonschema.Schema {
	t.Helper()
	text, err := os.ReadFile("../../docs/diff.schema.json")
	require.NoError(t, err)
	var schema any
	require.NoError(t, json.Unmarshal(text, &schema))
	closeObjects(schema)
	text, err = json.Marshal(schema)
	require.NoError(t, err)
	compiler := jsonschema.NewCompiler()
	require.NoError(t, compiler.AddResource("schema.json", bytes.NewReader(text)))
	compiled, err := compiler.Compile("schema.json")
	require.NoError(t, err)
	return compiled
}

// closeObjects lets no object have other fields than its schema names. What counts is for others to extend.
func closeObjects(schema any) {
	switch schema := schema.(type) {
	case map[string]any:
		if properties, ok := schema["properties"].(map[string]any); ok && properties["refused"] == nil || schema["allOf"] != nil {
			schema["additionalProperties"] = false
		}
		for _, below := range schema {
			closeObjects(below)
		}
	case []any:
		for _, below := range schema {
			closeObjects(below)
		}
	}
}

func TestJSONIsAsDocumented(t *testing.T) {
	schema := documented(t)
	for name, r := range map[string]*Report{"small": New(small()), "none": New(change.Review{}, About{}), "large": New(large(20))} {
		var value any
		require.NoError(t, json.Unmarshal([]byte(printed(t, JSON, r)), &value))
		require.NoError(t, schema.Validate(value), name)
	}
	var value map[string]any
	require.NoError(t, json.Unmarshal([]byte(printed(t, JSON, New(small()))), &value))
	assert.InEpsilon(t, 2, value["exitCode"], 0)
	value["changes"].([]any)[0].(map[string]any)["undocumented"] = true
	require.Error(t, schema.Validate(value), "a field that docs/diff.schema.json does not name is noticed")
}

func TestAnEnvironmentNamesItsChanges(t *testing.T) {
	var value struct {
		Environments []struct {
			Name, Status string
			Changes      []string
		}
		Changes []struct {
			ID     string
			Places []struct{ Environment string }
		}
	}
	require.NoError(t, json.Unmarshal([]byte(printed(t, JSON, New(small()))), &value))
	places := map[string]int{}
	ids := map[string]bool{}
	for _, c := range value.Changes {
		assert.False(t, ids[c.ID], c.ID)
		ids[c.ID] = true
		for _, p := range c.Places {
			places[p.Environment]++
		}
	}
	for _, e := range value.Environments {
		assert.Len(t, e.Changes, places[e.Name], e.Name)
		assert.Equal(t, e.Status == "changed", len(e.Changes) > 0)
		for _, id := range e.Changes {
			assert.True(t, ids[id], id)
		}
	}
}

// The order of classes is one: that of the package, of the page's table from the worst on, and of the schema.
func TestClassesHaveOneOrder(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/diff.md")
	require.NoError(t, err)
	_, table, found := strings.Cut(string(page), "| class | what happens | exit code |\n")
	require.True(t, found)
	var told []string
	for line := range strings.Lines(table) {
		name := strings.TrimSpace(strings.SplitN(line+"| | ", "|", 3)[1])
		if !strings.HasPrefix(line, "|") || name == "" {
			break
		}
		told = append(told, name)
	}
	text, err := os.ReadFile("../../docs/diff.schema.json")
	require.NoError(t, err)
	var schema struct {
		Defs struct{ Class struct{ Enum []string } } `json:"$defs"`
	}
	require.NoError(t, json.Unmarshal(text, &schema))
	var classes []string
	for _, class := range change.Classes() {
		classes = append(classes, string(class))
	}
	assert.Equal(t, classes, schema.Defs.Class.Enum)
	slices.Reverse(classes)
	assert.Equal(t, append([]string{"---"}, classes...), told)
}
