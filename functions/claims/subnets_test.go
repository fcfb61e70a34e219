package claims

import (
	"net/netip"
	"testing"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"
	"spokewright.dev/spokewright/internal/property"
)

func TestSubnets(t *testing.T) {
	assert.Equal(t, []any{"10.40.0.0/18", "10.40.64.0/18", "10.40.128.0/18", "10.40.192.0/20", "10.40.208.0/20", "10.40.224.0/20"}, Subnets("10.40.0.0/16"))
}

// Whatever the range: six ranges in it, of which no two overlap.
func TestSubnetsLieApart(t *testing.T) {
	property.Check(t, func(t *rapid.T) {
		address := netip.AddrFrom4([4]byte(rapid.SliceOfN(rapid.Byte(), 4, 4).Draw(t, "address")))
		whole := netip.PrefixFrom(address, rapid.IntRange(8, 24).Draw(t, "bits")).Masked()
		var seen []netip.Prefix
		for _, text := range Subnets(whole.String()) {
			part := netip.MustParsePrefix(text.(string))
			assert.Equal(t, part.Masked(), part)
			assert.True(t, whole.Contains(part.Addr()) && part.Bits() > whole.Bits())
			for _, other := range seen {
				assert.False(t, part.Overlaps(other), "%s and %s of %s", part, other, whole)
			}
			seen = append(seen, part)
		}
		assert.Len(t, seen, 6)
	})
}
