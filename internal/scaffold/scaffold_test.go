package scaffold

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"spokewright.dev/spokewright/internal/baseline"
)

// TestEveryCloud begins a fleet on each: Files renders it, so its spec is legal, and what nobody named is marked.
func TestEveryCloud(t *testing.T) {
	program, err := baseline.Own()
	require.NoError(t, err)
	for _, cloud := range Clouds() {
		a := Answers{Cloud: cloud}.WithDefaults("My Fleet_2")
		require.NoError(t, a.Judge())
		assert.Equal(t, "my-fleet-2", a.Name)
		files, err := Files(a, program)
		require.NoError(t, err, cloud)
		assert.Contains(t, string(files["environments/fleet.cue"]), "REPLACE")
		for name, text := range files {
			for _, foreign := range []string{"<%", "111122223333", "lighthouse"} {
				assert.NotContains(t, string(text), foreign, "%s on %s", name, cloud)
			}
		}
		again, err := Files(a, program)
		require.NoError(t, err)
		assert.Equal(t, files, again)
	}
}

func TestPlaceholdersHaveTheFormOfAccounts(t *testing.T) {
	for _, c := range clouds() {
		assert.Regexp(t, c.form, c.account, c.name)
		assert.Contains(t, Answers{Cloud: c.name}.AccountField(), c.account)
		assert.Contains(t, Answers{Cloud: c.name, Account: "mine"}.AccountField(), `"mine"`)
	}
}

func TestNameOfAFolder(t *testing.T) {
	for folder, want := range map[string]string{"fleet": "fleet", "Shop Fleet": "shop-fleet", "2026": "fleet-2026", "--": "fleet", ".": "fleet"} {
		assert.Equal(t, want, nameOf(folder), folder)
	}
}
