package platform

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"spokewright.dev/spokewright/conformance/documents"
	"spokewright.dev/spokewright/conformance/hub"
	"spokewright.dev/spokewright/conformance/node"
	"spokewright.dev/spokewright/conformance/parts"
	"spokewright.dev/spokewright/conformance/process"
	"spokewright.dev/spokewright/internal/manifest"
)

// What Knative's operator is to install is ready, also where its kind is defined after the player has begun.
func TestWhatTheOperatorInstallsIsReady(t *testing.T) {
	ctx := process.Context(t)
	cache, err := parts.Open(t.Logf)
	require.NoError(t, err)
	server := hub.Start(t, cache)
	go node.Operator{Client: server.Client, Log: t.Logf}.Play(ctx)
	golden, err := documents.Read("../../golden/dev/spoke.yaml")
	require.NoError(t, err)
	for _, document := range golden {
		id := document.ID()
		if id.Kind != "KnativeServing" {
			continue
		}
		definition, err := documents.Of("KnativeServing", anything(kind{id.APIVersion, id.Kind}, true))
		require.NoError(t, err)
		require.NoError(t, server.Define(ctx, []documents.Document{definition}))
		require.NoError(t, server.Create(ctx, manifest.New("v1", "Namespace", "", id.Namespace)))
		require.NoError(t, server.Create(ctx, document.Object))
		waiting, cancel := context.WithTimeout(ctx, 30*time.Second)
		defer cancel()
		_, err = server.Await(waiting, id, func(object manifest.Object) bool { return hub.Holds(object, "Ready") })
		require.NoError(t, err)
		return
	}
	t.Fatal("the sample asks for none")
}
