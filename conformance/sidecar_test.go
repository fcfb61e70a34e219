package conformance

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"spokewright.dev/spokewright/conformance/documents"
	"spokewright.dev/spokewright/conformance/hub"
	"spokewright.dev/spokewright/conformance/parts"
	"spokewright.dev/spokewright/conformance/process"
	"spokewright.dev/spokewright/internal/manifest"
)

// The component that adds the plugin's sidecar is built, by the real kustomize, upon the repo-server's own manifests as
// Argo CD publishes them, and the API server accepts the result. The chart's values say the same as the patch.
func TestSidecarFitsTheRepoServer(t *testing.T) {
	ctx := process.Context(t)
	all := withSidecar(ctx, t)
	pod := podOf(t, all)
	require.Equal(t, false, pod["automountServiceAccountToken"])
	ours, theirs := named(t, pod["containers"], "spokewright"), named(t, pod["containers"], "argocd-repo-server")
	require.Equal(t, "registry.example.com/platform/spokewright:9.9.9", ours["image"])
	require.Equal(t, map[string]any{
		"runAsNonRoot": true, "runAsUser": 999.0, "readOnlyRootFilesystem": true, "allowPrivilegeEscalation": false,
		"capabilities": map[string]any{"drop": []any{"ALL"}}, "seccompProfile": map[string]any{"type": "RuntimeDefault"},
	}, ours["securityContext"])
	limits := ours["resources"].(map[string]any)["limits"]
	require.Equal(t, map[string]any{"cpu": "2", "memory": "1Gi"}, limits)
	for _, mount := range ours["volumeMounts"].([]any) {
		named(t, pod["volumes"], mount.(map[string]any)["name"].(string))
	}
	temporary := named(t, ours["volumeMounts"], "spokewright-tmp")
	require.Equal(t, "/tmp", temporary["mountPath"])
	require.NotContains(t, theirs["volumeMounts"], map[string]any{"name": "spokewright-tmp", "mountPath": "/tmp"}, "/tmp is not shared")

	patch, err := documents.Read("../bases/hub/argocd/manifests/sidecar.yaml")
	require.NoError(t, err)
	values, err := documents.Read("../bases/hub/argocd/chart/values.yaml")
	require.NoError(t, err)
	chart := values[0].Object["spec"].(map[string]any)["source"].(map[string]any)["helm"].(map[string]any)["valuesObject"].(map[string]any)["repoServer"].(map[string]any)
	plain := podOf(t, patch)
	require.Equal(t, plain["containers"], chart["extraContainers"])
	require.Equal(t, plain["volumes"], chart["volumes"])
	require.Equal(t, plain["automountServiceAccountToken"], chart["automountServiceAccountToken"])

	server := hub.Start(t, cache(t))
	require.NoError(t, server.Apply(ctx, namespace(t, "argocd")))
	for _, document := range all {
		_, err := server.Judge(ctx, document)
		require.NoError(t, err)
	}
}

// withSidecar is the repo-server as Argo CD publishes it, with the component for manifests.
func withSidecar(ctx context.Context, t *testing.T) []documents.Document {
	t.Helper()
	argocd, err := parts.Find("argocd")
	require.NoError(t, err)
	module, err := parts.Download(ctx, argocd.Module, argocd.Version)
	require.NoError(t, err)
	root := t.TempDir()
	require.NoError(t, os.CopyFS(filepath.Join(root, "repo-server"), os.DirFS(filepath.Join(module.Dir, "manifests/base/repo-server"))))
	require.NoError(t, os.CopyFS(filepath.Join(root, "plugin"), os.DirFS("../bases/hub/argocd")))
	require.NoError(t, os.WriteFile(filepath.Join(root, "kustomization.yaml"), []byte(`namespace: argocd
resources: [repo-server]
components: [plugin/manifests]
images: [{name: registry.example.com/platform/spokewright, newTag: "9.9.9"}]
`), 0o644))
	kustomize, err := cache(t).Program(ctx, "kustomize")
	require.NoError(t, err)
	built, err := exec.CommandContext(ctx, kustomize, "build", root).Output()
	require.NoError(t, err)
	file := filepath.Join(root, "built.yaml")
	require.NoError(t, os.WriteFile(file, built, 0o644))
	all, err := documents.Read(file)
	require.NoError(t, err)
	return all
}

// podOf is the pod of the one Deployment.
func podOf(t *testing.T, all []documents.Document) manifest.Object {
	t.Helper()
	for _, document := range all {
		if document.ID().Kind == "Deployment" {
			return document.Object["spec"].(map[string]any)["template"].(map[string]any)["spec"].(map[string]any)
		}
	}
	t.Fatal("no Deployment")
	return nil
}

func named(t *testing.T, list any, name string) map[string]any {
	t.Helper()
	for _, item := range list.([]any) {
		if item := item.(map[string]any); item["name"] == name {
			return item
		}
	}
	t.Fatalf("nothing is called %s", name)
	return nil
}
