package review

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/manifest"
)

// A list that lost elements is asked for one that it has no more, and one that is to get some for one that it has not yet.
func TestAnElementBeyondItsListStandsBehindAllOthers(t *testing.T) {
	object := manifest.Object{"kind": "Composition", "spec": map[string]any{"patches": []any{map[string]any{"type": "a"}, map[string]any{"type": "b"}}}}
	path := finding.Keys("spec", "patches").Index(5)
	assert.NotPanics(t, func() { spotOf(path, "Composition", object, nil) })
	assert.NotPanics(t, func() { spotOf(path.Keys("type"), "Composition", object, nil) })
	assert.NotPanics(t, func() { spotOf(path, "Composition", nil, nil) })
}
