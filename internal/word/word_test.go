package word

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestReplace(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"dev": "prod", "dev-web": "prod-web", "cluster-dev": "cluster-prod", "a-dev-b": "a-prod-b", "apps/dev/web": "apps/prod/web",
		"dev.bucket": "prod.bucket", "shop.dev.example.com": "shop.prod.example.com", "dev dev": "prod prod", "'dev'": "'prod'",
		"devices": "devices", "_dev": "_dev", "dév": "dév", "dev2": "dev2", "spokewright.dev": "spokewright.dev",
		"spokewright.dev/environment": "spokewright.dev/environment", "labels[?'spokewright.dev/owner'] == 'dev'": "labels[?'spokewright.dev/owner'] == 'prod'", "": "",
		"from ../dev": "from ../prod", "x == dev.": "x == prod.",
	} {
		assert.Equal(t, want, Replace(text, "dev", "prod"), text)
	}
	assert.Equal(t, "dev", Replace("dev", "", "prod"))
}

func TestAlone(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"dev": true, "the dev of it": true, "apps/dev": true, "shop-dev": false, "dev-shop": false, "shop.dev.example.com": true, "spokewright.dev": false, "devices": false,
		"shop-dev and dev": true,
	} {
		assert.Equal(t, want, Alone(text, "dev"), text)
	}
}
