package schema

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"spokewright.dev/spokewright/constraint"
)

// What editors get knows every field of the definitions, and requires only what no default brings.
func TestEditorCUEKnowsEveryField(t *testing.T) {
	text, err := EditorCUE()
	require.NoError(t, err)
	require.True(t, strings.HasPrefix(string(text), "package schema\n"))
	reader, err := NewReader()
	require.NoError(t, err)
	for definition, want := range map[string][]string{"#Environment": fieldNames(reader.environment), "#Fleet": fieldNames(reader.fleet)} {
		got, err := EditorConstraint(definition)
		require.NoError(t, err)
		require.Equal(t, want, fieldNames(got))
		require.NotEmpty(t, want)
	}
	var required []string
	for line := range strings.Lines(string(text)) {
		if name, _, ok := strings.Cut(strings.TrimSpace(line), "!:"); ok {
			required = append(required, name)
		}
	}
	require.Equal(t, []string{"class", "repository", "url", "revision", "apiVersion", "kind", "plural", "fields"}, required)
	require.Contains(t, string(text), "// The Kubernetes version, major and minor, as a string.", "editors show the comments")
}

func fieldNames(c *constraint.Constraint) []string {
	var names []string
	for _, field := range c.Fields {
		names = append(names, field.Name)
	}
	return names
}
