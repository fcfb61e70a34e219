package schema

import (
	"testing"

	"github.com/Masterminds/semver/v3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A range with spaces in the place of its commas admits the same versions, to the library that Image Updater has.
func TestBoundsWithSpacesAdmitTheSame(t *testing.T) {
	versions := []string{"0.9.0", "1.0.0", "1.2.3-rc.1", "1.4.0", "1.4.7", "1.5.1", "1.6.2", "1.8.9", "1.9.0", "2.0.0-beta.1", "2.0.0", "3.1.4"}
	for _, follow := range []string{">=1.0, <2.0", ">= 1.0 ,<2.0, !=1.5.1", "~1.4 || ~1.6", ">=1.0,<1.5 || >=1.6, <2", "1.2 - 1.9", "~1.4-0", "^1, <1.6", "*", "1.x", "=1.4.7"} {
		image := Image{Name: "registry.example.com/shop/web", Follow: follow}
		reference := image.Reference()
		assert.NotContains(t, reference, ",")
		want, err := semver.NewConstraint(follow)
		require.NoError(t, err, follow)
		got, err := semver.NewConstraint(reference[len(image.Name)+1:])
		require.NoError(t, err, reference)
		for _, text := range versions {
			version := semver.MustParse(text)
			assert.Equal(t, want.Check(version), got.Check(version), "%s of %q", text, follow)
		}
	}
}
