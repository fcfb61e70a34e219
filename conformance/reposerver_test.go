package conformance

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"spokewright.dev/spokewright/conformance/process"
	"spokewright.dev/spokewright/conformance/rpc"
	"spokewright.dev/spokewright/internal/argocd"
)

// The repo-server sends nothing to a plugin that does not answer for the folder. What it generates through the plugin is
// compared with every other way there is: see ways_test.go.
func TestRepoServerAsksThePluginForOverlaysAlone(t *testing.T) {
	ctx := process.Context(t)
	plugin := startCMPServer(ctx, t, released(ctx, t), pluginConfig(t))
	repository := commitSample(ctx, t)
	server := startRepoServer(ctx, t, plugin.sockets)
	for _, folder := range []string{"bases/plane", "overlays/prod-eu", "environments"} {
		_, err := server.generate(ctx, request(repository, ofPlugin(source(repository, folder), argocd.PluginName), ""))
		require.Error(t, err, "what is said is lost without Redis")
	}
}

// Kustomize in the repo-server itself gives nothing without all of its options. Without any it fails; with half of them
// it says nothing and gives what no cluster knows.
func TestNativeKustomizeNeedsItsOptions(t *testing.T) {
	ctx := process.Context(t)
	kustomize, err := cache(t).Program(ctx, "kustomize")
	require.NoError(t, err)
	repository := commitSample(ctx, t)
	server := startRepoServer(ctx, t, t.TempDir(), released(ctx, t), filepath.Dir(kustomize))
	asked := request(repository, source(repository, "overlays/prod-eu/hub"), "")
	_, err = server.generate(ctx, asked)
	require.Error(t, err) // the reason is lost without Redis
	require.Contains(t, server.Tail(10), "external plugins disabled")
	answer, err := server.generate(ctx, withBuildOptions(asked, "--enable-alpha-plugins"))
	require.NoError(t, err)
	manifests, err := answer.Texts(1)
	require.NoError(t, err)
	require.Len(t, manifests, 1)
	require.Contains(t, manifests[0], `"kind":"NotRendered"`)
}

// source is where an Application is read (argo-cd, pkg/apis/application/v1alpha1/generated.proto, ApplicationSource).
func source(repository, path string) rpc.Message {
	return rpc.Message{}.Text(1, repository).Text(2, path).Text(4, "main")
}

// request asks for the manifests of an Application (argo-cd, reposerver/repository/repository.proto, ManifestRequest): no
// label to track them by, so that they come back as they are.
func request(repository string, source rpc.Message, paths string) rpc.Message {
	return rpc.Message{}.Text(1, string(rpc.Message{}.Text(1, repository))).Text(2, "main").Number(3, 1).Text(5, "example").Text(8, "default").
		Text(10, string(source)).Number(18, 1).Text(24, "*").Text(25, "default").Text(26, paths)
}

// ofPlugin is the source with a plugin named.
func ofPlugin(source rpc.Message, name string) rpc.Message {
	return source.Text(11, string(rpc.Message{}.Text(1, name)))
}

// withBuildOptions is the request with kustomize.buildOptions, as argocd-cm has them.
func withBuildOptions(request rpc.Message, options string) rpc.Message {
	return request.Text(13, string(rpc.Message{}.Text(1, options)))
}

// commitSample makes a Git repository of a copy of the sample and gives its address.
func commitSample(ctx context.Context, t *testing.T) string {
	t.Helper()
	return commit(ctx, t, copyOfSample(t))
}

// commit makes a Git repository of a folder and gives its address. Where there is no Git the test is skipped.
func commit(ctx context.Context, t *testing.T, root string) string {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("SKIPPED, NOTHING WAS TESTED: git is not installed")
	}
	for _, args := range [][]string{
		{"init", "--quiet", "--initial-branch=main"}, {"add", "."},
		{"-c", "user.name=fleet", "-c", "user.email=fleet@example.com", "commit", "--quiet", "--message=fleet"},
	} {
		git := exec.CommandContext(ctx, "git", args...)
		git.Dir, git.Env = root, append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_SYSTEM=/dev/null")
		output, err := git.CombinedOutput()
		require.NoError(t, err, string(output))
	}
	return "file://" + filepath.ToSlash(root)
}

// repoServer is a running repo-server and its log.
type repoServer struct {
	*rpc.Client
	*process.Process
}

// startRepoServer runs the repo-server beside the plugins whose sockets are in a folder, with more folders on PATH. It has
// no Redis: it keeps nothing, and every answer is made anew.
func startRepoServer(ctx context.Context, t *testing.T, sockets string, path ...string) repoServer {
	t.Helper()
	program, err := cache(t).Program(ctx, "argocd-repo-server")
	require.NoError(t, err)
	addresses := process.Addresses(t, 3)
	host, port, _ := strings.Cut(addresses[0], ":")
	metricsHost, metricsPort, _ := strings.Cut(addresses[1], ":")
	command := exec.CommandContext(ctx, program, "--disable-tls", "--redis", addresses[2], "--address", host, "--port", port,
		"--metrics-address", metricsHost, "--metrics-port", metricsPort, "--plugin-use-manifest-generate-paths")
	home := t.TempDir()
	path = append(path, os.Getenv("PATH"))
	command.Env = []string{"PATH=" + strings.Join(path, string(os.PathListSeparator)), "HOME=" + home, "TMPDIR=" + t.TempDir(), "ARGOCD_GPG_ENABLED=false", "ARGOCD_PLUGINSOCKFILEPATH=" + sockets}
	running := process.Start(t, "argocd-repo-server", command)
	client := rpc.Dial("tcp", addresses[0])
	t.Cleanup(client.Close)
	require.NoError(t, running.Await(ctx, func(ctx context.Context) error {
		_, err := client.Call(ctx, "grpc.health.v1.Health/Check", rpc.Message{})
		return err
	}))
	return repoServer{client, running}
}

// generate asks for an Application's manifests.
func (s repoServer) generate(ctx context.Context, request rpc.Message) (rpc.Message, error) {
	return s.Call(ctx, "repository.RepoServerService/GenerateManifest", request)
}

// manifests are an Application's, of a source of the type that is wanted.
func (s repoServer) manifests(ctx context.Context, request rpc.Message, sourceType string) ([]byte, error) {
	answer, err := s.generate(ctx, request)
	if err != nil {
		return nil, err
	}
	return manifests(answer, sourceType)
}
