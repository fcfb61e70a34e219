package lifecycle

import (
	"net/netip"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"spokewright.dev/spokewright/internal/property"
)

// The next range is of the same size and in the same block, overlaps none that is taken, and is missed only where all are.
func TestNextRange(t *testing.T) {
	for _, c := range []struct {
		old, block string
		taken      []string
		want       string
	}{
		{"10.20.0.0/16", "10.0.0.0/8", []string{"10.20.0.0/16"}, "10.21.0.0/16"},
		{"10.20.0.0/16", "10.0.0.0/8", []string{"10.20.0.0/16", "10.21.128.0/24", "10.22.0.0/15"}, "10.24.0.0/16"},
		{"10.255.0.0/16", "10.0.0.0/8", []string{"10.255.0.0/16", "10.0.0.0/16"}, "10.1.0.0/16"},
		{"192.168.7.0/24", "192.168.0.0/16", []string{"192.168.0.0/16"}, ""},
		{"192.168.255.0/24", "192.168.0.0/16", []string{"192.168.0.0/17", "192.168.128.0/18", "192.168.255.0/24"}, "192.168.192.0/24"},
	} {
		free, found := nextRange(netip.MustParsePrefix(c.old), netip.MustParsePrefix(c.block), prefixes(c.taken))
		assert.Equal(t, c.want != "", found, c)
		if found {
			assert.Equal(t, c.want, free.String(), c)
		}
	}
	property.Check(t, func(t *rapid.T) {
		block := netip.MustParsePrefix("192.168.0.0/16")
		taken := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) netip.Prefix {
			return netip.PrefixFrom(address(number(block.Addr())+uint64(rapid.IntRange(0, 1<<16-1).Draw(t, "at"))), rapid.IntRange(17, 26).Draw(t, "bits")).Masked()
		}), 0, 30).Draw(t, "taken")
		bits := rapid.IntRange(18, 24).Draw(t, "size")
		old := netip.PrefixFrom(address(number(block.Addr())+uint64(rapid.IntRange(0, 1<<16-1).Draw(t, "old"))), bits).Masked()
		free, found := nextRange(old, block, taken)
		any := false
		for at := number(block.Addr()); at < number(block.Addr())+1<<16; at += 1 << (32 - bits) {
			any = any || !overlapsOne(netip.PrefixFrom(address(at), bits), taken)
		}
		require.Equal(t, any, found)
		if found {
			require.Equal(t, bits, free.Bits())
			require.Equal(t, free.Masked(), free)
			require.True(t, block.Contains(free.Addr()))
			require.False(t, overlapsOne(free, taken))
		}
	})
}

func overlapsOne(p netip.Prefix, others []netip.Prefix) bool {
	for _, other := range others {
		if p.Overlaps(other) {
			return true
		}
	}
	return false
}

func prefixes(texts []string) []netip.Prefix {
	var all []netip.Prefix
	for _, text := range texts {
		all = append(all, netip.MustParsePrefix(text))
	}
	return all
}

// The name is replaced where it stands for the environment, and nowhere else.
func TestNamesInPaths(t *testing.T) {
	c := calling{from: "dev", to: "test-us", others: []string{"dev", "hub-dev"}}
	for text, want := range map[string]string{
		"apps/shop/overlays/dev": "apps/shop/overlays/test-us", "dev/shop": "test-us/shop", "dev": "test-us", "charts/shop-dev": "charts/shop-test-us",
		"values/dev.yaml": "values/test-us.yaml", "values-dev.yaml": "values-test-us.yaml", "./modules/dev": "./modules/test-us",
		"spokewright.dev": "spokewright.dev", "https://spokewright.dev/x": "https://spokewright.dev/x", "developer": "developer", "dev-tools": "dev-tools",
		"a sentence-dev": "a sentence-dev", "hub-dev": "hub-dev", "apps/hub-dev": "apps/hub-dev", "dev.example.com": "dev.example.com",
	} {
		assert.Equal(t, want, c.path(text), text)
	}
	for text, want := range map[string]bool{"dev.example.com": true, "api.dev.example.com": true, "spokewright.dev": false, "https://spokewright.dev/x": false,
		"the dev team": true, "developer": false, "dev-tools": false} {
		assert.Equal(t, want, c.mentions(text), text)
	}
}

func TestNamesInOverlays(t *testing.T) {
	c := calling{from: "dev", to: "shop", derived: map[string]string{"dev-apps": "shop-apps", "trial-dev": "trial-shop"}}
	for text, want := range map[string]string{
		"spec: {file: ../../../environments/dev.cue, plane: hub}": "spec: {file: ../../../environments/shop.cue, plane: hub}",
		"metadata:\n  name: dev\n":                                "metadata:\n  name: shop\n",
		"metadata: {name: dev, namespace: dev}":                   "metadata: {name: shop, namespace: shop}",
		"name: \"dev\" # of it":                                   "name: \"shop\" # of it",
		"- target: {kind: ApplicationSet, name: dev-apps}":        "- target: {kind: ApplicationSet, name: shop-apps}",
		"id: trial-dev":                                           "id: trial-shop",
		"resources: [../../../overlays/dev/base]":                 "resources: [../../../overlays/shop/base]",
		"tier: dev":                           "tier: dev",
		"name: developer":                     "name: developer",
		"image: registry.example.com/dev/web": "image: registry.example.com/dev/web",
		"spokewright.dev/environment: dev":    "spokewright.dev/environment: shop",
	} {
		assert.Equal(t, want, c.overlay(text), text)
	}
}

func TestSettings(t *testing.T) {
	for text, want := range map[string]Setting{
		"cluster.region=us-east-2":             {[]string{"cluster", "region"}, "us-east-2"},
		`labels["example.com/team"]=a=b`:       {[]string{"labels", "example.com/team"}, "a=b"},
		"cluster.network.peers=[\"a\", \"b\"]": {[]string{"cluster", "network", "peers"}, `["a", "b"]`},
	} {
		got, err := ParseSetting(text)
		require.NoError(t, err, text)
		assert.Equal(t, want, got)
	}
	for _, text := range []string{"", "a", "=b", "a=", "a b=c"} {
		_, err := ParseSetting(text)
		assert.Error(t, err, text)
	}
}
