package schema

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"spokewright.dev/spokewright/internal/finding"
)

// What a functionConfig holds is kept or refused as what a spec holds.
func TestFault16InlineTextIsKept(t *testing.T) {
	reader, err := NewReader()
	require.NoError(t, err)
	for name, c := range map[string]struct {
		value any
		told  string
	}{
		"merge key":     {map[string]any{"<<": 1}, `apps.c.values.v["<<"]: found the name "<<", allowed is any other`},
		"no name":       {map[string]any{"": 1}, `apps.c.values.v[""]: found an empty name`},
		"long name":     {map[string]any{strings.Repeat(`"`, 600): 1}, `found a name of 1200 characters, allowed are 1000`},
		"next line":     {"a\u0085b", `apps.c.values.v: found "a\u0085b" with the character U+0085`},
		"in a list":     {[]any{"\u2028"}, `apps.c.values.v[0]: found "\u2028" with the character U+2028`},
		"delete":        {map[string]any{"a\u007f": 1}, `with the character U+007F`},
		"lost digits":   {1.8446744073709552e19, `found 18446744073709552000, a number that does not fit 64 bits`},
		"kept digits":   {uint64(18446744073709551615), ""},
		"kept fraction": {0.5, ""},
		"kept text":     {"a\tb\n\x1b\u00a0", ""},
		"kept name":     {map[string]any{strings.Repeat("n", 900): "x"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			app := map[string]any{"path": "charts/c", "type": "helm", "values": map[string]any{"v": c.value}}
			e, err := reader.Inline("one", map[string]any{
				"class": "development", "role": "hub", "cluster": map[string]any{"cloud": "aws", "region": "eu-west-1"}, "apps": map[string]any{"c": app},
			}, map[string]any{"name": "acme", "owner": "platform", "repository": map[string]any{"url": "https://git.example.com/acme/fleet.git", "revision": "main"}}, nil)
			if c.told == "" {
				require.NoError(t, err)
				require.Equal(t, map[string]any{"v": c.value}, e.Apps["c"].Values)
				return
			}
			var problems finding.Findings
			require.ErrorAs(t, err, &problems)
			require.Len(t, problems, 1, "one slip is one message")
			require.Contains(t, problems[0].String(), c.told)
		})
	}
}
