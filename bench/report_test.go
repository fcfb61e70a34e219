package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Every figure stands beside the one of an earlier run, and what became worse has a mark.
func TestReportsAreCompared(t *testing.T) {
	before := report{Figures: []figure{
		{Subject: "one", What: "render", Value: 100, CPU: 50, Unit: "ms"},
		{Subject: "one", What: "ratio", Value: 0.5, Unit: "x"},
		{Subject: "one", What: "memory", Value: 100, Unit: "MB"},
	}}
	var text bytes.Buffer
	require.NoError(t, before.json(&text))
	file := filepath.Join(t.TempDir(), "old.json")
	require.NoError(t, os.WriteFile(file, text.Bytes(), 0o644))
	now := report{Figures: []figure{
		{Subject: "one", What: "render", Value: 300, CPU: 52, Unit: "ms"}, // a busy machine
		{Subject: "one", What: "ratio", Value: 0.8, Unit: "x"},
		{Subject: "one", What: "memory", Value: 90, Unit: "MB"},
		{Subject: "one", What: "new", Value: 1, Unit: "s"},
	}}
	require.NoError(t, now.against(file))
	assert.Equal(t, "\t50.0 ms\t1.04", now.since(now.Figures[0]))
	assert.Equal(t, "\t0.50 x\t1.60 WORSE", now.since(now.Figures[1]))
	assert.Equal(t, "\t100 MB\t0.90", now.since(now.Figures[2]))
	assert.Empty(t, now.since(now.Figures[3]))
	require.Error(t, now.against(filepath.Join(t.TempDir(), "none.json")))
}
