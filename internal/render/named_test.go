package render

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestFault8WordsThatMeanAnEnvironment takes what people write and what their shells complete.
func TestFault8WordsThatMeanAnEnvironment(t *testing.T) {
	names := []string{"dev", "hub", "overlays"}
	hub, spoke := Target{"dev", "hub"}, Target{"dev", "spoke"}
	for word, want := range map[string][]Target{
		"dev": {hub, spoke}, "dev/": {hub, spoke}, "dev/hub": {hub}, "dev/spoke/": {spoke},
		"environments/dev.names.cue": {hub, spoke}, "environments/dev.cue": {hub, spoke}, "./environments/dev.cue": {hub, spoke},
		"overlays/hub": {{"overlays", "hub"}}, // an environment's name comes first
		"golden/dev":   {hub, spoke}, "golden/dev/hub.yaml": {hub}, "golden/dev/spoke.yaml": {spoke}, "golden/dev/": {hub, spoke},
	} {
		got, err := Named(names, word)
		require.NoError(t, err, word)
		require.Equal(t, want, got, word)
	}
	got, err := Named([]string{"dev"}, "overlays/dev/hub/patch.yaml")
	require.NoError(t, err)
	require.Equal(t, []Target{hub}, got)
	for word, want := range map[string]string{
		"fleet":                   `environments/fleet.cue: found "fleet", which is no environment: this file holds what all share; name environments, or nothing to mean them all`,
		"environments/fleet.cue":  `environments/fleet.cue: found "environments/fleet.cue", which is no environment: this file holds what all share; name environments, or nothing to mean them all`,
		"dve/hub":                 `environments/dve.cue: there is no environment "dve"; did you mean "dev"?`,
		"golden/dve/hub.yaml":     `environments/dve.cue: there is no environment "dve"; did you mean "dev"?`,
		"environments/dev/no.cue": `environments/dev/no.cue: there is no environment "dev/no"`,
		"environments":            `found "environments", allowed are an environment`,
		"":                        `found "", allowed are an environment, one of its planes, and their files: NAME, NAME/PLANE, environments/NAME.cue, overlays/NAME, golden/NAME`,
		"/etc":                    `found "/etc", allowed are an environment, one of its planes, and their files: NAME, NAME/PLANE, environments/NAME.cue, overlays/NAME, golden/NAME`,
		"dev/hbu":                 `dev/hbu: found plane "hbu", allowed is "hub" or "spoke"`,
	} {
		_, err := Named(names, word)
		require.ErrorContains(t, err, want, word)
	}
}
