package editor

import (
	"cuelang.org/go/cue/ast"
	"cuelang.org/go/cue/cuecontext"
	"cuelang.org/go/cue/parser"

	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"spokewright.dev/spokewright/internal/constraint"
	"spokewright.dev/spokewright/schema"
)

// What editors get knows every field of the definitions, and requires only what no default brings.
func TestEditorCUEKnowsEveryField(t *testing.T) {
	for definition, want := range map[string][]string{"#Environment": defined(t, "environment.cue", "#Environment"), "#Fleet": defined(t, "fleet.cue", "#Fleet")} {
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
	require.Equal(t, []string{"class", "from", "to", "what", "reason", "from", "to", "what", "reason", "url", "revision", "url", "revision", "apiVersion", "kind", "plural", "fields"}, required(text))
	text, err = EditorCUE("#Fleet", "fleet")
	require.NoError(t, err)
	require.Equal(t, []string{"repository", "from", "to", "what", "reason", "from", "to", "what", "reason", "url", "revision", "url", "revision", "apiVersion", "kind", "plural", "fields"}, required(text))
	_, err = EditorCUE("#Cloud7", "cloud")
	require.Error(t, err)
}

// What editors get is a file of its own: CUE finds all that it refers to in it.
func TestEditorCUEStandsAlone(t *testing.T) {
	for definition, name := range map[string]string{"#Environment": "environment", "#Fleet": "fleet"} {
		text, err := EditorCUE(definition, name)
		require.NoError(t, err)
		require.NoError(t, cuecontext.New().CompileBytes(text).Err(), definition)
	}
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

// defined are the names of the fields of a definition, in the order in which they are written.
func defined(t *testing.T, file, definition string) []string {
	t.Helper()
	text, err := schema.Definitions.ReadFile("definitions/" + file)
	require.NoError(t, err)
	syntax, err := parser.ParseFile(file, text)
	require.NoError(t, err)
	var names []string
	for _, decl := range syntax.Decls {
		field, ok := decl.(*ast.Field)
		if !ok {
			continue
		}
		if name, _, _ := ast.LabelName(field.Label); name != definition {
			continue
		}
		for _, inner := range field.Value.(*ast.StructLit).Elts {
			if field, ok := inner.(*ast.Field); ok {
				name, _, _ := ast.LabelName(field.Label)
				names = append(names, name)
			}
		}
	}
	return names
}
