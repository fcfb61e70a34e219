package main

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"spokewright.dev/spokewright/schema"
)

// TestFault19TheLargestSpecIsRead reads the largest environment that the bench makes, as every measured program does.
func TestFault19TheLargestSpecIsRead(t *testing.T) {
	reader, err := schema.NewReader()
	require.NoError(t, err)
	config, err := reader.FleetConfig(schema.FleetFile, []byte(fleetFile))
	require.NoError(t, err)
	_, objects := options{}.curves()
	f := fleet{seed: 1, environments: 1, objects: objects[len(objects)-1]}
	_, err = reader.Environment(config, f.name(0), schema.SpecFile(f.name(0)), []byte(f.environment(0)))
	require.NoError(t, err, fmt.Sprintf("%d objects in one environment", f.objects))
}
