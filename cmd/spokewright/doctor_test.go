package main

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestOlder(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"0.1.0", "0.1.0", false}, {"0.1.0", "0.1.1", true}, {"0.9.0", "0.10.0", true}, {"1.0.0", "0.10.0", false},
		{"v0.1.0", "0.2.0", true}, {"0.2.0-3-gabc-dirty", "0.2.0", false}, {"0.1.0", "", false}, {"unknown", "0.0.1", true},
	} {
		require.Equal(t, c.want, older(c.a, c.b), "%s before %s", c.a, c.b)
	}
}
