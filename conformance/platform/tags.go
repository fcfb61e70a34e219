package platform

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"spokewright.dev/spokewright/conformance/argocd"
	"spokewright.dev/spokewright/conformance/documents"
	"spokewright.dev/spokewright/internal/manifest"
)

// Tag puts an image with a tag into the fleet's registry.
func (p *Platform) Tag(repository, tag string) error {
	return p.World.Image("registry.example.com/"+repository+":"+tag, map[string][]byte{"version": []byte(tag)})
}

// FollowTags runs the real Image Updater once over the annotations of the hub's Applications, and gives what it said.
func (p *Platform) FollowTags(ctx context.Context, h *Hub) (string, error) {
	program, err := p.cache.Program(ctx, "argocd-image-updater")
	if err != nil {
		return "", err
	}
	login := manifest.New("v1", "Secret", argocd.Namespace, "git-credentials")
	login["stringData"] = map[string]any{"username": "image-updater", "password": "not-a-secret-of-anybody"}
	document, err := documents.Of("the login for Git", login)
	if err != nil {
		return "", err
	}
	if err := h.Apply(ctx, document); err != nil {
		return "", err
	}
	registries := filepath.Join(p.folder, "registries.yaml")
	address, end := p.World.Beside("registry.example.com") // the program asks registries past any proxy
	defer end()
	text := "registries: [{name: sample, api_url: \"" + address + "\", prefix: registry.example.com, insecure: true}]\n"
	if err := os.WriteFile(registries, []byte(text), 0o600); err != nil {
		return "", err
	}
	cmd := exec.CommandContext(ctx, program, "run", "--once", "--kubeconfig", h.Kubeconfig, "--argocd-namespace", argocd.Namespace,
		"--registries-conf-path", registries, "--git-commit-message-path", "", "--disable-kube-events", "--metrics-port", "0", "--health-port", "0")
	cmd.Env = append(append(os.Environ(), p.World.Environment()...), "HOME="+p.folder, "GIT_CONFIG_GLOBAL=/dev/null",
		"PATH="+p.Programs()+string(os.PathListSeparator)+os.Getenv("PATH"))
	output, err := cmd.CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("argocd-image-updater: %w: %s", err, output)
	}
	return string(output), nil
}
