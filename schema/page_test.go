package schema

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"spokewright.dev/spokewright/internal/constraint"
)

// docs/spec.md is the definitions for people: every field with its comment and what it may be. SPOKEWRIGHT_UPDATE=1 writes it anew.
func TestThePageOfTheSpecIsTheDefinitions(t *testing.T) {
	const file = "../docs/spec.md"
	var page strings.Builder
	page.WriteString("# The spec\n\nEvery field that a file in `environments/` may have, with the comment of its definition; `make golden` writes this page. NAME stands\n" +
		"for a name of your own, `[]` for each element of a list. Nearly every field has a default, from Spokewright, the fleet or the class\n" +
		"([the last section](#defaults)): the last one that says something counts. What must hold between fields, `spokewright check` says.\n")
	definitions := tables()
	for _, c := range []struct {
		name string
		*constraint.Constraint
	}{{SpecFile("NAME"), definitions.environment}, {FleetFile, definitions.fleet}} {
		fmt.Fprintf(&page, "\n## %s\n\n%s\n\n| field | what it says | allowed |\n|---|---|---|\n%s", c.name, inCell(c.Doc), fieldRows(t, "", c.Constraint))
	}
	defaults, err := Definitions.ReadFile("definitions/defaults.cue")
	require.NoError(t, err)
	fmt.Fprintf(&page, "\n## Defaults\n\nWhat Spokewright brings, in the form of a `fleet.cue`; a fleet's own goes over it.\n\n```cue\n%s```\n", defaults)
	if os.Getenv("SPOKEWRIGHT_UPDATE") != "" {
		require.NoError(t, os.WriteFile(file, []byte(page.String()), 0o644))
	}
	got, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, page.String(), string(got), "make golden writes it")
}

// fieldRows are the rows of the fields below a place, each followed by those below it.
func fieldRows(t *testing.T, at string, c *constraint.Constraint) string {
	t.Helper()
	var rows strings.Builder
	for _, field := range c.Fields {
		if field.Presence == constraint.Forbidden {
			continue
		}
		name := at + field.Name
		assert.NotEmpty(t, field.Value.Doc, "%s has no comment", name)
		fmt.Fprintf(&rows, "| `%s` | %s | %s |\n", name, inCell(field.Value.Doc), inCell(allowed(field.Value)))
		rows.WriteString(fieldRows(t, name+".", field.Value))
	}
	for _, pattern := range c.Patterns {
		rows.WriteString(fieldRows(t, at+"NAME.", pattern.Value))
	}
	if c.Elements != nil {
		rows.WriteString(fieldRows(t, strings.TrimSuffix(at, ".")+"[].", c.Elements))
	}
	return rows.String()
}

// allowed says what a value may be, in the words that findings have for it.
func allowed(c *constraint.Constraint) string {
	switch {
	case c.Phrase != "":
		return c.Phrase
	case len(c.Fields) > 0:
		return "the fields below"
	case len(c.Patterns) == 1:
		return "by name: " + allowed(c.Patterns[0].Value)
	case c.Elements != nil:
		return "a list, each: " + allowed(c.Elements)
	case len(c.AnyOf) > 0:
		var words []string
		for _, one := range c.AnyOf {
			words = append(words, allowed(one))
		}
		return strings.Join(words, " or ")
	}
	return c.String()
}

// inCell is a text as a table's cell has it.
func inCell(text string) string {
	return strings.NewReplacer("\n", " ", "|", "\\|", "<", "&lt;").Replace(strings.TrimSpace(text))
}
