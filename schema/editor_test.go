package schema

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"spokewright.dev/spokewright/constraint"
)

// What editors get knows every field of the definitions, and requires only what no default brings.
func TestEditorCUEKnowsEveryField(t *testing.T) {
	reader, err := NewReader()
	require.NoError(t, err)
	for definition, want := range map[string][]string{"#Environment": fieldNames(reader.environment), "#Fleet": fieldNames(reader.fleet)} {
		got, err := EditorConstraint(definition)
		require.NoError(t, err)
		require.Equal(t, want, fieldNames(got))
		require.NotEmpty(t, want)
	}
	text, err := EditorCUE("#Environment", "environment")
	require.NoError(t, err)
	require.True(t, strings.HasPrefix(string(text), "package environment\n"))
	require.Contains(t, string(text), "// The Kubernetes version, major and minor, as a string.", "editors show the comments")
	require.NotContains(t, string(text), "#Fleet")
	require.Equal(t, []string{"class", "url", "revision", "apiVersion", "kind", "plural", "fields"}, required(text))
	text, err = EditorCUE("#Fleet", "fleet")
	require.NoError(t, err)
	require.Equal(t, []string{"repository", "url", "revision", "apiVersion", "kind", "plural", "fields"}, required(text)[:7])
	_, err = EditorCUE("#Cloud7", "cloud")
	require.Error(t, err)
}

// required are the fields that a text wants.
func required(text []byte) []string {
	var names []string
	for line := range strings.Lines(string(text)) {
		if name, _, ok := strings.Cut(strings.TrimSpace(line), "!:"); ok {
			names = append(names, name)
		}
	}
	return names
}

func fieldNames(c *constraint.Constraint) []string {
	var names []string
	for _, field := range c.Fields {
		names = append(names, field.Name)
	}
	return names
}
