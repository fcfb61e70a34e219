package main

import (
	"bytes"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The drawing of docs/map.md is what the command draws of the sample fleet. SPOKEWRIGHT_UPDATE=1 writes it anew.
func TestThePageShowsTheMapOfTheSample(t *testing.T) {
	var drawn, complaints bytes.Buffer
	require.Zero(t, run([]string{"map", "-C", "../..", "-o", "svg", "--date", "2026-12-08"}, nil, &drawn, &complaints), complaints.String())
	const file = "../../docs/map.svg"
	if os.Getenv("SPOKEWRIGHT_UPDATE") != "" {
		require.NoError(t, os.WriteFile(file, drawn.Bytes(), 0o600))
	}
	shown, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.Equal(t, string(shown), drawn.String())
}
